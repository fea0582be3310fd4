//! Exceptions whose handler is lexically known.
//!
//! Each place that may throw is an *exit* of the handled body: a condition, the
//! value of the clause there, and what the cells hold then. The first exit whose
//! condition holds decides what the `handle` expression is; where none holds, the
//! body does.

use vera_check::typed::{EffectInst, ExprId, Handle};
use vera_check::types::Ty;

use super::contexts::{Catch, Contents, Special, Surrounding, special};
use super::walk::Walk;
use super::*;
use crate::logic::Sort;

/// A body with more exits is not followed.
const MAX_EXITS: usize = 16;

/// Of the facts known at an exit, as many of the latest are kept.
const MAX_FACTS: usize = 100;

/// The exits of a handled body so far.
pub(super) struct Exits {
    found: Vec<Exit>,
    /// That none of them was taken.
    pub stayed: TermId,
    /// There are more than are followed.
    lost: bool,
}

struct Exit {
    condition: TermId,
    /// What the clause yields; of another sort when it never returns.
    value: TermId,
    contents: Contents,
    facts: Vec<Learnt>,
}

impl Exits {
    fn new(yes: TermId) -> Exits {
        Exits { found: Vec::new(), stayed: yes, lost: false }
    }
}

impl<'a> Walk<'_, 'a> {
    /// `handle[Exn<E>]`
    pub(super) fn catch(&mut self, e: ExprId, payload: Ty, handler: &'a Handle) -> TermId {
        let state = handler.state.as_ref().map(|(_, init)| self.eval(*init));
        let answer = self.ty(e);
        for clause in &handler.clauses {
            self.deferred(|w| w.clause(&handler.effect, clause, answer));
        }
        let exits = Exits::new(self.terms().yes());
        let (start, facts) = (self.path.len(), self.hyp);
        let effect = handler.effect.clone();
        let catch = Catch { effect, payload, handler, state, start, facts, exits };
        self.around.push(Surrounding::Catch(catch));
        let conditional = std::mem::replace(&mut self.place.conditional, true);
        let value = self.eval(handler.body);
        self.enters(handler.body, value, answer);
        self.place.conditional = conditional;
        match self.around.pop() {
            Some(Surrounding::Catch(catch)) => self.caught(e, catch.facts, catch.exits, value),
            _ => unreachable!("what a body adds around itself it removes"),
        }
    }

    /// The value of a handler whose body has this value where it is not left.
    fn caught(&mut self, e: ExprId, start: Option<HypId>, exits: Exits, body: TermId) -> TermId {
        let inside = self.facts_since(start);
        self.hyp = start;
        if exits.lost {
            self.anything_happens();
            return self.opaque_result(e, "handled");
        }
        let learnt = exits
            .found
            .iter()
            .flat_map(|exit| exit.facts.iter().map(|learnt| (exit.condition, *learnt)));
        let learnt: Vec<_> =
            learnt.chain(inside.into_iter().map(|learnt| (exits.stayed, learnt))).collect();
        for (condition, Learnt { fact, why, here }) in learnt {
            let fact = self.terms().implies(condition, fact);
            self.standing(here, |w| w.assume(Fact::exactly(fact), why));
        }
        let ty = self.ty(e);
        let sort = self.sort(ty);
        let mut value = (self.unit.terms.sort(body) == sort).then_some(body);
        for exit in exits.found.into_iter().rev() {
            // A clause that never returns leaves through an outer handler.
            if self.unit.terms.sort(exit.value) != sort {
                continue;
            }
            match value {
                Some(rest) => {
                    value = Some(self.terms().ite(exit.condition, exit.value, rest));
                    self.merge_contents(exit.condition, &exit.contents);
                }
                None => {
                    value = Some(exit.value);
                    self.set_contents(&exit.contents);
                }
            }
        }
        match value {
            Some(value) => self.handled(e, value),
            None => self.opaque_result(e, "handled"),
        }
    }

    /// `throw`: the rest of the function goes on without it.
    pub(super) fn throw(&mut self, payload: TermId, effect: &EffectInst) {
        if let Some(at) = self.catch_of(effect) {
            self.exit(at, payload, None);
        }
    }

    /// The place of the innermost handler of an effect, as the function writes it.
    fn catch_of(&self, effect: &EffectInst) -> Option<usize> {
        self.around.iter().rposition(|s| matches!(s, Surrounding::Catch(c) if c.effect == *effect))
    }

    /// Code with these effects runs here and may throw; what follows knows that it
    /// did not.
    pub(super) fn may_throw(&mut self, effects: &[EffectInst]) {
        let contents = self.contents();
        let mut stayed = Vec::new();
        for effect in effects {
            if special(self.program, effect.effect) != Special::Exn {
                continue;
            }
            if let Some(at) = self.catch_of(effect) {
                self.forget_effects(effects);
                stayed.push(self.may_exit(at));
                self.set_contents(&contents);
            }
        }
        for threw in stayed {
            let not = self.terms().not(threw);
            self.assume(Fact::exactly(not), Why::Path);
        }
    }

    /// Something that may throw whatever the handler at this place catches; yields
    /// whether it did.
    pub(super) fn may_exit(&mut self, at: usize) -> TermId {
        let threw = self.opaque(Ty::BOOL, "threw");
        if let Surrounding::Catch(catch) = &self.around[at] {
            let payload = self.opaque(catch.payload, "thrown");
            self.exit(at, payload, Some(threw));
        }
        threw
    }

    /// The handler's clause runs at this place, on the condition that something
    /// threw; its value is an exit of the handler's body.
    fn exit(&mut self, at: usize, payload: TermId, threw: Option<TermId>) {
        let mut inner = self.around.split_off(at);
        let start = match &mut inner[0] {
            Surrounding::Catch(catch) if catch.exits.found.len() < MAX_EXITS => catch.start,
            Surrounding::Catch(catch) => {
                catch.exits.lost = true;
                return self.around.extend(inner);
            }
            Surrounding::Cell(_) | Surrounding::Other(_) => {
                unreachable!("the place of a handler of exceptions")
            }
        };
        let (facts, contents, depth) = (self.hyp, self.contents(), self.path.len());
        let conditions = self.exit_conditions(&inner, threw);
        self.path.extend(&conditions);
        let condition = self.path[start..].to_vec();
        let condition = self.terms().all(&condition);
        self.exit_clause(&mut inner[0], payload, condition);
        self.path.truncate(depth);
        self.set_contents(&contents);
        self.hyp = facts;
        self.around.extend(inner);
    }

    /// What must hold beyond the path for an exception to come from here.
    fn exit_conditions(&mut self, inner: &[Surrounding<'a>], threw: Option<TermId>) -> Vec<TermId> {
        let mut out: Vec<TermId> = threw.into_iter().collect();
        for around in inner {
            match around {
                Surrounding::Catch(catch) => out.push(catch.exits.stayed),
                // Another handler's clause may have left the body earlier.
                Surrounding::Other(_) => out.push(self.opaque(Ty::BOOL, "reached")),
                Surrounding::Cell(cell) if cell.leaves => {
                    out.push(self.opaque(Ty::BOOL, "reached"));
                }
                Surrounding::Cell(_) => {}
            }
        }
        out
    }

    /// Walks the clause of a handler for an exit.
    fn exit_clause(&mut self, around: &mut Surrounding<'a>, payload: TermId, condition: TermId) {
        let Some(catch) = around.catch_mut() else { return };
        let Some(clause) = catch.handler.clauses.first() else { return };
        let depth = self.frame.scope.len();
        self.assume(Fact::exactly(condition), Why::Path);
        if let Some(param) = clause.params.first() {
            self.bind(*param, payload);
        }
        if let (Some(local), Some(state)) = (clause.state, catch.state) {
            self.bind(local, state);
        }
        let conditional = std::mem::replace(&mut self.place.conditional, true);
        let value = self.silently(|w| w.eval(clause.body));
        self.place.conditional = conditional;
        self.frame.scope.truncate(depth);
        let mut facts = self.facts_since(catch.facts);
        facts.drain(..facts.len().saturating_sub(MAX_FACTS));
        let contents = self.contents();
        catch.exits.found.push(Exit { condition, value, contents, facts });
        let not = self.unit.terms.not(condition);
        catch.exits.stayed = self.unit.terms.and(catch.exits.stayed, not);
    }

    /// The facts learnt since a point of the walk, in order.
    pub(super) fn facts_since(&self, start: Option<HypId>) -> Vec<Learnt> {
        let mut out = Vec::new();
        let mut at = self.hyp;
        while at != start {
            let Some(id) = at else { break };
            let hyp = &self.unit.hyps[id.0 as usize];
            let here = hyp.ground.place().unwrap_or(self.here);
            out.push(Learnt { fact: hyp.fact, why: hyp.why, here });
            at = hyp.parent;
        }
        out.reverse();
        out
    }

    /// `true` for an expression that is never reached, as far as the facts say.
    pub(super) fn never(&mut self) {
        let never = self.terms().bool(false);
        self.assume(Fact::exactly(never), Why::Path);
    }

    /// A value as one of a sort, where it has one.
    pub(super) fn adapted_to(&mut self, value: TermId, ty: Ty) -> TermId {
        let sort: Sort = self.sort(ty);
        self.adapted(value, sort)
    }
}
