//! What compiled code calls: [`vera_abi::runtime::RtFn`], one function each.
//!
//! Only translation happens here: of wasm values to Rust's, and of the module's
//! one heap to a `&mut Heap`.

#![allow(missing_docs, reason = "vera_abi::runtime documents each function")]

use crate::heap::Heap;
use crate::map::{self, hash, order};
use crate::memory::{Memory, Ref};
use crate::roots::Roots;
use crate::seq::{self, Elem, Head};
use crate::string::{self, search, split, transform};
use crate::{array, float, number, parse};
use vera_abi::layout::SHADOW_STACK_SIZE;
use vera_abi::runtime::{GcMode, ParseStatus};

static mut HEAP: Heap = Heap::uninit(Memory::module());
static mut PARSED_INT: i64 = 0;
static mut PARSED_FLOAT: f64 = 0.0;

#[link(wasm_import_module = "vera")]
unsafe extern "C" {
    fn result_len() -> u32;
    fn result_copy(address: u32);
    fn arg_count() -> u32;
    fn arg(index: u32);
    fn hash_key() -> u64;
}

/// The module's heap: for the exported functions of this crate and of `vera-runtime`,
/// once in each.
#[inline(always)]
pub fn heap() -> &'static mut Heap {
    let heap = &raw mut HEAP;
    // SAFETY: a module has one thread, no exported function calls another, and
    // the host functions called here do not call back into the module.
    unsafe { &mut *heap }
}

/// The module's heap, with the secret that keys are hashed under. Its first word
/// is odd once it is there.
#[inline(always)]
pub fn keyed_heap() -> &'static mut Heap {
    let heap = heap();
    if heap.hash_key()[0] == 0 {
        // SAFETY: the host computes a number.
        heap.set_hash_key(unsafe { [hash_key() | 1, hash_key()] });
    }
    heap
}

fn elem(size: u32, is_ref: u32) -> Elem {
    Elem { size, is_ref: is_ref != 0 }
}

/// A string holding the host's pending result.
fn from_host(heap: &mut Heap, roots: Roots) -> Ref {
    // SAFETY: asking for the length touches no memory.
    let len = unsafe { result_len() };
    let (string, data) = string::new_undefined(heap, len, roots);
    // SAFETY: the host writes the `len` bytes it just announced, into a string of that length.
    unsafe { result_copy(data) };
    string
}

