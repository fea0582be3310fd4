//! The walk over expressions: dispatch, literals, slots, blocks and `let`.

use smol_str::SmolStr;
use vera_diagnostics::Span;
use vera_syntax::ast::{self, ExprKind as Syntax, InterpolPart, StmtKind, UnaryOp};
use vera_syntax::print;

use super::Infer;
use crate::diagnostics::{contracts, expressions as report, slots, types};
use crate::typed::{ExprId, ExprKind, LocalId, NarrowSite, Quantifier, Stmt};
use crate::types::{Ty, TyKind};

impl Infer<'_> {
    /// The typed form of an expression; `expected` is a hint that literals and
    /// open parts follow, not a check.
    pub(super) fn expr(&mut self, id: ast::ExprId, expected: Option<Ty>) -> ExprId {
        let tree = self.tree;
        let node = &tree.nodes[id];
        let span = node.span;
        match &node.kind {
            Syntax::Int(digits) => self.integer(digits, false, expected, span),
            Syntax::Float(digits) => {
                let value = digits.parse().unwrap_or(f64::INFINITY);
                self.push(ExprKind::Float(value), Ty::FLOAT64, span)
            }
            Syntax::Str(text) => self.push(ExprKind::Str(text.clone()), Ty::STRING, span),
            Syntax::Bool(value) => self.push(ExprKind::Bool(*value), Ty::BOOL, span),
            Syntax::Unit => self.push(ExprKind::Unit, Ty::UNIT, span),
            Syntax::Hole => self.hole(expected, span),
            Syntax::Interpolated(parts) => self.interpolated(parts, span),
            Syntax::Array(items) => self.array(items, expected, span),
            Syntax::Slot { ty, index } => self.slot(*ty, *index, span),
            Syntax::Result { ty } => self.result_ref(*ty, span),
            Syntax::Unary { op, operand } => {
                if *op == UnaryOp::Neg
                    && let Syntax::Int(digits) = &tree.nodes[*operand].kind
                {
                    return self.integer(digits, true, None, span);
                }
                self.unary(*op, *operand, span)
            }
            Syntax::Binary { op, left, right } => self.binary(*op, *left, *right, span),
            Syntax::Index { array, index } => self.index(*array, *index, span),
            Syntax::Call { name, args, stage } => {
                let at = stage.map_or(span, |s| s.span);
                self.call(name, args, expected, at)
            }
            Syntax::CtorCall { name, args, stage } => {
                let at = stage.map_or(span, |s| s.span);
                self.ctor_call(name, args, expected, at)
            }
            Syntax::Ctor { name } => self.nullary_ctor(name, expected, span),
            Syntax::OpCall { qualifier, name, args, stage } => {
                let at = stage.map_or(span, |s| s.span);
                self.qualified_call(qualifier, name, args, expected, at)
            }
            Syntax::ModuleCall { path, name, args, stage } => {
                let at = stage.map_or(span, |s| s.span);
                self.module_call(path, name, args, expected, at)
            }
            Syntax::Closure(closure) => self.closure(closure),
            Syntax::If { cond, then, otherwise } => {
                self.if_else(*cond, then, otherwise, expected, span)
            }
            Syntax::Match { scrutinee, arms } => self.match_(*scrutinee, arms, expected, span),
            Syntax::Block(block) => self.scoped(|this| this.block(block, expected)),
            Syntax::Handle(handle) => self.handle(handle, expected, span),
            Syntax::Old(effect) => self.old_or_new(effect, true, span),
            Syntax::New(effect) => self.old_or_new(effect, false, span),
            Syntax::Assert(predicate) => {
                let text = print::expr(&tree.nodes, *predicate);
                let predicate = self.fact(*predicate, contracts::assert_not_bool);
                self.push(ExprKind::Assert { predicate, text }, Ty::UNIT, span)
            }
            Syntax::Assume(predicate) => {
                let predicate = self.fact(*predicate, contracts::assume_not_bool);
                self.push(ExprKind::Assume(predicate), Ty::UNIT, span)
            }
            Syntax::Quantifier { kind, index_ty, bound, predicate } => {
                self.quantifier(*kind, *index_ty, *bound, predicate, span)
            }
            Syntax::Error => self.unknown(span),
        }
    }

    /// An expression that drew an error.
    pub(super) fn unknown(&mut self, span: Span) -> ExprId {
        self.push(ExprKind::Hole, Ty::UNKNOWN, span)
    }

    /// An integer literal, negated or not.
    fn integer(
        &mut self,
        digits: &SmolStr,
        negated: bool,
        expected: Option<Ty>,
        span: Span,
    ) -> ExprId {
        let limit = if negated { 1u64 << 63 } else { i64::MAX as u64 };
        let magnitude = digits.parse::<u64>().ok().filter(|m| *m <= limit);
        let value = match magnitude {
            Some(m) if negated => (m as i64).wrapping_neg(),
            Some(m) => m as i64,
            None => 0,
        };
        let ty = match expected.map(|e| self.shape(e)) {
            _ if negated => Ty::INT,
            Some(TyKind::Byte) => Ty::BYTE,
            Some(TyKind::Meta(_)) | None => self.fresh_literal(),
            Some(_) => Ty::INT,
        };
        let e = self.push(ExprKind::Int(value), ty, span);
        if negated {
            if magnitude.is_none() {
                let at = self.at(span);
                self.ctx.report(report::literal_range(at, digits, true, Ty::INT));
            }
        } else if matches!(self.ctx.program.types.kind(ty), TyKind::Meta(_)) {
            self.open_literals.push((e, digits.clone()));
        } else {
            // A literal on its way into a `Nat` is an `Int`; the message names the target.
            let target = match expected.map(|e| self.shape(e)) {
                Some(TyKind::Nat) => Ty::NAT,
                _ => ty,
            };
            self.literal_range(digits, target, span);
        }
        e
    }

    /// E149 unless the digits fit the type.
    pub(super) fn literal_range(&mut self, digits: &str, ty: Ty, span: Span) {
        let max = if ty == Ty::BYTE { 255 } else { i64::MAX as u64 };
        if !digits.parse::<u64>().is_ok_and(|m| m <= max) {
            let at = self.at(span);
            self.ctx.report(report::literal_range(at, digits, false, ty));
        }
    }

    fn hole(&mut self, expected: Option<Ty>, span: Span) -> ExprId {
        let at = self.at(span);
        let ty = match expected {
            Some(ty) => self.solved(ty),
            None => Ty::UNKNOWN,
        };
        let shown = if ty == Ty::UNKNOWN { "unknown".to_owned() } else { self.show(ty) };
        let bindings = self.bindings();
        self.ctx.report(report::hole(at, &shown, &bindings));
        self.ctx.program.holes.push(at);
        self.push(ExprKind::Hole, ty, span)
    }

    fn interpolated(&mut self, parts: &[InterpolPart], span: Span) -> ExprId {
        let mut typed = Vec::new();
        for part in parts {
            match part {
                InterpolPart::Text(text) if text.is_empty() => {}
                InterpolPart::Text(text) => {
                    typed.push(self.push(ExprKind::Str(text.clone()), Ty::STRING, span));
                }
                InterpolPart::Expr(id) => {
                    let e = self.expr(*id, None);
                    let ty = self.ty(e);
                    let ty = self.settle(ty);
                    match self.shape(ty) {
                        TyKind::String
                        | TyKind::Int
                        | TyKind::Nat
                        | TyKind::Bool
                        | TyKind::Byte
                        | TyKind::Float64
                        | TyKind::Never
                        | TyKind::Unknown => {}
                        _ => {
                            let at = self.at(self.tree.nodes[*id].span);
                            let shown = self.show(ty);
                            self.ctx.report(report::not_interpolable(at, &shown));
                        }
                    }
                    typed.push(e);
                }
            }
        }
        self.push(ExprKind::Interpolate(typed), Ty::STRING, span)
    }

    fn array(&mut self, items: &[ast::ExprId], expected: Option<Ty>, span: Span) -> ExprId {
        let hint = match expected.map(|e| self.shape(e)) {
            Some(TyKind::Array(element)) => Some(element),
            _ => None,
        };
        let mut element: Option<Ty> = None;
        let mut typed = Vec::new();
        let mut fits = true;
        for (i, item) in items.iter().enumerate() {
            // Once an element does not fit the expected type, the first one decides.
            let so_far = element.filter(|ty| self.shape(*ty) != TyKind::Never);
            let expected = if fits { hint.or(so_far) } else { so_far };
            let e = self.expr(*item, expected);
            let ty = self.ty(e);
            fits = fits && hint.is_none_or(|hint| self.subtype(ty, hint));
            match element {
                None => element = Some(ty),
                Some(known) => {
                    let known_now = self.solved(known);
                    if known_now == Ty::UNKNOWN || self.shape(known_now) == TyKind::Never {
                        element = Some(ty);
                    } else if !self.subtype(ty, known_now) {
                        let at = self.at(self.tree.nodes[*item].span);
                        let (want, found) = (self.show(known), self.show(ty));
                        self.ctx.report(report::element_type(at, i, &want, &found));
                    }
                }
            }
            typed.push(e);
        }
        // A hint that all elements fit is the element type.
        if let (Some(hint), Some(found)) = (hint, element)
            && self.subtype(found, hint)
        {
            element = Some(hint);
        }
        let element = match (element, hint) {
            (Some(ty), _) => ty,
            (None, Some(hint)) => hint,
            (None, None) => self.fresh(),
        };
        let typed = typed
            .into_iter()
            .map(|e| self.coerce(e, element, NarrowSite::ArrayElement).unwrap_or(e))
            .collect();
        let ty = self.ctx.program.types.intern(TyKind::Array(element));
        if !items.is_empty() && self.ctx.program.types.is_zero_size(self.shallow(element)) {
            let at = self.at(span);
            let shown = self.show(element);
            self.ctx.report(types::zero_size_element(at, "Array element", &shown));
        }
        self.push(ExprKind::Array(typed), ty, span)
    }

    fn slot(&mut self, ty: ast::TypeId, index: u32, span: Span) -> ExprId {
        let slot = self.slot_name(ty);
        let Some(local) = self.nth_slot(&slot, index) else {
            let count = self.slots.iter().filter(|(name, _)| *name == slot).count() as u32;
            let at = self.at(span);
            let bindings = self.bindings();
            let hint = self.handler_state_hint(&slot);
            self.ctx.report(slots::unresolved(at, &slot, index, count, &bindings, hint));
            return self.unknown(span);
        };
        let ty = self.body[local].ty;
        let now = self.solved(ty);
        if self.ctx.program.types.is_zero_size(now) {
            let at = self.at(span);
            let shown = self.show(now);
            self.ctx.report(slots::zero_size(at, &shown));
        }
        if let (TyKind::Param(index, _), super::Owner::Fn(id)) = (self.shape(now), self.owner) {
            self.ctx.param_reads[id.index()].insert(index);
        }
        self.push(ExprKind::Local(local), ty, span)
    }

    /// The type of the binding a slot reference names, without any report.
    pub(super) fn slot_type(&mut self, ty: ast::TypeId, index: u32) -> Option<Ty> {
        let slot = self.slot_name(ty);
        let local = self.nth_slot(&slot, index)?;
        Some(self.body[local].ty)
    }

    fn nth_slot(&self, slot: &str, index: u32) -> Option<LocalId> {
        self.slots
            .iter()
            .rev()
            .filter(|(name, _)| name == slot)
            .nth(index as usize)
            .map(|(_, local)| *local)
    }

    /// The bindings in scope, innermost first, as messages list them.
    pub(super) fn bindings(&mut self) -> String {
        const SHOWN: usize = 12;
        let mut seen: Vec<(SmolStr, u32)> = Vec::new();
        let mut rows = Vec::new();
        for (slot, local) in self.slots.clone().iter().rev() {
            let index = match seen.iter_mut().find(|(name, _)| name == slot) {
                Some((_, count)) => {
                    *count += 1;
                    *count
                }
                None => {
                    seen.push((slot.clone(), 0));
                    0
                }
            };
            if rows.len() < SHOWN {
                let ty = self.body[*local].ty;
                rows.push(format!("@{slot}.{index}: {}", self.show(ty)));
            } else {
                rows.push(String::new());
            }
        }
        let more = rows.len().saturating_sub(SHOWN);
        rows.truncate(SHOWN);
        let mut text = rows.join("; ");
        if more > 0 {
            text.push_str(&format!("; … and {more} more"));
        }
        text
    }

    fn result_ref(&mut self, ty: ast::TypeId, span: Span) -> ExprId {
        let at = self.at(span);
        let Some((slot, result)) = self.result.clone() else {
            self.ctx.report(slots::result_outside_ensures(at));
            return self.unknown(span);
        };
        let written = self.slot_name(ty);
        if written != slot {
            self.ctx.report(slots::result_type(at, &written, &slot));
            return self.unknown(span);
        }
        self.push(ExprKind::Result, result, span)
    }

    /// The predicate of `assert` or `assume`.
    fn fact(
        &mut self,
        e: ast::ExprId,
        not_bool: fn(vera_diagnostics::FileSpan, &str) -> vera_diagnostics::Diagnostic,
    ) -> ExprId {
        let outer = std::mem::replace(&mut self.stated, true);
        let predicate = self.predicate(e, not_bool);
        self.stated = outer;
        predicate
    }

    fn quantifier(
        &mut self,
        kind: Quantifier,
        index_ty: ast::TypeId,
        bound: ast::ExprId,
        predicate: &ast::Closure,
        span: Span,
    ) -> ExprId {
        let tree = self.tree;
        let index = self.resolve_type(index_ty);
        if !matches!(
            self.shape(index),
            TyKind::Int | TyKind::Nat | TyKind::Param(..) | TyKind::Unknown | TyKind::Undeclared(_)
        ) {
            let at = self.at(tree.nodes[index_ty].span);
            let shown = self.show(index);
            self.ctx.report(contracts::quantifier_index(at, &shown));
        }
        let bound_typed = self.expr(bound, None);
        let found = self.ty(bound_typed);
        let found = self.settle(found);
        if !matches!(self.shape(found), TyKind::Int | TyKind::Nat | TyKind::Unknown | TyKind::Never)
        {
            let at = self.at(tree.nodes[bound].span);
            let shown = self.show(found);
            self.ctx.report(contracts::quantifier_bound(at, &shown));
        }
        let closure = self.closure(predicate);
        let ty = self.ty(closure);
        if let TyKind::Fn { params, ret, row } = self.shape(ty) {
            let (param_at, ret_at) = match (params.as_slice(), predicate.params.as_slice()) {
                ([one], [written]) => {
                    let integer = matches!(
                        self.ctx.program.types.kind(self.shallow(*one)),
                        TyKind::Int | TyKind::Nat | TyKind::Unknown | TyKind::Undeclared(_)
                    );
                    let bool = matches!(
                        self.shape(ret),
                        TyKind::Bool | TyKind::Unknown | TyKind::Undeclared(_)
                    );
                    let at = |place: ast::TypeId| tree.nodes[place].span;
                    ((!integer).then(|| at(*written)), (!bool).then(|| at(predicate.ret)))
                }
                _ => (Some(predicate.span), None),
            };
            for place in param_at.into_iter().chain(ret_at) {
                let (at, shown) = (self.at(place), self.show(ty));
                self.ctx.report(contracts::quantifier_predicate(at, &shown));
            }
            self.performs(&row, span, "this quantifier's predicate");
        }
        let kind =
            ExprKind::Quantifier { kind, index_ty: index, bound: bound_typed, predicate: closure };
        self.push(kind, Ty::BOOL, span)
    }

    /// A block's statements and result; the caller opens the scope.
    pub(super) fn block(&mut self, block: &ast::Block, expected: Option<Ty>) -> ExprId {
        let mut stmts = Vec::new();
        for stmt in &block.stmts {
            match &stmt.kind {
                StmtKind::Let { ty, value } => stmts.push(self.let_(*ty, *value)),
                StmtKind::Destructure { head, binders, value } => {
                    stmts.push(self.destructure(head, binders, *value, stmt.span));
                }
                StmtKind::Expr(e) => {
                    let e = self.expr(*e, None);
                    stmts.push(Stmt::Expr(e));
                }
            }
        }
        let result = self.expr(block.result, expected);
        if stmts.is_empty() {
            return result;
        }
        let ty = self.body[result].ty;
        self.push(ExprKind::Block { stmts, result }, ty, block.span)
    }

    fn let_(&mut self, ty: ast::TypeId, value: ast::ExprId) -> Stmt {
        let declared = self.resolve_type(ty);
        let mut typed = self.scoped(|this| this.expr(value, Some(declared)));
        match self.coerce(typed, declared, NarrowSite::Let) {
            Some(e) => typed = e,
            None => {
                let found = self.ty(typed);
                let (want, found) = (self.show(declared), self.show(found));
                let at = self.at(self.tree.nodes[value].span);
                self.ctx.report(report::let_mismatch(at, &want, &found));
            }
        }
        if self.ctx.program.types.is_zero_size(declared) {
            let at = self.at(self.tree.nodes[value].span);
            let shown = self.show(declared);
            self.ctx.report(slots::zero_size_let(at, &shown));
        }
        let slot = self.slot_name(ty);
        let local = self.bind(slot, declared, self.tree.nodes[ty].span);
        if !matches!(self.tree.nodes[value].kind, Syntax::Block(_)) {
            self.let_values.insert(local, typed);
        }
        Stmt::Let { local, value: typed }
    }
}
