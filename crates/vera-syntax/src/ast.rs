//! The syntax tree: one arena per file, nodes referred to by typed ids.
//!
//! Every node has a span; what each span covers follows the language reference,
//! chapter 01 section 9.4. Parentheses leave no node. Names are text, not
//! resolved. A tree is only built for files without syntax errors in the places
//! it describes; the parser marks what it skipped with the `Error` variants.

use std::marker::PhantomData;
use std::ops::Index;

use smol_str::SmolStr;
use vera_diagnostics::Span;

/// Index of a node in the arena of its file.
pub struct Id<T> {
    raw: u32,
    of: PhantomData<fn() -> T>,
}

impl<T> Id<T> {
    /// Position in the arena; dense, so side tables are vectors.
    pub fn index(self) -> usize {
        self.raw as usize
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw
    }
}
impl<T> Eq for Id<T> {}
impl<T> std::hash::Hash for Id<T> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.raw.hash(state)
    }
}
impl<T> std::fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{}", self.raw)
    }
}

pub type ExprId = Id<Expr>;
pub type TypeId = Id<TypeExpr>;
pub type PatternId = Id<Pattern>;

/// The nodes of one file.
#[derive(Debug, Clone, Default)]
pub struct Nodes {
    exprs: Vec<Expr>,
    types: Vec<TypeExpr>,
    patterns: Vec<Pattern>,
}

impl Nodes {
    /// Every expression of the file.
    pub fn exprs(&self) -> impl Iterator<Item = &Expr> {
        self.exprs.iter()
    }

    /// Every written type of the file.
    pub fn types(&self) -> impl Iterator<Item = &TypeExpr> {
        self.types.iter()
    }

    /// Every pattern of the file.
    pub fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        self.patterns.iter()
    }
}

macro_rules! arena {
    ($node:ty, $field:ident, $add:ident, $len:ident) => {
        impl Nodes {
            pub fn $add(&mut self, node: $node) -> Id<$node> {
                self.$field.push(node);
                Id { raw: self.$field.len() as u32 - 1, of: PhantomData }
            }

            /// Number of nodes of this sort, for side tables.
            pub fn $len(&self) -> usize {
                self.$field.len()
            }
        }

        impl Index<Id<$node>> for Nodes {
            type Output = $node;
            fn index(&self, id: Id<$node>) -> &$node {
                &self.$field[id.index()]
            }
        }

        impl std::ops::IndexMut<Id<$node>> for Nodes {
            fn index_mut(&mut self, id: Id<$node>) -> &mut $node {
                &mut self.$field[id.index()]
            }
        }
    };
}
arena!(Expr, exprs, add_expr, expr_count);
arena!(TypeExpr, types, add_type, type_count);
arena!(Pattern, patterns, add_pattern, pattern_count);

/// A whole file.
#[derive(Debug, Clone, Default)]
pub struct Program {
    /// First to last token, or `None` for a file without tokens.
    pub span: Option<Span>,
    pub module: Option<ModuleDecl>,
    pub imports: Vec<ImportDecl>,
    pub decls: Vec<TopDecl>,
    pub nodes: Nodes,
}

/// An identifier and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    pub text: SmolStr,
    pub span: Span,
}

/// `a.b.c`
#[derive(Debug, Clone)]
pub struct Path {
    pub segments: Vec<Name>,
    pub span: Span,
}

impl Path {
    /// The dotted spelling.
    pub fn dotted(&self) -> String {
        let parts: Vec<&str> = self.segments.iter().map(|s| s.text.as_str()).collect();
        parts.join(".")
    }
}

#[derive(Debug, Clone)]
pub struct ModuleDecl {
    pub span: Span,
    pub path: Path,
}

#[derive(Debug, Clone)]
pub struct ImportDecl {
    pub span: Span,
    pub path: Path,
    /// `None` imports everything public.
    pub names: Option<Vec<Name>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    Public,
    Private,
}

#[derive(Debug, Clone)]
pub struct TopDecl {
    pub span: Span,
    pub visibility: Option<Visibility>,
    pub decl: Decl,
}

#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "most declarations are functions")]
pub enum Decl {
    Fn(FnDecl),
    Data(DataDecl),
    Alias(AliasDecl),
    Effect(OpSetDecl),
    Ability(OpSetDecl),
}

#[derive(Debug, Clone)]
pub struct FnDecl {
    pub span: Span,
    pub forall: Option<Forall>,
    pub name: Name,
    pub params: Vec<TypeId>,
    pub ret: TypeId,
    /// From `(` to `)`.
    pub signature_span: Span,
    pub clauses: Vec<Clause>,
    pub effects: EffectRow,
    pub body: Block,
    /// Empty without a `where` block.
    pub helpers: Vec<FnDecl>,
    pub where_span: Option<Span>,
    /// Slot labels from annotation comments, one per parameter.
    pub param_labels: Vec<Option<SmolStr>>,
    pub ret_label: Option<SmolStr>,
}

