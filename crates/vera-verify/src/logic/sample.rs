//! Looking for a model by trying values: evaluation decides in microseconds what a
//! solver needs milliseconds for, and a model that is found is one.
//!
//! Symbols are functions from argument values to values, filled in on first use, so
//! every sample is a true interpretation. A fact that equates a symbol's value with
//! an earlier term decides that value, and one that compares them bounds it.

use std::collections::{HashMap, HashSet};

use super::sort::{DataId, Sort, Sorts};
use super::term::{Node, Op, SymbolId, TermId, Terms};

/// Problems with more terms are left to the solver.
const MAX_TERMS: usize = 400;

/// So many samples are tried.
const SAMPLES: u64 = 28;

/// From this one on, the strings of a sample are not empty and differ: of many strings
/// chosen one by one, some are empty or equal.
const DISTINCT_STRINGS: u64 = 24;

/// A value in a sample.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Value {
    Bool(bool),
    Int(i128),
    /// The bits of a float; every NaN is the canonical one.
    Float(u64),
    String(smol_str::SmolStr),
    Data(DataId, u32, Vec<Value>),
    /// An array of exactly these elements.
    Literal(Vec<Value>),
    /// A value told from others of its sort by a number.
    Plain(Sort, u32),
}

/// What a value is chosen for.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Function {
    Symbol(SymbolId),
    Length,
    Element,
    Select(DataId, u32, u32),
}

/// What a function's value is defined by.
#[derive(Clone, Copy)]
enum Definition {
    Earlier(TermId),
    Constant(TermId),
    Bool(bool),
}

/// A term that an integer is not to pass, and by how much it is to stay away.
#[derive(Clone, Copy)]
struct Bound {
    term: TermId,
    distance: i128,
}

/// The bounds of a function's value.
#[derive(Clone, Default)]
struct Bounds {
    low: Vec<Bound>,
    high: Vec<Bound>,
}

/// Whether trying values shows that the assertions, with `refuted` negated, have a
/// model. `false` says nothing.
pub fn has_model(
    terms: &Terms,
    sorts: &Sorts,
    assertions: &[TermId],
    refuted: Option<TermId>,
) -> bool {
    model(terms, sorts, assertions, refuted, &[]).is_some()
}

/// The values of terms in a model found by trying values.
pub fn model(
    terms: &Terms,
    sorts: &Sorts,
    assertions: &[TermId],
    refuted: Option<TermId>,
    wanted: &[TermId],
) -> Option<Vec<Sampled>> {
    let problem = Problem::new(terms, sorts, assertions, refuted, wanted)?;
    let values = (0..SAMPLES).find_map(|seed| problem.try_sample(seed))?;
    Some(wanted.iter().map(|term| sampled(&values[term])).collect())
}

/// A value of a term in a sample.
#[derive(Clone, PartialEq, Debug)]
pub enum Sampled {
    Bool(bool),
    Int(i128),
    Float(f64),
    String(String),
    Data(DataId, u32, Vec<Sampled>),
    /// Of an array or an opaque sort, of which other terms tell.
    Opaque,
}

fn sampled(value: &Value) -> Sampled {
    match value {
        Value::Bool(value) => Sampled::Bool(*value),
        Value::Int(value) => Sampled::Int(*value),
        Value::Float(bits) => Sampled::Float(f64::from_bits(*bits)),
        Value::String(text) => Sampled::String(text.to_string()),
        Value::Data(data, ctor, fields) => {
            Sampled::Data(*data, *ctor, fields.iter().map(sampled).collect())
        }
        Value::Literal(_) | Value::Plain(..) => Sampled::Opaque,
    }
}

struct Problem<'t> {
    terms: &'t Terms,
    sorts: &'t Sorts,
    asserted: HashSet<TermId>,
    refuted: Option<TermId>,
    /// Every term in the problem; arguments come before what they are in.
    order: Vec<TermId>,
    /// Values of functions that a fact gives by an earlier term or a constant.
    definitions: HashMap<TermId, Definition>,
    /// Bounds of those that a fact compares with an earlier term or a constant.
    bounds: HashMap<TermId, Bounds>,
    /// Integers worth trying: those in the problem and their neighbours.
    integers: Vec<i128>,
    strings: Vec<smol_str::SmolStr>,
}

