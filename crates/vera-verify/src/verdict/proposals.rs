//! Preconditions that would settle what is open: the claim itself, where it speaks of the
//! function's parameters alone and can be asked of callers.

use std::collections::HashMap;

use vera_check::typed::Program;
use vera_syntax::print;

use super::discharge::Context;
use super::{Settled, Status};
use crate::logic::{Assumptions, Op, SymbolId, TermId};
use crate::obligations::{Callee, Demand, Goal, Kind, Unit, Why};
use crate::solver::Answer;

/// Longer conditions are left to the author.
const LONGEST: usize = 120;

/// Notes of what is not proved which precondition would prove it, if one can be written.
pub(crate) fn propose(
    context: &Context<'_>,
    program: &Program,
    unit: &mut Unit,
    settled: &mut [Settled],
) {
    if unit.function.is_none() || unit.instance.is_some() {
        return;
    }
    for (index, record) in settled.iter_mut().enumerate() {
        let obligation = &unit.obligations[index];
        let Demand::Goals(goals) = &obligation.demand else { continue };
        let [goal] = goals.as_slice() else { continue };
        if record.status == Status::Verified || record.deferred || !is_asked_of_callers(record.kind)
        {
            continue;
        }
        // A law that is asked for is none.
        if record.kind == Kind::Ensures && record.status != Status::Violated {
            continue;
        }
        let goal = *goal;
        record.precondition = precondition(context, program, unit, &goal);
    }
}

/// Whether a precondition can take its place.
fn is_asked_of_callers(kind: Kind) -> bool {
    match kind {
        Kind::Ensures
        | Kind::CallPre
        | Kind::Assert
        | Kind::NatSub
        | Kind::NatBind
        | Kind::RefineBind
        | Kind::DivZero
        | Kind::IndexBounds => true,
        Kind::Requires
        | Kind::Decreases
        | Kind::IntOverflow
        | Kind::FloatToIntDomain
        | Kind::StateDecl => false,
    }
}

/// The parts of a claim that the preconditions do not imply, as a clause: there are inputs
/// that meet it and the others, and with it the claim is proved, being it.
fn precondition(
    context: &Context<'_>,
    program: &Program,
    unit: &mut Unit,
    goal: &Goal,
) -> Option<String> {
    let claim = goal.claim.term();
    let mut premises: Vec<TermId> = unit
        .facts(goal.under)
        .filter(|hyp| matches!(hyp.why, Why::Parameter | Why::Requires))
        .map(|hyp| hyp.fact)
        .collect();
    premises.reverse();
    let parts = match unit.terms[claim].op {
        Op::And => unit.terms[claim].args.to_vec(),
        _ => vec![claim],
    };
    let known = Assumptions::new(&unit.terms, premises.iter().copied());
    let parts: Vec<TermId> = parts.into_iter().filter(|part| !known.prove(*part)).collect();
    let clause = unit.terms.all(&parts);
    let text = Writer::new(program, unit).text(clause)?;
    premises.push(clause);
    let possible = context.decide(unit, premises, None);
    let fits = text.len() <= LONGEST && matches!(possible, Answer::Satisfiable(_));
    fits.then_some(text)
}

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

/// Terms over parameters as the source writes them.
struct Writer<'u> {
    unit: &'u Unit,
    parameters: HashMap<TermId, &'u str>,
    calls: HashMap<SymbolId, String>,
}

impl<'u> Writer<'u> {
    fn new(program: &Program, unit: &'u Unit) -> Writer<'u> {
        let parameters = unit.parameters.iter().map(|(label, term)| (*term, label.as_str()));
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
        Writer { unit, parameters: parameters.collect(), calls }
    }

    /// The text of a term; `None` where it speaks of more than parameters, or evaluating it
    /// could fail.
    fn text(&self, term: TermId) -> Option<String> {
        Some(self.written(term)?.0)
    }

    fn written(&self, term: TermId) -> Option<(String, Binding)> {
        if let Some(label) = self.parameters.get(&term) {
            return Some(((*label).to_owned(), Binding::Atom));
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

    /// An equality, with what is no constant first.
    fn compared(&self, a: TermId, word: &str, b: TermId) -> Option<(String, Binding)> {
        let (a, b) = if self.is_constant(a) { (b, a) } else { (a, b) };
        self.infix(a, word, b, Binding::Equality)
    }

    fn ordered(&self, a: TermId, word: &str, turned: &str, b: TermId) -> Option<(String, Binding)> {
        match self.is_constant(a) {
            true => self.infix(b, turned, a, Binding::Comparison),
            false => self.infix(a, word, b, Binding::Comparison),
        }
    }

    fn is_constant(&self, term: TermId) -> bool {
        matches!(self.unit.terms[term].op, Op::Int(_) | Op::Bool(_) | Op::String(_))
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
