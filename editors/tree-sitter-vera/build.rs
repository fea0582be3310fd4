//! Generates the parser and compiles it. What is generated is not kept: it follows from the
//! grammar, and `cargo xtask tree-sitter` writes it where an editor wants it.

use std::path::PathBuf;

#[path = "generator.rs"]
mod generator;

fn main() -> Result<(), String> {
    println!("cargo:rerun-if-changed=generator.rs");
    println!("cargo:rerun-if-changed=src");
    let out = PathBuf::from(std::env::var("OUT_DIR").map_err(|error| error.to_string())?);
    let parser = out.join("parser.c");
    generator::write(&out)?;
    cc::Build::new()
        .include(&out)
        .warnings(false)
        .file(parser)
        .file("src/scanner.c")
        .compile("tree-sitter-vera");
    Ok(())
}
