//! The typed program: what the checker hands to the prover and to lowering.
//!
//! Names are resolved, slots are [`LocalId`]s, types are known (no inference
//! variables remain), and every place where a value enters a narrower type is
//! an explicit [`ExprKind::Narrow`]. Generic functions appear once, with
//! [`crate::types::TyKind::Param`]s; calls carry their type arguments.

use std::collections::BTreeSet;

use smol_str::SmolStr;
use vera_builtins::BuiltinId;
use vera_diagnostics::{FileId, FileSpan, Sources, Span};
pub use vera_syntax::ast::{BinaryOp, Quantifier, UnaryOp, Visibility};

use crate::types::{Ty, TyKind, Types, any};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(pub u32);
        impl $name {
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

ids! {
    /// A file of the program, the prelude included; indexes [`Program::modules`].
    ModuleId;
    /// A `data` declaration.
    DataId;
    /// A function: top level, `where` helper or prelude function.
    FnId;
    /// An effect, built in or declared.
    EffectId;
    /// A written refinement, or the invariant of a data type; indexes
    /// [`Program::refinements`].
    RefinementId;
    /// A binding of one [`Body`].
    LocalId;
    /// An expression of one [`Body`].
    ExprId;
    /// The bindings in scope at a place of one [`Body`]: none is 0, and number `i` is
    /// `scopes[i - 1]`.
    ScopeId;
}

/// Everything reachable from the entry file, without errors.
#[derive(Clone, Debug, Default)]
pub struct Program {
    pub types: Types,
    pub modules: Vec<Module>,
    pub datas: Vec<Data>,
    pub fns: Vec<Function>,
    pub effects: Vec<Effect>,
    pub refinements: Vec<Refinement>,
    /// Functions of the entry file in source order, helpers excluded.
    pub entry_fns: Vec<FnId>,
    /// Typed holes, in source order; a program with holes is not compiled.
    pub holes: Vec<FileSpan>,
}

#[derive(Clone, Debug)]
pub struct Module {
    pub file: FileId,
    /// Dotted path it was imported under; empty for the entry file and the prelude.
    pub path: String,
    /// The module every program contains; its functions are trusted.
    pub prelude: bool,
}

#[derive(Clone, Debug)]
pub struct Data {
    pub name: SmolStr,
    pub module: ModuleId,
    pub params: Vec<SmolStr>,
    pub ctors: Vec<Ctor>,
    /// What every value satisfies, written as a refinement of the type itself.
    pub invariant: Option<RefinementId>,
    pub span: Span,
}

impl Data {
    /// Whether no constructor declares a field.
    pub fn is_enum(&self) -> bool {
        self.ctors.iter().all(|c| c.fields.is_empty())
    }
}

#[derive(Clone, Debug)]
pub struct Ctor {
    pub name: SmolStr,
    /// Over [`crate::types::TyKind::Param`] numbers of the declaration.
    pub fields: Vec<Ty>,
    /// The slot name each field's written type would give a binding.
    pub slots: Vec<SmolStr>,
}

#[derive(Clone, Debug)]
pub struct Effect {
    pub name: SmolStr,
    /// `None` for a built-in effect.
    pub module: Option<ModuleId>,
    pub params: Vec<SmolStr>,
    pub ops: Vec<EffectOp>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct EffectOp {
    pub name: SmolStr,
    pub params: Vec<Ty>,
    pub ret: Ty,
}

/// `{ @base | predicate }`, or `data Base invariant(predicate)`.
#[derive(Clone, Debug)]
pub struct Refinement {
    pub module: ModuleId,
    /// The alias that stands for it, if one does.
    pub name: Option<SmolStr>,
    pub base: Ty,
    /// The predicate over one local, the value.
    pub binder: LocalId,
    pub body: Body,
    pub predicate: ExprId,
    /// Canonical text of the predicate.
    pub text: String,
    pub span: Span,
}

impl Refinement {
    /// The predicate as the program writes it, on one line.
    pub fn written(&self, program: &Program, sources: &Sources) -> String {
        let file = program.modules[self.module.index()].file;
        sources.one_line(FileSpan { file, span: self.body[self.predicate].span })
    }
}

/// An effect at type arguments.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EffectInst {
    pub effect: EffectId,
    pub args: Vec<Ty>,
}

#[derive(Clone, Debug)]
pub struct Function {
    pub name: SmolStr,
    pub module: ModuleId,
    pub visibility: Visibility,
    /// The enclosing function of a `where` helper.
    pub parent: Option<FnId>,
    /// All type parameters in scope: those of enclosing functions first, then
    /// its own. `Param(i)` in its types and body is `type_params[i]`.
    pub type_params: Vec<TypeParam>,
    /// How many of `type_params` belong to enclosing functions.
    pub inherited_params: usize,
    pub params: Vec<LocalId>,
    pub ret: Ty,
    /// The row, in source order.
    pub effects: Vec<EffectInst>,
    pub clauses: Vec<Clause>,
    /// The cycle of body calls it lies on, by number, if it is recursive.
    pub cycle: Option<u32>,
    pub body: Body,
    pub result: ExprId,
    /// The whole declaration.
    pub span: Span,
    pub name_span: Span,
    /// `f(@Int, @Nat -> @Bool)`, as messages print it.
    pub signature: String,
}

#[derive(Debug, Clone)]
pub struct TypeParam {
    pub name: SmolStr,
    /// Abilities it must have.
    pub abilities: Vec<Ability>,
    /// A recursion is at ever larger types here, so one instance serves all types
    /// that are references.
    pub shared: bool,
}

impl TypeParam {
    /// Whether `arg` stands for every type that is a reference.
    pub fn is_any_reference(&self, arg: Ty) -> bool {
        self.shared && arg == Ty::STRING
    }
}

/// The four built-in abilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Ability {
    Eq,
    Ord,
    Hash,
    Show,
}

