//! The built-in functions.

use vera_abi::runtime::RtFn;

/// A function that is in scope everywhere.
#[derive(Debug, Clone, Copy)]
pub struct Function {
    pub name: &'static str,
    /// The language version that introduced it.
    pub since: &'static str,
    /// `forall<T> (A, B -> C)`; parsed by [`crate::signature`].
    pub signature: &'static str,
    pub effects: Effects,
    pub lowering: Lowering,
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

use Effects::Pure;
use Lowering::{Inline as At, Prelude, Runtime};

const fn f(
    name: &'static str,
    since: &'static str,
    signature: &'static str,
    effects: Effects,
    lowering: Lowering,
) -> Function {
    Function { name, since, signature, effects, lowering }
}

/// All built-in functions, sorted by name.
#[rustfmt::skip]
pub const FUNCTIONS: &[Function] = &[
    f("abs", "0.0.70", "(Int -> Nat)", Pure, At(Inline::Abs)),
    f("acos", "0.0.116", "(Float64 -> Float64)", Pure, Runtime(RtFn::FloatAcos)),
    f("array_all", "0.0.117", "forall<T> (Array<T>, fn(T -> Bool) effects(pure) -> Bool)", Pure, Prelude),
    f("array_any", "0.0.117", "forall<T> (Array<T>, fn(T -> Bool) effects(pure) -> Bool)", Pure, Prelude),
    f("array_append", "0.0.78", "forall<T> (Array<T>, T -> Array<T>)", Pure, At(Inline::ArrayAppend)),
    f("array_chunks", "0.3.0", "forall<T> (Array<T>, Int -> Array<Array<T>>)", Pure, Prelude),
    f("array_concat", "0.0.78", "forall<T> (Array<T>, Array<T> -> Array<T>)", Pure, At(Inline::ArrayConcat)),
    f("array_contains", "0.3.0", "forall<T where Eq<T>> (Array<T>, T -> Bool)", Pure, Prelude),
    f("array_drop", "0.3.0", "forall<T> (Array<T>, Nat -> Array<T>)", Pure, Prelude),
    f("array_filter", "0.0.91", "forall<T> (Array<T>, fn(T -> Bool) effects(pure) -> Array<T>)", Pure, At(Inline::ArrayFilter)),
    f("array_find", "0.0.117", "forall<T> (Array<T>, fn(T -> Bool) effects(pure) -> Option<T>)", Pure, Prelude),
    f("array_find_index", "0.3.0", "forall<T> (Array<T>, fn(T -> Bool) effects(pure) -> Option<Nat>)", Pure, Prelude),
    f("array_flatten", "0.0.117", "forall<T> (Array<Array<T>> -> Array<T>)", Pure, At(Inline::ArrayFlatten)),
    f("array_fold", "0.0.91", "forall<T, U> (Array<T>, U, fn(U, T -> U) effects(pure) -> U)", Pure, At(Inline::ArrayFold)),
    f("array_get", "0.3.0", "forall<T> (Array<T>, Int -> Option<T>)", Pure, Prelude),
    f("array_length", "0.0.78", "forall<T> (Array<T> -> Int)", Pure, At(Inline::ArrayLength)),
    f("array_map", "0.0.91", "forall<A, B> (Array<A>, fn(A -> B) effects(pure) -> Array<B>)", Pure, At(Inline::ArrayMap)),
    f("array_mapi", "0.0.117", "forall<A, B> (Array<A>, fn(A, Nat -> B) effects(pure) -> Array<B>)", Pure, At(Inline::ArrayMapi)),
    f("array_max", "0.3.0", "forall<T where Ord<T>> (Array<T> -> Option<T>)", Pure, Prelude),
    f("array_min", "0.3.0", "forall<T where Ord<T>> (Array<T> -> Option<T>)", Pure, Prelude),
    f("array_range", "0.0.78", "(Int, Int -> Array<Int>)", Pure, Runtime(RtFn::ArrayRange)),
    f("array_reverse", "0.0.117", "forall<T> (Array<T> -> Array<T>)", Pure, At(Inline::ArrayReverse)),
    f("array_set", "0.3.0", "forall<T> (Array<T>, Int, T -> Array<T>)", Pure, Lowering::Specified(Specified::ArraySet)),
    f("array_slice", "0.0.91", "forall<T> (Array<T>, Int, Int -> Array<T>)", Pure, At(Inline::ArraySlice)),
    f("array_sort", "0.3.0", "forall<T where Ord<T>> (Array<T> -> Array<T>)", Pure, Prelude),
    f("array_sort_by", "0.0.117", "forall<T> (Array<T>, fn(T, T -> Ordering) effects(pure) -> Array<T>)", Pure, At(Inline::ArraySortBy)),
    f("array_sum", "0.3.0", "(Array<Int> -> Int)", Pure, Prelude),
    f("array_take", "0.3.0", "forall<T> (Array<T>, Nat -> Array<T>)", Pure, Prelude),
    f("array_update", "0.3.0", "forall<T> (Array<T>, Int, fn(T -> T) effects(pure) -> Array<T>)", Pure, Prelude),
    f("array_zip", "0.3.0", "forall<A, B> (Array<A>, Array<B> -> Array<Tuple<A, B>>)", Pure, Prelude),
    f("asin", "0.0.116", "(Float64 -> Float64)", Pure, Runtime(RtFn::FloatAsin)),
    f("async", "0.0.82", "forall<T> (T -> Future<T>)", Effects::Async, At(Inline::Async)),
    f("atan", "0.0.116", "(Float64 -> Float64)", Pure, Runtime(RtFn::FloatAtan)),
    f("atan2", "0.0.116", "(Float64, Float64 -> Float64)", Pure, Runtime(RtFn::FloatAtan2)),
    f("await", "0.0.82", "forall<T> (Future<T> -> T)", Effects::Async, At(Inline::Await)),
    f("base64_decode", "0.0.79", "(String -> Result<String, String>)", Pure, Runtime(RtFn::Base64Decode)),
    f("base64_decode_bytes", "0.2.4", "(String -> Result<Array<Byte>, String>)", Pure, Runtime(RtFn::Base64Decode)),
    f("base64_encode", "0.0.79", "(String -> String)", Pure, Runtime(RtFn::Base64Encode)),
    f("base64_encode_bytes", "0.2.4", "(Array<Byte> -> String)", Pure, Runtime(RtFn::Base64Encode)),
    f("bit_and", "0.3.0", "(Int, Int -> Int)", Pure, At(Inline::BitAnd)),
    f("bit_not", "0.3.0", "(Int -> Int)", Pure, At(Inline::BitNot)),
    f("bit_or", "0.3.0", "(Int, Int -> Int)", Pure, At(Inline::BitOr)),
    f("bit_shift_left", "0.3.0", "(Int, Int -> Int)", Pure, At(Inline::ShiftLeft)),
    f("bit_shift_right", "0.3.0", "(Int, Int -> Int)", Pure, At(Inline::ShiftRight)),
    f("bit_shift_right_unsigned", "0.3.0", "(Int, Int -> Int)", Pure, At(Inline::ShiftRightUnsigned)),
    f("bit_xor", "0.3.0", "(Int, Int -> Int)", Pure, At(Inline::BitXor)),
    f("bool_to_string", "0.0.64", "(Bool -> String)", Pure, Runtime(RtFn::BoolToString)),
    f("byte_to_int", "0.0.71", "(Byte -> Int)", Pure, At(Inline::ByteToInt)),
    f("byte_to_string", "0.0.64", "(Byte -> String)", Pure, Runtime(RtFn::StringFromByte)),
    f("bytes_to_string", "0.2.4", "(Array<Byte> -> Result<String, String>)", Pure, At(Inline::BytesToString)),
    f("ceil", "0.0.70", "(Float64 -> Int)", Pure, At(Inline::Ceil)),
    f("char_to_lower", "0.0.118", "(String -> String)", Pure, Runtime(RtFn::CharToLower)),
    f("char_to_upper", "0.0.118", "(String -> String)", Pure, Runtime(RtFn::CharToUpper)),
    f("checked_add", "0.3.0", "(Int, Int -> Option<Int>)", Pure, Prelude),
    f("checked_mul", "0.3.0", "(Int, Int -> Option<Int>)", Pure, Prelude),
    f("checked_sub", "0.3.0", "(Int, Int -> Option<Int>)", Pure, Prelude),
    f("clamp", "0.0.116", "(Int, Int, Int -> Int)", Pure, Prelude),
    f("constant_time_eq", "0.3.0", "(String, String -> Bool)", Pure, Runtime(RtFn::SameInConstantTime)),
    f("cos", "0.0.116", "(Float64 -> Float64)", Pure, Runtime(RtFn::FloatCos)),
    f("csv_parse", "0.3.0", "(String -> Result<Array<Array<String>>, String>)", Pure, Runtime(RtFn::CsvParse)),
    f("csv_write", "0.3.0", "(Array<Array<String>> -> String)", Pure, Runtime(RtFn::CsvWrite)),
    f("date_add_months", "0.3.0", "(Int, Int -> Option<Int>)", Pure, Runtime(RtFn::DateAddMonths)),
    f("date_from_parts", "0.3.0", "(Int, Int, Int -> Option<Int>)", Pure, Runtime(RtFn::DateFromParts)),
    f("date_parse", "0.3.0", "(String -> Result<Int, String>)", Pure, Runtime(RtFn::DateParse)),
    f("date_parts", "0.3.0", "(Int -> Option<Tuple<Int, Int, Int>>)", Pure, Runtime(RtFn::DateParts)),
    f("date_to_string", "0.3.0", "(Int -> Option<String>)", Pure, Runtime(RtFn::DateToString)),
    f("date_weekday", "0.3.0", "(Int -> Int)", Pure, Prelude),
    f("datetime_add", "0.3.0", "(Int, Int, Tuple<Int, Int> -> Option<Int>)", Pure, Runtime(RtFn::DatetimeAdd)),
    f("datetime_parse", "0.3.0", "(String -> Result<Tuple<Int, Int>, String>)", Pure, Runtime(RtFn::DatetimeParse)),
    f("datetime_to_string", "0.3.0", "(Int, Int -> Option<String>)", Pure, Runtime(RtFn::DatetimeToString)),
    f("decimal_abs", "0.0.97", "(Decimal -> Decimal)", Pure, Runtime(RtFn::DecimalAbs)),
    f("decimal_add", "0.0.97", "(Decimal, Decimal -> Decimal)", Pure, Runtime(RtFn::DecimalAdd)),
    f("decimal_compare", "0.0.97", "(Decimal, Decimal -> Ordering)", Pure, Runtime(RtFn::DecimalCompare)),
    f("decimal_div", "0.0.97", "(Decimal, Decimal -> Option<Decimal>)", Pure, Runtime(RtFn::DecimalDiv)),
    f("decimal_eq", "0.0.97", "(Decimal, Decimal -> Bool)", Pure, Runtime(RtFn::DecimalEq)),
    f("decimal_from_float", "0.0.97", "(Float64 -> Decimal)", Pure, Runtime(RtFn::DecimalFromFloat)),
    f("decimal_from_int", "0.0.97", "(Int -> Decimal)", Pure, Runtime(RtFn::DecimalFromInt)),
    f("decimal_from_string", "0.0.97", "(String -> Option<Decimal>)", Pure, Runtime(RtFn::DecimalFromString)),
    f("decimal_mul", "0.0.97", "(Decimal, Decimal -> Decimal)", Pure, Runtime(RtFn::DecimalMul)),
    f("decimal_neg", "0.0.97", "(Decimal -> Decimal)", Pure, Runtime(RtFn::DecimalNeg)),
    f("decimal_round", "0.0.97", "(Decimal, Int -> Decimal)", Pure, Runtime(RtFn::DecimalRound)),
    f("decimal_sub", "0.0.97", "(Decimal, Decimal -> Decimal)", Pure, Runtime(RtFn::DecimalSub)),
    f("decimal_to_float", "0.0.97", "(Decimal -> Float64)", Pure, Runtime(RtFn::DecimalToFloat)),
    f("decimal_to_string", "0.0.97", "(Decimal -> String)", Pure, Runtime(RtFn::DecimalToString)),
    f("duration_parse", "0.3.0", "(String -> Result<Tuple<Int, Int>, String>)", Pure, Runtime(RtFn::DurationParse)),
    f("duration_to_string", "0.3.0", "(Tuple<Int, Int> -> String)", Pure, Runtime(RtFn::DurationToString)),
    f("e", "0.0.116", "(-> Float64)", Pure, At(Inline::E)),
    f("float_abs", "0.3.0", "(Float64 -> Float64)", Pure, Prelude),
    f("float_clamp", "0.0.116", "(Float64, Float64, Float64 -> Float64)", Pure, At(Inline::FloatClamp)),
    f("float_is_infinite", "0.0.72", "(Float64 -> Bool)", Pure, At(Inline::IsInfinite)),
    f("float_is_nan", "0.0.72", "(Float64 -> Bool)", Pure, At(Inline::IsNan)),
    f("float_max", "0.3.0", "(Float64, Float64 -> Float64)", Pure, Prelude),
    f("float_min", "0.3.0", "(Float64, Float64 -> Float64)", Pure, Prelude),
    f("float_pow", "0.3.0", "(Float64, Float64 -> Float64)", Pure, Runtime(RtFn::FloatPower)),
    f("float_to_int", "0.0.71", "(Float64 -> Int)", Pure, At(Inline::Truncate)),
    f("float_to_string", "0.0.64", "(Float64 -> String)", Pure, Runtime(RtFn::FloatToString)),
    f("float_to_string_exact", "0.3.0", "(Float64 -> String)", Pure, Runtime(RtFn::FloatToStringExact)),
    f("floor", "0.0.70", "(Float64 -> Int)", Pure, At(Inline::Floor)),
    f("hex_decode", "0.3.0", "(String -> Result<String, String>)", Pure, Runtime(RtFn::HexDecode)),
    f("hex_decode_bytes", "0.3.0", "(String -> Result<Array<Byte>, String>)", Pure, Runtime(RtFn::HexDecode)),
    f("hex_encode", "0.3.0", "(String -> String)", Pure, Runtime(RtFn::HexEncode)),
    f("hex_encode_bytes", "0.3.0", "(Array<Byte> -> String)", Pure, Runtime(RtFn::HexEncode)),
    f("hmac_sha256", "0.3.0", "(String, String -> String)", Pure, Prelude),
    f("hmac_sha256_bytes", "0.3.0", "(Array<Byte>, Array<Byte> -> Array<Byte>)", Pure, Runtime(RtFn::HmacSha256)),
    f("html_attr", "0.0.100", "(HtmlNode, String -> Option<String>)", Pure, Prelude),
    f("html_parse", "0.0.100", "(String -> Result<HtmlNode, String>)", Pure, Runtime(RtFn::HtmlParse)),
    f("html_query", "0.0.100", "(HtmlNode, String -> Array<HtmlNode>)", Pure, Runtime(RtFn::HtmlQuery)),
    f("html_text", "0.0.100", "(HtmlNode -> String)", Pure, Runtime(RtFn::HtmlText)),
    f("html_to_string", "0.0.100", "(HtmlNode -> String)", Pure, Runtime(RtFn::HtmlToString)),
    f("infinity", "0.0.72", "(-> Float64)", Pure, At(Inline::Infinity)),
    f("int_to_byte", "0.0.71", "(Int -> Option<Byte>)", Pure, At(Inline::IntToByte)),
    f("int_to_float", "0.0.71", "(Int -> Float64)", Pure, At(Inline::IntToFloat)),
    f("int_to_nat", "0.0.71", "(Int -> Option<Nat>)", Pure, At(Inline::IntToNat)),
    f("int_to_string", "0.0.64", "(Int -> String)", Pure, Runtime(RtFn::IntToString)),
    f("is_alpha", "0.0.118", "(String -> Bool)", Pure, Prelude),
    f("is_alphanumeric", "0.0.118", "(String -> Bool)", Pure, Prelude),
    f("is_digit", "0.0.118", "(String -> Bool)", Pure, Prelude),
    f("is_lower", "0.0.118", "(String -> Bool)", Pure, Prelude),
    f("is_upper", "0.0.118", "(String -> Bool)", Pure, Prelude),
    f("is_whitespace", "0.0.118", "(String -> Bool)", Pure, Prelude),
    f("json_array_get", "0.0.98", "(Json, Int -> Option<Json>)", Pure, Prelude),
    f("json_array_length", "0.0.98", "(Json -> Int)", Pure, Prelude),
    f("json_as_array", "0.0.119", "(Json -> Option<Array<Json>>)", Pure, Prelude),
    f("json_as_bool", "0.0.119", "(Json -> Option<Bool>)", Pure, Prelude),
    f("json_as_int", "0.0.119", "(Json -> Option<Int>)", Pure, Prelude),
    f("json_as_number", "0.0.119", "(Json -> Option<Float64>)", Pure, Prelude),
    f("json_as_object", "0.0.119", "(Json -> Option<Map<String, Json>>)", Pure, Prelude),
    f("json_as_string", "0.0.119", "(Json -> Option<String>)", Pure, Prelude),
    f("json_get", "0.0.98", "(Json, String -> Option<Json>)", Pure, Prelude),
    f("json_get_array", "0.0.119", "(Json, String -> Option<Array<Json>>)", Pure, Prelude),
    f("json_get_bool", "0.0.119", "(Json, String -> Option<Bool>)", Pure, Prelude),
    f("json_get_int", "0.0.119", "(Json, String -> Option<Int>)", Pure, Prelude),
    f("json_get_number", "0.0.119", "(Json, String -> Option<Float64>)", Pure, Prelude),
    f("json_get_string", "0.0.119", "(Json, String -> Option<String>)", Pure, Prelude),
    f("json_has_field", "0.0.98", "(Json, String -> Bool)", Pure, Prelude),
    f("json_keys", "0.0.98", "(Json -> Array<String>)", Pure, Prelude),
    f("json_parse", "0.0.98", "(String -> Result<Json, String>)", Pure, Runtime(RtFn::JsonParse)),
    f("json_stringify", "0.0.98", "(Json -> String)", Pure, Runtime(RtFn::JsonStringify)),
    f("json_type", "0.0.98", "(Json -> String)", Pure, Prelude),
    f("log", "0.0.116", "(Float64 -> Float64)", Pure, Runtime(RtFn::FloatLog)),
    f("log10", "0.0.116", "(Float64 -> Float64)", Pure, Runtime(RtFn::FloatLog10)),
    f("log2", "0.0.116", "(Float64 -> Float64)", Pure, Runtime(RtFn::FloatLog2)),
    f("map_contains", "0.0.94", "forall<K, V> (Map<K, V>, K -> Bool)", Pure, At(Inline::MapContains)),
    f("map_entries", "0.3.0", "forall<K, V> (Map<K, V> -> Array<Tuple<K, V>>)", Pure, Prelude),
    f("map_fold", "0.3.0", "forall<K, V, U> (Map<K, V>, U, fn(U, K, V -> U) effects(pure) -> U)", Pure, Prelude),
    f("map_from_entries", "0.3.0", "forall<K, V> (Array<Tuple<K, V>> -> Map<K, V>)", Pure, Prelude),
    f("map_get", "0.0.94", "forall<K, V> (Map<K, V>, K -> Option<V>)", Pure, At(Inline::MapGet)),
    f("map_insert", "0.0.94", "forall<K, V> (Map<K, V>, K, V -> Map<K, V>)", Pure, At(Inline::MapInsert)),
    f("map_keys", "0.0.94", "forall<K, V> (Map<K, V> -> Array<K>)", Pure, At(Inline::MapKeys)),
    f("map_new", "0.0.94", "forall<K, V> (-> Map<K, V>)", Pure, At(Inline::MapNew)),
    f("map_remove", "0.0.94", "forall<K, V> (Map<K, V>, K -> Map<K, V>)", Pure, At(Inline::MapRemove)),
    f("map_size", "0.0.94", "forall<K, V> (Map<K, V> -> Int)", Pure, At(Inline::MapSize)),
    f("map_update", "0.3.0", "forall<K, V> (Map<K, V>, K, fn(Option<V> -> V) effects(pure) -> Map<K, V>)", Pure, Prelude),
    f("map_values", "0.0.94", "forall<K, V> (Map<K, V> -> Array<V>)", Pure, At(Inline::MapValues)),
    f("max", "0.0.70", "(Int, Int -> Int)", Pure, At(Inline::Max)),
    f("md_extract_code_blocks", "0.0.84", "(MdBlock, String -> Array<String>)", Pure, Runtime(RtFn::MdExtractCodeBlocks)),
    f("md_has_code_block", "0.0.84", "(MdBlock, String -> Bool)", Pure, Runtime(RtFn::MdHasCodeBlock)),
    f("md_has_heading", "0.0.84", "(MdBlock, Nat -> Bool)", Pure, Runtime(RtFn::MdHasHeading)),
    f("md_parse", "0.0.84", "(String -> Result<MdBlock, String>)", Pure, Runtime(RtFn::MdParse)),
    f("md_render", "0.0.84", "(MdBlock -> String)", Pure, Runtime(RtFn::MdRender)),
    f("min", "0.0.70", "(Int, Int -> Int)", Pure, At(Inline::Min)),
    f("nan", "0.0.72", "(-> Float64)", Pure, At(Inline::Nan)),
    f("nat_max", "0.3.0", "(Nat, Nat -> Nat)", Pure, Prelude),
    f("nat_min", "0.3.0", "(Nat, Nat -> Nat)", Pure, Prelude),
    f("nat_to_int", "0.0.71", "(Nat -> Int)", Pure, At(Inline::NatToInt)),
    f("nat_to_string", "0.0.64", "(Nat -> String)", Pure, Runtime(RtFn::IntToString)),
    f("option_and_then", "0.0.89", "forall<A, B> (Option<A>, fn(A -> Option<B>) effects(pure) -> Option<B>)", Pure, Prelude),
    f("option_is_some", "0.3.0", "forall<T> (Option<T> -> Bool)", Pure, Prelude),
    f("option_map", "0.0.89", "forall<A, B> (Option<A>, fn(A -> B) effects(pure) -> Option<B>)", Pure, Prelude),
    f("option_or_else", "0.3.0", "forall<T> (Option<T>, Option<T> -> Option<T>)", Pure, Prelude),
    f("option_to_result", "0.3.0", "forall<T, E> (Option<T>, E -> Result<T, E>)", Pure, Prelude),
    f("option_unwrap_or", "0.0.89", "forall<T> (Option<T>, T -> T)", Pure, Prelude),
    f("parse_bool", "0.0.77", "(String -> Result<Bool, String>)", Pure, At(Inline::ParseBool)),
    f("parse_float64", "0.0.50", "(String -> Result<Float64, String>)", Pure, At(Inline::ParseFloat)),
    f("parse_int", "0.0.77", "(String -> Result<Int, String>)", Pure, At(Inline::ParseInt)),
    f("parse_nat", "0.0.50", "(String -> Result<Nat, String>)", Pure, At(Inline::ParseNat)),
    f("pi", "0.0.116", "(-> Float64)", Pure, At(Inline::Pi)),
    f("pow", "0.0.70", "(Float64, Int -> Float64)", Pure, Runtime(RtFn::FloatPow)),
    f("regex_find", "0.0.86", "(String, String -> Result<Option<String>, String>)", Pure, Runtime(RtFn::RegexFind)),
    f("regex_find_all", "0.0.86", "(String, String -> Result<Array<String>, String>)", Pure, Runtime(RtFn::RegexFindAll)),
    f("regex_match", "0.0.86", "(String, String -> Result<Bool, String>)", Pure, Runtime(RtFn::RegexMatch)),
    f("regex_replace", "0.0.86", "(String, String, String -> Result<String, String>)", Pure, Runtime(RtFn::RegexReplace)),
    f("result_and_then", "0.3.0", "forall<A, B, E> (Result<A, E>, fn(A -> Result<B, E>) effects(pure) -> Result<B, E>)", Pure, Prelude),
    f("result_is_ok", "0.3.0", "forall<T, E> (Result<T, E> -> Bool)", Pure, Prelude),
    f("result_map", "0.0.89", "forall<A, B, E> (Result<A, E>, fn(A -> B) effects(pure) -> Result<B, E>)", Pure, Prelude),
    f("result_map_err", "0.3.0", "forall<T, E, F> (Result<T, E>, fn(E -> F) effects(pure) -> Result<T, F>)", Pure, Prelude),
    f("result_to_option", "0.3.0", "forall<T, E> (Result<T, E> -> Option<T>)", Pure, Prelude),
    f("result_unwrap_or", "0.0.89", "forall<T, E> (Result<T, E>, T -> T)", Pure, Prelude),
    f("round", "0.0.70", "(Float64 -> Int)", Pure, At(Inline::Round)),
    f("set_add", "0.0.95", "forall<T> (Set<T>, T -> Set<T>)", Pure, At(Inline::SetAdd)),
    f("set_contains", "0.0.95", "forall<T> (Set<T>, T -> Bool)", Pure, At(Inline::MapContains)),
    f("set_difference", "0.3.0", "forall<T> (Set<T>, Set<T> -> Set<T>)", Pure, Prelude),
    f("set_intersection", "0.3.0", "forall<T> (Set<T>, Set<T> -> Set<T>)", Pure, Prelude),
    f("set_is_subset", "0.3.0", "forall<T> (Set<T>, Set<T> -> Bool)", Pure, Prelude),
    f("set_new", "0.0.95", "forall<T> (-> Set<T>)", Pure, At(Inline::MapNew)),
    f("set_remove", "0.0.95", "forall<T> (Set<T>, T -> Set<T>)", Pure, At(Inline::MapRemove)),
    f("set_size", "0.0.95", "forall<T> (Set<T> -> Int)", Pure, At(Inline::MapSize)),
    f("set_to_array", "0.0.95", "forall<T> (Set<T> -> Array<T>)", Pure, At(Inline::MapKeys)),
    f("set_union", "0.3.0", "forall<T> (Set<T>, Set<T> -> Set<T>)", Pure, Prelude),
    f("sha256", "0.3.0", "(String -> String)", Pure, Prelude),
    f("sha256_bytes", "0.3.0", "(Array<Byte> -> Array<Byte>)", Pure, Runtime(RtFn::Sha256)),
    f("sign", "0.0.116", "(Int -> Int)", Pure, Prelude),
    f("similarity", "0.3.0", "(Array<Float64>, Array<Float64> -> Float64)", Pure, Prelude),
    f("sin", "0.0.116", "(Float64 -> Float64)", Pure, Runtime(RtFn::FloatSin)),
    f("sqrt", "0.0.70", "(Float64 -> Float64)", Pure, At(Inline::Sqrt)),
    f("string_char_code", "0.0.50", "(String, Int -> Nat)", Pure, At(Inline::StringCharCode)),
    f("string_chars", "0.0.118", "(String -> Array<String>)", Pure, Runtime(RtFn::StringChars)),
    f("string_codepoint_length", "0.3.0", "(String -> Nat)", Pure, Prelude),
    f("string_codepoints", "0.3.0", "(String -> Array<Nat>)", Pure, Prelude),
    f("string_concat", "0.0.50", "(String, String -> String)", Pure, Runtime(RtFn::StringConcat)),
    f("string_contains", "0.0.73", "(String, String -> Bool)", Pure, Runtime(RtFn::StringContains)),
    f("string_ends_with", "0.0.73", "(String, String -> Bool)", Pure, Runtime(RtFn::StringEndsWith)),
    f("string_find_all", "0.3.0", "(String, String -> Array<Nat>)", Pure, Prelude),
    f("string_from_char_code", "0.0.74", "(Nat -> String)", Pure, At(Inline::StringFromCharCode)),
    f("string_from_codepoint", "0.3.0", "(Nat -> Option<String>)", Pure, Prelude),
    f("string_index_of", "0.0.73", "(String, String -> Option<Nat>)", Pure, At(Inline::StringIndexOf)),
    f("string_join", "0.0.73", "(Array<String>, String -> String)", Pure, Runtime(RtFn::StringJoin)),
    f("string_length", "0.0.50", "(String -> Nat)", Pure, At(Inline::StringLength)),
    f("string_lines", "0.0.118", "(String -> Array<String>)", Pure, Runtime(RtFn::StringLines)),
    f("string_lower", "0.0.73", "(String -> String)", Pure, Runtime(RtFn::StringLower)),
    f("string_pad_end", "0.0.118", "(String, Nat, String -> String)", Pure, Runtime(RtFn::StringPadEnd)),
    f("string_pad_start", "0.0.118", "(String, Nat, String -> String)", Pure, Runtime(RtFn::StringPadStart)),
    f("string_repeat", "0.0.75", "(String, Nat -> String)", Pure, Runtime(RtFn::StringRepeat)),
    f("string_replace", "0.0.73", "(String, String, String -> String)", Pure, Runtime(RtFn::StringReplace)),
    f("string_reverse", "0.0.118", "(String -> String)", Pure, Runtime(RtFn::StringReverse)),
    f("string_slice", "0.0.50", "(String, Int, Int -> String)", Pure, Runtime(RtFn::StringSlice)),
    f("string_split", "0.0.73", "(String, String -> Array<String>)", Pure, Runtime(RtFn::StringSplit)),
    f("string_starts_with", "0.0.73", "(String, String -> Bool)", Pure, Runtime(RtFn::StringStartsWith)),
    f("string_strip", "0.0.50", "(String -> String)", Pure, At(Inline::StringStrip)),
    f("string_to_bytes", "0.2.4", "(String -> Array<Byte>)", Pure, Runtime(RtFn::StringToBytes)),
    f("string_trim_end", "0.0.118", "(String -> String)", Pure, At(Inline::StringTrimEnd)),
    f("string_trim_start", "0.0.118", "(String -> String)", Pure, At(Inline::StringTrimStart)),
    f("string_upper", "0.0.73", "(String -> String)", Pure, Runtime(RtFn::StringUpper)),
    f("string_words", "0.0.118", "(String -> Array<String>)", Pure, Runtime(RtFn::StringWords)),
    f("tan", "0.0.116", "(Float64 -> Float64)", Pure, Runtime(RtFn::FloatTan)),
    f("to_string", "0.0.50", "(Int -> String)", Pure, Runtime(RtFn::IntToString)),
    f("url_decode", "0.0.80", "(String -> Result<String, String>)", Pure, Runtime(RtFn::UrlDecode)),
    f("url_encode", "0.0.80", "(String -> String)", Pure, Runtime(RtFn::UrlEncode)),
    f("url_join", "0.0.81", "(UrlParts -> String)", Pure, Runtime(RtFn::UrlJoin)),
    f("url_parse", "0.0.81", "(String -> Result<UrlParts, String>)", Pure, Runtime(RtFn::UrlParse)),
    f("wrapping_add", "0.3.0", "(Int, Int -> Int)", Pure, At(Inline::Add)),
    f("wrapping_mul", "0.3.0", "(Int, Int -> Int)", Pure, At(Inline::Mul)),
    f("wrapping_sub", "0.3.0", "(Int, Int -> Int)", Pure, At(Inline::Sub)),
    f("year_is_leap", "0.3.0", "(Int -> Bool)", Pure, Prelude),
];

/// The built-in function of this name.
pub fn function(name: &str) -> Option<&'static Function> {
    FUNCTIONS.binary_search_by(|f| f.name.cmp(name)).ok().map(|i| &FUNCTIONS[i])
}
