//! The book builds, all of it is there, and no link of it is dead.

mod common;

use std::path::Path;

use common::{TempDir, root};
use vera_book::{Inputs, build, mdbook};

#[test]
fn the_book_builds_and_leads_nowhere_dead() {
    let Some(mdbook) = mdbook() else {
        eprintln!("skipped: mdbook is missing (`setup` installs it with VERA_SETUP=tests)");
        return;
    };
    let dir = TempDir::new("book");
    let playground = dir.path().join("page");
    dir.file("page/index.html", "<!doctype html><title>Playground</title>");
    let site = dir.path().join("site");
    let inputs = Inputs {
        root: root(),
        vera: env!("CARGO_BIN_EXE_vera").into(),
        mdbook,
        playground: Some(playground),
    };
    let report = build(&inputs, &site).unwrap_or_else(|why| panic!("{why}"));
    assert!(report.pages.len() >= 50, "only {} pages", report.pages.len());
    assert!(report.links >= 2000, "only {} links", report.links);

    let text = |name: &str| read(&site.join(name));
    let library: String = pages(&report, "library/").map(text).collect();
    for function in vera_builtins::FUNCTIONS {
        assert!(library.contains(&format!("id=\"{}\"", function.name)), "no {}", function.name);
    }
    let shown = library.matches("<code class=\"language-text\">").count();
    assert_eq!(shown, vera_builtins::FUNCTIONS.len(), "an example for each");
    let diagnostics: String = pages(&report, "diagnostics/").map(text).collect();
    for code in vera_diagnostics::Code::ALL {
        assert!(diagnostics.contains(&format!("id=\"{}\"", code.as_str())), "no {code:?}");
    }
    assert!(site.join("playground/index.html").is_file());
    let hello = "public fn main(@Unit -> @Unit)\n  requires(true)\n  ensures(true)\n  effects(<IO>)\n{\n  IO.print(\"Hello, world!\\n\")\n}\n";
    let link = format!("href=\"../playground/index.html#{}\"", vera_book::fragment(hello));
    assert!(text("tutorial/02-first-program.html").contains(&link), "hello is not to be run");
    // The index of the search is a file of the site.
    let files = std::fs::read_dir(&site).expect("the site is there");
    let mut names = files.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let index = names.find(|name| name.starts_with("searchindex")).expect("an index");
    assert!(text(&index).contains("array_map"), "the search does not know the library");
}

fn pages<'r>(report: &'r vera_book::Report, part: &str) -> impl Iterator<Item = &'r str> {
    report.pages.iter().map(String::as_str).filter(move |name| name.starts_with(part))
}

fn read(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