impl Ability {
    /// The name of its one operation.
    pub const fn operation(self) -> &'static str {
        match self {
            Ability::Eq => "eq",
            Ability::Ord => "compare",
            Ability::Hash => "hash",
            Ability::Show => "show",
        }
    }
}

/// A contract clause; its expressions live in the function's body arena.
#[derive(Clone, Debug)]
pub struct Clause {
    pub kind: ClauseKind,
    pub span: Span,
    /// Canonical text of the predicate, for messages.
    pub text: String,
}

#[derive(Clone, Debug)]
pub enum ClauseKind {
    Requires(ExprId),
    Ensures(ExprId),
    Decreases(Vec<ExprId>),
}

/// The expressions and bindings of one function with its clauses, or of one
/// refinement predicate.
#[derive(Clone, Debug, Default)]
pub struct Body {
    pub exprs: Vec<Expr>,
    pub locals: Vec<Local>,
    /// See [`Body::in_scope`].
    pub scopes: Vec<Scope>,
    /// The `==` and `!=` of specifications on values that only these compare: arrays,
    /// tuples, and what holds such.
    pub compounds_compared: BTreeSet<ExprId>,
}

/// One more binding than there is around.
#[derive(Clone, Copy, Debug)]
pub struct Scope {
    pub outer: ScopeId,
    pub local: LocalId,
}

impl Body {
    /// The bindings in scope at an expression, innermost first.
    pub fn in_scope(&self, e: ExprId) -> impl Iterator<Item = LocalId> {
        let at = |id: ScopeId| id.index().checked_sub(1).and_then(|i| self.scopes.get(i));
        std::iter::successors(at(self[e].scope), move |s| at(s.outer)).map(|s| s.local)
    }
}

impl std::ops::Index<ExprId> for Body {
    type Output = Expr;
    fn index(&self, id: ExprId) -> &Expr {
        &self.exprs[id.index()]
    }
}

impl std::ops::Index<LocalId> for Body {
    type Output = Local;
    fn index(&self, id: LocalId) -> &Local {
        &self.locals[id.index()]
    }
}

