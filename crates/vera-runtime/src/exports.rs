//! What compiled code calls of the data formats: one function for each entry of
//! [`vera_abi::runtime::RtFn`] that is not in `vera-rt`'s own list.

use vera_abi::trap::TrapKind;
use vera_rt::exports::{heap, keyed_heap};
use vera_rt::trap::trap_saying;
use vera_rt::{Ref, Roots};

#[cfg(feature = "markup")]
use crate::{html, markdown};
use crate::{json, regex};

static mut PATTERNS: regex::Patterns = regex::Patterns::new();

/// Compiled patterns.
fn patterns() -> &'static mut regex::Patterns {
    let patterns = &raw mut PATTERNS;
    // SAFETY: a module has one thread, and no exported function calls another.
    unsafe { &mut *patterns }
}

macro_rules! exports {
    ($(fn $name:ident($($param:ident: $type:ty),*) $(-> $result:ty)? $body:block)*) => {$(
        #[unsafe(no_mangle)]
        pub extern "C" fn $name($($param: $type),*) $(-> $result)? $body
    )*};
}

exports! {
    fn vera_json_parse(text: Ref, sp: u32) -> Ref {
        json::parse(keyed_heap(), text, Roots::at(sp))
    }
    fn vera_json_stringify(value: Ref, sp: u32) -> Ref {
        match json::stringify(heap(), value, Roots::at(sp)) {
            Ok(text) => text,
            Err(error) => trap_saying(TrapKind::HostError, &error.message()),
        }
    }

    fn vera_regex_match(text: Ref, pattern: Ref, sp: u32) -> Ref {
        regex::matches(heap(), patterns(), [text, pattern], Roots::at(sp))
    }
    fn vera_regex_find(text: Ref, pattern: Ref, sp: u32) -> Ref {
        regex::find(heap(), patterns(), [text, pattern], Roots::at(sp))
    }
    fn vera_regex_find_all(text: Ref, pattern: Ref, sp: u32) -> Ref {
        regex::find_all(heap(), patterns(), [text, pattern], Roots::at(sp))
    }
    fn vera_regex_replace(text: Ref, pattern: Ref, template: Ref, sp: u32) -> Ref {
        regex::replace(heap(), patterns(), [text, pattern, template], Roots::at(sp))
    }
}

#[cfg(feature = "markup")]
exports! {
    fn vera_html_parse(text: Ref, sp: u32) -> Ref {
        html::parse(keyed_heap(), text, Roots::at(sp))
    }
    fn vera_html_to_string(node: Ref, sp: u32) -> Ref {
        html::to_string(heap(), node, Roots::at(sp))
    }
    fn vera_html_text(node: Ref, sp: u32) -> Ref { html::text(heap(), node, Roots::at(sp)) }
    fn vera_html_query(node: Ref, selector: Ref, sp: u32) -> Ref {
        html::query(heap(), [node, selector], Roots::at(sp))
    }
    fn vera_md_parse(text: Ref, sp: u32) -> Ref { markdown::parse(heap(), text, Roots::at(sp)) }
    fn vera_md_render(block: Ref, sp: u32) -> Ref { markdown::render(heap(), block, Roots::at(sp)) }
    fn vera_md_has_heading(block: Ref, level: u64) -> i32 {
        markdown::has_heading(heap(), block, level).into()
    }
    fn vera_md_has_code_block(block: Ref, language: Ref) -> i32 {
        markdown::has_code_block(heap(), block, language).into()
    }
    fn vera_md_extract_code_blocks(block: Ref, language: Ref, sp: u32) -> Ref {
        markdown::extract_code_blocks(heap(), [block, language], Roots::at(sp))
    }
}
