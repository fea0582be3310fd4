fn main() {
    let name = std::env::args().nth(1).unwrap();
    let text = std::fs::read_to_string(&name).unwrap();
    let c = vera_check::check(vera_diagnostics::SourceFile::new(&name, &text), &mut vera_check::NoModules);
    for d in &c.diagnostics { print!("{}", vera_diagnostics::render_text(d, &c.sources)); }
    println!("{}", if c.program.is_some() { "OK" } else { "FAILED" });
}