/// A binding: a parameter, `let`, pattern binder or handler binding.
#[derive(Debug, Clone)]
pub struct Local {
    /// Its slot name (language reference, chapter 04.3).
    pub slot: SmolStr,
    pub ty: Ty,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub struct Expr {
    pub kind: ExprKind,
    pub ty: Ty,
    pub span: Span,
    /// What is in scope here, besides what it binds itself.
    pub scope: ScopeId,
}

#[derive(Debug, Clone)]
pub enum ExprKind {
    /// An `Int`, `Nat` or `Byte`, by the expression's type.
    Int(i64),
    Float(f64),
    Str(SmolStr),
    Bool(bool),
    Unit,
    Hole,
    /// Parts in order; each is of type `String`, `Int`, `Nat`, `Bool`, `Byte` or `Float64`.
    Interpolate(Vec<ExprId>),
    Array(Vec<ExprId>),
    Local(LocalId),
    /// `@T.result`, in `ensures` only.
    Result,
    Unary {
        op: UnaryOp,
        operand: ExprId,
    },
    /// Arithmetic, comparison and logic. The operands' types agree up to
    /// `Nat`/`Int` and refinements; `&&`, `||` and `==>` short-circuit.
    Binary {
        op: BinaryOp,
        left: ExprId,
        right: ExprId,
    },
    Index {
        array: ExprId,
        index: ExprId,
    },
    /// `type_args` cover all of the callee's `type_params`, inherited ones included.
    Call {
        callee: FnId,
        type_args: Vec<Ty>,
        args: Vec<ExprId>,
    },
    /// A function of the built-in table; `type_args` in the order of its signature.
    Builtin {
        function: BuiltinId,
        type_args: Vec<Ty>,
        args: Vec<ExprId>,
    },
    /// `apply_fn`
    Apply {
        function: ExprId,
        args: Vec<ExprId>,
    },
    /// `eq`, `compare`, `hash`, `show`; the ability stands for its one operation.
    AbilityOp {
        ability: Ability,
        args: Vec<ExprId>,
    },
    /// The expression's type is the data type at its arguments.
    Construct {
        data: DataId,
        ctor: u32,
        args: Vec<ExprId>,
    },
    Tuple(Vec<ExprId>),
    /// An effect operation.
    Perform {
        effect: EffectInst,
        op: u32,
        args: Vec<ExprId>,
    },
    /// The expression's type is the function type.
    Closure {
        params: Vec<LocalId>,
        body: ExprId,
    },
    If {
        cond: ExprId,
        then: ExprId,
        otherwise: ExprId,
    },
    Match {
        scrutinee: ExprId,
        arms: Vec<Arm>,
    },
    Block {
        stmts: Vec<Stmt>,
        result: ExprId,
    },
    Handle(Box<Handle>),
    /// `resume(value)` in a handler clause.
    Resume(ExprId),
    Old(EffectInst),
    New(EffectInst),
    /// `text` is the predicate as messages print it.
    Assert {
        predicate: ExprId,
        text: String,
    },
    Assume(ExprId),
    /// `predicate` is a closure of one integer parameter.
    Quantifier {
        kind: Quantifier,
        index_ty: Ty,
        bound: ExprId,
        predicate: ExprId,
    },
    /// The operand's value enters the type of this expression, which is a `Nat`
    /// or refinement its own type does not guarantee. Checked at run time.
    Narrow {
        value: ExprId,
        site: NarrowSite,
    },
}

/// Where a value enters a narrower type; decides the wording of a failed check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NarrowSite {
    Let,
    /// Parameter `index` of a call. The callee checks its own parameters, so
    /// lowering emits nothing here; the prover owes the fact.
    Argument,
    /// The result of the enclosing function or closure, which checks it itself.
    Return,
    /// A field of this constructor, `Tuple` included.
    Field(SmolStr),
    ArrayElement,
    /// A component of `let C<…>`.
    Destructure(SmolStr),
    /// An argument of a built-in function with a `Nat` parameter.
    BuiltinArgument,
    /// An argument of a function value, whose own parameter may be wider.
    AppliedArgument,
    OperationArgument(SmolStr),
    /// The argument of `throw`.
    Thrown,
    /// The argument of `put`.
    StatePut,
    HandlerState,
    StateUpdate,
    ResumeValue,
    /// A branch whose join is narrower than the branch.
    Join,
    /// An arm that binds the scrutinee.
    MatchBinding,
    /// An arm that binds a field of this constructor, `Tuple` included.
    SubPattern(SmolStr),
}

