//! Obligations: what must hold at each place of a program, and from which facts.
//!
//! A [`Unit`] is one function instance or one refinement predicate. Walking its
//! body symbolically turns each expression into a term and each demand of the
//! language into an [`Obligation`]; nothing is decided here.
//!
//! When a fact begins to hold, and for whom, is the table of the language reference,
//! 8.3. Where the walk decides it: [`walk::Walk::under`] (branches, arms, later steps
//! of a quantifier), `apart` (measures, bodies that may be left), `quantifiers`
//! `deferred` (closures, clauses), `contexts` `detached` (other handlers around),
//! `calls` (the callee's clauses, in the order of evaluation), `functions` (a
//! function's own).

mod arrays;
mod builtins;
mod calls;
mod claims;
mod comparison;
mod contexts;
mod definitions;
mod encode;
mod exits;
mod expressions;
mod facts;
mod folds;
mod functions;
mod graph;
mod growth;
mod handlers;
mod instances;
mod invariants;
mod labels;
mod maps;
mod matching;
mod narrowing;
mod operators;
mod products;
mod quantifiers;
mod texts;
mod visit;
mod walk;

use std::collections::{HashMap, HashSet};

use vera_check::typed::{FnId, RefinementId};
use vera_check::types::Ty;
use vera_diagnostics::FileSpan;

use crate::logic::{Op, Sort, Sorts, SymbolId, TermId, Terms};

pub(crate) use claims::{Claim, Fact};
pub(crate) use definitions::{Definition, Definitions};
pub(crate) use folds::Fold;
pub(crate) use functions::{Generator, preconditions, refinements};
pub(crate) use labels::arguments;

/// As many elements of an array are shown in a counterexample.
pub(crate) const SHOWN_ELEMENTS: usize = 6;

/// The function of the logic that says what a function value yields.
pub(crate) const APPLY: &str = "apply";

/// What an obligation is about (language reference, chapter 08.3).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub enum Kind {
    Requires,
    Ensures,
    Decreases,
    CallPre,
    Assert,
    NatSub,
    NatBind,
    RefineBind,
    DivZero,
    IndexBounds,
    IntOverflow,
    FloatToIntDomain,
    StateDecl,
}

impl Kind {
    /// The name in machine-readable output.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Requires => "requires",
            Kind::Ensures => "ensures",
            Kind::Decreases => "decreases",
            Kind::CallPre => "call_pre",
            Kind::Assert => "assert",
            Kind::NatSub => "nat_sub",
            Kind::NatBind => "nat_bind",
            Kind::RefineBind => "refine_bind",
            Kind::DivZero => "div_zero",
            Kind::IndexBounds => "index_bounds",
            Kind::IntOverflow => "int_overflow",
            Kind::FloatToIntDomain => "float_to_int_domain",
            Kind::StateDecl => "state_decl",
        }
    }

    /// Whether the operation itself checks it, wherever it stands.
    pub fn is_of_operation(self) -> bool {
        match self {
            Kind::NatSub
            | Kind::DivZero
            | Kind::IndexBounds
            | Kind::IntOverflow
            | Kind::FloatToIntDomain => true,
            Kind::Requires
            | Kind::Ensures
            | Kind::Decreases
            | Kind::CallPre
            | Kind::Assert
            | Kind::NatBind
            | Kind::RefineBind
            | Kind::StateDecl => false,
        }
    }

    /// Whether it is only counted where it is not proved, and there is much of it.
    pub fn is_counted(self) -> bool {
        match self {
            Kind::IntOverflow | Kind::FloatToIntDomain => true,
            Kind::Requires
            | Kind::Ensures
            | Kind::Decreases
            | Kind::CallPre
            | Kind::Assert
            | Kind::NatSub
            | Kind::NatBind
            | Kind::RefineBind
            | Kind::DivZero
            | Kind::IndexBounds
            | Kind::StateDecl => false,
        }
    }

    /// Whether a counterexample is not enough for an error: every reachable state
    /// must fail.
    pub fn needs_certain_failure(self) -> bool {
        match self {
            Kind::Assert | Kind::IndexBounds | Kind::IntOverflow | Kind::FloatToIntDomain => true,
            Kind::Requires
            | Kind::Ensures
            | Kind::Decreases
            | Kind::CallPre
            | Kind::NatSub
            | Kind::NatBind
            | Kind::RefineBind
            | Kind::DivZero
            | Kind::StateDecl => false,
        }
    }
}

