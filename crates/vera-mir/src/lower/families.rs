//! Which handlers an effect means.
//!
//! At run time an operation looks for the innermost live frame of its *family*. The
//! checker decided which handler that is where a type parameter equals only itself:
//! `State<T>` and `State<Int>` are two effects of a function, and stay two when `T` is
//! `Int`. So a family is the effect at closed types and a number, and each piece of
//! code that has a row of its own (a function, a closure) numbers the effects it
//! writes that fall together in this instance: those of its row first, by the row
//! alone, so that whoever calls it knows its numbers.
//!
//! Where caller and callee number an effect differently, the caller puts a *renaming*
//! around the call: a frame which says that, from there outward, one family is called
//! another. It costs nothing where no two effects fall together.

use vera_check::typed::{EffectInst, FnId};
use vera_check::types::{Ty as VeraTy, TyKind};
use vera_faults::Fault;

use super::Lowerer;
use super::functions::FnLower;
use super::handlers::{FAMILY, OUTER};
use crate::ir::*;

/// An effect at closed types, told apart from others that fall together with it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Family {
    pub effect: EffectInst,
    pub number: u32,
}

impl Family {
    /// Where the search for a numbered family ends without a frame: a function value
    /// whose effects fell together where it was made is applied by code that knows
    /// them as one.
    pub(super) fn plain(&self) -> Option<Family> {
        (self.number != 0).then(|| Family { effect: self.effect.clone(), number: 0 })
    }
}

/// Families of the callee, and what the caller calls them.
pub(super) type Renaming = Vec<(Family, Family)>;

/// What a frame is.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum FrameKind {
    Handler(Family),
    Renaming(Renaming),
}

/// The families of the effects that a piece of code writes.
#[derive(Clone, Default, Debug)]
pub(crate) struct Families {
    of: Vec<(EffectInst, Family)>,
}

impl Families {
    /// Those of code with this row that mentions these effects, at closed types.
    pub(super) fn of(
        lo: &mut Lowerer<'_>,
        row: &[EffectInst],
        mentioned: &[EffectInst],
        type_args: &[VeraTy],
    ) -> Families {
        let mut families = Families::default();
        families.add(lo, row, type_args);
        families.add(lo, mentioned, type_args);
        families
    }

    /// Effects without type parameters come first, so that they keep the number all
    /// other code gives them, where it is free.
    fn add(&mut self, lo: &mut Lowerer<'_>, effects: &[EffectInst], type_args: &[VeraTy]) {
        for open in [false, true] {
            for written in effects {
                let effect = closed(lo, written, type_args);
                if (effect != *written) != open || self.get(written).is_some() {
                    continue;
                }
                let same = self.of.iter().filter(|(_, family)| family.effect == effect);
                let number = same.count() as u32;
                let number = if Fault::HandlerLookedUpAgain.planted() { 0 } else { number };
                self.of.push((written.clone(), Family { effect, number }));
            }
        }
    }

    fn get(&self, written: &EffectInst) -> Option<&Family> {
        self.of.iter().find(|(effect, _)| effect == written).map(|(_, family)| family)
    }
}

fn closed(lo: &mut Lowerer<'_>, effect: &EffectInst, type_args: &[VeraTy]) -> EffectInst {
    let args = effect.args.iter().map(|a| lo.types.subst(*a, type_args)).collect();
    EffectInst { effect: effect.effect, args }
}

impl Lowerer<'_> {
    /// The number that tells frames apart.
    pub(super) fn frame_number(&mut self, kind: FrameKind) -> u32 {
        let next = self.frame_kinds.len() as u32;
        *self.frame_kinds.entry(kind).or_insert(next)
    }

    /// The renamings that say something of an effect, by the number of their frames,
    /// with the numbers of families.
    pub(super) fn renamings_of(&mut self, effect: &EffectInst) -> Vec<(u32, Vec<(u32, u32)>)> {
        let mut found = Vec::new();
        let mut kinds: Vec<(FrameKind, u32)> =
            self.frame_kinds.iter().map(|(kind, number)| (kind.clone(), *number)).collect();
        kinds.sort_by_key(|(_, number)| *number);
        for (kind, frame) in kinds {
            let FrameKind::Renaming(pairs) = kind else { continue };
            let pairs = pairs.into_iter().filter(|(callee, _)| callee.effect == *effect);
            let pairs: Vec<(u32, u32)> = pairs
                .map(|(callee, caller)| {
                    let number = |family| FrameKind::Handler(family);
                    (self.frame_number(number(callee)), self.frame_number(number(caller)))
                })
                .collect();
            if !pairs.is_empty() {
                found.push((frame, pairs));
            }
        }
        found
    }
}

