//! Decision trees for patterns: which part of a value to test next, and which arm
//! the tests lead to (Maranget, "Compiling pattern matching to good decision trees",
//! 2008; the column is the first that the first row tests).
//!
//! Trees speak of *occurrences*, the scrutinee and parts of it. Arms that test
//! different parts each can make a tree exponentially large; then a first half of
//! the arms gets a tree, from which control falls through to that of the others.

use std::collections::HashMap;

use smol_str::SmolStr;
use vera_check::typed::{LocalId, NarrowSite, Pattern, PatternKind};
use vera_check::types::{Ty as VeraTy, TyKind};

use super::Lowerer;
use super::data::CtorShape;
use crate::ir::Mem;

/// Index of an occurrence.
pub(super) type OccId = usize;

/// A part of the scrutinee.
pub(super) struct Occ {
    /// `None` for the scrutinee itself.
    pub parent: Option<OccId>,
    /// The constructor of its parent.
    of: SmolStr,
    /// Where it lies in its parent; `None` when it takes no space.
    pub slot: Option<(u32, Mem)>,
    pub ty: VeraTy,
}

impl Occ {
    fn whole(ty: VeraTy) -> Occ {
        Occ { parent: None, of: SmolStr::default(), slot: None, ty }
    }

    /// How messages name an arm's binding of it.
    pub fn site(&self) -> NarrowSite {
        match self.parent {
            None => NarrowSite::MatchBinding,
            Some(_) => NarrowSite::SubPattern(self.of.clone()),
        }
    }
}

/// One arm, or part of one, in the matrix.
#[derive(Clone)]
struct Row<'p> {
    /// (occurrence, pattern) for every part still to be tested or bound.
    tests: Vec<(OccId, &'p Pattern)>,
    binds: Vec<Binding>,
    arm: usize,
}

#[derive(Clone)]
pub(super) struct Binding {
    pub local: LocalId,
    pub occ: OccId,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Test {
    Ctor(u32),
    Int(i64),
    Str(SmolStr),
    Bool(bool),
}

pub(super) enum Tree {
    Leaf {
        arm: usize,
        binds: Vec<Binding>,
    },
    Branch {
        occ: OccId,
        cases: Vec<(Test, Tree)>,
        default: Option<Box<Tree>>,
    },
    /// None of the arms matches. Of all arms of a `match`, one does: the checker has
    /// shown that.
    Fail,
}

impl Tree {
    /// Counts the leaves of each arm.
    pub fn count_leaves(&self, counts: &mut [usize]) {
        match self {
            Tree::Leaf { arm, .. } => counts[*arm] += 1,
            Tree::Branch { cases, default, .. } => {
                cases.iter().for_each(|(_, t)| t.count_leaves(counts));
                if let Some(default) = default {
                    default.count_leaves(counts);
                }
            }
            Tree::Fail => {}
        }
    }
}

/// Nodes of a decision tree beside eight for each arm, at most.
const MOST_NODES: usize = 400;

/// A tree for all arms with these patterns, or several that are tried one after the
/// other; and the occurrences they speak of, of which the first is the scrutinee.
pub(super) fn trees(
    lo: &mut Lowerer<'_>,
    ty: VeraTy,
    patterns: &[&Pattern],
) -> (Vec<Tree>, Vec<Occ>) {
    let rows: Vec<Row<'_>> = patterns
        .iter()
        .enumerate()
        .map(|(arm, pattern)| Row { tests: vec![(0, *pattern)], binds: Vec::new(), arm })
        .collect();
    let mut builder = TreeBuilder { lo, occs: vec![Occ::whole(ty)], nodes: 0 };
    let mut trees = Vec::new();
    let mut work = vec![rows.as_slice()];
    while let Some(rows) = work.pop() {
        // One arm alone needs no more nodes than its pattern has.
        builder.nodes = if rows.len() == 1 { usize::MAX } else { MOST_NODES + 8 * rows.len() };
        match builder.build(rows.to_vec()) {
            Some(tree) => trees.push(tree),
            None => {
                let (first, second) = rows.split_at(rows.len() / 2);
                work.extend([second, first]);
            }
        }
    }
    (trees, builder.occs)
}

struct TreeBuilder<'t, 'a> {
    lo: &'t mut Lowerer<'a>,
    occs: Vec<Occ>,
    /// How many nodes the tree may still get.
    nodes: usize,
}

impl TreeBuilder<'_, '_> {
    /// The tree of these rows; `None` when it gets too large.
    fn build(&mut self, mut rows: Vec<Row<'_>>) -> Option<Tree> {
        self.nodes = self.nodes.checked_sub(1)?;
        for row in &mut rows {
            settle(row);
        }
        let Some(first) = rows.first() else { return Some(Tree::Fail) };
        let Some((occ, pattern)) = first.tests.first().copied() else {
            return Some(Tree::Leaf { arm: first.arm, binds: first.binds.clone() });
        };
        if let PatternKind::Tuple(parts) = &pattern.kind {
            let fields = self.tuple_fields(occ, parts.len());
            let rows = rows.iter().map(|r| expand(r, occ, &fields)).collect();
            return self.build(rows);
        }
        let (groups, untested) = self.groups(rows, occ);
        let complete = self.is_complete(occ, &groups);
        let mut cases = Vec::new();
        for (test, rows) in groups {
            cases.push((test, self.build(rows)?));
        }
        let default = if complete { None } else { Some(Box::new(self.build(untested)?)) };
        Some(Tree::Branch { occ, cases, default })
    }

