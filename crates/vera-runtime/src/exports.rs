//! What compiled code calls of the data formats: one function for each entry of
//! [`vera_abi::runtime::RtFn`] that is not in `vera-rt`'s own list.

use vera_abi::trap::TrapKind;
use vera_data::decimal::{Decimal, Undefined};
use vera_data::regex::{BACKTRACKING, Error, Regex};
use vera_rt::exports::{heap, keyed_heap};
use vera_rt::trap::trap_saying;
use vera_rt::{Ref, Roots};

use crate::{csv, date, decimal, digest, encoding, json, regex};
#[cfg(feature = "markup")]
use crate::{html, markdown};

static mut WRITTEN: regex::Patterns = regex::Patterns::new();
static mut FROZEN: regex::Frozen = regex::Frozen::new();

/// The pattern of a text, compiled.
fn written(pattern: Ref) -> Result<&'static mut Regex, Error> {
    let patterns = &raw mut WRITTEN;
    // SAFETY: a module has one thread, and no exported function calls another.
    unsafe { &mut *patterns }.get(heap(), pattern)
}

/// The patterns that the compiler has frozen.
fn all_frozen() -> &'static mut regex::Frozen {
    let patterns = &raw mut FROZEN;
    // SAFETY: as above.
    unsafe { &mut *patterns }
}

/// One of them.
fn frozen(pattern: Ref) -> Result<&'static mut Regex, Error> {
    Ok(all_frozen().get(heap(), pattern))
}

/// The answer of an operation on decimals, or the end of the program.
fn defined<T>(answer: Result<T, Undefined>, message: &str) -> T {
    answer.unwrap_or_else(|Undefined| trap_saying(TrapKind::HostError, message.as_bytes()))
}

