//! Calls: E178, E200–E202, E205, E230–E233, E240–E243.

use vera_builtins::Meaning;
use vera_diagnostics::{Code, Diagnostic, FileSpan};

use super::{count, error, quoted};
use crate::typed::Ability;

const CALLS: &str = "Chapter 5, Section 5.13 \"Calls\"";
const QUALIFIED: &str = "Chapter 11, Section 11.6.3 \"Module-qualified calls\"";
const ABILITIES: &str = "Chapter 3, Section 3.9.1 \"Who satisfies what\"";

pub(crate) fn unresolved(
    at: FileSpan,
    name: &str,
    near: &[String],
    supplier: Option<&str>,
) -> Diagnostic {
    let fix = match (supplier, near, vera_builtins::meaning(name)) {
        (Some(path), ..) if !path.is_empty() => format!("Add `import {path}({name});`."),
        (_, [_, ..], _) => format!("Did you mean {}?", quoted(near)),
        (_, [], Some(Meaning::Functions(names))) => {
            let names: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
            format!("In Vera that is {}.", quoted(&names))
        }
        (_, [], Some(Meaning::Form(form))) => format!("In Vera that is written\n\n{form}"),
        (_, [], None) => format!(
            "Declare `{name}`, import it, or use a built-in function (`vera builtins` lists them)."
        ),
    };
    error(
        Code::E200,
        at,
        format!("Unresolved function `{name}`."),
        "A bare call names a function of this file, an imported or built-in function, or an operation.",
        fix,
        CALLS,
    )
}

pub(crate) fn helper_outside(at: FileSpan, name: &str, owner: &str) -> Diagnostic {
    error(
        Code::E178,
        at,
        format!("`{name}` is a `where` helper of `{owner}` and cannot be called here."),
        "A helper is visible to its parent, its siblings and the helpers nested in them.",
        format!("Call `{owner}` instead, or make `{name}` a top-level function."),
        "Chapter 6, Section 6.5 \"Where-helpers\"",
    )
}

pub(crate) fn argument_count(at: FileSpan, name: &str, want: usize, given: usize) -> Diagnostic {
    error(
        Code::E201,
        at,
        format!(
            "`{name}` takes {}, but {given} {} given.",
            count(want, "argument"),
            if given == 1 { "is" } else { "are" }
        ),
        "A call passes one argument for each parameter; a parameter of type Unit takes `()`.",
        format!("Pass exactly {}.", count(want, "argument")),
        CALLS,
    )
}

pub(crate) fn argument_type(
    at: FileSpan,
    name: &str,
    index: usize,
    want: &str,
    found: &str,
) -> Diagnostic {
    let fix = match (want, found) {
        ("Float64", "Int" | "Nat") => "Convert it: `int_to_float(…)`.".to_owned(),
        ("Int" | "Nat", "Float64") => {
            "Convert it: `float_to_int(…)`, `floor(…)` or `round(…)`.".to_owned()
        }
        ("String", "Int" | "Nat") => "Convert it: `to_string(…)`.".to_owned(),
        ("Int", "Byte") => "Convert it: `byte_to_int(…)`.".to_owned(),
        _ => format!("Pass a value of type {want}."),
    };
    error(
        Code::E202,
        at,
        format!("Argument {index} of `{name}` has type {found}, expected {want}."),
        "An argument has the type of its parameter; arguments are numbered from 0.",
        fix,
        CALLS,
    )
}

/// `resume` in a clause of an operation that yields nothing, such as `throw`.
pub(crate) fn resume_never(at: FileSpan, found: &str) -> Diagnostic {
    error(
        Code::E202,
        at,
        format!(
            "`resume` is given a value of type {found}, but this operation never comes back, so nothing can be resumed."
        ),
        "An operation whose result is Never, as `throw` and `IO.exit`, ends what performs it; the value of its clause is the value of the whole `handle`.",
        "Drop the `resume(…)` and end the clause with the value itself: `throw(@String) -> { 0 }`.",
        "Chapter 10, Section 10.8 \"Exceptions\"",
    )
}

pub(crate) fn not_a_function(at: FileSpan, ty: &str) -> Diagnostic {
    error(
        Code::E202,
        at,
        format!("Argument 0 of `apply_fn` has type {ty}, expected a function value."),
        "`apply_fn` applies a function value to arguments; a named function is called directly.",
        "Pass a value of a function type, for example `fn(@Int -> @Int) effects(pure) { ? }`.",
        "Chapter 6, Section 6.6 \"Function values\"",
    )
}

