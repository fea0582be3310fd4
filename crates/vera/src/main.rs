//! The command line: reads arguments and files, calls the library crates,
//! prints, and sets the exit status. Nothing is decided here that another
//! front end would need too.
#![forbid(unsafe_code)]

mod arguments;
mod commands;
mod files;
mod input;
mod output;
mod values;

use std::process::ExitCode;

/// Stack for the front end, whose walks recurse as deep as programs nest. The
/// operating system hands it out page by page.
const STACK: usize = 512 << 20;

fn main() -> ExitCode {
    let worker = std::thread::Builder::new().name("vera".into()).stack_size(STACK);
    let args: Vec<_> = std::env::args_os().skip(1).collect();
    match worker.spawn(move || commands::run(args)).map(|handle| handle.join()) {
        Ok(Ok(code)) => code,
        // The panic has been reported; the status says that it was not the user's fault.
        Ok(Err(_)) => ExitCode::FAILURE,
        Err(error) => {
            output::error(&format!("cannot start: {error}"));
            ExitCode::FAILURE
        }
    }
}
