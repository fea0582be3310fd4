//! Recordings of what a run asked of the world, and runs that get their answers from one.
//!
//! A recording is text, a JSON value in each line: first what was run, then each operation
//! with its arguments and its result in the order in which the program performed or began
//! them, then how the run ended. Keys of inference providers never get into it.

use std::collections::VecDeque;
use std::io::Write;

use serde_json::{Value as Json, json};
use vera_abi::interface::{HostOp, HostTy, Interface};
use vera_abi::trap::TrapKind;

use crate::json::{from_json, to_json};
use crate::operations::redact;
use crate::trap::End;
use crate::value::Value;

/// What becomes of the operations of a run beside being performed.
#[derive(Default)]
pub enum Tape {
    #[default]
    Off,
    Record(Recorder),
    Replay(Player),
}

/// The place of an operation in a recording.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark(usize);

/// Writes a recording.
pub struct Recorder {
    out: Box<dyn Write + Send>,
    /// Lines that are not written yet: those before the first are. A line waits for its
    /// result, and all behind it do.
    waiting: VecDeque<Line>,
    written: usize,
    /// Why there is no more recording.
    pub failed: Option<std::io::Error>,
    secrets: Vec<String>,
}

struct Line {
    json: Json,
    finished: bool,
}

impl Recorder {
    /// Starts a recording with a line about the run; `secrets` are left out of all texts.
    pub fn new(out: Box<dyn Write + Send>, head: &Json, secrets: Vec<String>) -> Recorder {
        let mut recorder =
            Recorder { out, waiting: VecDeque::new(), written: 0, failed: None, secrets };
        recorder.write(head);
        recorder
    }

    /// Ends the recording with a line about the run's end.
    pub fn finish(&mut self, end: &Json) {
        for line in std::mem::take(&mut self.waiting) {
            self.write(&line.json);
        }
        self.write(end);
    }

    fn begin(&mut self, interface: &Interface, op: &HostOp, args: &[Value]) -> Mark {
        let json = described(interface, op, args, &self.secrets);
        self.waiting.push_back(Line { json, finished: false });
        Mark(self.written + self.waiting.len() - 1)
    }

    fn end(&mut self, interface: &Interface, op: &HostOp, mark: Mark, result: &Value) {
        let secrets = &self.secrets;
        let clean = |text: &str| redact(text, secrets);
        if let Some(line) = self.waiting.get_mut(mark.0 - self.written) {
            line.json["result"] = shown_json(interface, &op.result, result, &clean);
            line.finished = true;
        }
        while self.waiting.front().is_some_and(|line| line.finished) {
            if let Some(line) = self.waiting.pop_front() {
                self.write(&line.json);
                self.written += 1;
            }
        }
    }

    fn write(&mut self, line: &Json) {
        if self.failed.is_none()
            && let Err(error) = writeln!(self.out, "{line}").and_then(|()| self.out.flush())
        {
            self.failed = Some(error);
        }
    }
}

/// Answers from a recording.
pub struct Player {
    /// The operations, with the numbers of their lines.
    lines: Vec<(usize, Json)>,
    at: usize,
    secrets: Vec<String>,
}

/// A recording, taken apart.
pub struct Recording {
    /// What was run.
    pub head: Json,
    /// How it ended; `Null` where the recording does not say.
    pub end: Json,
    pub player: Player,
}

impl Recording {
    /// Reads a recording.
    ///
    /// # Errors
    /// What is wrong, with the number of the line.
    pub fn read(text: &str, secrets: Vec<String>) -> Result<Recording, String> {
        let mut lines = Vec::new();
        for (i, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
            let json: Json = serde_json::from_str(line)
                .map_err(|error| format!("line {} is not JSON: {error}", i + 1))?;
            lines.push((i + 1, json));
        }
        let mut lines = lines.into_iter().peekable();
        let is_head = |line: &mut (usize, Json)| line.1.get("recording").is_some();
        let Some((_, head)) = lines.next_if(|line| is_head(&mut line.clone())) else {
            return Err("line 1 does not say what was recorded".to_owned());
        };
        let mut lines: Vec<(usize, Json)> = lines.collect();
        let ended = lines.last().is_some_and(|(_, line)| line.get("end").is_some());
        let end = if ended { lines.pop().map(|(_, line)| line) } else { None };
        if let Some((line, _)) = lines.iter().find(|(_, line)| line["op"].as_str().is_none()) {
            return Err(format!("line {line} names no operation"));
        }
        let player = Player { lines, at: 0, secrets };
        Ok(Recording { head, end: end.unwrap_or_default(), player })
    }
}

impl Player {
    /// The number of the line of the first operation that the run did not perform.
    pub fn rest(&self) -> Option<usize> {
        self.lines.get(self.at).map(|(line, _)| *line)
    }