/// Index of a hypothesis of a [`Unit`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub(crate) struct HypId(pub u32);

/// A fact in force from some point on; each extends the ones before it.
#[derive(Clone, Debug)]
pub(crate) struct Hyp {
    pub parent: Option<HypId>,
    pub fact: TermId,
    pub why: Why,
    pub ground: Ground,
}

/// What teaches a fact.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ground {
    /// An expression or clause.
    At(FileSpan),
    /// The body of a function that was looked into.
    Definition(FnId),
    /// The body of a closure that was looked into.
    Closure,
    /// The claim itself, at smaller arguments.
    Hypothesis,
    /// The claim itself, about what was folded so far.
    Fold,
    /// Functions of which it is known that they return.
    Returning,
    /// Laws of arrays, maps and sets.
    Laws,
}

/// A fact that was learnt in a part of the walk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Learnt {
    pub fact: TermId,
    pub why: Why,
    /// The expression that taught it.
    pub here: FileSpan,
}

impl Ground {
    /// The expression or clause, if it is one.
    pub fn place(self) -> Option<FileSpan> {
        match self {
            Ground::At(at) => Some(at),
            Ground::Definition(_)
            | Ground::Closure
            | Ground::Hypothesis
            | Ground::Fold
            | Ground::Returning
            | Ground::Laws => None,
        }
    }
}

/// A fact that the prover adds to those at a place.
pub(crate) type Added = (TermId, Why, Ground);

/// How a fact is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Why {
    /// The type of a parameter.
    Parameter,
    Requires,
    /// An `assume` that every run reaches.
    Assume,
    /// A condition of the path, or a check passed on it.
    Path,
    /// What a value's declared type guarantees.
    Type,
    /// Postconditions of callees, built-in functions.
    Derived,
    /// Postconditions of calls that close a cycle: a proof of them rests on the
    /// recursion coming to an end.
    Induction,
}

/// A claim under the facts at a place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Goal {
    pub under: Option<HypId>,
    pub claim: Claim,
    /// Facts with which it fails, and more than hold: that calls are not made which were
    /// not looked into.
    pub fails_under: Option<HypId>,
}

impl Goal {
    pub fn new(under: Option<HypId>, claim: Claim) -> Goal {
        Goal { under, claim, fails_under: None }
    }

    /// The facts of the states in which a counterexample is looked for.
    pub fn refuted_under(&self) -> Option<HypId> {
        self.fails_under.or(self.under)
    }
}

/// What has to be shown.
#[derive(Clone, Debug)]
pub(crate) enum Demand {
    /// Nothing: a premise, or a literal `true`.
    Nothing,
    /// All goals.
    Goals(Vec<Goal>),
    /// Something the logic does not express.
    Inexpressible,
    /// Certainly false.
    Failed,
}

/// Where an expression narrows, as messages name it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Site {
    Return,
    CallArgument,
    ClosureArgument,
    ClosureReturn,
    Let,
    MatchBinding,
    TupleDestructure,
    SubPattern,
    ConstructorField,
    TupleComponent,
    ArrayElement,
    HandlerStateInit,
    HandlerStateUpdate,
    OperationArgument,
    OperationResume,
    HandlerClauseBinder,
}

impl Site {
    pub fn as_str(self) -> &'static str {
        match self {
            Site::Return => "return type",
            Site::CallArgument => "call argument",
            Site::ClosureArgument => "closure argument",
            Site::ClosureReturn => "closure return",
            Site::Let => "let binding",
            Site::MatchBinding => "match binding",
            Site::TupleDestructure => "tuple destructure",
            Site::SubPattern => "ADT sub-pattern bind",
            Site::ConstructorField => "constructor field",
            Site::TupleComponent => "tuple component",
            Site::ArrayElement => "array element",
            Site::HandlerStateInit => "handler state init",
            Site::HandlerStateUpdate => "handler state update",
            Site::OperationArgument => "State-op argument",
            Site::OperationResume => "State-op resume",
            Site::HandlerClauseBinder => "handler clause binder",
        }
    }
}

