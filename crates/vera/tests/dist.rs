//! Releases, installed where nothing else is: they run a program, and prove one with the
//! solver that they bring.
//!
//! `VERA_DIST` names the directory that `cargo xtask dist -o DIR` filled; without it there
//! is nothing to test here. `scripts/nightly` builds one.

mod common;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::TempDir;

const HELLO: &str = "public fn main(@Unit -> @Unit)\n  requires(true)\n  ensures(true)\n  effects(<IO>)\n{\n  IO.print(\"Hello\\n\")\n}\n";

/// Beyond what the tool proves without a solver.
const PRODUCT: &str = "public fn square(@Int -> @Int)\n  requires(@Int.0 > 2 && @Int.0 < 1000)\n  ensures(@Int.result > 2 * @Int.0)\n  effects(pure)\n{\n  @Int.0 * @Int.0\n}\n";

#[test]
fn archives_run_and_prove() {
    for archive in releases(".tar.gz") {
        let dir = TempDir::new("archive");
        let mut tar = Command::new("tar");
        let status = tar.arg("-xf").arg(&archive).arg("-C").arg(dir.path()).status();
        assert!(status.expect("tar runs").success(), "{}", archive.display());
        let name = archive.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let tree = dir.path().join(name.trim_end_matches(".tar.gz"));
        for file in [
            "LICENSE-APACHE",
            "LICENSE-MIT",
            "LICENSES-OF-OTHERS",
            "README.md",
            "share/bash-completion/completions/vera",
            "share/fish/vendor_completions.d/vera.fish",
            "share/man/man1/vera-check.1",
            "share/man/man1/vera.1",
            "share/zsh/site-functions/_vera",
        ] {
            let size = std::fs::metadata(tree.join(file)).map_or(0, |data| data.len());
            assert!(size > 100, "{name}: {file} is missing");
        }
        works(&name, &tree.join("bin/vera"), &tree.join("lib/vera/libz3.so"));
    }
}

#[test]
fn packages_for_node_run() {
    for package in releases(".tgz") {
        let dir = TempDir::new("npm-release");
        dir.file("package.json", "{}");
        dir.file("hello.vera", HELLO);
        let run = |words: &[&OsStr]| {
            let ended = Command::new(words[0]).args(&words[1..]).current_dir(dir.path()).output();
            ended.unwrap_or_else(|error| panic!("{words:?}: {error}"))
        };
        let install = ["npm", "install", "--offline", "--no-audit", "--no-fund", "--silent"];
        let mut words: Vec<&OsStr> = install.iter().map(OsStr::new).collect();
        words.push(package.as_os_str());
        let installed = run(&words);
        let why = String::from_utf8_lossy(&installed.stderr);
        assert!(installed.status.success(), "{}: {why}", package.display());
        let hello = run(&["npx", "--no", "vera", "run", "hello.vera"].map(OsStr::new));
        assert_eq!(String::from_utf8_lossy(&hello.stdout), "Hello\n", "{}", package.display());
    }
}

#[test]
fn wheels_run_and_prove() {
    for wheel in releases(".whl").iter().filter(|wheel| is_native(wheel)) {
        let dir = TempDir::new("wheel");
        let home = dir.path().join("home");
        let made = Command::new("python3").args(["-m", "venv"]).arg(&home).status();
        assert!(made.expect("python3 runs").success(), "no environment");
        let installed = Command::new(home.join("bin/python"))
            .args(["-m", "pip", "install", "--quiet", "--no-index", "--no-deps"])
            .arg("--disable-pip-version-check")
            .arg(wheel)
            .status();
        assert!(installed.expect("pip runs").success(), "{} cannot be installed", wheel.display());
        let name = wheel.file_name().unwrap_or_default().to_string_lossy().into_owned();
        works(&name, &home.join("bin/vera"), &home.join("lib/vera/libz3.so"));
    }
}

/// What `VERA_DIST` has of this kind, for systems that can be had here.
fn releases(suffix: &str) -> Vec<PathBuf> {
    let Some(dir) = std::env::var_os("VERA_DIST") else {
        eprintln!("skipped: VERA_DIST names no directory with releases");
        return Vec::new();
    };
    let entries = std::fs::read_dir(&dir).unwrap_or_else(|error| panic!("{dir:?}: {error}"));
    let files = entries.map(|entry| entry.expect("a readable directory").path());
    let found: Vec<PathBuf> =
        files.filter(|file| file.to_string_lossy().ends_with(suffix)).collect();
    assert!(found.iter().any(|file| is_native(file)), "no {suffix} for this system in {dir:?}");
    found
}

fn is_native(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    name.contains(std::env::consts::ARCH)
}

/// The command runs hello, and proves a program with this library and no other.
fn works(name: &str, vera: &Path, solver: &Path) {
    let dir = TempDir::new("release");
    let native = is_native(Path::new(name));
    if !native && emulator().is_none() {
        eprintln!("skipped: no emulator for {name}");
        return;
    }
    let run = |words: &[&str]| {
        let output = start(native, vera)
            .args(words)
            .current_dir(dir.path())
            .env("VERA_CACHE_DIR", dir.path().join("cache"))
            .output();
        output.unwrap_or_else(|error| panic!("{name}: {error}"))
    };
    dir.file("hello.vera", HELLO);
    dir.file("product.vera", PRODUCT);
    assert_eq!(said(name, &run(&["run", "hello.vera"])), "Hello\n");
    let proved = said(name, &run(&["verify", "--strict=all", "product.vera"]));
    assert!(proved.contains("1 function: 1 proved"), "{name}: {proved}");
    let own = said(name, &run(&["version"]));
    assert!(own.contains("\nZ3 "), "{name}: {own}");
    // Without the library that came with it there is another one, or none.
    std::fs::remove_file(solver).expect("the library is in its place");
    let other = said(name, &run(&["version"]));
    assert_ne!(own, other, "{name} does not use its own solver");
}

fn said(name: &str, output: &Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {}\n{stderr}", output.status);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The command in an environment of its own.
fn start(native: bool, vera: &Path) -> Command {
    let mut command = match emulator().filter(|_| !native) {
        Some(emulator) => {
            let mut command = Command::new(emulator);
            command.args(["-L", SYSTEM]).arg(vera);
            command
        }
        None => Command::new(vera),
    };
    command.env_clear();
    command
}

/// Where Debian's packages for cross building put the libraries of an arm64 system.
const SYSTEM: &str = "/usr/aarch64-linux-gnu";

/// The emulator of arm64, where it and the libraries of such a system are.
fn emulator() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|dir| dir.join("qemu-aarch64"));
    let found = found.into_iter().find(|file| file.is_file());
    found.filter(|_| Path::new(SYSTEM).join("lib").join(OsStr::new("libstdc++.so.6")).exists())
}
