//! Written types and rows: E121, E132–E136, E180, E181, E338, E340.

use vera_diagnostics::{Code, Diagnostic, Edit, FileSpan, Fix};

use super::{count, error, quoted};
use crate::types::MAX_PARTS;

const TYPES: &str = "Chapter 3, Section 3.2 \"Type expressions\"";
const ROWS: &str = "Chapter 10, Section 10.2 \"Rows\"";
const ABILITIES: &str = "Chapter 3, Section 3.9 \"Abilities\"";

pub(crate) fn body_mismatch(at: FileSpan, name: &str, want: &str, found: &str) -> Diagnostic {
    error(
        Code::E121,
        at,
        format!("The body of `{name}` has type {found}, but the function returns {want}."),
        "The value of the last expression of the body is the function's result.",
        format!(
            "End the body with an expression of type {want}, or declare the result as `@{found}`."
        ),
        "Chapter 6, Section 6.1 \"Declaration\"",
    )
}

pub(crate) fn cyclic_alias(at: FileSpan, name: &str) -> Diagnostic {
    error(
        Code::E132,
        at,
        format!("The type alias `{name}` expands to itself."),
        "An alias stands for its right-hand side, which must end in types that are not aliases of it.",
        format!(
            "Name a concrete type on the right, or declare `private data {name} {{ … }}` for a recursive type."
        ),
        TYPES,
    )
}

/// `given` are the arguments as written.
pub(crate) fn type_arity(at: FileSpan, name: &str, want: usize, given: &[String]) -> Diagnostic {
    // As far as arguments are missing, types that every program has.
    let missing = match name {
        "Map" => ["String", "Int"],
        "Tuple" => ["Int", "String"],
        _ => ["Int", "Int"],
    };
    let shown = if name == "Tuple" { 2 } else { want };
    let missing = missing.into_iter().cycle().map(str::to_owned);
    let args: Vec<String> =
        given.iter().cloned().chain(missing.skip(given.len())).take(shown).collect();
    let form = if want == 0 { name.to_owned() } else { format!("{name}<{}>", args.join(", ")) };
    let least = if name == "Tuple" { "at least " } else { "" };
    error(
        Code::E133,
        at,
        format!(
            "`{name}` takes {least}{}, but {} {} given.",
            count(want, "type argument"),
            given.len(),
            if given.len() == 1 { "is" } else { "are" }
        ),
        "A generic type is written with exactly one argument for each of its parameters.",
        match want {
            0 => format!("Write `{form}`."),
            _ => format!("Write for example `{form}`."),
        },
        TYPES,
    )
}

pub(crate) fn takes_no_arguments(at: FileSpan, name: &str, decimal: bool) -> Diagnostic {
    error(
        if decimal { Code::E134 } else { Code::E135 },
        at,
        format!("The type `{name}` takes no type arguments."),
        "Only types declared with parameters are written with arguments.",
        format!("Write `{name}`."),
        TYPES,
    )
}

pub(crate) fn zero_size_element(at: FileSpan, what: &str, ty: &str) -> Diagnostic {
    error(
        Code::E135,
        at,
        format!("{what} type {ty} takes no space."),
        "The elements of a container are stored values; a type with a single value has nothing to store.",
        "Use a count (`Nat`), or box the value as `Option<Unit>`.",
        "Chapter 3, Section 3.1.1 \"Zero-size types\"",
    )
}

/// Why a type of another file cannot be named.
#[derive(Clone, Copy)]
pub(crate) enum Hidden {
    Private,
    Alias,
}

/// What else an unknown type name could mean.
pub(crate) struct Elsewhere {
    /// The module that has a public type of the name.
    pub supplier: Option<String>,
    /// A module that has one which cannot be named.
    pub hidden: Option<(Hidden, String)>,
    /// Types in scope that are called alike.
    pub near: Vec<String>,
}

