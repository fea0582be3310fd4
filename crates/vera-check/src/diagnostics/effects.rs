//! Effects and handlers: E125, E174, E175, E177, E187, E203, E204, E217, E220,
//! E330–E336.

use vera_diagnostics::{Code, Diagnostic, Edit, FileSpan, Fix};

use super::repairs::{WrittenRow, extend_row};
use super::types::declare_effect;
use super::{count, error, quoted};

const PERFORMING: &str = "Chapter 10, Section 10.4 \"Performing operations\"";
const RULES: &str = "Chapter 10, Section 10.3 \"Checking rules\"";
const HANDLE: &str = "Chapter 10, Section 10.6 \"handle expressions\"";
const SQL: &str = "Chapter 10, Section 10.12.6 \"DB\"";
const OLD_NEW: &str = "Chapter 10, Section 10.7.7 \"Contracts over state\"";

pub(crate) fn impure_predicate(at: FileSpan, effects: &str) -> Diagnostic {
    error(
        Code::E187,
        at,
        format!("A contract predicate performs: {effects}."),
        "Predicates are pure whatever the function's row allows: they may be evaluated any number of times, or only proved.",
        "Compute the value in the body and state the condition over it, or handle the effect inside the predicate.",
        "Chapter 10, Section 10.10 \"Effects in contracts\"",
    )
}

pub(crate) fn call_exceeds_row(
    at: FileSpan,
    what: &str,
    missing: &str,
    declared: &str,
    written: Option<WrittenRow>,
) -> Diagnostic {
    let row = if declared == "pure" {
        format!("effects(<{missing}>)")
    } else {
        format!("effects(<{}, {missing}>)", declared.trim_matches(['<', '>']))
    };
    let mut report = error(
        Code::E125,
        at,
        format!(
            "{what} performs {missing}, which the row in force here, {declared}, does not allow."
        ),
        "A call needs every effect of its callee in the row around it, with equal type arguments.",
        format!("Declare `{row}`, or handle the effect around the call."),
        RULES,
    );
    report.fixes.extend(written.map(|row| extend_row(row, missing)));
    report
}

pub(crate) fn must_qualify(at: FileSpan, effect: &str, op: &str, name: FileSpan) -> Diagnostic {
    let qualify = Edit::insert_before(name, format!("{effect}."));
    error(
        Code::E217,
        at,
        format!("The operation `{op}` of `{effect}` must be written with its effect."),
        "Only `get`, `put` and `throw`, and operations of an effect handled around the call, are called bare.",
        format!("{effect}.{op}(…)"),
        PERFORMING,
    )
    .repair(Fix::safe(format!("Write `{effect}.{op}`"), vec![qualify]))
}

pub(crate) fn unknown_operation(
    at: FileSpan,
    qualifier: &str,
    name: &str,
    known: &[String],
) -> Diagnostic {
    let fix = if known.is_empty() {
        format!(
            "Name an effect in scope (`vera effects` lists the built-in ones); a module function is called as `path::{name}(…)`."
        )
    } else {
        format!("`{qualifier}` has {}.", quoted(known))
    };
    error(
        Code::E220,
        at,
        format!("`{qualifier}.{name}` names no operation."),
        "A qualified call is an operation of an effect.",
        fix,
        PERFORMING,
    )
}

pub(crate) fn operation_count(at: FileSpan, what: &str, want: usize, given: usize) -> Diagnostic {
    error(
        Code::E203,
        at,
        format!("{what} takes {}, but {given} given.", count(want, "argument")),
        "An operation takes one argument for each parameter; one of type Unit takes `()`.",
        format!("Pass exactly {}.", count(want, "argument")),
        PERFORMING,
    )
}

pub(crate) fn operation_argument(
    at: FileSpan,
    what: &str,
    index: usize,
    want: &str,
    found: &str,
) -> Diagnostic {
    let fix = if want == "String" {
        "Convert it to a String: `to_string(…)`, `show(…)` or `\"\\(…)\"`.".to_owned()
    } else {
        format!("Pass a value of type {want}.")
    };
    error(
        Code::E204,
        at,
        format!("Argument {index} of {what} has type {found}, expected {want}."),
        "An argument has the type of its parameter; arguments are numbered from 0.",
        fix,
        PERFORMING,
    )
}

