// Generated from `vera_abi` by `vera_targets::runtime_tables`; see `crates/vera-targets/tests/browser_sources.rs`.

export type TrapKind =
  | "overflow"
  | "nat_guard"
  | "divide_by_zero"
  | "nat_underflow"
  | "assertion_failed"
  | "index_out_of_bounds"
  | "string_index_out_of_bounds"
  | "float_conversion"
  | "heap_exhausted"
  | "uncaught_exception"
  | "stack_exhausted"
  | "contract_violation"
  | "host_error"
  | "out_of_bounds"
  | "unreachable"
  | "unknown"
  | "fuel_exhausted"
  | "time_limit"
  | "memory_limit";

/** Of each kind the standard message, and what to change. */
export const TRAPS: Record<TrapKind, { message: string; fix: string }> = {
  overflow: { message: "Integer overflow", fix: "The exact result does not fit into 64 bits. State bounds on the operands with `requires`, such as `requires(@Int.0 < 1000000000)`, so that the prover and the callers know them, or test the operands before the operation." },
  nat_guard: { message: "Negative value bound into a @Nat slot", fix: "A negative @Int was used where a @Nat is required. Add a `requires` clause that says the value is >= 0, or test it with `if` before it becomes a @Nat." },
  divide_by_zero: { message: "Integer division by zero", fix: "Exclude a zero divisor: add `requires(@Int.1 != 0)` to the function, or test the divisor with `if` and decide what the result is when it is zero." },
  nat_underflow: { message: "@Nat subtraction would be negative", fix: "A @Nat cannot be negative. Require that the left operand is at least as large as the right one, branch on that comparison before subtracting, or compute in @Int." },
  assertion_failed: { message: "Assertion failed", fix: "The asserted condition was false. If callers are responsible for it, state it as a `requires` clause, so that it is proved at each call; otherwise handle the case." },
  index_out_of_bounds: { message: "Array index out of bounds", fix: "Valid indices are 0 up to, not including, the array's length. Require the index to be in that range, or compare it with `array_length` first." },
  string_index_out_of_bounds: { message: "String index out of bounds", fix: "An index into a string counts UTF-8 bytes, not characters, and must be less than `string_length`. Require it to be in range, or test it first." },
  float_conversion: { message: "Float64 to Int conversion out of range", fix: "Only finite values from -2^63 up to, not including, 2^63 have an @Int. Test the value first, for instance with `float_is_nan` and comparisons." },
  heap_exhausted: { message: "Heap exhausted", fix: "The values alive at the same time need more memory than there is. Keep less alive at once: process data in smaller parts, and let go of large values when they are no longer needed." },
  uncaught_exception: { message: "An exception escaped the entry point", fix: "Handle the exception where the program starts: wrap the call in `handle[Exn<...>] { throw(...) -> ... } in { ... }`, or return a Result instead." },
  stack_exhausted: { message: "WASM call stack exhausted", fix: "Too many calls were waiting for one another. Pass the result so far in an accumulator parameter and make the recursive call the last expression of the function, or use a fold such as `array_fold`." },
  contract_violation: { message: "Contract violation", fix: "" },
  host_error: { message: "Host operation failed", fix: "" },
  out_of_bounds: { message: "Out-of-bounds memory access", fix: "This is a defect of the compiler or its runtime, not of the program. Please report it together with the program." },
  unreachable: { message: "Reached `unreachable` WASM instruction", fix: "This is a defect of the compiler or its runtime, not of the program. Please report it together with the program." },
  unknown: { message: "Unknown trap", fix: "" },
  fuel_exhausted: { message: "The fuel of this run is used up", fix: "The program did not finish within the work `--fuel` allows. Give it more, or look at the back trace for a loop that does not end." },
  time_limit: { message: "The time limit of this run has passed", fix: "The program did not finish within the seconds `--timeout` allows. Give it more, or look at the back trace for a loop that does not end." },
  memory_limit: { message: "The memory limit of this run is reached", fix: "The values alive at the same time need more than `--max-memory` allows. Give the program more, or let it process data in smaller parts." },
};

/** The kind with this code. */
export function kindOfCode(code: number): TrapKind {
  switch (code) {
    case 1: return "overflow";
    case 2: return "nat_guard";
    case 3: return "divide_by_zero";
    case 4: return "nat_underflow";
    case 5: return "assertion_failed";
    case 6: return "index_out_of_bounds";
    case 7: return "string_index_out_of_bounds";
    case 8: return "float_conversion";
    case 9: return "heap_exhausted";
    case 10: return "uncaught_exception";
    case 11: return "stack_exhausted";
    case 12: return "contract_violation";
    case 13: return "host_error";
    case 14: return "out_of_bounds";
    case 15: return "unreachable";
    case 16: return "unknown";
    case 17: return "fuel_exhausted";
    case 18: return "time_limit";
    case 19: return "memory_limit";
    default: return "unknown";
  }
}

/** What a module may import from `vera`. */
export interface HostFunctions {
  trap: (p0: number, p1: number, p2: number) => void;
  print: (p0: number, p1: number) => void;
  stderr: (p0: number, p1: number) => void;
  read_line: () => void;
  read_char: () => number;
  read_file: (p0: number, p1: number) => number;
  write_file: (p0: number, p1: number, p2: number, p3: number) => number;
  read_bytes: (p0: number, p1: number) => number;
  write_bytes: (p0: number, p1: number, p2: number, p3: number) => number;
  arg_count: () => number;
  arg: (p0: number) => void;
  exit: (p0: bigint) => void;
  get_env: (p0: number, p1: number) => number;
  sleep: (p0: bigint) => void;
  time: () => bigint;
  random_int: (p0: bigint, p1: bigint) => bigint;
  random_float: () => number;
  random_bool: () => number;
  uncaught: (p0: number, p1: number, p2: number, p3: number) => void;
  hash_key: () => bigint;
  put_word: (p0: bigint) => void;
  put_float: (p0: number) => void;
  put_bytes: (p0: number, p1: number) => void;
  take_word: () => bigint;
  take_float: () => number;
  take_bytes: () => void;
  perform: (p0: number) => void;
  start: (p0: number) => number;
  may_begin: () => number;
  begin: (p0: number) => number;
  finish: (p0: number) => void;
  cell_starts: () => void;
  cell_begins: (p0: number) => number;
  cell_ends: (p0: number) => void;
  arguments_admitted: () => void;
  result_len: () => number;
  result_copy: (p0: number) => void;
}
