//! Where an effect comes to in a file: functions by calls, closures by what they call,
//! function types by the closures that become values of them, and functions again that
//! apply such values.

use std::collections::HashSet;

use vera_diagnostics::{FileSpan, Span};
use vera_syntax::ast::{self, Decl, ExprId, ExprKind, StmtKind, TypeId, TypeKind};

use crate::document::{Document, ENTRY};
use crate::proposals::functions;
use crate::slots;

/// What needs the effect in its row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// Top-level functions, by name.
    pub functions: HashSet<String>,
    /// Names of function types that the file declares.
    pub aliases: HashSet<String>,
    /// Closures, each where it stands.
    pub closures: HashSet<Span>,
}

/// Aliases lead to others so often.
const MOST_ALIASES: usize = 16;

/// One file, and an effect.
pub struct Flow<'d> {
    tree: &'d ast::Program,
    /// The bodies of handlers of the effect.
    handled: Vec<Span>,
    own_path: Option<String>,
    /// What is bound, with the type of the binding.
    lets: Vec<(TypeId, ExprId)>,
}

impl<'d> Flow<'d> {
    pub fn new(document: &'d Document, tree: &'d ast::Program, effect: &str) -> Flow<'d> {
        let text = |span| document.slice(FileSpan { file: ENTRY, span });
        let wanted = expanded(tree, &text, effect);
        let handles = tree.nodes.exprs().filter_map(|e| match &e.kind {
            ExprKind::Handle(handle) => {
                let head = expanded(tree, &text, text(handle.effect.span));
                (head == wanted).then_some(handle.body.span)
            }
            _ => None,
        });
        let stmts = slots::blocks(tree).into_iter().flat_map(|block| &block.stmts);
        let lets = stmts.filter_map(|stmt| match stmt.kind {
            StmtKind::Let { ty, value } => Some((ty, value)),
            StmtKind::Destructure { .. } | StmtKind::Expr(_) => None,
        });
        Flow {
            tree,
            handled: handles.collect(),
            own_path: tree.module.as_ref().map(|module| module.path.dotted()),
            lets: lets.collect(),
        }
    }

    /// All that an effect comes to which is performed in `reached`, and at `places`.
    pub fn closed(&self, mut reached: Reached, places: &[Span]) -> Reached {
        places.iter().for_each(|place| self.performed(*place, &mut reached));
        loop {
            let before = reached.clone();
            for e in self.tree.nodes.exprs() {
                if self.performs(e, &reached) {
                    self.performed(e.span, &mut reached);
                }
            }
            let closures: Vec<Span> = reached.closures.iter().copied().collect();
            for closure in closures {
                self.becomes(closure, &mut reached);
            }
            if reached == before {
                return reached;
            }
        }
    }

    /// Whether an expression calls what performs the effect.
    fn performs(&self, e: &ast::Expr, reached: &Reached) -> bool {
        match &e.kind {
            ExprKind::Call { name, args, .. } if name.text == "apply_fn" => {
                args.first().is_some_and(|f| match self.tree.nodes[*f].kind {
                    ExprKind::Slot { ty, .. } => {
                        self.named(ty).is_some_and(|name| reached.aliases.contains(name))
                    }
                    _ => false,
                })
            }
            ExprKind::Call { name, .. } => reached.functions.contains(name.text.as_str()),
            ExprKind::ModuleCall { path, name, .. } => {
                self.own_path.as_deref() == Some(&path.dotted())
                    && reached.functions.contains(name.text.as_str())
            }
            _ => false,
        }
    }

    /// The effect is performed at a place: by the function around it, and by the closure,
    /// unless a handler is nearer.
    fn performed(&self, at: Span, reached: &mut Reached) {
        if self.handled.iter().any(|body| contains(*body, at)) {
            return;
        }
        let function = functions(self.tree).find(|f| contains(f.span, at));
        reached.functions.extend(function.map(|f| f.name.text.to_string()));
        let closures = self.closures().filter(|closure| contains(closure.span, at));
        let innermost = closures.min_by_key(|closure| closure.span.end - closure.span.start);
        reached.closures.extend(innermost.map(|closure| closure.span));
    }

    /// The types that a closure is a value of.
    fn becomes(&self, closure: Span, reached: &mut Reached) {
        let is_it = |e: ExprId| self.tree.nodes[e].span == closure;
        let of_lets = self.lets.iter().filter(|(_, value)| is_it(*value)).map(|(ty, _)| *ty);
        let mut types: Vec<TypeId> = of_lets.collect();
        for f in functions(self.tree).filter(|f| is_it(f.body.result)) {
            types.push(f.ret);
        }
        for e in self.tree.nodes.exprs() {
            let (parameters, args) = match &e.kind {
                ExprKind::Call { name, args, .. } => {
                    let callee = functions(self.tree).find(|f| f.name.text == name.text);
                    (callee.map(|f| &f.params), args)
                }
                ExprKind::CtorCall { name, args, .. } => (self.fields(&name.text), args),
                _ => continue,
            };
            let pairs = parameters.into_iter().flatten().zip(args);
            types.extend(pairs.filter(|(_, arg)| is_it(**arg)).map(|(ty, _)| *ty));
        }
        let declared = types.into_iter().filter_map(|ty| self.named(ty));
        reached.aliases.extend(declared.filter(|n| self.alias(n).is_some()).map(str::to_owned));
    }

    /// The types of a constructor's fields.
    fn fields(&self, name: &str) -> Option<&'d Vec<TypeId>> {
        self.tree.decls.iter().find_map(|decl| match &decl.decl {
            Decl::Data(data) => {
                data.ctors.iter().find(|ctor| ctor.name.text == name).map(|ctor| &ctor.fields)
            }
            Decl::Fn(_) | Decl::Alias(_) | Decl::Effect(_) | Decl::Ability(_) => None,
        })
    }

    fn named(&self, ty: TypeId) -> Option<&'d str> {
        match &self.tree.nodes[ty].kind {
            TypeKind::Named { name, .. } => Some(name.text.as_str()),
            TypeKind::Fn { .. } | TypeKind::Refined { .. } | TypeKind::Error => None,
        }
    }

    /// The row of a function type that the file declares.
    pub fn alias(&self, name: &str) -> Option<&'d ast::EffectRow> {
        match &self.tree.nodes[alias(self.tree, name)?.ty].kind {
            TypeKind::Fn { effects, .. } => Some(effects),
            TypeKind::Named { .. } | TypeKind::Refined { .. } | TypeKind::Error => None,
        }
    }

    /// The closures of the file.
    pub fn closures(&self) -> impl Iterator<Item = &'d ast::Closure> {
        self.tree.nodes.exprs().filter_map(|e| match &e.kind {
            ExprKind::Closure(closure) => Some(&**closure),
            _ => None,
        })
    }
}

