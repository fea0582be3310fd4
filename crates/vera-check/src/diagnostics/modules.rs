//! Imports: E011–E015, E150, E155–E157.

use vera_diagnostics::{Code, Diagnostic, FileSpan};

use super::error;

const FILES: &str = "Chapter 11, Section 11.4 \"Finding files\"";
const PROJECTS: &str = "Chapter 11, Section 11.10 \"Projects\"";
const IMPORTING: &str = "Chapter 11, Section 11.3 \"Importing\"";
const AMBIGUOUS: &str = "Chapter 11, Section 11.6.2 \"Two imports supplying one name\"";

fn file_of(path: &str) -> String {
    format!("{}.vera", path.replace('.', "/"))
}

/// `elsewhere` is a file of the name further up, and the directory it is relative to.
pub(crate) fn unresolved_import(
    at: FileSpan,
    path: &str,
    elsewhere: Option<(&str, &str)>,
) -> Diagnostic {
    let file = file_of(path);
    let fix = match elsewhere {
        Some((found, root)) => format!(
            "There is a file `{found}`. Paths are relative to the file that `vera` is given: give it one in `{root}` that leads here, or name the module relative to this file."
        ),
        None => format!("Create `{file}`, or correct the path of the import."),
    };
    error(
        Code::E012,
        at,
        format!("Cannot resolve import '{path}': no file found."),
        &format!(
            "The module `{path}` is the file `{file}`, looked for beside the importing file and then beside the entry file."
        ),
        fix,
        FILES,
    )
}

pub(crate) fn unreadable_import(at: FileSpan, path: &str, reason: &str) -> Diagnostic {
    let file = file_of(path);
    error(
        Code::E012,
        at,
        format!("Cannot resolve import '{path}': {reason}."),
        &format!("The module `{path}` is the file `{file}`, which must be readable UTF-8 text."),
        if reason.contains("UTF-8") {
            format!("Save `{file}` as UTF-8.")
        } else {
            format!("Make `{file}` readable.")
        },
        FILES,
    )
}

pub(crate) fn ambiguous_import(at: FileSpan, path: &str, files: &[String]) -> Diagnostic {
    error(
        Code::E014,
        at,
        format!("Import '{path}' is found in several places: {}.", files.join(", ")),
        "In a project, a path leads to one file, whichever of the directories it is looked for in comes first.",
        "Rename or remove all but one of the files, or write the path so that one is left.",
        PROJECTS,
    )
}

/// `what`: the manifest and what is wrong with it.
pub(crate) fn no_manifest(at: FileSpan, path: &str, what: &str) -> Diagnostic {
    error(
        Code::E015,
        at,
        format!("Cannot resolve import '{path}': the project's manifest is not valid: {what}."),
        "The nearest `vera.toml` above a file says where the modules it imports are.",
        "Correct the manifest; the least is:\n[package]\nname = \"app\"",
        PROJECTS,
    )
}

pub(crate) fn circular_import(at: FileSpan, path: &str) -> Diagnostic {
    error(
        Code::E011,
        at,
        format!("Circular import detected: '{path}' is already being resolved."),
        "Modules import each other without cycles, so that each can be understood after those it uses.",
        "Remove one of the imports, or move the declarations both need into a third module.",
        IMPORTING,
    )
}

pub(crate) fn broken_import(at: FileSpan, path: &str, inner: &str) -> Diagnostic {
    error(
        Code::E013,
        at,
        format!("The imported module '{path}' has a syntax error:\n{inner}"),
        "A module is imported only when it parses.",
        format!("Run `vera check {}` and correct the error.", file_of(path)),
        IMPORTING,
    )
}

pub(crate) fn private_import(at: FileSpan, path: &str, name: &str) -> Diagnostic {
    error(
        Code::E150,
        at,
        format!("`{name}` is private in module '{path}'."),
        "Only public functions and data types can be imported.",
        format!("Declare `{name}` as `public` in '{path}', or drop it from the import list."),
        IMPORTING,
    )
}

pub(crate) fn helper_import(at: FileSpan, path: &str, name: &str) -> Diagnostic {
    error(
        Code::E150,
        at,
        format!("`{name}` is a `where` helper in module '{path}' and cannot be imported."),
        "A helper is visible only to the function that owns it.",
        format!(
            "Make `{name}` a top-level `public fn` of '{path}', or drop it from the import list."
        ),
        IMPORTING,
    )
}

pub(crate) fn absent_import(at: FileSpan, path: &str, name: &str) -> Diagnostic {
    error(
        Code::E150,
        at,
        format!("Module '{path}' has no public declaration `{name}`."),
        "An import list names public functions and data types; constructors come with their type, and aliases, effects and abilities are local to their file.",
        format!("Correct the name, or drop `{name}` from the import list."),
        IMPORTING,
    )
}

pub(crate) fn ambiguous_fn(at: FileSpan, name: &str, first: &str, second: &str) -> Diagnostic {
    ambiguous(Code::E155, at, "function", name, first, second)
        .fix(format!("Write `import {first}(…);` and `import {second}(…);` so that only one lists `{name}`; the other is reached as `{second}::{name}(…)` when it is listed alone there."))
}

pub(crate) fn ambiguous_type(at: FileSpan, name: &str, first: &str, second: &str) -> Diagnostic {
    ambiguous(Code::E156, at, "data type", name, first, second)
}

pub(crate) fn ambiguous_ctor(at: FileSpan, name: &str, first: &str, second: &str) -> Diagnostic {
    ambiguous(Code::E157, at, "constructor", name, first, second)
}

fn ambiguous(
    code: Code,
    at: FileSpan,
    what: &str,
    name: &str,
    first: &str,
    second: &str,
) -> Diagnostic {
    error(
        code,
        at,
        format!("The {what} `{name}` is supplied by both '{first}' and '{second}'."),
        "A bare name brought by two imports would mean neither.",
        format!(
            "Import from one of the modules only, or list names: `import {first}({name});` beside an import of '{second}' that does not list it."
        ),
        AMBIGUOUS,
    )
}
