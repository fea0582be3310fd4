//! Builds the runtimes for wasm, so that the compiler can embed them: one for each
//! `vera_abi::runtime::Library`. Nothing is to be done where they are handed in.
//!
//! The linker is asked to keep its symbol table and relocations: they tell
//! exactly which functions and data each runtime function needs, so a compiled
//! program carries nothing else.

use std::path::{Path, PathBuf};
use std::process::Command;

const TARGET: &str = "wasm32-unknown-unknown";

/// One flag per line: relocations for the merge, and a stack that ends where
/// `vera_abi::layout::FIRST_ADDRESS` says objects begin.
const FLAGS: &[&str] = &[
    "-Clink-arg=--emit-relocs",
    "-Clink-arg=-zstack-size=65536",
    "-Ctarget-feature=+bulk-memory,+sign-ext,+nontrapping-fptoint,+mutable-globals",
];

/// Names of the libraries, each with the features of `vera-runtime` it has.
const LIBRARIES: &[(&str, &str)] =
    &[("CORE", ""), ("DATA", "data"), ("MARKUP", "markup"), ("WASI", "wasi")];

/// The crates a runtime is made of.
const CRATES: &[&str] =
    &["vera-abi", "vera-rt", "vera-data", "vera-markup", "vera-wasi", "vera-runtime"];

/// What every program runs is compiled for speed, the formats for size: each program
/// that uses one carries it.
const FAST: &[&str] = &["vera-abi", "vera-rt", "vera-runtime", "libm"];

fn main() {
    let env = |name| std::env::var(name).unwrap_or_default();
    let crates = PathBuf::from(env("CARGO_MANIFEST_DIR")).join("..");
    for name in CRATES {
        for part in ["src", "Cargo.toml"] {
            println!("cargo::rerun-if-changed={}", crates.join(name).join(part).display());
        }
    }
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var_os("CARGO_FEATURE_EMBEDDED").is_none() {
        return;
    }
    for (name, features) in LIBRARIES {
        let target_dir = Path::new(&env("OUT_DIR")).join("runtime");
        build(&crates, &target_dir, features);
        let built = target_dir.join(TARGET).join("release/vera_runtime.wasm");
        let kept = Path::new(&env("OUT_DIR")).join(format!("{name}.wasm"));
        std::fs::copy(&built, &kept).expect("cargo has written the module");
        println!("cargo::rustc-env=VERA_RUNTIME_{name}={}", kept.display());
    }
}

fn build(crates: &Path, target_dir: &Path, features: &str) {
    let output = Command::new(std::env::var("CARGO").unwrap_or_default())
        .args(["rustc", "--package", "vera-runtime", "--lib", "--crate-type", "cdylib"])
        .args(["--release", "--no-default-features", "--features", features])
        .args(["--target", TARGET, "--target-dir"])
        .arg(target_dir)
        .arg("--manifest-path")
        .arg(crates.join("vera-runtime/Cargo.toml"))
        .args(FAST.iter().flat_map(|name| {
            ["--config".to_owned(), format!("profile.release.package.{name}.opt-level=3")]
        }))
        .env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\x1f"))
        .env("CARGO_PROFILE_RELEASE_LTO", "fat")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1")
        .env("CARGO_PROFILE_RELEASE_PANIC", "abort")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "s")
        .env_remove("RUSTFLAGS")
        .env_remove("RUSTC_WRAPPER")
        .env_remove("RUSTC_WORKSPACE_WRAPPER")
        .env_remove("CARGO_BUILD_TARGET")
        .env_remove("CARGO_TARGET_DIR")
        .output()
        .unwrap_or_else(|e| panic!("cannot run cargo to build the runtime: {e}"));
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        // What rustc says when the standard library of a target is missing.
        if text.contains("E0463") || text.contains("target may not be installed") {
            panic!("the runtime is compiled to wasm; run `rustup target add {TARGET}` once");
        }
        panic!("building the runtime failed:\n{text}");
    }
}
