//! Functions that stand in for the host where a program is a WASI component: linked into
//! it by `vera-wasi`, one for each [`HostFn`], and one for each operation that crosses in
//! parts.

use crate::host::HostFn;

/// The world that a component is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum World {
    /// `wasi:cli/command`.
    Cli,
    /// `wasi:http/proxy`.
    Server,
}

/// Where values that the component model hands over are put.
pub const REALLOC: &str = "cabi_realloc";

/// `(id)`: the number of a type with nodes in the result of the operation that follows;
/// called for each of them, outer ones first.
pub const TYPE: &str = "vera_wasi_type";

/// `() -> number`: keeps the result that the last operation left, for `finish`.
pub const BEGUN: &str = "vera_wasi_begun";

/// `(request)`: hands an incoming request over, as the argument of `handle`.
pub const REQUEST: &str = "vera_wasi_request";

/// `(response)`: sends what `handle` handed over.
pub const RESPOND: &str = "vera_wasi_respond";

/// The function that stands in for a host function; `None` for `perform` and `start`,
/// which the module itself makes of its operations.
pub const fn stand_in(func: HostFn, world: World) -> Option<&'static str> {
    Some(match (func, world) {
        // A program of the world `cli` ends with status 1, a request traps.
        (HostFn::Trap, World::Cli) => "vera_wasi_trap",
        (HostFn::Trap, World::Server) => "vera_wasi_trap_request",
        (HostFn::Uncaught, World::Cli) => "vera_wasi_uncaught",
        (HostFn::Uncaught, World::Server) => "vera_wasi_uncaught_request",
        (HostFn::Perform | HostFn::Start, _) => return None,
        // A command ends when nobody reads it any more.
        (HostFn::Print, World::Cli) => "vera_wasi_print",
        (HostFn::Print, World::Server) => "vera_wasi_print_request",
        (HostFn::Stderr, _) => "vera_wasi_stderr",
        (HostFn::ReadLine, _) => "vera_wasi_read_line",
        (HostFn::ReadChar, _) => "vera_wasi_read_char",
        (HostFn::ReadFile, _) => "vera_wasi_read_file",
        (HostFn::WriteFile, _) => "vera_wasi_write_file",
        (HostFn::ReadBytes, _) => "vera_wasi_read_bytes",
        (HostFn::WriteBytes, _) => "vera_wasi_write_bytes",
        (HostFn::ArgCount, _) => "vera_wasi_arg_count",
        (HostFn::Arg, _) => "vera_wasi_arg",
        (HostFn::Exit, _) => "vera_wasi_exit",
        (HostFn::GetEnv, _) => "vera_wasi_get_env",
        (HostFn::Sleep, _) => "vera_wasi_sleep",
        (HostFn::Time, _) => "vera_wasi_time",
        (HostFn::RandomInt, _) => "vera_wasi_random_int",
        (HostFn::RandomFloat, _) => "vera_wasi_random_float",
        (HostFn::RandomBool, _) => "vera_wasi_random_bool",
        (HostFn::HashKey, _) => "vera_wasi_hash_key",
        (HostFn::PutWord, _) => "vera_wasi_put_word",
        (HostFn::PutFloat, _) => "vera_wasi_put_float",
        (HostFn::PutBytes, _) => "vera_wasi_put_bytes",
        (HostFn::TakeWord, _) => "vera_wasi_take_word",
        (HostFn::TakeFloat, _) => "vera_wasi_take_float",
        (HostFn::TakeBytes, _) => "vera_wasi_take_bytes",
        (HostFn::MayBegin, _) => "vera_wasi_may_begin",
        (HostFn::Begin, _) => "vera_wasi_begin",
        (HostFn::Finish, _) => "vera_wasi_finish",
        (HostFn::CellStarts, _) => "vera_wasi_cell_starts",
        (HostFn::CellBegins, _) => "vera_wasi_cell_begins",
        (HostFn::CellEnds, _) => "vera_wasi_cell_ends",
        (HostFn::ArgumentsAdmitted, _) => "vera_wasi_arguments_admitted",
        (HostFn::ResultLen, _) => "vera_wasi_result_len",
        (HostFn::ResultCopy, _) => "vera_wasi_result_copy",
    })
}

