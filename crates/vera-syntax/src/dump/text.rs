//! Text forms of a tree, for people.

use vera_diagnostics::{SourceFile, Span};

use super::{Node, Tree, float};

/// Node names, and each field on lines of its own; absent fields are left out.
pub(super) fn print_fields(tree: &Tree, file: &SourceFile) -> String {
    let mut printer = Printer { file, out: String::new() };
    printer.item(tree, 0);
    printer.out
}

/// One line per node: name, position, scalar fields.
pub(super) fn print_compact(tree: &Tree, file: &SourceFile) -> String {
    let mut printer = Printer { file, out: String::new() };
    printer.compact(None, tree, 0);
    printer.out
}

struct Printer<'f> {
    file: &'f SourceFile,
    out: String,
}

impl Printer<'_> {
    fn line(&mut self, indent: usize, text: &str) {
        self.out.extend(std::iter::repeat_n(' ', indent));
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// A tree that stands on lines of its own.
    fn item(&mut self, tree: &Tree, indent: usize) {
        match tree {
            Tree::Node(node) => {
                self.line(indent, node.name);
                for (name, value) in &node.fields {
                    self.field(name, value, indent + 2);
                }
            }
            Tree::List(items) => items.iter().for_each(|item| self.item(item, indent)),
            scalar => self.line(indent, &self.scalar(scalar)),
        }
    }

    fn field(&mut self, name: &str, value: &Tree, indent: usize) {
        match value {
            Tree::Null => {}
            // The position of a pipe stage is for tools.
            Tree::Span(_) if name == "stage_span" => {}
            Tree::List(items) if items.iter().all(Tree::is_scalar) => {
                let items: Vec<String> = items.iter().map(|item| self.scalar(item)).collect();
                self.line(indent, &format!("{name}: ({})", items.join(", ")));
            }
            Tree::Node(_) | Tree::List(_) => {
                self.line(indent, &format!("{name}:"));
                self.item(value, indent + 2);
            }
            scalar => self.line(indent, &format!("{name}: {}", self.scalar(scalar))),
        }
    }

    fn compact(&mut self, field: Option<&str>, tree: &Tree, indent: usize) {
        let label = field.map_or(String::new(), |name| format!("{name}: "));
        match tree {
            Tree::Node(Node { name, span, fields }) => {
                let mut line = format!("{label}{name}");
                if let Some(span) = span {
                    line.push_str(&format!(" {}", self.range(*span)));
                }
                let scalars = fields.iter().filter(|(_, value)| value.is_scalar());
                for (name, value) in scalars.filter(|(_, value)| !matches!(value, Tree::Null)) {
                    line.push_str(&format!(" {name}={}", self.scalar(value)));
                }
                self.line(indent, &line);
                for (name, value) in fields.iter().filter(|(_, value)| !value.is_scalar()) {
                    self.compact(Some(name), value, indent + 2);
                }
            }
            Tree::List(items) => {
                items.iter().for_each(|item| self.compact(field, item, indent));
            }
            Tree::Null => {}
            scalar => self.line(indent, &format!("{label}{}", self.scalar(scalar))),
        }
    }

    fn scalar(&self, tree: &Tree) -> String {
        match tree {
            Tree::Null => "None".into(),
            Tree::Bool(value) => if *value { "True" } else { "False" }.into(),
            Tree::Op(op) => (*op).into(),
            Tree::Str(text) => quoted(text),
            Tree::Int(digits) => digits.as_str().into(),
            Tree::Float(literal) => float::shortest(literal).unwrap_or_else(|| "inf".into()),
            Tree::Span(span) => {
                let (start, end) = (self.file.line_col(span.start), self.file.line_col(span.end));
                format!(
                    "Span(line={}, column={}, end_line={}, end_column={})",
                    start.line, start.column, end.line, end.column
                )
            }
            Tree::Node(node) => node.name.into(),
            Tree::List(_) => "(...)".into(),
        }
    }

    fn range(&self, span: Span) -> String {
        let (start, end) = (self.file.line_col(span.start), self.file.line_col(span.end));
        format!("{}:{}-{}:{}", start.line, start.column, end.line, end.column)
    }
}

impl Tree {
    fn is_scalar(&self) -> bool {
        !matches!(self, Tree::Node(_) | Tree::List(_))
    }
}

/// `text` in single quotes, or in double ones when it holds only single ones.
fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}
