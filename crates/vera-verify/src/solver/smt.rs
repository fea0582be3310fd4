//! Problems as SMT-LIB 2 text.

use std::collections::{BTreeSet, HashMap};

use super::literal;
use crate::logic::{ArrayId, DataId, LONGEST, Op, Sort, SortId, Sorts, SymbolId, TermId, Terms};

/// Are the assertions satisfiable, and with which values of some terms?
pub struct Problem<'t> {
    pub terms: &'t Terms,
    pub sorts: &'t Sorts,
    pub assertions: Vec<TermId>,
    /// Asserted to be false.
    pub refuted: Option<TermId>,
    /// Terms whose values a model is asked for.
    pub values: Vec<TermId>,
}

/// A problem as text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Script {
    /// Declarations and assertions, without `check-sat`.
    pub text: String,
    /// Number of `assert` commands.
    pub assertions: usize,
    /// Number of value constants, named [`value_name`].
    pub values: usize,
    /// Solvers do not keep to their limits over so much text, so it is not asked.
    pub hopeless: bool,
}

/// Literals of more bytes together are a burden to the theory of strings.
const MUCH_TEXT: usize = 512;

/// The constant that holds the value of the `index`th term asked for. Symbols end in `!`
/// and digits; what is no symbol has a letter there, so that no name is used twice.
pub(crate) fn value_name(index: usize) -> String {
    format!("value!v{index}")
}

/// The constant that stands for a literal where strings are only compared.
fn text_name(literal: TermId) -> String {
    format!("text!l{}", literal.0)
}

impl Script {
    /// The text as a file for a solver program.
    pub fn file(&self) -> String {
        format!("(set-logic ALL)\n{}(check-sat)\n", self.text)
    }
}

impl Problem<'_> {
    /// Renders the problem. Linear in the number of distinct terms.
    pub fn script(&self) -> Script {
        let mut printer = Printer::new(self);
        printer.declare();
        printer.define_shared();
        printer.facts();
        for assertion in &self.assertions {
            let text = printer.term(*assertion);
            printer.assert(&text);
        }
        if let Some(goal) = self.refuted {
            let text = format!("(not {})", printer.term(goal));
            printer.assert(&text);
        }
        for (i, value) in self.values.iter().enumerate() {
            let (name, sort) = (value_name(i), printer.sort(self.terms.sort(*value)));
            let text = printer.term(*value);
            printer.out.push_str(&format!("(declare-const {name} {sort})\n"));
            printer.assert(&format!("(= {name} {text})"));
        }
        Script {
            hopeless: printer.text_tests && printer.much_text,
            text: printer.out,
            assertions: printer.asserted,
            values: self.values.len(),
        }
    }
}

/// Constructors that no term of a query speaks of are declared as one, where they are
/// at least so many.
const FEW_OTHERS: usize = 16;

struct Printer<'p> {
    problem: &'p Problem<'p>,
    terms: &'p Terms,
    /// Every reachable term, arguments first.
    order: Vec<TermId>,
    /// Terms that stand for themselves by a name.
    names: HashMap<TermId, String>,
    /// The sorts in use; their place here is their number in the text, which so
    /// does not depend on what other functions use.
    used: Used,
    /// Parts of strings are tested, so strings are sequences; where they are only
    /// compared, and nobody asks for their values, they are values of a plain sort.
    text_tests: bool,
    much_text: bool,
    joins_texts: bool,
    plain_text: bool,
    /// The constructors that terms speak of.
    mentioned: HashMap<DataId, BTreeSet<u32>>,
    out: String,
    asserted: usize,
}

/// What a claim says of texts.
#[derive(Default)]
struct Texts {
    /// It tests what they hold.
    tests: bool,
    /// It compares joined ones.
    compares_joined: bool,
}

impl Texts {
    fn of(terms: &Terms, claim: Option<TermId>) -> Texts {
        let mut out = Texts::default();
        let roots: Vec<TermId> = claim.into_iter().collect();
        terms.visit(&roots, &mut |id| {
            let node = &terms[id];
            out.tests |= is_text_test(&node.op);
            out.compares_joined |=
                node.op == Op::Equal && node.args.iter().any(|arg| is_joined(terms, *arg));
        });
        out
    }
}

