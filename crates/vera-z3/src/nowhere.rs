//! Where libraries cannot be loaded there is none: every value here is impossible.

use std::convert::Infallible;
use std::ffi::CStr;
use std::marker::PhantomData;
use std::path::Path;
use std::sync::OnceLock;

use crate::{Missing, Outcome, Strategy};

/// See the library for systems that load.
pub struct Library(Infallible);

impl Library {
    pub fn version(&self) -> &str {
        match self.0 {}
    }

    pub fn file(&self) -> &Path {
        match self.0 {}
    }
}

/// # Errors
/// Always.
pub fn library() -> Result<&'static Library, &'static Missing> {
    static MISSING: OnceLock<Missing> = OnceLock::new();
    let reason = || "this system loads no libraries".to_owned();
    Err(MISSING.get_or_init(|| Missing { named: None, reason: reason() }))
}

pub struct Context(Infallible);

impl Context {
    pub fn new(library: &'static Library) -> Option<Context> {
        match library.0 {}
    }

    pub fn interrupt(&self) -> Interrupt<'_> {
        match self.0 {}
    }

    pub fn solver(&self, _strategy: Strategy) -> Option<Solver<'_>> {
        match self.0 {}
    }
}

#[derive(Clone, Copy)]
pub struct Interrupt<'c>(Infallible, PhantomData<&'c ()>);

impl Interrupt<'_> {
    pub fn now(&self) {
        match self.0 {}
    }
}

pub struct Solver<'c>(Infallible, PhantomData<&'c ()>);

impl Solver<'_> {
    pub fn set(&self, _parameters: &[(&CStr, u32)]) {
        match self.0 {}
    }

    pub fn read(&self, _text: &str) -> Option<usize> {
        match self.0 {}
    }

    pub fn check(&self) -> Outcome {
        match self.0 {}
    }

    pub fn model(&self) -> Option<String> {
        match self.0 {}
    }
}