pub(crate) fn unknown_handled(at: FileSpan, name: &str, foreign: Option<&str>) -> Diagnostic {
    let fix = match foreign {
        Some(_) => declare_effect(name, foreign),
        None => "Correct the name; `vera effects` lists the built-in effects.".to_owned(),
    };
    error(
        Code::E330,
        at,
        format!("`handle` names an unknown effect `{name}`."),
        "An effect is built in or declared in this file.",
        fix,
        HANDLE,
    )
}

pub(crate) fn handled_arity(at: FileSpan, name: &str, given: usize) -> Diagnostic {
    error(
        Code::E337,
        at,
        format!("`handle[{name}]` needs 1 type argument, but {given} given."),
        "The argument says what the cell holds or what is thrown.",
        format!("handle[{name}<Int>]"),
        HANDLE,
    )
}

pub(crate) fn no_such_operation(
    at: FileSpan,
    effect: &str,
    name: &str,
    known: &[String],
) -> Diagnostic {
    error(
        Code::E332,
        at,
        format!("The effect `{effect}` has no operation `{name}`."),
        "Each handler clause is for an operation of the handled effect.",
        format!("`{effect}` has {}.", quoted(known)),
        HANDLE,
    )
}

pub(crate) fn state_type(at: FileSpan, want: &str, found: &str) -> Diagnostic {
    error(
        Code::E331,
        at,
        format!("The initial state has type {found}, expected {want}."),
        "The state starts with a value of its declared type.",
        format!("Give a value of type {want}."),
        HANDLE,
    )
}

pub(crate) fn no_start_value(at: FileSpan, cell: &str) -> Diagnostic {
    error(
        Code::E331,
        at,
        format!("The cell of type {cell} has no initial value."),
        "Without one a cell starts as 0, 0.0 or false, and a value of this type is none of these.",
        format!("Declare the state with its start: `handle[State<…>]({cell} = …) {{ … }}`."),
        HANDLE,
    )
}

pub(crate) fn state_diverges(at: FileSpan, want: &str, found: &str) -> Diagnostic {
    error(
        Code::E336,
        at,
        format!("The handler state is declared as {found}, but the handled cell holds {want}."),
        "The state of a `State<T>` handler has exactly the type T; put a refinement into an alias used in both places.",
        format!("(@{want} = …)"),
        HANDLE,
    )
}

pub(crate) fn update_without_state(at: FileSpan) -> Diagnostic {
    error(
        Code::E333,
        at,
        "`with` updates a handler state, but this handler declares none.".to_owned(),
        "The state is declared after the effect.",
        "handle[State<Int>](@Int = 0) { … } in { … }",
        HANDLE,
    )
}

pub(crate) fn update_name(at: FileSpan, written: &str, want: &str, name: FileSpan) -> Diagnostic {
    error(
        Code::E334,
        at,
        format!("`with @{written}` does not name the handler's state, which is `@{want}`."),
        "The update names the state by its declared type.",
        format!("with @{want} = …"),
        HANDLE,
    )
    .repair(Fix::safe(format!("Write `{want}`"), vec![Edit::replace(name, want)]))
}

pub(crate) fn update_type(at: FileSpan, want: &str, found: &str) -> Diagnostic {
    error(
        Code::E335,
        at,
        format!("The new state has type {found}, expected {want}."),
        "The state keeps its declared type.",
        format!("Give a value of type {want}."),
        HANDLE,
    )
}

pub(crate) fn state_outside_ensures(at: FileSpan, old: bool) -> Diagnostic {
    let (code, word) = if old { (Code::E174, "old") } else { (Code::E175, "new") };
    error(
        code,
        at,
        format!("`{word}(…)` is used outside `ensures`."),
        "The states before and after a call are known only when it has returned; a precondition cannot constrain them.",
        "Move the condition into an `ensures(…)` clause.",
        OLD_NEW,
    )
}

pub(crate) fn undeclared_state(
    at: FileSpan,
    old: bool,
    wanted: &str,
    declared: &str,
) -> Diagnostic {
    let word = if old { "old" } else { "new" };
    let declared = if declared.is_empty() { "pure" } else { declared };
    error(
        Code::E177,
        at,
        format!(
            "`{word}({wanted})` names a state the function's row does not declare. Declared: {declared}."
        ),
        "A function's contract speaks only of the cells its row declares.",
        format!("Add `{wanted}` to the row: `effects(<{wanted}>)`."),
        OLD_NEW,
    )
}

