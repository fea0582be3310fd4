fn main() {
    let name = std::env::args().nth(1).unwrap();
    let text = std::fs::read_to_string(&name).unwrap();
    let c = vera_check::check(vera_diagnostics::SourceFile::new(&name, &text), &mut vera_check::NoModules);
    for d in &c.diagnostics { print!("{}", vera_diagnostics::render_text(d, &c.sources)); }
    let Some(mut p) = c.program else { return };
    match vera_mir::lower::lower(&mut p, &c.sources) {
        Ok(mut mir) => { if std::env::args().nth(3).is_some() { vera_mir::passes::optimise(&mut mir); }
            match vera_mir::verify::verify(&mir) { Ok(()) => println!("verified"), Err(e) => println!("VERIFY: {e}") }
            if std::env::args().nth(2).is_some() { println!("{}", mir); }
        }
        Err(ds) => for d in ds { print!("{}", vera_diagnostics::render_text(&d, &c.sources)); }
    }
}
