//! What surrounds an expression besides its slots: state cells and handlers, as
//! far as they are lexically known, with the content of each cell at this point.
//!
//! Which handler an operation means is settled by how the function writes its effects,
//! where a type parameter equals only itself: `State<T>` is not `State<Int>` at any
//! instance. Only cells of callers may be one and the same.
//!
//! A cell's content is a term that `put` replaces and that branches merge. What a
//! call, a closure or another handler may do to a cell makes its content unknown.

use vera_check::typed::{EffectId, EffectInst, ExprId, ExprKind, Function, Handle, Program};
use vera_check::types::{Row, Ty, TyKind};
use vera_faults::Fault;

use super::exits::Exits;
use super::walk::Walk;
use super::*;

/// One thing around the expression being walked.
pub(super) enum Surrounding<'a> {
    Cell(Cell<'a>),
    /// A handler of exceptions.
    Catch(Catch<'a>),
    /// A handler of any other effect; its clauses run at any operation.
    Other(&'a Handle),
}

/// A state cell.
pub(super) struct Cell<'a> {
    /// The effect as the function writes it.
    pub effect: EffectInst,
    /// The state's type at this instance.
    pub family: Ty,
    pub content: TermId,
    /// The handler that made it; `None` for a cell of the caller.
    pub handler: Option<&'a Handle>,
    /// A clause of the handler may leave the body, or run it inside other handlers.
    pub leaves: bool,
}

/// A handler of exceptions whose body is being walked.
pub(super) struct Catch<'a> {
    /// The effect as the function writes it.
    pub effect: EffectInst,
    /// What is thrown, at this instance.
    pub payload: Ty,
    pub handler: &'a Handle,
    /// The handler's own state, which never changes.
    pub state: Option<TermId>,
    /// How many conditions the path had where the body began.
    pub start: usize,
    /// The facts there.
    pub facts: Option<HypId>,
    pub exits: Exits,
}

/// The contents of all cells, in order.
pub(super) type Contents = Vec<TermId>;

/// What an effect means here.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Special {
    State,
    Exn,
    /// No operations.
    Marker,
    /// Its operations run a clause wherever it is handled.
    Handled,
}

pub(super) fn special(program: &Program, effect: EffectId) -> Special {
    let declared = &program.effects[effect.index()];
    match (declared.module, declared.name.as_str()) {
        (None, "State") => Special::State,
        (None, "Exn") => Special::Exn,
        (None, "Diverge" | "Async" | "HttpServer") => Special::Marker,
        _ => Special::Handled,
    }
}

