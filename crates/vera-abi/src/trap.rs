//! The ways a program ends abnormally (language reference, chapter 14.5).

macro_rules! trap_kinds {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $name:literal, $message:literal;)*) => {
        /// Why a program was ended. The discriminant is the code compiled
        /// modules and the runtime pass to the host's `trap` import.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        #[repr(i32)]
        pub enum TrapKind {
            $($(#[$doc])* $variant = $code,)*
        }

        impl TrapKind {
            /// Every kind, in code order.
            pub const ALL: &'static [TrapKind] = &[$(TrapKind::$variant),*];

            /// The kind with this code.
            pub const fn from_code(code: i32) -> Option<TrapKind> {
                match code {
                    $($code => Some(TrapKind::$variant),)*
                    _ => None,
                }
            }

            /// The `trap_kind` word of reports and JSON output.
            pub const fn name(self) -> &'static str {
                match self { $(TrapKind::$variant => $name,)* }
            }

            /// The standard message, used when the trap carries none of its own.
            pub const fn message(self) -> &'static str {
                match self { $(TrapKind::$variant => $message,)* }
            }
        }
    };
}

trap_kinds! {
    /// `+ - *`, `abs`, unary minus or `MIN / -1` out of the 64-bit range.
    Overflow = 1, "overflow", "Integer overflow";
    /// A negative integer entered a `Nat` slot.
    NatGuard = 2, "nat_guard", "Negative value bound into a @Nat slot";
    /// Division or remainder by zero.
    DivideByZero = 3, "divide_by_zero", "Integer division by zero";
    /// `Nat - Nat` below zero.
    NatUnderflow = 4, "nat_underflow", "@Nat subtraction would be negative";
    /// `assert` of a false predicate.
    AssertionFailed = 5, "assertion_failed", "Assertion failed";
    /// `a[i]` outside the array.
    IndexOutOfBounds = 6, "index_out_of_bounds", "Array index out of bounds";
    /// `string_char_code` outside the string.
    StringIndexOutOfBounds = 7, "string_index_out_of_bounds", "String index out of bounds";
    /// A `Float64` with no `Int` value.
    FloatConversion = 8, "float_conversion", "Float64 to Int conversion out of range";
    /// An allocation cannot be satisfied.
    HeapExhausted = 9, "heap_exhausted", "Heap exhausted";
    /// An exception left the entry point.
    UncaughtException = 10, "uncaught_exception", "An exception escaped the entry point";
    /// Too many nested calls.
    StackExhausted = 11, "stack_exhausted", "WASM call stack exhausted";
    /// A `requires`, `ensures`, `decreases` or refinement check failed.
    ContractViolation = 12, "contract_violation", "Contract violation";
    /// A host operation failed in a way the program cannot observe.
    HostError = 13, "host_error", "Host operation failed";
    /// Memory access outside the module's memory: a compiler bug.
    OutOfBounds = 14, "out_of_bounds", "Out-of-bounds memory access";
    /// An `unreachable` instruction: a compiler bug.
    Unreachable = 15, "unreachable", "Reached `unreachable` WASM instruction";
    /// Anything the host cannot classify.
    Unknown = 16, "unknown", "Unknown trap";
    /// The fuel given to the run is used up.
    FuelExhausted = 17, "fuel_exhausted", "The fuel of this run is used up";
    /// The run took longer than it may.
    TimeLimit = 18, "time_limit", "The time limit of this run has passed";
    /// The program needs more memory than it may have.
    MemoryLimit = 19, "memory_limit", "The memory limit of this run is reached";
}
