//! The middle representation of a Vera program and the passes over it.
//!
//! [`ir`] is the data, [`visit`] its traversal, [`print`] and [`parse`] its text
//! form, [`verify`] its rules, [`lower`] makes it from the typed program, and [`analysis`] what emission needs to know
//! about calls and live references.
#![forbid(unsafe_code)]

pub mod analysis;
pub mod behaviour;
pub mod checks;
pub mod ir;
pub mod lower;
pub mod parse;
pub mod passes;
pub mod print;
pub mod verify;
pub mod visit;
