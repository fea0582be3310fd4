//! The command line: reads arguments and files, calls the library crates,
//! prints, and sets the exit status. Nothing is decided here that another
//! front end would need too.
#![forbid(unsafe_code)]

mod child;
mod cli;
mod commands;
mod files;
mod input;
mod output;
mod progress;
mod proofs;
mod replace;
mod second_solver;

use std::process::ExitCode;

/// Stack for the front end, whose walks recurse as deep as programs nest. The
/// operating system hands it out page by page.
pub(crate) const STACK: usize = 512 << 20;

fn main() -> ExitCode {
    keep_going_at_file_limits();
    let args: Vec<_> = std::env::args_os().skip(1).collect();
    let json = args.iter().take_while(|a| *a != "--").any(|a| a == "--json");
    std::panic::set_hook(Box::new(move |panic| output::internal_error(&panic.to_string(), json)));
    let worker = std::thread::Builder::new().name("vera".into()).stack_size(STACK);
    match worker.spawn(move || commands::run(args, json)).map(|handle| handle.join()) {
        Ok(Ok(code)) => code,
        // The hook has reported the panic.
        Ok(Err(_)) => ExitCode::FAILURE,
        Err(error) => {
            output::error(&format!("cannot start: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Has a file that may not grow any more (`ulimit -f`) fail to be written, so that what
/// was begun is tidied up: unhandled, the system's signal ends the process.
fn keep_going_at_file_limits() {
    #[cfg(unix)]
    {
        let seen = std::sync::Arc::default();
        // Without a handler it is as the system has it.
        _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, seen);
    }
}