/// Exports the rows of the core.
macro_rules! export {
    ($($(#[$doc:meta])* $variant:ident = $name:ident, [$($param:ident),*] => [$($result:ident),*]
        $(, $attribute:ident)*;)*) => {
        $(export! { @row $name ($($param)*) ($($result)*) $($attribute)* })*
    };
    (@row $name:ident $params:tt $results:tt $(collects)? data) => {};
    (@row $name:ident $params:tt $results:tt $(collects)? markup) => {};
    (@row $name:ident $params:tt $results:tt $(collects)?) => {
        vera_abi::export_runtime_function! { $name $params $results {} }
    };
}

vera_abi::runtime_functions!(export);

/// What each of them does.
mod bodies {
    use super::*;

    pub fn vera_rt_init(flags: i32) -> u32 {
        heap().init(SHADOW_STACK_SIZE, GcMode::of_flags(flags)).top()
    }
    pub fn vera_rt_high_water() -> u64 {
        heap().high_water()
    }
    pub fn vera_alloc_slow(size: u32, sp: u32) -> Ref {
        heap().alloc(size, Roots::at(sp))
    }
    pub fn vera_seq_new(count: u32, size: u32, is_ref: u32, sp: u32) -> Ref {
        seq::new_building(heap(), count, elem(size, is_ref), Roots::at(sp))
    }
    pub fn vera_seq_trim(owner: Ref, count: u32, size: u32) {
        seq::trim(heap(), owner, count, size)
    }
    pub fn vera_write_ref(object: Ref, field: u32, value: Ref) {
        heap().write_ref(object, field, value)
    }

    pub fn vera_array_append_i64(array: Ref, element: u64, sp: u32) -> Ref {
        array::append_u64(heap(), array, element, Head::Shared, Roots::at(sp))
    }
    pub fn vera_array_append_f64(array: Ref, element: f64, sp: u32) -> Ref {
        array::append_u64(heap(), array, element.to_bits(), Head::Shared, Roots::at(sp))
    }
    pub fn vera_array_append_u8(array: Ref, element: u32, sp: u32) -> Ref {
        array::append_u8(heap(), array, element as u8, Head::Shared, Roots::at(sp))
    }
    pub fn vera_array_append_i32(array: Ref, element: u32, sp: u32) -> Ref {
        array::append_u32(heap(), array, element, Head::Shared, Roots::at(sp))
    }
    pub fn vera_array_append_ref(array: Ref, element: Ref, sp: u32) -> Ref {
        array::append_ref(heap(), array, element, Head::Shared, Roots::at(sp))
    }
    pub fn vera_array_concat(a: Ref, b: Ref, size: u32, is_ref: u32, sp: u32) -> Ref {
        array::concat(heap(), a, b, elem(size, is_ref), Head::Shared, Roots::at(sp))
    }
    pub fn vera_seq_copy(seq: Ref, size: u32, is_ref: u32, sp: u32) -> Ref {
        seq::copy(heap(), seq, elem(size, is_ref), Roots::at(sp))
    }
    pub fn vera_seq_put_ref(owner: Ref, index: u32, value: Ref) {
        seq::put_ref(heap(), owner, index, value)
    }
    pub fn vera_seq_own(seq: Ref, sp: u32) -> Ref {
        seq::own(heap(), seq, Roots::at(sp))
    }
    pub fn vera_array_push_i64(array: Ref, element: u64, sp: u32) -> Ref {
        array::append_u64(heap(), array, element, Head::Owned, Roots::at(sp))
    }
    pub fn vera_array_push_f64(array: Ref, element: f64, sp: u32) -> Ref {
        array::append_u64(heap(), array, element.to_bits(), Head::Owned, Roots::at(sp))
    }
    pub fn vera_array_push_u8(array: Ref, element: u32, sp: u32) -> Ref {
        array::append_u8(heap(), array, element as u8, Head::Owned, Roots::at(sp))
    }
    pub fn vera_array_push_i32(array: Ref, element: u32, sp: u32) -> Ref {
        array::append_u32(heap(), array, element, Head::Owned, Roots::at(sp))
    }
    pub fn vera_array_push_ref(array: Ref, element: Ref, sp: u32) -> Ref {
        array::append_ref(heap(), array, element, Head::Owned, Roots::at(sp))
    }
    pub fn vera_array_extend(a: Ref, b: Ref, size: u32, is_ref: u32, sp: u32) -> Ref {
        array::concat(heap(), a, b, elem(size, is_ref), Head::Owned, Roots::at(sp))
    }
    pub fn vera_array_slice(array: Ref, start: i64, end: i64, size: u32, sp: u32) -> Ref {
        array::slice(heap(), array, start, end, size, Roots::at(sp))
    }
    pub fn vera_array_reverse(array: Ref, size: u32, is_ref: u32, sp: u32) -> Ref {
        array::reverse(heap(), array, elem(size, is_ref), Roots::at(sp))
    }
    pub fn vera_array_flatten(array: Ref, size: u32, is_ref: u32, sp: u32) -> Ref {
        array::flatten(heap(), array, elem(size, is_ref), Roots::at(sp))
    }
    pub fn vera_array_sort_int(array: Ref, descending: u32, sp: u32) -> Ref {
        array::sort_int(heap(), array, descending != 0, Roots::at(sp))
    }
    pub fn vera_array_range(start: i64, end: i64, sp: u32) -> Ref {
        array::range(heap(), start, end, Roots::at(sp))
    }

    pub fn vera_string_eq(a: Ref, b: Ref) -> i32 {
        string::eq(heap(), a, b).into()
    }
    pub fn vera_string_compare(a: Ref, b: Ref) -> i32 {
        string::compare(heap(), a, b) as i32
    }
    pub fn vera_string_hash(text: Ref) -> u64 {
        string::hash(heap(), text)
    }
    pub fn vera_string_concat(head: Ref, tail: Ref, sp: u32) -> Ref {
        transform::concat(heap(), head, tail, Head::Shared, Roots::at(sp))
    }
    pub fn vera_string_push(head: Ref, tail: Ref, sp: u32) -> Ref {
        transform::concat(heap(), head, tail, Head::Owned, Roots::at(sp))
    }
    pub fn vera_string_concat_all(array: Ref, sp: u32) -> Ref {
        transform::concat_all(heap(), array, Roots::at(sp))
    }
    pub fn vera_string_slice(text: Ref, start: i64, end: i64, sp: u32) -> Ref {
        transform::slice(heap(), text, start, end, Roots::at(sp))
    }
    pub fn vera_string_repeat(text: Ref, count: i64, sp: u32) -> Ref {
        transform::repeat(heap(), text, count, Roots::at(sp))
    }
    pub fn vera_string_reverse(text: Ref, sp: u32) -> Ref {
        transform::reverse(heap(), text, Roots::at(sp))
    }
    pub fn vera_string_pad_start(text: Ref, width: i64, fill: Ref, sp: u32) -> Ref {
        transform::pad(heap(), text, width, fill, transform::End::Start, Roots::at(sp))
    }
    pub fn vera_string_pad_end(text: Ref, width: i64, fill: Ref, sp: u32) -> Ref {
        transform::pad(heap(), text, width, fill, transform::End::End, Roots::at(sp))
    }
    pub fn vera_string_join(array: Ref, separator: Ref, sp: u32) -> Ref {
        transform::join(heap(), array, separator, Roots::at(sp))
    }
    pub fn vera_string_contains(text: Ref, needle: Ref) -> i32 {
        let heap = heap();
        search::find(string::bytes(heap, text), string::bytes(heap, needle)).is_some().into()
    }
    pub fn vera_string_starts_with(text: Ref, prefix: Ref) -> i32 {
        let heap = heap();
        string::bytes(heap, text).starts_with(string::bytes(heap, prefix)).into()
    }
    pub fn vera_string_ends_with(text: Ref, suffix: Ref) -> i32 {
        let heap = heap();
        string::bytes(heap, text).ends_with(string::bytes(heap, suffix)).into()
    }
    pub fn vera_string_index_of(text: Ref, needle: Ref) -> i64 {
        let heap = heap();
        let found = search::find(string::bytes(heap, text), string::bytes(heap, needle));
        found.map_or(-1, |at| at as i64)
    }
    pub fn vera_string_upper(text: Ref, sp: u32) -> Ref {
        transform::upper(heap(), text, Roots::at(sp))
    }
    pub fn vera_string_lower(text: Ref, sp: u32) -> Ref {
        transform::lower(heap(), text, Roots::at(sp))
    }
    pub fn vera_string_trim(text: Ref, at_start: u32, at_end: u32, sp: u32) -> Ref {
        transform::trim(heap(), text, at_start != 0, at_end != 0, Roots::at(sp))
    }
    pub fn vera_string_replace(text: Ref, needle: Ref, with: Ref, sp: u32) -> Ref {
        transform::replace(heap(), text, needle, with, Roots::at(sp))
    }
    pub fn vera_string_split(text: Ref, delimiter: Ref, sp: u32) -> Ref {
        split::split(heap(), text, delimiter, Roots::at(sp))
    }
    pub fn vera_string_chars(text: Ref, sp: u32) -> Ref {
        split::chars(heap(), text, Roots::at(sp))
    }
    pub fn vera_string_lines(text: Ref, sp: u32) -> Ref {
        split::lines(heap(), text, Roots::at(sp))
    }
    pub fn vera_string_words(text: Ref, sp: u32) -> Ref {
        split::words(heap(), text, Roots::at(sp))
    }
    pub fn vera_char_to_upper(text: Ref, sp: u32) -> Ref {
        transform::first_upper(heap(), text, Roots::at(sp))
    }
    pub fn vera_char_to_lower(text: Ref, sp: u32) -> Ref {
        transform::first_lower(heap(), text, Roots::at(sp))
    }
    pub fn vera_string_from_byte(byte: u32, sp: u32) -> Ref {
        string::from_byte(heap(), byte as u8, Roots::at(sp))
    }
    pub fn vera_int_to_string(value: i64, sp: u32) -> Ref {
        number::int_to_string(heap(), value, Roots::at(sp))
    }
    pub fn vera_float_to_string(value: f64, sp: u32) -> Ref {
        number::float_to_string(heap(), value, Roots::at(sp))
    }
    pub fn vera_float_to_string_exact(value: f64, sp: u32) -> Ref {
        number::float_to_string_exact(heap(), value, Roots::at(sp))
    }
    pub fn vera_bool_to_string(value: u32) -> Ref {
        string::from_bool(heap(), value != 0)
    }
    pub fn vera_string_to_bytes(text: Ref, _sp: u32) -> Ref {
        text
    }
    pub fn vera_utf8_error(text: Ref) -> i64 {
        string::utf8_error(heap(), text).map_or(-1, i64::from)
    }
    pub fn vera_bytes_to_string(array: Ref, _sp: u32) -> Ref {
        array
    }
    pub fn vera_parse_int(text: Ref) -> i32 {
        parsed_int(parse::int(string::bytes(heap(), text)))
    }
    pub fn vera_parse_nat(text: Ref) -> i32 {
        parsed_int(parse::nat(string::bytes(heap(), text)))
    }
    pub fn vera_parse_float(text: Ref) -> i32 {
        match parse::float(string::bytes(heap(), text)) {
            Ok(value) => {
                // SAFETY: a module has one thread.
                unsafe { PARSED_FLOAT = value };
                ParseStatus::Ok as i32
            }
            Err(status) => status as i32,
        }
    }
    pub fn vera_parse_bool(text: Ref) -> i32 {
        parse::bool(string::bytes(heap(), text)).map_or(2, i32::from)
    }
    pub fn vera_parsed_int() -> i64 {
        // SAFETY: a module has one thread.
        unsafe { PARSED_INT }
    }
    pub fn vera_parsed_float() -> f64 {
        // SAFETY: a module has one thread.
        unsafe { PARSED_FLOAT }
    }
    pub fn vera_float_log(x: f64) -> f64 {
        float::log(x)
    }
    pub fn vera_float_log2(x: f64) -> f64 {
        float::log2(x)
    }
    pub fn vera_float_log10(x: f64) -> f64 {
        float::log10(x)
    }
    pub fn vera_float_sin(x: f64) -> f64 {
        float::sin(x)
    }
    pub fn vera_float_cos(x: f64) -> f64 {
        float::cos(x)
    }
    pub fn vera_float_tan(x: f64) -> f64 {
        float::tan(x)
    }
    pub fn vera_float_asin(x: f64) -> f64 {
        float::asin(x)
    }
    pub fn vera_float_acos(x: f64) -> f64 {
        float::acos(x)
    }
    pub fn vera_float_atan(x: f64) -> f64 {
        float::atan(x)
    }
    pub fn vera_float_power(base: f64, exponent: f64) -> f64 {
        libm::pow(base, exponent)
    }
    pub fn vera_float_atan2(y: f64, x: f64) -> f64 {
        float::atan2(y, x)
    }
    pub fn vera_float_pow(base: f64, exponent: i64) -> f64 {
        float::pow(base, exponent)
    }

    pub fn vera_key_hash_word(key: u64) -> u64 {
        hash::word(keyed_heap(), key)
    }
    pub fn vera_key_hash_string(key: Ref) -> u64 {
        hash::string(keyed_heap(), key)
    }
    pub fn vera_key_hash_mix(hash: u64, part: u64) -> u64 {
        hash::mix(keyed_heap(), hash, part)
    }
    pub fn vera_map_find_word(map: Ref, key: u64) -> Ref {
        map::find_word(keyed_heap(), map, key)
    }
    pub fn vera_map_find_string(map: Ref, key: Ref) -> Ref {
        map::find_string(keyed_heap(), map, key)
    }
    pub fn vera_map_first(map: Ref, hash: u32) -> Ref {
        map::first(heap(), map, hash)
    }
    pub fn vera_map_following(map: Ref, entry: Ref) -> Ref {
        map::following(heap(), map, entry)
    }
    pub fn vera_map_insert_word(map: Ref, entry: Ref, sp: u32) -> Ref {
        map::insert_word(keyed_heap(), map, entry, Roots::at(sp))
    }
    pub fn vera_map_insert_string(map: Ref, entry: Ref, sp: u32) -> Ref {
        map::insert_string(keyed_heap(), map, entry, Roots::at(sp))
    }
    pub fn vera_map_put(map: Ref, entry: Ref, old: Ref, sp: u32) -> Ref {
        map::insert(heap(), map, entry, map::Same::Entry(old), Roots::at(sp))
    }
    pub fn vera_map_remove(map: Ref, entry: Ref, sp: u32) -> Ref {
        map::remove(heap(), map, entry, Roots::at(sp))
    }
    pub fn vera_map_entries(map: Ref, sp: u32) -> Ref {
        order::entries(heap(), map, Roots::at(sp))
    }

    pub fn vera_string_from_host(sp: u32) -> Ref {
        from_host(heap(), Roots::at(sp))
    }
    pub fn vera_host_args(sp: u32) -> Ref {
        let (heap, roots) = (heap(), Roots::at(sp));
        // SAFETY: counting the words touches no memory.
        let count = unsafe { arg_count() };
        seq::collected(heap, count, roots, |heap, i, roots| {
            // SAFETY: the host has `count` words and keeps the one named for `from_host`.
            unsafe { arg(i) };
            from_host(heap, roots)
        })
    }
    pub fn vera_string_new(len: u32, sp: u32) -> Ref {
        string::new_undefined(heap(), len, Roots::at(sp)).0
    }
}

fn parsed_int(parsed: parse::Parsed<i64>) -> i32 {
    match parsed {
        Ok(value) => {
            // SAFETY: a module has one thread.
            unsafe { PARSED_INT = value };
            ParseStatus::Ok as i32
        }
        Err(status) => status as i32,
    }
}