impl<'a> Walk<'_, 'a> {
    // ---- cells

    pub(super) fn contents(&self) -> Contents {
        self.around.iter().filter_map(Surrounding::cell).map(|c| c.content).collect()
    }

    pub(super) fn set_contents(&mut self, contents: &[TermId]) {
        let cells = self.around.iter_mut().filter_map(Surrounding::cell_mut);
        cells.zip(contents).for_each(|(cell, content)| cell.content = *content);
    }

    /// The contents become `then` where the condition holds and stay otherwise.
    pub(super) fn merge_contents(&mut self, condition: TermId, then: &[TermId]) {
        let otherwise = self.contents();
        let merged: Contents = then
            .iter()
            .zip(&otherwise)
            .map(|(a, b)| self.unit.terms.ite(condition, *a, *b))
            .collect();
        self.set_contents(&merged);
    }

    /// The place of the innermost cell of an effect, as the function writes it.
    pub(super) fn cell_of(&mut self, effect: &EffectInst) -> Option<usize> {
        if Fault::HandlerLookedUpAgain.planted() {
            let family = effect.args.first().map(|t| self.subst(*t));
            let is_it = |s: &Surrounding| s.cell().is_some_and(|c| Some(c.family) == family);
            return self.around.iter().rposition(is_it);
        }
        self.around.iter().rposition(|s| s.cell().is_some_and(|c| c.effect == *effect))
    }

    /// A cell of the caller was written. Another one of the caller that holds the same
    /// type here may be the same cell.
    pub(super) fn forget_namesakes(&mut self, written: usize) {
        let Some(Cell { family, handler: None, .. }) = self.around[written].cell() else { return };
        let family = *family;
        for at in 0..self.around.len() {
            let cell = self.around[at].cell();
            if at != written && cell.is_some_and(|c| c.handler.is_none() && c.family == family) {
                self.forget_cell(at);
            }
        }
    }

    /// The place of the cell that an operation written here reaches, where that is
    /// known. A clause of a handler in between may have resumed the body inside another
    /// cell of the effect (language reference, chapter 10.7.2); the cell known here may
    /// have been changed before.
    pub(super) fn reached_cell(&mut self, effect: &EffectInst) -> Option<usize> {
        let at = self.cell_of(effect)?;
        if Fault::ClauseInPlace.planted() || !self.may_be_covered(at, effect) {
            return Some(at);
        }
        self.forget_cell(at);
        None
    }

    /// Whether a handler inside of the place has a clause that resumes inside a
    /// handler of the same effect.
    pub(super) fn may_be_covered(&self, at: usize, effect: &EffectInst) -> bool {
        let mut inner = Vec::new();
        for around in &self.around[at + 1..] {
            match around {
                Surrounding::Cell(cell) => inner.extend(cell.handler),
                Surrounding::Catch(catch) => inner.push(catch.handler),
                Surrounding::Other(handle) => inner.push(*handle),
            }
        }
        inner.into_iter().any(|handle| {
            handle.clauses.iter().any(|clause| self.resumes_inside(clause.body, effect))
        })
    }

    /// Whether an expression of a clause resumes inside a handler of the effect.
    fn resumes_inside(&self, e: ExprId, effect: &EffectInst) -> bool {
        let body = self.frame.body;
        let mut work = vec![(e, false)];
        while let Some((e, inside)) = work.pop() {
            match &body[e].kind {
                ExprKind::Resume(_) if inside => return true,
                ExprKind::Handle(handle) => {
                    let own = handle.effect == *effect;
                    work.extend(handle.state.iter().map(|(_, init)| (*init, inside)));
                    // A `resume` in a clause of it is that clause's own.
                    work.push((handle.body, inside || own));
                }
                kind => kind.for_each_child(|child| work.push((child, inside))),
            }
        }
        false
    }

    /// The cell gets a content of which only the type is known.
    pub(super) fn forget_cell(&mut self, at: usize) -> Option<TermId> {
        let family = self.around[at].cell()?.family;
        let content = self.opaque(family, "state");
        if let Some(cell) = self.around[at].cell_mut() {
            cell.content = content;
        }
        Some(content)
    }

    /// Forgets the contents of the first `count` surroundings' cells.
    pub(super) fn forget_cells(&mut self, count: usize) {
        for at in 0..count {
            self.forget_cell(at);
        }
    }

    /// Walks code that runs at another time, with other handlers around it.
    pub(super) fn detached<T>(&mut self, walk: impl FnOnce(&mut Self) -> T) -> T {
        let around = std::mem::take(&mut self.around);
        let result = walk(self);
        self.around = around;
        result
    }

    // ---- what effects do

    /// The effects of a callee's row as this function would write them; the type
    /// arguments are those it writes.
    pub(super) fn row_here(&mut self, row: &[EffectInst], type_args: &[Ty]) -> Vec<EffectInst> {
        row.iter()
            .map(|effect| EffectInst {
                effect: effect.effect,
                args: effect.args.iter().map(|a| self.types.subst(*a, type_args)).collect(),
            })
            .collect()
    }

    /// Code of which only the row, as the function writes it, is known runs here.
    pub(super) fn row_happens(&mut self, row: &Row) {
        if row.is_pure() {
            return;
        }
        if !row.vars.is_empty() {
            return self.anything_happens();
        }
        self.may_throw(&row.effects);
        self.forget_effects(&row.effects);
        self.may_not_come_back(&row.effects);
    }

    /// What follows operations of these effects is reached only if clauses resume. What
    /// the host answers comes back, where no handler is in sight.
    pub(super) fn may_not_come_back(&mut self, effects: &[EffectInst]) {
        let leaves = |e: &EffectInst| match special(self.program, e.effect) {
            Special::Handled => {
                let own = self.program.effects[e.effect.index()].module.is_some();
                let here =
                    |s: &Surrounding<'_>| matches!(s, Surrounding::Other(h) if h.effect == *e);
                own || self.around.iter().any(here)
            }
            // A throw is an exit, which the walk follows.
            Special::State | Special::Exn | Special::Marker => false,
        };
        if effects.iter().any(leaves) {
            let in_clause = self.place.in_clause;
            self.goes_on("goes_on", Origin::Opaque { in_clause });
        }
    }

    /// The row of a function value's type happens, if the expression is one.
    pub(super) fn application_happens(&mut self, function: ExprId) {
        let ty = self.frame.body[function].ty;
        if let TyKind::Fn { row, .. } = self.types.kind(self.types.base(ty)).clone() {
            self.row_happens(&row);
        }
    }

    /// Forgets the cells that effects may change.
    pub(super) fn forget_effects(&mut self, effects: &[EffectInst]) {
        for effect in effects {
            match special(self.program, effect.effect) {
                Special::State => {
                    if let Some(at) = self.cell_of(effect) {
                        self.forget_cell(at);
                        self.forget_namesakes(at);
                    }
                }
                Special::Exn | Special::Marker => {}
                Special::Handled => self.clause_happens(),
            }
        }
    }

    /// An operation runs a clause of some handler, which acts on the cells around
    /// that handler: those of callers, and those outside of a handler written here.
    pub(super) fn clause_happens(&mut self) {
        let other = self.around.iter().rposition(|s| matches!(s, Surrounding::Other(_)));
        let callers =
            self.around.iter().rposition(|s| s.cell().is_some_and(|c| c.handler.is_none()));
        let count = other.max(callers).map_or(0, |last| last + 1);
        self.forget_cells(count);
    }

    /// Any cell may change, any handler may be left for.
    pub(super) fn anything_happens(&mut self) {
        self.forget_cells(self.around.len());
        for at in (0..self.around.len()).rev() {
            if matches!(self.around[at], Surrounding::Catch(_)) {
                self.may_exit(at);
            }
        }
    }

    // ---- old and new

    /// The effects of a row that give cells.
    pub(super) fn cells(&self, row: &[EffectInst]) -> Vec<EffectInst> {
        let mut out: Vec<EffectInst> = Vec::new();
        for effect in row {
            if special(self.program, effect.effect) == Special::State && !out.contains(effect) {
                out.push(effect.clone());
            }
        }
        out
    }

    /// The cells of the callers of the function.
    pub(super) fn entry_cells(&mut self, function: &Function) {
        let entered = self.caller().is_some_and(|f| self.program.entry_fns.contains(&f));
        for effect in self.cells(&function.effects) {
            let Some(family) = effect.args.first().map(|t| self.subst(*t)) else { continue };
            if entered && function.name == "main" {
                // The host starts its cells at zero.
                let at = self.at(function.span);
                if self.types.base_kind(family).has_zero() {
                    let zero = self.zero_state(family);
                    self.apart(|w| w.starts_at_zero(zero, family, at, "0".to_owned()));
                } else {
                    self.starts_without_value(family, at);
                }
            }
            let sort = self.sort(family);
            let symbol = self.unit.terms.declare("state", Vec::new(), sort);
            self.unit.origins.insert(symbol, Origin::State);
            let content = self.unit.terms.apply(symbol, &[]);
            self.assume_type(content, family, Why::Parameter);
            let states = StateValues { effect: effect.clone(), family, old: content, new: content };
            self.frame.states.push(states);
            let cell = Cell { effect, family, content, handler: None, leaves: false };
            self.around.push(Surrounding::Cell(cell));
        }
    }

    /// What a cell of a handler without initial value holds.
    pub(super) fn zero_state(&mut self, family: Ty) -> TermId {
        let zero = match self.types.base_kind(family) {
            TyKind::Int | TyKind::Nat | TyKind::Byte => Some(self.terms().int(0)),
            TyKind::Bool => Some(self.terms().bool(false)),
            TyKind::Float64 => Some(self.terms().float(0.0)),
            _ => None,
        };
        zero.unwrap_or_else(|| self.opaque(family, "state"))
    }
}

/// A state cell before and after a function, in its postconditions.
#[derive(Clone)]
pub(super) struct StateValues {
    /// The effect as the function whose postconditions these are writes it.
    pub effect: EffectInst,
    pub family: Ty,
    pub old: TermId,
    pub new: TermId,
}

impl<'a> Surrounding<'a> {
    pub fn cell(&self) -> Option<&Cell<'a>> {
        match self {
            Surrounding::Cell(cell) => Some(cell),
            Surrounding::Catch(_) | Surrounding::Other(_) => None,
        }
    }

    pub fn cell_mut(&mut self) -> Option<&mut Cell<'a>> {
        match self {
            Surrounding::Cell(cell) => Some(cell),
            Surrounding::Catch(_) | Surrounding::Other(_) => None,
        }
    }

    pub fn catch_mut(&mut self) -> Option<&mut Catch<'a>> {
        match self {
            Surrounding::Catch(catch) => Some(catch),
            Surrounding::Cell(_) | Surrounding::Other(_) => None,
        }
    }
}
