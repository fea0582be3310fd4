//! THE table of built-in functions: one row for each.

use vera_abi::runtime::RtFn;

use crate::domains::Domain;
use crate::functions::Lowering::{Inline as At, Prelude, Runtime, Specified as Special};
use crate::functions::{Effects, Function, Inline, Specified};

macro_rules! builtins {
    ($($id:ident $name:literal $since:literal $signature:literal $effects:ident $lowering:expr, $(in $domain:ident,)? $doc:literal;)*) => {
        /// A built-in function.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum BuiltinId { $($id),* }

        /// All built-in functions, sorted by name.
        pub const FUNCTIONS: &[Function] = &[$(Function {
            id: BuiltinId::$id,
            name: $name,
            since: $since,
            signature: $signature,
            effects: Effects::$effects,
            lowering: $lowering,
            domain: builtins!(@domain $($domain)?),
            doc: $doc,
        }),*];
    };
    (@domain) => { None };
    (@domain $domain:ident) => { Some(Domain::$domain) };
}

// Name, version, signature, effects, lowering, domain, and what it does as the reference
// says it.
#[rustfmt::skip]
builtins! {
    Abs "abs" "0.0.70" "(Int -> Nat)" Pure At(Inline::Abs), in Negatable, "the absolute value; −2^63 traps";
    Acos "acos" "0.0.116" "(Float64 -> Float64)" Pure Runtime(RtFn::FloatAcos), "0 … π";
    ArrayAll "array_all" "0.0.117" "forall<T> (Array<T>, fn(T -> Bool) effects(pure) -> Bool)" Pure Prelude, "is it true for all?";
    ArrayAny "array_any" "0.0.117" "forall<T> (Array<T>, fn(T -> Bool) effects(pure) -> Bool)" Pure Prelude, "is it true for one?";
    ArrayAppend "array_append" "0.0.78" "forall<T> (Array<T>, T -> Array<T>)" Pure At(Inline::ArrayAppend), "one more at the end; amortised constant time when the array is built up";
    ArrayChunks "array_chunks" "0.3.0" "forall<T> (Array<T>, Int -> Array<Array<T>>)" Pure Prelude, "pieces of a length above zero; the last may be shorter";
    ArrayConcat "array_concat" "0.0.78" "forall<T> (Array<T>, Array<T> -> Array<T>)" Pure At(Inline::ArrayConcat), "both";
    ArrayContains "array_contains" "0.3.0" "forall<T where Eq<T>> (Array<T>, T -> Bool)" Pure Prelude, "is one equal?";
    ArrayDrop "array_drop" "0.3.0" "forall<T> (Array<T>, Nat -> Array<T>)" Pure Prelude, "without so many in front";
    ArrayFilter "array_filter" "0.0.91" "forall<T> (Array<T>, fn(T -> Bool) effects(pure) -> Array<T>)" Pure At(Inline::ArrayFilter), "those for which it is true";
    ArrayFind "array_find" "0.0.117" "forall<T> (Array<T>, fn(T -> Bool) effects(pure) -> Option<T>)" Pure Prelude, "the first for which it is true";
    ArrayFindIndex "array_find_index" "0.3.0" "forall<T> (Array<T>, fn(T -> Bool) effects(pure) -> Option<Nat>)" Pure Prelude, "index of the first for which it is true";
    ArrayFlatten "array_flatten" "0.0.117" "forall<T> (Array<Array<T>> -> Array<T>)" Pure At(Inline::ArrayFlatten), "one level";
    ArrayFold "array_fold" "0.0.91" "forall<T, U> (Array<T>, U, fn(U, T -> U) effects(pure) -> U)" Pure At(Inline::ArrayFold), "from the left: accumulator, element";
    ArrayGet "array_get" "0.3.0" "forall<T> (Array<T>, Int -> Option<T>)" Pure Prelude, "the element at an index; `None` outside";
    ArrayLength "array_length" "0.0.78" "forall<T> (Array<T> -> Int)" Pure At(Inline::ArrayLength), "how many";
    ArrayMap "array_map" "0.0.91" "forall<A, B> (Array<A>, fn(A -> B) effects(pure) -> Array<B>)" Pure At(Inline::ArrayMap), "each element replaced";
    ArrayMapi "array_mapi" "0.0.117" "forall<A, B> (Array<A>, fn(A, Nat -> B) effects(pure) -> Array<B>)" Pure At(Inline::ArrayMapi), "with the index";
    ArrayMax "array_max" "0.3.0" "forall<T where Ord<T>> (Array<T> -> Option<T>)" Pure Prelude, "the first of the largest";
    ArrayMin "array_min" "0.3.0" "forall<T where Ord<T>> (Array<T> -> Option<T>)" Pure Prelude, "the first of the smallest";
    ArrayRange "array_range" "0.0.78" "(Int, Int -> Array<Int>)" Pure Runtime(RtFn::ArrayRange), "from, up to but not including";
    ArrayReverse "array_reverse" "0.0.117" "forall<T> (Array<T> -> Array<T>)" Pure At(Inline::ArrayReverse), "from last to first";
    ArraySet "array_set" "0.3.0" "forall<T> (Array<T>, Int, T -> Array<T>)" Pure Special(Specified::ArraySet), "with another element at an index inside; in place, and so in constant time, where a loop or recursion changes an array that nobody else has, else linear";
    ArraySlice "array_slice" "0.0.91" "forall<T> (Array<T>, Int, Int -> Array<T>)" Pure At(Inline::ArraySlice), "elements from, up to but not including; both clamped";
    ArraySort "array_sort" "0.3.0" "forall<T where Ord<T>> (Array<T> -> Array<T>)" Pure Prelude, "stable, ascending by `compare`";
    ArraySortBy "array_sort_by" "0.0.117" "forall<T> (Array<T>, fn(T, T -> Ordering) effects(pure) -> Array<T>)" Pure At(Inline::ArraySortBy), "stable, ascending by the comparator";
    ArraySum "array_sum" "0.3.0" "(Array<Int> -> Int)" Pure Prelude, "of nothing 0; traps on overflow";
    ArrayTake "array_take" "0.3.0" "forall<T> (Array<T>, Nat -> Array<T>)" Pure Prelude, "so many from the front, or all";
    ArrayUpdate "array_update" "0.3.0" "forall<T> (Array<T>, Int, fn(T -> T) effects(pure) -> Array<T>)" Pure Prelude, "with the element at an index inside replaced by a function of it; as `array_set`";
    ArrayZip "array_zip" "0.3.0" "forall<A, B> (Array<A>, Array<B> -> Array<Tuple<A, B>>)" Pure Prelude, "pairs, as many as the shorter has";
    Asin "asin" "0.0.116" "(Float64 -> Float64)" Pure Runtime(RtFn::FloatAsin), "−π/2 … π/2";
    Async "async" "0.0.82" "forall<T> (T -> Future<T>)" Async At(Inline::Async), "evaluates its argument, or begins it (10.11)";
    Atan "atan" "0.0.116" "(Float64 -> Float64)" Pure Runtime(RtFn::FloatAtan), "−π/2 … π/2";
    Atan2 "atan2" "0.0.116" "(Float64, Float64 -> Float64)" Pure Runtime(RtFn::FloatAtan2), "of (y, x)";
    Await "await" "0.0.82" "forall<T> (Future<T> -> T)" Async At(Inline::Await), "the value";
    Base64Decode "base64_decode" "0.0.79" "(String -> Result<String, String>)" Pure Runtime(RtFn::Base64Decode), "`Err` is `invalid base64 length` or `invalid base64`";
    Base64DecodeBytes "base64_decode_bytes" "0.2.4" "(String -> Result<Array<Byte>, String>)" Pure Runtime(RtFn::Base64Decode), "to bytes";
    Base64Encode "base64_encode" "0.0.79" "(String -> String)" Pure Runtime(RtFn::Base64Encode), "of the bytes of a string";
    Base64EncodeBytes "base64_encode_bytes" "0.2.4" "(Array<Byte> -> String)" Pure Runtime(RtFn::Base64Encode), "of bytes";
    BitAnd "bit_and" "0.3.0" "(Int, Int -> Int)" Pure At(Inline::BitAnd), "bits set in both";
    BitNot "bit_not" "0.3.0" "(Int -> Int)" Pure At(Inline::BitNot), "every bit turned: `-1 - n`";
    BitOr "bit_or" "0.3.0" "(Int, Int -> Int)" Pure At(Inline::BitOr), "bits set in one";
    BitShiftLeft "bit_shift_left" "0.3.0" "(Int, Int -> Int)" Pure At(Inline::ShiftLeft), "by the second modulo 64; bits shifted out are lost";
    BitShiftRight "bit_shift_right" "0.3.0" "(Int, Int -> Int)" Pure At(Inline::ShiftRight), "by the second modulo 64; keeps the sign";
    BitShiftRightUnsigned "bit_shift_right_unsigned" "0.3.0" "(Int, Int -> Int)" Pure At(Inline::ShiftRightUnsigned), "by the second modulo 64; fills with zeros";
    BitXor "bit_xor" "0.3.0" "(Int, Int -> Int)" Pure At(Inline::BitXor), "bits set in exactly one";
    BoolToString "bool_to_string" "0.0.64" "(Bool -> String)" Pure Runtime(RtFn::BoolToString), "`true`, `false`";
    ByteToInt "byte_to_int" "0.0.71" "(Byte -> Int)" Pure At(Inline::ByteToInt), "0 … 255";
    ByteToString "byte_to_string" "0.0.64" "(Byte -> String)" Pure Runtime(RtFn::StringFromByte), "the string of this one byte";
    BytesToString "bytes_to_string" "0.2.4" "(Array<Byte> -> Result<String, String>)" Pure At(Inline::BytesToString), "`Err(\"invalid UTF-8 at byte N\")` if they are no UTF-8";
    Ceil "ceil" "0.0.70" "(Float64 -> Int)" Pure At(Inline::Ceil), in IntegerRange, "toward +∞";
    CharToLower "char_to_lower" "0.0.118" "(String -> String)" Pure Runtime(RtFn::CharToLower), "the first byte in lower case";
    CharToUpper "char_to_upper" "0.0.118" "(String -> String)" Pure Runtime(RtFn::CharToUpper), "the first byte in upper case";
    CheckedAdd "checked_add" "0.3.0" "(Int, Int -> Option<Int>)" Pure Prelude, "the sum, `None` if it does not fit";
    CheckedMul "checked_mul" "0.3.0" "(Int, Int -> Option<Int>)" Pure Prelude, "the product, `None` if it does not fit";
    CheckedSub "checked_sub" "0.3.0" "(Int, Int -> Option<Int>)" Pure Prelude, "the difference, `None` if it does not fit";
    Clamp "clamp" "0.0.116" "(Int, Int, Int -> Int)" Pure Prelude, "`clamp(v, lo, hi)` is `min(max(v, lo), hi)`";
    ConstantTimeEq "constant_time_eq" "0.3.0" "(String, String -> Bool)" Pure Runtime(RtFn::SameInConstantTime), "whether two strings are the same, in time that depends on their lengths alone: for secrets";
    Cos "cos" "0.0.116" "(Float64 -> Float64)" Pure Runtime(RtFn::FloatCos), "radians";
    CsvParse "csv_parse" "0.3.0" "(String -> Result<Array<Array<String>>, String>)" Pure Runtime(RtFn::CsvParse), "the records; `Err` says what is wrong and where: `unterminated quoted field: line 2 column 5`";
    CsvWrite "csv_write" "0.3.0" "(Array<Array<String>> -> String)" Pure Runtime(RtFn::CsvWrite), "quotes only where they are needed, CR LF behind each record; `csv_parse` reads the same records, but for one without fields, which comes back with an empty one";
    DateAddMonths "date_add_months" "0.3.0" "(Int, Int -> Option<Int>)" Pure Runtime(RtFn::DateAddMonths), "so many months later, the day cut to a shorter month";
    DateFromParts "date_from_parts" "0.3.0" "(Int, Int, Int -> Option<Int>)" Pure Runtime(RtFn::DateFromParts), "of year, month and day";
    DateParse "date_parse" "0.3.0" "(String -> Result<Int, String>)" Pure Runtime(RtFn::DateParse), "of `2024-02-29`; `Err` is `invalid date` or `date out of range`";
    DateParts "date_parts" "0.3.0" "(Int -> Option<Tuple<Int, Int, Int>>)" Pure Runtime(RtFn::DateParts), "year, month and day";
    DateToString "date_to_string" "0.3.0" "(Int -> Option<String>)" Pure Runtime(RtFn::DateToString), "the text again";
    DateWeekday "date_weekday" "0.3.0" "(Int -> Int)" Pure Prelude, "1 for Monday to 7 for Sunday";
    DatetimeAdd "datetime_add" "0.3.0" "(Int, Int, Tuple<Int, Int> -> Option<Int>)" Pure Runtime(RtFn::DatetimeAdd), "the instant a duration later: its months are counted on a clock with this offset first, the day cut to a shorter month, then its milliseconds";
    DatetimeParse "datetime_parse" "0.3.0" "(String -> Result<Tuple<Int, Int>, String>)" Pure Runtime(RtFn::DatetimeParse), "of `2024-02-29T12:30:00.5+02:00`: instant and offset; the seconds may be absent, `Z` is no offset; digits behind the milliseconds are cut off; `Err` is `invalid date-time` or `date-time out of range`";
    DatetimeToString "datetime_to_string" "0.3.0" "(Int, Int -> Option<String>)" Pure Runtime(RtFn::DatetimeToString), "the text of an instant on a clock with this offset";
    DecimalAbs "decimal_abs" "0.0.97" "(Decimal -> Decimal)" Pure Runtime(RtFn::DecimalAbs), "the absolute value";
    DecimalAdd "decimal_add" "0.0.97" "(Decimal, Decimal -> Decimal)" Pure Runtime(RtFn::DecimalAdd), "the smaller exponent of both";
    DecimalCompare "decimal_compare" "0.0.97" "(Decimal, Decimal -> Ordering)" Pure Runtime(RtFn::DecimalCompare), "by value, whatever the scale";
    DecimalDiv "decimal_div" "0.0.97" "(Decimal, Decimal -> Option<Decimal>)" Pure Runtime(RtFn::DecimalDiv), "`None` when the divisor is zero";
    DecimalEq "decimal_eq" "0.0.97" "(Decimal, Decimal -> Bool)" Pure Runtime(RtFn::DecimalEq), "equal in value";
    DecimalFromFloat "decimal_from_float" "0.0.97" "(Float64 -> Decimal)" Pure Runtime(RtFn::DecimalFromFloat), "the shortest decimal that reads back as the float";
    DecimalFromInt "decimal_from_int" "0.0.97" "(Int -> Decimal)" Pure Runtime(RtFn::DecimalFromInt), "exact";
    DecimalFromString "decimal_from_string" "0.0.97" "(String -> Option<Decimal>)" Pure Runtime(RtFn::DecimalFromString), "sign, digits, point, exponent";
    DecimalMul "decimal_mul" "0.0.97" "(Decimal, Decimal -> Decimal)" Pure Runtime(RtFn::DecimalMul), "the sum of the exponents";
    DecimalNeg "decimal_neg" "0.0.97" "(Decimal -> Decimal)" Pure Runtime(RtFn::DecimalNeg), "the negative";
    DecimalRound "decimal_round" "0.0.97" "(Decimal, Int -> Decimal)" Pure Runtime(RtFn::DecimalRound), "to this many digits behind the point, half to even";
    DecimalSub "decimal_sub" "0.0.97" "(Decimal, Decimal -> Decimal)" Pure Runtime(RtFn::DecimalSub), "the smaller exponent of both";
    DecimalToFloat "decimal_to_float" "0.0.97" "(Decimal -> Float64)" Pure Runtime(RtFn::DecimalToFloat), "the nearest float";
    DecimalToString "decimal_to_string" "0.0.97" "(Decimal -> String)" Pure Runtime(RtFn::DecimalToString), "plain digits, or scientific for large and small exponents";
    DurationParse "duration_parse" "0.3.0" "(String -> Result<Tuple<Int, Int>, String>)" Pure Runtime(RtFn::DurationParse), "of `P1Y2M3W4DT5H6M7.5S`, `PT90M`, `-P1M`, `P1MT-1S`; only seconds have a fraction; `Err` is `invalid duration` or `duration out of range`";
    DurationToString "duration_to_string" "0.3.0" "(Tuple<Int, Int> -> String)" Pure Runtime(RtFn::DurationToString), "the text: `P1Y2M25DT5H6M7.5S`; `PT0S` for none";
    E "e" "0.0.116" "(-> Float64)" Pure At(Inline::E), "2.718281828459045";
    FloatAbs "float_abs" "0.3.0" "(Float64 -> Float64)" Pure Prelude, "without the sign; NaN stays";
    FloatClamp "float_clamp" "0.0.116" "(Float64, Float64, Float64 -> Float64)" Pure At(Inline::FloatClamp), "as `clamp`; NaN anywhere gives NaN";
    FloatIsInfinite "float_is_infinite" "0.0.72" "(Float64 -> Bool)" Pure At(Inline::IsInfinite), "is it one of the infinities?";
    FloatIsNan "float_is_nan" "0.0.72" "(Float64 -> Bool)" Pure At(Inline::IsNan), "is it NaN?";
    FloatMax "float_max" "0.3.0" "(Float64, Float64 -> Float64)" Pure Prelude, "the larger; NaN if one is";
    FloatMin "float_min" "0.3.0" "(Float64, Float64 -> Float64)" Pure Prelude, "the smaller; NaN if one is";
    FloatPow "float_pow" "0.3.0" "(Float64, Float64 -> Float64)" Pure Runtime(RtFn::FloatPower), "a power with any exponent";
    FloatToInt "float_to_int" "0.0.71" "(Float64 -> Int)" Pure At(Inline::Truncate), in IntegerRange, "toward zero";
    FloatToString "float_to_string" "0.0.64" "(Float64 -> String)" Pure Runtime(RtFn::FloatToString), "at most six digits behind the point, at least one; never an exponent; `nan`, `inf`, `-inf`";
    FloatToStringExact "float_to_string_exact" "0.3.0" "(Float64 -> String)" Pure Runtime(RtFn::FloatToStringExact), "the fewest digits that `parse_float64` reads back to the same value; never an exponent";
    Floor "floor" "0.0.70" "(Float64 -> Int)" Pure At(Inline::Floor), in IntegerRange, "toward −∞";
    FormDecode "form_decode" "0.3.0" "(String -> Array<Tuple<String, String>>)" Pure Prelude, "names and values of a form, `a=1&b=x+y`, in order; what is no percent-encoding stays as it is";
    FormEncode "form_encode" "0.3.0" "(Array<Tuple<String, String>> -> String)" Pure Prelude, "the text of a form";
    FormGet "form_get" "0.3.0" "(Array<Tuple<String, String>>, String -> Option<String>)" Pure Prelude, "the first value of a name";
    HexDecode "hex_decode" "0.3.0" "(String -> Result<String, String>)" Pure Runtime(RtFn::HexDecode), "`Err` is `invalid hex length` or `invalid hex`";
    HexDecodeBytes "hex_decode_bytes" "0.3.0" "(String -> Result<Array<Byte>, String>)" Pure Runtime(RtFn::HexDecode), "to bytes";
    HexEncode "hex_encode" "0.3.0" "(String -> String)" Pure Runtime(RtFn::HexEncode), "two digits for each byte of a string";
    HexEncodeBytes "hex_encode_bytes" "0.3.0" "(Array<Byte> -> String)" Pure Runtime(RtFn::HexEncode), "of bytes";
    HmacSha256 "hmac_sha256" "0.3.0" "(String, String -> String)" Pure Prelude, "HMAC with SHA-256: key, message";
    HmacSha256Bytes "hmac_sha256_bytes" "0.3.0" "(Array<Byte>, Array<Byte> -> Array<Byte>)" Pure Runtime(RtFn::HmacSha256), "the same of bytes";
    HtmlAttr "html_attr" "0.0.100" "(HtmlNode, String -> Option<String>)" Pure Prelude, "the value of an attribute";
    HtmlParse "html_parse" "0.0.100" "(String -> Result<HtmlNode, String>)" Pure Runtime(RtFn::HtmlParse), "the tree";
    HtmlQuery "html_query" "0.0.100" "(HtmlNode, String -> Array<HtmlNode>)" Pure Runtime(RtFn::HtmlQuery), "the elements a selector matches, in document order";
    HtmlText "html_text" "0.0.100" "(HtmlNode -> String)" Pure Runtime(RtFn::HtmlText), "the text of all text nodes below";
    HtmlToString "html_to_string" "0.0.100" "(HtmlNode -> String)" Pure Runtime(RtFn::HtmlToString), "the text of a tree";
    Infinity "infinity" "0.0.72" "(-> Float64)" Pure At(Inline::Infinity), "`0.0 - infinity()` is the negative one";
    IntToByte "int_to_byte" "0.0.71" "(Int -> Option<Byte>)" Pure At(Inline::IntToByte), "`Some` if 0 … 255";
    IntToFloat "int_to_float" "0.0.71" "(Int -> Float64)" Pure At(Inline::IntToFloat), "the nearest float, ties to even";
    IntToNat "int_to_nat" "0.0.71" "(Int -> Option<Nat>)" Pure At(Inline::IntToNat), "`Some` if not negative";
    IntToString "int_to_string" "0.0.64" "(Int -> String)" Pure Runtime(RtFn::IntToString), "decimal";
    IsAlpha "is_alpha" "0.0.118" "(String -> Bool)" Pure Prelude, "first byte a letter?";
    IsAlphanumeric "is_alphanumeric" "0.0.118" "(String -> Bool)" Pure Prelude, "first byte a letter or digit?";
    IsDigit "is_digit" "0.0.118" "(String -> Bool)" Pure Prelude, "first byte `0`–`9`?";
    IsLower "is_lower" "0.0.118" "(String -> Bool)" Pure Prelude, "first byte `a`–`z`?";
    IsUpper "is_upper" "0.0.118" "(String -> Bool)" Pure Prelude, "first byte `A`–`Z`?";
    IsWhitespace "is_whitespace" "0.0.118" "(String -> Bool)" Pure Prelude, "first byte a blank?";
    JsonArrayGet "json_array_get" "0.0.98" "(Json, Int -> Option<Json>)" Pure Prelude, "the element of an array";
    JsonArrayLength "json_array_length" "0.0.98" "(Json -> Int)" Pure Prelude, "0 for everything else";
    JsonAsArray "json_as_array" "0.0.119" "(Json -> Option<Array<Json>>)" Pure Prelude, "if it is an array";
    JsonAsBool "json_as_bool" "0.0.119" "(Json -> Option<Bool>)" Pure Prelude, "if it is a Boolean";
    JsonAsInt "json_as_int" "0.0.119" "(Json -> Option<Int>)" Pure Prelude, "if it is a number in range, truncated";
    JsonAsNumber "json_as_number" "0.0.119" "(Json -> Option<Float64>)" Pure Prelude, "if it is a number";
    JsonAsObject "json_as_object" "0.0.119" "(Json -> Option<Map<String, Json>>)" Pure Prelude, "if it is an object";
    JsonAsString "json_as_string" "0.0.119" "(Json -> Option<String>)" Pure Prelude, "if it is a string";
    JsonGet "json_get" "0.0.98" "(Json, String -> Option<Json>)" Pure Prelude, "the member of an object";
    JsonGetArray "json_get_array" "0.0.119" "(Json, String -> Option<Array<Json>>)" Pure Prelude, "the member, if it is an array";
    JsonGetBool "json_get_bool" "0.0.119" "(Json, String -> Option<Bool>)" Pure Prelude, "the member, if it is a Boolean";
    JsonGetInt "json_get_int" "0.0.119" "(Json, String -> Option<Int>)" Pure Prelude, "the member, if it is a number in range, truncated";
    JsonGetNumber "json_get_number" "0.0.119" "(Json, String -> Option<Float64>)" Pure Prelude, "the member, if it is a number";
    JsonGetString "json_get_string" "0.0.119" "(Json, String -> Option<String>)" Pure Prelude, "the member, if it is a string";
    JsonHasField "json_has_field" "0.0.98" "(Json, String -> Bool)" Pure Prelude, "is there such a member?";
    JsonKeys "json_keys" "0.0.98" "(Json -> Array<String>)" Pure Prelude, "the names of the members";
    JsonParse "json_parse" "0.0.98" "(String -> Result<Json, String>)" Pure Runtime(RtFn::JsonParse), "`Err` says what was expected, line and column";
    JsonStringify "json_stringify" "0.0.98" "(Json -> String)" Pure Runtime(RtFn::JsonStringify), "without white space, members in order; NaN and infinities trap";
    JsonType "json_type" "0.0.98" "(Json -> String)" Pure Prelude, "`null`, `bool`, `number`, `string`, `array` or `object`";
    Log "log" "0.0.116" "(Float64 -> Float64)" Pure Runtime(RtFn::FloatLog), "natural logarithm";
    Log10 "log10" "0.0.116" "(Float64 -> Float64)" Pure Runtime(RtFn::FloatLog10), "base 10";
    Log2 "log2" "0.0.116" "(Float64 -> Float64)" Pure Runtime(RtFn::FloatLog2), "base 2";
    MapContains "map_contains" "0.0.94" "forall<K, V> (Map<K, V>, K -> Bool)" Pure At(Inline::MapContains), "is the key there?";
    MapEntries "map_entries" "0.3.0" "forall<K, V> (Map<K, V> -> Array<Tuple<K, V>>)" Pure Prelude, "pairs of key and value, in order";
    MapFold "map_fold" "0.3.0" "forall<K, V, U> (Map<K, V>, U, fn(U, K, V -> U) effects(pure) -> U)" Pure Prelude, "in order: accumulator, key, value";
    MapFromEntries "map_from_entries" "0.3.0" "forall<K, V> (Array<Tuple<K, V>> -> Map<K, V>)" Pure Prelude, "of equal keys the last wins";
    MapGet "map_get" "0.0.94" "forall<K, V> (Map<K, V>, K -> Option<V>)" Pure At(Inline::MapGet), "the value, if any";
    MapInsert "map_insert" "0.0.94" "forall<K, V> (Map<K, V>, K, V -> Map<K, V>)" Pure At(Inline::MapInsert), "with the key bound to the value";
    MapKeys "map_keys" "0.0.94" "forall<K, V> (Map<K, V> -> Array<K>)" Pure At(Inline::MapKeys), "in order";
    MapNew "map_new" "0.0.94" "forall<K, V> (-> Map<K, V>)" Pure At(Inline::MapNew), "no entries; the types come from the context";
    MapRemove "map_remove" "0.0.94" "forall<K, V> (Map<K, V>, K -> Map<K, V>)" Pure At(Inline::MapRemove), "without the key";
    MapSize "map_size" "0.0.94" "forall<K, V> (Map<K, V> -> Int)" Pure At(Inline::MapSize), "how many";
    MapUpdate "map_update" "0.3.0" "forall<K, V> (Map<K, V>, K, fn(Option<V> -> V) effects(pure) -> Map<K, V>)" Pure Prelude, "the value of a key from what it had";
    MapValues "map_values" "0.0.94" "forall<K, V> (Map<K, V> -> Array<V>)" Pure At(Inline::MapValues), "in the order of the keys";
    Max "max" "0.0.70" "(Int, Int -> Int)" Pure At(Inline::Max), "the larger";
    MdExtractCodeBlocks "md_extract_code_blocks" "0.0.84" "(MdBlock, String -> Array<String>)" Pure Runtime(RtFn::MdExtractCodeBlocks), "the texts of the code blocks in this language";
    MdHasCodeBlock "md_has_code_block" "0.0.84" "(MdBlock, String -> Bool)" Pure Runtime(RtFn::MdHasCodeBlock), "is there a code block in this language?";
    MdHasHeading "md_has_heading" "0.0.84" "(MdBlock, Nat -> Bool)" Pure Runtime(RtFn::MdHasHeading), "is there a heading of this level?";
    MdParse "md_parse" "0.0.84" "(String -> Result<MdBlock, String>)" Pure Runtime(RtFn::MdParse), "always `Ok(MdDocument(…))`";
    MdRender "md_render" "0.0.84" "(MdBlock -> String)" Pure Runtime(RtFn::MdRender), "Markdown text again";
    Min "min" "0.0.70" "(Int, Int -> Int)" Pure At(Inline::Min), "the smaller";
    Nan "nan" "0.0.72" "(-> Float64)" Pure At(Inline::Nan), "not a number";
    NatMax "nat_max" "0.3.0" "(Nat, Nat -> Nat)" Pure Prelude, "the larger";
    NatMin "nat_min" "0.3.0" "(Nat, Nat -> Nat)" Pure Prelude, "the smaller";
    NatToInt "nat_to_int" "0.0.71" "(Nat -> Int)" Pure At(Inline::NatToInt), "the same number";
    NatToString "nat_to_string" "0.0.64" "(Nat -> String)" Pure Runtime(RtFn::IntToString), "decimal";
    OptionAndThen "option_and_then" "0.0.89" "forall<A, B> (Option<A>, fn(A -> Option<B>) effects(pure) -> Option<B>)" Pure Prelude, "chained";
    OptionIsSome "option_is_some" "0.3.0" "forall<T> (Option<T> -> Bool)" Pure Prelude, "is it `Some`?";
    OptionMap "option_map" "0.0.89" "forall<A, B> (Option<A>, fn(A -> B) effects(pure) -> Option<B>)" Pure Prelude, "applied inside `Some`";
    OptionOrElse "option_or_else" "0.3.0" "forall<T> (Option<T>, Option<T> -> Option<T>)" Pure Prelude, "the first if it is `Some`, else the second";
    OptionToResult "option_to_result" "0.3.0" "forall<T, E> (Option<T>, E -> Result<T, E>)" Pure Prelude, "`Ok` of the payload, else `Err` of the second argument";
    OptionUnwrapOr "option_unwrap_or" "0.0.89" "forall<T> (Option<T>, T -> T)" Pure Prelude, "the payload, else the second argument";
    ParseBool "parse_bool" "0.0.77" "(String -> Result<Bool, String>)" Pure At(Inline::ParseBool), "`true` or `false`; `Err` is `expected true or false`";
    ParseFloat64 "parse_float64" "0.0.50" "(String -> Result<Float64, String>)" Pure At(Inline::ParseFloat), "optional sign, digits with an optional point, an optional exponent (`1e-3`); correctly rounded, beyond the range an infinity; `Err` is `empty string` or `invalid character`";
    ParseInt "parse_int" "0.0.77" "(String -> Result<Int, String>)" Pure At(Inline::ParseInt), "optional sign and digits; blanks around are skipped; `Err` is `empty string`, `invalid digit` or `out of range`";
    ParseNat "parse_nat" "0.0.50" "(String -> Result<Nat, String>)" Pure At(Inline::ParseNat), "digits; errors as `parse_int`";
    Pi "pi" "0.0.116" "(-> Float64)" Pure At(Inline::Pi), "3.141592653589793";
    Pow "pow" "0.0.70" "(Float64, Int -> Float64)" Pure Runtime(RtFn::FloatPow), "by repeated squaring; a negative exponent is the reciprocal";
    RegexFind "regex_find" "0.0.86" "(String, String -> Result<Option<String>, String>)" Pure Runtime(RtFn::RegexFind), "the first match";
    RegexFindAll "regex_find_all" "0.0.86" "(String, String -> Result<Array<String>, String>)" Pure Runtime(RtFn::RegexFindAll), "all matches that do not overlap";
    RegexMatch "regex_match" "0.0.86" "(String, String -> Result<Bool, String>)" Pure Runtime(RtFn::RegexMatch), "does it match anywhere?";
    RegexReplace "regex_replace" "0.0.86" "(String, String, String -> Result<String, String>)" Pure Runtime(RtFn::RegexReplace), "the first match replaced; `\\\\1` is a group";
    RequestQuery "request_query" "0.3.0" "(String -> Array<Tuple<String, String>>)" Pure Prelude, "the form behind the `?` of a request's path; none without one";
    ResultAndThen "result_and_then" "0.3.0" "forall<A, B, E> (Result<A, E>, fn(A -> Result<B, E>) effects(pure) -> Result<B, E>)" Pure Prelude, "chained on `Ok`";
    ResultIsOk "result_is_ok" "0.3.0" "forall<T, E> (Result<T, E> -> Bool)" Pure Prelude, "is it `Ok`?";
    ResultMap "result_map" "0.0.89" "forall<A, B, E> (Result<A, E>, fn(A -> B) effects(pure) -> Result<B, E>)" Pure Prelude, "applied inside `Ok`";
    ResultMapErr "result_map_err" "0.3.0" "forall<T, E, F> (Result<T, E>, fn(E -> F) effects(pure) -> Result<T, F>)" Pure Prelude, "applied inside `Err`";
    ResultToOption "result_to_option" "0.3.0" "forall<T, E> (Result<T, E> -> Option<T>)" Pure Prelude, "`Some` of the payload of `Ok`";
    ResultUnwrapOr "result_unwrap_or" "0.0.89" "forall<T, E> (Result<T, E>, T -> T)" Pure Prelude, "the payload of `Ok`, else the second argument";
    Round "round" "0.0.70" "(Float64 -> Int)" Pure At(Inline::Round), in IntegerRange, "to the nearest, ties to even";
    SetAdd "set_add" "0.0.95" "forall<T> (Set<T>, T -> Set<T>)" Pure At(Inline::SetAdd), "with the element";
    SetContains "set_contains" "0.0.95" "forall<T> (Set<T>, T -> Bool)" Pure At(Inline::MapContains), "is it there?";
    SetDifference "set_difference" "0.3.0" "forall<T> (Set<T>, Set<T> -> Set<T>)" Pure Prelude, "elements of the first that the second lacks";
    SetIntersection "set_intersection" "0.3.0" "forall<T> (Set<T>, Set<T> -> Set<T>)" Pure Prelude, "elements of both";
    SetIsSubset "set_is_subset" "0.3.0" "forall<T> (Set<T>, Set<T> -> Bool)" Pure Prelude, "is every element of the first in the second?";
    SetNew "set_new" "0.0.95" "forall<T> (-> Set<T>)" Pure At(Inline::MapNew), "no elements";
    SetRemove "set_remove" "0.0.95" "forall<T> (Set<T>, T -> Set<T>)" Pure At(Inline::MapRemove), "without it";
    SetSize "set_size" "0.0.95" "forall<T> (Set<T> -> Int)" Pure At(Inline::MapSize), "how many";
    SetToArray "set_to_array" "0.0.95" "forall<T> (Set<T> -> Array<T>)" Pure At(Inline::MapKeys), "in order";
    SetUnion "set_union" "0.3.0" "forall<T> (Set<T>, Set<T> -> Set<T>)" Pure Prelude, "elements of either";
    Sha256 "sha256" "0.3.0" "(String -> String)" Pure Prelude, "SHA-256";
    Sha256Bytes "sha256_bytes" "0.3.0" "(Array<Byte> -> Array<Byte>)" Pure Runtime(RtFn::Sha256), "the same of bytes";
    Sign "sign" "0.0.116" "(Int -> Int)" Pure Prelude, "−1, 0 or 1";
    Similarity "similarity" "0.3.0" "(Array<Float64>, Array<Float64> -> Float64)" Pure Prelude, "cosine of the angle between two vectors of one length; NaN if one is zero";
    Sin "sin" "0.0.116" "(Float64 -> Float64)" Pure Runtime(RtFn::FloatSin), "radians";
    Sqrt "sqrt" "0.0.70" "(Float64 -> Float64)" Pure At(Inline::Sqrt), "correctly rounded; NaN below zero";
    StringCharCode "string_char_code" "0.0.50" "(String, Int -> Nat)" Pure At(Inline::StringCharCode), in StringIndex, "the byte at an index; outside a trap";
    StringChars "string_chars" "0.0.118" "(String -> Array<String>)" Pure Runtime(RtFn::StringChars), "one string for each byte";
    StringCodepointLength "string_codepoint_length" "0.3.0" "(String -> Nat)" Pure Prelude, "how many";
    StringCodepoints "string_codepoints" "0.3.0" "(String -> Array<Nat>)" Pure Prelude, "code points; 65533 for each byte that belongs to none";
    StringConcat "string_concat" "0.0.50" "(String, String -> String)" Pure Runtime(RtFn::StringConcat), "both";
    StringContains "string_contains" "0.0.73" "(String, String -> Bool)" Pure Runtime(RtFn::StringContains), "is the second inside the first?";
    StringEndsWith "string_ends_with" "0.0.73" "(String, String -> Bool)" Pure Runtime(RtFn::StringEndsWith), "does it end so?";
    StringFindAll "string_find_all" "0.3.0" "(String, String -> Array<Nat>)" Pure Prelude, "offsets of the occurrences of the second, left to right, not overlapping; none for the empty string";
    StringFromCharCode "string_from_char_code" "0.0.74" "(Nat -> String)" Pure At(Inline::StringFromCharCode), "the one byte, modulo 256";
    StringFromCodepoint "string_from_codepoint" "0.3.0" "(Nat -> Option<String>)" Pure Prelude, "its UTF-8; `None` for surrogates and above 1114111";
    StringIndexOf "string_index_of" "0.0.73" "(String, String -> Option<Nat>)" Pure At(Inline::StringIndexOf), "offset of the first occurrence";
    StringJoin "string_join" "0.0.73" "(Array<String>, String -> String)" Pure Runtime(RtFn::StringJoin), "the elements with a separator between";
    StringLength "string_length" "0.0.50" "(String -> Nat)" Pure At(Inline::StringLength), "bytes";
    StringLines "string_lines" "0.0.118" "(String -> Array<String>)" Pure Runtime(RtFn::StringLines), "the lines, without LF, CR LF, CR";
    StringLower "string_lower" "0.0.73" "(String -> String)" Pure Runtime(RtFn::StringLower), "ASCII letters";
    StringPadEnd "string_pad_end" "0.0.118" "(String, Nat, String -> String)" Pure Runtime(RtFn::StringPadEnd), "fills up to a width, behind";
    StringPadStart "string_pad_start" "0.0.118" "(String, Nat, String -> String)" Pure Runtime(RtFn::StringPadStart), "fills up to a width, in front";
    StringRepeat "string_repeat" "0.0.75" "(String, Nat -> String)" Pure Runtime(RtFn::StringRepeat), "n times";
    StringReplace "string_replace" "0.0.73" "(String, String, String -> String)" Pure Runtime(RtFn::StringReplace), "every occurrence of the second by the third";
    StringReverse "string_reverse" "0.0.118" "(String -> String)" Pure Runtime(RtFn::StringReverse), "bytes from last to first";
    StringSlice "string_slice" "0.0.50" "(String, Int, Int -> String)" Pure Runtime(RtFn::StringSlice), "bytes from, up to but not including; both clamped";
    StringSplit "string_split" "0.0.73" "(String, String -> Array<String>)" Pure Runtime(RtFn::StringSplit), "the pieces between separators; always one or more";
    StringStartsWith "string_starts_with" "0.0.73" "(String, String -> Bool)" Pure Runtime(RtFn::StringStartsWith), "does it begin so?";
    StringStrip "string_strip" "0.0.50" "(String -> String)" Pure At(Inline::StringStrip), "without blanks at both ends";
    StringToBytes "string_to_bytes" "0.2.4" "(String -> Array<Byte>)" Pure Runtime(RtFn::StringToBytes), "the bytes";
    StringTrimEnd "string_trim_end" "0.0.118" "(String -> String)" Pure At(Inline::StringTrimEnd), "without blanks behind";
    StringTrimStart "string_trim_start" "0.0.118" "(String -> String)" Pure At(Inline::StringTrimStart), "without blanks in front";
    StringUpper "string_upper" "0.0.73" "(String -> String)" Pure Runtime(RtFn::StringUpper), "ASCII letters";
    StringWords "string_words" "0.0.118" "(String -> Array<String>)" Pure Runtime(RtFn::StringWords), "the runs of non-blank bytes";
    Tan "tan" "0.0.116" "(Float64 -> Float64)" Pure Runtime(RtFn::FloatTan), "radians";
    ToString "to_string" "0.0.50" "(Int -> String)" Pure Runtime(RtFn::IntToString), "decimal";
    UrlDecode "url_decode" "0.0.80" "(String -> Result<String, String>)" Pure Runtime(RtFn::UrlDecode), "`Err(\"invalid percent-encoding\")`";
    UrlEncode "url_encode" "0.0.80" "(String -> String)" Pure Runtime(RtFn::UrlEncode), "every byte but letters, digits, `-_.~` becomes `%XX`";
    UrlJoin "url_join" "0.0.81" "(UrlParts -> String)" Pure Runtime(RtFn::UrlJoin), "the text again";
    UrlParse "url_parse" "0.0.81" "(String -> Result<UrlParts, String>)" Pure Runtime(RtFn::UrlParse), "scheme, authority, path, query, fragment; `Err(\"missing scheme\")`";
    WrappingAdd "wrapping_add" "0.3.0" "(Int, Int -> Int)" Pure At(Inline::Add), "the sum modulo 2^64; never traps";
    WrappingMul "wrapping_mul" "0.3.0" "(Int, Int -> Int)" Pure At(Inline::Mul), "the product modulo 2^64";
    WrappingSub "wrapping_sub" "0.3.0" "(Int, Int -> Int)" Pure At(Inline::Sub), "the difference modulo 2^64";
    YearIsLeap "year_is_leap" "0.3.0" "(Int -> Bool)" Pure Prelude, "whether a year has 366 days";
}

impl BuiltinId {
    /// Its row.
    pub fn function(self) -> &'static Function {
        &FUNCTIONS[self as usize]
    }

    pub fn name(self) -> &'static str {
        self.function().name
    }
}

/// The built-in function of this name.
pub fn function(name: &str) -> Option<&'static Function> {
    FUNCTIONS.binary_search_by(|f| f.name.cmp(name)).ok().map(|i| &FUNCTIONS[i])
}