fn is_text_test(op: &Op) -> bool {
    matches!(op, Op::StringContains | Op::StringStartsWith | Op::StringEndsWith)
}

fn is_joined(terms: &Terms, term: TermId) -> bool {
    matches!(terms[term].op, Op::Apply(symbol) if terms.symbol(symbol).joins_texts())
}

impl<'p> Printer<'p> {
    fn new(problem: &'p Problem<'p>) -> Printer<'p> {
        let terms = problem.terms;
        let roots: Vec<TermId> = problem
            .assertions
            .iter()
            .chain(&problem.refuted)
            .chain(&problem.values)
            .copied()
            .collect();
        let mut order = Vec::new();
        terms.visit(&roots, &mut |id| order.push(id));
        let mut used = Used::default();
        let claimed = Texts::of(terms, problem.refuted);
        let tests = |id: &TermId| is_text_test(&terms[*id].op);
        let text_tests = order.iter().any(tests) || claimed.compares_joined;
        let bytes = |id: &TermId| match &terms[*id].op {
            Op::String(text) => text.len(),
            _ => 0,
        };
        let much_text = order.iter().map(bytes).sum::<usize>() > MUCH_TEXT;
        let mut mentioned: HashMap<DataId, BTreeSet<u32>> = HashMap::new();
        for id in &order {
            used.add(problem.sorts, terms[*id].sort);
            if let Op::Construct(data, ctor) | Op::IsCtor(data, ctor) | Op::Select(data, ctor, _) =
                terms[*id].op
            {
                mentioned.entry(data).or_default().insert(ctor);
            }
        }
        let names = HashMap::new();
        Printer {
            problem,
            terms,
            order,
            names,
            used,
            text_tests,
            much_text,
            // A theory of joined texts costs a lot: it is for claims about what they hold.
            joins_texts: claimed.tests || claimed.compares_joined,
            plain_text: !text_tests && (problem.values.is_empty() || much_text),
            mentioned,
            out: String::new(),
            asserted: 0,
        }
    }

    fn assert(&mut self, text: &str) {
        self.asserted += 1;
        self.out.push_str(&format!("(assert {text})\n"));
    }

    /// Declares sorts, datatypes, symbols and helper functions in use.
    fn declare(&mut self) {
        let mut symbols: BTreeSet<SymbolId> = BTreeSet::new();
        let (mut division, mut by_unknown) = (false, false);
        for id in &self.order {
            match self.terms[*id].op {
                Op::Apply(symbol) => {
                    symbols.insert(symbol);
                }
                Op::Divide | Op::Remainder => {
                    division = true;
                    by_unknown |= self.divides_by_unknown(*id);
                }
                _ => {}
            }
        }
        let used = self.used.clone();
        if self.plain_text {
            self.out.push_str("(declare-sort Text 0)\n");
            let literals: Vec<String> = self
                .order
                .iter()
                .filter(|id| matches!(self.terms[**id].op, Op::String(_)))
                .map(|id| text_name(*id))
                .collect();
            for name in &literals {
                self.out.push_str(&format!("(declare-const {name} Text)\n"));
            }
            if literals.len() > 1 {
                self.assert(&format!("(distinct {})", literals.join(" ")));
            }
        }
        for id in &used.plain {
            let name = self.sort(Sort::Uninterpreted(*id));
            self.out.push_str(&format!("(declare-sort {name} 0)\n"));
        }
        for id in &used.arrays {
            let name = self.sort(Sort::Array(*id));
            self.out.push_str(&format!("(declare-sort {name} 0)\n"));
        }
        self.datatypes(&used.datas);
        for id in &used.arrays {
            let name = self.sort(Sort::Array(*id));
            let element = self.sort(self.problem.sorts.element(*id));
            self.out.push_str(&format!(
                "(declare-fun length_{0} ({name}) Int)\n(declare-fun element_{0} ({name} Int) {element})\n",
                self.array(*id)
            ));
        }
        if division {
            self.out.push_str(concat!(
                "(define-fun truncated_div ((a Int) (b Int)) Int (ite (>= a 0) (div a b) (- (div (- a) b))))\n",
                "(define-fun truncated_rem ((a Int) (b Int)) Int (ite (>= a 0) (mod a b) (- (mod (- a) b))))\n",
            ));
        }
        if by_unknown {
            self.out.push_str(concat!(
                "(define-fun quotient ((a Int) (b Int)) Int (ite (and (<= 0 a) (< a b)) 0 (ite (and (< 0 b) (<= b a) (< a (+ b b))) 1 (truncated_div a b))))\n",
                "(define-fun remainder ((a Int) (b Int)) Int (ite (and (<= 0 a) (< a b)) a (ite (and (< 0 b) (<= b a) (< a (+ b b))) (- a b) (truncated_rem a b))))\n",
            ));
        }
        for id in symbols {
            let symbol = self.terms.symbol(id);
            let params: Vec<String> = symbol.params.iter().map(|p| self.sort(*p)).collect();
            let (name, result) = (self.symbol(id), self.sort(symbol.result));
            if symbol.joins_texts() && self.joins_texts && !self.plain_text {
                self.out.push_str(&format!(
                    "(define-fun {name} ((a String) (b String)) String (str.++ a b))\n"
                ));
                continue;
            }
            self.out.push_str(&format!("(declare-fun {name} ({}) {result})\n", params.join(" ")));
        }
    }

    fn datatypes(&mut self, datas: &BTreeSet<DataId>) {
        if datas.is_empty() {
            return;
        }
        let (mut heads, mut bodies) = (String::new(), String::new());
        for id in datas {
            let name = self.sort(Sort::Data(*id));
            heads.push_str(&format!("({name} 0)"));
            bodies.push('(');
            let ctors = &self.problem.sorts.data(*id).ctors;
            let nothing = BTreeSet::new();
            let mentioned = self.mentioned.get(id).unwrap_or(&nothing);
            let all = ctors.len() < mentioned.len() + FEW_OTHERS;
            for (c, ctor) in ctors.iter().enumerate() {
                if !all && !mentioned.contains(&(c as u32)) {
                    continue;
                }
                bodies.push_str(&format!("({}", self.ctor(*id, c as u32)));
                for (f, field) in ctor.fields.iter().enumerate() {
                    let sort = self.sort(*field);
                    let selector = self.selector(*id, c as u32, f as u32);
                    bodies.push_str(&format!(" ({selector} {sort})"));
                }
                bodies.push(')');
            }
            if !all {
                // The values of the others are more than a query can tell apart, and
                // it speaks of none of them.
                let data = self.data(*id);
                bodies.push_str(&format!("(other!{data}!value (field!{data}!other Int))"));
            }
            bodies.push(')');
        }
        self.out.push_str(&format!("(declare-datatypes ({heads}) ({bodies}))\n"));
    }

    /// Names closed terms with several uses, and array literals.
    fn define_shared(&mut self) {
        let mut uses: HashMap<TermId, u32> = HashMap::new();
        for id in &self.order {
            self.terms[*id].args.iter().for_each(|a| *uses.entry(*a).or_default() += 1);
        }
        for id in std::mem::take(&mut self.order) {
            let node = &self.terms[id];
            let sort = node.sort;
            if let Op::ArrayLiteral(_) = node.op {
                let (name, sort) = (format!("literal!{}", id.0), self.sort(sort));
                self.out.push_str(&format!("(declare-const {name} {sort})\n"));
                self.names.insert(id, name);
            } else if uses.get(&id).is_some_and(|n| *n > 1)
                && !node.args.is_empty()
                && !self.terms.is_open(id)
            {
                let (name, sort) = (format!("term!t{}", id.0), self.sort(sort));
                let text = self.term(id);
                self.out.push_str(&format!("(define-fun {name} () {sort} {text})\n"));
                self.names.insert(id, name);
            }
            self.order.push(id);
        }
    }

    /// What holds of every array term: its length, and what a literal contains.
    fn facts(&mut self) {
        for id in self.order.clone() {
            let node = &self.terms[id];
            match node.op {
                Op::Length if !self.terms.is_open(id) => {
                    let text = self.term(id);
                    self.assert(&format!("(and (<= 0 {text}) (<= {text} {LONGEST}))"));
                }
                Op::ArrayLiteral(array) => {
                    let name = self.names[&id].clone();
                    let array = self.array(array);
                    self.assert(&format!("(= (length_{array} {name}) {})", node.args.len()));
                    for (i, element) in node.args.iter().enumerate() {
                        let element = self.term(*element);
                        self.assert(&format!("(= (element_{array} {name} {i}) {element})"));
                    }
                }
                _ => {}
            }
        }
    }

    fn sort(&self, sort: Sort) -> String {
        let sorts = self.problem.sorts;
        match sort {
            Sort::Bool => "Bool".to_owned(),
            Sort::Int => "Int".to_owned(),
            Sort::Float => "Float64".to_owned(),
            Sort::String if self.plain_text => "Text".to_owned(),
            Sort::String => "String".to_owned(),
            Sort::Uninterpreted(id) => {
                let number = self.used.plain.range(..id).count();
                format!("{}!s{number}", literal::symbol(&sorts.uninterpreted[id.0 as usize].name))
            }
            Sort::Data(id) => {
                let text = if self.plain_text { "t" } else { "" };
                format!("{}!d{}{text}", literal::symbol(&sorts.data(id).name), self.data(id))
            }
            Sort::Array(id) => format!("Array!a{}", self.array(id)),
        }
    }

    fn data(&self, id: DataId) -> usize {
        self.used.datas.range(..id).count()
    }

    fn array(&self, id: ArrayId) -> usize {
        self.used.arrays.range(..id).count()
    }

    fn selector(&self, data: DataId, ctor: u32, field: u32) -> String {
        format!("field!{}!{ctor}!{field}", self.data(data))
    }

    fn symbol(&self, id: SymbolId) -> String {
        format!("{}!{}", literal::symbol(&self.terms.symbol(id).name), id.0)
    }

    fn ctor(&self, data: DataId, ctor: u32) -> String {
        let name = &self.problem.sorts.data(data).ctors[ctor as usize].name;
        format!("{}!{}!{ctor}", literal::symbol(name), self.data(data))
    }

    fn term(&self, id: TermId) -> String {
        let mut out = String::new();
        self.write(id, &mut out);
        out
    }

    fn write(&self, id: TermId, out: &mut String) {
        if let Some(name) = self.names.get(&id) {
            return out.push_str(name);
        }
        let node = &self.terms[id];
        let head = match &node.op {
            Op::Bool(value) => return out.push_str(if *value { "true" } else { "false" }),
            Op::Int(value) => return out.push_str(&literal::int(*value)),
            Op::Float(bits) => return out.push_str(&literal::float(*bits)),
            Op::String(_) if self.plain_text => return out.push_str(&text_name(id)),
            Op::String(text) => return out.push_str(&literal::string(text)),
            Op::Bound(variable) => return out.push_str(&format!("i!{variable}")),
            Op::Forall(variable) => return self.quantifier("forall", *variable, node.args[0], out),
            Op::Exists(variable) => return self.quantifier("exists", *variable, node.args[0], out),
            Op::FloatRemainder => return self.float_remainder(node.args[0], node.args[1], out),
            Op::StringStartsWith => {
                return self.applied("str.prefixof", &[node.args[1], node.args[0]], out);
            }
            Op::StringEndsWith => {
                return self.applied("str.suffixof", &[node.args[1], node.args[0]], out);
            }
            Op::FloatIsNegative => return self.negative(node.args[0], out),
            Op::Apply(symbol) => self.symbol(*symbol),
            Op::Construct(data, ctor) => self.ctor(*data, *ctor),
            Op::IsCtor(data, ctor) => format!("(_ is {})", self.ctor(*data, *ctor)),
            Op::Select(data, ctor, field) => self.selector(*data, *ctor, *field),
            Op::Length => format!("length_{}", self.array(self.array_of(node.args[0]))),
            Op::Element => format!("element_{}", self.array(self.array_of(node.args[0]))),
            Op::ArrayLiteral(_) => unreachable!("array literals have names"),
            // Most often the quotient is small.
            Op::Divide if self.divides_by_unknown(id) => "quotient".to_owned(),
            Op::Remainder if self.divides_by_unknown(id) => "remainder".to_owned(),
            op => plain_head(op).to_owned(),
        };
        self.applied(&head, &node.args, out);
    }

    /// A division by what is no constant, at a variable of a quantifier. (Of others solvers
    /// know more by their own means.)
    fn divides_by_unknown(&self, id: TermId) -> bool {
        self.terms.is_open(id) && self.terms.as_int(self.terms[id].args[1]).is_none()
    }

    fn applied(&self, head: &str, args: &[TermId], out: &mut String) {
        if args.is_empty() {
            return out.push_str(head);
        }
        out.push('(');
        out.push_str(head);
        for arg in args {
            out.push(' ');
            self.write(*arg, out);
        }
        out.push(')');
    }

    fn quantifier(&self, word: &str, variable: u32, body: TermId, out: &mut String) {
        out.push_str(&format!("({word} ((i!{variable} Int)) "));
        self.write(body, out);
        out.push(')');
    }

    fn float_remainder(&self, a: TermId, b: TermId, out: &mut String) {
        let (a, b) = (self.term(a), self.term(b));
        out.push_str(&format!(
            "(fp.sub RNE {a} (fp.mul RNE (fp.roundToIntegral RTZ (fp.div RNE {a} {b})) {b}))"
        ));
    }

    /// NaN has no sign.
    fn negative(&self, a: TermId, out: &mut String) {
        out.push_str(&format!("(fp.isNegative {})", self.term(a)));
    }

    fn array_of(&self, term: TermId) -> ArrayId {
        match self.terms.sort(term) {
            Sort::Array(id) => id,
            Sort::Bool
            | Sort::Int
            | Sort::Float
            | Sort::String
            | Sort::Uninterpreted(_)
            | Sort::Data(_) => unreachable!("length and elements are taken of arrays only"),
        }
    }
}

