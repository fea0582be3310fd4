//! What the user reads about a trap.

use std::fmt::Write;

use serde_json::{Value, json};
use vera_abi::trap::TrapKind;
use vera_diagnostics::Sources;
use vera_wasm::source_map::Frame;

use crate::trap::Trap;

/// Column that a hint does not go beyond.
const HINT_WIDTH: usize = 76;

/// The report for a terminal, with a line end after each line.
pub fn render_trap_text(trap: &Trap, sources: &Sources) -> String {
    let mut text = format!("Error: {}\n", trap.message);
    let helpers = trap.suppressed;
    if !trap.frames.is_empty() {
        text.push_str("Source backtrace:\n");
        if helpers > 0 {
            let words = "runtime-helper frame(s) above first user code";
            _ = writeln!(text, "  (suppressed {helpers} {words})");
        }
        for frame in &trap.frames {
            let place = Place::of(frame, sources);
            let file = place.file;
            _ = match (frame.is_helper, place.lines) {
                (true, _) => write!(text, "  in {}  <builtin>", place.func),
                (false, Some((a, b))) if a == b => {
                    write!(text, "  in {}  ({file}:{a})", place.func)
                }
                (false, Some((a, b))) => write!(text, "  in {}  ({file}:{a}-{b})", place.func),
                (false, None) => write!(text, "  in {}  ({file})", place.func),
            };
            if let Some((line, column)) = place.at {
                _ = write!(text, " at {file}:{line}:{column}");
            }
            text.push('\n');
        }
    }
    let hint = hint(trap.kind);
    if !hint.is_empty() {
        text.push_str("Fix:\n");
        for line in wrap(hint, HINT_WIDTH - 2) {
            _ = writeln!(text, "  {line}");
        }
    }
    text
}

/// The diagnostic of `run --json`.
pub fn trap_json(trap: &Trap, sources: &Sources) -> Value {
    let frames: Vec<Value> = trap
        .frames
        .iter()
        .map(|frame| {
            let place = Place::of(frame, sources);
            json!({
                "func": place.func,
                "file": place.file,
                "line_start": place.lines.map(|l| l.0),
                "line_end": place.lines.map(|l| l.1),
                "is_builtin": frame.is_helper,
                "line": place.at.map(|at| at.0),
                "column": place.at.map(|at| at.1),
            })
        })
        .collect();
    json!({
        "severity": "error",
        "description": trap.message,
        "trap_kind": trap.kind.name(),
        "location": { "line": 0, "column": 0 },
        "frames": frames,
        "fix": hint(trap.kind),
    })
}

/// A frame in terms of files and lines.
struct Place<'a> {
    func: &'a str,
    file: &'a str,
    /// First and last line of the function.
    lines: Option<(u32, u32)>,
    /// Line and column of the failing place.
    at: Option<(u32, u32)>,
}

impl<'a> Place<'a> {
    fn of(frame: &'a Frame, sources: &'a Sources) -> Place<'a> {
        let func = if frame.func.is_empty() { "runtime" } else { &frame.func };
        let known = |span: vera_diagnostics::FileSpan| (span.file.0 as usize) < sources.len();
        let Some(decl) = frame.decl.filter(|decl| known(*decl)) else {
            let file = if frame.is_helper { "<builtin>" } else { "<unknown>" };
            return Place { func, file, lines: None, at: None };
        };
        let file = sources.get(decl.file);
        let first = file.line_col(decl.span.start).line;
        // A span may end behind its last line's end.
        let last = file.line_col(decl.span.end.max(decl.span.start + 1) - 1).line;
        let at = frame.at.filter(|at| known(*at)).map(|at| {
            let place = sources.get(at.file).line_col(at.span.start);
            (place.line, place.column)
        });
        Place { func, file: file.name(), lines: Some((first, last)), at }
    }
}

/// What to change; empty when the message says it already, or nobody can know.
pub fn hint(kind: TrapKind) -> &'static str {
    match kind {
        TrapKind::Overflow => {
            "The exact result does not fit into 64 bits. State bounds on the operands with \
             `requires`, such as `requires(@Int.0 < 1000000000)`, so that the prover and the \
             callers know them, or test the operands before the operation."
        }
        TrapKind::DivideByZero => {
            "Exclude a zero divisor: add `requires(@Int.1 != 0)` to the function, or test the \
             divisor with `if` and decide what the result is when it is zero."
        }
        TrapKind::NatUnderflow => {
            "A @Nat cannot be negative. Require that the left operand is at least as large as the \
             right one, branch on that comparison before subtracting, or compute in @Int."
        }
        TrapKind::NatGuard => {
            "A negative @Int was used where a @Nat is required. Add a `requires` clause that says \
             the value is >= 0, or test it with `if` before it becomes a @Nat."
        }
        TrapKind::AssertionFailed => {
            "The asserted condition was false. If callers are responsible for it, state it as a \
             `requires` clause, so that it is proved at each call; otherwise handle the case."
        }
        TrapKind::IndexOutOfBounds => {
            "Valid indices are 0 up to, not including, the array's length. Require the index to be \
             in that range, or compare it with `array_length` first."
        }
        TrapKind::StringIndexOutOfBounds => {
            "An index into a string counts UTF-8 bytes, not characters, and must be less than \
             `string_length`. Require it to be in range, or test it first."
        }
        TrapKind::FloatConversion => {
            "Only finite values from -2^63 up to, not including, 2^63 have an @Int. Test the value \
             first, for instance with `float_is_nan` and comparisons."
        }
        TrapKind::HeapExhausted => {
            "The values alive at the same time need more memory than there is. Keep less alive at \
             once: process data in smaller parts, and let go of large values when they are no \
             longer needed."
        }
        TrapKind::FuelExhausted => {
            "The program did not finish within the work `--fuel` allows. Give it more, or look at \
             the back trace for a loop that does not end."
        }
        TrapKind::TimeLimit => {
            "The program did not finish within the seconds `--timeout` allows. Give it more, or \
             look at the back trace for a loop that does not end."
        }
        TrapKind::MemoryLimit => {
            "The values alive at the same time need more than `--max-memory` allows. Give the \
             program more, or let it process data in smaller parts."
        }
        TrapKind::UncaughtException => {
            "Handle the exception where the program starts: wrap the call in \
             `handle[Exn<...>] { throw(...) -> ... } in { ... }`, or return a Result instead."
        }
        TrapKind::StackExhausted => {
            "Too many calls were waiting for one another. Pass the result so far in an accumulator \
             parameter and make the recursive call the last expression of the function, or use a \
             fold such as `array_fold`."
        }
        TrapKind::OutOfBounds | TrapKind::Unreachable => {
            "This is a defect of the compiler or its runtime, not of the program. Please report it \
             together with the program."
        }
        TrapKind::ContractViolation | TrapKind::HostError | TrapKind::Unknown => "",
    }
}

/// Breaks a text at blanks into lines of at most `width` characters.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