    /// The operations of the recording with their results, in order; the error is what
    /// is wrong with a line for the program.
    pub fn answers<'i>(
        &self,
        interface: &'i Interface,
    ) -> impl Iterator<Item = Result<(&'i HostOp, Value), String>> {
        self.lines.iter().map(|(line, recorded)| {
            let name = recorded["op"].as_str().unwrap_or_default();
            let is_it = |op: &&HostOp| name == format!("{}.{}", op.effect, op.name);
            let op = interface.operations.iter().find(is_it);
            let op =
                op.ok_or_else(|| format!("line {line}: the program never performs `{name}`"))?;
            let result = from_json(interface, &op.result, &recorded["result"]);
            let ty = interface.name(&op.result);
            let result =
                result.map_err(|why| format!("line {line} has no result of type {ty}: {why}"))?;
            Ok((op, result))
        })
    }

    fn begin(&mut self, interface: &Interface, op: &HostOp, args: &[Value]) -> Result<Mark, End> {
        let performed = described(interface, op, args, &self.secrets);
        let Some((line, recorded)) = self.lines.get(self.at) else {
            let what = shown(&performed);
            return Err(differs(&format!("the recording ends before {what} is performed")));
        };
        if recorded["op"] != performed["op"] || recorded["args"] != performed["args"] {
            let (now, then) = (shown(&performed), shown(recorded));
            return Err(differs(&format!("{now} is performed, and line {line} records {then}")));
        }
        self.at += 1;
        Ok(Mark(self.at - 1))
    }

    fn answer(&self, interface: &Interface, op: &HostOp, mark: Mark) -> Result<Value, End> {
        let (line, recorded) = &self.lines[mark.0];
        from_json(interface, &op.result, &recorded["result"]).map_err(|why| {
            let ty = interface.name(&op.result);
            differs(&format!("line {line} has no result of type {ty}: {why}"))
        })
    }
}

impl Tape {
    /// Whether operations are answered by a recording.
    pub(crate) fn replays(&self) -> bool {
        matches!(self, Tape::Replay(_))
    }

    /// The program performs or begins an operation.
    pub(crate) fn begin(
        &mut self,
        interface: &Interface,
        op: &HostOp,
        args: &[Value],
    ) -> Result<Option<Mark>, End> {
        match self {
            Tape::Off => Ok(None),
            Tape::Record(recorder) => Ok(Some(recorder.begin(interface, op, args))),
            Tape::Replay(player) => player.begin(interface, op, args).map(Some),
        }
    }

    /// The world has answered.
    pub(crate) fn end(
        &mut self,
        interface: &Interface,
        op: &HostOp,
        mark: Option<Mark>,
        result: &Value,
    ) {
        if let (Tape::Record(recorder), Some(mark)) = (self, mark) {
            recorder.end(interface, op, mark, result);
        }
    }

    /// What a recording answers.
    pub(crate) fn answer(
        &self,
        interface: &Interface,
        op: &HostOp,
        mark: Option<Mark>,
    ) -> Result<Option<Value>, End> {
        match (self, mark) {
            (Tape::Replay(player), Some(mark)) => player.answer(interface, op, mark).map(Some),
            _ => Ok(None),
        }
    }
}

/// An operation without its result.
fn described(interface: &Interface, op: &HostOp, args: &[Value], secrets: &[String]) -> Json {
    let clean = |text: &str| redact(text, secrets);
    let args = op.params.iter().zip(args);
    let args = args.map(|(ty, value)| shown_json(interface, ty, value, &clean));
    json!({ "op": format!("{}.{}", op.effect, op.name), "args": args.collect::<Json>() })
}

/// Operations take and yield values of bounded depth.
fn shown_json(
    interface: &Interface,
    ty: &HostTy,
    value: &Value,
    text: &dyn Fn(&str) -> String,
) -> Json {
    to_json(interface, ty, value, text).unwrap_or(Json::Null)
}

/// Most characters of an operation's arguments in a report.
const MAX_SHOWN: usize = 200;

fn shown(line: &Json) -> String {
    let args = line["args"].as_array().map_or(&[][..], Vec::as_slice);
    let args: Vec<String> = args.iter().map(Json::to_string).collect();
    let mut args = args.join(", ");
    if args.len() > MAX_SHOWN {
        args.truncate(args.floor_char_boundary(MAX_SHOWN));
        args.push('…');
    }
    format!("`{}({args})`", line["op"].as_str().unwrap_or_default())
}

/// The end of a run that is not the one recorded.
fn differs(how: &str) -> End {
    End::Trap(TrapKind::HostError, format!("The run differs from the recording: {how}"))
}
