//! What proofs use, in words.

use vera_check::typed::Program;
use vera_diagnostics::{FileSpan, Sources};

use crate::obligations::{Ground, Why};
use crate::verdict::Premise;

/// Longer pieces of source are cut.
const LONGEST: usize = 60;

/// A premise in words, and where it stands.
pub(crate) fn premise(
    program: &Program,
    sources: &Sources,
    premise: Premise,
) -> (String, Option<FileSpan>) {
    let at = match premise.ground {
        Ground::At(at) => at,
        Ground::Definition(f) => {
            let function = program.function(f);
            let file = program.modules[function.module.index()].file;
            let own = !program.is_prelude(function.module);
            let at = own.then_some(FileSpan { file, span: function.span });
            return (format!("the definition of `{}`", function.name), at);
        }
        Ground::Closure => return ("the body of a closure".to_owned(), None),
        Ground::Hypothesis => return ("the claim itself at smaller arguments".to_owned(), None),
        Ground::Fold => return ("the claim about what was folded so far".to_owned(), None),
        Ground::Returning => return ("that the functions called return".to_owned(), None),
        Ground::Laws => return ("the laws of arrays, maps and sets".to_owned(), None),
    };
    let text = piece(sources, at);
    match premise.why {
        Why::Parameter => ("the types of the parameters".to_owned(), None),
        Why::Requires | Why::Assume => (format!("`{text}`"), Some(at)),
        Why::Path => (format!("the path through `{text}`"), Some(at)),
        Why::Type => (format!("the type of `{text}`"), Some(at)),
        Why::Derived => (format!("what is known of `{text}`"), Some(at)),
        Why::Induction => (format!("what `{text}` promises, by induction"), Some(at)),
    }
}

/// The source on one line, as far as it is short.
fn piece(sources: &Sources, at: FileSpan) -> String {
    let text = &sources.get(at.file).text()[at.span.start as usize..at.span.end as usize];
    let line: Vec<&str> = text.split_whitespace().collect();
    let line = line.join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((cut, _)) => format!("{} …", line[..cut].trim_end()),
        None => line,
    }
}
