//! Recordings of runs: `vera run --record`, `vera run --replay`, `vera test --replay`.

use std::fs::File;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};
use vera_abi::interface::{CALL, Export, Interface};
use vera_host::tape::{Recorder, Recording, Tape};
use vera_host::{CacheDir, Host, Io, Outcome, RunOptions, secrets};

use super::build::{build, gc_mode};
use super::inputs::Found;
use super::run::{self, Wanted};
use crate::cli::Checks;
use crate::input::Entry;
use crate::output;

/// The form of recordings.
const FORMAT: &str = "vera/1";

/// Ends the names of recordings in a directory of them.
const SUFFIX: &str = "jsonl";

/// A recording that is read, and how the run in it ended.
pub(super) struct Replayed {
    pub recording: Recording,
}

impl Replayed {
    /// Reads a recording.
    ///
    /// # Errors
    /// The message to show.
    pub fn read(path: &Path) -> Result<Replayed, String> {
        let shown = path.display();
        let text = std::fs::read_to_string(path)
            .map_err(|error| format!("cannot read the recording {shown}: {error}"))?;
        let recording = Recording::read(&text, secrets())
            .map_err(|why| format!("{shown} is not a recording: {why}"))?;
        if recording.head["recording"] != FORMAT {
            return Err(format!("{shown} is not a recording: its form is not {FORMAT}"));
        }
        Ok(Replayed { recording })
    }

    /// The function that was run, and the words it was given.
    pub fn call(&self) -> (Option<String>, Option<Vec<String>>) {
        let head = &self.recording.head;
        let words = head["arguments"].as_array().map(|words| {
            words.iter().map(|word| word.as_str().unwrap_or_default().to_owned()).collect()
        });
        (head["function"].as_str().map(str::to_owned), words)
    }
}

/// Begins a recording.
///
/// # Errors
/// The message to show.
pub(super) fn record(
    path: &str,
    entry: &Entry,
    export: &Export,
    words: Option<&Vec<String>>,
) -> Result<Tape, String> {
    let file = File::create(path)
        .map_err(|error| format!("cannot write the recording {path}: {error}"))?;
    let function = export.name.strip_suffix(CALL).unwrap_or(&export.name);
    let head = json!({
        "recording": FORMAT,
        "file": entry.source.name(),
        "function": function,
        "arguments": words,
    });
    Ok(Tape::Record(Recorder::new(Box::new(file), &head, secrets())))
}

/// How a run ended, as recordings say it.
fn ended(interface: &Interface, export: &Export, outcome: &Outcome) -> Json {
    match outcome {
        Outcome::Returned(value) => {
            let value = vera_values::json(interface, &export.result, value);
            json!({ "end": "returned", "value": value })
        }
        Outcome::Exited(code) => json!({ "end": "exited", "code": code }),
        Outcome::Trapped(trap) => {
            json!({ "end": "trapped", "kind": trap.kind.name(), "message": trap.message })
        }
    }
}

/// Ends the recording or the replay of a run; the error is the message to show.
pub(super) fn finish(
    tape: &mut Tape,
    wanted: Option<&Json>,
    interface: &Interface,
    export: &Export,
    outcome: &Outcome,
) -> Result<(), String> {
    let end = ended(interface, export, outcome);
    match tape {
        Tape::Off => Ok(()),
        Tape::Record(recorder) => {
            recorder.finish(&end);
            match recorder.failed.take() {
                Some(error) => Err(format!("cannot write the recording: {error}")),
                None => Ok(()),
            }
        }
        Tape::Replay(player) => {
            const DIFFERS: &str = "The run differs from the recording";
            if let Some(line) = player.rest() {
                return Err(format!("{DIFFERS}: line {line} is not performed"));
            }
            match wanted {
                Some(wanted) if !wanted.is_null() && *wanted != end => {
                    Err(format!("{DIFFERS}: it ends with {end}, and {wanted} is recorded"))
                }
                _ => Ok(()),
            }
        }
    }
}

/// `vera test --replay`: every recording of a directory, again.
pub(super) fn test(entry: &Entry, json: bool, dir: &str) -> Found {
    let refuse = |text: &str| Found::refused(json, &entry.word, text);
    let recordings = match recordings(dir) {
        Ok(recordings) => recordings,
        Err(text) => return refuse(&text),
    };
    let built = match build(entry, &run::options(true), Checks::All) {
        Ok(built) => built,
        Err(failed) => {
            return Found::errors(json, &entry.word, &failed.diagnostics, &failed.sources);
        }
    };
    let loaded = Host::new(&CacheDir::Default)
        .and_then(|host| host.load(&built.artifact).map(|module| (host, module)));
    let (host, module) = match loaded {
        Ok(loaded) => loaded,
        Err(error) => return refuse(&error.to_string()),
    };
    let again = |path: &Path| -> Result<(), String> {
        let replayed = Replayed::read(path)?;
        let (function, arguments) = replayed.call();
        let call = run::prepare(&Wanted { function, arguments }, &built)?;
        let Recording { end, player, .. } = replayed.recording;
        let mut io = Io::captured(call.words);
        io.tape = Tape::Replay(player);
        let options = RunOptions { gc: gc_mode(), ..RunOptions::default() };
        let run = host.run(&module, &call.export.name, call.values, &mut io, &options);
        let run = run.map_err(|error| error.to_string())?;
        let interface = &built.artifact.interface;
        if let Outcome::Trapped(trap) = &run.outcome
            && trap.message.starts_with("The run differs")
        {
            return Err(trap.message.clone());
        }
        finish(&mut io.tape, Some(&end), interface, call.export, &run.outcome)
    };
    let mut results = Vec::new();
    for path in &recordings {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        results.push((name, again(path).err()));
    }
    let same = results.iter().filter(|(_, why)| why.is_none()).count();
    let all = results.len();
    let ok = same == all;
    if json {
        let replays: Vec<Json> = results
            .iter()
            .map(|(name, why)| json!({ "recording": name, "ok": why.is_none(), "why": why }))
            .collect();
        let document = json!({ "ok": ok, "file": entry.word, "replays": replays });
        return Found { ok, json: Some(document) };
    }
    for (name, why) in &results {
        match why {
            None => output::print(&format!("{name}: SAME\n")),
            Some(why) => output::print(&format!("{name}: DIFFERS\n  {why}\n")),
        }
    }
    output::print(&format!("\nReplayed: {same} of {all} recordings are the same\n"));
    Found::text(ok)
}

/// The recordings of a directory, sorted by name.
fn recordings(dir: &str) -> Result<Vec<PathBuf>, String> {
    let bad = |why: &str| format!("--replay: {why}: {dir}");
    let entries = std::fs::read_dir(dir).map_err(|_| bad("not a directory"))?;
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|suffix| suffix == SUFFIX))
        .collect();
    found.sort();
    if found.is_empty() {
        return Err(bad(&format!("no recordings (*.{SUFFIX}) in the directory")));
    }
    Ok(found)
}