/// What the messages of a kind need beyond the obligation itself.
#[derive(Clone, Debug)]
pub(crate) enum About {
    Plain,
    /// The operation that may fail, in words: `addition`, `modulo`.
    Operation(&'static str),
    Call {
        callee: String,
        /// The callee's clause, and the same with the arguments in it.
        clause: String,
        substituted: String,
        /// A domain of a built-in function; recorded when proved, too.
        builtin: bool,
    },
    Narrow {
        site: Site,
        /// The predicates of a refinement, innermost first.
        predicate: String,
        /// The value is inside a compound one.
        nested: bool,
        /// The literal that narrows.
        literal: Option<String>,
    },
    /// The invariant of a value that is made.
    Invariant {
        data: String,
        predicate: String,
    },
    /// Why a float constant has no integer.
    Float(&'static str),
    /// The declared state and the cell, of [`Kind::StateDecl`].
    State {
        declared: String,
        cell: String,
    },
}

/// What a run does about an obligation that is not proved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Check {
    /// It is checked at this place: a callee's clause or entry, or where it arises.
    At(FileSpan),
    /// It is checked where function values are called, wherever that is.
    Elsewhere,
    /// There is nothing to check: the function of a measure calls itself nowhere.
    Idle,
    /// A measure that has no size.
    NoSize,
    /// A measure of calls in closures, which is compared while an activation of the
    /// function is running.
    WhileRunning,
}

/// A recursive call whose measure a goal is about.
#[derive(Clone, Debug)]
pub(crate) struct Recursive {
    /// As written.
    pub text: String,
    /// A slot in the place of one that is passed on, with which the measure shrinks:
    /// both as written.
    pub better: Option<(String, String)>,
}

/// One thing the prover must settle.
#[derive(Clone, Debug)]
pub(crate) struct Obligation {
    pub kind: Kind,
    pub at: FileSpan,
    /// The run-time half.
    pub check: Check,
    /// The expression or clause, as written.
    pub text: String,
    /// Place in the order of output within its function.
    pub phase: u32,
    pub demand: Demand,
    /// Facts about slots are missing here (closures, handler clauses).
    pub deferred: bool,
    pub about: About,
    /// The slots in scope, for counterexamples.
    pub slots: Vec<(String, TermId)>,
    /// Symbols of calls whose definitions the facts of its goals contain, wherever a
    /// model may need them.
    pub understood: HashSet<SymbolId>,
    /// Of a measure: the call of each goal.
    pub calls: Vec<Recursive>,
    /// The parts of a claim that is written as a conjunction, as written.
    pub parts: Vec<(String, TermId)>,
    /// Functions whose definitions were used.
    pub looked_into: HashSet<FnId>,
}

/// How a symbol came about, for verdicts: the solver treats all alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A value nothing is known of but its declared type, born in a body or in a
    /// contract clause.
    Opaque { in_clause: bool },
    /// A library function of which something is known.
    Partial,
    /// What a cell of the caller holds at entry.
    State,
    /// A `let` whose value depends on an opaque one.
    Binding(TermId),
    /// The result of a call; of a `generic` function, less is known than of others.
    Call { callee: FnId, generic: bool },
}

/// Index of a closure among those that a verification met.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub(crate) struct ClosureId(pub u32);

/// What is called without effects, so that the result is a term: the same arguments yield
/// the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Callee {
    Function {
        function: FnId,
        type_args: Vec<Ty>,
    },
    /// A closure; what it captures comes before its arguments.
    Closure(ClosureId),
}

impl Callee {
    pub fn function(&self) -> Option<FnId> {
        match self {
            Callee::Function { function, .. } => Some(*function),
            Callee::Closure(_) => None,
        }
    }
}

/// The symbols of such calls.
#[derive(Clone, Debug)]
pub(crate) struct Called {
    pub callee: Callee,
    /// What a call yields at its arguments.
    pub result: SymbolId,
}

/// A call whose callee is known.
pub(crate) struct Call {
    pub callee: Callee,
    /// What the definition of the callee is a function of.
    pub args: Vec<TermId>,
    /// The symbol of what it yields, at the arguments of the term that says that it
    /// returned.
    pub result: SymbolId,
}

/// An `assume` statement.
pub(crate) struct Assumed {
    pub at: FileSpan,
    /// The statement, as written.
    pub text: String,
    pub holds: TermId,
}