/// Exports the rows of the other libraries.
macro_rules! export {
    ($($(#[$doc:meta])* $variant:ident = $name:ident, [$($param:ident),*] => [$($result:ident),*]
        $(, $attribute:ident)*;)*) => {
        $(export! { @row $name ($($param)*) ($($result)*) $($attribute)* })*
    };
    (@row $name:ident $params:tt $results:tt $(collects)? data) => {
        vera_abi::export_runtime_function! { $name $params $results {
            #[cfg(feature = "markup")]
            crate::system::catch_panics();
        } }
    };
    (@row $name:ident $params:tt $results:tt $(collects)? markup) => {
        #[cfg(feature = "markup")]
        vera_abi::export_runtime_function! { $name $params $results {
            crate::system::catch_panics();
        } }
    };
    (@row $name:ident $params:tt $results:tt $(collects)?) => {};
}

vera_abi::runtime_functions!(export);

/// What each of them does.
mod bodies {
    use super::*;

    pub fn vera_json_parse(text: Ref, sp: u32) -> Ref {
        json::parse(keyed_heap(), text, Roots::at(sp))
    }
    pub fn vera_json_stringify(value: Ref, sp: u32) -> Ref {
        match json::stringify(heap(), value, Roots::at(sp)) {
            Ok(text) => text,
            Err(error) => trap_saying(TrapKind::HostError, &error.message()),
        }
    }

    pub fn vera_regex_match(text: Ref, pattern: Ref, sp: u32) -> Ref {
        regex::matches(heap(), written(pattern), text, Roots::at(sp))
    }
    pub fn vera_regex_find(text: Ref, pattern: Ref, sp: u32) -> Ref {
        regex::find(heap(), written(pattern), text, Roots::at(sp))
    }
    pub fn vera_regex_find_all(text: Ref, pattern: Ref, sp: u32) -> Ref {
        regex::find_all(heap(), written(pattern), text, Roots::at(sp))
    }
    pub fn vera_regex_replace(text: Ref, pattern: Ref, template: Ref, sp: u32) -> Ref {
        regex::replace(heap(), written(pattern), text, template, Roots::at(sp))
    }
    pub fn vera_regex_backtracking() {
        all_frozen().backtracking = Some(BACKTRACKING);
    }
    pub fn vera_regex_match_frozen(text: Ref, pattern: Ref, sp: u32) -> Ref {
        regex::matches(heap(), frozen(pattern), text, Roots::at(sp))
    }
    pub fn vera_regex_find_frozen(text: Ref, pattern: Ref, sp: u32) -> Ref {
        regex::find(heap(), frozen(pattern), text, Roots::at(sp))
    }
    pub fn vera_regex_find_all_frozen(text: Ref, pattern: Ref, sp: u32) -> Ref {
        regex::find_all(heap(), frozen(pattern), text, Roots::at(sp))
    }
    pub fn vera_regex_replace_frozen(text: Ref, pattern: Ref, template: Ref, sp: u32) -> Ref {
        regex::replace(heap(), frozen(pattern), text, template, Roots::at(sp))
    }
    pub fn vera_regex_replace_by_frozen(text: Ref, pattern: Ref, template: Ref, sp: u32) -> Ref {
        regex::replace_by_frozen(heap(), frozen(pattern), text, template, Roots::at(sp))
    }

    pub fn vera_decimal_from_int(value: i64, sp: u32) -> Ref {
        decimal::value(heap(), &Decimal::from_int(value), Roots::at(sp))
    }
    pub fn vera_decimal_from_float(value: f64, sp: u32) -> Ref {
        decimal::value(heap(), &Decimal::from_float(value), Roots::at(sp))
    }
    pub fn vera_decimal_from_string(text: Ref, sp: u32) -> Ref {
        decimal::from_string(heap(), text, Roots::at(sp))
    }
    pub fn vera_decimal_to_string(value: Ref, sp: u32) -> Ref {
        decimal::to_string(heap(), value, Roots::at(sp))
    }
    pub fn vera_decimal_to_float(value: Ref) -> f64 {
        decimal::to_float(heap(), value)
    }
    pub fn vera_decimal_add(a: Ref, b: Ref, sp: u32) -> Ref {
        let sum = decimal::add(heap(), [a, b], Roots::at(sp));
        defined(sum, "decimal_add: Infinity and -Infinity have no sum")
    }
    pub fn vera_decimal_sub(a: Ref, b: Ref, sp: u32) -> Ref {
        let difference = decimal::sub(heap(), [a, b], Roots::at(sp));
        defined(difference, "decimal_sub: Infinity and Infinity have no difference")
    }
    pub fn vera_decimal_mul(a: Ref, b: Ref, sp: u32) -> Ref {
        let product = decimal::binary(heap(), [a, b], Decimal::mul, Roots::at(sp));
        defined(product, "decimal_mul: 0 and Infinity have no product")
    }
    pub fn vera_decimal_div(a: Ref, b: Ref, sp: u32) -> Ref {
        let quotient = decimal::div(heap(), [a, b], Roots::at(sp));
        defined(quotient, "decimal_div: Infinity and Infinity have no quotient")
    }
    pub fn vera_decimal_neg(value: Ref, sp: u32) -> Ref {
        decimal::unary(heap(), value, Decimal::neg, Roots::at(sp))
    }
    pub fn vera_decimal_abs(value: Ref, sp: u32) -> Ref {
        decimal::unary(heap(), value, Decimal::abs, Roots::at(sp))
    }
    pub fn vera_decimal_round(value: Ref, places: i64, sp: u32) -> Ref {
        decimal::unary(heap(), value, |number| number.round(places), Roots::at(sp))
    }
    pub fn vera_decimal_compare(a: Ref, b: Ref) -> u32 {
        defined(decimal::compare(heap(), [a, b]), "decimal_compare: NaN has no order")
    }
    pub fn vera_decimal_eq(a: Ref, b: Ref) -> i32 {
        decimal::equals(heap(), [a, b]).into()
    }
    pub fn vera_decimal_hash(value: Ref) -> u64 {
        decimal::hash(heap(), value)
    }
    pub fn vera_key_hash_decimal(value: Ref) -> u64 {
        decimal::key_hash(keyed_heap(), value)
    }
    pub fn vera_decimal_is_same_key(a: Ref, b: Ref) -> i32 {
        decimal::is_same_key(heap(), [a, b]).into()
    }

    pub fn vera_base64_encode(bytes: Ref, sp: u32) -> Ref {
        encoding::base64_encode(heap(), bytes, Roots::at(sp))
    }
    pub fn vera_base64_decode(text: Ref, sp: u32) -> Ref {
        encoding::base64_decode(heap(), text, Roots::at(sp))
    }
    pub fn vera_url_encode(text: Ref, sp: u32) -> Ref {
        encoding::url_encode(heap(), text, Roots::at(sp))
    }
    pub fn vera_url_decode(text: Ref, sp: u32) -> Ref {
        encoding::url_decode(heap(), text, Roots::at(sp))
    }
    pub fn vera_url_parse(text: Ref, sp: u32) -> Ref {
        encoding::url_parse(heap(), text, Roots::at(sp))
    }
    pub fn vera_url_join(parts: Ref, sp: u32) -> Ref {
        encoding::url_join(heap(), parts, Roots::at(sp))
    }

    pub fn vera_hex_encode(bytes: Ref, sp: u32) -> Ref {
        encoding::hex_encode(heap(), bytes, Roots::at(sp))
    }
    pub fn vera_hex_decode(text: Ref, sp: u32) -> Ref {
        encoding::hex_decode(heap(), text, Roots::at(sp))
    }
    pub fn vera_sha256(bytes: Ref, sp: u32) -> Ref {
        digest::sha256(heap(), bytes, Roots::at(sp))
    }
    pub fn vera_hmac_sha256(key: Ref, message: Ref, sp: u32) -> Ref {
        digest::hmac_sha256(heap(), [key, message], Roots::at(sp))
    }
    pub fn vera_same_in_constant_time(a: Ref, b: Ref) -> i32 {
        digest::same(heap(), [a, b]).into()
    }

    pub fn vera_csv_parse(text: Ref, sp: u32) -> Ref {
        csv::parse(heap(), text, Roots::at(sp))
    }
    pub fn vera_csv_write(records: Ref, sp: u32) -> Ref {
        csv::write(heap(), records, Roots::at(sp))
    }

    pub fn vera_date_parse(text: Ref, sp: u32) -> Ref {
        date::parse(heap(), text, Roots::at(sp))
    }
    pub fn vera_date_to_string(days: i64, sp: u32) -> Ref {
        date::to_string(heap(), days, Roots::at(sp))
    }
    pub fn vera_date_from_parts(year: i64, month: i64, day: i64, sp: u32) -> Ref {
        date::from_parts(heap(), [year, month, day], Roots::at(sp))
    }
    pub fn vera_date_parts(days: i64, sp: u32) -> Ref {
        date::parts(heap(), days, Roots::at(sp))
    }
    pub fn vera_date_add_months(days: i64, months: i64, sp: u32) -> Ref {
        date::add_months(heap(), days, months, Roots::at(sp))
    }
    pub fn vera_datetime_parse(text: Ref, sp: u32) -> Ref {
        date::parse_instant(heap(), text, Roots::at(sp))
    }
    pub fn vera_datetime_to_string(milliseconds: i64, offset: i64, sp: u32) -> Ref {
        date::instant_to_string(heap(), milliseconds, offset, Roots::at(sp))
    }
    pub fn vera_datetime_add(milliseconds: i64, offset: i64, by: Ref, sp: u32) -> Ref {
        date::add(heap(), [milliseconds, offset], by, Roots::at(sp))
    }
    pub fn vera_duration_parse(text: Ref, sp: u32) -> Ref {
        date::parse_duration(heap(), text, Roots::at(sp))
    }
    pub fn vera_duration_to_string(value: Ref, sp: u32) -> Ref {
        date::duration_to_string(heap(), value, Roots::at(sp))
    }

    #[cfg(feature = "markup")]
    pub fn vera_html_parse(text: Ref, sp: u32) -> Ref {
        html::parse(keyed_heap(), text, Roots::at(sp))
    }
    #[cfg(feature = "markup")]
    pub fn vera_html_to_string(node: Ref, sp: u32) -> Ref {
        html::to_string(heap(), node, Roots::at(sp))
    }
    #[cfg(feature = "markup")]
    pub fn vera_html_text(node: Ref, sp: u32) -> Ref {
        html::text(heap(), node, Roots::at(sp))
    }
    #[cfg(feature = "markup")]
    pub fn vera_html_query(node: Ref, selector: Ref, sp: u32) -> Ref {
        html::query(heap(), [node, selector], Roots::at(sp))
    }
    #[cfg(feature = "markup")]
    pub fn vera_md_parse(text: Ref, sp: u32) -> Ref {
        markdown::parse(heap(), text, Roots::at(sp))
    }
    #[cfg(feature = "markup")]
    pub fn vera_md_render(block: Ref, sp: u32) -> Ref {
        markdown::render(heap(), block, Roots::at(sp))
    }
    #[cfg(feature = "markup")]
    pub fn vera_md_has_heading(block: Ref, level: u64) -> i32 {
        markdown::has_heading(heap(), block, level).into()
    }
    #[cfg(feature = "markup")]
    pub fn vera_md_has_code_block(block: Ref, language: Ref) -> i32 {
        markdown::has_code_block(heap(), block, language).into()
    }
    #[cfg(feature = "markup")]
    pub fn vera_md_extract_code_blocks(block: Ref, language: Ref, sp: u32) -> Ref {
        markdown::extract_code_blocks(heap(), [block, language], Roots::at(sp))
    }
}