impl<'t> Problem<'t> {
    fn new(
        terms: &'t Terms,
        sorts: &'t Sorts,
        assertions: &[TermId],
        refuted: Option<TermId>,
        wanted: &[TermId],
    ) -> Option<Problem<'t>> {
        let mut roots = assertions.to_vec();
        roots.extend(refuted);
        roots.extend(wanted);
        let mut order = Vec::new();
        let mut closed = true;
        terms.visit(&roots, &mut |id| {
            closed &= !matches!(terms[id].op, Op::Forall(_) | Op::Exists(_) | Op::Bound(_));
            order.push(id);
        });
        if !closed || order.len() > MAX_TERMS {
            return None;
        }
        // Interning numbers a term after its arguments.
        order.sort();
        let mut this = Problem {
            terms,
            sorts,
            asserted: assertions.iter().copied().collect(),
            refuted,
            order,
            definitions: HashMap::new(),
            bounds: HashMap::new(),
            integers: vec![0, 1, -1, 2, i64::MAX.into(), i64::MIN.into()],
            strings: vec!["".into(), "a".into()],
        };
        this.constants();
        for assertion in assertions {
            this.define(*assertion);
        }
        Some(this)
    }

    fn constants(&mut self) {
        let mut found: HashSet<i128> = self.integers.iter().copied().collect();
        for id in &self.order {
            match &self.terms[*id].op {
                Op::Int(value) => {
                    for near in [*value, value.saturating_sub(1), value.saturating_add(1)] {
                        if found.insert(near) {
                            self.integers.push(near);
                        }
                    }
                }
                Op::String(text) if !self.strings.contains(text) => {
                    self.strings.push(text.clone());
                }
                _ => {}
            }
        }
    }

    /// `function(…) == term`, or a test that holds or fails.
    fn define(&mut self, fact: TermId) {
        let node = &self.terms[fact];
        match (&node.op, node.args.as_slice()) {
            (Op::And, parts) => parts.iter().for_each(|part| self.define(*part)),
            (Op::Equal, [a, b]) => {
                let (low, high) = if a < b { (*a, *b) } else { (*b, *a) };
                if self.is_function(high) {
                    self.definitions.entry(high).or_insert(Definition::Earlier(low));
                } else if self.is_function(low) && self.terms[high].args.is_empty() {
                    self.definitions.entry(low).or_insert(Definition::Constant(high));
                }
            }
            (Op::LessEqual, [a, b]) => self.bound(*a, *b, 0),
            (Op::Less, [a, b]) => self.bound(*a, *b, 1),
            (Op::Not, [inner]) if self.is_function(*inner) => {
                self.definitions.entry(*inner).or_insert(Definition::Bool(false));
            }
            _ if self.is_function(fact) => {
                self.definitions.entry(fact).or_insert(Definition::Bool(true));
            }
            _ => {}
        }
    }

    /// `low + distance <= high`
    fn bound(&mut self, low: TermId, high: TermId, distance: i128) {
        let known = |term: TermId, to: TermId| term < to || self.terms.as_int(term).is_some();
        let is_low = self.is_function(high) && known(low, high);
        let is_high = self.is_function(low) && known(high, low);
        if is_low {
            self.bounds.entry(high).or_default().low.push(Bound { term: low, distance });
        }
        if is_high {
            self.bounds.entry(low).or_default().high.push(Bound { term: high, distance });
        }
    }

    fn is_function(&self, term: TermId) -> bool {
        matches!(self.terms[term].op, Op::Apply(_) | Op::Length | Op::Element)
    }

    /// The values of all terms, if the sample is a model.
    fn try_sample(&self, seed: u64) -> Option<HashMap<TermId, Value>> {
        let mut sample = Sample {
            problem: self,
            state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(1),
            seed,
            values: HashMap::with_capacity(self.order.len()),
            functions: HashMap::new(),
            plain: 0,
            distinct: 0,
        };
        for id in &self.order {
            let value = sample.evaluate(*id)?;
            if self.asserted.contains(id) && value != Value::Bool(true)
                || self.refuted == Some(*id) && value != Value::Bool(false)
            {
                return None;
            }
            sample.values.insert(*id, value);
        }
        Some(sample.values)
    }
}

/// One interpretation, as far as it was needed.
struct Sample<'p, 't> {
    problem: &'p Problem<'t>,
    state: u64,
    seed: u64,
    values: HashMap<TermId, Value>,
    functions: HashMap<(Function, Vec<Value>), Value>,
    plain: u32,
    /// How many distinct strings were chosen.
    distinct: usize,
}