impl FnLower<'_, '_> {
    /// Numbers the effects of code with this row: a function, or a closure in one.
    pub(super) fn number_effects(&mut self, row: &[EffectInst]) {
        if !self.type_args.is_empty() {
            let mentioned = self.mentioned_effects();
            self.families = Families::of(self.lo, row, &mentioned, &self.type_args);
        }
    }

    /// The effects that the body writes or performs, as it writes them.
    fn mentioned_effects(&self) -> Vec<EffectInst> {
        let mut found: Vec<EffectInst> = Vec::new();
        let mut add = |effect: &EffectInst| {
            if !effect.args.is_empty() && !found.contains(effect) {
                found.push(effect.clone());
            }
        };
        for expr in &self.body.exprs {
            use vera_check::typed::ExprKind;
            match &expr.kind {
                ExprKind::Perform { effect, .. }
                | ExprKind::Old(effect)
                | ExprKind::New(effect) => add(effect),
                ExprKind::Handle(handle) => add(&handle.effect),
                _ => {}
            }
            if let TyKind::Fn { row, .. } = self.lo.types.base_kind(expr.ty) {
                row.effects.iter().for_each(&mut add);
            }
        }
        found
    }

    /// The family of an effect as the code being lowered writes it.
    pub(super) fn family(&mut self, written: &EffectInst) -> Family {
        match self.families.get(written) {
            Some(family) => family.clone(),
            None => Family { effect: closed(self.lo, written, &self.type_args), number: 0 },
        }
    }

    /// What a call of a function, at type arguments as they are written here, has to
    /// rename; `instance` are those of the callee's instance.
    pub(super) fn renaming_of_call(
        &mut self,
        callee: FnId,
        written: &[VeraTy],
        instance: &[VeraTy],
    ) -> Renaming {
        let program = self.lo.program;
        let row = &program.function(callee).effects;
        if row.iter().all(|effect| effect.args.is_empty()) {
            return Vec::new();
        }
        let families = Families::of(self.lo, row, &[], instance);
        let mut renaming = Renaming::new();
        for effect in row {
            let Some(theirs) = families.get(effect).cloned() else { continue };
            let here = closed(self.lo, effect, written);
            let ours = self.family(&here);
            self.rename(theirs, ours, &mut renaming);
        }
        renaming
    }

    /// What an application of a value of function type, as it is written here, has to
    /// rename.
    pub(super) fn renaming_of_type(&mut self, ty: VeraTy) -> Renaming {
        let TyKind::Fn { row, .. } = self.lo.types.base_kind(ty).clone() else {
            return Vec::new();
        };
        let type_args = self.type_args.clone();
        let families = Families::of(self.lo, &row.effects, &[], &type_args);
        let mut renaming = Renaming::new();
        for effect in &row.effects {
            let Some(theirs) = families.get(effect).cloned() else { continue };
            let ours = self.family(effect);
            self.rename(theirs, ours, &mut renaming);
        }
        renaming
    }

    fn rename(&mut self, theirs: Family, ours: Family, into: &mut Renaming) {
        let pair = (theirs, ours);
        if pair.0.number != pair.1.number && !into.contains(&pair) {
            into.push(pair);
        }
    }

    /// Runs code that calls its effects so.
    pub(super) fn renamed<T>(&mut self, renaming: Renaming, run: impl FnOnce(&mut Self) -> T) -> T {
        if renaming.is_empty() {
            return run(self);
        }
        let outer = self.b.one(Op::GetGlobal(Global::Handlers), Ty::Ref);
        let (layout, _) = self.lo.frame_shape(0, &[]);
        let number = self.lo.frame_number(FrameKind::Renaming(renaming));
        let number = self.b.i32(number as i32);
        let fields = vec![(OUTER, Mem::Ref, outer), (FAMILY, Mem::I32, number)];
        let frame = self.b.one(Op::MakeObject { layout, fields }, Ty::Ref);
        self.b.none(Op::SetGlobal(Global::Handlers, frame));
        let out = run(self);
        self.leave_frame(frame);
        out
    }
}
