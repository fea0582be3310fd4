//! The JSON form of a tree: indented by two, ASCII only.

use std::fmt::Write;

use vera_diagnostics::{SourceFile, Span};

use super::{Node, Tree, float};

pub(super) fn print(tree: &Tree, file: &SourceFile) -> String {
    let mut printer = Printer { file, out: String::new(), indent: 0 };
    printer.tree(tree);
    printer.out.push('\n');
    printer.out
}

struct Printer<'f> {
    file: &'f SourceFile,
    out: String,
    indent: usize,
}

impl Printer<'_> {
    fn tree(&mut self, tree: &Tree) {
        match tree {
            Tree::Node(node) => self.node(node),
            Tree::List(items) => self.list(items),
            Tree::Null => self.out.push_str("null"),
            Tree::Bool(value) => self.out.push_str(if *value { "true" } else { "false" }),
            Tree::Op(op) => self.string(op),
            Tree::Str(text) => self.string(text),
            Tree::Int(digits) => self.out.push_str(digits),
            Tree::Float(literal) => match float::shortest(literal) {
                Some(text) => self.out.push_str(&text),
                // JSON has no number for it.
                None => self.string("Infinity"),
            },
            Tree::Span(span) => self.span(*span),
        }
    }

    fn node(&mut self, node: &Node) {
        self.open('{');
        self.key("_type", true);
        self.string(node.name);
        self.key("span", false);
        match node.span {
            Some(span) => self.span(span),
            None => self.out.push_str("null"),
        }
        for (name, value) in &node.fields {
            self.key(name, false);
            self.tree(value);
        }
        self.close('}');
    }

    fn list(&mut self, items: &[Tree]) {
        if items.is_empty() {
            self.out.push_str("[]");
            return;
        }
        self.open('[');
        for (i, item) in items.iter().enumerate() {
            self.next_line(i == 0);
            self.tree(item);
        }
        self.close(']');
    }

    fn span(&mut self, span: Span) {
        let (start, end) = (self.file.line_col(span.start), self.file.line_col(span.end));
        self.open('{');
        let numbers = [
            ("line", start.line),
            ("column", start.column),
            ("end_line", end.line),
            ("end_column", end.column),
        ];
        for (i, (name, number)) in numbers.into_iter().enumerate() {
            self.key(name, i == 0);
            self.write(format_args!("{number}"));
        }
        self.close('}');
    }

    fn open(&mut self, bracket: char) {
        self.out.push(bracket);
        self.indent += 2;
    }

    fn close(&mut self, bracket: char) {
        self.indent -= 2;
        self.new_line();
        self.out.push(bracket);
    }

    fn next_line(&mut self, first: bool) {
        if !first {
            self.out.push(',');
        }
        self.new_line();
    }

    fn new_line(&mut self) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', self.indent));
    }

    fn key(&mut self, name: &str, first: bool) {
        self.next_line(first);
        self.write(format_args!("\"{name}\": "));
    }

    fn string(&mut self, text: &str) {
        self.out.push('"');
        for c in text.chars() {
            match c {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                '\u{8}' => self.out.push_str("\\b"),
                '\u{c}' => self.out.push_str("\\f"),
                ' '..='~' => self.out.push(c),
                _ => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        self.write(format_args!("\\u{unit:04x}"));
                    }
                }
            }
        }
        self.out.push('"');
    }

    fn write(&mut self, text: std::fmt::Arguments<'_>) {
        self.out.write_fmt(text).expect("writing to a string does not fail");
    }
}
