//! Base64, percent-encoding and the parts of a URL.