#[derive(Debug, Clone)]
pub struct Arm {
    pub pattern: Pattern,
    pub body: ExprId,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub struct Pattern {
    pub kind: PatternKind,
    /// The type of the value it is matched against.
    pub ty: Ty,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub enum PatternKind {
    Wildcard,
    /// Binds the value; when the local's type is narrower than the pattern's, it
    /// is checked at run time.
    Bind(LocalId),
    /// `args` is empty for a bare name that ignores its fields.
    Ctor {
        data: DataId,
        ctor: u32,
        args: Vec<Pattern>,
    },
    Tuple(Vec<Pattern>),
    Int(i64),
    Str(SmolStr),
    Bool(bool),
}

#[derive(Debug, Clone)]
pub enum Stmt {
    Let {
        local: LocalId,
        value: ExprId,
    },
    /// An irrefutable pattern of binders.
    Destructure {
        pattern: Pattern,
        value: ExprId,
    },
    Expr(ExprId),
}

/// A `handle` expression. The values of its body and clauses enter the type of the
/// expression and are checked against it, without [`ExprKind::Narrow`].
#[derive(Debug, Clone)]
pub struct Handle {
    pub effect: EffectInst,
    /// The state binding's type and its initial value.
    pub state: Option<(Ty, ExprId)>,
    pub clauses: Vec<HandlerClause>,
    pub body: ExprId,
}

#[derive(Debug, Clone)]
pub struct HandlerClause {
    pub op: u32,
    pub params: Vec<LocalId>,
    /// The state as the clause sees it.
    pub state: Option<LocalId>,
    pub body: ExprId,
    pub update: Option<ExprId>,
    pub span: Span,
}

impl ExprKind {
    /// Calls `f` with the expressions directly inside, in evaluation order; the
    /// clauses of a handler come between its state and its body.
    pub fn for_each_child(&self, mut f: impl FnMut(ExprId)) {
        let mut all = |es: &[ExprId]| es.iter().for_each(|e| f(*e));
        match self {
            ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Str(_)
            | ExprKind::Bool(_)
            | ExprKind::Unit
            | ExprKind::Hole
            | ExprKind::Local(_)
            | ExprKind::Result
            | ExprKind::Old(_)
            | ExprKind::New(_) => {}
            ExprKind::Interpolate(es) | ExprKind::Array(es) | ExprKind::Tuple(es) => all(es),
            ExprKind::Call { args, .. }
            | ExprKind::Builtin { args, .. }
            | ExprKind::AbilityOp { args, .. }
            | ExprKind::Construct { args, .. }
            | ExprKind::Perform { args, .. } => all(args),
            ExprKind::Unary { operand: e, .. }
            | ExprKind::Closure { body: e, .. }
            | ExprKind::Resume(e)
            | ExprKind::Assert { predicate: e, .. }
            | ExprKind::Assume(e)
            | ExprKind::Narrow { value: e, .. } => f(*e),
            ExprKind::Binary { left: a, right: b, .. }
            | ExprKind::Index { array: a, index: b }
            | ExprKind::Quantifier { bound: a, predicate: b, .. } => all(&[*a, *b]),
            ExprKind::Apply { function, args } => {
                all(&[*function]);
                all(args);
            }
            ExprKind::If { cond, then, otherwise } => all(&[*cond, *then, *otherwise]),
            ExprKind::Match { scrutinee, arms } => {
                f(*scrutinee);
                arms.iter().for_each(|arm| f(arm.body));
            }
            ExprKind::Block { stmts, result } => {
                stmts.iter().for_each(|stmt| f(stmt.value()));
                f(*result);
            }
            ExprKind::Handle(handle) => {
                handle.state.iter().for_each(|(_, init)| f(*init));
                for clause in &handle.clauses {
                    f(clause.body);
                    clause.update.into_iter().for_each(&mut f);
                }
                f(handle.body);
            }
        }
    }
}

impl Stmt {
    /// The expression it evaluates.
    pub fn value(&self) -> ExprId {
        match self {
            Stmt::Let { value, .. } | Stmt::Destructure { value, .. } | Stmt::Expr(value) => *value,
        }
    }
}

impl Program {
    /// The type arguments of the instance that a call of `callee` at these closed
    /// types runs. Where instances are shared, values are only handed on, so any type
    /// of the same representation stands for all: `String` for the references.
    pub fn instance_args(&self, types: &Types, callee: FnId, mut args: Vec<Ty>) -> Vec<Ty> {
        for (param, arg) in self.function(callee).type_params.iter().zip(&mut args) {
            if param.shared {
                *arg = self.stand_in(types, *arg);
            }
        }
        args
    }

    fn stand_in(&self, types: &Types, ty: Ty) -> Ty {
        match types.base_kind(ty) {
            TyKind::Int
            | TyKind::Nat
            | TyKind::Byte
            | TyKind::Bool
            | TyKind::Float64
            | TyKind::Unit
            | TyKind::Never
            | TyKind::Param(..)
            | TyKind::Meta(_)
            | TyKind::Undeclared(_)
            | TyKind::Unknown => ty,
            // What its values are checked against belongs to the instance.
            _ if matches!(types.kind(ty), TyKind::Refined(..)) => ty,
            TyKind::Data(id, _) if self.data(*id).is_enum() => ty,
            TyKind::Future(inner) => self.stand_in(types, *inner),
            TyKind::String
            | TyKind::Decimal
            | TyKind::Array(_)
            | TyKind::Set(_)
            | TyKind::Map(..)
            | TyKind::Tuple(_)
            | TyKind::Data(..)
            | TyKind::Fn { .. }
            | TyKind::Refined(..) => Ty::STRING,
        }
    }

    pub fn function(&self, id: FnId) -> &Function {
        &self.fns[id.index()]
    }

    pub fn data(&self, id: DataId) -> &Data {
        &self.datas[id.index()]
    }

    /// The invariant of a data type and the type's arguments, unless it says nothing.
    pub fn invariant(&self, types: &Types, ty: Ty) -> Option<(RefinementId, Vec<Ty>)> {
        let TyKind::Data(data, args) = types.base_kind(ty) else { return None };
        let id = self.data(*data).invariant?;
        let refinement = &self.refinements[id.index()];
        let trivial = matches!(refinement.body[refinement.predicate].kind, ExprKind::Bool(true));
        (!trivial).then(|| (id, args.clone()))
    }

    /// The data type whose invariant a refinement stands for, if it does.
    pub fn invariant_of(&self, id: RefinementId) -> Option<&Data> {
        match self.types.kind(self.refinements[id.index()].base) {
            TyKind::Data(data, _) => {
                Some(self.data(*data)).filter(|data| data.invariant == Some(id))
            }
            _ => None,
        }
    }

    /// The type arguments at which a host calls a public function; `None` where the
    /// signature leaves some open. A parameter that nothing determines is `Bool`, as
    /// at a call (language reference, chapter 03.10.1). `types` are the program's.
    pub fn entry_args(&self, types: &Types, id: FnId) -> Option<Vec<Ty>> {
        let function = self.function(id);
        let params = function.params.iter().map(|p| function.body[*p].ty);
        let row = function.effects.iter().flat_map(|e| e.args.iter().copied());
        let mut signature = params.chain(row).chain([function.ret]);
        let open = signature.any(|ty| any(types, ty, &mut |k| matches!(k, TyKind::Param(..))));
        (!open).then(|| vec![Ty::BOOL; function.type_params.len()])
    }

    /// Whether a module is the prelude.
    pub fn is_prelude(&self, module: ModuleId) -> bool {
        self.modules[module.index()].prelude
    }

    /// The prelude data type of this name.
    pub fn prelude_data(&self, name: &str) -> Option<DataId> {
        let prelude = self.modules.iter().position(|m| m.prelude)?;
        self.datas
            .iter()
            .position(|d| d.module.index() == prelude && d.name == name)
            .map(|i| DataId(i as u32))
    }
}
