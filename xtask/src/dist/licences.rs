//! The licences of what is in the program besides our own code.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::target::Target;
use super::z3;

/// What is compiled into the command: itself, and the runtime that it puts into modules.
const ROOTS: [&str; 2] = ["vera", "vera-runtime"];

/// Each package with its licence, and the texts, every text once.
///
/// # Errors
/// `cargo metadata` failed, or a package names no licence.
pub fn text(root: &Path, target: Target) -> Result<String, String> {
    let metadata = metadata(root, target)?;
    let mut list = String::new();
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in shipped(&metadata) {
        let name = format!("{} {}", string(package, "name"), string(package, "version"));
        let licence = package["license"].as_str().ok_or_else(|| format!("{name}: no licence"))?;
        list.push_str(&format!("{name}: {licence}\n"));
        for text in written(package) {
            texts.entry(text).or_default().push(name.clone());
        }
    }
    let mut out = format!(
        "The command `vera` contains these packages, and comes with the library of Z3.\nTheir licences follow.\n\n{list}\nRust's standard library: MIT OR Apache-2.0\nSQLite: in the public domain\nZ3: MIT\n"
    );
    texts.entry(z3::LICENCE.to_owned()).or_default().push("Z3".to_owned());
    for (text, packages) in texts {
        out.push_str(&format!(
            "\n{}\n{}\n\n{}\n",
            "=".repeat(80),
            packages.join(", "),
            text.trim()
        ));
    }
    Ok(out)
}

fn metadata(root: &Path, target: Target) -> Result<Value, String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let run = Command::new(cargo)
        .args(["metadata", "--locked", "--format-version", "1"])
        .args(["--filter-platform", target.triple(), "--filter-platform", "wasm32-unknown-unknown"])
        .current_dir(root)
        .output()
        .map_err(|error| error.to_string())?;
    if !run.status.success() {
        return Err(format!("cargo metadata: {}", String::from_utf8_lossy(&run.stderr)));
    }
    serde_json::from_slice(&run.stdout).map_err(|error| error.to_string())
}

/// The packages of others that the roots are linked with.
fn shipped(metadata: &Value) -> Vec<&Value> {
    let items = |value: &'_ Value| value.as_array().cloned().unwrap_or_default();
    let mut linked: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for node in items(&metadata["resolve"]["nodes"]) {
        let uses = items(&node["deps"]).into_iter().filter(|dependency| {
            // `kind` is null for what is linked, else `build` or `dev`.
            items(&dependency["dep_kinds"]).iter().any(|kind| kind["kind"].is_null())
        });
        let uses = uses.map(|dependency| string(&dependency, "pkg").to_owned()).collect();
        linked.insert(string(&node, "id").to_owned(), uses);
    }
    let packages = metadata["packages"].as_array().map_or(&[][..], Vec::as_slice);
    let roots = packages.iter().filter(|package| ROOTS.contains(&string(package, "name")));
    let mut open: Vec<&str> = roots.map(|package| string(package, "id")).collect();
    let mut reached: BTreeSet<&str> = open.iter().copied().collect();
    while let Some(id) = open.pop() {
        for next in linked.get(id).into_iter().flatten() {
            if reached.insert(next) {
                open.push(next);
            }
        }
    }
    let of_others = packages.iter().filter(|p| !p["source"].is_null());
    let mut shipped: Vec<&Value> =
        of_others.filter(|p| reached.contains(string(p, "id"))).collect();
    shipped.sort_by_key(|package| string(package, "name"));
    shipped
}

/// The texts of licences in a package, without the ends that lines have elsewhere.
fn written(package: &Value) -> Vec<String> {
    let Some(dir) = Path::new(string(package, "manifest_path")).parent() else { return Vec::new() };
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries
        .filter(|entry| {
            let name = entry.file_name().to_string_lossy().to_uppercase();
            ["LICENSE", "LICENCE", "COPYING", "NOTICE", "UNLICENSE", "COPYRIGHT"]
                .iter()
                .any(|word| name.starts_with(word))
        })
        .map(|entry| entry.path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    let texts = files.iter().filter_map(|file| std::fs::read(file).ok());
    texts.map(|bytes| String::from_utf8_lossy(&bytes).replace('\r', "").trim().to_owned()).collect()
}

fn string<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}
