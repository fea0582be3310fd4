//! How a program ends other than by returning.

use vera_abi::trap::TrapKind;

use crate::console;

/// Ends a command: says why, and what to change, and fails.
pub fn trap(kind: TrapKind, message: &str) -> ! {
    say(kind, message);
    exit(1)
}

/// Ends a request: says so, and leaves the answer to the host.
pub fn trap_request(kind: TrapKind, message: &str) -> ! {
    say(kind, message);
    die()
}

/// A defect of the compiler, or of this crate.
pub fn broken(message: &str) -> ! {
    trap_request(TrapKind::HostError, message)
}

fn say(kind: TrapKind, message: &str) {
    let message = if message.is_empty() { kind.message() } else { message };
    let hint = kind.hint();
    for part in ["Error: ", message, "\nTrap: ", kind.name()] {
        console::print_error(part.as_bytes());
    }
    if !hint.is_empty() {
        console::print_error(b"\nFix: ");
        console::print_error(hint.as_bytes());
    }
    console::print_error(b"\n");
}

/// What is said of an exception that no handler caught.
pub fn uncaught(effect: &str, entry: &str, value: &str) -> String {
    let caught = [
        "An `",
        effect,
        "` escaped `",
        entry,
        "`: no `handle[",
        effect,
        "]` caught it before the call returned",
    ];
    let thrown = if value.is_empty() { ["", "."] } else { [", and the value thrown was ", value] };
    [caught.concat(), thrown.concat()].concat()
}

/// Ends the process; WASI 0.2.0 knows success and failure.
pub fn exit(code: i64) -> ! {
    wasi::cli::exit::exit(if code == 0 { Ok(()) } else { Err(()) });
    die()
}

fn die() -> ! {
    #[cfg(target_arch = "wasm32")]
    core::arch::wasm32::unreachable();
    #[cfg(not(target_arch = "wasm32"))]
    std::process::abort()
}