/// Why a world does not offer a host function, where it does not.
pub const fn refusal(func: HostFn, world: World) -> Option<&'static str> {
    match (world, func) {
        (World::Server, HostFn::ReadLine | HostFn::ReadChar) => Some(NO_INPUT),
        (
            World::Server,
            HostFn::ReadFile | HostFn::WriteFile | HostFn::ReadBytes | HostFn::WriteBytes,
        ) => Some(NO_FILES),
        (World::Server, HostFn::ArgCount | HostFn::Arg | HostFn::GetEnv) => Some(NO_COMMAND),
        (World::Server, HostFn::Exit) => Some("a request cannot end its server"),
        _ => None,
    }
}

const NO_INPUT: &str = "a server has no standard input";
const NO_FILES: &str = "a server is given no directory";
const NO_COMMAND: &str = "a server has no command line and no environment";

macro_rules! operations {
    ($($effect:literal $name:literal $symbol:literal $server:expr;)*) => {
        const OPERATIONS: &[(&str, &str, &str, Option<&str>)] =
            &[$(($effect, $name, $symbol, $server)),*];
    };
}

operations! {
    "IO" "append_bytes" "vera_wasi_io_append" Some(NO_FILES);
    "IO" "append_file" "vera_wasi_io_append" Some(NO_FILES);
    "IO" "clock" "vera_wasi_io_clock" None;
    "IO" "create_dir" "vera_wasi_io_create_dir" Some(NO_FILES);
    "IO" "delete" "vera_wasi_io_delete" Some(NO_FILES);
    "IO" "exists" "vera_wasi_io_exists" Some(NO_FILES);
    "IO" "file_size" "vera_wasi_io_file_size" Some(NO_FILES);
    "IO" "is_dir" "vera_wasi_io_is_dir" Some(NO_FILES);
    "IO" "list_dir" "vera_wasi_io_list_dir" Some(NO_FILES);
    "IO" "next_line" "vera_wasi_io_next_line" Some(NO_INPUT);
    "IO" "read_all" "vera_wasi_io_read_all" Some(NO_INPUT);
    "IO" "read_char_timeout" "vera_wasi_io_read_char_timeout" Some(NO_INPUT);
    "IO" "read_chunk" "vera_wasi_io_read_chunk" Some(NO_FILES);
    "IO" "read_key" "vera_wasi_io_read_key" Some(NO_INPUT);
    "IO" "rename" "vera_wasi_io_rename" Some(NO_FILES);
    "IO" "temp_dir" "vera_wasi_io_temp_dir" Some(NO_FILES);
    "IO" "temp_file" "vera_wasi_io_temp_file" Some(NO_FILES);
    "IO" "terminal_size" "vera_wasi_io_terminal_size" None;
    "Http" "delete" "vera_wasi_http_delete" None;
    "Http" "get" "vera_wasi_http_get" None;
    "Http" "patch" "vera_wasi_http_patch" None;
    "Http" "post" "vera_wasi_http_post" None;
    "Http" "put" "vera_wasi_http_put" None;
    "Http" "request" "vera_wasi_http_request" None;
    "HttpServer" "respond" "vera_wasi_server_respond" None;
    "HttpServer" "write" "vera_wasi_server_write" None;
    "HttpServer" "write_bytes" "vera_wasi_server_write" None;
}

/// The function that performs an operation, or why the world has none.
pub fn operation(effect: &str, name: &str, world: World) -> Result<&'static str, &'static str> {
    let found = OPERATIONS.iter().find(|(e, n, ..)| *e == effect && *n == name);
    match (found, world) {
        (Some((_, _, symbol, _)), World::Cli) => Ok(symbol),
        (Some((_, _, symbol, None)), World::Server) => Ok(symbol),
        (Some((_, _, _, Some(why))), World::Server) => Err(why),
        (None, _) => Err(match effect {
            "DB" => "WASI 0.2 has no databases",
            "Inference" => "WASI 0.2 has no language models; ask one with Http",
            _ => "WASI 0.2 has nothing like it",
        }),
    }
}
