//! The functions `vera-rt` offers to compiled code.
//!
//! References are `i32`. A function that may collect takes the **shadow
//! pointer** as its last parameter: the address just past the caller's live
//! roots. It may use the shadow stack from there upward and must itself root
//! whatever it holds across an allocation, its arguments included.

/// A wasm value type.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Wasm {
    I32,
    I64,
    F64,
}
use Wasm::*;

/// What a linked runtime holds: each one all of those before it. A program is merged
/// with the smallest that has what it calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord)]
pub enum Library {
    /// The heap, strings, arrays, maps, numbers.
    Core,
    /// JSON, regular expressions, decimals, encodings, CSV, dates, digests.
    Data,
    /// HTML and Markdown, over parsers that need Rust's standard library.
    Markup,
    /// What stands in for the host of a component ([`crate::wasi`]).
    Wasi,
}

impl Library {
    /// All of them, the smallest first.
    pub const ALL: [Library; 4] = [Library::Core, Library::Data, Library::Markup, Library::Wasi];

    /// The word for it, as in names of files.
    pub const fn name(self) -> &'static str {
        match self {
            Library::Core => "core",
            Library::Data => "data",
            Library::Markup => "markup",
            Library::Wasi => "wasi",
        }
    }
}

macro_rules! runtime_fns {
    ($($(#[$doc:meta])* $variant:ident = $name:ident, [$($param:ident),*] => [$($result:ident),*] $(, $attribute:ident)*;)*) => {
        /// A function exported by the runtime.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord)]
        pub enum RtFn { $($(#[$doc])* $variant,)* }

        impl RtFn {
            /// Every runtime function.
            pub const ALL: &'static [RtFn] = &[$(RtFn::$variant),*];
            /// Export name.
            pub const fn name(self) -> &'static str {
                match self { $(RtFn::$variant => stringify!($name),)* }
            }
            /// Parameter types; the shadow pointer, where there is one, included.
            pub const fn params(self) -> &'static [Wasm] {
                match self { $(RtFn::$variant => &[$($param),*],)* }
            }
            /// Result types.
            pub const fn results(self) -> &'static [Wasm] {
                match self { $(RtFn::$variant => &[$($result),*],)* }
            }
            /// Whether the function may collect, and so takes a shadow pointer last.
            pub const fn collects(self) -> bool {
                match self { $(RtFn::$variant => runtime_fns!(@collects $($attribute)*),)* }
            }
            /// The smallest library it is part of.
            pub const fn library(self) -> Library {
                match self { $(RtFn::$variant => runtime_fns!(@library $($attribute)*),)* }
            }
        }
    };
    (@collects collects $($rest:ident)*) => { true };
    (@collects $($rest:ident)*) => { false };
    (@library $(collects)? data) => { Library::Data };
    (@library $(collects)? markup) => { Library::Markup };
    (@library $(collects)?) => { Library::Core };
}

/// THE table of runtime functions, handed to a macro: `with! { row; … }`. A row is name,
/// symbol, wasm types of parameters and results, whether it may collect, and the library
/// if it is not the core.
#[macro_export]
macro_rules! runtime_functions {
    ($with:ident) => { $with! {
    /// `init(flags) -> shadow pointer`: must be called once, before anything
    /// else. The flags are a [`GcMode`].
    Init = vera_rt_init, [I32] => [I32];
    /// Bytes of heap blocks held at most so far (blocks, not live objects): a test hook.
    HighWater = vera_rt_high_water, [] => [I64];
    /// `alloc_slow(size, sp) -> object`: a cell for an object of `size` bytes,
    /// header included, any size; contents undefined.
    AllocSlow = vera_alloc_slow, [I32, I32] => [I32], collects;
    /// `seq_new(length, element size, is_ref, sp) -> owner`: an owner of
    /// exactly `length` elements, `data`, `len`, `used` set. Elements are
    /// undefined, or null with the `BUILDING` flag set when `is_ref` is 1.
    SeqNew = vera_seq_new, [I32, I32, I32, I32] => [I32], collects;
    /// `seq_trim(owner, length, element size)`: keeps the first `length`
    /// elements of an owner no other value shares, gives back whole blocks
    /// behind them, and clears `BUILDING`.
    SeqTrim = vera_seq_trim, [I32, I32, I32] => [];
    /// `write_ref(object, field address, reference)`: stores a reference into an
    /// object that may be old.
    WriteRef = vera_write_ref, [I32, I32, I32] => [];

    /// `array_append_*(array, element, sp)`.
    ArrayAppendI64 = vera_array_append_i64, [I32, I64, I32] => [I32], collects;
    ArrayAppendF64 = vera_array_append_f64, [I32, F64, I32] => [I32], collects;
    /// One-byte elements: `Byte`, `Bool`.
    ArrayAppendU8 = vera_array_append_u8, [I32, I32, I32] => [I32], collects;
    /// Four-byte elements that are not references: enumerations.
    ArrayAppendI32 = vera_array_append_i32, [I32, I32, I32] => [I32], collects;
    ArrayAppendRef = vera_array_append_ref, [I32, I32, I32] => [I32], collects;
    /// `array_concat(a, b, element size, is_ref, sp)`.
    ArrayConcat = vera_array_concat, [I32, I32, I32, I32, I32] => [I32], collects;
    /// `seq_copy(sequence, element size, is_ref, sp)`: an owner of the same elements
    /// that nobody else has.
    SeqCopy = vera_seq_copy, [I32, I32, I32, I32] => [I32], collects;
    /// `seq_put_ref(owner, index, reference)`: stores an element into an owner that may
    /// be old and that no other value shares.
    SeqPutRef = vera_seq_put_ref, [I32, I32, I32] => [];
    /// `seq_own(sequence, sp)`: the same elements as a value with one holder. The
    /// functions that follow append to such a value, which the caller forgets:
    /// the result, which may be the same object, is the only holder then.
    SeqOwn = vera_seq_own, [I32, I32] => [I32], collects;
    /// `array_push_*(owned array, element, sp)`.
    ArrayPushI64 = vera_array_push_i64, [I32, I64, I32] => [I32], collects;
    ArrayPushF64 = vera_array_push_f64, [I32, F64, I32] => [I32], collects;
    ArrayPushU8 = vera_array_push_u8, [I32, I32, I32] => [I32], collects;
    ArrayPushI32 = vera_array_push_i32, [I32, I32, I32] => [I32], collects;
    ArrayPushRef = vera_array_push_ref, [I32, I32, I32] => [I32], collects;
    /// `array_extend(owned array, tail, element size, is_ref, sp)`.
    ArrayExtend = vera_array_extend, [I32, I32, I32, I32, I32] => [I32], collects;
    /// `string_push(owned text, tail, sp)`.
    StringPush = vera_string_push, [I32, I32, I32] => [I32], collects;
    /// `array_slice(array, start, end, element size, sp)`: indices are clamped; shares the elements.
    ArraySlice = vera_array_slice, [I32, I64, I64, I32, I32] => [I32], collects;
    /// `array_reverse(array, element size, is_ref, sp)`.
    ArrayReverse = vera_array_reverse, [I32, I32, I32, I32] => [I32], collects;
    /// `array_flatten(array of arrays, element size, is_ref, sp)`.
    ArrayFlatten = vera_array_flatten, [I32, I32, I32, I32] => [I32], collects;
    /// `array_sort_int(array, descending, sp)`: an array of `Int` in natural order.
    ArraySortInt = vera_array_sort_int, [I32, I32, I32] => [I32], collects;
    /// `array_range(start, end, sp)`.
    ArrayRange = vera_array_range, [I64, I64, I32] => [I32], collects;

    StringEq = vera_string_eq, [I32, I32] => [I32];
    /// Negative, zero or positive.
    StringCompare = vera_string_compare, [I32, I32] => [I32];
    StringHash = vera_string_hash, [I32] => [I64];
    StringConcat = vera_string_concat, [I32, I32, I32] => [I32], collects;
    /// Joins the strings of an array of references without separator (interpolation).
    StringConcatAll = vera_string_concat_all, [I32, I32] => [I32], collects;
    /// `string_slice(text, start, end, sp)`: indices are clamped; shares the bytes.
    StringSlice = vera_string_slice, [I32, I64, I64, I32] => [I32], collects;
    StringRepeat = vera_string_repeat, [I32, I64, I32] => [I32], collects;
    StringReverse = vera_string_reverse, [I32, I32] => [I32], collects;
    StringPadStart = vera_string_pad_start, [I32, I64, I32, I32] => [I32], collects;
    StringPadEnd = vera_string_pad_end, [I32, I64, I32, I32] => [I32], collects;
    StringJoin = vera_string_join, [I32, I32, I32] => [I32], collects;
    StringContains = vera_string_contains, [I32, I32] => [I32];
    StringStartsWith = vera_string_starts_with, [I32, I32] => [I32];
    StringEndsWith = vera_string_ends_with, [I32, I32] => [I32];
    /// Byte offset of the first occurrence, or -1.
    StringIndexOf = vera_string_index_of, [I32, I32] => [I64];
    StringUpper = vera_string_upper, [I32, I32] => [I32], collects;
    StringLower = vera_string_lower, [I32, I32] => [I32], collects;
    /// `string_trim(text, at start, at end, sp)`.
    StringTrim = vera_string_trim, [I32, I32, I32, I32] => [I32], collects;
    StringReplace = vera_string_replace, [I32, I32, I32, I32] => [I32], collects;
    StringSplit = vera_string_split, [I32, I32, I32] => [I32], collects;
    StringChars = vera_string_chars, [I32, I32] => [I32], collects;
    StringLines = vera_string_lines, [I32, I32] => [I32], collects;
    StringWords = vera_string_words, [I32, I32] => [I32], collects;
    /// First character to ASCII upper case.
    CharToUpper = vera_char_to_upper, [I32, I32] => [I32], collects;
    CharToLower = vera_char_to_lower, [I32, I32] => [I32], collects;
    /// The one-byte string of the low eight bits.
    StringFromByte = vera_string_from_byte, [I32, I32] => [I32], collects;
    IntToString = vera_int_to_string, [I64, I32] => [I32], collects;
    FloatToString = vera_float_to_string, [F64, I32] => [I32], collects;
    /// The shortest digits that read back to the same value.
    FloatToStringExact = vera_float_to_string_exact, [F64, I32] => [I32], collects;
    BoolToString = vera_bool_to_string, [I32] => [I32];
    StringToBytes = vera_string_to_bytes, [I32, I32] => [I32], collects;
    /// Offset of the first invalid UTF-8 sequence, or -1.
    Utf8Error = vera_utf8_error, [I32] => [I64];
    /// The string with the same bytes as an `Array<Byte>`.
    BytesToString = vera_bytes_to_string, [I32, I32] => [I32], collects;
    /// `parse_int(text) -> (status, value)`; status is a [`ParseStatus`].
    ParseInt = vera_parse_int, [I32] => [I32];
    ParseNat = vera_parse_nat, [I32] => [I32];
    ParseFloat = vera_parse_float, [I32] => [I32];
    /// 0 false, 1 true, 2 neither.
    ParseBool = vera_parse_bool, [I32] => [I32];
    /// The value of the last successful `parse_int` or `parse_nat`.
    ParsedInt = vera_parsed_int, [] => [I64];
    /// The value of the last successful `parse_float`.
    ParsedFloat = vera_parsed_float, [] => [F64];
    FloatLog = vera_float_log, [F64] => [F64];
    FloatLog2 = vera_float_log2, [F64] => [F64];
    FloatLog10 = vera_float_log10, [F64] => [F64];
    FloatSin = vera_float_sin, [F64] => [F64];
    FloatCos = vera_float_cos, [F64] => [F64];
    FloatTan = vera_float_tan, [F64] => [F64];
    FloatAsin = vera_float_asin, [F64] => [F64];
    FloatAcos = vera_float_acos, [F64] => [F64];
    FloatAtan = vera_float_atan, [F64] => [F64];
    FloatAtan2 = vera_float_atan2, [F64, F64] => [F64];
    /// `pow(base, exponent)` by squaring, in the order chapter 12.3.2 fixes.
    FloatPow = vera_float_pow, [F64, I64] => [F64];
    FloatPower = vera_float_power, [F64, F64] => [F64];

    /// Hash of a key of one word (`Int`, the bits of a canonical `Float64`, a
    /// tag), under the instance's secret. The low 32 bits are what an entry holds.
    KeyHashWord = vera_key_hash_word, [I64] => [I64];
    /// Hash of a `String` key, under the instance's secret.
    KeyHashString = vera_key_hash_string, [I32] => [I64];
    /// `key_hash_mix(hash so far, hash of the next part)`.
    KeyHashMix = vera_key_hash_mix, [I64, I64] => [I64];
    /// `map_find_word(map, key) -> entry`, or 0.
    MapFindWord = vera_map_find_word, [I32, I64] => [I32];
    /// `map_find_string(map, key) -> entry`, or 0.
    MapFindString = vera_map_find_string, [I32, I32] => [I32];
    /// `map_first(map, hash) -> entry`: the first entry with this hash, or 0.
    MapFirst = vera_map_first, [I32, I32] => [I32];
    /// `map_following(map, entry) -> entry`: the next entry with the same hash, or 0.
    MapFollowing = vera_map_following, [I32, I32] => [I32];
    /// `map_insert_word(map, entry, sp) -> map`: with the fresh `entry` instead
    /// of the one with the same key, or behind all others.
    MapInsertWord = vera_map_insert_word, [I32, I32, I32] => [I32], collects;
    /// The same for `String` keys.
    MapInsertString = vera_map_insert_string, [I32, I32, I32] => [I32], collects;
    /// `map_put(map, entry, old, sp) -> map`: with the fresh `entry`, whose hash
    /// is set, instead of the entry `old`, or behind all others when `old` is 0.
    MapPut = vera_map_put, [I32, I32, I32, I32] => [I32], collects;
    /// `map_remove(map, entry, sp) -> map`: without an entry of its own.
    MapRemove = vera_map_remove, [I32, I32, I32] => [I32], collects;
    /// `map_entries(map, sp)`: an array of the entries in insertion order.
    MapEntries = vera_map_entries, [I32, I32] => [I32], collects;

    /// `json_parse(text, sp)`: a `Result<Json, String>`.
    JsonParse = vera_json_parse, [I32, I32] => [I32], collects, data;
    /// `json_stringify(value, sp)`. Traps at a number that is NaN or infinite.
    JsonStringify = vera_json_stringify, [I32, I32] => [I32], collects, data;
    /// `regex_*(text, pattern, sp)`: a `Result` with a message as its error.
    RegexMatch = vera_regex_match, [I32, I32, I32] => [I32], collects, data;
    RegexFind = vera_regex_find, [I32, I32, I32] => [I32], collects, data;
    RegexFindAll = vera_regex_find_all, [I32, I32, I32] => [I32], collects, data;
    /// `regex_replace(text, pattern, template, sp)`.
    RegexReplace = vera_regex_replace, [I32, I32, I32, I32] => [I32], collects, data;
    /// `regex_*(text, pattern, sp)` with a pattern compiled beforehand
    /// (`vera_data::regex::Regex::freeze`), as an array of strings.
    RegexMatchFrozen = vera_regex_match_frozen, [I32, I32, I32] => [I32], collects, data;
    RegexFindFrozen = vera_regex_find_frozen, [I32, I32, I32] => [I32], collects, data;
    RegexFindAllFrozen = vera_regex_find_all_frozen, [I32, I32, I32] => [I32], collects, data;
    RegexReplaceFrozen = vera_regex_replace_frozen, [I32, I32, I32, I32] => [I32], collects, data;
    /// Comes before the search for a frozen pattern that backtracks
    /// (`vera_data::regex::Regex::backtracks`), whose engine others do without.
    RegexBacktracking = vera_regex_backtracking, [] => [], data;
    /// The template is compiled beforehand, too.
    RegexReplaceByFrozen = vera_regex_replace_by_frozen, [I32, I32, I32, I32] => [I32], collects, data;

    DecimalFromInt = vera_decimal_from_int, [I64, I32] => [I32], collects, data;
    DecimalFromFloat = vera_decimal_from_float, [F64, I32] => [I32], collects, data;
    /// An `Option<Decimal>`, as is the quotient.
    DecimalFromString = vera_decimal_from_string, [I32, I32] => [I32], collects, data;
    DecimalToString = vera_decimal_to_string, [I32, I32] => [I32], collects, data;
    DecimalToFloat = vera_decimal_to_float, [I32] => [F64], data;
    /// Traps where infinities have no result, as do those that follow.
    DecimalAdd = vera_decimal_add, [I32, I32, I32] => [I32], collects, data;
    DecimalSub = vera_decimal_sub, [I32, I32, I32] => [I32], collects, data;
    DecimalMul = vera_decimal_mul, [I32, I32, I32] => [I32], collects, data;
    DecimalDiv = vera_decimal_div, [I32, I32, I32] => [I32], collects, data;
    DecimalNeg = vera_decimal_neg, [I32, I32] => [I32], collects, data;
    DecimalAbs = vera_decimal_abs, [I32, I32] => [I32], collects, data;
    /// `decimal_round(value, places, sp)`.
    DecimalRound = vera_decimal_round, [I32, I64, I32] => [I32], collects, data;
    /// The tag of an `Ordering`; traps with a NaN.
    DecimalCompare = vera_decimal_compare, [I32, I32] => [I32], data;
    DecimalEq = vera_decimal_eq, [I32, I32] => [I32], data;
    /// What `hash` gives; equal numbers share it.
    DecimalHash = vera_decimal_hash, [I32] => [I64], data;
    /// Hash of a `Decimal` key, under the instance's secret.
    KeyHashDecimal = vera_key_hash_decimal, [I32] => [I64], data;
    /// Whether two numbers are the same key: equal, or both NaN.
    DecimalIsSameKey = vera_decimal_is_same_key, [I32, I32] => [I32], data;

    /// Of a string or an array of bytes.
    Base64Encode = vera_base64_encode, [I32, I32] => [I32], collects, data;
    /// A `Result` of a string or an array of bytes, which look alike.
    Base64Decode = vera_base64_decode, [I32, I32] => [I32], collects, data;
    UrlEncode = vera_url_encode, [I32, I32] => [I32], collects, data;
    UrlDecode = vera_url_decode, [I32, I32] => [I32], collects, data;
    /// A `Result<UrlParts, String>`.
    UrlParse = vera_url_parse, [I32, I32] => [I32], collects, data;
    UrlJoin = vera_url_join, [I32, I32] => [I32], collects, data;

    HexEncode = vera_hex_encode, [I32, I32] => [I32], collects, data;
    HexDecode = vera_hex_decode, [I32, I32] => [I32], collects, data;
    /// The bytes of the digest.
    Sha256 = vera_sha256, [I32, I32] => [I32], collects, data;
    /// `hmac_sha256(key, message, sp)`: the bytes of the code.
    HmacSha256 = vera_hmac_sha256, [I32, I32, I32] => [I32], collects, data;
    /// Of two strings or arrays of bytes.
    SameInConstantTime = vera_same_in_constant_time, [I32, I32] => [I32], data;

    /// `csv_parse(text, sp)`: a `Result<Array<Array<String>>, String>`.
    CsvParse = vera_csv_parse, [I32, I32] => [I32], collects, data;
    CsvWrite = vera_csv_write, [I32, I32] => [I32], collects, data;

    /// A `Result<Int, String>`: days since 1970-01-01, as in all that follows.
    DateParse = vera_date_parse, [I32, I32] => [I32], collects, data;
    /// An `Option<String>`.
    DateToString = vera_date_to_string, [I64, I32] => [I32], collects, data;
    /// `date_from_parts(year, month, day, sp)`: an `Option<Int>`.
    DateFromParts = vera_date_from_parts, [I64, I64, I64, I32] => [I32], collects, data;
    /// An `Option` of a tuple of year, month and day.
    DateParts = vera_date_parts, [I64, I32] => [I32], collects, data;
    /// `date_add_months(days, months, sp)`: an `Option<Int>`.
    DateAddMonths = vera_date_add_months, [I64, I64, I32] => [I32], collects, data;
    /// A `Result` of a tuple: milliseconds since 1970 in UTC, minutes ahead of UTC.
    DatetimeParse = vera_datetime_parse, [I32, I32] => [I32], collects, data;
    /// `datetime_to_string(milliseconds, minutes, sp)`: an `Option<String>`.
    DatetimeToString = vera_datetime_to_string, [I64, I64, I32] => [I32], collects, data;
    /// `datetime_add(milliseconds, minutes, duration, sp)`: an `Option<Int>`.
    DatetimeAdd = vera_datetime_add, [I64, I64, I32, I32] => [I32], collects, data;
    /// A `Result` of a tuple: months, milliseconds.
    DurationParse = vera_duration_parse, [I32, I32] => [I32], collects, data;
    DurationToString = vera_duration_to_string, [I32, I32] => [I32], collects, data;

    /// `html_parse(text, sp)`: a `Result<HtmlNode, String>`.
    HtmlParse = vera_html_parse, [I32, I32] => [I32], collects, markup;
    HtmlToString = vera_html_to_string, [I32, I32] => [I32], collects, markup;
    HtmlText = vera_html_text, [I32, I32] => [I32], collects, markup;
    HtmlQuery = vera_html_query, [I32, I32, I32] => [I32], collects, markup;
    /// `md_parse(text, sp)`: a `Result<MdBlock, String>`.
    MdParse = vera_md_parse, [I32, I32] => [I32], collects, markup;
    MdRender = vera_md_render, [I32, I32] => [I32], collects, markup;
    MdHasHeading = vera_md_has_heading, [I32, I64] => [I32], markup;
    MdHasCodeBlock = vera_md_has_code_block, [I32, I32] => [I32], markup;
    MdExtractCodeBlocks = vera_md_extract_code_blocks, [I32, I32, I32] => [I32], collects, markup;

    /// A string holding the host's pending result.
    StringFromHost = vera_string_from_host, [I32] => [I32], collects;
    /// The command-line words.
    HostArgs = vera_host_args, [I32] => [I32], collects;
    /// A string of `length` undefined bytes, for hosts that pass one in.
    StringNew = vera_string_new, [I32, I32] => [I32], collects;
    } };
}

runtime_functions!(runtime_fns);

/// When the collector runs; a flag of [`RtFn::Init`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(i32)]
pub enum GcMode {
    /// When it is worth it.
    #[default]
    Normal = 0,
    /// At every allocation, everything; what is freed is poisoned.
    Eager = 1,
    /// At every allocation, what is young, and everything now and then. A full
    /// collection finds whatever is reachable; a young one only what is remembered.
    Young = 2,
}

impl GcMode {
    /// The mode of these flags.
    pub const fn of_flags(flags: i32) -> GcMode {
        match flags {
            1 => GcMode::Eager,
            2 => GcMode::Young,
            _ => GcMode::Normal,
        }
    }
}

/// Result of the `parse_*` functions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(i32)]
pub enum ParseStatus {
    Ok = 0,
    Empty = 1,
    Invalid = 2,
    OutOfRange = 3,
}
