//! Which written refinements are one type.
//!
//! For typing an alias is its body (language reference, chapter 03.5), so two
//! refinements are the same type when their bases are and their predicates say the
//! same up to spelling and the names of aliases: one `State` cell, one type of a
//! function's parameter. Each is still checked where it is written.

use smol_str::SmolStr;
use vera_syntax::ast::{self, TypeId, TypeKind};
use vera_syntax::print::{self, Inline};

use crate::context::Context;
use crate::resolve::TypeScope;
use crate::typed::{ModuleId, RefinementId};
use crate::types::{Ty, TyKind, any};

/// What tells a refinement from others.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Identity {
    base: Ty,
    /// The predicate, with its subject nameless.
    predicate: String,
    /// How the base is written, where the predicate binds slots of its own, so that
    /// the subject's name decides what they hide.
    subject: Option<String>,
    /// Where the predicate names what belongs to a module.
    module: Option<ModuleId>,
    /// How many type parameters are in scope, if it mentions any.
    params: usize,
}

/// A refinement at the place where it is written.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    pub own: RefinementId,
    /// The first that is the same type; it stands for all.
    pub shared: RefinementId,
    /// The type parameters it mentions; all of those in scope if any.
    pub params: Vec<SmolStr>,
}

/// The refinement written at `id`, whose base is `base`; new ones are to be checked.
pub(crate) fn written(ctx: &mut Context, scope: &TypeScope, id: TypeId, base: Ty) -> Written {
    if let Some(known) = ctx.refinements.get(&(scope.module, id)) {
        return known.clone();
    }
    let tree = std::sync::Arc::clone(&ctx.trees[scope.module.index()]);
    let TypeKind::Refined { base: base_written, predicate } = tree.nodes[id].kind else {
        unreachable!("a refinement is written as one");
    };
    let own = ctx.new_refinement(scope.module, base, predicate);
    ctx.program.refinements[own.index()].span = tree.nodes[id].span;
    let identity = identity(ctx, scope, &tree.nodes, base, (base_written, predicate));
    let params = scope.params[..identity.params].to_vec();
    let shared = *ctx.same_refinements.entry(identity).or_insert(own);
    let written = Written { own, shared, params };
    ctx.refinements.insert((scope.module, id), written.clone());
    ctx.pending_refinements.push((own, scope.params.clone(), id));
    written
}

fn identity(
    ctx: &mut Context,
    scope: &TypeScope,
    nodes: &ast::Nodes,
    base: Ty,
    (base_written, predicate): (TypeId, ast::ExprId),
) -> Identity {
    let subject = print::inline(nodes, |w| w.ty(base_written));
    let nameless = |ty: TypeId, index: u32| {
        (index == 0 && print::inline(nodes, |w| w.ty(ty)) == subject).then_some("@.0")
    };
    let mut inline = Inline { nodes, out: String::new(), slot: Some(&nameless) };
    inline.expr(predicate);
    let text = inline.out;
    // Closures, quantifiers, arms and clauses have an arrow. The words are looked for in
    // string literals too, which at most keeps apart what is the same.
    let binds = text.contains("->") || text.contains("let ");
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let words: Vec<&str> = text
        .split(|c| !is_word(c))
        .filter(|word| word.starts_with(|c: char| c.is_alphabetic() || c == '_'))
        .collect();
    // A name that a program can declare itself may mean another function elsewhere.
    let reserved = |f: &vera_builtins::Function| !f.can_be_redeclared();
    let everywhere = |word: &&str| {
        matches!(*word, "true" | "false") || vera_builtins::function(word).is_some_and(reserved)
    };
    let is_param = |word: &&str| scope.params.iter().any(|param| param == word);
    let own = !words.iter().all(|word| everywhere(word) || is_param(word));
    let generic = any(&ctx.program.types, base, &mut |kind| matches!(kind, TyKind::Param(..)))
        || words.iter().any(is_param);
    // A parameter is its place in the list; what it is called does not matter.
    let base = ctx.program.types.map(base, &mut |types, ty| match *types.kind(ty) {
        TyKind::Param(index, _) => Some(types.intern(TyKind::Param(index, SmolStr::default()))),
        _ => None,
    });
    let mut predicate = text.clone();
    if generic {
        for (index, param) in scope.params.iter().enumerate() {
            predicate = replace_word(&predicate, param, &format!("${index}"));
        }
    }
    Identity {
        base,
        predicate,
        subject: binds.then_some(subject),
        module: own.then_some(scope.module),
        params: if generic { scope.params.len() } else { 0 },
    }
}

/// `text` with a word replaced where it stands as one.
fn replace_word(text: &str, word: &str, by: &str) -> String {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, found) = rest.split_at(at);
        let after = &found[word.len()..];
        out.push_str(before);
        let alone = !before.ends_with(is_word) && !after.starts_with(is_word);
        out.push_str(if alone { by } else { word });
        rest = after;
    }
    out.push_str(rest);
    out
}
