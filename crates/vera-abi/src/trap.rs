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

impl TrapKind {
    /// What to change; empty when the message says it already, or nobody can know.
    pub const fn hint(self) -> &'static str {
        match self {
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
}
