//! The pages of the library: a page for each section of the reference that has functions,
//! each function as the table of built-ins, the prelude and the theory have it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use vera_builtins::{ABILITIES, EFFECTS, Effect, Example, FUNCTIONS, Function, Op};
use vera_session::{Item, ItemKind};

use crate::pages::{Page, Part, file_name, generated, sections};
use crate::theory::{self, Facts};

/// The pages, the overview first.
///
/// # Errors
/// A file that cannot be read; a function that no table of the reference has.
pub fn pages(root: &Path, reference: &[&Page]) -> Result<Vec<Page>, String> {
    let facts = theory::facts(root)?;
    let parsed = vera_syntax::parse(vera_builtins::PRELUDE);
    let prelude = vera_session::interface(vera_builtins::PRELUDE, &parsed).items;
    let (mut pages, mut contents) = (Vec::new(), String::new());
    let mut missing: BTreeSet<&str> = FUNCTIONS.iter().map(|f| f.name).collect();
    let chapters = reference.iter().filter(|chapter| chapter.path.ends_with("-library.md"));
    for section in chapters.flat_map(|chapter| sections(&chapter.text)) {
        let listed = section.keys.iter().filter_map(|key| vera_builtins::function(key));
        let functions: Vec<&Function> = listed.filter(|f| missing.remove(f.name)).collect();
        if functions.is_empty() {
            continue;
        }
        let path = format!("library/{}.md", file_name(section.title));
        let names: Vec<String> = functions.iter().map(|f| format!("`{}`", f.name)).collect();
        _ = writeln!(contents, "| [{}](../{path}) | {} |", section.title, names.join(", "));
        let mut text = format!("The rules are in the reference (section {}).\n\n", section.number);
        for function in functions {
            text.push_str(&entry(function, &prelude, &facts));
        }
        pages.push(generated(path, section.title, Part::Library, &text));
    }
    if !missing.is_empty() {
        return Err(format!("no table of the reference has {missing:?}"));
    }
    pages.push(generated("library/types.md".to_owned(), "Types", Part::Library, &types(&prelude)));
    pages.push(generated("library/effects.md".to_owned(), "Effects", Part::Library, &effects()));
    pages.insert(0, overview(&contents));
    Ok(pages)
}

fn overview(contents: &str) -> Page {
    let text = format!(
        "All of this is in scope in every program, without an import: {} functions, the [types](../library/types.md) that they use, and the [effects](../library/effects.md) whose operations reach the outside. Of functions that are written in Vera the contract is shown: it is what a proof about a caller knows. Where the prover knows more, or knows functions that are built in, its facts are listed.\n\n| Module | Functions |\n|---|---|\n{contents}",
        FUNCTIONS.len()
    );
    let page = generated("library/index.md".to_owned(), "The library", Part::Library, &text);
    Page { title: "Contents".to_owned(), ..page }
}

fn entry(function: &Function, prelude: &[Item], facts: &Facts) -> String {
    let name = function.name;
    let declared = prelude.iter().find(|item| item.kind == ItemKind::Function && item.name == name);
    let declaration = match declared {
        Some(item) => item.text.clone(),
        None => format!("{name}{}", bare(function.signature)),
    };
    let mut out = format!(
        "## `{name}` {{#{name}}}\n\n```vera-declaration\n{declaration}\n```\n\n{}\n\n",
        sentence(function.doc)
    );
    out.push_str(&example(&function.example));
    if let Some(facts) = facts.get(name) {
        out.push_str("The prover knows:\n\n```vera-declaration\n");
        for fact in facts {
            _ = writeln!(out, "{fact}");
        }
        out.push_str("```\n\n");
    }
    _ = writeln!(out, "*Since {}.*\n", function.since);
    out
}

/// A call and what `show` makes of its value.
fn example(example: &Example) -> String {
    let Example { call, shown } = example;
    format!("```vera-call\n{call}\n```\n\n```text\n{shown}\n```\n\n")
}

