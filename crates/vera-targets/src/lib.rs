//! Compiled programs for hosts other than ours: what a module says of itself, the bundle
//! that browsers and Node load, and WASI components.
//!
//! The library is inside each module, so a target differs only in how effects reach the
//! outside. Where to start reading: [`description`] (the custom section that tells any
//! host a module's types), [`browser`] (the bundle), [`component`], [`declarations`] (its TypeScript
//! types), [`runtime_tables`] (what the runtime in TypeScript knows of our ABI).
//!
//! Pure: bytes of a module and its interface in, files out. *Never knows* syntax, types of
//! the checker, the file system, the engine.
#![forbid(unsafe_code)]

pub mod browser;
#[cfg(feature = "components")]
pub mod component;
pub mod declarations;
pub mod description;
pub mod runtime_tables;
#[cfg(feature = "components")]
pub mod wit;