/// The function of an operation whose arguments stand in our order.
fn plain_head(op: &Op) -> &'static str {
    match op {
        Op::Not => "not",
        Op::And => "and",
        Op::Or => "or",
        Op::Implies => "=>",
        Op::Ite => "ite",
        Op::Equal => "=",
        Op::LessEqual => "<=",
        Op::Less => "<",
        Op::Add => "+",
        Op::Subtract => "-",
        Op::Multiply => "*",
        Op::Divide => "truncated_div",
        Op::Remainder => "truncated_rem",
        Op::FloatAdd => "fp.add RNE",
        Op::FloatSubtract => "fp.sub RNE",
        Op::FloatMultiply => "fp.mul RNE",
        Op::FloatDivide => "fp.div RNE",
        Op::FloatNegate => "fp.neg",
        Op::FloatEqual => "fp.eq",
        Op::FloatLess => "fp.lt",
        Op::FloatLessEqual => "fp.leq",
        Op::FloatIsNan => "fp.isNaN",
        Op::FloatIsInfinite => "fp.isInfinite",
        Op::StringContains => "str.contains",
        Op::Bool(_)
        | Op::Int(_)
        | Op::Float(_)
        | Op::String(_)
        | Op::Apply(_)
        | Op::Bound(_)
        | Op::FloatRemainder
        | Op::FloatIsNegative
        | Op::StringStartsWith
        | Op::StringEndsWith
        | Op::Construct(..)
        | Op::IsCtor(..)
        | Op::Select(..)
        | Op::ArrayLiteral(_)
        | Op::Length
        | Op::Element
        | Op::Forall(_)
        | Op::Exists(_) => unreachable!("written by its own rule"),
    }
}

/// The sorts a problem needs declared, closed under parts.
#[derive(Default, Clone)]
struct Used {
    plain: BTreeSet<SortId>,
    arrays: BTreeSet<ArrayId>,
    datas: BTreeSet<DataId>,
}

impl Used {
    fn add(&mut self, sorts: &Sorts, sort: Sort) {
        match sort {
            Sort::Bool | Sort::Int | Sort::Float | Sort::String => {}
            Sort::Uninterpreted(id) => {
                self.plain.insert(id);
            }
            Sort::Array(id) => {
                if self.arrays.insert(id) {
                    self.add(sorts, sorts.element(id));
                }
            }
            Sort::Data(id) => {
                if self.datas.insert(id) {
                    for field in sorts.data(id).ctors.iter().flat_map(|c| &c.fields) {
                        self.add(sorts, *field);
                    }
                }
            }
        }
    }
}
