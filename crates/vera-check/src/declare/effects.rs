//! Which effects of different files are one.
//!
//! Effects are not imported: a file whose rows use one declares its own copy (language
//! reference, chapter 11.2), and effects cross modules unchanged. So declarations that
//! say the same, down to the types they mean, are one effect.

use std::collections::HashMap;
use std::sync::Arc;

use smol_str::SmolStr;
use vera_syntax::ast::{Decl, Nodes, OpSetDecl};
use vera_syntax::print;

use crate::context::{Context, TypeDef};
use crate::typed::{EffectId, ModuleId};

/// What an effect declares, as far as text and names tell.
#[derive(PartialEq, Eq, Hash)]
struct Declared {
    text: String,
    /// What the capitalised names in it stand for.
    names: Vec<Option<TypeDef>>,
}

/// Makes equal declarations one effect. Names are in scope, no type is resolved yet.
pub(super) fn unify(ctx: &mut Context, modules: &[ModuleId]) {
    let mut first: HashMap<Declared, EffectId> = HashMap::new();
    for module in modules {
        let tree = Arc::clone(&ctx.trees[module.index()]);
        // Of several of one name the first counts; the others are refused.
        let mut known: Vec<SmolStr> = Vec::new();
        for decl in &tree.decls {
            let Decl::Effect(effect) = &decl.decl else { continue };
            let name = &effect.name.text;
            let own = ctx.scopes[module.index()].effects.get(name).copied();
            let Some(own) = own.filter(|_| !known.contains(name)) else { continue };
            known.push(name.clone());
            let declared = declared(ctx, *module, &tree.nodes, effect);
            let shared = *first.entry(declared).or_insert(own);
            ctx.scopes[module.index()].effects.insert(name.clone(), shared);
        }
    }
}

fn declared(ctx: &Context, module: ModuleId, nodes: &Nodes, effect: &OpSetDecl) -> Declared {
    let text = print::inline(nodes, |w| {
        w.text(&effect.name.text);
        w.type_params(&effect.params);
        for op in &effect.ops {
            w.text(&format!(" {}", op.name.text));
            w.op_signature(&op.params, op.ret);
        }
    });
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    let names = words
        .filter(|word| word.starts_with(|c: char| c.is_ascii_uppercase()))
        .map(|word| ctx.type_def(module, word))
        .collect();
    Declared { text, names }
}
