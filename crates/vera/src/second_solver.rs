//! `--solver`: a program that is asked what Z3 leaves open.
//!
//! It reads SMT-LIB 2 from its standard input. That it finds no counterexample settles an
//! obligation; one that it finds is not used, since only Z3's come with values that are
//! understood.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use vera_verify::solver::{Answer, Limits, Missing, Reply, Script, Solver, Z3};

use crate::child;

/// Z3, and a program for what it does not decide.
#[derive(Clone, Debug)]
pub(crate) struct SecondSolver {
    program: String,
    /// What it says of itself.
    version: String,
}

impl SecondSolver {
    /// The solver of this name.
    ///
    /// # Errors
    /// It cannot be run.
    pub fn new(program: &str) -> Result<SecondSolver, String> {
        let said = Command::new(program).arg("--version").output();
        let said = said.map_err(|error| format!("--solver: cannot run `{program}`: {error}"))?;
        let version = String::from_utf8_lossy(&said.stdout);
        let version = version.lines().next().unwrap_or_default().to_owned();
        Ok(SecondSolver { program: program.to_owned(), version })
    }

    fn start(&self, limits: &Limits) -> std::io::Result<Child> {
        let mut command = Command::new(&self.program);
        let name = Path::new(&self.program).file_stem().unwrap_or_default();
        match name.to_str() {
            Some("cvc5") => {
                let limit = format!("--tlimit={}", limits.timeout_ms);
                command.args(["--lang=smt2", "--strings-exp", &limit])
            }
            Some("z3") => command.arg("-in"),
            _ => &mut command,
        };
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()
    }

    /// Whether the program finds that a script has no model; `None` when it finds
    /// otherwise, or nothing in time.
    fn refutes(&self, script: &Script, limits: &Limits) -> Option<()> {
        let mut child = self.start(limits).ok()?;
        let mut input = child.stdin.take()?;
        let text = format!("(set-logic ALL)\n{}(check-sat)\n", script.text);
        // A program that does not read its input has ended, or is ended below.
        let writer = std::thread::spawn(move || _ = input.write_all(text.as_bytes()));
        let time = Duration::from_millis(limits.timeout_ms.into());
        let ended = child::wait(&mut child, time, || limits.cancel.is_set());
        _ = writer.join();
        ended.ok()??;
        let mut said = String::new();
        child.stdout.take()?.read_to_string(&mut said).ok()?;
        (said.split_whitespace().next() == Some("unsat")).then_some(())
    }
}

impl Solver for SecondSolver {
    fn version(&self) -> String {
        format!("{}, then {} {}", Z3.version(), self.program, self.version)
    }

    fn check(&self, script: &Script, limits: &Limits) -> Reply {
        let reply = Z3.check(script, limits);
        if reply.answer != Answer::Unknown || limits.cancel.is_set() {
            return reply;
        }
        match self.refutes(script, limits) {
            Some(()) => Reply { answer: Answer::Unsatisfiable, interrupted: false },
            // By the clock.
            None => Reply { interrupted: true, ..reply },
        }
    }

    fn missing(&self) -> Option<Missing> {
        Z3.missing()
    }
}
