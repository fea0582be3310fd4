//! `if`, `match` and destructuring (language reference, chapters 05.9 to 05.12).

use vera_diagnostics::{FileSpan, Span};
use vera_syntax::ast::{self, Name};

use super::Infer;
use super::patterns::Covers;
use crate::context::{CtorDef, TypeDef};
use crate::diagnostics::repairs::add_arms;
use crate::diagnostics::{control as report, expressions, patterns};
use crate::exhaustive::Rows;
use crate::typed::{Arm, BinaryOp, ExprId, ExprKind, NarrowSite, Pattern, PatternKind, Stmt};
use crate::types::{Ty, TyKind};

impl Infer<'_> {
    pub(super) fn if_else(
        &mut self,
        cond: ast::ExprId,
        then: &ast::Block,
        otherwise: &ast::Block,
        expected: Option<Ty>,
        span: Span,
    ) -> ExprId {
        let cond_at = self.tree.nodes[cond].span;
        let hint = self.hole_hint(cond, Ty::BOOL);
        let cond = self.expr(cond, hint);
        let found = self.ty(cond);
        let found = self.settle(found);
        if self.open_var(found).is_some() || !self.subtype(found, Ty::BOOL) {
            let (at, shown) = (self.at(cond_at), self.show(found));
            self.ctx.report(report::condition(at, &shown));
        }
        let then_typed = self.scoped(|this| this.block(then, expected));
        let else_typed = self.scoped(|this| this.block(otherwise, expected));
        let (a, b) = (self.ty(then_typed), self.ty(else_typed));
        let both =
            |this: &Self| [then_typed, else_typed].into_iter().all(|e| this.evidently_natural(e));
        let ty = match self.join_branches(a, b, both) {
            Some(ty) => ty,
            None => {
                let (a_shown, b_shown) = (self.show(a), self.show(b));
                let at = self.at(span);
                self.ctx.report(report::branch_types(at, &a_shown, &b_shown));
                a
            }
        };
        let then = self.coerce(then_typed, ty, NarrowSite::Join).unwrap_or(then_typed);
        let otherwise = self.coerce(else_typed, ty, NarrowSite::Join).unwrap_or(else_typed);
        self.push(ExprKind::If { cond, then, otherwise }, ty, span)
    }

    /// The join of two branches; `Int` with `Nat` stays `Nat` when every branch
    /// is evidently not negative.
    fn join_branches(
        &mut self,
        a: Ty,
        b: Ty,
        all_natural: impl FnOnce(&Self) -> bool,
    ) -> Option<Ty> {
        let joined = self.join(a, b)?;
        let mixed = matches!(
            (self.shape(a), self.shape(b)),
            (TyKind::Int, TyKind::Nat) | (TyKind::Nat, TyKind::Int)
        );
        if mixed && all_natural(self) {
            return Some(Ty::NAT);
        }
        Some(joined)
    }

    fn evidently_natural(&self, e: ExprId) -> bool {
        let expr = &self.body[e];
        if matches!(self.shape(expr.ty), TyKind::Nat | TyKind::Never) {
            return true;
        }
        match &expr.kind {
            ExprKind::Int(value) => *value >= 0,
            ExprKind::Binary { op: BinaryOp::Sub, .. } => false,
            ExprKind::Binary { left, right, .. } => {
                self.evidently_natural(*left) && self.evidently_natural(*right)
            }
            ExprKind::If { then, otherwise, .. } => {
                self.evidently_natural(*then) && self.evidently_natural(*otherwise)
            }
            ExprKind::Match { arms, .. } => arms.iter().all(|a| self.evidently_natural(a.body)),
            ExprKind::Block { result, .. } => self.evidently_natural(*result),
            _ => false,
        }
    }

    pub(super) fn match_(
        &mut self,
        scrutinee: ast::ExprId,
        arms: &[ast::Arm],
        expected: Option<Ty>,
        span: Span,
    ) -> ExprId {
        let scrutinee_typed = self.expr(scrutinee, None);
        let ty = self.ty(scrutinee_typed);
        let ty = self.settle_all(ty);
        // What never comes fits every pattern.
        let ty = if self.shape(ty) == TyKind::Never { Ty::UNKNOWN } else { ty };
        let mut typed: Vec<Arm> = Vec::new();
        // So many arms from the first on are evidently not negative.
        let mut natural = 0;
        let mut result: Option<Ty> = None;
        // The arms that count, for coverage.
        let mut covering: Vec<(usize, Covers)> = Vec::new();
        let catch_all = arms.iter().position(|arm| self.takes_all(arm.pattern));
        for arm in arms {
            let depth = self.slots.len();
            let outer = std::mem::replace(&mut self.has_catch_all, catch_all.is_some());
            let (pattern, covers) = self.arm_pattern(arm.pattern, ty);
            self.has_catch_all = outer;
            if covers != Covers::Nothing {
                covering.push((typed.len(), covers));
            }
            let body = self.scoped(|this| this.expr(arm.body, expected.or(result)));
            self.leave(depth);
            let found = self.ty(body);
            result = Some(match result {
                None => found,
                Some(so_far) => {
                    let all_natural = |this: &Self| {
                        let rest: &[Arm] = &typed[natural..];
                        natural +=
                            rest.iter().take_while(|a| this.evidently_natural(a.body)).count();
                        natural == typed.len() && this.evidently_natural(body)
                    };
                    match self.join_branches(so_far, found, all_natural) {
                        Some(ty) => ty,
                        None => {
                            let (want, found) = (self.show(so_far), self.show(found));
                            let at = self.at(self.tree.nodes[arm.body].span);
                            self.ctx.report(report::arm_type(at, &want, &found));
                            so_far
                        }
                    }
                }
            });
            typed.push(Arm { pattern, body, span: arm.span });
        }
        let result = result.unwrap_or(Ty::UNKNOWN);
        for arm in &mut typed {
            arm.body = self.coerce(arm.body, result, NarrowSite::Join).unwrap_or(arm.body);
        }
        let hole = matches!(self.tree.nodes[scrutinee].kind, ast::ExprKind::Hole);
        // An arm that could not be read may take anything, or nothing.
        let all_read = !arms.iter().any(|arm| self.is_unread(arm.pattern));
        if all_read {
            self.unreachable_arms(ty, &typed, &covering, catch_all);
        }
        if all_read && catch_all.is_none() {
            let covering: Vec<&Pattern> =
                covering.iter().map(|(i, _)| &typed[*i].pattern).collect();
            let last = typed.last().map(|arm| self.at(arm.span));
            self.exhaustive(ty, &covering, hole, span, last);
        }
        self.push(ExprKind::Match { scrutinee: scrutinee_typed, arms: typed }, result, span)
    }

    /// Whether something of a pattern could not be read.
    fn is_unread(&self, pattern: ast::PatternId) -> bool {
        match &self.tree.nodes[pattern].kind {
            ast::PatternKind::Error => true,
            ast::PatternKind::Ctor { args, .. } => args.iter().any(|arg| self.is_unread(*arg)),
            ast::PatternKind::Wildcard
            | ast::PatternKind::Binding(_)
            | ast::PatternKind::NullaryCtor { .. }
            | ast::PatternKind::Int(_)
            | ast::PatternKind::Str(_)
            | ast::PatternKind::Bool(_) => false,
        }
    }

    /// Whether a pattern takes every value, by its form.
    fn takes_all(&self, pattern: ast::PatternId) -> bool {
        match &self.tree.nodes[pattern].kind {
            ast::PatternKind::Wildcard | ast::PatternKind::Binding(_) => true,
            ast::PatternKind::Ctor { name, args } if self.is_future(name) => {
                args.first().is_some_and(|arg| self.takes_all(*arg))
            }
            ast::PatternKind::Ctor { .. }
            | ast::PatternKind::NullaryCtor { .. }
            | ast::PatternKind::Int(_)
            | ast::PatternKind::Str(_)
            | ast::PatternKind::Bool(_)
            | ast::PatternKind::Error => false,
        }
    }

    /// E310 for each arm whose values earlier arms take.
    fn unreachable_arms(
        &mut self,
        ty: Ty,
        arms: &[Arm],
        covering: &[(usize, Covers)],
        catch_all: Option<usize>,
    ) {
        let ty = self.solved(ty);
        let mut rows = Rows::default();
        for (i, arm) in arms.iter().enumerate() {
            let found = covering.binary_search_by_key(&i, |(i, _)| *i);
            let counts = found.is_ok();
            let after = catch_all.is_some_and(|first| i > first);
            if after || (counts && !rows.leave(&mut self.ctx.program, &arm.pattern, ty)) {
                let at = self.at(arm.span);
                let before = self.at(arms[i.saturating_sub(1)].span);
                self.ctx.report(report::unreachable_arm(at, before));
            } else if found.is_ok_and(|at| covering[at].1 == Covers::Exactly) {
                rows.insert(&arm.pattern);
            }
        }
    }

    /// `last` is where the last arm stands.
    fn exhaustive(
        &mut self,
        ty: Ty,
        arms: &[&Pattern],
        hole: bool,
        span: Span,
        last: Option<FileSpan>,
    ) {
        let ty = self.solved(ty);
        let at = self.at(span);
        let (mut shape, mut futures) = (self.shape(ty), 0);
        while let TyKind::Future(inner) = shape {
            shape = self.shape(inner);
            futures += 1;
        }
        let written =
            |case: &str| format!("{}{case}{}", "Future(".repeat(futures), ")".repeat(futures));
        match shape {
            TyKind::Unknown if hole => {
                let mut report = report::needs_catch_all(at, "the hole");
                report.fixes.extend(last.map(|at| add_arms(at, &["_".to_owned()])));
                self.ctx.report(report);
            }
            // Whatever is wrong with these was reported.
            TyKind::Unknown
            | TyKind::Undeclared(_)
            | TyKind::Never
            | TyKind::Decimal
            | TyKind::Array(_)
            | TyKind::Set(_)
            | TyKind::Map(..) => {}
            TyKind::Data(..) | TyKind::Tuple(_) => {
                let missing = Rows::of(arms).missing(&mut self.ctx.program, ty);
                let missing: Vec<String> = missing.iter().map(|case| written(case)).collect();
                if !missing.is_empty() {
                    let shown = self.show(ty);
                    let mut report = report::missing_cases(at, &shown, &missing);
                    report.fixes.extend(last.map(|at| add_arms(at, &missing)));
                    self.ctx.report(report);
                }
            }
            TyKind::Bool => {
                let covered = |value: bool| {
                    arms.iter().any(|p| matches!(p.kind, PatternKind::Bool(b) if b == value))
                };
                let missing: Vec<String> = [(true, "true"), (false, "false")]
                    .into_iter()
                    .filter(|(value, _)| !covered(*value))
                    .map(|(_, name)| written(name))
                    .collect();
                if !missing.is_empty() {
                    let mut report = report::missing_bool(at, &missing.join(", "));
                    report.fixes.extend(last.map(|at| add_arms(at, &missing)));
                    self.ctx.report(report);
                }
            }
            TyKind::Int
            | TyKind::Nat
            | TyKind::Byte
            | TyKind::Float64
            | TyKind::String
            | TyKind::Unit
            | TyKind::Future(_)
            | TyKind::Fn { .. }
            | TyKind::Refined(..)
            | TyKind::Param(..)
            | TyKind::Meta(_) => {
                let shown = self.show(ty);
                let mut report = report::needs_catch_all(at, &shown);
                report.fixes.extend(last.map(|at| add_arms(at, &["_".to_owned()])));
                self.ctx.report(report);
            }
        }
    }

    /// `let head<@T1, …> = value;`
    pub(super) fn destructure(
        &mut self,
        head: &Name,
        binders: &[ast::TypeId],
        value: ast::ExprId,
        span: Span,
    ) -> Stmt {
        let typed = self.scoped(|this| this.expr(value, None));
        let ty = self.ty(typed);
        let ty = self.settle_all(ty);
        if let ([binder], true, TyKind::Future(inner)) =
            (binders, self.is_future(head), self.shape(ty))
        {
            // A future is its value.
            let part = self.part(*binder, Some(inner), 0);
            return Stmt::Destructure { pattern: Pattern { ty, span, ..part }, value: typed };
        }
        let hole = matches!(self.tree.nodes[value].kind, ast::ExprKind::Hole);
        let fields = self.head_fields(head, ty, binders.len(), hole, span);
        let mut parts = Vec::new();
        for (i, binder) in binders.iter().enumerate() {
            let field = fields.as_ref().map(|(_, f)| f[i]);
            parts.push(self.part(*binder, field, i));
        }
        let kind = match fields {
            Some((Some((data, ctor)), _)) => PatternKind::Ctor { data, ctor, args: parts },
            Some((None, _)) | None => PatternKind::Tuple(parts),
        };
        Stmt::Destructure { pattern: Pattern { kind, ty, span }, value: typed }
    }

    /// Binds part `i` of a destructured value.
    fn part(&mut self, binder: ast::TypeId, field: Option<Ty>, i: usize) -> Pattern {
        let declared = self.resolve_type(binder);
        let slot = self.slot_name(binder);
        let span = self.tree.nodes[binder].span;
        if let Some(field) = field
            && !self.subtype(field, declared)
        {
            let (want, found) = (self.show(declared), self.show(field));
            let at = self.at(span);
            self.ctx.report(expressions::component_mismatch(at, i + 1, &want, &found));
        }
        let local = self.bind(slot, declared, span);
        Pattern { kind: PatternKind::Bind(local), ty: field.unwrap_or(declared), span }
    }

    /// The constructor (none for a tuple) and field types a destructuring head
    /// selects from a value of type `ty`; `None` after a report.
    #[allow(clippy::type_complexity, reason = "a pair local to this file")]
    fn head_fields(
        &mut self,
        head: &Name,
        ty: Ty,
        count: usize,
        hole: bool,
        span: Span,
    ) -> Option<(Option<(crate::typed::DataId, u32)>, Vec<Ty>)> {
        let at = self.at(span);
        let shape = self.shape(ty);
        match shape {
            TyKind::Unknown if hole => {
                self.ctx.report(report::needs_catch_all(at, "the hole"));
                return None;
            }
            TyKind::Unknown | TyKind::Undeclared(_) | TyKind::Never => return None,
            _ => {}
        }
        let named = self.head_target(head, span)?;
        match (&shape, Some(named)) {
            (_, None) => None,
            (TyKind::Param(..) | TyKind::Meta(_) | TyKind::Fn { .. }, Some(_))
            | (_, Some(Head::Unbuildable)) => {
                let shown = self.show(ty);
                self.ctx.report(report::needs_catch_all(at, &shown));
                None
            }
            (TyKind::Tuple(parts), Some(Head::Tuple)) => {
                if parts.len() != count {
                    let shown = self.show(ty);
                    self.ctx.report(patterns::cannot_match(at, &head.text, &shown));
                    return None;
                }
                Some((None, parts.clone()))
            }
            (TyKind::Data(data, args), Some(Head::Ctor(owner, ctor))) if *data == owner => {
                let declared = self.ctx.program.data(owner);
                let fields = declared.ctors[ctor as usize].fields.clone();
                if fields.len() != count {
                    let name = &head.text;
                    self.ctx.report(patterns::field_count(at, name, fields.len(), count));
                    return None;
                }
                if declared.ctors.len() > 1 {
                    let others = self.ctor_names(owner, Some(ctor));
                    let shown = self.show(ty);
                    self.ctx.report(report::refutable_let(at, &head.text, &shown, &others));
                    return None;
                }
                let fields =
                    fields.iter().map(|f| self.ctx.program.types.subst(*f, args)).collect();
                Some((Some((owner, ctor)), fields))
            }
            (TyKind::Data(data, _), Some(Head::Several(named))) if *data == named => {
                let (shown, others) = (self.show(ty), self.ctor_names(named, None));
                self.ctx.report(report::refutable_let(at, &head.text, &shown, &others));
                None
            }
            (TyKind::Data(..) | TyKind::Tuple(_), Some(_)) => {
                let shown = self.show(ty);
                self.ctx.report(patterns::cannot_match(at, &head.text, &shown));
                None
            }
            (_, Some(_)) => {
                let shown = self.show(ty);
                self.ctx.report(patterns::cannot_match(at, &head.text, &shown));
                None
            }
        }
    }

    fn only_ctor(&self, data: crate::typed::DataId) -> Head {
        match self.ctx.program.data(data).ctors.len() {
            1 => Head::Ctor(data, 0),
            _ => Head::Several(data),
        }
    }

    /// Names of a type's constructors but one.
    fn ctor_names(&self, data: crate::typed::DataId, but: Option<u32>) -> Vec<String> {
        let ctors = self.ctx.program.data(data).ctors.iter().enumerate();
        ctors.filter(|(i, _)| but != Some(*i as u32)).map(|(_, c)| c.name.to_string()).collect()
    }

    /// What a destructuring head names: a constructor, a data type with one
    /// constructor, an alias of such a type or of a tuple, or `Tuple`; `None` after
    /// a report.
    fn head_target(&mut self, head: &Name, span: Span) -> Option<Head> {
        if head.text == "Tuple" {
            return Some(Head::Tuple);
        }
        if let Some(CtorDef::Ctor(data, ctor)) = self.ctx.ctor_def(self.module, &head.text) {
            return Some(Head::Ctor(data, ctor));
        }
        match self.ctx.type_def(self.module, &head.text) {
            Some(TypeDef::Data(data)) => Some(self.only_ctor(data)),
            Some(TypeDef::Alias(alias)) => {
                let body = crate::resolve::alias_body(self.ctx, alias);
                Some(match self.ctx.program.types.base_kind(body) {
                    TyKind::Tuple(_) => Head::Tuple,
                    TyKind::Data(data, _) => self.only_ctor(*data),
                    _ => Head::Unbuildable,
                })
            }
            Some(TypeDef::Poisoned) => None,
            Some(TypeDef::Ambiguous) | None => {
                // Reports about the head stand at the statement.
                let at_let = Name { text: head.text.clone(), span };
                let (data, ctor) = self.lookup_ctor(&at_let, patterns::unknown_applied)?;
                Some(Head::Ctor(data, ctor))
            }
        }
    }
}

enum Head {
    Tuple,
    /// A data type with more than one constructor.
    Several(crate::typed::DataId),
    /// An alias of a type without constructors.
    Unbuildable,
    Ctor(crate::typed::DataId, u32),
}
