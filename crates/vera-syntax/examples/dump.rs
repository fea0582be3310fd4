//! Prints the tree of a file: `dump json|text|tree <file>`.

use vera_diagnostics::SourceFile;

fn main() {
    let mut args = std::env::args().skip(1);
    let (Some(form), Some(path)) = (args.next(), args.next()) else { return };
    let Ok(text) = std::fs::read_to_string(&path) else { return };
    let file = SourceFile::new(&path, &text);
    let parsed = vera_syntax::parse(file.text());
    let printed = match form.as_str() {
        "json" => vera_syntax::ast_json(&parsed.program, &file),
        "text" => vera_syntax::ast_text(&parsed.program, &file),
        _ => vera_syntax::dump_text(&parsed.program, &file),
    };
    print!("{printed}");
}
