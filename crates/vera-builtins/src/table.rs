//! THE table of built-in functions: one row for each.

use vera_abi::runtime::RtFn;

use crate::domains::Domain;
use crate::functions::Lowering::{Inline as At, Prelude, Runtime, Specified as Special};
use crate::functions::{Effects, Example, Function, Inline, Specified};

macro_rules! builtins {
    ($($id:ident $name:literal $since:literal $signature:literal $effects:ident $lowering:expr, $(in $domain:ident,)? $doc:literal, $call:literal => $shown:literal;)*) => {
        /// A built-in function.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum BuiltinId { $($id),* }

        /// All built-in functions, sorted by name.
        pub static FUNCTIONS: &[Function] = &[$(Function {
            id: BuiltinId::$id,
            name: $name,
            since: $since,
            signature: $signature,
            effects: Effects::$effects,
            lowering: $lowering,
            domain: builtins!(@domain $($domain)?),
            doc: $doc,
            example: Example { call: $call, shown: $shown },
        }),*];
    };
    (@domain) => { None };
    (@domain $domain:ident) => { Some(Domain::$domain) };
}

// Name, version, signature, effects, lowering, domain, what it does as the reference says
// it, and an example.
#[rustfmt::skip]
builtins! {
    Abs "abs" "0.0.70" "(Int -> Nat)" Pure At(Inline::Abs), in Negatable, "the absolute value; −2^63 traps", "abs(-3)" => "3";
    Acos "acos" "0.0.116" "(Float64 -> Float64)" Pure Runtime(RtFn::FloatAcos), "0 … π", "acos(1.0)" => "0.0";
    ArrayAll "array_all" "0.0.117" "forall<T> (Array<T>, fn(T -> Bool) effects(pure) -> Bool)" Pure Prelude, "is it true for all?", "array_all([2, 4], fn(@Int -> @Bool) effects(pure) { @Int.0 % 2 == 0 })" => "true";
    ArrayAny "array_any" "0.0.117" "forall<T> (Array<T>, fn(T -> Bool) effects(pure) -> Bool)" Pure Prelude, "is it true for one?", "array_any([1, 4], fn(@Int -> @Bool) effects(pure) { @Int.0 % 2 == 0 })" => "true";
    ArrayAppend "array_append" "0.0.78" "forall<T> (Array<T>, T -> Array<T>)" Pure At(Inline::ArrayAppend), "one more at the end; amortised constant time when the array is built up", "array_append([1, 2], 3)" => "[1, 2, 3]";
    ArrayChunks "array_chunks" "0.3.0" "forall<T> (Array<T>, Int -> Array<Array<T>>)" Pure Prelude, "pieces of a length above zero; the last may be shorter", "array_chunks([1, 2, 3], 2)" => "[[1, 2], [3]]";
    ArrayConcat "array_concat" "0.0.78" "forall<T> (Array<T>, Array<T> -> Array<T>)" Pure At(Inline::ArrayConcat), "both", "array_concat([1], [2, 3])" => "[1, 2, 3]";
    ArrayContains "array_contains" "0.3.0" "forall<T where Eq<T>> (Array<T>, T -> Bool)" Pure Prelude, "is one equal?", "array_contains([\"a\", \"b\"], \"b\")" => "true";
    ArrayDrop "array_drop" "0.3.0" "forall<T> (Array<T>, Nat -> Array<T>)" Pure Prelude, "without so many in front", "array_drop([1, 2, 3], 1)" => "[2, 3]";
    ArrayFilter "array_filter" "0.0.91" "forall<T> (Array<T>, fn(T -> Bool) effects(pure) -> Array<T>)" Pure At(Inline::ArrayFilter), "those for which it is true", "array_filter([1, 2, 3, 4], fn(@Int -> @Bool) effects(pure) { @Int.0 > 2 })" => "[3, 4]";
    ArrayFind "array_find" "0.0.117" "forall<T> (Array<T>, fn(T -> Bool) effects(pure) -> Option<T>)" Pure Prelude, "the first for which it is true", "array_find([1, 2, 3], fn(@Int -> @Bool) effects(pure) { @Int.0 > 1 })" => "Some(2)";
    ArrayFindIndex "array_find_index" "0.3.0" "forall<T> (Array<T>, fn(T -> Bool) effects(pure) -> Option<Nat>)" Pure Prelude, "index of the first for which it is true", "array_find_index([5, 6, 7], fn(@Int -> @Bool) effects(pure) { @Int.0 > 5 })" => "Some(1)";
    ArrayFlatten "array_flatten" "0.0.117" "forall<T> (Array<Array<T>> -> Array<T>)" Pure At(Inline::ArrayFlatten), "one level", "array_flatten([[1], [2, 3]])" => "[1, 2, 3]";
    ArrayFold "array_fold" "0.0.91" "forall<T, U> (Array<T>, U, fn(U, T -> U) effects(pure) -> U)" Pure At(Inline::ArrayFold), "from the left: accumulator, element", "array_fold([1, 2, 3], 10, fn(@Int, @Int -> @Int) effects(pure) { @Int.1 + @Int.0 })" => "16";
    ArrayGet "array_get" "0.3.0" "forall<T> (Array<T>, Int -> Option<T>)" Pure Prelude, "the element at an index; `None` outside", "array_get([7, 8], 1)" => "Some(8)";
    ArrayLength "array_length" "0.0.78" "forall<T> (Array<T> -> Int)" Pure At(Inline::ArrayLength), "how many", "array_length([7, 8])" => "2";
    ArrayMap "array_map" "0.0.91" "forall<A, B> (Array<A>, fn(A -> B) effects(pure) -> Array<B>)" Pure At(Inline::ArrayMap), "each element replaced", "array_map([1, 2], fn(@Int -> @Int) effects(pure) { @Int.0 * 10 })" => "[10, 20]";
    ArrayMapi "array_mapi" "0.0.117" "forall<A, B> (Array<A>, fn(A, Nat -> B) effects(pure) -> Array<B>)" Pure At(Inline::ArrayMapi), "with the index", "array_mapi([\"a\", \"b\"], fn(@String, @Nat -> @String) effects(pure) { \"\\(@Nat.0)\\(@String.0)\" })" => "[0a, 1b]";
    ArrayMax "array_max" "0.3.0" "forall<T where Ord<T>> (Array<T> -> Option<T>)" Pure Prelude, "the first of the largest", "array_max([3, 9, 4])" => "Some(9)";
    ArrayMin "array_min" "0.3.0" "forall<T where Ord<T>> (Array<T> -> Option<T>)" Pure Prelude, "the first of the smallest", "array_min([3, 9, 4])" => "Some(3)";
    ArrayRange "array_range" "0.0.78" "(Int, Int -> Array<Int>)" Pure Runtime(RtFn::ArrayRange), "from, up to but not including", "array_range(2, 5)" => "[2, 3, 4]";
    ArrayReverse "array_reverse" "0.0.117" "forall<T> (Array<T> -> Array<T>)" Pure At(Inline::ArrayReverse), "from last to first", "array_reverse([1, 2, 3])" => "[3, 2, 1]";
    ArraySet "array_set" "0.3.0" "forall<T> (Array<T>, Int, T -> Array<T>)" Pure Special(Specified::ArraySet), "with another element at an index inside; in place, and so in constant time, where a loop or recursion changes an array that nobody else has, else linear", "array_set([1, 2, 3], 1, 9)" => "[1, 9, 3]";
    ArraySlice "array_slice" "0.0.91" "forall<T> (Array<T>, Int, Int -> Array<T>)" Pure At(Inline::ArraySlice), "elements from, up to but not including; both clamped", "array_slice([1, 2, 3, 4], 1, 3)" => "[2, 3]";
    ArraySort "array_sort" "0.3.0" "forall<T where Ord<T>> (Array<T> -> Array<T>)" Pure Prelude, "stable, ascending by `compare`", "array_sort([3, 1, 2])" => "[1, 2, 3]";
    ArraySortBy "array_sort_by" "0.0.117" "forall<T> (Array<T>, fn(T, T -> Ordering) effects(pure) -> Array<T>)" Pure At(Inline::ArraySortBy), "stable, ascending by the comparator", "array_sort_by([1, 3, 2], fn(@Int, @Int -> @Ordering) effects(pure) { compare(@Int.0, @Int.1) })" => "[3, 2, 1]";
    ArraySum "array_sum" "0.3.0" "(Array<Int> -> Int)" Pure Prelude, "of nothing 0; traps on overflow", "array_sum([1, 2, 3])" => "6";
    ArrayTake "array_take" "0.3.0" "forall<T> (Array<T>, Nat -> Array<T>)" Pure Prelude, "so many from the front, or all", "array_take([1, 2, 3], 2)" => "[1, 2]";
    ArrayUpdate "array_update" "0.3.0" "forall<T> (Array<T>, Int, fn(T -> T) effects(pure) -> Array<T>)" Pure Prelude, "with the element at an index inside replaced by a function of it; as `array_set`", "array_update([1, 2, 3], 0, fn(@Int -> @Int) effects(pure) { @Int.0 + 10 })" => "[11, 2, 3]";
    ArrayZip "array_zip" "0.3.0" "forall<A, B> (Array<A>, Array<B> -> Array<Tuple<A, B>>)" Pure Prelude, "pairs, as many as the shorter has", "array_zip([1, 2, 3], [\"a\", \"b\"])" => "[(1, a), (2, b)]";
    Asin "asin" "0.0.116" "(Float64 -> Float64)" Pure Runtime(RtFn::FloatAsin), "−π/2 … π/2", "asin(0.0)" => "0.0";
    Async "async" "0.0.82" "forall<T> (T -> Future<T>)" Async At(Inline::Async), "evaluates its argument, or begins it (10.11)", "await(async(1 + 1))" => "2";
    Atan "atan" "0.0.116" "(Float64 -> Float64)" Pure Runtime(RtFn::FloatAtan), "−π/2 … π/2", "atan(0.0)" => "0.0";
    Atan2 "atan2" "0.0.116" "(Float64, Float64 -> Float64)" Pure Runtime(RtFn::FloatAtan2), "of (y, x)", "atan2(0.0, 1.0)" => "0.0";
    Await "await" "0.0.82" "forall<T> (Future<T> -> T)" Async At(Inline::Await), "the value", "await(async(\"done\"))" => "done";
    Base64Decode "base64_decode" "0.0.79" "(String -> Result<String, String>)" Pure Runtime(RtFn::Base64Decode), "`Err` is `invalid base64 length` or `invalid base64`", "base64_decode(\"aGk=\")" => "Ok(hi)";
    Base64DecodeBytes "base64_decode_bytes" "0.2.4" "(String -> Result<Array<Byte>, String>)" Pure Runtime(RtFn::Base64Decode), "to bytes", "base64_decode_bytes(\"aGk=\")" => "Ok([h, i])";
    Base64Encode "base64_encode" "0.0.79" "(String -> String)" Pure Runtime(RtFn::Base64Encode), "of the bytes of a string", "base64_encode(\"hi\")" => "aGk=";
    Base64EncodeBytes "base64_encode_bytes" "0.2.4" "(Array<Byte> -> String)" Pure Runtime(RtFn::Base64Encode), "of bytes", "base64_encode_bytes(string_to_bytes(\"hi\"))" => "aGk=";
    BitAnd "bit_and" "0.3.0" "(Int, Int -> Int)" Pure At(Inline::BitAnd), "bits set in both", "bit_and(12, 10)" => "8";
    BitNot "bit_not" "0.3.0" "(Int -> Int)" Pure At(Inline::BitNot), "every bit turned: `-1 - n`", "bit_not(0)" => "-1";
    BitOr "bit_or" "0.3.0" "(Int, Int -> Int)" Pure At(Inline::BitOr), "bits set in one", "bit_or(12, 10)" => "14";
    BitShiftLeft "bit_shift_left" "0.3.0" "(Int, Int -> Int)" Pure At(Inline::ShiftLeft), "by the second modulo 64; bits shifted out are lost", "bit_shift_left(1, 4)" => "16";
    BitShiftRight "bit_shift_right" "0.3.0" "(Int, Int -> Int)" Pure At(Inline::ShiftRight), "by the second modulo 64; keeps the sign", "bit_shift_right(-16, 2)" => "-4";
    BitShiftRightUnsigned "bit_shift_right_unsigned" "0.3.0" "(Int, Int -> Int)" Pure At(Inline::ShiftRightUnsigned), "by the second modulo 64; fills with zeros", "bit_shift_right_unsigned(-1, 60)" => "15";
    BitXor "bit_xor" "0.3.0" "(Int, Int -> Int)" Pure At(Inline::BitXor), "bits set in exactly one", "bit_xor(12, 10)" => "6";
    BoolToString "bool_to_string" "0.0.64" "(Bool -> String)" Pure Runtime(RtFn::BoolToString), "`true`, `false`", "bool_to_string(true)" => "true";
    ByteToInt "byte_to_int" "0.0.71" "(Byte -> Int)" Pure At(Inline::ByteToInt), "0 … 255", "array_map(string_to_bytes(\"A\"), fn(@Byte -> @Int) effects(pure) { byte_to_int(@Byte.0) })" => "[65]";
    ByteToString "byte_to_string" "0.0.64" "(Byte -> String)" Pure Runtime(RtFn::StringFromByte), "the string of this one byte", "option_map(int_to_byte(65), fn(@Byte -> @String) effects(pure) { byte_to_string(@Byte.0) })" => "Some(A)";
    BytesToString "bytes_to_string" "0.2.4" "(Array<Byte> -> Result<String, String>)" Pure At(Inline::BytesToString), "`Err(\"invalid UTF-8 at byte N\")` if they are no UTF-8", "bytes_to_string(string_to_bytes(\"hi\"))" => "Ok(hi)";
    Ceil "ceil" "0.0.70" "(Float64 -> Int)" Pure At(Inline::Ceil), in IntegerRange, "toward +∞", "ceil(1.2)" => "2";
    CharToLower "char_to_lower" "0.0.118" "(String -> String)" Pure Runtime(RtFn::CharToLower), "the first byte in lower case", "char_to_lower(\"ABC\")" => "aBC";
    CharToUpper "char_to_upper" "0.0.118" "(String -> String)" Pure Runtime(RtFn::CharToUpper), "the first byte in upper case", "char_to_upper(\"abc\")" => "Abc";
    CheckedAdd "checked_add" "0.3.0" "(Int, Int -> Option<Int>)" Pure Prelude, "the sum, `None` if it does not fit", "checked_add(9223372036854775807, 1)" => "None";
    CheckedMul "checked_mul" "0.3.0" "(Int, Int -> Option<Int>)" Pure Prelude, "the product, `None` if it does not fit", "checked_mul(3, 4)" => "Some(12)";
    CheckedSub "checked_sub" "0.3.0" "(Int, Int -> Option<Int>)" Pure Prelude, "the difference, `None` if it does not fit", "checked_sub(3, 4)" => "Some(-1)";
    Clamp "clamp" "0.0.116" "(Int, Int, Int -> Int)" Pure Prelude, "`clamp(v, lo, hi)` is `min(max(v, lo), hi)`", "clamp(15, 0, 10)" => "10";
    ConstantTimeEq "constant_time_eq" "0.3.0" "(String, String -> Bool)" Pure Runtime(RtFn::SameInConstantTime), "whether two strings are the same, in time that depends on their lengths alone: for secrets", "constant_time_eq(\"secret\", \"secret\")" => "true";
    Cos "cos" "0.0.116" "(Float64 -> Float64)" Pure Runtime(RtFn::FloatCos), "radians", "cos(0.0)" => "1.0";
    CsvParse "csv_parse" "0.3.0" "(String -> Result<Array<Array<String>>, String>)" Pure Runtime(RtFn::CsvParse), "the records; `Err` says what is wrong and where: `unterminated quoted field: line 2 column 5`", "csv_parse(\"a,\\\"b,c\\\"\\r\\n1,2\\r\\n\")" => "Ok([[a, b,c], [1, 2]])";
    CsvWrite "csv_write" "0.3.0" "(Array<Array<String>> -> String)" Pure Runtime(RtFn::CsvWrite), "quotes only where they are needed, CR LF behind each record; `csv_parse` reads the same records, but for one without fields, which comes back with an empty one", "string_strip(csv_write([[\"a\", \"b,c\"]]))" => "a,\"b,c\"";
    DateAddMonths "date_add_months" "0.3.0" "(Int, Int -> Option<Int>)" Pure Runtime(RtFn::DateAddMonths), "so many months later, the day cut to a shorter month", "option_and_then(date_add_months(19782, 1), fn(@Int -> @Option<String>) effects(pure) { date_to_string(@Int.0) })" => "Some(2024-03-29)";
    DateFromParts "date_from_parts" "0.3.0" "(Int, Int, Int -> Option<Int>)" Pure Runtime(RtFn::DateFromParts), "of year, month and day", "date_from_parts(2024, 2, 29)" => "Some(19782)";
    DateParse "date_parse" "0.3.0" "(String -> Result<Int, String>)" Pure Runtime(RtFn::DateParse), "of `2024-02-29`; `Err` is `invalid date` or `date out of range`", "date_parse(\"2024-02-29\")" => "Ok(19782)";
    DateParts "date_parts" "0.3.0" "(Int -> Option<Tuple<Int, Int, Int>>)" Pure Runtime(RtFn::DateParts), "year, month and day", "date_parts(19782)" => "Some((2024, 2, 29))";
    DateToString "date_to_string" "0.3.0" "(Int -> Option<String>)" Pure Runtime(RtFn::DateToString), "the text again", "date_to_string(19782)" => "Some(2024-02-29)";
    DateWeekday "date_weekday" "0.3.0" "(Int -> Int)" Pure Prelude, "1 for Monday to 7 for Sunday", "date_weekday(19782)" => "4";
    DatetimeAdd "datetime_add" "0.3.0" "(Int, Int, Tuple<Int, Int> -> Option<Int>)" Pure Runtime(RtFn::DatetimeAdd), "the instant a duration later: its months are counted on a clock with this offset first, the day cut to a shorter month, then its milliseconds", "datetime_add(0, 0, Tuple(1, 500))" => "Some(2678400500)";
    DatetimeParse "datetime_parse" "0.3.0" "(String -> Result<Tuple<Int, Int>, String>)" Pure Runtime(RtFn::DatetimeParse), "of `2024-02-29T12:30:00.5+02:00`: instant and offset; the seconds may be absent, `Z` is no offset; digits behind the milliseconds are cut off; `Err` is `invalid date-time` or `date-time out of range`", "datetime_parse(\"1970-01-01T01:00:00+01:00\")" => "Ok((0, 60))";
    DatetimeToString "datetime_to_string" "0.3.0" "(Int, Int -> Option<String>)" Pure Runtime(RtFn::DatetimeToString), "the text of an instant on a clock with this offset", "datetime_to_string(0, 60)" => "Some(1970-01-01T01:00:00+01:00)";
    DecimalAbs "decimal_abs" "0.0.97" "(Decimal -> Decimal)" Pure Runtime(RtFn::DecimalAbs), "the absolute value", "decimal_abs(decimal_from_int(-3))" => "3";
    DecimalAdd "decimal_add" "0.0.97" "(Decimal, Decimal -> Decimal)" Pure Runtime(RtFn::DecimalAdd), "the smaller exponent of both", "option_map(decimal_from_string(\"0.10\"), fn(@Decimal -> @Decimal) effects(pure) { decimal_add(@Decimal.0, @Decimal.0) })" => "Some(0.20)";
    DecimalCompare "decimal_compare" "0.0.97" "(Decimal, Decimal -> Ordering)" Pure Runtime(RtFn::DecimalCompare), "by value, whatever the scale", "decimal_compare(decimal_from_int(1), decimal_from_int(2))" => "Less";
    DecimalDiv "decimal_div" "0.0.97" "(Decimal, Decimal -> Option<Decimal>)" Pure Runtime(RtFn::DecimalDiv), "`None` when the divisor is zero", "decimal_div(decimal_from_int(1), decimal_from_int(3))" => "Some(0.3333333333333333333333333333)";
    DecimalEq "decimal_eq" "0.0.97" "(Decimal, Decimal -> Bool)" Pure Runtime(RtFn::DecimalEq), "equal in value", "decimal_eq(decimal_from_float(1.5), decimal_from_float(1.50))" => "true";
    DecimalFromFloat "decimal_from_float" "0.0.97" "(Float64 -> Decimal)" Pure Runtime(RtFn::DecimalFromFloat), "the shortest decimal that reads back as the float", "decimal_from_float(0.1)" => "0.1";
    DecimalFromInt "decimal_from_int" "0.0.97" "(Int -> Decimal)" Pure Runtime(RtFn::DecimalFromInt), "exact", "decimal_from_int(42)" => "42";
    DecimalFromString "decimal_from_string" "0.0.97" "(String -> Option<Decimal>)" Pure Runtime(RtFn::DecimalFromString), "sign, digits, point, exponent", "decimal_from_string(\"1.50\")" => "Some(1.50)";
    DecimalMul "decimal_mul" "0.0.97" "(Decimal, Decimal -> Decimal)" Pure Runtime(RtFn::DecimalMul), "the sum of the exponents", "decimal_mul(decimal_from_float(1.5), decimal_from_int(2))" => "3.0";
    DecimalNeg "decimal_neg" "0.0.97" "(Decimal -> Decimal)" Pure Runtime(RtFn::DecimalNeg), "the negative", "decimal_neg(decimal_from_int(3))" => "-3";
    DecimalRound "decimal_round" "0.0.97" "(Decimal, Int -> Decimal)" Pure Runtime(RtFn::DecimalRound), "to this many digits behind the point, half to even", "decimal_round(decimal_from_float(2.345), 2)" => "2.34";
    DecimalSub "decimal_sub" "0.0.97" "(Decimal, Decimal -> Decimal)" Pure Runtime(RtFn::DecimalSub), "the smaller exponent of both", "decimal_sub(decimal_from_int(3), decimal_from_float(0.5))" => "2.5";
    DecimalToFloat "decimal_to_float" "0.0.97" "(Decimal -> Float64)" Pure Runtime(RtFn::DecimalToFloat), "the nearest float", "decimal_to_float(decimal_from_int(2))" => "2.0";
    DecimalToString "decimal_to_string" "0.0.97" "(Decimal -> String)" Pure Runtime(RtFn::DecimalToString), "plain digits, or scientific for large and small exponents", "decimal_to_string(decimal_from_float(2.5))" => "2.5";
    DurationParse "duration_parse" "0.3.0" "(String -> Result<Tuple<Int, Int>, String>)" Pure Runtime(RtFn::DurationParse), "of `P1Y2M3W4DT5H6M7.5S`, `PT90M`, `-P1M`, `P1MT-1S`; only seconds have a fraction; `Err` is `invalid duration` or `duration out of range`", "duration_parse(\"P1DT2H\")" => "Ok((0, 93600000))";
    DurationToString "duration_to_string" "0.3.0" "(Tuple<Int, Int> -> String)" Pure Runtime(RtFn::DurationToString), "the text: `P1Y2M25DT5H6M7.5S`; `PT0S` for none", "duration_to_string(Tuple(14, 90000))" => "P1Y2MT1M30S";
    E "e" "0.0.116" "(-> Float64)" Pure At(Inline::E), "2.718281828459045", "e()" => "2.718282";
    FloatAbs "float_abs" "0.3.0" "(Float64 -> Float64)" Pure Prelude, "without the sign; NaN stays", "float_abs(-1.5)" => "1.5";
    FloatClamp "float_clamp" "0.0.116" "(Float64, Float64, Float64 -> Float64)" Pure At(Inline::FloatClamp), "as `clamp`; NaN anywhere gives NaN", "float_clamp(1.5, 0.0, 1.0)" => "1.0";
    FloatIsInfinite "float_is_infinite" "0.0.72" "(Float64 -> Bool)" Pure At(Inline::IsInfinite), "is it one of the infinities?", "float_is_infinite(infinity())" => "true";
    FloatIsNan "float_is_nan" "0.0.72" "(Float64 -> Bool)" Pure At(Inline::IsNan), "is it NaN?", "float_is_nan(nan())" => "true";
    FloatMax "float_max" "0.3.0" "(Float64, Float64 -> Float64)" Pure Prelude, "the larger; NaN if one is", "float_max(1.5, 2.5)" => "2.5";
    FloatMin "float_min" "0.3.0" "(Float64, Float64 -> Float64)" Pure Prelude, "the smaller; NaN if one is", "float_min(1.5, 2.5)" => "1.5";
    FloatPow "float_pow" "0.3.0" "(Float64, Float64 -> Float64)" Pure Runtime(RtFn::FloatPower), "a power with any exponent", "float_pow(2.0, 0.5)" => "1.414214";
    FloatToInt "float_to_int" "0.0.71" "(Float64 -> Int)" Pure At(Inline::Truncate), in IntegerRange, "toward zero", "float_to_int(-1.9)" => "-1";
    FloatToString "float_to_string" "0.0.64" "(Float64 -> String)" Pure Runtime(RtFn::FloatToString), "at most six digits behind the point, at least one; never an exponent; `nan`, `inf`, `-inf`", "float_to_string(2.5)" => "2.5";
    FloatToStringExact "float_to_string_exact" "0.3.0" "(Float64 -> String)" Pure Runtime(RtFn::FloatToStringExact), "the fewest digits that `parse_float64` reads back to the same value; never an exponent", "float_to_string_exact(0.1)" => "0.1";
    Floor "floor" "0.0.70" "(Float64 -> Int)" Pure At(Inline::Floor), in IntegerRange, "toward −∞", "floor(-1.2)" => "-2";
    FormDecode "form_decode" "0.3.0" "(String -> Array<Tuple<String, String>>)" Pure Prelude, "names and values of a form, `a=1&b=x+y`, in order; what is no percent-encoding stays as it is", "form_decode(\"a=1&b=x+y\")" => "[(a, 1), (b, x y)]";
    FormEncode "form_encode" "0.3.0" "(Array<Tuple<String, String>> -> String)" Pure Prelude, "the text of a form", "form_encode([Tuple(\"a\", \"x y\"), Tuple(\"b\", \"1\")])" => "a=x%20y&b=1";
    FormGet "form_get" "0.3.0" "(Array<Tuple<String, String>>, String -> Option<String>)" Pure Prelude, "the first value of a name", "form_get(form_decode(\"a=1&b=2\"), \"b\")" => "Some(2)";
    HexDecode "hex_decode" "0.3.0" "(String -> Result<String, String>)" Pure Runtime(RtFn::HexDecode), "`Err` is `invalid hex length` or `invalid hex`", "hex_decode(\"6869\")" => "Ok(hi)";
    HexDecodeBytes "hex_decode_bytes" "0.3.0" "(String -> Result<Array<Byte>, String>)" Pure Runtime(RtFn::HexDecode), "to bytes", "hex_decode_bytes(\"4142\")" => "Ok([A, B])";
    HexEncode "hex_encode" "0.3.0" "(String -> String)" Pure Runtime(RtFn::HexEncode), "two digits for each byte of a string", "hex_encode(\"hi\")" => "6869";
    HexEncodeBytes "hex_encode_bytes" "0.3.0" "(Array<Byte> -> String)" Pure Runtime(RtFn::HexEncode), "of bytes", "hex_encode_bytes(string_to_bytes(\"hi\"))" => "6869";
    HmacSha256 "hmac_sha256" "0.3.0" "(String, String -> String)" Pure Prelude, "HMAC with SHA-256: key, message", "string_slice(hmac_sha256(\"key\", \"text\"), 0, 8)" => "6afa9046";
    HmacSha256Bytes "hmac_sha256_bytes" "0.3.0" "(Array<Byte>, Array<Byte> -> Array<Byte>)" Pure Runtime(RtFn::HmacSha256), "the same of bytes", "string_slice(hex_encode_bytes(hmac_sha256_bytes(string_to_bytes(\"key\"), string_to_bytes(\"text\"))), 0, 8)" => "6afa9046";
    HtmlAttr "html_attr" "0.0.100" "(HtmlNode, String -> Option<String>)" Pure Prelude, "the value of an attribute", "result_map(html_parse(\"<a href=\\\"to\\\">text</a>\"), fn(@HtmlNode -> @Option<String>) effects(pure) { html_attr(@HtmlNode.0, \"href\") })" => "Ok(Some(to))";
    HtmlParse "html_parse" "0.0.100" "(String -> Result<HtmlNode, String>)" Pure Runtime(RtFn::HtmlParse), "the tree", "html_parse(\"<b>text</b>\")" => "Ok(HtmlElement(b, {}, [HtmlText(text)]))";
    HtmlQuery "html_query" "0.0.100" "(HtmlNode, String -> Array<HtmlNode>)" Pure Runtime(RtFn::HtmlQuery), "the elements a selector matches, in document order", "result_map(html_parse(\"<p>a <b>bold</b> c</p>\"), fn(@HtmlNode -> @Array<HtmlNode>) effects(pure) { html_query(@HtmlNode.0, \"p b\") })" => "Ok([HtmlElement(b, {}, [HtmlText(bold)])])";
    HtmlText "html_text" "0.0.100" "(HtmlNode -> String)" Pure Runtime(RtFn::HtmlText), "the text of all text nodes below", "result_map(html_parse(\"<p>a <b>bold</b></p>\"), fn(@HtmlNode -> @String) effects(pure) { html_text(@HtmlNode.0) })" => "Ok(a bold)";
    HtmlToString "html_to_string" "0.0.100" "(HtmlNode -> String)" Pure Runtime(RtFn::HtmlToString), "the text of a tree", "html_to_string(HtmlElement(\"b\", map_new(), [HtmlText(\"1 < 2\")]))" => "<b>1 &lt; 2</b>";
    Infinity "infinity" "0.0.72" "(-> Float64)" Pure At(Inline::Infinity), "`0.0 - infinity()` is the negative one", "infinity()" => "inf";
    IntToByte "int_to_byte" "0.0.71" "(Int -> Option<Byte>)" Pure At(Inline::IntToByte), "`Some` if 0 … 255", "int_to_byte(256)" => "None";
    IntToFloat "int_to_float" "0.0.71" "(Int -> Float64)" Pure At(Inline::IntToFloat), "the nearest float, ties to even", "int_to_float(2)" => "2.0";
    IntToNat "int_to_nat" "0.0.71" "(Int -> Option<Nat>)" Pure At(Inline::IntToNat), "`Some` if not negative", "int_to_nat(-1)" => "None";
    IntToString "int_to_string" "0.0.64" "(Int -> String)" Pure Runtime(RtFn::IntToString), "decimal", "int_to_string(-42)" => "-42";
    IsAlpha "is_alpha" "0.0.118" "(String -> Bool)" Pure Prelude, "first byte a letter?", "is_alpha(\"a\")" => "true";
    IsAlphanumeric "is_alphanumeric" "0.0.118" "(String -> Bool)" Pure Prelude, "first byte a letter or digit?", "is_alphanumeric(\"1\")" => "true";
    IsDigit "is_digit" "0.0.118" "(String -> Bool)" Pure Prelude, "first byte `0`–`9`?", "is_digit(\"7\")" => "true";
    IsLower "is_lower" "0.0.118" "(String -> Bool)" Pure Prelude, "first byte `a`–`z`?", "is_lower(\"a\")" => "true";
    IsUpper "is_upper" "0.0.118" "(String -> Bool)" Pure Prelude, "first byte `A`–`Z`?", "is_upper(\"A\")" => "true";
    IsWhitespace "is_whitespace" "0.0.118" "(String -> Bool)" Pure Prelude, "first byte a blank?", "is_whitespace(\" \")" => "true";
    JsonArrayGet "json_array_get" "0.0.98" "(Json, Int -> Option<Json>)" Pure Prelude, "the element of an array", "json_array_get(JArray([JBool(true), JNull]), 0)" => "Some(JBool(true))";
    JsonArrayLength "json_array_length" "0.0.98" "(Json -> Int)" Pure Prelude, "0 for everything else", "json_array_length(JArray([JNull, JNull]))" => "2";
    JsonAsArray "json_as_array" "0.0.119" "(Json -> Option<Array<Json>>)" Pure Prelude, "if it is an array", "json_as_array(JArray([JNull]))" => "Some([JNull])";
    JsonAsBool "json_as_bool" "0.0.119" "(Json -> Option<Bool>)" Pure Prelude, "if it is a Boolean", "json_as_bool(JBool(true))" => "Some(true)";
    JsonAsInt "json_as_int" "0.0.119" "(Json -> Option<Int>)" Pure Prelude, "if it is a number in range, truncated", "json_as_int(JNumber(3.0))" => "Some(3)";
    JsonAsNumber "json_as_number" "0.0.119" "(Json -> Option<Float64>)" Pure Prelude, "if it is a number", "json_as_number(JNumber(2.5))" => "Some(2.5)";
    JsonAsObject "json_as_object" "0.0.119" "(Json -> Option<Map<String, Json>>)" Pure Prelude, "if it is an object", "json_as_object(JString(\"a\"))" => "None";
    JsonAsString "json_as_string" "0.0.119" "(Json -> Option<String>)" Pure Prelude, "if it is a string", "json_as_string(JString(\"a\"))" => "Some(a)";
    JsonGet "json_get" "0.0.98" "(Json, String -> Option<Json>)" Pure Prelude, "the member of an object", "result_map(json_parse(\"{\\\"a\\\": [1]}\"), fn(@Json -> @Option<Json>) effects(pure) { json_get(@Json.0, \"a\") })" => "Ok(Some(JArray([JNumber(1.0)])))";
    JsonGetArray "json_get_array" "0.0.119" "(Json, String -> Option<Array<Json>>)" Pure Prelude, "the member, if it is an array", "result_map(json_parse(\"{\\\"a\\\": [1]}\"), fn(@Json -> @Option<Array<Json>>) effects(pure) { json_get_array(@Json.0, \"a\") })" => "Ok(Some([JNumber(1.0)]))";
    JsonGetBool "json_get_bool" "0.0.119" "(Json, String -> Option<Bool>)" Pure Prelude, "the member, if it is a Boolean", "result_map(json_parse(\"{\\\"a\\\": true}\"), fn(@Json -> @Option<Bool>) effects(pure) { json_get_bool(@Json.0, \"a\") })" => "Ok(Some(true))";
    JsonGetInt "json_get_int" "0.0.119" "(Json, String -> Option<Int>)" Pure Prelude, "the member, if it is a number in range, truncated", "result_map(json_parse(\"{\\\"a\\\": 3}\"), fn(@Json -> @Option<Int>) effects(pure) { json_get_int(@Json.0, \"a\") })" => "Ok(Some(3))";
    JsonGetNumber "json_get_number" "0.0.119" "(Json, String -> Option<Float64>)" Pure Prelude, "the member, if it is a number", "result_map(json_parse(\"{\\\"a\\\": 2.5}\"), fn(@Json -> @Option<Float64>) effects(pure) { json_get_number(@Json.0, \"a\") })" => "Ok(Some(2.5))";
    JsonGetString "json_get_string" "0.0.119" "(Json, String -> Option<String>)" Pure Prelude, "the member, if it is a string", "result_map(json_parse(\"{\\\"a\\\": \\\"b\\\"}\"), fn(@Json -> @Option<String>) effects(pure) { json_get_string(@Json.0, \"a\") })" => "Ok(Some(b))";
    JsonHasField "json_has_field" "0.0.98" "(Json, String -> Bool)" Pure Prelude, "is there such a member?", "result_map(json_parse(\"{\\\"a\\\": null}\"), fn(@Json -> @Bool) effects(pure) { json_has_field(@Json.0, \"a\") })" => "Ok(true)";
    JsonKeys "json_keys" "0.0.98" "(Json -> Array<String>)" Pure Prelude, "the names of the members", "result_map(json_parse(\"{\\\"b\\\": 1, \\\"a\\\": 2}\"), fn(@Json -> @Array<String>) effects(pure) { json_keys(@Json.0) })" => "Ok([b, a])";
    JsonParse "json_parse" "0.0.98" "(String -> Result<Json, String>)" Pure Runtime(RtFn::JsonParse), "`Err` says what was expected, line and column", "json_parse(\"[1, true, \\\"a\\\"]\")" => "Ok(JArray([JNumber(1.0), JBool(true), JString(a)]))";
    JsonStringify "json_stringify" "0.0.98" "(Json -> String)" Pure Runtime(RtFn::JsonStringify), "without white space, members in order; NaN and infinities trap", "json_stringify(JArray([JNumber(1.0), JNull]))" => "[1,null]";
    JsonType "json_type" "0.0.98" "(Json -> String)" Pure Prelude, "`null`, `bool`, `number`, `string`, `array` or `object`", "json_type(JNull)" => "null";
    Log "log" "0.0.116" "(Float64 -> Float64)" Pure Runtime(RtFn::FloatLog), "natural logarithm", "log(1.0)" => "0.0";
    Log10 "log10" "0.0.116" "(Float64 -> Float64)" Pure Runtime(RtFn::FloatLog10), "base 10", "log10(1000.0)" => "3.0";
    Log2 "log2" "0.0.116" "(Float64 -> Float64)" Pure Runtime(RtFn::FloatLog2), "base 2", "log2(8.0)" => "3.0";
    MapContains "map_contains" "0.0.94" "forall<K, V> (Map<K, V>, K -> Bool)" Pure At(Inline::MapContains), "is the key there?", "map_contains(map_insert(map_new(), \"a\", 1), \"a\")" => "true";
    MapEntries "map_entries" "0.3.0" "forall<K, V> (Map<K, V> -> Array<Tuple<K, V>>)" Pure Prelude, "pairs of key and value, in order", "map_entries(map_insert(map_new(), \"a\", 1))" => "[(a, 1)]";
    MapFold "map_fold" "0.3.0" "forall<K, V, U> (Map<K, V>, U, fn(U, K, V -> U) effects(pure) -> U)" Pure Prelude, "in order: accumulator, key, value", "map_fold(map_insert(map_new(), \"a\", 5), 1, fn(@Int, @String, @Int -> @Int) effects(pure) { @Int.1 + @Int.0 })" => "6";
    MapFromEntries "map_from_entries" "0.3.0" "forall<K, V> (Array<Tuple<K, V>> -> Map<K, V>)" Pure Prelude, "of equal keys the last wins", "map_from_entries([Tuple(\"a\", 1), Tuple(\"b\", 2)])" => "{a: 1, b: 2}";
    MapGet "map_get" "0.0.94" "forall<K, V> (Map<K, V>, K -> Option<V>)" Pure At(Inline::MapGet), "the value, if any", "map_get(map_insert(map_new(), \"a\", 1), \"a\")" => "Some(1)";
    MapInsert "map_insert" "0.0.94" "forall<K, V> (Map<K, V>, K, V -> Map<K, V>)" Pure At(Inline::MapInsert), "with the key bound to the value", "map_insert(map_insert(map_new(), \"a\", 1), \"a\", 2)" => "{a: 2}";
    MapKeys "map_keys" "0.0.94" "forall<K, V> (Map<K, V> -> Array<K>)" Pure At(Inline::MapKeys), "in order", "map_keys(map_from_entries([Tuple(\"b\", 1), Tuple(\"a\", 2)]))" => "[b, a]";
    MapNew "map_new" "0.0.94" "forall<K, V> (-> Map<K, V>)" Pure At(Inline::MapNew), "no entries; the types come from the context", "map_size(map_new())" => "0";
    MapRemove "map_remove" "0.0.94" "forall<K, V> (Map<K, V>, K -> Map<K, V>)" Pure At(Inline::MapRemove), "without the key", "map_remove(map_from_entries([Tuple(\"a\", 1), Tuple(\"b\", 2)]), \"a\")" => "{b: 2}";
    MapSize "map_size" "0.0.94" "forall<K, V> (Map<K, V> -> Int)" Pure At(Inline::MapSize), "how many", "map_size(map_insert(map_new(), \"a\", 1))" => "1";
    MapUpdate "map_update" "0.3.0" "forall<K, V> (Map<K, V>, K, fn(Option<V> -> V) effects(pure) -> Map<K, V>)" Pure Prelude, "the value of a key from what it had", "map_update(map_insert(map_new(), \"a\", 1), \"a\", fn(@Option<Int> -> @Int) effects(pure) { option_unwrap_or(@Option<Int>.0, 0) + 1 })" => "{a: 2}";
    MapValues "map_values" "0.0.94" "forall<K, V> (Map<K, V> -> Array<V>)" Pure At(Inline::MapValues), "in the order of the keys", "map_values(map_from_entries([Tuple(\"b\", 1), Tuple(\"a\", 2)]))" => "[1, 2]";
    Max "max" "0.0.70" "(Int, Int -> Int)" Pure At(Inline::Max), "the larger", "max(3, 4)" => "4";
    MdExtractCodeBlocks "md_extract_code_blocks" "0.0.84" "(MdBlock, String -> Array<String>)" Pure Runtime(RtFn::MdExtractCodeBlocks), "the texts of the code blocks in this language", "result_map(md_parse(\"```sh\\nls\\n```\"), fn(@MdBlock -> @Array<String>) effects(pure) { md_extract_code_blocks(@MdBlock.0, \"sh\") })" => "Ok([ls])";
    MdHasCodeBlock "md_has_code_block" "0.0.84" "(MdBlock, String -> Bool)" Pure Runtime(RtFn::MdHasCodeBlock), "is there a code block in this language?", "result_map(md_parse(\"```sh\\nls\\n```\"), fn(@MdBlock -> @Bool) effects(pure) { md_has_code_block(@MdBlock.0, \"sh\") })" => "Ok(true)";
    MdHasHeading "md_has_heading" "0.0.84" "(MdBlock, Nat -> Bool)" Pure Runtime(RtFn::MdHasHeading), "is there a heading of this level?", "result_map(md_parse(\"# Title\"), fn(@MdBlock -> @Bool) effects(pure) { md_has_heading(@MdBlock.0, 1) })" => "Ok(true)";
    MdParse "md_parse" "0.0.84" "(String -> Result<MdBlock, String>)" Pure Runtime(RtFn::MdParse), "always `Ok(MdDocument(…))`", "md_parse(\"# *Title*\")" => "Ok(MdDocument([MdHeading(1, [MdEmph([MdText(Title)])])]))";
    MdRender "md_render" "0.0.84" "(MdBlock -> String)" Pure Runtime(RtFn::MdRender), "Markdown text again", "md_render(MdHeading(2, [MdText(\"Title\")]))" => "## Title";
    Min "min" "0.0.70" "(Int, Int -> Int)" Pure At(Inline::Min), "the smaller", "min(3, 4)" => "3";
    Nan "nan" "0.0.72" "(-> Float64)" Pure At(Inline::Nan), "not a number", "nan()" => "nan";
    NatMax "nat_max" "0.3.0" "(Nat, Nat -> Nat)" Pure Prelude, "the larger", "nat_max(3, 4)" => "4";
    NatMin "nat_min" "0.3.0" "(Nat, Nat -> Nat)" Pure Prelude, "the smaller", "nat_min(3, 4)" => "3";
    NatToInt "nat_to_int" "0.0.71" "(Nat -> Int)" Pure At(Inline::NatToInt), "the same number", "nat_to_int(string_length(\"abc\"))" => "3";
    NatToString "nat_to_string" "0.0.64" "(Nat -> String)" Pure Runtime(RtFn::IntToString), "decimal", "nat_to_string(42)" => "42";
    OptionAndThen "option_and_then" "0.0.89" "forall<A, B> (Option<A>, fn(A -> Option<B>) effects(pure) -> Option<B>)" Pure Prelude, "chained", "option_and_then(Some(\"12\"), fn(@String -> @Option<Int>) effects(pure) { result_to_option(parse_int(@String.0)) })" => "Some(12)";
    OptionIsSome "option_is_some" "0.3.0" "forall<T> (Option<T> -> Bool)" Pure Prelude, "is it `Some`?", "option_is_some(Some(1))" => "true";
    OptionMap "option_map" "0.0.89" "forall<A, B> (Option<A>, fn(A -> B) effects(pure) -> Option<B>)" Pure Prelude, "applied inside `Some`", "option_map(Some(2), fn(@Int -> @Int) effects(pure) { @Int.0 * 10 })" => "Some(20)";
    OptionOrElse "option_or_else" "0.3.0" "forall<T> (Option<T>, Option<T> -> Option<T>)" Pure Prelude, "the first if it is `Some`, else the second", "option_or_else(None, Some(2))" => "Some(2)";
    OptionToResult "option_to_result" "0.3.0" "forall<T, E> (Option<T>, E -> Result<T, E>)" Pure Prelude, "`Ok` of the payload, else `Err` of the second argument", "option_to_result(Some(1), \"missing\")" => "Ok(1)";
    OptionUnwrapOr "option_unwrap_or" "0.0.89" "forall<T> (Option<T>, T -> T)" Pure Prelude, "the payload, else the second argument", "option_unwrap_or(None, 7)" => "7";
    ParseBool "parse_bool" "0.0.77" "(String -> Result<Bool, String>)" Pure At(Inline::ParseBool), "`true` or `false`; `Err` is `expected true or false`", "parse_bool(\"true\")" => "Ok(true)";
    ParseFloat64 "parse_float64" "0.0.50" "(String -> Result<Float64, String>)" Pure At(Inline::ParseFloat), "optional sign, digits with an optional point, an optional exponent (`1e-3`); correctly rounded, beyond the range an infinity; `Err` is `empty string` or `invalid character`", "parse_float64(\"2.5\")" => "Ok(2.5)";
    ParseInt "parse_int" "0.0.77" "(String -> Result<Int, String>)" Pure At(Inline::ParseInt), "optional sign and digits; blanks around are skipped; `Err` is `empty string`, `invalid digit` or `out of range`", "parse_int(\"-42\")" => "Ok(-42)";
    ParseNat "parse_nat" "0.0.50" "(String -> Result<Nat, String>)" Pure At(Inline::ParseNat), "digits; errors as `parse_int`", "parse_nat(\"-42\")" => "Err(invalid digit)";
    Pi "pi" "0.0.116" "(-> Float64)" Pure At(Inline::Pi), "3.141592653589793", "pi()" => "3.141593";
    Pow "pow" "0.0.70" "(Float64, Int -> Float64)" Pure Runtime(RtFn::FloatPow), "by repeated squaring; a negative exponent is the reciprocal", "pow(2.0, 10)" => "1024.0";
    RegexFind "regex_find" "0.0.86" "(String, String -> Result<Option<String>, String>)" Pure Runtime(RtFn::RegexFind), "the first match", "regex_find(\"a12 b3\", \"\\\\d+\")" => "Ok(Some(12))";
    RegexFindAll "regex_find_all" "0.0.86" "(String, String -> Result<Array<String>, String>)" Pure Runtime(RtFn::RegexFindAll), "all matches that do not overlap", "regex_find_all(\"a12 b3\", \"\\\\d+\")" => "Ok([12, 3])";
    RegexMatch "regex_match" "0.0.86" "(String, String -> Result<Bool, String>)" Pure Runtime(RtFn::RegexMatch), "does it match anywhere?", "regex_match(\"a12\", \"^\\\\w\\\\d+$\")" => "Ok(true)";
    RegexReplace "regex_replace" "0.0.86" "(String, String, String -> Result<String, String>)" Pure Runtime(RtFn::RegexReplace), "the first match replaced; `\\\\1` is a group", "regex_replace(\"ann@example\", \"(\\\\w+)@(\\\\w+)\", \"\\\\2 at \\\\1\")" => "Ok(example at ann)";
    RequestQuery "request_query" "0.3.0" "(String -> Array<Tuple<String, String>>)" Pure Prelude, "the form behind the `?` of a request's path; none without one", "request_query(\"/find?q=x+y&page=2\")" => "[(q, x y), (page, 2)]";
    ResultAndThen "result_and_then" "0.3.0" "forall<A, B, E> (Result<A, E>, fn(A -> Result<B, E>) effects(pure) -> Result<B, E>)" Pure Prelude, "chained on `Ok`", "result_and_then(parse_int(\"12\"), fn(@Int -> @Result<Int, String>) effects(pure) { Ok(@Int.0 + 1) })" => "Ok(13)";
    ResultIsOk "result_is_ok" "0.3.0" "forall<T, E> (Result<T, E> -> Bool)" Pure Prelude, "is it `Ok`?", "result_is_ok(parse_int(\"x\"))" => "false";
    ResultMap "result_map" "0.0.89" "forall<A, B, E> (Result<A, E>, fn(A -> B) effects(pure) -> Result<B, E>)" Pure Prelude, "applied inside `Ok`", "result_map(parse_int(\"12\"), fn(@Int -> @Int) effects(pure) { @Int.0 * 2 })" => "Ok(24)";
    ResultMapErr "result_map_err" "0.3.0" "forall<T, E, F> (Result<T, E>, fn(E -> F) effects(pure) -> Result<T, F>)" Pure Prelude, "applied inside `Err`", "result_map_err(parse_int(\"x\"), fn(@String -> @Nat) effects(pure) { string_length(@String.0) })" => "Err(13)";
    ResultToOption "result_to_option" "0.3.0" "forall<T, E> (Result<T, E> -> Option<T>)" Pure Prelude, "`Some` of the payload of `Ok`", "result_to_option(parse_int(\"12\"))" => "Some(12)";
    ResultUnwrapOr "result_unwrap_or" "0.0.89" "forall<T, E> (Result<T, E>, T -> T)" Pure Prelude, "the payload of `Ok`, else the second argument", "result_unwrap_or(parse_int(\"x\"), 0)" => "0";
    Round "round" "0.0.70" "(Float64 -> Int)" Pure At(Inline::Round), in IntegerRange, "to the nearest, ties to even", "round(2.5)" => "2";
    SetAdd "set_add" "0.0.95" "forall<T> (Set<T>, T -> Set<T>)" Pure At(Inline::SetAdd), "with the element", "set_add(set_add(set_new(), 1), 1)" => "{1}";
    SetContains "set_contains" "0.0.95" "forall<T> (Set<T>, T -> Bool)" Pure At(Inline::MapContains), "is it there?", "set_contains(set_add(set_new(), 1), 1)" => "true";
    SetDifference "set_difference" "0.3.0" "forall<T> (Set<T>, Set<T> -> Set<T>)" Pure Prelude, "elements of the first that the second lacks", "set_difference(set_add(set_add(set_new(), 1), 2), set_add(set_new(), 2))" => "{1}";
    SetIntersection "set_intersection" "0.3.0" "forall<T> (Set<T>, Set<T> -> Set<T>)" Pure Prelude, "elements of both", "set_intersection(set_add(set_add(set_new(), 1), 2), set_add(set_new(), 2))" => "{2}";
    SetIsSubset "set_is_subset" "0.3.0" "forall<T> (Set<T>, Set<T> -> Bool)" Pure Prelude, "is every element of the first in the second?", "set_is_subset(set_add(set_new(), 2), set_add(set_add(set_new(), 1), 2))" => "true";
    SetNew "set_new" "0.0.95" "forall<T> (-> Set<T>)" Pure At(Inline::MapNew), "no elements", "set_size(set_new())" => "0";
    SetRemove "set_remove" "0.0.95" "forall<T> (Set<T>, T -> Set<T>)" Pure At(Inline::MapRemove), "without it", "set_remove(set_add(set_add(set_new(), 1), 2), 1)" => "{2}";
    SetSize "set_size" "0.0.95" "forall<T> (Set<T> -> Int)" Pure At(Inline::MapSize), "how many", "set_size(set_add(set_new(), \"a\"))" => "1";
    SetToArray "set_to_array" "0.0.95" "forall<T> (Set<T> -> Array<T>)" Pure At(Inline::MapKeys), "in order", "set_to_array(set_add(set_add(set_new(), 2), 1))" => "[2, 1]";
    SetUnion "set_union" "0.3.0" "forall<T> (Set<T>, Set<T> -> Set<T>)" Pure Prelude, "elements of either", "set_union(set_add(set_new(), 1), set_add(set_new(), 2))" => "{1, 2}";
    Sha256 "sha256" "0.3.0" "(String -> String)" Pure Prelude, "SHA-256", "string_slice(sha256(\"abc\"), 0, 8)" => "ba7816bf";
    Sha256Bytes "sha256_bytes" "0.3.0" "(Array<Byte> -> Array<Byte>)" Pure Runtime(RtFn::Sha256), "the same of bytes", "string_slice(hex_encode_bytes(sha256_bytes(string_to_bytes(\"abc\"))), 0, 8)" => "ba7816bf";
    Sign "sign" "0.0.116" "(Int -> Int)" Pure Prelude, "−1, 0 or 1", "sign(-7)" => "-1";
    Similarity "similarity" "0.3.0" "(Array<Float64>, Array<Float64> -> Float64)" Pure Prelude, "cosine of the angle between two vectors of one length; NaN if one is zero", "similarity([1.0, 0.0], [1.0, 0.0])" => "1.0";
    Sin "sin" "0.0.116" "(Float64 -> Float64)" Pure Runtime(RtFn::FloatSin), "radians", "sin(0.0)" => "0.0";
    Sqrt "sqrt" "0.0.70" "(Float64 -> Float64)" Pure At(Inline::Sqrt), "correctly rounded; NaN below zero", "sqrt(9.0)" => "3.0";
    StringCharCode "string_char_code" "0.0.50" "(String, Int -> Nat)" Pure At(Inline::StringCharCode), in StringIndex, "the byte at an index; outside a trap", "string_char_code(\"A\", 0)" => "65";
    StringChars "string_chars" "0.0.118" "(String -> Array<String>)" Pure Runtime(RtFn::StringChars), "one string for each byte", "string_chars(\"abc\")" => "[a, b, c]";
    StringCodepointLength "string_codepoint_length" "0.3.0" "(String -> Nat)" Pure Prelude, "how many", "string_codepoint_length(\"hé\")" => "2";
    StringCodepoints "string_codepoints" "0.3.0" "(String -> Array<Nat>)" Pure Prelude, "code points; 65533 for each byte that belongs to none", "string_codepoints(\"hé\")" => "[104, 233]";
    StringConcat "string_concat" "0.0.50" "(String, String -> String)" Pure Runtime(RtFn::StringConcat), "both", "string_concat(\"ab\", \"c\")" => "abc";
    StringContains "string_contains" "0.0.73" "(String, String -> Bool)" Pure Runtime(RtFn::StringContains), "is the second inside the first?", "string_contains(\"abc\", \"bc\")" => "true";
    StringEndsWith "string_ends_with" "0.0.73" "(String, String -> Bool)" Pure Runtime(RtFn::StringEndsWith), "does it end so?", "string_ends_with(\"abc\", \"bc\")" => "true";
    StringFindAll "string_find_all" "0.3.0" "(String, String -> Array<Nat>)" Pure Prelude, "offsets of the occurrences of the second, left to right, not overlapping; none for the empty string", "string_find_all(\"banana\", \"an\")" => "[1, 3]";
    StringFromCharCode "string_from_char_code" "0.0.74" "(Nat -> String)" Pure At(Inline::StringFromCharCode), "the one byte, modulo 256", "string_from_char_code(65)" => "A";
    StringFromCodepoint "string_from_codepoint" "0.3.0" "(Nat -> Option<String>)" Pure Prelude, "its UTF-8; `None` for surrogates and above 1114111", "string_from_codepoint(233)" => "Some(é)";
    StringIndexOf "string_index_of" "0.0.73" "(String, String -> Option<Nat>)" Pure At(Inline::StringIndexOf), "offset of the first occurrence", "string_index_of(\"banana\", \"an\")" => "Some(1)";
    StringJoin "string_join" "0.0.73" "(Array<String>, String -> String)" Pure Runtime(RtFn::StringJoin), "the elements with a separator between", "string_join([\"a\", \"b\"], \", \")" => "a, b";
    StringLength "string_length" "0.0.50" "(String -> Nat)" Pure At(Inline::StringLength), "bytes", "string_length(\"abc\")" => "3";
    StringLines "string_lines" "0.0.118" "(String -> Array<String>)" Pure Runtime(RtFn::StringLines), "the lines, without LF, CR LF, CR", "string_lines(\"a\\nb\\n\")" => "[a, b]";
    StringLower "string_lower" "0.0.73" "(String -> String)" Pure Runtime(RtFn::StringLower), "ASCII letters", "string_lower(\"AbC\")" => "abc";
    StringPadEnd "string_pad_end" "0.0.118" "(String, Nat, String -> String)" Pure Runtime(RtFn::StringPadEnd), "fills up to a width, behind", "string_pad_end(\"7\", 3, \".\")" => "7..";
    StringPadStart "string_pad_start" "0.0.118" "(String, Nat, String -> String)" Pure Runtime(RtFn::StringPadStart), "fills up to a width, in front", "string_pad_start(\"7\", 3, \"0\")" => "007";
    StringRepeat "string_repeat" "0.0.75" "(String, Nat -> String)" Pure Runtime(RtFn::StringRepeat), "n times", "string_repeat(\"ab\", 2)" => "abab";
    StringReplace "string_replace" "0.0.73" "(String, String, String -> String)" Pure Runtime(RtFn::StringReplace), "every occurrence of the second by the third", "string_replace(\"a-b-c\", \"-\", \"+\")" => "a+b+c";
    StringReverse "string_reverse" "0.0.118" "(String -> String)" Pure Runtime(RtFn::StringReverse), "bytes from last to first", "string_reverse(\"abc\")" => "cba";
    StringSlice "string_slice" "0.0.50" "(String, Int, Int -> String)" Pure Runtime(RtFn::StringSlice), "bytes from, up to but not including; both clamped", "string_slice(\"abcd\", 1, 3)" => "bc";
    StringSplit "string_split" "0.0.73" "(String, String -> Array<String>)" Pure Runtime(RtFn::StringSplit), "the pieces between separators; always one or more", "string_split(\"a,b\", \",\")" => "[a, b]";
    StringStartsWith "string_starts_with" "0.0.73" "(String, String -> Bool)" Pure Runtime(RtFn::StringStartsWith), "does it begin so?", "string_starts_with(\"abc\", \"ab\")" => "true";
    StringStrip "string_strip" "0.0.50" "(String -> String)" Pure At(Inline::StringStrip), "without blanks at both ends", "string_strip(\"  a \")" => "a";
    StringToBytes "string_to_bytes" "0.2.4" "(String -> Array<Byte>)" Pure Runtime(RtFn::StringToBytes), "the bytes", "string_to_bytes(\"hi\")" => "[h, i]";
    StringTrimEnd "string_trim_end" "0.0.118" "(String -> String)" Pure At(Inline::StringTrimEnd), "without blanks behind", "string_trim_end(\"a  \")" => "a";
    StringTrimStart "string_trim_start" "0.0.118" "(String -> String)" Pure At(Inline::StringTrimStart), "without blanks in front", "string_trim_start(\"  a\")" => "a";
    StringUpper "string_upper" "0.0.73" "(String -> String)" Pure Runtime(RtFn::StringUpper), "ASCII letters", "string_upper(\"abc\")" => "ABC";
    StringWords "string_words" "0.0.118" "(String -> Array<String>)" Pure Runtime(RtFn::StringWords), "the runs of non-blank bytes", "string_words(\" a  b \")" => "[a, b]";
    Tan "tan" "0.0.116" "(Float64 -> Float64)" Pure Runtime(RtFn::FloatTan), "radians", "tan(0.0)" => "0.0";
    ToString "to_string" "0.0.50" "(Int -> String)" Pure Runtime(RtFn::IntToString), "decimal", "to_string(42)" => "42";
    UrlDecode "url_decode" "0.0.80" "(String -> Result<String, String>)" Pure Runtime(RtFn::UrlDecode), "`Err(\"invalid percent-encoding\")`", "url_decode(\"a%20b\")" => "Ok(a b)";
    UrlEncode "url_encode" "0.0.80" "(String -> String)" Pure Runtime(RtFn::UrlEncode), "every byte but letters, digits, `-_.~` becomes `%XX`", "url_encode(\"a b&c\")" => "a%20b%26c";
    UrlJoin "url_join" "0.0.81" "(UrlParts -> String)" Pure Runtime(RtFn::UrlJoin), "the text again", "url_join(UrlParts(\"https\", \"example.org\", \"/a\", \"q=1\", \"\"))" => "https://example.org/a?q=1";
    UrlParse "url_parse" "0.0.81" "(String -> Result<UrlParts, String>)" Pure Runtime(RtFn::UrlParse), "scheme, authority, path, query, fragment; `Err(\"missing scheme\")`", "url_parse(\"https://example.org/a?q=1#top\")" => "Ok(UrlParts(https, example.org, /a, q=1, top))";
    WrappingAdd "wrapping_add" "0.3.0" "(Int, Int -> Int)" Pure At(Inline::Add), "the sum modulo 2^64; never traps", "wrapping_add(9223372036854775807, 1)" => "-9223372036854775808";
    WrappingMul "wrapping_mul" "0.3.0" "(Int, Int -> Int)" Pure At(Inline::Mul), "the product modulo 2^64", "wrapping_mul(4611686018427387904, 2)" => "-9223372036854775808";
    WrappingSub "wrapping_sub" "0.3.0" "(Int, Int -> Int)" Pure At(Inline::Sub), "the difference modulo 2^64", "wrapping_sub(-9223372036854775808, 1)" => "9223372036854775807";
    YearIsLeap "year_is_leap" "0.3.0" "(Int -> Bool)" Pure Prelude, "whether a year has 366 days", "year_is_leap(2024)" => "true";
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
