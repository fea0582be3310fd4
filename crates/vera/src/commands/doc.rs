//! `vera doc`: the public interface of files and projects, for people to read.

use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

use vera_diagnostics::{FileId, FileSpan};
use vera_session::{Interface, Item, ItemKind, interface};
use vera_verify::{Overview, Proof};

use super::{checked, inputs, verify};
use crate::cli::{Doc, DocForm};
use crate::input::{self, Entry};
use crate::output;
use crate::replace::replace;

/// A file with what it offers, and how each of its functions is proved.
struct Page {
    word: String,
    interface: Interface,
    /// `None`: the program is refused.
    overview: Option<Overview>,
}

pub(super) fn doc(args: &Doc) -> ExitCode {
    match pages(args) {
        Ok(pages) => {
            let markdown = markdown(&pages);
            let text = match args.format {
                DocForm::Markdown => markdown,
                DocForm::Html => html(&markdown),
            };
            let written = match &args.output {
                Some(path) => replace(Path::new(path), text.as_bytes())
                    .map_err(|error| format!("cannot write {path}: {error}")),
                None => {
                    output::print(&text);
                    Ok(())
                }
            };
            match written {
                Ok(()) => ExitCode::SUCCESS,
                Err(why) => {
                    output::error(&why);
                    ExitCode::FAILURE
                }
            }
        }
        Err(why) => {
            output::eprint(&why);
            ExitCode::FAILURE
        }
    }
}

/// The pages of all files, or the text that says what is wrong.
fn pages(args: &Doc) -> Result<Vec<Page>, String> {
    let error = |why: String| output::error_line(&why);
    let mut pages = Vec::new();
    for word in inputs::words(&args.inputs).map_err(error)? {
        for word in inputs::files(&word).map_err(error)? {
            let entry = input::read(&word).map_err(|why| error(why.text()))?;
            pages.push(page(&entry)?);
        }
    }
    Ok(pages)
}

fn page(entry: &Entry) -> Result<Page, String> {
    let text = entry.source.text();
    let parsed = super::syntax::parsed(entry).map_err(|(reports, sources)| {
        reports.iter().map(|report| output::rendered(report, &sources)).collect::<String>()
    })?;
    let checked = checked(entry);
    let overview = checked.program.map(|program| verify::overview(&program, &checked.sources));
    Ok(Page { word: entry.word.clone(), interface: interface(text, &parsed), overview })
}

fn markdown(pages: &[Page]) -> String {
    let mut out = String::new();
    for page in pages {
        let name = page.interface.module.as_deref().unwrap_or(&page.word);
        _ = writeln!(out, "# {name}\n");
        if let Some(doc) = &page.interface.doc {
            _ = writeln!(out, "{doc}\n");
        }
        let public: Vec<&Item> = page.interface.items.iter().filter(|i| i.public).collect();
        let types: Vec<&Item> = page
            .interface
            .items
            .iter()
            .filter(|i| i.public && i.kind == ItemKind::Data || is_part_of_signatures(i.kind))
            .collect();
        section(&mut out, "Types and effects", page, &types);
        let functions: Vec<&Item> =
            public.into_iter().filter(|i| i.kind == ItemKind::Function).collect();
        section(&mut out, "Functions", page, &functions);
    }
    out
}

/// Whether what is declared has no visibility of its own, and may stand in signatures.
fn is_part_of_signatures(kind: ItemKind) -> bool {
    match kind {
        ItemKind::Alias | ItemKind::Effect | ItemKind::Ability => true,
        ItemKind::Function | ItemKind::Data => false,
    }
}

fn section(out: &mut String, title: &str, page: &Page, items: &[&Item]) {
    if items.is_empty() {
        return;
    }
    _ = writeln!(out, "## {title}\n");
    for item in items {
        _ = writeln!(out, "### {}\n\n```vera\n{}\n```\n", item.name, item.text);
        if let Some(doc) = &item.doc {
            _ = writeln!(out, "{doc}\n");
        }
        if item.kind == ItemKind::Function {
            _ = writeln!(out, "*{}*\n", status(page, item));
        }
    }
}

/// How the contracts of a function are known to hold.
fn status(page: &Page, item: &Item) -> &'static str {
    let Some(overview) = &page.overview else { return "the file has errors" };
    let place = FileSpan { file: FileId(0), span: item.span };
    overview.within(place).unwrap_or(Proof::Proved).as_str()
}

fn html(markdown: &str) -> String {
    let options = pulldown_cmark::Options::empty();
    let mut body = String::new();
    pulldown_cmark::html::push_html(&mut body, pulldown_cmark::Parser::new_ext(markdown, options));
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>Interface</title>\n<style>{STYLE}</style>\n<main>\n{body}</main>\n</html>\n"
    )
}

/// Readable in light and in dark.
const STYLE: &str = ":root{color-scheme:light dark}main{max-width:46rem;margin:2rem auto;padding:0 1rem;font:1rem/1.5 system-ui,sans-serif}pre{padding:.75rem;overflow:auto;border:1px solid #8884;border-radius:.4rem}code{font:.9rem/1.4 ui-monospace,monospace}h3{margin-top:2rem}";
