//! What is said of a built-in function.

use vera_abi::runtime::RtFn;

use crate::domains::Domain;
use crate::table::BuiltinId;

/// A function that is in scope everywhere.
#[derive(Debug, Clone, Copy)]
pub struct Function {
    pub id: BuiltinId,
    pub name: &'static str,
    /// The language version that introduced it.
    pub since: &'static str,
    /// `forall<T> (A, B -> C)`; parsed by [`crate::signature`].
    pub signature: &'static str,
    pub effects: Effects,
    pub lowering: Lowering,
    /// What it demands of its arguments beyond the types; `None` when it is total.
    pub domain: Option<Domain>,
    /// What it does, in the words of the reference; code stands between backticks.
    pub doc: &'static str,
    pub example: Example,
}

/// A call, and what `show` makes of its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    pub call: &'static str,
    pub shown: &'static str,
}

/// The last version of the older tool: programs written for it may have functions
/// that are named like later built-ins.
const OLDER_TOOL: (u32, u32, u32) = (0, 2, 5);

impl Function {
    /// Whether a program's own declaration of the name wins over this function. The
    /// names that the older tool had are reserved.
    pub fn can_be_redeclared(&self) -> bool {
        let mut parts = self.since.split('.').map(|n| n.parse().expect("a version is numbers"));
        let mut next = || parts.next().expect("a version has three numbers");
        (next(), next(), next()) > OLDER_TOOL
    }

    /// Whether it looks for a key, the first of its type arguments, and so compares
    /// and hashes values of that type.
    pub fn looks_up_keys(&self) -> bool {
        match self.lowering {
            Lowering::Inline(inline) => matches!(
                inline,
                Inline::MapGet
                    | Inline::MapContains
                    | Inline::MapInsert
                    | Inline::SetAdd
                    | Inline::MapRemove
            ),
            Lowering::Runtime(_) | Lowering::Prelude | Lowering::Specified(_) => false,
        }
    }
}

/// The effect row of a built-in function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effects {
    Pure,
    /// `<Async>`
    Async,
}

/// How a call becomes code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lowering {
    /// A call of this runtime function with the arguments as they are.
    Runtime(RtFn),
    /// A sequence the code generator knows.
    Inline(Inline),
    /// A function of the prelude, written in Vera.
    Prelude,
    /// A function of the prelude whose body says what it does, and which the code
    /// generator knows a faster way to do.
    Specified(Specified),
}

/// What stands for the body of a prelude function in compiled code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Specified {
    /// A copy with the element stored in it; in place where nobody has the array.
    ArraySet,
}

/// Functions the code generator expands in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Inline {
    Async,
    Await,
    Abs,
    Min,
    Max,
    Floor,
    Ceil,
    Round,
    Truncate,
    Sqrt,
    FloatClamp,
    Pi,
    E,
    Nan,
    Infinity,
    IsNan,
    IsInfinite,
    IntToFloat,
    NatToInt,
    ByteToInt,
    IntToNat,
    IntToByte,
    StringLength,
    StringCharCode,
    StringFromCharCode,
    StringIndexOf,
    StringStrip,
    StringTrimStart,
    StringTrimEnd,
    BytesToString,
    ParseInt,
    ParseNat,
    ParseFloat,
    ParseBool,
    ArrayLength,
    ArrayAppend,
    ArrayConcat,
    ArraySlice,
    ArrayReverse,
    ArrayFlatten,
    ArrayMap,
    ArrayMapi,
    ArrayFilter,
    ArrayFold,
    ArraySortBy,
    /// The empty map or set.
    MapNew,
    /// Of a map or a set, as are those below whose name does not say otherwise.
    MapSize,
    MapGet,
    MapContains,
    MapInsert,
    SetAdd,
    MapRemove,
    /// `map_keys`, and `set_to_array`.
    MapKeys,
    MapValues,
    /// Of 64 bits, wrapping.
    Add,
    Sub,
    Mul,
    BitAnd,
    BitOr,
    BitXor,
    BitNot,
    /// By as many bits as the lowest six bits of the second number say.
    ShiftLeft,
    /// Keeps the sign.
    ShiftRight,
    /// Fills with zeros.
    ShiftRightUnsigned,
}