fn alias<'t>(tree: &'t ast::Program, name: &str) -> Option<&'t ast::AliasDecl> {
    tree.decls.iter().find_map(|decl| match &decl.decl {
        Decl::Alias(alias) if alias.name.text == name && alias.params.is_empty() => Some(alias),
        Decl::Alias(_) | Decl::Fn(_) | Decl::Data(_) | Decl::Effect(_) | Decl::Ability(_) => None,
    })
}

/// An effect as it is written, without blanks, what aliases of the file stand for in their
/// place: two that read alike are one instance.
fn expanded<'t>(tree: &'t ast::Program, text: &dyn Fn(Span) -> &'t str, effect: &str) -> String {
    let mut effect = effect.to_owned();
    for _ in 0..MOST_ALIASES {
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        let mut next = String::new();
        for word in effect.split_inclusive(|c| !is_name(c)) {
            let name = word.trim_end_matches(|c| !is_name(c));
            match alias(tree, name) {
                Some(alias) => next.push_str(text(tree.nodes[alias.ty].span)),
                None => next.push_str(name),
            }
            next.push_str(&word[name.len()..]);
        }
        if next == effect {
            break;
        }
        effect = next;
    }
    effect.retain(|c| !c.is_whitespace());
    effect
}

fn contains(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}
