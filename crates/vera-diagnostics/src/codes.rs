//! The registry of diagnostic codes: code, phase, short title, first version.

macro_rules! codes {
    ($($code:ident $phase:ident $title:literal $since:literal;)*) => {
        /// A diagnostic code.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
        pub enum Code { $(#[doc = $title] $code,)* }

        impl Code {
            /// Every code, in the order of the registry listing.
            pub const ALL: &'static [Code] = &[$(Code::$code),*];

            /// The code as written in output, such as `E130`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Code::$code => stringify!($code),)* }
            }

            /// The code that is written so.
            pub fn of(word: &str) -> Option<Code> {
                match word {
                    $(stringify!($code) => Some(Code::$code),)*
                    _ => None,
                }
            }

            /// The stage that raises it.
            pub const fn phase(self) -> Phase {
                match self { $(Code::$code => Phase::$phase,)* }
            }

            /// The short title.
            pub const fn title(self) -> &'static str {
                match self { $(Code::$code => $title,)* }
            }

            /// The language version that introduced it.
            pub const fn since(self) -> &'static str {
                match self { $(Code::$code => $since,)* }
            }
        }
    };
}

/// The stage of the tool a code belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Phase {
    Parse,
    Typecheck,
    Verify,
    Codegen,
    Test,
    Warning,
}

impl Phase {
    /// The word used in listings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Phase::Parse => "parse",
            Phase::Typecheck => "typecheck",
            Phase::Verify => "verify",
            Phase::Codegen => "codegen",
            Phase::Test => "test",
            Phase::Warning => "warning",
        }
    }
}

