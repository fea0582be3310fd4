//! Comparisons that always come out the same and arithmetic that cannot overflow,
//! from what branches, checks and loops tell of numbers ([`facts`]). Array accesses
//! inside their bounds lose their check, counters their overflow test.
//!
//! A walk along the structure of the program. Around a loop, a parameter is taken
//! to stay at or above its first value, and at or below it; what the body does not
//! bear out is given up, and the body walked again.

mod facts;
mod why;

use facts::{Def, Facts, Interval, Known};
use why::{Since, Why};

use super::Pass;
use crate::ir::*;

/// Decides what it can in one function; whether that was anything.
pub(super) fn run(program: &mut Program, id: FuncId, pass: Pass) -> bool {
    if !pass.deletes {
        return false;
    }
    let func = &mut program.funcs[id.index()];
    let empty = Region { insts: Vec::new(), end: Terminator::Unreachable };
    let mut body = std::mem::replace(&mut func.body, empty);
    let mut walk = Walk {
        facts: Facts::new(func.values.clone(), &func.natural, pass.claims),
        loops: vec![None; func.labels as usize],
        trial: false,
        changed: false,
        pass,
    };
    walk.region(&mut body);
    let changed = walk.changed;
    func.body = body;
    pass.settle(program, id);
    changed
}

struct Walk {
    facts: Facts,
    /// For loops that control is in: the intervals their parameters get.
    loops: Vec<Option<Vec<Interval>>>,
    /// Nothing is changed yet.
    trial: bool,
    changed: bool,
    pass: Pass,
}

impl Walk {
    /// Walks a region with the facts at its start, and forgets what it learns.
    /// Returns the intervals of what it yields, if it gets there.
    fn region(&mut self, region: &mut Region) -> Option<Vec<Known>> {
        let mark = self.facts.mark();
        let mut out = Vec::with_capacity(region.insts.len());
        for mut inst in std::mem::take(&mut region.insts) {
            let why = self.inst(&mut inst);
            out.extend(self.claim(why, inst.loc));
            out.push(inst);
        }
        if let Terminator::Continue(label, values) = &region.end
            && let Some(Some(joined)) = self.loops.get_mut(label.index())
        {
            for (interval, value) in joined.iter_mut().zip(values) {
                *interval = interval.join(self.facts.interval(*value));
            }
        }
        // Others rely on these numbers behind the region.
        if let Terminator::Yield(values) | Terminator::Continue(_, values) = &region.end {
            let why = self.facts.why(values);
            let loc = out.last().map_or(LocId(0), |inst| inst.loc);
            out.extend(self.claim(why, loc));
        }
        let yields = match &region.end {
            Terminator::Yield(values) => {
                Some(values.iter().map(|v| self.facts.known(*v)).collect())
            }
            _ => None,
        };
        region.insts = out;
        self.facts.reset(mark);
        yields
    }

    fn claim(&self, why: Why, loc: LocId) -> Option<Inst> {
        if self.trial || !self.pass.claims {
            return None;
        }
        self.pass.claim(self.facts.whys.reasons(why), loc)
    }

    fn branch(&mut self, region: &mut Region, cond: ValueId, truth: bool) -> Option<Vec<Known>> {
        let mark = self.facts.mark();
        self.facts.learn(cond, truth);
        let yields = self.region(region);
        self.facts.reset(mark);
        yields
    }

    /// Results that come from several sides, as many as get there; the sides were
    /// walked since.
    fn joined(&mut self, results: &[ValueId], sides: &[Option<Vec<Known>>], since: Since) {
        for (i, result) in results.iter().enumerate() {
            let mut all = sides.iter().flatten().map(|side| side[i]);
            let Some(first) = all.next() else { continue };
            let joined = all.fold(first, |a, b| Known {
                interval: a.interval.join(b.interval),
                why: self.facts.whys.both(a.why, b.why),
            });
            let why = self.facts.whys.settled(joined.why, since);
            self.facts.set(*result, joined.interval, why);
        }
    }

