//! Names of declarations: E129, E151–E154, E158, E159, E184, E185, E188, W013.

use vera_diagnostics::{Code, Diagnostic, Edit, FileSpan, Fix};

use super::error;

const NAMES: &str = "Chapter 11, Section 11.8 \"Reserved names\"";

pub(crate) fn missing_visibility(at: FileSpan, name: &str, keyword: &str) -> Diagnostic {
    let visibility = if name == "main" { "public" } else { "private" };
    let edit = Edit::insert_before(at, format!("{visibility} "));
    let fix = Fix::safe(format!("Insert '{visibility}'"), vec![edit]);
    error(
        Code::E188,
        at,
        format!("Missing visibility on '{name}'. Add 'public' or 'private' before '{keyword}'."),
        "Every top-level function and data type says whether other modules may use it.",
        format!("private {keyword} {name}"),
        "Chapter 11, Section 11.2 \"Visibility\"",
    )
    .repair(fix)
}

pub(crate) fn declared_twice(at: FileSpan, what: &str, name: &str, first: FileSpan) -> Diagnostic {
    error(
        Code::E184,
        at,
        format!(
            "The {what} `{name}` is declared a second time; the first declaration stays in force."
        ),
        "A name is declared once in its namespace, so that every use means one thing.",
        format!("Rename this {what} or delete one of the two declarations."),
        NAMES,
    )
    .related(first, format!("the first `{name}`"))
}

pub(crate) fn reserved_for_prelude(at: FileSpan, name: &str) -> Diagnostic {
    error(
        Code::E154,
        at,
        format!("The name `{name}` is reserved."),
        "Names made of `Vera` and an upper-case letter or digit belong to the prelude.",
        format!("Choose another name, for example `My{}`.", name.trim_start_matches("Vera")),
        NAMES,
    )
}

pub(crate) fn reserved_type(at: FileSpan, name: &str) -> Diagnostic {
    error(
        Code::E158,
        at,
        format!("`{name}` is a built-in type name and cannot be declared."),
        "Built-in and prelude types mean the same in every file.",
        format!("Rename the declaration, for example to `My{name}`."),
        NAMES,
    )
}

pub(crate) fn reserved_ctor(at: FileSpan, name: &str) -> Diagnostic {
    error(
        Code::E158,
        at,
        format!("A constructor cannot be named `{name}`."),
        "`Tuple` and `Future` build values of the built-in types of those names.",
        format!("Rename the constructor, for example to `My{name}`."),
        NAMES,
    )
}

pub(crate) fn shared_ctor(
    at: FileSpan,
    ctor: &str,
    owner: &str,
    data: &str,
    first: FileSpan,
) -> Diagnostic {
    error(
        Code::E159,
        at,
        format!("The constructor `{ctor}` is declared by both `{owner}` and `{data}`."),
        "A constructor name decides the data type of a value, so it belongs to one type of a file.",
        format!("Rename one of them, for example `{data}{ctor}`."),
        NAMES,
    )
    .related(first, format!("`{ctor}` of `{owner}`"))
}

pub(crate) fn builtin_effect(at: FileSpan, name: &str) -> Diagnostic {
    error(
        Code::E152,
        at,
        format!("`{name}` is a built-in effect and cannot be declared again."),
        "Built-in effects are in scope in every file.",
        format!("Delete this declaration to use the built-in `{name}`, or rename it."),
        NAMES,
    )
}

pub(crate) fn builtin_ability(at: FileSpan, name: &str) -> Diagnostic {
    error(
        Code::E185,
        at,
        format!("`{name}` is the name of a built-in ability or of its operation."),
        "The abilities `Eq`, `Ord`, `Hash` and `Show` and their operations `eq`, `compare`, `hash` and `show` are fixed.",
        "Delete the declaration or rename it.",
        NAMES,
    )
}

pub(crate) fn redefines_builtin(at: FileSpan, name: &str) -> Diagnostic {
    error(
        Code::E151,
        at,
        format!("The function `{name}` has the name of a built-in function."),
        "Built-in functions are in scope everywhere, and their names are reserved; a use of this name means the built-in.",
        format!(
            "Delete this function and call the built-in `{name}`, or rename it, for example to `my_{name}`."
        ),
        NAMES,
    )
}

/// W013: the name of a built-in that older programs could not know.
pub(crate) fn takes_the_place_of_builtin(at: FileSpan, name: &str, since: &str) -> Diagnostic {
    Diagnostic::warning(
        Code::W013,
        at,
        format!("The function `{name}` takes the place of the built-in of this name."),
    )
    .rationale(format!(
        "The library has `{name}` since version {since}. Where a program declares or imports a function of this name, calls mean that function."
    ))
    .fix(format!(
        "Delete this function if the built-in `{name}` does the same, or rename it, for example to `my_{name}`."
    ))
    .spec(NAMES)
}

pub(crate) fn reserved_fn(at: FileSpan, name: &str) -> Diagnostic {
    error(
        Code::E153,
        at,
        format!("A function cannot be named `{name}`."),
        if name == "resume" {
            "`resume(…)` continues the handled computation inside a handler clause."
        } else {
            "The words of the grammar are not function names: a call could not be told from the construct."
        },
        format!("Rename the function, for example to `{name}_value`."),
        NAMES,
    )
}

pub(crate) fn irregular_data(at: FileSpan, name: &str, other: &str) -> Diagnostic {
    error(
        Code::E129,
        at,
        format!(
            "`{name}` recurs through `{other}` with other type arguments than its own parameters."
        ),
        "A recursive occurrence may pass the parameters unchanged, or arguments that mention none of them; otherwise the program would need infinitely many types.",
        format!(
            "Write the occurrence of `{other}` with the parameters of `{name}` in their places, or move the varying part into a type of its own."
        ),
        "Chapter 3, Section 3.4 \"User data types\"",
    )
}
