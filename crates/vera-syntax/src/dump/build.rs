//! Syntax trees in uniform shape, with the node and field names of the language
//! reference, chapter 01 section 9.

use smol_str::{SmolStr, ToSmolStr};
use vera_diagnostics::Span;

use super::{Node, Tree};
use crate::ast::{
    Arm, Block, Clause, ClauseKind, Closure, Constraint, CtorDecl, DataDecl, Decl, EffectRef,
    EffectRow, ExprId, ExprKind, FnDecl, Handle, HandlerClause, HandlerState, InterpolPart, Name,
    Nodes, OpDecl, OpSetDecl, Path, PatternId, PatternKind, Program, Quantifier, Stage, Stmt,
    StmtKind, TopDecl, TypeId, TypeKind, Visibility,
};

pub(super) fn program(program: &Program) -> Tree {
    let b = Builder { nodes: &program.nodes };
    let module = program.module.as_ref();
    let fields = vec![
        ("module", optional(module, |m| node("ModuleDecl", m.span, vec![("path", path(&m.path))]))),
        (
            "imports",
            list(&program.imports, |i| {
                let named = optional(i.names.as_ref(), |all| names(all));
                node("ImportDecl", i.span, vec![("path", path(&i.path)), ("names", named)])
            }),
        ),
        ("declarations", list(&program.decls, |decl| b.top_decl(decl))),
    ];
    Tree::Node(Node { name: "Program", span: program.span, fields })
}

fn node(name: &'static str, span: Span, fields: Vec<(&'static str, Tree)>) -> Tree {
    Tree::Node(Node { name, span: Some(span), fields })
}

fn optional<T>(value: Option<T>, build: impl FnOnce(T) -> Tree) -> Tree {
    value.map_or(Tree::Null, build)
}

fn list<'a, T: 'a>(
    items: impl IntoIterator<Item = &'a T>,
    build: impl FnMut(&'a T) -> Tree,
) -> Tree {
    Tree::List(items.into_iter().map(build).collect())
}

/// A list that is absent when empty.
fn list_or_null<T>(items: &[T], build: impl FnMut(&T) -> Tree) -> Tree {
    if items.is_empty() { Tree::Null } else { Tree::List(items.iter().map(build).collect()) }
}

fn name(name: &Name) -> Tree {
    Tree::Str(name.text.clone())
}

fn names(names: &[Name]) -> Tree {
    list(names, name)
}

fn path(path: &Path) -> Tree {
    names(&path.segments)
}

fn label(label: &Option<SmolStr>) -> Tree {
    optional(label.as_ref(), |text| Tree::Str(text.clone()))
}

struct Builder<'t> {
    nodes: &'t Nodes,
}

