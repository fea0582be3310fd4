//! Prints the syntax errors of the files named on the command line, one a line:
//! file, code, line, column, description. For comparing parsers.

use vera_diagnostics::{FileId, SourceFile};

fn main() {
    for path in std::env::args().skip(1) {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let file = SourceFile::new(&path, &text);
        for error in vera_syntax::parse(file.text()).errors {
            let at = file.line_col(error.span.start);
            let diagnostic = error.to_diagnostic(FileId(0));
            let description = diagnostic.description.escape_debug();
            println!("{path} {} {}:{} {description}", error.code().as_str(), at.line, at.column);
        }
    }
}