impl Sample<'_, '_> {
    /// The value of a term whose arguments have values; `None` ends the sample.
    fn evaluate(&mut self, id: TermId) -> Option<Value> {
        let terms = self.problem.terms;
        let node: &Node = &terms[id];
        let args: Vec<Value> =
            node.args.iter().map(|a| self.values.get(a).cloned()).collect::<Option<_>>()?;
        Some(match &node.op {
            Op::Bool(value) => Value::Bool(*value),
            Op::Int(value) => Value::Int(*value),
            Op::Float(bits) => Value::Float(*bits),
            Op::String(text) => Value::String(text.clone()),
            Op::Apply(symbol) => match args.as_slice() {
                [Value::String(a), Value::String(b)] if terms.symbol(*symbol).joins_texts() => {
                    Value::String(format!("{a}{b}").into())
                }
                _ => self.function(id, Function::Symbol(*symbol), args)?,
            },
            Op::Construct(data, ctor) => Value::Data(*data, *ctor, args),
            Op::IsCtor(_, wanted) => match args.first()? {
                Value::Data(_, ctor, _) => Value::Bool(ctor == wanted),
                _ => return None,
            },
            Op::Select(data, wanted, field) => match args.first()? {
                Value::Data(_, ctor, fields) if ctor == wanted => {
                    fields.get(*field as usize)?.clone()
                }
                _ => self.function(id, Function::Select(*data, *wanted, *field), args)?,
            },
            Op::ArrayLiteral(_) => Value::Literal(args),
            Op::Length => match args.first()? {
                Value::Literal(elements) => Value::Int(elements.len() as i128),
                _ => match self.function(id, Function::Length, args)? {
                    Value::Int(length) if (0..=super::LONGEST).contains(&length) => {
                        Value::Int(length)
                    }
                    _ => return None,
                },
            },
            Op::Element => match args.as_slice() {
                [Value::Literal(elements), Value::Int(index)]
                    if usize::try_from(*index).is_ok_and(|i| i < elements.len()) =>
                {
                    elements.get(*index as usize)?.clone()
                }
                _ => self.function(id, Function::Element, args)?,
            },
            op => computed(op, &args)?,
        })
    }

    /// The value of a function at these arguments, chosen when first asked for.
    fn function(&mut self, id: TermId, function: Function, args: Vec<Value>) -> Option<Value> {
        let key = (function, args);
        if let Some(known) = self.functions.get(&key) {
            return Some(known.clone());
        }
        let value = match self.problem.definitions.get(&id).copied() {
            Some(Definition::Earlier(term)) => self.values.get(&term).cloned()?,
            Some(Definition::Constant(term)) => self.evaluate(term)?,
            Some(Definition::Bool(value)) => Value::Bool(value),
            None => {
                let chosen = self.choose(self.problem.terms.sort(id), 0)?;
                self.within_bounds(id, chosen)?
            }
        };
        self.functions.insert(key, value.clone());
        Some(value)
    }

    /// A chosen value, moved to the next bound where it is outside of them; `None` where
    /// nothing is inside.
    fn within_bounds(&self, id: TermId, chosen: Value) -> Option<Value> {
        let Some(bounds) = self.problem.bounds.get(&id) else { return Some(chosen) };
        let Value::Int(mut value) = chosen else { return Some(chosen) };
        let mut low = None;
        for bound in &bounds.low {
            let least = self.integer(bound.term)?.checked_add(bound.distance)?;
            low = low.max(Some(least));
        }
        let mut high: Option<i128> = None;
        for bound in &bounds.high {
            let most = self.integer(bound.term)?.checked_sub(bound.distance)?;
            high = Some(high.map_or(most, |high| high.min(most)));
        }
        value = low.map_or(value, |low| value.max(low));
        value = high.map_or(value, |high| value.min(high));
        low.is_none_or(|low| low <= value).then_some(Value::Int(value))
    }

    /// The value of an earlier term, or of a literal, which may come later.
    fn integer(&self, term: TermId) -> Option<i128> {
        match self.values.get(&term) {
            Some(Value::Int(value)) => Some(*value),
            Some(_) => None,
            None => self.problem.terms.as_int(term),
        }
    }