/// One function instance, or one refinement predicate.
pub(crate) struct Unit {
    /// The name messages use.
    pub name: String,
    pub function: Option<FnId>,
    /// The refinement whose predicate it is.
    pub predicate: Option<RefinementId>,
    /// `f<Int>` for an instance of a generic function.
    pub instance: Option<String>,
    pub terms: Terms,
    /// The parameters as clauses refer to them.
    pub parameters: Vec<(String, TermId)>,
    /// What their types say of the parts that a counterexample shows. The walk states
    /// it where the parts are read; what nobody reads must look right all the same.
    pub shown_parts: Vec<TermId>,
    /// Their names in the order of the signature.
    pub signature: Vec<String>,
    pub hyps: Vec<Hyp>,
    pub obligations: Vec<Obligation>,
    pub origins: HashMap<SymbolId, Origin>,
    /// Symbols of pure calls and of functions of the logic, by name and types.
    pub functions: HashMap<String, SymbolId>,
    /// What is called, by the symbol that says that the call returned.
    pub calls: HashMap<SymbolId, Called>,
    /// What function values yield, by the symbol that says that the application returned.
    pub applications: HashMap<SymbolId, SymbolId>,
    /// Closures, each a function of what it captures.
    pub closures: HashMap<SymbolId, ClosureId>,
    /// Symbols that say that a place after a call is reached, with the term that says
    /// that the call returned.
    pub passed: HashMap<SymbolId, TermId>,
    /// The precondition obligations of each call result.
    pub call_obligations: HashMap<TermId, Vec<usize>>,
    /// Results of recursive functions in clauses: a model makes them up, so where a
    /// proof fails on one, nothing is refuted.
    pub specified: HashSet<TermId>,
    /// What the function claims of its result.
    pub postconditions: Vec<Claim>,
    /// The folds over arrays whose steps were walked.
    pub folds: Vec<Fold>,
    /// The facts at the end of the body.
    pub end: Option<HypId>,
    /// Where a contradiction of the premises is reported.
    pub premises_at: Option<FileSpan>,
    /// A premise lies outside linear arithmetic.
    pub nonlinear: bool,
    pub assumes: Vec<Assumed>,
    /// Checks of the module that need no record: literals show that they hold, or they
    /// stand where values come in that others owe.
    pub evident: Vec<(Kind, FileSpan)>,
    /// The `assume` statements its proofs may rest on: its own, and those in clauses
    /// and predicates that it relies on.
    pub trusts: Vec<FileSpan>,
}

impl Unit {
    /// The symbol of a function of the logic.
    pub fn function_symbol(&mut self, name: &str, params: Vec<Sort>, result: Sort) -> SymbolId {
        let key = format!("{name}{params:?}{result:?}");
        if let Some(symbol) = self.functions.get(&key) {
            return *symbol;
        }
        let shown = name.split(' ').next().unwrap_or(name);
        let symbol = self.terms.declare(shown, params, result);
        self.functions.insert(key, symbol);
        symbol
    }

    /// The call of which a term says that it returned: of a function, or of a function value
    /// that is written as a closure.
    pub fn call(&self, returned: TermId) -> Option<Call> {
        let node = &self.terms[returned];
        let Op::Apply(symbol) = &node.op else { return None };
        if let Some(Called { callee, result }) = self.calls.get(symbol) {
            let args = node.args.to_vec();
            return Some(Call { callee: callee.clone(), args, result: *result });
        }
        let result = *self.applications.get(symbol)?;
        let function = &self.terms[node.args[0]];
        let Op::Apply(closure) = &function.op else { return None };
        let callee = Callee::Closure(*self.closures.get(closure)?);
        let args = function.args.iter().chain(&node.args[1..]).copied().collect();
        Some(Call { callee, args, result })
    }

    /// The facts up to `last`, latest first.
    pub fn facts(&self, last: Option<HypId>) -> impl Iterator<Item = &Hyp> {
        self.chain(last).map(|id| &self.hyps[id.0 as usize])
    }

    /// The indices of [`Unit::facts`].
    pub fn chain(&self, last: Option<HypId>) -> impl Iterator<Item = HypId> {
        std::iter::successors(last, |id| self.hyps[id.0 as usize].parent)
    }
}

/// Everything the verdicts are computed from.
pub(crate) struct Obligations {
    pub units: Vec<Unit>,
    /// See [`Unit::evident`]; of units that owe nothing.
    pub evident: Vec<(Kind, FileSpan)>,
}
