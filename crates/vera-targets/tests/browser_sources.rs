//! What is generated and kept in the repository is what its sources say.

use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

fn dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../targets/browser")
}

/// With `VERA_UPDATE=1` the tables are written anew.
#[test]
fn the_tables_of_the_runtime_are_those_of_the_abi() {
    let path = dir().join("src/generated.ts");
    let wanted = vera_targets::runtime_tables::typescript();
    if std::env::var_os("VERA_UPDATE").is_some() {
        std::fs::write(&path, &wanted).expect("write");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == wanted,
        "targets/browser/src/generated.ts is stale: run this test with VERA_UPDATE=1, then `npm run build` there"
    );
}

#[test]
fn the_bundle_is_made_of_these_sources() {
    let dir = dir();
    let mut names: Vec<String> = std::fs::read_dir(dir.join("src"))
        .expect("the sources")
        .map(|entry| format!("src/{}", entry.expect("an entry").file_name().to_string_lossy()))
        .collect();
    names.sort();
    names.extend(["package-lock.json".to_owned(), "build.mjs".to_owned()]);
    let mut hash = Sha256::new();
    for name in names {
        hash.update(&name);
        hash.update([0]);
        hash.update(std::fs::read(dir.join(&name)).expect("a source"));
        hash.update([0]);
    }
    let hash: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let kept = std::fs::read_to_string(dir.join("dist/sources.sha256")).unwrap_or_default();
    assert_eq!(
        hash,
        kept.trim(),
        "targets/browser/dist is stale: run `npm ci && npm run build` in targets/browser"
    );
}

/// With the packages that `setup` installs: the sources are well typed, and make these
/// very files.
#[test]
fn the_sources_are_checked_and_bundled() {
    let dir = dir();
    let tsc = dir.join("node_modules/.bin/tsc");
    if !tsc.exists() {
        println!("skipped: no packages (`npm ci` in targets/browser)");
        return;
    }
    let run = |command: &mut Command| {
        let output = command.current_dir(&dir).output().expect("it starts");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    };
    run(Command::new(tsc).arg("--noEmit"));
    let out = std::env::temp_dir().join(format!("vera-bundle-{}", std::process::id()));
    run(Command::new("node").arg("build.mjs").arg(&out));
    for name in ["runtime.mjs", "page.js", "page.css", "sources.sha256"] {
        let made = std::fs::read(out.join(name)).expect("it was made");
        assert!(made == std::fs::read(dir.join("dist").join(name)).expect("it is kept"), "{name}");
    }
    _ = std::fs::remove_dir_all(out);
}
