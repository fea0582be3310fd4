//! What a compiled module imports.
//!
//! Host and module exchange bytes, never references. An operation that yields
//! text or bytes leaves them with the host and returns a status; the runtime
//! then asks for the length and has the bytes copied into an object it made.

use crate::runtime::Wasm::{self, *};

/// Module name of every import.
pub const MODULE: &str = "vera";

macro_rules! host_fns {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, [$($param:ident),*] => [$($result:ident),*];)*) => {
        /// A host function.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord)]
        pub enum HostFn { $($(#[$doc])* $variant,)* }

        impl HostFn {
            /// Every host function, in import order.
            pub const ALL: &'static [HostFn] = &[$(HostFn::$variant),*];
            /// Import name within [`MODULE`].
            pub const fn name(self) -> &'static str {
                match self { $(HostFn::$variant => $name,)* }
            }
            /// Parameter types.
            pub const fn params(self) -> &'static [Wasm] {
                match self { $(HostFn::$variant => &[$($param),*],)* }
            }
            /// Result types.
            pub const fn results(self) -> &'static [Wasm] {
                match self { $(HostFn::$variant => &[$($result),*],)* }
            }
        }
    };
}

host_fns! {
    /// `trap(kind, text, length)`: ends the program; never returns. Length 0
    /// stands for the kind's standard message.
    Trap = "trap", [I32, I32, I32] => [];
    /// `print(text, length)`.
    Print = "print", [I32, I32] => [];
    /// `stderr(text, length)`.
    Stderr = "stderr", [I32, I32] => [];
    /// `read_line()`; the line is fetched by `result_copy`.
    ReadLine = "read_line", [] => [];
    /// `read_char() -> 0` with the character, or `1` with the error text, fetched by `result_copy`.
    ReadChar = "read_char", [] => [I32];
    /// `read_file(path, length) -> 0` with the bytes or `1` with the error text.
    ReadFile = "read_file", [I32, I32] => [I32];
    /// `write_file(path, length, text, length) -> 0`, or `1` with the error text.
    WriteFile = "write_file", [I32, I32, I32, I32] => [I32];
    /// As `read_file`, without requiring UTF-8.
    ReadBytes = "read_bytes", [I32, I32] => [I32];
    /// As `write_file`.
    WriteBytes = "write_bytes", [I32, I32, I32, I32] => [I32];
    /// Number of command-line words.
    ArgCount = "arg_count", [] => [I32];
    /// `arg(i)`: makes word `i` the pending result.
    Arg = "arg", [I32] => [];
    /// `exit(code)`: never returns.
    Exit = "exit", [I64] => [];
    /// `get_env(name, length) -> 1` with the value pending, or `0` when unset.
    GetEnv = "get_env", [I32, I32] => [I32];
    /// `sleep(milliseconds)`.
    Sleep = "sleep", [I64] => [];
    /// Milliseconds since the Unix epoch.
    Time = "time", [] => [I64];
    /// `random_int(low, high)`: uniform, both ends included; `low <= high`.
    RandomInt = "random_int", [I64, I64] => [I64];
    /// Uniform in `[0, 1)`.
    RandomFloat = "random_float", [] => [F64];
    /// 0 or 1.
    RandomBool = "random_bool", [] => [I32];
    /// `uncaught(effect, length, value, length)`: ends the program; never
    /// returns. Texts of the effect instance and of the value thrown, which is
    /// empty where it has none.
    Uncaught = "uncaught", [I32, I32, I32, I32] => [];
    /// A secret word for hashing keys; asked for twice.
    HashKey = "hash_key", [] => [I64];
    /// `put_word(word)`: hands a part of a value over, see the module `interface`.
    PutWord = "put_word", [I64] => [];
    /// `put_float(float)`.
    PutFloat = "put_float", [F64] => [];
    /// `put_bytes(address, length)`.
    PutBytes = "put_bytes", [I32, I32] => [];
    /// The next part that the host hands over.
    TakeWord = "take_word", [] => [I64];
    /// The next part.
    TakeFloat = "take_float", [] => [F64];
    /// Makes the next part the pending result.
    TakeBytes = "take_bytes", [] => [];
    /// `perform(operation)`: performs an operation of the program's table with the
    /// arguments handed over, and then hands its result over.
    Perform = "perform", [I32] => [];
    /// `start(operation) -> number`: begins an operation with the arguments handed over,
    /// while the program goes on.
    Start = "start", [I32] => [I32];
    /// `may_begin() -> 1` where the host has room for a task, `0` where the program has to
    /// call it itself.
    MayBegin = "may_begin", [] => [I32];
    /// `begin(task) -> number`: begins a task of the program's table with the values
    /// handed over, in another instance, while the program goes on.
    Begin = "begin", [I32] => [I32];
    /// `finish(number)`: waits for what was begun, and hands its result over.
    Finish = "finish", [I32] => [];
    /// Tells that the next cell of the row of the function to be called has its start
    /// value.
    CellStarts = "cell_starts", [] => [];
    /// `cell_begins(cell) -> 1` with the value that a cell of the program's table begins
    /// with handed over, or `0` where it begins as zero.
    CellBegins = "cell_begins", [I32] => [I32];
    /// `cell_ends(cell)`: the value a cell ends with has been handed over.
    CellEnds = "cell_ends", [I32] => [];
    /// Tells that the supplied arguments meet the precondition.
    ArgumentsAdmitted = "arguments_admitted", [] => [];
    /// Byte length of the pending result.
    ResultLen = "result_len", [] => [I32];
    /// `result_copy(address)`: copies the pending result there and drops it.
    ResultCopy = "result_copy", [I32] => [];
}
