//! The middle representation of a Vera program and the passes over it.
#![forbid(unsafe_code)]

pub mod ir;
