//! `vera guide`: the language on one page, for the prompt of a model.

use std::process::ExitCode;

use crate::output;

/// The page as it stands in the repository; a test checks its programs.
pub(super) const TEXT: &str = include_str!("../../../../docs/guide/SKILL.md");

pub(super) fn guide() -> ExitCode {
    output::print(TEXT);
    ExitCode::SUCCESS
}
