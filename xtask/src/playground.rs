//! `cargo xtask playground DIR`: the playground as a static site.
//!
//! The compiler comes in two modules (`crates/vera-web`), so that a visitor waits for no more
//! than the editor needs; page and workers are bundled by `targets/playground/build.mjs`,
//! which also tells the sizes and holds them to their limits.

use std::path::{Path, PathBuf};
use std::process::Command;

use vera_wasm::{Library, runtimes};

const TARGET: &str = "wasm32-unknown-unknown";

/// The parts of the compiler, by the features of `vera-web`.
const PARTS: [&str; 2] = ["editor", "codegen"];

/// Runtimes that programs for pages are merged with.
const LIBRARIES: [Library; 3] = [Library::Core, Library::Data, Library::Markup];

/// The stack of a module in its memory: programs nest deep.
const STACK: &str = "-Clink-arg=-zstack-size=33554432";

/// Builds the site into a directory. `target`: where cargo keeps what it builds.
pub fn site(dir: &Path, target: &Path) -> Result<(), String> {
    // The bundler runs elsewhere.
    let dir = std::path::absolute(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    let root = root();
    let sources = root.join("targets/playground");
    if !sources.join("node_modules").is_dir() {
        return Err(
            "the playground is bundled by Node: run `npm ci --prefix targets/playground` once"
                .to_owned(),
        );
    }
    modules(&dir, target)?;
    let mut bundle = Command::new("node");
    bundle.arg("build.mjs").arg(&dir).arg(root.join("examples")).current_dir(&sources);
    succeed(bundle)
}

/// The repository.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let above = here.ancestors().find(|dir| dir.join("targets/playground").is_dir());
    above.unwrap_or(here).to_owned()
}

/// Writes the compiler's modules, `editor.wasm` and `codegen.wasm`, and the linked runtimes,
/// `runtime-core.wasm` and so on.
pub fn modules(dir: &Path, target: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", dir.display());
    std::fs::create_dir_all(dir).map_err(failed)?;
    for part in PARTS {
        let built = build(part, target)?;
        std::fs::copy(&built, dir.join(format!("{part}.wasm"))).map_err(failed)?;
    }
    for library in LIBRARIES {
        let wasm = runtimes::bytes(library).ok_or("this was built without the runtimes")?;
        std::fs::write(dir.join(format!("runtime-{}.wasm", library.name())), wasm)
            .map_err(failed)?;
    }
    Ok(())
}

/// Builds a part of the compiler; yields its module.
fn build(part: &str, target: &Path) -> Result<PathBuf, String> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args(["build", "--locked", "--package", "vera-web", "--lib", "--profile", "web"])
        .args(["--no-default-features", "--features", part, "--target", TARGET, "--target-dir"])
        .arg(target)
        .arg("--manifest-path")
        .arg(root().join("Cargo.toml"))
        .env("CARGO_ENCODED_RUSTFLAGS", STACK)
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_BUILD_TARGET");
    succeed(cargo)?;
    Ok(target.join(TARGET).join("web/vera_web.wasm"))
}

fn succeed(mut command: Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{name}: {status}")),
        Err(error) => Err(format!("{name}: {error}")),
    }
}
