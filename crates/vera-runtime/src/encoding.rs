//! Base64, hexadecimal, percent-encoding and URLs.

use vera_abi::layout::{TAG_SHIFT, URL_MARKS_SHIFT};
use vera_abi::prelude::URL_PARTS;
use vera_data::encoding::{base64, hex, percent, url};
use vera_rt::{Heap, Ref, Roots, string};

use crate::values::{self, Builder, Field, build};

/// `base64_encode`, and `base64_encode_bytes`: strings and arrays of bytes look alike.
pub fn base64_encode(heap: &mut Heap, bytes: Ref, roots: Roots) -> Ref {
    let text = base64::encode(string::bytes(heap, bytes));
    string::new(heap, &text, roots)
}

/// `base64_decode`, and `base64_decode_bytes`.
pub fn base64_decode(heap: &mut Heap, text: Ref, roots: Roots) -> Ref {
    let bytes = base64::decode(string::bytes(heap, text));
    result(heap, roots, bytes.as_deref().map_err(|e| e.message()))
}

/// `hex_encode`, and `hex_encode_bytes`.
pub fn hex_encode(heap: &mut Heap, bytes: Ref, roots: Roots) -> Ref {
    let text = hex::encode(string::bytes(heap, bytes));
    string::new(heap, &text, roots)
}

/// `hex_decode`, and `hex_decode_bytes`.
pub fn hex_decode(heap: &mut Heap, text: Ref, roots: Roots) -> Ref {
    let bytes = hex::decode(string::bytes(heap, text));
    result(heap, roots, bytes.as_deref().map_err(|e| e.message()))
}

/// `url_encode`
pub fn url_encode(heap: &mut Heap, text: Ref, roots: Roots) -> Ref {
    let text = percent::encode(string::bytes(heap, text));
    string::new(heap, &text, roots)
}

/// `url_decode`
pub fn url_decode(heap: &mut Heap, text: Ref, roots: Roots) -> Ref {
    let bytes = percent::decode(string::bytes(heap, text));
    result(heap, roots, bytes.as_deref().map_err(|e| e.message()))
}

fn result(heap: &mut Heap, roots: Roots, result: Result<&[u8], &str>) -> Ref {
    build(heap, roots, |b| match result {
        Ok(bytes) => {
            let bytes = b.string(bytes);
            b.ok(bytes)
        }
        Err(message) => b.err(message.as_bytes()),
    })
}

/// `url_parse`: the object remembers which delimiters there were.
pub fn url_parse(heap: &mut Heap, text: Ref, roots: Roots) -> Ref {
    let copy = values::bytes(heap, text);
    build(heap, roots, |b| match url::parse(&copy) {
        Ok(parts) => {
            let fields = all(&parts).map(|part| Field::Ref(b.string(part)));
            let object = b.object(&URL_PARTS, &fields);
            mark(b, object, parts.marks);
            b.ok(object)
        }
        Err(error) => b.err(error.message().as_bytes()),
    })
}

fn all<'a>(parts: &url::Parts<'a>) -> [&'a [u8]; 5] {
    [parts.scheme, parts.authority, parts.path, parts.query, parts.fragment]
}

fn mark(b: &mut Builder<'_>, object: Ref, marks: url::Marks) {
    let word0 = b.heap.mem().u32(object) | u32::from(marks.0) << URL_MARKS_SHIFT;
    b.heap.mem_mut().set_u32(object, word0);
}

/// `url_join`
pub fn url_join(heap: &mut Heap, parts: Ref, roots: Roots) -> Ref {
    let part = |at| string::bytes(heap, values::field(heap, parts, &URL_PARTS, at));
    let marks = heap.mem().u32(parts) & ((1 << TAG_SHIFT) - 1);
    let joined = url::Parts {
        scheme: part(0),
        authority: part(1),
        path: part(2),
        query: part(3),
        fragment: part(4),
        marks: url::Marks((marks >> URL_MARKS_SHIFT) as u8),
    };
    let text = joined.join();
    string::new(heap, &text, roots)
}

const _: () = assert!(TAG_SHIFT - URL_MARKS_SHIFT == u8::BITS);
