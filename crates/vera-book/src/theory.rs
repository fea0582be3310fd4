//! What the prover knows of library functions, as `tests/theory` states it: each function
//! there is proved to be true, and run on many inputs.

use std::collections::BTreeMap;
use std::path::Path;

use vera_syntax::Tok;

/// Facts by the built-in function that they speak of, as Vera expressions.
pub type Facts = BTreeMap<&'static str, Vec<String>>;

/// Reads the facts.
///
/// # Errors
/// A file that cannot be read.
pub fn facts(root: &Path) -> Result<Facts, String> {
    let dir = root.join("tests/theory");
    let failed = |error: std::io::Error| format!("{}: {error}", dir.display());
    let mut files: Vec<_> = std::fs::read_dir(&dir)
        .map_err(failed)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    files.sort();
    let mut facts = Facts::new();
    for file in files {
        let text = std::fs::read_to_string(file).map_err(failed)?;
        for fact in bodies(&text) {
            for name in spoken_of(fact) {
                facts.entry(name).or_default().push(fact.to_owned());
            }
        }
    }
    Ok(facts)
}

/// The bodies of one expression; what takes steps is no fact to be read.
fn bodies(text: &str) -> Vec<&str> {
    let parsed = vera_syntax::parse(text);
    let functions = parsed.program.decls.iter().filter_map(|decl| match &decl.decl {
        vera_syntax::ast::Decl::Fn(f) => Some(f),
        vera_syntax::ast::Decl::Data(_)
        | vera_syntax::ast::Decl::Alias(_)
        | vera_syntax::ast::Decl::Effect(_)
        | vera_syntax::ast::Decl::Ability(_) => None,
    });
    let bodies = functions.filter_map(|f| {
        text.get(f.body.span.start as usize..f.body.span.end as usize)
            .map(|body| body.trim().trim_start_matches('{').trim_end_matches('}').trim())
    });
    bodies.filter(|body| !body.contains('\n')).collect()
}

/// Functions that measure or read what others made; a fact that calls others speaks of these.
const OBSERVERS: &[&str] = &[
    "array_length",
    "map_contains",
    "map_get",
    "map_size",
    "set_contains",
    "set_size",
    "string_length",
];

fn spoken_of(fact: &str) -> Vec<&'static str> {
    let whole =
        vera_diagnostics::Span { start: 0, end: u32::try_from(fact.len()).unwrap_or(u32::MAX) };
    let words =
        vera_syntax::tokens(fact, whole).into_iter().filter(|token| token.kind == Tok::Lower);
    let called = words.filter_map(|token| {
        vera_builtins::function(&fact[token.span.start as usize..token.span.end as usize])
    });
    let mut names: Vec<&'static str> = called.map(|function| function.name).collect();
    names.sort_unstable();
    names.dedup();
    if names.iter().any(|name| !OBSERVERS.contains(name)) {
        names.retain(|name| !OBSERVERS.contains(name));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_speaks_of_what_makes_a_value() {
        let fact = "array_length(array_reverse(@Array<Int>.0)) == array_length(@Array<Int>.0)";
        assert_eq!(spoken_of(fact), ["array_reverse"]);
        assert_eq!(spoken_of("array_length(@Array<Int>.0) >= 0"), ["array_length"]);
    }

    #[test]
    fn bodies_are_expressions() {
        let text = "public fn f(@Int -> @Bool)\n  requires(true)\n  ensures(true)\n  effects(pure)\n{\n  @Int.0 == @Int.0\n}\n";
        assert_eq!(bodies(text), ["@Int.0 == @Int.0"]);
    }
}
