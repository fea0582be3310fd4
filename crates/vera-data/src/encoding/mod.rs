//! Base64, hexadecimal, percent-encoding and the parts of a URL (language reference,
//! chapters 13.8, 13.9 and 13.12).
//!
//! Small enough to be written out: the rules of acceptance are the language's
//! own, and the crates for these cost ten times the code.

pub mod base64;
pub mod hex;
pub mod percent;
pub mod url;