/// `forall<T, U where Eq<T>>`
#[derive(Debug, Clone)]
pub struct Forall {
    pub span: Span,
    pub vars: Vec<Name>,
    pub constraints: Vec<Constraint>,
}

/// `Eq<T>` in a `forall`.
#[derive(Debug, Clone)]
pub struct Constraint {
    pub span: Span,
    pub ability: Name,
    pub var: Name,
}

#[derive(Debug, Clone)]
pub struct Clause {
    pub span: Span,
    pub kind: ClauseKind,
}

#[derive(Debug, Clone)]
pub enum ClauseKind {
    Requires(ExprId),
    Ensures(ExprId),
    /// At least one component.
    Decreases(Vec<ExprId>),
}

#[derive(Debug, Clone)]
pub struct DataDecl {
    pub span: Span,
    pub name: Name,
    pub params: Vec<Name>,
    pub invariant: Option<ExprId>,
    /// At least one.
    pub ctors: Vec<CtorDecl>,
}

#[derive(Debug, Clone)]
pub struct CtorDecl {
    pub span: Span,
    pub name: Name,
    /// Empty for a constructor without fields.
    pub fields: Vec<TypeId>,
}

#[derive(Debug, Clone)]
pub struct AliasDecl {
    pub span: Span,
    pub name: Name,
    pub params: Vec<Name>,
    pub ty: TypeId,
}

/// An `effect` or `ability` declaration.
#[derive(Debug, Clone)]
pub struct OpSetDecl {
    pub span: Span,
    pub name: Name,
    pub params: Vec<Name>,
    pub ops: Vec<OpDecl>,
}

#[derive(Debug, Clone)]
pub struct OpDecl {
    pub span: Span,
    pub name: Name,
    pub params: Vec<TypeId>,
    pub ret: TypeId,
}

/// `pure` or `<A, B<C>>`; the span is that of the row, without `effects( )`.
#[derive(Debug, Clone)]
pub struct EffectRow {
    pub span: Span,
    /// Empty for `pure`.
    pub effects: Vec<EffectRef>,
}

#[derive(Debug, Clone)]
pub struct EffectRef {
    pub span: Span,
    /// `A` in `A.B`.
    pub qualifier: Option<Name>,
    pub name: Name,
    pub args: Vec<TypeId>,
}

#[derive(Debug, Clone)]
pub struct TypeExpr {
    pub span: Span,
    pub kind: TypeKind,
}

#[derive(Debug, Clone)]
pub enum TypeKind {
    Named {
        name: Name,
        args: Vec<TypeId>,
    },
    Fn {
        params: Vec<TypeId>,
        ret: TypeId,
        effects: EffectRow,
    },
    /// `{ @base | predicate }`
    Refined {
        base: TypeId,
        predicate: ExprId,
    },
    /// Stands where the parser found no type and reported it.
    Error,
}

/// The contents of `{ … }`; the span excludes the braces.
#[derive(Debug, Clone)]
pub struct Block {
    pub span: Span,
    pub stmts: Vec<Stmt>,
    pub result: ExprId,
}

#[derive(Debug, Clone)]
pub struct Stmt {
    pub span: Span,
    pub kind: StmtKind,
}

#[derive(Debug, Clone)]
pub enum StmtKind {
    /// `let @ty = value;`
    Let {
        ty: TypeId,
        value: ExprId,
    },
    /// `let head<@T1, @T2> = value;`
    Destructure {
        head: Name,
        binders: Vec<TypeId>,
        value: ExprId,
    },
    Expr(ExprId),
}

#[derive(Debug, Clone)]
pub struct Expr {
    pub span: Span,
    pub kind: ExprKind,
}

