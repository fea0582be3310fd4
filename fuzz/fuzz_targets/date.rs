//! See `check_date` in the library.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| vera_fuzz::check("date", data));
