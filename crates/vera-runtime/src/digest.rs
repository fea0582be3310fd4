//! Digests, and comparison of secrets. Strings and arrays of bytes look alike.

use vera_data::digest;
use vera_rt::{Heap, Ref, Roots, string};

/// `sha256_bytes`
pub fn sha256(heap: &mut Heap, bytes: Ref, roots: Roots) -> Ref {
    let digest = digest::sha256(string::bytes(heap, bytes));
    string::new(heap, &digest, roots)
}

/// `hmac_sha256_bytes`
pub fn hmac_sha256(heap: &mut Heap, [key, message]: [Ref; 2], roots: Roots) -> Ref {
    let code = digest::hmac_sha256(string::bytes(heap, key), string::bytes(heap, message));
    string::new(heap, &code, roots)
}

/// `constant_time_eq`
pub fn same(heap: &Heap, [a, b]: [Ref; 2]) -> bool {
    digest::same(string::bytes(heap, a), string::bytes(heap, b))
}