#[derive(Debug, Clone)]
pub enum ExprKind {
    /// The digits, any length, as written.
    Int(SmolStr),
    Float(SmolStr),
    /// The decoded value.
    Str(SmolStr),
    Bool(bool),
    Unit,
    Hole,
    Interpolated(Vec<InterpolPart>),
    Array(Vec<ExprId>),
    /// `@ty.index`; the type is a `Named` node. An index too large for `u32` is `u32::MAX`.
    Slot {
        ty: TypeId,
        index: u32,
    },
    /// `@ty.result`
    Result {
        ty: TypeId,
    },
    Unary {
        op: UnaryOp,
        operand: ExprId,
    },
    Binary {
        op: BinaryOp,
        left: ExprId,
        right: ExprId,
    },
    Index {
        array: ExprId,
        index: ExprId,
    },
    /// `name(args)`
    Call {
        name: Name,
        args: Vec<ExprId>,
        stage: Option<Stage>,
    },
    /// `Name(args)`
    CtorCall {
        name: Name,
        args: Vec<ExprId>,
        stage: Option<Stage>,
    },
    /// `Name`
    Ctor {
        name: Name,
    },
    /// `Effect.op(args)`
    OpCall {
        qualifier: Name,
        name: Name,
        args: Vec<ExprId>,
        stage: Option<Stage>,
    },
    /// `a.b::name(args)`
    ModuleCall {
        path: Path,
        name: Name,
        args: Vec<ExprId>,
        stage: Option<Stage>,
    },
    Closure(Box<Closure>),
    If {
        cond: ExprId,
        then: Block,
        otherwise: Block,
    },
    Match {
        scrutinee: ExprId,
        arms: Vec<Arm>,
    },
    Block(Block),
    Handle(Box<Handle>),
    Old(EffectRef),
    New(EffectRef),
    Assert(ExprId),
    Assume(ExprId),
    /// `forall(@index_ty, bound, predicate)`
    Quantifier {
        kind: Quantifier,
        index_ty: TypeId,
        bound: ExprId,
        predicate: Box<Closure>,
    },
    /// Stands where the parser found no expression and reported it.
    Error,
}

/// Marks a call written as a pipe stage: its first argument is the piped value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stage {
    /// The call as written, from its name to its `)`.
    pub span: Span,
}

#[derive(Debug, Clone)]
pub enum InterpolPart {
    /// The decoded text.
    Text(SmolStr),
    Expr(ExprId),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quantifier {
    Forall,
    Exists,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    Not,
    Neg,
}

impl UnaryOp {
    pub const fn as_str(self) -> &'static str {
        match self {
            UnaryOp::Not => "!",
            UnaryOp::Neg => "-",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    Implies,
    Or,
    And,
    Eq,
    Ne,
    Lt,
    Gt,
    Le,
    Ge,
    Add,
    Sub,
    Mul,
    Div,
    Rem,
}

impl BinaryOp {
    pub const fn as_str(self) -> &'static str {
        match self {
            BinaryOp::Implies => "==>",
            BinaryOp::Or => "||",
            BinaryOp::And => "&&",
            BinaryOp::Eq => "==",
            BinaryOp::Ne => "!=",
            BinaryOp::Lt => "<",
            BinaryOp::Gt => ">",
            BinaryOp::Le => "<=",
            BinaryOp::Ge => ">=",
            BinaryOp::Add => "+",
            BinaryOp::Sub => "-",
            BinaryOp::Mul => "*",
            BinaryOp::Div => "/",
            BinaryOp::Rem => "%",
        }
    }
}

/// `fn(@A, @B -> @C) effects(row) { body }`
#[derive(Debug, Clone)]
pub struct Closure {
    pub span: Span,
    pub params: Vec<TypeId>,
    pub ret: TypeId,
    pub effects: EffectRow,
    pub body: Block,
}

#[derive(Debug, Clone)]
pub struct Arm {
    pub span: Span,
    pub pattern: PatternId,
    pub body: ExprId,
}

#[derive(Debug, Clone)]
pub struct Pattern {
    pub span: Span,
    pub kind: PatternKind,
}

#[derive(Debug, Clone)]
pub enum PatternKind {
    Wildcard,
    /// `@T`; the type's span excludes the `@`.
    Binding(TypeId),
    /// `Name(p, …)`, at least one sub-pattern.
    Ctor {
        name: Name,
        args: Vec<PatternId>,
    },
    /// `Name`
    NullaryCtor {
        name: Name,
    },
    Int(SmolStr),
    Str(SmolStr),
    Bool(bool),
    /// Stands where the parser found no pattern and reported it.
    Error,
}

/// `handle[effect](@T = init) { clauses } in { body }`
#[derive(Debug, Clone)]
pub struct Handle {
    pub span: Span,
    pub effect: EffectRef,
    pub state: Option<HandlerState>,
    pub clauses: Vec<HandlerClause>,
    pub body: Block,
}

#[derive(Debug, Clone)]
pub struct HandlerState {
    pub span: Span,
    pub ty: TypeId,
    pub init: ExprId,
}

#[derive(Debug, Clone)]
pub struct HandlerClause {
    pub span: Span,
    pub op: Name,
    pub params: Vec<TypeId>,
    pub body: ExprId,
    /// `with @T = e`
    pub update: Option<(TypeId, ExprId)>,
}