pub(crate) fn conflicting_inference(
    at: FileSpan,
    name: &str,
    first: &str,
    second: &str,
) -> Diagnostic {
    error(
        Code::E205,
        at,
        format!(
            "The arguments of `{name}` fix one type parameter both as {first} and as {second}."
        ),
        "A type parameter stands for one type in a call.",
        "Make the arguments agree, or bind one with a `let` of the intended type.",
        "Chapter 3, Section 3.10.1 \"Inferring type arguments\"",
    )
}

pub(crate) fn zero_size_instance(at: FileSpan, name: &str, param: &str, ty: &str) -> Diagnostic {
    error(
        Code::E206,
        at,
        format!(
            "This call makes the type parameter `{param}` of `{name}` {ty}, which takes no space, but `{name}` reads a value of it."
        ),
        "A value without content cannot be read from a slot.",
        "Pass the value boxed, for example `Some(())` of type Option<Unit>.",
        "Chapter 3, Section 3.1.1 \"Zero-size types\"",
    )
}

pub(crate) fn module_not_imported(at: FileSpan, path: &str) -> Diagnostic {
    error(
        Code::E230,
        at,
        format!("Module '{path}' is not imported by this file."),
        "A qualified call goes through an import of this file; imports of imported modules do not count.",
        format!("Add `import {path};`."),
        QUALIFIED,
    )
}

pub(crate) fn not_listed(at: FileSpan, path: &str, name: &str, listed: &[String]) -> Diagnostic {
    let mut names = listed.to_vec();
    names.push(name.to_owned());
    error(
        Code::E231,
        at,
        format!("`{name}` is not in the import list of '{path}', which has {}.", quoted(listed)),
        "A selective import brings only what it lists, for qualified calls too.",
        format!("import {path}({});", names.join(", ")),
        QUALIFIED,
    )
}

pub(crate) fn private_in_module(at: FileSpan, path: &str, name: &str) -> Diagnostic {
    error(
        Code::E232,
        at,
        format!("`{name}` is private in module '{path}'."),
        "Only public functions can be called from other modules.",
        format!("Declare it as `public fn {name}` in '{path}'."),
        QUALIFIED,
    )
}

pub(crate) fn absent_in_module(
    at: FileSpan,
    path: &str,
    name: &str,
    names: &[String],
) -> Diagnostic {
    let fix = if names.is_empty() {
        format!("Declare `public fn {name}` in '{path}'.")
    } else {
        format!("'{path}' has {}.", quoted(names))
    };
    error(
        Code::E233,
        at,
        format!("Module '{path}' has no function `{name}`."),
        "A qualified call names a function of the module.",
        fix,
        QUALIFIED,
    )
}

pub(crate) fn ability_count(at: FileSpan, name: &str, want: usize, given: usize) -> Diagnostic {
    error(
        Code::E240,
        at,
        format!("`{name}` takes {}, but {given} given.", count(want, "argument")),
        "An ability operation has a fixed number of arguments.",
        format!("Pass exactly {}.", count(want, "argument")),
        ABILITIES,
    )
}

pub(crate) fn ability_argument(at: FileSpan, name: &str, want: &str, found: &str) -> Diagnostic {
    error(
        Code::E241,
        at,
        format!("The arguments of `{name}` have types {want} and {found}."),
        "Both arguments have one type.",
        format!("Pass a second argument of type {want}."),
        ABILITIES,
    )
}

pub(crate) fn lacks_ability(at: FileSpan, ability: Ability, op: &str, ty: &str) -> Diagnostic {
    let (code, why, fix) = match ability {
        Ability::Ord => (
            Code::E242,
            "Int, Nat, Float64, Byte and String are ordered.",
            "Compare an ordered key, or use `eq(…)`.",
        ),
        Ability::Eq => (
            Code::E243,
            "Equality is structural and needs every part to have it; arrays, tuples, maps, sets, decimals and functions do not.",
            "Compare a part of the value that has equality.",
        ),
        Ability::Hash | Ability::Show => (
            Code::E602,
            "The operation is structural and needs every part to have the ability; functions do not.",
            "Apply it to the parts you need.",
        ),
    };
    error(code, at, format!("`{op}` is not defined on values of type {ty}."), why, fix, ABILITIES)
}
