//! `vera explain`: what a diagnostic code means, with a program that draws it and the
//! report it gets.

use std::process::ExitCode;

use vera_diagnostics::Code;
use vera_explain::Explanation;

use super::{refuse_words, verify};
use crate::cli::Explain;
use crate::output;

pub(super) fn explain(args: &Explain) -> ExitCode {
    let json = args.json.on;
    let Some(code) = Code::of(&args.code.to_ascii_uppercase()) else {
        let text = format!("there is no code {}; `vera errors` lists them", args.code);
        return refuse_words(json, &text, false);
    };
    if json {
        output::print_json(&Explanation::new(code, &verify::reports).json());
    } else {
        output::print(&text(code));
    }
    ExitCode::SUCCESS
}

/// What there is to say of a code, as text.
pub(super) fn text(code: Code) -> String {
    Explanation::new(code, &verify::reports).text()
}