    /// A number below `limit`.
    fn random(&mut self, limit: usize) -> usize {
        // xorshift64*
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        (self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % limit.max(1)
    }

    fn choose(&mut self, sort: Sort, depth: u32) -> Option<Value> {
        Some(match sort {
            Sort::Bool => Value::Bool(self.random(2) == 1),
            Sort::Int => {
                let integers = &self.problem.integers;
                // The first samples are plain; the extremes make sums overflow.
                let few = match self.seed {
                    0 => 1,
                    1..=3 => 4,
                    4..=7 => 6,
                    _ => integers.len(),
                };
                let at = self.random(few.min(integers.len()));
                Value::Int(self.problem.integers[at])
            }
            Sort::Float => {
                let choices = [0.0, 1.0, -1.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
                let at = self.random(choices.len());
                Value::Float(choices[at].to_bits())
            }
            Sort::String => {
                let strings = &self.problem.strings;
                match self.seed.checked_sub(DISTINCT_STRINGS) {
                    Some(sample) => {
                        // The empty one comes first.
                        let at = 1 + (1 + sample as usize) % (strings.len() - 1);
                        self.distinct += 1;
                        Value::String(beginning(&self.problem.strings[at], self.distinct))
                    }
                    None => {
                        let at = self.random(strings.len());
                        Value::String(self.problem.strings[at].clone())
                    }
                }
            }
            Sort::Data(data) => self.data(data, depth)?,
            Sort::Uninterpreted(_) | Sort::Array(_) => {
                self.plain += 1;
                Value::Plain(sort, self.plain)
            }
        })
    }

    fn data(&mut self, data: DataId, depth: u32) -> Option<Value> {
        if depth > 4 {
            return None;
        }
        let ctors = &self.problem.sorts.data(data).ctors;
        let ctor = if depth > 1 {
            // Small values end.
            (0..ctors.len()).min_by_key(|c| ctors[*c].fields.len())?
        } else {
            self.random(ctors.len())
        };
        let mut fields = Vec::new();
        for sort in &ctors.get(ctor)?.fields {
            fields.push(self.choose(*sort, depth + 1)?);
        }
        Some(Value::Data(data, ctor as u32, fields))
    }
}

/// The first characters of a text, so many; of a shorter one, it and as many others.
fn beginning(text: &str, characters: usize) -> smol_str::SmolStr {
    text.chars().chain(std::iter::repeat('a')).take(characters).collect()
}

/// The value of an operation with a fixed meaning; `None` where it leaves the range
/// of the evaluator, or has none.
fn computed(op: &Op, args: &[Value]) -> Option<Value> {
    match args {
        [Value::Bool(a)] if *op == Op::Not => Some(Value::Bool(!a)),
        [Value::Bool(cond), then, otherwise] if *op == Op::Ite => {
            Some(if *cond { then.clone() } else { otherwise.clone() })
        }
        [a, b] if *op == Op::Equal => Some(Value::Bool(a == b)),
        [Value::Int(a), Value::Int(b)] => integers(op, *a, *b),
        [Value::Float(a)] => float(op, f64::from_bits(*a)),
        [Value::Float(a), Value::Float(b)] => floats(op, f64::from_bits(*a), f64::from_bits(*b)),
        [Value::String(a), Value::String(b)] => Some(Value::Bool(match op {
            Op::StringContains => a.contains(b.as_str()),
            Op::StringStartsWith => a.starts_with(b.as_str()),
            Op::StringEndsWith => a.ends_with(b.as_str()),
            _ => return None,
        })),
        parts => {
            let parts: Vec<bool> = parts
                .iter()
                .map(|part| if let Value::Bool(b) = part { Some(*b) } else { None })
                .collect::<Option<_>>()?;
            Some(Value::Bool(match (op, parts.as_slice()) {
                (Op::And, parts) => parts.iter().all(|p| *p),
                (Op::Or, parts) => parts.iter().any(|p| *p),
                (Op::Implies, [a, b]) => !a || *b,
                _ => return None,
            }))
        }
    }
}

fn integers(op: &Op, a: i128, b: i128) -> Option<Value> {
    Some(match op {
        Op::LessEqual => Value::Bool(a <= b),
        Op::Less => Value::Bool(a < b),
        Op::Add => Value::Int(a.checked_add(b)?),
        Op::Subtract => Value::Int(a.checked_sub(b)?),
        Op::Multiply => Value::Int(a.checked_mul(b)?),
        // By zero they are anything.
        Op::Divide => Value::Int(a.checked_div(b)?),
        Op::Remainder => Value::Int(a.checked_rem(b)?),
        _ => return None,
    })
}

fn float(op: &Op, a: f64) -> Option<Value> {
    Some(match op {
        Op::FloatNegate => real(-a),
        Op::FloatIsNan => Value::Bool(a.is_nan()),
        Op::FloatIsInfinite => Value::Bool(a.is_infinite()),
        Op::FloatIsNegative => Value::Bool(!a.is_nan() && a.is_sign_negative()),
        _ => return None,
    })
}

fn floats(op: &Op, a: f64, b: f64) -> Option<Value> {
    Some(match op {
        Op::FloatAdd => real(a + b),
        Op::FloatSubtract => real(a - b),
        Op::FloatMultiply => real(a * b),
        Op::FloatDivide => real(a / b),
        Op::FloatRemainder => real(a - (a / b).trunc() * b),
        Op::FloatEqual => Value::Bool(a == b),
        Op::FloatLess => Value::Bool(a < b),
        Op::FloatLessEqual => Value::Bool(a <= b),
        _ => return None,
    })
}

fn real(value: f64) -> Value {
    Value::Float(if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(build: impl FnOnce(&mut Terms, TermId, TermId) -> (Vec<TermId>, TermId)) -> bool {
        let mut terms = Terms::default();
        let (x, y) = (terms.constant("x", Sort::Int), terms.constant("y", Sort::Int));
        let (facts, goal) = build(&mut terms, x, y);
        has_model(&terms, &Sorts::default(), &facts, Some(goal))
    }

    #[test]
    fn sums_and_products_overflow() {
        let (min, max) = (i64::MIN.into(), i64::MAX.into());
        assert!(model(|t, x, y| {
            let ranges = vec![t.within(x, min, max), t.within(y, min, max)];
            let sum = t.add(x, y);
            (ranges, t.within(sum, min, max))
        }));
        assert!(model(|t, x, _| {
            let ranges = vec![t.within(x, min, max)];
            let square = t.multiply(x, x);
            (ranges, t.within(square, min, max))
        }));
    }

    #[test]
    fn what_holds_has_no_counterexample() {
        assert!(!model(|t, x, _| {
            let (zero, one) = (t.int(0), t.int(1));
            let fact = t.less(zero, x);
            (vec![fact], t.less_equal(one, x))
        }));
    }

    #[test]
    fn equations_define_constants() {
        assert!(model(|t, x, _| {
            let seven = t.int(7);
            let product = t.multiply(x, seven);
            let z = t.constant("z", Sort::Int);
            let same = t.equal(z, product);
            let twice = t.add(z, z);
            (vec![same], t.less(twice, seven))
        }));
    }

    #[test]
    fn comparisons_bound_what_comes_later() {
        assert!(model(|t, x, _| {
            let (least, most, seven) = (t.int(1_000), t.int(1_005), t.int(7));
            let f = t.declare("f", vec![Sort::Int], Sort::Int);
            let (a, more) = (t.apply(f, &[x]), t.add(x, most));
            let z = t.constant("z", Sort::Int);
            let facts = vec![t.less(least, a), t.less(a, most), t.less(x, seven), t.less(more, z)];
            (facts, t.less(z, a))
        }));
    }

    #[test]
    fn bounds_may_leave_nothing() {
        assert!(!model(|t, x, y| {
            let facts = vec![t.less(x, y), t.less(y, x)];
            let no = t.bool(false);
            (facts, no)
        }));
    }

    #[test]
    fn many_texts_differ_and_are_not_empty() {
        assert!(model(|t, _, _| {
            let empty = t.string("");
            let text = t.string("a text");
            let mut facts = Vec::new();
            let names: Vec<TermId> =
                (0..12).map(|n| t.constant(&format!("s{n}"), Sort::String)).collect();
            for (n, name) in names.iter().enumerate() {
                for other in names[..n].iter().copied().chain([empty]) {
                    let same = t.equal(*name, other);
                    facts.push(t.not(same));
                }
            }
            (facts, t.equal(names[0], text))
        }));
    }

    #[test]
    fn functions_have_one_value_for_one_argument() {
        assert!(!model(|t, x, y| {
            let f = t.declare("f", vec![Sort::Int], Sort::Int);
            let same = t.equal(x, y);
            let (a, b) = (t.apply(f, &[x]), t.apply(f, &[y]));
            (vec![same], t.equal(a, b))
        }));
    }
}