pub(crate) fn unknown_type(at: FileSpan, name: &str, known: &Elsewhere) -> Diagnostic {
    let supplier = known.supplier.as_deref().filter(|path| !path.is_empty());
    let fix = match (supplier, &known.hidden, known.near.as_slice()) {
        (Some(path), ..) => format!("Add `import {path}({name});`."),
        (None, Some((Hidden::Private, path)), _) => format!(
            "`{name}` is private in '{path}': declare it `public` there, or hand its values on without naming their type."
        ),
        (None, Some((Hidden::Alias, path)), _) => format!(
            "`{name}` is an alias of '{path}', and aliases are not imported: declare `type {name} = …;` in this file too."
        ),
        (None, None, near @ [_, ..]) => format!("Did you mean {}?", quoted(near)),
        (None, None, []) => {
            format!("Correct the name, or declare the type: `private data {name} {{ … }}`.")
        }
    };
    error(
        Code::E136,
        at,
        format!("Unknown type '{name}': nothing in scope declares it."),
        "A type name is a type parameter, a built-in type, or a type of this file or of an import.",
        fix,
        "Chapter 3, Section 3.2.1 \"Name resolution order\"",
    )
}

pub(crate) fn float_is_not_a_type(at: FileSpan, name: FileSpan) -> Diagnostic {
    Diagnostic::uncoded(at, "'Float' is not a type. Did you mean 'Float64'?")
        .rationale("The floating-point type is the 64-bit one of IEEE 754.")
        .fix("Float64")
        .repair(Fix::safe("Write `Float64`", vec![Edit::replace(name, "Float64")]))
        .spec("Chapter 3, Section 3.1 \"Primitive types\"")
}

/// What to do about an unknown effect, which the module `foreign` may declare.
pub(crate) fn declare_effect(name: &str, foreign: Option<&str>) -> String {
    match foreign {
        Some(path) => format!(
            "Effects are not imported: declare `effect {name}` in this file as '{path}' does, and it is the same effect."
        ),
        None => format!("Correct the name, or declare `effect {name} {{ op …; }}`."),
    }
}

pub(crate) fn unknown_effect(
    at: FileSpan,
    name: &str,
    qualified: bool,
    foreign: Option<&str>,
) -> Diagnostic {
    error(
        Code::E338,
        at,
        format!("Unknown effect `{name}` in an effect row."),
        if qualified {
            "Effects are named without a qualifier: an effect is built in or declared in this file."
        } else {
            "An effect is built in (`vera effects` lists them) or declared in this file."
        },
        declare_effect(name, foreign),
        ROWS,
    )
}

pub(crate) fn effect_arity(at: FileSpan, name: &str, want: usize) -> Diagnostic {
    if want == 0 {
        return error(
            Code::E338,
            at,
            format!("The effect `{name}` takes no type arguments."),
            "Only effects declared with parameters are written with arguments.",
            format!("Write `{name}`."),
            ROWS,
        );
    }
    error(
        Code::E340,
        at,
        format!("The effect `{name}` needs {}.", count(want, "type argument")),
        "The argument says what the cell holds or what is thrown.",
        format!("Write `{name}<Int>` with the type you need."),
        ROWS,
    )
}

pub(crate) fn own_row_variable(at: FileSpan, name: &str) -> Diagnostic {
    error(
        Code::E340,
        at,
        format!("The effect variable `{name}` cannot stand in the function's own row."),
        "A function's row names the effects it performs; a variable may stand only in the rows of function types.",
        "Write the concrete effects, or `effects(pure)`.",
        "Chapter 10, Section 10.2.1 \"Row variables\"",
    )
}

pub(crate) fn unknown_ability(at: FileSpan, name: &str) -> Diagnostic {
    error(
        Code::E180,
        at,
        format!("Unknown ability `{name}`."),
        "A constraint names one of the four abilities.",
        "Use `Eq`, `Ord`, `Hash` or `Show`.",
        ABILITIES,
    )
}

pub(crate) fn user_ability(at: FileSpan, name: &str) -> Diagnostic {
    error(
        Code::E340,
        at,
        format!("The ability `{name}` is declared in this file, and nothing can satisfy it."),
        "Only the built-in abilities have implementations; they are derived from a type's structure.",
        "Pass the operation as a function parameter instead of constraining the type.",
        ABILITIES,
    )
}

pub(crate) fn user_ability_operation(at: FileSpan, ability: &str, op: &str) -> Diagnostic {
    error(
        Code::E340,
        at,
        format!(
            "`{op}` is an operation of the ability `{ability}` of this file, which nothing implements."
        ),
        "Only the built-in abilities have implementations; they are derived from a type's structure.",
        format!("Declare a function: `private fn {op}(…)`."),
        ABILITIES,
    )
}

