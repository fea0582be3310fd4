//! Prints the canonical text of the files named on the command line.

fn main() {
    for path in std::env::args().skip(1) {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let parsed = vera_syntax::parse(&text);
        if parsed.errors.is_empty() {
            print!("{}", vera_fmt::format(&text, &parsed));
        }
    }
}
