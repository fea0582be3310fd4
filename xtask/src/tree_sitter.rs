//! `cargo xtask tree-sitter DIR`: writes the tree-sitter grammar as editors and package
//! managers want it, which compile C and know no Rust.

use std::path::Path;

#[path = "../../editors/tree-sitter-vera/generator.rs"]
mod generator;

/// Writes `src/` with the grammar, the parser, the scanner and the header, and `queries/`.
///
/// # Errors
/// What the generator or the system says.
pub fn run(args: &[String]) -> Result<(), String> {
    let [dir] = args else { return Err("usage: cargo xtask tree-sitter DIR".to_owned()) };
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../editors/tree-sitter-vera");
    let (src, queries) = (Path::new(dir).join("src"), Path::new(dir).join("queries"));
    generator::write(&src)?;
    let failed = |error: std::io::Error| error.to_string();
    let grammar = serde_json::to_string_pretty(&generator::grammar()).map_err(|e| e.to_string())?;
    std::fs::write(src.join("grammar.json"), grammar).map_err(failed)?;
    std::fs::copy(own.join("src/scanner.c"), src.join("scanner.c")).map_err(failed)?;
    std::fs::create_dir_all(&queries).map_err(failed)?;
    for query in ["highlights.scm", "folds.scm", "locals.scm"] {
        std::fs::copy(own.join("queries").join(query), queries.join(query)).map_err(failed)?;
    }
    println!("{dir}: src, queries");
    Ok(())
}