/// `forall<T> (T -> T)` as it reads behind a name: `<T>(T -> T)`.
fn bare(signature: &str) -> String {
    match signature.strip_prefix("forall").and_then(|rest| rest.split_once("> (")) {
        Some((params, rest)) => format!("{params}>({rest}"),
        None => signature.to_owned(),
    }
}

/// A sentence of a table as one of prose.
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    let end = if text.ends_with(['.', '?', '!']) { "" } else { "." };
    first.chain(letters.clone()).chain(end.chars()).collect()
}

fn types(prelude: &[Item]) -> String {
    let data = prelude.iter().filter(|item| item.kind == ItemKind::Data && item.public);
    let mut out = String::from(
        "The data types of the library are ordinary Vera declarations. `Array`, `Map`, `Set`, `Decimal`, `Tuple` and `Future` are built in.\n\n",
    );
    for item in data {
        _ = writeln!(
            out,
            "## {} {{#{}}}\n\n```vera-declaration\n{}\n```\n",
            item.name, item.name, item.text
        );
    }
    out
}

fn effects() -> String {
    let mut out = String::from(
        "A function may perform the operations of the effects in its row. What each does is said in the reference (section 10.12); what a caller of an operation owes, and what its answer is known to satisfy, stands beside it.\n\n",
    );
    for effect in EFFECTS {
        let params = effect.type_params.join(", ");
        let head = if params.is_empty() { String::new() } else { format!("<{params}>") };
        _ = writeln!(out, "## {}{head} {{#{}}}\n", effect.name, effect.name);
        if effect.ops.is_empty() {
            out.push_str("It has no operations.\n\n");
            continue;
        }
        let lines: Vec<String> = effect.ops.iter().map(|op| operation(effect, op)).collect();
        _ = writeln!(out, "```vera-declaration\n{}```\n", lines.concat());
    }
    let abilities: BTreeMap<&str, &str> = ABILITIES.iter().map(|a| (a.name, a.op)).collect();
    out.push_str("## Abilities {#abilities}\n\n| Ability | Operation |\n|---|---|\n");
    for (name, op) in abilities {
        _ = writeln!(out, "| `{name}` | `{op}` |");
    }
    out
}

fn operation(effect: &Effect, op: &Op) -> String {
    let (contract, signature) = (op.contract, op.signature);
    let mut out = match op.bare {
        true => format!("{}{signature}\n", op.name),
        false => format!("{}.{}{signature}\n", effect.name, op.name),
    };
    let Some((params, ret)) = signature.trim_matches(['(', ')']).split_once(" -> ") else {
        return out;
    };
    let params: Vec<&str> = params.split(", ").collect();
    for (word, clauses) in [("requires", contract.requires), ("ensures", contract.ensures)] {
        for clause in clauses {
            _ = writeln!(out, "  {word}({})", clause.text(&params, ret));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_read_behind_a_name() {
        assert_eq!(bare("(Int -> Nat)"), "(Int -> Nat)");
        assert_eq!(
            bare("forall<T where Eq<T>> (Array<T>, T -> Bool)"),
            "<T where Eq<T>>(Array<T>, T -> Bool)"
        );
        assert_eq!(bare("forall<A, B> (A -> B)"), "<A, B>(A -> B)");
    }

    #[test]
    fn sentences() {
        assert_eq!(sentence("one level"), "One level.");
        assert_eq!(sentence("is it true for all?"), "Is it true for all?");
    }

    #[test]
    fn examples_are_calls_and_values() {
        let text = example(&Example { call: "abs(-3)", shown: "3" });
        assert_eq!(text, "```vera-call\nabs(-3)\n```\n\n```text\n3\n```\n\n");
    }

    #[test]
    fn operations_have_their_clauses() {
        let random = vera_builtins::effect("Random").expect("it is built in");
        let op = random.ops.iter().find(|op| op.name == "random_int").expect("it is there");
        assert_eq!(
            operation(random, op),
            "Random.random_int(Int, Int -> Int)\n  requires(@Int.1 <= @Int.0)\n  ensures(@Int.1 <= @Int.result)\n  ensures(@Int.result <= @Int.0)\n"
        );
    }
}