pub(crate) fn nothing_to_handle(at: FileSpan, name: &str) -> Diagnostic {
    error(
        Code::E340,
        at,
        format!("The effect `{name}` has no operations, so there is nothing to handle."),
        "A handler gives meaning to operations; a marker effect is discharged by the host alone.",
        format!("Drop the handler and declare `{name}` in the function's row."),
        HANDLE,
    )
}

pub(crate) fn missing_clauses(at: FileSpan, name: &str, missing: &[String]) -> Diagnostic {
    let clauses: Vec<String> = missing.iter().map(|op| format!("{op}(…) -> {{ ? }}")).collect();
    error(
        Code::E332,
        at,
        format!("This handler of `{name}` has no clause for the operation {}.", quoted(missing)),
        "An effect declared in the program means what its handler says, so every operation has a clause.",
        format!("Add {}", clauses.join(", ")),
        "Chapter 10, Section 10.13 \"General handlers\"",
    )
}

pub(crate) fn state_clause_resume(at: FileSpan, op: &str) -> Diagnostic {
    error(
        Code::E340,
        at,
        format!("The clause `{op}` of a State handler does not end in exactly one `resume(…)`."),
        "A State clause always goes on with the body: it resumes once, as its last act, and never in `with`.",
        "Put branches inside the argument: `resume(if … then { … } else { … })`.",
        "Chapter 10, Section 10.7.3 \"resume in State clauses\"",
    )
}

pub(crate) fn eager_async(at: FileSpan, effects: &str) -> Diagnostic {
    eager(
        at,
        &format!("performs {effects}"),
        "Only requests, calls of language models, `IO.sleep`, and `DB.query` of a `SELECT` can run while the program goes on; all other operations keep their place in its order.",
        "Perform the other operations outside of `async`, before it or on the result of `await`; or drop `async` and `await`.",
    )
}

pub(crate) fn eager_result(at: FileSpan, ty: &str) -> Diagnostic {
    eager(
        at,
        &format!("has type {ty}"),
        "A future stands for a value, and this one has none that could be waited for.",
        "Let the argument end in a value, such as `true`, and `await` that.",
    )
}

/// W002: the argument of an `async` is evaluated at once.
fn eager(at: FileSpan, what: &str, why: &'static str, fix: &'static str) -> Diagnostic {
    let said = format!(
        "The argument of this `async` {what}, so it is evaluated here, before the program goes on."
    );
    Diagnostic::warning(Code::W002, at, said)
        .rationale(why)
        .fix(fix)
        .spec("Chapter 10, Section 10.11 \"Async and futures\"")
}

pub(crate) fn sql_not_literal(at: FileSpan, op: &str) -> Diagnostic {
    error(
        Code::E207,
        at,
        format!("The SQL text of `DB.{op}` is not made of string literals."),
        "SQL is written in the program: a literal, `string_concat` or interpolation of such, or a `let` of one. Values go in as parameters, so they are never read as SQL.",
        "Write `?` where the value belongs and pass it in the array: `[Some(…)]`.",
        SQL,
    )
}

pub(crate) fn sql_count(at: FileSpan, op: &str, wanted: usize, given: usize) -> Diagnostic {
    error(
        Code::E208,
        at,
        format!(
            "The SQL text of `DB.{op}` has {}, but {} given.",
            count(wanted, "placeholder"),
            if given == 1 {
                "1 parameter is".to_owned()
            } else {
                format!("{given} parameters are")
            }
        ),
        "Each `?` takes one element of the parameter array, in order.",
        format!("Pass exactly {}.", count(wanted, "parameter")),
        SQL,
    )
}

pub(crate) fn sql_placeholder(at: FileSpan, op: &str, written: &str) -> Diagnostic {
    error(
        Code::E209,
        at,
        format!("The SQL text of `DB.{op}` uses the placeholder `{written}`."),
        "Parameters are taken in order; a placeholder has neither a name nor a number.",
        "Write `?`.",
        SQL,
    )
}
