//! The rules on the SQL text of database operations (language reference, chapter
//! 10.12.6): it is written in the program, and its placeholders are counted.

use smol_str::SmolStr;
use vera_builtins::BuiltinId;
use vera_diagnostics::Span;
use vera_syntax::ast;

use super::Infer;
use crate::diagnostics::effects as report;
use crate::typed::{ExprId, ExprKind};
use crate::types::TyKind;

/// How a text uses placeholders.
enum Placeholders {
    /// This many `?`.
    Anonymous(usize),
    /// One with a name or number, as written.
    Named(String),
}

impl Infer<'_> {
    /// Checks the typed arguments of `DB.query` or `DB.execute`.
    pub(super) fn sql(&mut self, op: &SmolStr, args: &[ast::ExprId], typed: &[ExprId], span: Span) {
        let [text, params] = typed else { return };
        let ty = self.ty(*text);
        if !matches!(self.shape(ty), TyKind::String) {
            return;
        }
        let block = matches!(self.tree.nodes[args[0]].kind, ast::ExprKind::Block(_));
        let Some(text) = self.literal_text(*text).filter(|_| !block) else {
            let at = self.at(self.tree.nodes[args[0]].span);
            return self.ctx.report(report::sql_not_literal(at, op));
        };
        let at = self.at(span);
        match placeholders(&text) {
            Placeholders::Named(written) => {
                self.ctx.report(report::sql_placeholder(at, op, &written));
            }
            Placeholders::Anonymous(wanted) => {
                if let Some(given) = self.literal_length(*params)
                    && given != wanted
                {
                    self.ctx.report(report::sql_count(at, op, wanted, given));
                }
            }
        }
    }

    /// The text of an expression that is made of string literals.
    fn literal_text(&self, e: ExprId) -> Option<String> {
        match &self.body[e].kind {
            ExprKind::Str(text) => Some(text.to_string()),
            ExprKind::Interpolate(parts) => {
                parts.iter().map(|part| self.literal_text(*part)).collect()
            }
            ExprKind::Builtin { function: BuiltinId::StringConcat, args, .. } => {
                args.iter().map(|arg| self.literal_text(*arg)).collect()
            }
            ExprKind::Local(local) => self.literal_text(*self.let_values.get(local)?),
            ExprKind::Narrow { value, .. } => self.literal_text(*value),
            _ => None,
        }
    }

    /// The length of an array written as a literal, directly or through `let`.
    fn literal_length(&self, e: ExprId) -> Option<usize> {
        match &self.body[e].kind {
            ExprKind::Array(items) => Some(items.len()),
            ExprKind::Local(local) => self.literal_length(*self.let_values.get(local)?),
            ExprKind::Narrow { value, .. } => self.literal_length(*value),
            _ => None,
        }
    }
}

/// Scans an SQL text, past quoted text and comments.
fn placeholders(text: &str) -> Placeholders {
    let chars: Vec<char> = text.chars().collect();
    let mut count = 0;
    let mut i = 0;
    while i < chars.len() {
        let next = chars.get(i + 1).copied();
        match chars[i] {
            quote @ ('\'' | '"' | '`') => i = after_quoted(&chars, i + 1, quote),
            '[' => i = find(&chars, i + 1, &[']']),
            '-' if next == Some('-') => i = find(&chars, i + 2, &['\n']),
            '/' if next == Some('*') => i = find(&chars, i + 2, &['*', '/']) + 1,
            '?' if next.is_some_and(|c| c.is_ascii_digit()) => {
                return Placeholders::Named(written(&chars, i));
            }
            '?' => count += 1,
            ':' | '@' if next.is_some_and(is_name) => {
                return Placeholders::Named(written(&chars, i));
            }
            '$' if next.is_some_and(is_name) && (i == 0 || !is_name(chars[i - 1])) => {
                return Placeholders::Named(written(&chars, i));
            }
            _ => {}
        }
        i += 1;
    }
    Placeholders::Anonymous(count)
}

/// The placeholder that starts at `i`.
fn written(chars: &[char], i: usize) -> String {
    let name = chars[i + 1..].iter().take_while(|c| is_name(**c));
    chars[i..=i].iter().chain(name).collect()
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$') || !c.is_ascii()
}

/// The index of the closing quote; a doubled one is part of the text.
fn after_quoted(chars: &[char], mut i: usize, quote: char) -> usize {
    while i < chars.len() {
        if chars[i] == quote {
            if chars.get(i + 1) != Some(&quote) {
                return i;
            }
            i += 1;
        }
        i += 1;
    }
    i
}

/// The index where `end` starts, or the end of the text.
fn find(chars: &[char], from: usize, end: &[char]) -> usize {
    (from..chars.len()).find(|i| chars[*i..].starts_with(end)).unwrap_or(chars.len())
}