    /// The rows for each test of an occurrence, in the order of the first row with
    /// it, and the rows that do not test it.
    fn groups<'p>(
        &mut self,
        rows: Vec<Row<'p>>,
        occ: OccId,
    ) -> (Vec<(Test, Vec<Row<'p>>)>, Vec<Row<'p>>) {
        let mut groups: Vec<(Test, Vec<Row<'p>>)> = Vec::new();
        let mut fields: Vec<Vec<OccId>> = Vec::new();
        let mut places: HashMap<Test, usize> = HashMap::new();
        let mut untested: Vec<Row<'p>> = Vec::new();
        for row in rows {
            let tested = row.tests.iter().find(|(o, _)| *o == occ).and_then(|(_, p)| test(p));
            let Some(test) = tested else {
                groups.iter_mut().for_each(|(_, rows)| rows.push(row.clone()));
                untested.push(row);
                continue;
            };
            let place = *places.entry(test.clone()).or_insert_with(|| {
                fields.push(self.case_fields(occ, &test));
                groups.push((test.clone(), untested.clone()));
                groups.len() - 1
            });
            groups[place].1.extend(specialise(&row, occ, &test, &fields[place]));
        }
        (groups, untested)
    }

    fn is_complete(&mut self, occ: OccId, tests: &[(Test, Vec<Row<'_>>)]) -> bool {
        match tests[0].0 {
            Test::Bool(_) => tests.len() == 2,
            Test::Ctor(_) => match self.lo.types.value_kind(self.occs[occ].ty) {
                TyKind::Data(data, _) => tests.len() == self.lo.program.data(*data).ctors.len(),
                _ => true,
            },
            Test::Int(_) | Test::Str(_) => false,
        }
    }

    fn fields(&mut self, occ: OccId, of: &SmolStr, shape: CtorShape) -> Vec<OccId> {
        let mut out = Vec::new();
        for (ty, slot) in shape.fields.into_iter().zip(shape.slots) {
            self.occs.push(Occ { parent: Some(occ), of: of.clone(), slot, ty });
            out.push(self.occs.len() - 1);
        }
        out
    }

    fn tuple_fields(&mut self, occ: OccId, count: usize) -> Vec<OccId> {
        let TyKind::Tuple(parts) = self.lo.types.value_kind(self.occs[occ].ty).clone() else {
            unreachable!("a tuple pattern matches a tuple");
        };
        debug_assert_eq!(parts.len(), count);
        let shape = self.lo.object_shape(0, parts);
        self.fields(occ, &SmolStr::new_static("Tuple"), shape)
    }

    fn case_fields(&mut self, occ: OccId, test: &Test) -> Vec<OccId> {
        let Test::Ctor(ctor) = test else { return Vec::new() };
        let TyKind::Data(data, args) = self.lo.types.value_kind(self.occs[occ].ty).clone() else {
            unreachable!("a constructor pattern matches a data value");
        };
        let shape = self.lo.ctor_shape(data, *ctor, &args);
        let name = self.lo.program.data(data).ctors[*ctor as usize].name.clone();
        self.fields(occ, &name, shape)
    }
}

/// Moves binders and wildcards of a row out of its tests.
fn settle(row: &mut Row<'_>) {
    let Row { tests, binds, .. } = row;
    tests.retain(|(occ, pattern)| match &pattern.kind {
        PatternKind::Wildcard => false,
        PatternKind::Bind(local) => {
            binds.push(Binding { local: *local, occ: *occ });
            false
        }
        PatternKind::Ctor { .. }
        | PatternKind::Tuple(_)
        | PatternKind::Int(_)
        | PatternKind::Str(_)
        | PatternKind::Bool(_) => true,
    });
}

fn test(pattern: &Pattern) -> Option<Test> {
    Some(match &pattern.kind {
        PatternKind::Ctor { ctor, .. } => Test::Ctor(*ctor),
        PatternKind::Int(n) => Test::Int(*n),
        PatternKind::Str(s) => Test::Str(s.clone()),
        PatternKind::Bool(b) => Test::Bool(*b),
        PatternKind::Wildcard | PatternKind::Bind(_) | PatternKind::Tuple(_) => return None,
    })
}

/// The row with a tuple test replaced by tests of its components.
fn expand<'p>(row: &Row<'p>, occ: OccId, fields: &[OccId]) -> Row<'p> {
    let mut out = Row { tests: Vec::new(), binds: row.binds.clone(), arm: row.arm };
    for (o, pattern) in &row.tests {
        match &pattern.kind {
            PatternKind::Tuple(parts) if *o == occ => {
                out.tests.extend(fields.iter().copied().zip(parts));
            }
            _ => out.tests.push((*o, *pattern)),
        }
    }
    out
}

/// The row as it stands once `occ` passed `wanted`, or `None` when it cannot match.
fn specialise<'p>(row: &Row<'p>, occ: OccId, wanted: &Test, fields: &[OccId]) -> Option<Row<'p>> {
    let mut out = Row { tests: Vec::new(), binds: row.binds.clone(), arm: row.arm };
    for (o, pattern) in &row.tests {
        if *o != occ {
            out.tests.push((*o, *pattern));
            continue;
        }
        if test(pattern).as_ref() != Some(wanted) {
            return None;
        }
        if let PatternKind::Ctor { args, .. } = &pattern.kind {
            out.tests.extend(fields.iter().copied().zip(args));
        }
    }
    Some(out)
}
