//! What the parsers make of many texts, for `scripts/compare_html.py` and
//! `scripts/check_commonmark.py`.
//!
//! Standard input is a sequence of texts, each after a line with its length in
//! bytes. For each, with `markdown` as argument, a line says whether rendering and
//! parsing gives the same tree, then comes the tree as HTML; with `html`, the
//! nodes come one a line. A record separator follows each.

use std::io::{Read, Write};
use vera_markup::{html, markdown};

fn main() {
    let mut input = Vec::new();
    std::io::stdin().read_to_end(&mut input).expect("standard input");
    let is_html = std::env::args().nth(1).as_deref() == Some("html");
    let mut out = Vec::new();
    let mut rest = &input[..];
    while let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
        let length = std::str::from_utf8(&rest[..end]).ok().and_then(|text| text.parse().ok());
        let length: usize = length.expect("a length");
        let text = &rest[end + 1..][..length];
        rest = &rest[end + 1 + length..];
        if is_html {
            dump_html(&mut out, text)
        } else {
            dump_markdown(&mut out, text)
        }
        out.push(0x1e);
    }
    std::io::stdout().write_all(&out).expect("standard output");
}

fn escaped(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    text.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r")
}

fn dump_html(out: &mut Vec<u8>, text: &[u8]) {
    let tree = html::parse(text);
    let Some(root) = tree.root() else { return };
    let mut depth = vec![(root, 0)];
    while let Some((node, level)) = depth.pop() {
        let line = match tree.kind(node) {
            html::Kind::Text(text) => format!("text {}", escaped(text)),
            html::Kind::Comment(text) => format!("comment {}", escaped(text)),
            html::Kind::Element(name) => {
                let mut line = format!("element {}", escaped(name));
                for (key, value) in tree.attributes(node) {
                    line += &format!(" {}={}", escaped(key), escaped(value));
                }
                line
            }
        };
        out.extend_from_slice(format!("{level} {line}\n").as_bytes());
        let children: Vec<_> = tree.children(node).collect();
        depth.extend(children.into_iter().rev().map(|child| (child, level + 1)));
    }
}

fn dump_markdown(out: &mut Vec<u8>, text: &[u8]) {
    let tree = markdown::parse(text);
    let Some(root) = tree.root() else { return };
    let printed = markdown::render(&tree, root);
    if markdown::parse(&printed) == tree {
        out.extend_from_slice(b"same\n");
    } else {
        out.extend_from_slice(format!("{:?}\n", String::from_utf8_lossy(&printed)).as_bytes());
    }
    let mut printer = Printer { tree: &tree, out: String::new() };
    printer.print(root);
    out.extend_from_slice(printer.out.as_bytes());
}

/// Prints a tree as the specification's examples do. For small trees only: it is
/// recursive.
struct Printer<'t> {
    tree: &'t markdown::Tree<'t>,
    out: String,
}

impl Printer<'_> {
    fn text(&mut self, text: &[u8]) {
        let text = String::from_utf8_lossy(text);
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        self.out += &text.replace('"', "&quot;");
    }

    fn around(&mut self, id: markdown::NodeId, start: &str, end: &str) {
        self.out += start;
        for child in self.tree.children(id) {
            self.print(child);
        }
        self.out += end;
    }

    fn print(&mut self, id: markdown::NodeId) {
        use markdown::Node;
        match self.tree.node(id) {
            Node::Document => self.around(id, "", ""),
            Node::Paragraph => self.around(id, "<p>", "</p>\n"),
            Node::Heading(level) => {
                self.around(id, &format!("<h{level}>"), &format!("</h{level}>\n"))
            }
            Node::CodeBlock(info, code) => {
                self.out += "<pre><code";
                if !info.is_empty() {
                    self.out += " class=\"language-";
                    self.text(info);
                    self.out += "\"";
                }
                self.out += ">";
                self.text(code);
                self.out += "\n</code></pre>\n";
            }
            Node::BlockQuote => self.around(id, "<blockquote>\n", "</blockquote>\n"),
            Node::List(true) => self.around(id, "<ol>\n", "</ol>\n"),
            Node::List(false) => self.around(id, "<ul>\n", "</ul>\n"),
            Node::Item => self.around(id, "<li>", "</li>\n"),
            Node::ThematicBreak => self.out += "<hr />\n",
            Node::Table => self.around(id, "<table>\n", "</table>\n"),
            Node::Row => self.around(id, "<tr>\n", "</tr>\n"),
            Node::Cell => self.around(id, "<td>", "</td>\n"),
            Node::Text(text) => self.text(text),
            Node::Code(code) => {
                self.out += "<code>";
                self.text(code);
                self.out += "</code>";
            }
            Node::Emph => self.around(id, "<em>", "</em>"),
            Node::Strong => self.around(id, "<strong>", "</strong>"),
            Node::Link(to) => {
                self.out += "<a href=\"";
                self.text(to);
                self.around(id, "\">", "</a>");
            }
            Node::Image(alt, source) => {
                self.out += "<img src=\"";
                self.text(source);
                self.out += "\" alt=\"";
                self.text(alt);
                self.out += "\" />";
            }
        }
    }
}