    /// Walks an instruction; why it was changed, if it was.
    fn inst(&mut self, inst: &mut Inst) -> Why {
        match &mut inst.op {
            Op::Const(c) => {
                let n = match *c {
                    Const::I32(n) => i64::from(n as u32),
                    Const::I64(n) => n,
                    Const::F64(_) | Const::Immediate(_) | Const::Static(_) => return Why::ALWAYS,
                };
                self.facts.define(inst.results[0], Def::Const(n));
                self.facts.set(inst.results[0], Interval::only(n), Why::ALWAYS);
            }
            Op::Unary(op, a) => self.unary(inst.results[0], *op, *a),
            Op::Binary(op, a, b) => {
                let (op, a, b, result) = (*op, *a, *b, inst.results[0]);
                if let Some((truth, why)) = self.facts.decide(op, a, b) {
                    self.facts.define(result, Def::Const(i64::from(truth)));
                    self.facts.set(result, Interval::only(i64::from(truth)), why);
                    if self.trial {
                        return Why::ALWAYS;
                    }
                    inst.op = Op::Const(Const::I32(i32::from(truth)));
                    self.changed = true;
                    return why;
                }
                self.binary(result, op, a, b);
            }
            Op::Checked(op, a, b) => {
                let (op, a, b, result) = (*op, *a, *b, inst.results[0]);
                self.facts.define(result, Def::Checked(op, a, b));
                let (left, right) = (self.facts.interval(a), self.facts.interval(b));
                let Some((interval, fits)) = Interval::checked(op, left, right) else {
                    return Why::ALWAYS;
                };
                let why = self.facts.why(&[a, b]);
                self.facts.set(result, interval, why);
                if let (true, false, Some(plain)) = (fits, self.trial, plain(op)) {
                    inst.op = Op::Binary(plain, a, b);
                    self.changed = true;
                    return why;
                }
            }
            Op::Guard { cond, .. } => self.facts.learn(*cond, true),
            Op::Element { mem: Mem::U8, .. } | Op::Load { mem: Mem::U8, .. } => {
                self.facts.set(inst.results[0], Interval { lo: 0, hi: 255 }, Why::ALWAYS);
            }
            Op::If { cond, then, otherwise } => {
                let (cond, since) = (*cond, self.facts.whys.now());
                let sides = [self.branch(then, cond, true), self.branch(otherwise, cond, false)];
                self.joined(&inst.results, &sides, since);
                match (&then.end, &otherwise.end) {
                    (Terminator::Yield(a), Terminator::Yield(b)) => {
                        for ((result, a), b) in inst.results.iter().zip(a).zip(b) {
                            self.facts.define(*result, Def::Select(cond, *a, *b));
                        }
                    }
                    // What follows is reached by one side only.
                    (Terminator::Yield(_), _) => self.facts.learn(cond, true),
                    (_, Terminator::Yield(_)) => self.facts.learn(cond, false),
                    _ => {}
                }
            }
            Op::Switch { cases, default, .. } => {
                let since = self.facts.whys.now();
                let mut sides: Vec<_> = cases.iter_mut().map(|case| self.region(case)).collect();
                sides.push(self.region(default));
                self.joined(&inst.results, &sides, since);
            }
            Op::Block { body, .. } => {
                self.region(body);
            }
            Op::Loop { label, params, init, body } => {
                let (label, params, init) = (*label, params.clone(), init.clone());
                self.loop_(label, &params, &init, body);
            }
            _ => {}
        }
        Why::ALWAYS
    }

    fn unary(&mut self, result: ValueId, op: UnaryOp, a: ValueId) {
        self.facts.define(result, Def::Unary(op, a));
        let Known { interval: have, why } = self.facts.known(a);
        match op {
            UnaryOp::I32ToI64 => self.facts.set(result, have, why),
            UnaryOp::I64ToI32 if have.lo >= 0 && have.hi <= i64::from(u32::MAX) => {
                self.facts.set(result, have, why);
            }
            _ => {}
        }
    }

