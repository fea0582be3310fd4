//! `vera explain`: what a diagnostic code means, with a program that draws it and the
//! report it gets.

use std::process::ExitCode;

use vera_check::typed::Program;
use vera_diagnostics::{Code, Diagnostic, Phase, Sources};
use vera_explain::Explanation;

use super::{component, refuse_words, test, verify};
use crate::cli::Explain;
use crate::output;

pub(super) fn explain(args: &Explain) -> ExitCode {
    let json = args.json.on;
    let Some(code) = Code::of(&args.code.to_ascii_uppercase()) else {
        let text = format!("there is no code {}; `vera errors` lists them", args.code);
        return refuse_words(json, &text, false);
    };
    if json {
        output::print_json(&explanation(code).json());
    } else {
        output::print(&text(code));
    }
    ExitCode::SUCCESS
}

/// What there is to say of a code, as text.
pub(super) fn text(code: Code) -> String {
    explanation(code).text()
}

fn explanation(code: Code) -> Explanation {
    Explanation::new(code, &reports)
}

/// What a stage behind the checker reports on a program.
fn reports(stage: Phase, program: &Program, sources: &Sources) -> Vec<Diagnostic> {
    match stage {
        Phase::Parse | Phase::Typecheck => Vec::new(),
        Phase::Verify | Phase::Warning => verify::reports(program, sources),
        Phase::Codegen => component::reports(program, sources),
        Phase::Test => test::reports(program, sources),
    }
}