codes! {
    E001 Parse "Missing contract block" "0.0.43";
    E002 Parse "Missing effect clause" "0.0.43";
    E003 Parse "Malformed slot reference" "0.0.43";
    E004 Parse "Missing closing brace" "0.0.43";
    E005 Parse "Unexpected token" "0.0.43";
    E006 Parse "Unexpected character" "0.0.43";
    E007 Parse "Internal parser error" "0.0.43";
    E008 Parse "Module-qualified call uses dot instead of ::" "0.0.44";
    E009 Parse "Invalid string escape sequence" "0.0.67";
    E010 Parse "Unhandled grammar rule" "0.0.43";
    E011 Parse "Circular import detected" "0.0.184";
    E012 Parse "Cannot resolve import (no file found)" "0.0.184";
    E013 Parse "Error parsing imported module" "0.0.184";
    E014 Parse "Import found in several places" "0.3.0";
    E015 Parse "Invalid project manifest" "0.3.0";
    E020 Parse "Unterminated block comment" "0.1.6";
    E021 Parse "Unterminated annotation comment" "0.1.6";
    E023 Parse "Annotation comments do not nest" "0.1.6";
    E030 Parse "old() argument is not an effect reference" "0.1.9";
    E031 Parse "new() argument is not an effect reference" "0.1.9";
    E032 Parse "Contract clause after the effects clause" "0.2.0";
    E040 Parse "Pipe's right operand is not a call" "0.2.1";
    E120 Typecheck "Data invariant not Bool" "0.0.43";
    E121 Typecheck "Function body type mismatch" "0.0.43";
    E122 Typecheck "Pure function performs effects" "0.0.43";
    E123 Typecheck "Precondition predicate not Bool" "0.0.43";
    E124 Typecheck "Postcondition predicate not Bool" "0.0.43";
    E125 Typecheck "Call-site effect mismatch" "0.0.54";
    E126 Typecheck "Refinement predicate not Bool" "0.1.0";
    E127 Typecheck "Decreases measure not well-founded" "0.1.9";
    E128 Typecheck "Quantifier bound not an integer" "0.1.10";
    E129 Typecheck "Non-regular recursion in a data declaration" "0.2.0";
    E130 Typecheck "Unresolved slot reference" "0.0.43";
    E131 Typecheck "Result ref outside ensures" "0.0.43";
    E132 Typecheck "Cyclic type alias" "0.0.149";
    E133 Typecheck "Type alias arity mismatch" "0.0.148";
    E134 Typecheck "Type does not take type arguments" "0.0.188";
    E135 Typecheck "Array/Map/Set with a zero-size element, key, or value type" "0.1.0";
    E136 Typecheck "Unknown type name" "0.2.0";
    E137 Typecheck "Recursive function declares neither decreases nor Diverge" "0.2.0";
    E138 Typecheck "Contract calls back into its own function" "0.2.0";
    E140 Typecheck "Arithmetic requires numeric operands" "0.0.43";
    E141 Typecheck "Arithmetic requires matching numeric types" "0.0.43";
    E142 Typecheck "Cannot compare incompatible types" "0.0.43";
    E143 Typecheck "Ordering requires orderable operands" "0.0.43";
    E144 Typecheck "Logical operand not Bool (left)" "0.0.43";
    E145 Typecheck "Logical operand not Bool (right)" "0.0.43";
    E146 Typecheck "Unary not requires Bool" "0.0.43";
    E147 Typecheck "Unary negate requires numeric" "0.0.43";
    E148 Typecheck "Non-convertible type in string interpolation" "0.0.76";
    E149 Typecheck "Integer literal out of range for its target type" "0.0.183";
    E150 Typecheck "Cannot import private declaration" "0.0.184";
    E151 Typecheck "Function redefines a built-in" "0.0.185";
    E152 Typecheck "Effect redeclares a built-in effect" "0.1.9";
    E153 Typecheck "Function name is reserved" "0.1.9";
    E154 Typecheck "Name is reserved for the prelude" "0.1.9";
    E155 Typecheck "Bare function name supplied by two imports" "0.1.12";
    E156 Typecheck "Bare data type name supplied by two imports" "0.1.12";
    E157 Typecheck "Bare constructor name supplied by two imports" "0.1.12";
    E158 Typecheck "Declaration takes a reserved built-in type name" "0.2.0";
    E159 Typecheck "Two data declarations share a constructor name" "0.2.0";
    E160 Typecheck "Array index must be Int or Nat" "0.0.43";
    E161 Typecheck "Cannot index non-array type" "0.0.43";
    E162 Typecheck "Array literal element type mismatch" "0.2.3";
    E163 Typecheck "Result reference does not name the return type" "0.2.3";
    E170 Typecheck "Let binding type mismatch" "0.0.43";
    E171 Typecheck "Anonymous function body type mismatch" "0.0.43";
    E172 Typecheck "Assert requires Bool" "0.0.43";
    E173 Typecheck "Assume requires Bool" "0.0.43";
    E174 Typecheck "old() outside ensures" "0.0.43";
    E175 Typecheck "new() outside ensures" "0.0.43";
    E176 Typecheck "Unknown expression type" "0.0.43";
    E177 Typecheck "old()/new() names an effect the row does not declare" "0.2.0";
    E178 Typecheck "Bare call to a where-helper from outside its parent" "0.2.0";
    E179 Typecheck "Quantifier predicate is not a function of the index to Bool" "0.2.0";
    E180 Typecheck "Unknown ability in constraint" "0.0.90";
    E181 Typecheck "Constraint references undeclared type variable" "0.0.90";
    E182 Typecheck "Slot reference to a zero-size type" "0.1.5";
    E183 Typecheck "Let binding of a zero-size type" "0.1.5";
    E184 Typecheck "Name declared twice in one namespace" "0.2.0";
    E185 Typecheck "Declaration takes a built-in ability's name or operation" "0.2.0";
    E186 Typecheck "Quantifier index type is not Int or Nat" "0.2.0";
    E187 Typecheck "Contract predicate performs an effect" "0.2.5";
    E188 Typecheck "Missing visibility" "0.3.0";
    E200 Typecheck "Unresolved function" "0.0.43";
    E201 Typecheck "Wrong argument count" "0.0.43";
    E202 Typecheck "Argument type mismatch" "0.0.43";
    E203 Typecheck "Effect operation wrong argument count" "0.0.43";
    E204 Typecheck "Effect operation argument type mismatch" "0.0.43";
    E205 Typecheck "Conflicting type argument inference" "0.1.0";
    E206 Typecheck "Generic type parameter instantiated at Unit" "0.1.0";
    E207 Typecheck "Non-literal SQL argument" "0.1.7";
    E208 Typecheck "SQL placeholder count mismatch" "0.1.7";
    E209 Typecheck "Unsupported SQL placeholder syntax" "0.1.7";
    E210 Typecheck "Unknown constructor" "0.0.43";
    E211 Typecheck "Constructor is nullary" "0.0.43";
    E212 Typecheck "Constructor wrong field count" "0.0.43";
    E213 Typecheck "Constructor field type mismatch" "0.0.43";
    E214 Typecheck "Unknown nullary constructor" "0.0.43";
    E215 Typecheck "Constructor requires arguments" "0.0.43";
    E216 Typecheck "Empty tuple type" "0.0.188";
    E217 Typecheck "Bare effect operation must be qualified or handled" "0.1.7";
    E220 Typecheck "Unresolved qualified call" "0.0.43";
    E230 Typecheck "Module not found" "0.0.43";
    E231 Typecheck "Function not imported from module" "0.0.43";
    E232 Typecheck "Function is private in module" "0.0.43";
    E233 Typecheck "Function not found in module" "0.0.43";
    E240 Typecheck "Ability operation wrong argument count" "0.0.90";
    E241 Typecheck "Ability operation argument type mismatch" "0.0.90";
    E242 Typecheck "Ord ability operation on non-orderable type" "0.1.0";
    E243 Typecheck "Eq ability operation on non-Eq-derivable type" "0.1.0";
    E300 Typecheck "If condition not Bool" "0.0.43";
    E301 Typecheck "If branches incompatible types" "0.0.43";
    E302 Typecheck "Match arm type mismatch" "0.0.43";
    E310 Typecheck "Unreachable match arm" "0.0.43";
    E311 Typecheck "Non-exhaustive match (ADT)" "0.0.43";
    E312 Typecheck "Non-exhaustive match (Bool)" "0.0.43";
    E313 Typecheck "Non-exhaustive match (infinite type)" "0.0.43";
    E314 Typecheck "Pattern cannot match the scrutinee's type" "0.2.0";
    E320 Typecheck "Unknown constructor in pattern" "0.0.43";
    E321 Typecheck "Pattern constructor wrong arity" "0.0.43";
    E322 Typecheck "Unknown nullary constructor in pattern" "0.0.43";
    E323 Typecheck "Empty tuple pattern" "0.0.188";
    E330 Typecheck "Unknown effect in handler" "0.0.43";
    E331 Typecheck "Handler state type mismatch" "0.0.43";
    E332 Typecheck "Effect has no such operation" "0.0.43";
    E333 Typecheck "Handler with-state but no state declaration" "0.0.43";
    E334 Typecheck "State update type name mismatch" "0.0.43";
    E335 Typecheck "State update expression type mismatch" "0.0.43";
    E336 Typecheck "Handler state diverges from the State<T> cell type" "0.1.10";
    E337 Typecheck "Builtin effect handler type-argument arity" "0.1.10";
    E338 Typecheck "Unknown effect in an effect row" "0.2.0";
    E339 Typecheck "Handler-clause State operation code generation cannot lower" "0.2.0";
    E340 Typecheck "Code generation cannot lower this construct" "0.2.3";
    E500 Verify "Postcondition verified false" "0.0.43";
    E501 Verify "Call-site precondition violation" "0.0.43";
    E502 Verify "@Nat subtraction underflow obligation not discharged" "0.0.127";
    E503 Verify "@Nat binding-site narrowing may be negative" "0.0.172";
    E504 Verify "@Nat narrowing unverified and not runtime-guarded" "0.0.172";
    E505 Verify "Refinement predicate may be violated at narrowing site" "0.0.174";
    E506 Verify "Refinement narrowing not statically verified (Tier-3)" "0.0.174";
    E507 Verify "Assertion verified false" "0.0.179";
    E520 Verify "Cannot verify contract (generic function with no concrete instantiation)" "0.0.43";
    E521 Verify "Cannot verify precondition (undecidable)" "0.0.43";
    E522 Verify "Cannot verify postcondition (body undecidable)" "0.0.43";
    E523 Verify "Cannot verify postcondition (expression undecidable)" "0.0.43";
    E524 Verify "Cannot verify postcondition (timeout)" "0.0.43";
    E525 Verify "Cannot verify termination metric" "0.0.43";
    E526 Verify "Division or modulo by zero" "0.0.177";
    E527 Verify "Array index out of bounds" "0.0.177";
    E528 Verify "Arithmetic overflow" "0.0.181";
    E529 Verify "Float-to-integer truncation domain (NaN, infinity, or out of i64 range)" "0.0.183";
    E532 Verify "Cannot verify call-site precondition (undecidable)" "0.1.0";
    E533 Verify "Instantiated handler state diverges from the State<T> cell type" "0.1.10";
    E534 Verify "Contract holds only from a disclosed fact" "0.2.0";
    E535 Verify "Cannot statically verify assertion (runtime-checked)" "0.2.0";
    E538 Verify "Premise set unsatisfiable (no call can reach the body)" "0.2.0";
    E539 Verify "Premise set contradictory beyond the author's premises" "0.2.0";
    E540 Verify "Premise satisfiability not established (Tier 1 withheld)" "0.2.0";
    E541 Verify "Runtime-check claim not matched by an emitted check" "0.2.1";
    E542 Verify "No solver" "0.3.0";
    E600 Codegen "Unsupported parameter type" "0.0.43";
    E601 Codegen "Unsupported return type" "0.0.43";
    E602 Codegen "Unsupported body expression type" "0.0.43";
    E604 Codegen "Unsupported state effect type" "0.0.43";
    E605 Codegen "Unsupported state type parameter" "0.0.43";
    E607 Codegen "State with unsupported operations" "0.0.43";
    E612 Codegen "Exn with unsupported type" "0.0.62";
    E613 Codegen "Type does not satisfy ability constraint" "0.0.90";
    E614 Codegen "Program contains typed holes" "0.0.105";
    E615 Codegen "Cannot interpolate value of unknown type" "0.0.142";
    E616 Codegen "Cannot infer closure return type for call_indirect" "0.0.142";
    E617 Codegen "Refinement predicate not compilable to runtime guard" "0.0.174";
    E618 Codegen "Nested refinement base unsupported" "0.0.188";
    E619 Codegen "Cannot infer type argument for ability-constrained parameter" "0.1.0";
    E620 Codegen "Function dropped: skipped callee or no function table" "0.1.9";
    E622 Codegen "Cannot infer a generic call's type argument" "0.2.0";
    E630 Codegen "Program has no entry point for the target" "0.3.0";
    E631 Codegen "Operation is not offered by the target" "0.3.0";
    E699 Codegen "Internal compiler error" "0.0.145";
    E700 Test "Contract violation during testing" "0.0.47";
    E701 Test "Cannot generate test inputs" "0.0.47";
    E702 Test "Test execution error" "0.0.47";
    E703 Test "Tier 1 proof refuted by a test run" "0.2.1";
    W001 Warning "Typed hole" "0.0.105";
    W002 Warning "Async argument evaluates eagerly" "0.0.192";
    W003 Warning "Unverified assumption (assume statement)" "0.2.0";
    W004 Warning "Emitted runtime check not matched by an obligation record" "0.2.1";
    W005 Warning "Runtime checks not reconciled: the program holds typed holes" "0.2.5";
    W006 Warning "Array index not proved in bounds (runtime-checked)" "0.3.0";
    W007 Warning "Divisor not proved non-zero (runtime-checked)" "0.3.0";
    W008 Warning "@Nat narrowing not proved (runtime-checked)" "0.3.0";
    W009 Warning "@Nat subtraction not proved (runtime-checked)" "0.3.0";
    W010 Warning "Float conversion domain not proved (runtime-checked)" "0.3.0";
    W011 Warning "Verification budget used up" "0.3.0";
    W012 Warning "Overflow not ruled out (runtime-checked)" "0.3.0";
    W013 Warning "Function takes the place of a built-in" "0.3.0";
}