    fn binary(&mut self, result: ValueId, op: BinaryOp, a: ValueId, b: ValueId) {
        self.facts.define(result, Def::Binary(op, a, b));
        let (left, right) = (self.facts.interval(a), self.facts.interval(b));
        let exact = match op {
            BinaryOp::AddI64 | BinaryOp::AddI32 => CheckedOp::Add,
            BinaryOp::SubI64 | BinaryOp::SubI32 => CheckedOp::Sub,
            BinaryOp::MulI64 | BinaryOp::MulI32 => CheckedOp::Mul,
            _ => return,
        };
        // Only where nothing wraps.
        let whole = match op {
            BinaryOp::AddI32 | BinaryOp::SubI32 | BinaryOp::MulI32 => Interval::of(Ty::I32),
            _ => Interval::of(Ty::I64),
        };
        if let Some((interval, true)) = Interval::checked(exact, left, right)
            && interval.lo >= whole.lo
            && interval.hi <= whole.hi
        {
            let why = self.facts.why(&[a, b]);
            self.facts.set(result, interval, why);
        }
    }

    /// Finds what stays true of the parameters, then walks the body with that.
    fn loop_(&mut self, label: LabelId, params: &[ValueId], init: &[ValueId], body: &mut Region) {
        let mark = self.facts.mark();
        // Inside, parameters are where they start or where the body leaves them, which
        // it claims at its end.
        let starts = self.facts.why(init);
        let stays = self.facts.whys.given(Reason::Loop(label));
        let why = self.facts.whys.both(starts, stays);
        let first: Vec<Interval> = init.iter().map(|v| self.facts.interval(*v)).collect();
        let types: Vec<Interval> = params.iter().map(|p| self.facts.interval(*p)).collect();
        let outer = self.trial;
        // A loop inside a trial gets no trials of its own, or their number would
        // grow exponentially with the nesting.
        let mut taken = if outer { types.clone() } else { first.clone() };
        let mut trials = if outer { 0 } else { 3 };
        while trials > 0 {
            self.trial = true;
            let found = self.around(label, params, &taken, why, &first, body);
            self.facts.reset(mark);
            let mut stays = true;
            for ((taken, found), whole) in taken.iter_mut().zip(&found).zip(&types) {
                if found.lo < taken.lo {
                    (taken.lo, stays) = (whole.lo, false);
                }
                if found.hi > taken.hi {
                    (taken.hi, stays) = (whole.hi, false);
                }
            }
            trials = if stays { 0 } else { trials - 1 };
            if stays {
                // Often narrower than what was given up.
                taken.clone_from(&found);
            } else if trials == 0 {
                taken.clone_from(&types);
            }
        }
        self.trial = outer;
        self.around(label, params, &taken, why, &first, body);
        self.facts.reset(mark);
    }

    /// Walks a loop's body, where its parameters are `taken` to be in these
    /// intervals; returns where they are `first` and when the body is done.
    fn around(
        &mut self,
        label: LabelId,
        params: &[ValueId],
        taken: &[Interval],
        why: Why,
        first: &[Interval],
        body: &mut Region,
    ) -> Vec<Interval> {
        for (param, interval) in params.iter().zip(taken) {
            self.facts.set(*param, *interval, why);
        }
        self.loops[label.index()] = Some(first.to_vec());
        self.region(body);
        self.loops[label.index()].take().unwrap_or_default()
    }
}

/// The operation without its overflow test.
fn plain(op: CheckedOp) -> Option<BinaryOp> {
    match op {
        CheckedOp::Add => Some(BinaryOp::AddI64),
        CheckedOp::Sub => Some(BinaryOp::SubI64),
        CheckedOp::Mul => Some(BinaryOp::MulI64),
        // They trap in the machine anyway.
        CheckedOp::Div | CheckedOp::Rem => None,
    }
}
