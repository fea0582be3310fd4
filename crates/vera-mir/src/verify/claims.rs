//! Whether what a pass relied on holds where it relied on it.
//!
//! A pass that takes a check away leaves an [`Op::Claim`] there which names what gave
//! the facts it used. This walk keeps no facts about values: it knows only which
//! conditions control has been through, and refuses a claim that names another one.
//! Control is structured, so what has been through is what encloses the claim or
//! stands before it in a region that does.

use crate::ir::*;

/// Looks at the claims of a function and takes them away.
///
/// # Errors
/// One line for each claim that does not hold.
pub fn settle(program: &mut Program, id: FuncId) -> Result<(), String> {
    let Program { funcs, locs, .. } = program;
    let func = &mut funcs[id.index()];
    let mut walk =
        Walk { name: &func.name, locs, passed: Vec::new(), loops: Vec::new(), faults: Vec::new() };
    walk.region(&mut func.body);
    let faults = walk.faults;
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
}

struct Walk<'p> {
    name: &'p str,
    locs: &'p [Loc],
    /// The conditions control has been through, with what they were.
    passed: Vec<(ValueId, bool)>,
    /// The loops control is in.
    loops: Vec<LabelId>,
    faults: Vec<String>,
}

impl Walk<'_> {
    fn region(&mut self, region: &mut Region) {
        let before = self.passed.len();
        region.insts.retain_mut(|inst| self.inst(inst));
        self.passed.truncate(before);
    }

    fn way(&mut self, region: &mut Region, cond: ValueId, truth: bool) {
        self.passed.push((cond, truth));
        self.region(region);
        self.passed.pop();
    }

    /// Whether the instruction stays.
    fn inst(&mut self, inst: &mut Inst) -> bool {
        match &mut inst.op {
            Op::Claim { by } => {
                for reason in std::mem::take(by) {
                    if !self.holds(reason, inst.loc) {
                        self.faults.push(format!(
                            "{}: {reason:?} does not dominate what was decided by it at {}",
                            self.name, inst.loc
                        ));
                    }
                }
                return false;
            }
            Op::Guard { cond, .. } => self.passed.push((*cond, true)),
            Op::If { cond, then, otherwise } => {
                self.way(then, *cond, true);
                self.way(otherwise, *cond, false);
                let leads_past = |way: &Region| matches!(way.end, Terminator::Yield(_));
                match (leads_past(then), leads_past(otherwise)) {
                    (true, false) => self.passed.push((*cond, true)),
                    (false, true) => self.passed.push((*cond, false)),
                    (true, true) | (false, false) => {}
                }
            }
            Op::Loop { label, body, .. } => {
                self.loops.push(*label);
                self.region(body);
                self.loops.pop();
            }
            op => op.for_each_region_mut(|region| self.region(region)),
        }
        true
    }

    fn holds(&self, reason: Reason, loc: LocId) -> bool {
        match reason {
            Reason::Condition(cond, truth) => self.passed.contains(&(cond, truth)),
            Reason::Loop(label) => self.loops.contains(&label),
            // A proof is about what is written at a place, before it is put elsewhere. What
            // a clause does after `resume` is a function of its own, at places of its own.
            Reason::Proof => self.locs[loc.index()].inlined_at.is_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::settle;
    use crate::ir::FuncId;
    use crate::parse::program;

    fn settled(body: &str) -> Result<(), String> {
        let text = format!(
            "src0 = \"f\" 0:0..9\nloc0 = 0:0..0 src0\n\nfn f0 \"f\" src0 (v0: i32, v1: i32) {{\n{body}\n}}\n"
        );
        let mut program = program(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        settle(&mut program, FuncId(0))
    }

    #[test]
    fn a_branch_gives_its_condition_inside_only() {
        assert!(
            settled("if v0 { claim v0 true yield } else { claim v0 false yield } return").is_ok()
        );
        assert!(settled("if v0 { yield } else { yield } claim v0 true return").is_err());
        assert!(settled("if v0 { yield } else { claim v0 true yield } return").is_err());
    }

    #[test]
    fn a_check_and_a_way_that_ends_give_it_from_there_on() {
        assert!(settled("guard v0, overflow claim v0 true return").is_ok());
        assert!(settled("claim v0 true guard v0, overflow return").is_err());
        assert!(settled("if v0 { return } else { yield } claim v0 false return").is_ok());
        assert!(
            settled("if v1 { guard v0, overflow yield } else { yield } claim v0 true return")
                .is_err()
        );
    }

    #[test]
    fn a_loop_gives_what_stays_so_inside() {
        assert!(settled("loop l0 () = () { claim l0 yield } return").is_ok());
        assert!(settled("loop l0 () = () { yield } claim l0 return").is_err());
    }
}
