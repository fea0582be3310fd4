//! `cargo xtask playground DIR`: the playground as a static site.
//!
//! What few ask for of the compiler (`crates/vera-web`) is a module of its own; page and
//! workers are bundled by `targets/playground/build.mjs`,
//! which also tells the sizes and holds them to their limits.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use vera_check::typed::Program;
use vera_diagnostics::{Code, Phase, Sources};
use vera_explain::Explanation;
use vera_verify::{NoCache, Options};
use vera_wasm::{Library, runtimes};

const TARGET: &str = "wasm32-unknown-unknown";

/// The compiler's modules, with the features of `vera-web` that each has.
pub type Modules = [(&'static str, &'static str); 2];

/// A page has one text, which belongs to no project, and explanations as data.
const PAGE: Modules = [("compiler", "editor,codegen"), ("text", "text")];

/// Under Node there are files.
pub const NODE: Modules = [("compiler", "editor,codegen,explain,manifests"), ("text", "text")];

/// Runtimes that programs for pages are merged with. The last one holds that of data, too,
/// and is handed in for both: what they share is loaded once.
const LIBRARIES: [Library; 2] = [Library::Core, Library::Markup];

/// The stack of a module in its memory: programs nest deep.
const STACK: &str = "-Clink-arg=-zstack-size=33554432";

/// Builds the site into a directory. `target`: where cargo keeps what it builds.
pub fn site(dir: &Path, target: &Path) -> Result<(), String> {
    // The bundler runs elsewhere.
    let dir = std::path::absolute(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    let sources = packages()?;
    modules(&dir, target, &PAGE)?;
    let explanations = dir.join("explanations.json");
    std::fs::write(&explanations, self::explanations().to_string())
        .map_err(|error| format!("{}: {error}", explanations.display()))?;
    let mut bundle = Command::new("node");
    bundle.arg("build.mjs").arg(&dir).arg(root().join("examples")).current_dir(&sources);
    succeed(bundle)
}

/// What each code means, as `vera explain` says it: few visitors ask, so the page fetches it.
/// Examples are checked and proved, not compiled.
fn explanations() -> Value {
    let later = |phase: Phase, program: &Program, sources: &Sources| match phase {
        Phase::Verify | Phase::Warning => {
            vera_verify::verify(program, sources, &Options::default(), &NoCache).diagnostics
        }
        Phase::Parse | Phase::Typecheck | Phase::Codegen | Phase::Test => Vec::new(),
    };
    let explained = |code: &Code| {
        (code.as_str().to_owned(), Value::from(Explanation::new(*code, &later).text()))
    };
    Value::Object(Code::ALL.iter().map(explained).collect())
}

/// The sources of page and command line, with the packages they are bundled from.
///
/// # Errors
/// The packages are not there.
pub fn packages() -> Result<PathBuf, String> {
    let sources = root().join("targets/playground");
    if !sources.join("node_modules").is_dir() {
        let how = "run `npm ci --prefix targets/playground` once";
        return Err(format!("pages and command line are bundled by Node: {how}"));
    }
    Ok(sources)
}

/// The repository.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let above = here.ancestors().find(|dir| dir.join("targets/playground").is_dir());
    above.unwrap_or(here).to_owned()
}

/// Writes the compiler's modules, `compiler.wasm` and `text.wasm`, and the linked runtimes,
/// `runtime-core.wasm` and `runtime-markup.wasm`.
///
/// # Errors
/// What cargo or the system says.
pub fn modules(dir: &Path, target: &Path, modules: &Modules) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", dir.display());
    std::fs::create_dir_all(dir).map_err(failed)?;
    {
        // Both lie in the same place, and somebody else may be building them.
        let lock = std::fs::File::create(target.join("vera-web.lock")).map_err(failed)?;
        lock.lock().map_err(failed)?;
        for (name, features) in modules {
            let built = build(features, target)?;
            std::fs::copy(&built, dir.join(format!("{name}.wasm"))).map_err(failed)?;
        }
    }
    for library in LIBRARIES {
        let file = dir.join(format!("runtime-{}.wasm", library.name()));
        std::fs::write(file, runtimes::slim(library)).map_err(failed)?;
    }
    Ok(())
}

/// Builds the compiler with some features; yields its module.
fn build(features: &str, target: &Path) -> Result<PathBuf, String> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args(["build", "--locked", "--package", "vera-web", "--lib", "--profile", "web"])
        .args(["--no-default-features", "--features", features, "--target", TARGET, "--target-dir"])
        .arg(target)
        .arg("--manifest-path")
        .arg(root().join("Cargo.toml"))
        .env("CARGO_ENCODED_RUSTFLAGS", STACK)
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_BUILD_TARGET");
    succeed(cargo)?;
    Ok(target.join(TARGET).join("web/vera_web.wasm"))
}

/// Runs a command to its end.
///
/// # Errors
/// It does not start, or fails.
pub fn succeed(mut command: Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{name}: {status}")),
        Err(error) => Err(format!("{name}: {error}")),
    }
}
