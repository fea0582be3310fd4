//! The bundle of `--target browser`.
//!
//! The runtime and the page are written in TypeScript (`targets/browser/`); what their
//! bundler makes of them is kept beside them.

use serde_json::json;
use vera_abi::interface::{Export, Interface};

use crate::declarations::declarations;

/// The runtime: an ES module without dependencies, the same for every program.
pub const RUNTIME: &str = include_str!("../../../targets/browser/dist/runtime.mjs");

const PAGE: &str = include_str!("../../../targets/browser/dist/page.js");
const STYLE: &str = include_str!("../../../targets/browser/dist/page.css");
const TEMPLATE: &str = include_str!("../../../targets/browser/src/index.html");

/// What of a bundle is wanted.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Leave the page out.
    pub no_html: bool,
    /// One page that holds everything.
    pub single: bool,
    /// Where module and runtime lie, for the page; beside it unless said otherwise.
    pub base_url: Option<String>,
}

/// A file of a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    pub name: &'static str,
    pub contents: Vec<u8>,
}

/// The files for a module that carries its description.
///
/// `stem`: the program's name, of which the page's title is made.
pub fn bundle(
    stem: &str,
    module: &[u8],
    exports: &[Export],
    interface: &Interface,
    options: &Options,
) -> Vec<File> {
    let file = |name, contents: &str| File { name, contents: contents.as_bytes().to_vec() };
    if options.single {
        return vec![file("index.html", &page(stem, &start_inside(module)))];
    }
    let mut files = vec![
        File { name: "module.wasm", contents: module.to_vec() },
        file("runtime.mjs", RUNTIME),
        file("runtime.d.mts", &declarations(exports, interface)),
    ];
    if !options.no_html {
        let start = start_beside(options.base_url.as_deref().unwrap_or("."));
        files.push(file("index.html", &page(stem, &start)));
    }
    files
}

fn page(stem: &str, start: &str) -> String {
    // The page's own code may hold what looks like a place of the template, so each is
    // put where the template has it.
    let mut out = String::new();
    let mut rest = TEMPLATE;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((place, after)) = after.split_once("}}") else { break };
        match place {
            "title" => out.push_str(&escaped(&title(stem))),
            "css" => out.push_str(STYLE),
            "page" => out.push_str(&in_script(PAGE)),
            _ => out.push_str(start),
        }
        rest = after;
    }
    out + rest
}

/// Loads module and runtime from where they lie.
fn start_beside(base: &str) -> String {
    let base = base.trim_end_matches('/');
    let at = |name: &str| in_script(&json!(format!("{base}/{name}")).to_string());
    let (runtime, module) = (at("runtime.mjs"), at("module.wasm"));
    format!(
        "<script type=\"module\">\n\
         const runtime = await import(new URL({runtime}, document.baseURI));\n\
         await veraPage.start(runtime, new URL({module}, document.baseURI));\n\
         </script>"
    )
}

/// Module and runtime stand in the page. The runtime gets a URL, which its worker needs.
fn start_inside(module: &[u8]) -> String {
    let runtime = in_script(&json!(RUNTIME).to_string());
    let module = base64(module);
    format!(
        "<script type=\"module\">\n\
         const url = URL.createObjectURL(new Blob([{runtime}], {{ type: \"text/javascript\" }}));\n\
         const bytes = Uint8Array.from(atob(\"{module}\"), (c) => c.charCodeAt(0));\n\
         await veraPage.start(await import(url), bytes, url);\n\
         </script>"
    )
}

/// `shopping_list` becomes `Shopping List`.
fn title(stem: &str) -> String {
    let words = stem.split('_').filter(|word| !word.is_empty());
    let capital = |word: &str| {
        let mut chars = word.chars();
        let first = chars.next().into_iter().flat_map(char::to_uppercase);
        first.chain(chars).collect::<String>()
    };
    words.map(capital).collect::<Vec<_>>().join(" ")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Code that does not end the script it stands in, nor opens a comment there.
fn in_script(code: &str) -> String {
    code.replace("</", "<\\/").replace("<!--", "<\\!--")
}

/// Base 64 (RFC 4648).
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let mut group = [0; 3];
        group[..chunk.len()].copy_from_slice(chunk);
        let bits = u32::from_be_bytes([0, group[0], group[1], group[2]]);
        for digit in 0..4 {
            let shown = digit <= chunk.len();
            let at = (bits >> (18 - 6 * digit) & 63) as usize;
            out.push(if shown { char::from(DIGITS[at]) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_as_text() {
        // RFC 4648, section 10.
        for (bytes, text) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
        {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn titles() {
        assert_eq!(title("shopping_list"), "Shopping List");
        assert_eq!(escaped(&title("a<b")), "A&lt;b");
    }

    #[test]
    fn a_page_holds_no_end_of_its_script() {
        let files = bundle(
            "t",
            b"</script>",
            &[],
            &Interface::default(),
            &Options { single: true, ..Options::default() },
        );
        let page = String::from_utf8(files[0].contents.clone()).expect("text");
        assert_eq!(page.matches("</script>").count(), 2);
        assert!(page.contains("<title>T</title>") && !page.contains("{{title}}"));
    }
}
