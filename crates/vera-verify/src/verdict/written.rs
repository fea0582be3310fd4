//! Terms as the source writes them.

use std::collections::HashMap;

use vera_check::typed::Program;
use vera_syntax::print;

use crate::logic::{Op, SymbolId, TermId};
use crate::obligations::{Callee, Unit};

/// How tightly an operator binds; what stands in it binds tighter, or gets parentheses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binding {
    Implies,
    Or,
    And,
    Equality,
    Comparison,
    Sum,
    Product,
    Atom,
}

/// Writes terms over what has names where the text is to stand.
pub(super) struct Writer<'u> {
    unit: &'u Unit,
    names: HashMap<TermId, String>,
    calls: HashMap<SymbolId, String>,
}

impl<'u> Writer<'u> {
    /// With the slots that may be spoken of, and what each holds.
    pub fn new(
        program: &Program,
        unit: &'u Unit,
        slots: impl Iterator<Item = (String, TermId)>,
    ) -> Writer<'u> {
        let names = slots.map(|(label, term)| (term, label)).collect();
        let module = unit.function.map(|f| program.function(f).module);
        let mut calls: HashMap<SymbolId, String> = HashMap::new();
        for called in unit.calls.values() {
            if let Callee::Function { function, .. } = &called.callee {
                let callee = program.function(*function);
                let seen = Some(callee.module) == module && callee.parent.is_none();
                calls.extend(seen.then(|| (called.result, callee.name.to_string())));
            }
        }
        for (key, symbol) in &unit.functions {
            let name = key.split('[').next().unwrap_or(key);
            if vera_builtins::function(name).is_some() {
                calls.insert(*symbol, name.to_owned());
            }
        }
        Writer { unit, names, calls }
    }

    /// Where calls of this kind may not be written.
    pub fn without(mut self, result: SymbolId) -> Writer<'u> {
        self.calls.remove(&result);
        self
    }

    /// The text of a term; `None` where it speaks of what has no name, or evaluating it
    /// could fail.
    pub fn text(&self, term: TermId) -> Option<String> {
        Some(self.written(term)?.0)
    }

    fn written(&self, term: TermId) -> Option<(String, Binding)> {
        if let Some(label) = self.names.get(&term) {
            return Some((label.clone(), Binding::Atom));
        }
        let node = &self.unit.terms[term];
        let args = node.args.as_slice();
        Some(match (&node.op, args) {
            (Op::Bool(value), _) => (value.to_string(), Binding::Atom),
            (Op::Int(value), _) => (value.to_string(), Binding::Atom),
            (Op::String(text), _) => (print::string_value(text), Binding::Atom),
            (Op::Not, [inner]) => self.negation(*inner)?,
            (Op::And, parts) => self.chain(parts, " && ", Binding::And)?,
            (Op::Or, parts) => self.chain(parts, " || ", Binding::Or)?,
            (Op::Implies, [a, b]) => self.infix(*a, "==>", *b, Binding::Implies)?,
            (Op::Equal, [a, b]) => self.compared(*a, "==", *b)?,
            (Op::LessEqual, [a, b]) => self.ordered(*a, "<=", ">=", *b)?,
            (Op::Less, [a, b]) => self.ordered(*a, "<", ">", *b)?,
            (Op::Add, [a, b]) => self.infix(*a, "+", *b, Binding::Sum)?,
            (Op::Subtract, [a, b]) => self.infix(*a, "-", *b, Binding::Sum)?,
            (Op::Multiply, [a, b]) => self.infix(*a, "*", *b, Binding::Product)?,
            (Op::Length, [a]) => self.call("array_length", &[*a])?,
            (Op::StringContains, args) => self.call("string_contains", args)?,
            (Op::StringStartsWith, args) => self.call("string_starts_with", args)?,
            (Op::StringEndsWith, args) => self.call("string_ends_with", args)?,
            (Op::Apply(symbol), args) => self.call(self.calls.get(symbol)?, args)?,
            _ => return None,
        })
    }

    fn negation(&self, inner: TermId) -> Option<(String, Binding)> {
        let node = &self.unit.terms[inner];
        if let (Op::Equal, [a, b]) = (&node.op, node.args.as_slice()) {
            return self.compared(*a, "!=", *b);
        }
        Some((format!("!{}", self.at_least(inner, Binding::Atom)?), Binding::Atom))
    }

    /// An equality, with the result that it is about first, a constant last.
    fn compared(&self, a: TermId, word: &str, b: TermId) -> Option<(String, Binding)> {
        let (a, b) = if self.is_constant(a) || self.is_result(b) { (b, a) } else { (a, b) };
        self.infix(a, word, b, Binding::Equality)
    }

    fn ordered(&self, a: TermId, word: &str, turned: &str, b: TermId) -> Option<(String, Binding)> {
        match self.is_constant(a) {
            true => self.infix(b, turned, a, Binding::Comparison),
            false => self.infix(a, word, b, Binding::Comparison),
        }
    }

    fn is_result(&self, term: TermId) -> bool {
        self.names.get(&term).is_some_and(|name| name.ends_with(".result"))
    }

    fn is_constant(&self, term: TermId) -> bool {
        self.unit.terms[term].is_literal()
    }

    fn infix(
        &self,
        a: TermId,
        word: &str,
        b: TermId,
        binding: Binding,
    ) -> Option<(String, Binding)> {
        let tighter = match binding {
            Binding::Implies => Binding::Or,
            Binding::Or => Binding::And,
            Binding::And => Binding::Equality,
            Binding::Equality => Binding::Comparison,
            Binding::Comparison => Binding::Sum,
            Binding::Sum => Binding::Product,
            Binding::Product | Binding::Atom => Binding::Atom,
        };
        let text = format!("{} {word} {}", self.at_least(a, tighter)?, self.at_least(b, tighter)?);
        Some((text, binding))
    }

    fn chain(&self, parts: &[TermId], word: &str, binding: Binding) -> Option<(String, Binding)> {
        let tighter = if binding == Binding::Or { Binding::And } else { Binding::Equality };
        let parts: Option<Vec<String>> =
            parts.iter().map(|part| self.at_least(*part, tighter)).collect();
        Some((parts?.join(word), binding))
    }

    fn at_least(&self, term: TermId, binding: Binding) -> Option<String> {
        let (text, own) = self.written(term)?;
        Some(if own >= binding { text } else { format!("({text})") })
    }

    fn call(&self, name: &str, args: &[TermId]) -> Option<(String, Binding)> {
        let args: Option<Vec<String>> = args.iter().map(|arg| self.text(*arg)).collect();
        Some((format!("{name}({})", args?.join(", ")), Binding::Atom))
    }
}