impl Builder<'_> {
    fn top_decl(&self, top: &TopDecl) -> Tree {
        let visibility = optional(top.visibility, |v| {
            Tree::Str(SmolStr::new_static(match v {
                Visibility::Public => "public",
                Visibility::Private => "private",
            }))
        });
        let decl = match &top.decl {
            Decl::Fn(decl) => self.fn_decl(decl),
            Decl::Data(decl) => self.data_decl(decl),
            Decl::Alias(decl) => node(
                "TypeAliasDecl",
                decl.span,
                vec![
                    ("name", name(&decl.name)),
                    ("type_params", list_or_null(&decl.params, name)),
                    ("type_expr", self.ty(decl.ty)),
                ],
            ),
            Decl::Effect(decl) => self.op_set("EffectDecl", decl),
            Decl::Ability(decl) => self.op_set("AbilityDecl", decl),
        };
        node("TopLevelDecl", top.span, vec![("visibility", visibility), ("decl", decl)])
    }

    fn fn_decl(&self, decl: &FnDecl) -> Tree {
        let forall = decl.forall.as_ref();
        let constraints = forall.map_or(Tree::Null, |f| list_or_null(&f.constraints, constraint));
        let helpers = match decl.where_span {
            Some(_) => list(&decl.helpers, |helper| self.fn_decl(helper)),
            None => Tree::Null,
        };
        node(
            "FnDecl",
            decl.span,
            vec![
                ("name", name(&decl.name)),
                ("forall_vars", optional(forall, |f| names(&f.vars))),
                ("forall_constraints", constraints),
                ("params", self.types(&decl.params)),
                ("return_type", self.ty(decl.ret)),
                ("contracts", list(&decl.clauses, |clause| self.clause(clause))),
                ("effect", self.effect_row(&decl.effects)),
                ("body", self.block(&decl.body)),
                ("where_fns", helpers),
                ("param_annotations", list(&decl.param_labels, label)),
                ("return_annotation", label(&decl.ret_label)),
                ("where_span", optional(decl.where_span, Tree::Span)),
            ],
        )
    }

    fn clause(&self, clause: &Clause) -> Tree {
        match &clause.kind {
            ClauseKind::Requires(e) => node("Requires", clause.span, vec![("expr", self.expr(*e))]),
            ClauseKind::Ensures(e) => node("Ensures", clause.span, vec![("expr", self.expr(*e))]),
            ClauseKind::Decreases(es) => {
                node("Decreases", clause.span, vec![("exprs", self.exprs(es))])
            }
        }
    }

    fn data_decl(&self, decl: &DataDecl) -> Tree {
        node(
            "DataDecl",
            decl.span,
            vec![
                ("name", name(&decl.name)),
                ("type_params", list_or_null(&decl.params, name)),
                ("invariant", optional(decl.invariant, |e| self.expr(e))),
                ("constructors", list(&decl.ctors, |ctor| self.ctor(ctor))),
            ],
        )
    }

    fn ctor(&self, ctor: &CtorDecl) -> Tree {
        let fields = list_or_null(&ctor.fields, |ty| self.ty(*ty));
        node("Constructor", ctor.span, vec![("name", name(&ctor.name)), ("fields", fields)])
    }

    fn op_set(&self, kind: &'static str, decl: &OpSetDecl) -> Tree {
        node(
            kind,
            decl.span,
            vec![
                ("name", name(&decl.name)),
                ("type_params", list_or_null(&decl.params, name)),
                ("operations", list(&decl.ops, |op| self.op(op))),
            ],
        )
    }

    fn op(&self, op: &OpDecl) -> Tree {
        node(
            "OpDecl",
            op.span,
            vec![
                ("name", name(&op.name)),
                ("param_types", self.types(&op.params)),
                ("return_type", self.ty(op.ret)),
            ],
        )
    }

    fn effect_row(&self, row: &EffectRow) -> Tree {
        if row.effects.is_empty() {
            return node("PureEffect", row.span, Vec::new());
        }
        let effects = list(&row.effects, |effect| self.effect_ref(effect));
        node("EffectSet", row.span, vec![("effects", effects)])
    }

    fn effect_ref(&self, effect: &EffectRef) -> Tree {
        let mut fields = vec![("name", name(&effect.name)), ("type_args", self.args(&effect.args))];
        match &effect.qualifier {
            None => node("EffectRef", effect.span, fields),
            Some(module) => {
                fields.insert(0, ("module", name(module)));
                node("QualifiedEffectRef", effect.span, fields)
            }
        }
    }

    fn types(&self, types: &[TypeId]) -> Tree {
        list(types, |ty| self.ty(*ty))
    }

    /// Type arguments, absent when there are none.
    fn args(&self, types: &[TypeId]) -> Tree {
        list_or_null(types, |ty| self.ty(*ty))
    }

    fn ty(&self, id: TypeId) -> Tree {
        let ty = &self.nodes[id];
        match &ty.kind {
            TypeKind::Named { name: head, args } => node(
                "NamedType",
                ty.span,
                vec![("name", name(head)), ("type_args", self.args(args))],
            ),
            TypeKind::Fn { params, ret, effects } => node(
                "FnType",
                ty.span,
                vec![
                    ("params", self.types(params)),
                    ("return_type", self.ty(*ret)),
                    ("effect", self.effect_row(effects)),
                ],
            ),
            TypeKind::Refined { base, predicate } => node(
                "RefinementType",
                ty.span,
                vec![("base_type", self.ty(*base)), ("predicate", self.expr(*predicate))],
            ),
            TypeKind::Error => node("Error", ty.span, Vec::new()),
        }
    }

    fn block(&self, block: &Block) -> Tree {
        node(
            "Block",
            block.span,
            vec![
                ("statements", list(&block.stmts, |stmt| self.stmt(stmt))),
                ("expr", self.expr(block.result)),
            ],
        )
    }

    fn stmt(&self, stmt: &Stmt) -> Tree {
        match &stmt.kind {
            StmtKind::Let { ty, value } => node(
                "LetStmt",
                stmt.span,
                vec![("type_expr", self.ty(*ty)), ("value", self.expr(*value))],
            ),
            StmtKind::Destructure { head, binders, value } => node(
                "LetDestruct",
                stmt.span,
                vec![
                    ("constructor", name(head)),
                    ("type_bindings", self.types(binders)),
                    ("value", self.expr(*value)),
                ],
            ),
            StmtKind::Expr(expr) => node("ExprStmt", stmt.span, vec![("expr", self.expr(*expr))]),
        }
    }

    fn exprs(&self, exprs: &[ExprId]) -> Tree {
        list(exprs, |expr| self.expr(*expr))
    }

    fn expr(&self, id: ExprId) -> Tree {
        let expr = &self.nodes[id];
        let (kind, fields) = match &expr.kind {
            ExprKind::Int(digits) => ("IntLit", vec![("value", Tree::Int(digits.clone()))]),
            ExprKind::Float(digits) => ("FloatLit", vec![("value", Tree::Float(digits.clone()))]),
            ExprKind::Str(text) => ("StringLit", vec![("value", Tree::Str(text.clone()))]),
            ExprKind::Bool(value) => ("BoolLit", vec![("value", Tree::Bool(*value))]),
            ExprKind::Unit => ("UnitLit", Vec::new()),
            ExprKind::Hole => ("HoleExpr", Vec::new()),
            ExprKind::Error => ("Error", Vec::new()),
            ExprKind::Interpolated(parts) => {
                let parts = list(parts, |part| match part {
                    InterpolPart::Text(text) => Tree::Str(text.clone()),
                    InterpolPart::Expr(expr) => self.expr(*expr),
                });
                ("InterpolatedString", vec![("parts", parts)])
            }
            ExprKind::Array(elements) => ("ArrayLit", vec![("elements", self.exprs(elements))]),
            ExprKind::Slot { ty, index } => {
                let mut fields = self.slot_type(*ty);
                fields.push(("index", Tree::Int(index.to_smolstr())));
                ("SlotRef", fields)
            }
            ExprKind::Result { ty } => ("ResultRef", self.slot_type(*ty)),
            ExprKind::Unary { op, operand } => {
                ("UnaryExpr", vec![("op", Tree::Op(op.as_str())), ("operand", self.expr(*operand))])
            }
            ExprKind::Binary { op, left, right } => (
                "BinaryExpr",
                vec![
                    ("op", Tree::Op(op.as_str())),
                    ("left", self.expr(*left)),
                    ("right", self.expr(*right)),
                ],
            ),
            ExprKind::Index { array, index } => {
                ("IndexExpr", vec![("collection", self.expr(*array)), ("index", self.expr(*index))])
            }
            ExprKind::Call { name: callee, args, stage } => {
                ("FnCall", self.call(vec![("name", name(callee))], args, *stage))
            }
            ExprKind::CtorCall { name: callee, args, stage } => {
                ("ConstructorCall", self.call(vec![("name", name(callee))], args, *stage))
            }
            ExprKind::Ctor { name: ctor } => {
                ("NullaryConstructor", vec![("name", name(ctor)), ("owner", Tree::Null)])
            }
            ExprKind::OpCall { qualifier, name: op, args, stage } => {
                let callee = vec![("qualifier", name(qualifier)), ("name", name(op))];
                ("QualifiedCall", self.call(callee, args, *stage))
            }
            ExprKind::ModuleCall { path: module, name: callee, args, stage } => {
                let callee = vec![("path", path(module)), ("name", name(callee))];
                ("ModuleCall", self.call(callee, args, *stage))
            }
            ExprKind::Closure(closure) => return self.closure(closure),
            ExprKind::If { cond, then, otherwise } => (
                "IfExpr",
                vec![
                    ("condition", self.expr(*cond)),
                    ("then_branch", self.block(then)),
                    ("else_branch", self.block(otherwise)),
                ],
            ),
            ExprKind::Match { scrutinee, arms } => (
                "MatchExpr",
                vec![
                    ("scrutinee", self.expr(*scrutinee)),
                    ("arms", list(arms, |arm| self.arm(arm))),
                ],
            ),
            ExprKind::Block(block) => return self.block(block),
            ExprKind::Handle(handle) => return self.handle(handle),
            ExprKind::Old(effect) => ("OldExpr", vec![("effect_ref", self.effect_ref(effect))]),
            ExprKind::New(effect) => ("NewExpr", vec![("effect_ref", self.effect_ref(effect))]),
            ExprKind::Assert(claim) => ("AssertExpr", vec![("expr", self.expr(*claim))]),
            ExprKind::Assume(claim) => ("AssumeExpr", vec![("expr", self.expr(*claim))]),
            ExprKind::Quantifier { kind, index_ty, bound, predicate } => (
                match kind {
                    Quantifier::Forall => "ForallExpr",
                    Quantifier::Exists => "ExistsExpr",
                },
                vec![
                    ("binding_type", self.ty(*index_ty)),
                    ("domain", self.expr(*bound)),
                    ("predicate", self.closure(predicate)),
                ],
            ),
        };
        node(kind, expr.span, fields)
    }

    /// The name and arguments of a slot's type, as fields of the reference to it.
    fn slot_type(&self, ty: TypeId) -> Vec<(&'static str, Tree)> {
        match &self.nodes[ty].kind {
            TypeKind::Named { name: head, args } => {
                vec![("type_name", name(head)), ("type_args", self.args(args))]
            }
            TypeKind::Fn { .. } | TypeKind::Refined { .. } | TypeKind::Error => Vec::new(),
        }
    }

    fn call(
        &self,
        mut fields: Vec<(&'static str, Tree)>,
        args: &[ExprId],
        stage: Option<Stage>,
    ) -> Vec<(&'static str, Tree)> {
        fields.push(("args", self.exprs(args)));
        if let Some(stage) = stage {
            fields.push(("piped", Tree::Bool(true)));
            fields.push(("stage_span", Tree::Span(stage.span)));
        }
        fields
    }

    fn closure(&self, closure: &Closure) -> Tree {
        node(
            "AnonFn",
            closure.span,
            vec![
                ("params", self.types(&closure.params)),
                ("return_type", self.ty(closure.ret)),
                ("effect", self.effect_row(&closure.effects)),
                ("body", self.block(&closure.body)),
            ],
        )
    }

    fn arm(&self, arm: &Arm) -> Tree {
        let fields = vec![("pattern", self.pattern(arm.pattern)), ("body", self.expr(arm.body))];
        node("MatchArm", arm.span, fields)
    }

    fn pattern(&self, id: PatternId) -> Tree {
        let pattern = &self.nodes[id];
        let (kind, fields) = match &pattern.kind {
            PatternKind::Wildcard => ("WildcardPattern", Vec::new()),
            PatternKind::Binding(ty) => ("BindingPattern", vec![("type_expr", self.ty(*ty))]),
            PatternKind::Ctor { name: ctor, args } => {
                let args = list(args, |arg| self.pattern(*arg));
                ("ConstructorPattern", vec![("name", name(ctor)), ("sub_patterns", args)])
            }
            PatternKind::NullaryCtor { name: ctor } => {
                ("NullaryPattern", vec![("name", name(ctor))])
            }
            PatternKind::Int(digits) => ("IntPattern", vec![("value", Tree::Int(digits.clone()))]),
            PatternKind::Str(text) => ("StringPattern", vec![("value", Tree::Str(text.clone()))]),
            PatternKind::Bool(value) => ("BoolPattern", vec![("value", Tree::Bool(*value))]),
            PatternKind::Error => ("Error", Vec::new()),
        };
        node(kind, pattern.span, fields)
    }

    fn handle(&self, handle: &Handle) -> Tree {
        node(
            "HandleExpr",
            handle.span,
            vec![
                ("effect", self.effect_ref(&handle.effect)),
                ("state", optional(handle.state.as_ref(), |state| self.handler_state(state))),
                ("clauses", list(&handle.clauses, |clause| self.handler_clause(clause))),
                ("body", self.block(&handle.body)),
            ],
        )
    }

    fn handler_state(&self, state: &HandlerState) -> Tree {
        let fields = vec![("type_expr", self.ty(state.ty)), ("init_expr", self.expr(state.init))];
        node("HandlerState", state.span, fields)
    }

    fn handler_clause(&self, clause: &HandlerClause) -> Tree {
        let update =
            optional(clause.update, |(ty, value)| Tree::List(vec![self.ty(ty), self.expr(value)]));
        node(
            "HandlerClause",
            clause.span,
            vec![
                ("op_name", name(&clause.op)),
                ("params", self.types(&clause.params)),
                ("body", self.expr(clause.body)),
                ("state_update", update),
            ],
        )
    }
}

fn constraint(constraint: &Constraint) -> Tree {
    let fields =
        vec![("ability_name", name(&constraint.ability)), ("type_var", name(&constraint.var))];
    node("AbilityConstraint", constraint.span, fields)
}
