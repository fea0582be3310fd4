//! See `check_base64` in the library.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| vera_fuzz::check("base64", data));
