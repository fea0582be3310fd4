//! Values entering narrower types: E503-E506.

use vera_diagnostics::{Code, Diagnostic};

use super::About;
use crate::obligations;

const CHAPTER: &str = "Chapter 8, Section 8.2 \"Obligations\"";

struct Narrow<'r> {
    site: &'static str,
    predicate: &'r str,
    nested: bool,
    literal: Option<&'r str>,
}

fn narrow<'r>(r: &'r About<'_>) -> Narrow<'r> {
    match &r.record.about {
        obligations::About::Narrow { site, predicate, nested, literal } => {
            Narrow { site: site.as_str(), predicate, nested: *nested, literal: literal.as_deref() }
        }
        obligations::About::Plain
        | obligations::About::Operation(_)
        | obligations::About::Call { .. }
        | obligations::About::Invariant { .. }
        | obligations::About::Float(_)
        | obligations::About::State { .. } => {
            Narrow { site: "slot", predicate: "", nested: false, literal: None }
        }
    }
}

pub(super) fn negative(r: &About<'_>) -> Diagnostic {
    let site = narrow(r).site;
    r.error(
        Code::E503,
        format!("@Int value narrowing into a @Nat {site} in '{}' may be negative.", r.function),
    )
    .rationale(format!("`{}` is an Int, and a @Nat holds 0 and up.", r.record.text))
    .fix(if r.record.text.contains('@') {
        format!(
            "Add `requires({} >= 0)`, or guard with `if {} >= 0 then {{ … }}`.",
            r.record.text, r.record.text
        )
    } else {
        // Of a constant no clause says more.
        "Use a value of 0 or more, or the type `Int`.".to_owned()
    })
    .spec(CHAPTER)
}

pub(super) fn negative_unguarded(r: &About<'_>) -> Diagnostic {
    let site = narrow(r).site;
    r.warning(
        Code::E504,
        format!(
            "@Int value narrowing into a @Nat {site} in '{}' is neither proved non-negative nor checked at run time.",
            r.function
        ),
    )
    .rationale("No check exists at this place.")
    .fix("Bind the value with `let @Nat` first, which checks it, or add a `requires`.")
    .spec(CHAPTER)
}

fn invariant<'r>(r: &'r About<'_>) -> Option<(&'r str, &'r str)> {
    let obligations::About::Invariant { data, predicate } = &r.record.about else { return None };
    Some((data, predicate))
}

pub(super) fn predicate_false(r: &About<'_>) -> Diagnostic {
    if let Some((data, predicate)) = invariant(r) {
        return r
            .error(
                Code::E505,
                format!(
                    "`{}` in '{}' may violate the invariant of {data}, `{predicate}`.",
                    r.record.text, r.function
                ),
            )
            .rationale("Every value of a data type must satisfy its invariant from the start.")
            .fix("Add a `requires` that implies the invariant, or test the parts first.")
            .spec(CHAPTER);
    }
    let n = narrow(r);
    let (site, predicate, function) = (n.site, n.predicate, r.function);
    let description = match (n.nested, n.literal) {
        (true, _) => format!(
            "Value passed as a {site} of type {predicate} in '{function}' may hold a component outside its refinement."
        ),
        (false, Some(literal)) => format!(
            "Value narrowing into a refined {site} in '{function}' violates the refinement predicate `{predicate}`: the value is {literal}."
        ),
        (false, None) => format!(
            "Value narrowing into a refined {site} in '{function}' may violate the refinement predicate `{predicate}`."
        ),
    };
    r.error(Code::E505, description)
        .rationale("Every value that enters a refined type must satisfy its predicate.")
        .fix(match n.literal {
            Some(_) => {
                "Use a value that satisfies the predicate, or widen the refinement.".to_owned()
            }
            None => {
                "Add a `requires` that implies the predicate, or test the value first.".to_owned()
            }
        })
        .spec(CHAPTER)
}

pub(super) fn predicate_undecided(r: &About<'_>) -> Diagnostic {
    if let Some((data, predicate)) = invariant(r) {
        return r
            .warning(
                Code::E506,
                format!(
                    "Cannot statically verify that `{}` in '{}' satisfies the invariant of {data}, `{predicate}`. It will be checked at runtime.",
                    r.record.text, r.function
                ),
            )
            .rationale("The parts or the predicate have no model in the prover.")
            .fix("Add a `requires` that implies the invariant, test the parts first, or keep the check at run time.")
            .spec(CHAPTER);
    }
    let n = narrow(r);
    let (site, predicate, function) = (n.site, n.predicate, r.function);
    let what = if n.nested {
        format!("the components of a value of type {predicate}")
    } else {
        format!("the refinement predicate `{predicate}`")
    };
    r.warning(
        Code::E506,
        format!(
            "Cannot statically verify {what} for a value narrowing into a refined {site} in '{function}'. It will be checked at runtime."
        ),
    )
    .rationale("The value or the predicate has no model in the prover.")
    .fix("Add a `requires` that implies the predicate, test the value first, or keep the check at run time.")
    .spec(CHAPTER)
}
