//! Types, rows and patterns.

use super::Inline;
use crate::ast::{EffectRef, EffectRow, PatternId, PatternKind, TypeId, TypeKind};

impl Inline<'_> {
    pub fn ty(&mut self, id: TypeId) {
        let nodes = self.nodes;
        match &nodes[id].kind {
            TypeKind::Named { name, args } => {
                self.name(name);
                self.type_args(args);
            }
            TypeKind::Fn { params, ret, effects } => {
                self.text("fn");
                self.op_signature(params, *ret);
                self.text(" ");
                self.effects(effects);
            }
            TypeKind::Refined { base, predicate } => {
                self.text("{ @");
                self.ty(*base);
                self.text(" | ");
                self.expr(*predicate);
                self.text(" }");
            }
            TypeKind::Error => {}
        }
    }

    fn type_args(&mut self, args: &[TypeId]) {
        if !args.is_empty() {
            self.text("<");
            self.types(args);
            self.text(">");
        }
    }

    pub fn types(&mut self, types: &[TypeId]) {
        self.list(types, |w, ty| w.ty(*ty));
    }

    /// `@T`
    pub fn binder(&mut self, ty: TypeId) {
        self.text("@");
        self.ty(ty);
    }

    pub fn binders(&mut self, types: &[TypeId]) {
        self.list(types, |w, ty| w.binder(*ty));
    }

    /// `(A, B -> R)`
    pub fn op_signature(&mut self, params: &[TypeId], ret: TypeId) {
        self.text("(");
        self.types(params);
        self.text(if params.is_empty() { "-> " } else { " -> " });
        self.ty(ret);
        self.text(")");
    }

    /// `effects(row)`
    pub fn effects(&mut self, row: &EffectRow) {
        self.text("effects(");
        if row.effects.is_empty() {
            self.text("pure");
        } else {
            self.text("<");
            self.list(&row.effects, |w, effect| w.effect_ref(effect));
            self.text(">");
        }
        self.text(")");
    }

    pub fn effect_ref(&mut self, effect: &EffectRef) {
        if let Some(qualifier) = &effect.qualifier {
            self.name(qualifier);
            self.text(".");
        }
        self.name(&effect.name);
        self.type_args(&effect.args);
    }

    pub fn pattern(&mut self, id: PatternId) {
        let nodes = self.nodes;
        match &nodes[id].kind {
            PatternKind::Wildcard => self.text("_"),
            PatternKind::Binding(ty) => self.binder(*ty),
            PatternKind::Ctor { name, args } => {
                self.name(name);
                self.text("(");
                self.list(args, |w, arg| w.pattern(*arg));
                self.text(")");
            }
            PatternKind::NullaryCtor { name } => self.name(name),
            PatternKind::Int(digits) => self.text(digits),
            PatternKind::Str(text) => self.string(text),
            PatternKind::Bool(value) => self.bool(*value),
            PatternKind::Error => {}
        }
    }
}