pub(crate) fn empty_cell(at: FileSpan, effect: &str, ty: &str) -> Diagnostic {
    let what = if effect == "State" { "store" } else { "throw" };
    error(
        Code::E340,
        at,
        format!("`{effect}<{ty}>` has no value to {what}."),
        "A cell or payload holds a value; Unit takes no space and Never has no values.",
        format!("Use a type with values, for example `{effect}<Int>`."),
        ROWS,
    )
}

pub(crate) fn inline_refinement_cell(at: FileSpan, effect: &str) -> Diagnostic {
    error(
        Code::E340,
        at,
        format!("The type argument of `handle[{effect}<…>]` is a written-out refinement."),
        "Cells and payloads are told apart by their type; a predicate needs a name to be one.",
        format!(
            "Name it, `type Positive = {{ @Int | @Int.0 > 0 }};`, and write `handle[{effect}<Positive>]`."
        ),
        "Chapter 10, Section 10.6.1 \"Typing\"",
    )
}

pub(crate) fn oversized(at: FileSpan) -> Diagnostic {
    error(
        Code::E340,
        at,
        format!("A type in this declaration has more than {MAX_PARTS} parts."),
        "Aliases and generic calls that double a type with every step make types that no program can hold.",
        "Give the repeated part a name of its own: `private data Pair<T> { Pair(T, T) }`.",
        "Chapter 3, Section 3.2 \"Type expressions\"",
    )
}

/// `use_` is what needs to know the type, on this line.
pub(crate) fn growing_recursion(
    at: FileSpan,
    callee: &str,
    arg: &str,
    use_: &str,
    line: u32,
) -> Diagnostic {
    error(
        Code::E340,
        at,
        format!(
            "This call is part of a recursion that reaches `{callee}` at ever larger types: its type argument here is {arg}, and {use_} on line {line} depends on which type it is."
        ),
        "A generic function is compiled for each type it is used at. A recursion at ever larger types shares one compiled function, which can only store values of these types and hand them on: neither it nor what it calls can compare, hash or show them, measure them, look them up as keys, or have an effect at them.",
        "Recur at the same types; or pass what depends on the type as a function: `fn(T -> String) effects(pure)`.",
        "Chapter 3, Section 3.10 \"Generics\"",
    )
}

pub(crate) fn too_many_instances(at: FileSpan, what: &str, limit: usize) -> Diagnostic {
    error(
        Code::E340,
        at,
        format!(
            "{what} makes the program reach more than {limit} instances of generic functions and types."
        ),
        "A generic function or data type is compiled for each type it is used at.",
        "Call generic functions at fewer types; a chain of functions that each call the next one at two types doubles their number with every step.",
        "Chapter 3, Section 3.10 \"Generics\"",
    )
}

pub(crate) fn constraint_variable(at: FileSpan, name: &str) -> Diagnostic {
    error(
        Code::E181,
        at,
        format!("The constraint names `{name}`, which is not a type parameter of this `forall`."),
        "A constraint restricts a parameter declared in the same list.",
        format!("Add it: `forall<{name} where …>`."),
        ABILITIES,
    )
}

pub(crate) fn qualified_ability(at: FileSpan, ability: &str, op: &str) -> Diagnostic {
    error(
        Code::E340,
        at,
        format!("`{ability}.{op}` is an ability operation and is not called with a qualifier."),
        "Ability operations are called by their bare name; qualifiers belong to effects.",
        format!("Write `{op}(…)`."),
        ABILITIES,
    )
}

pub(crate) fn unhandled_at_entry(
    at: FileSpan,
    effect: &str,
    entry: &str,
    source: Option<&str>,
) -> Diagnostic {
    let source = source.map(|s| format!("; {s} performs it")).unwrap_or_default();
    error(
        Code::E340,
        at,
        format!(
            "The effect `{effect}` reaches the entry point `{entry}` without a handler{source}."
        ),
        "A host implements the built-in effects; one declared in the program means what a handler in the program says.",
        format!(
            "Handle it around the call that performs it: `handle[{effect}] {{ … }} in {{ … }}`, and drop it from this row."
        ),
        "Chapter 10, Section 10.13 \"General handlers\"",
    )
}
