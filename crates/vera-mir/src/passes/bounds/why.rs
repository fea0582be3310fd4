//! Why facts hold: for each, what gave it, as a graph that shares its parts.
//!
//! Facts are made by the thousand and few decide anything, so that a fact costs a
//! number here, and what it rests on is listed only where it is used.

use std::collections::HashSet;

use crate::ir::Reason;

/// What a fact rests on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub(super) struct Why(u32);

impl Why {
    /// On nothing: it holds wherever its values are defined.
    pub const ALWAYS: Why = Why(0);
}

enum Node {
    Given(Reason),
    Both(Why, Why),
    /// It was settled at the end of a region that what came since belongs to.
    Settled(Why, Since),
}

/// A point of the walk.
#[derive(Clone, Copy)]
pub(super) struct Since(u32);

/// The graph.
pub(super) struct Whys {
    /// Whether anybody will ask.
    kept: bool,
    nodes: Vec<Node>,
}

impl Whys {
    pub fn new(kept: bool) -> Whys {
        // The first number stands for no reason.
        Whys { kept, nodes: vec![Node::Both(Why::ALWAYS, Why::ALWAYS)] }
    }

    pub fn now(&self) -> Since {
        Since(self.nodes.len() as u32)
    }

    fn add(&mut self, node: Node) -> Why {
        if !self.kept {
            return Why::ALWAYS;
        }
        self.nodes.push(node);
        Why(self.nodes.len() as u32 - 1)
    }

    pub fn given(&mut self, reason: Reason) -> Why {
        self.add(Node::Given(reason))
    }

    pub fn both(&mut self, a: Why, b: Why) -> Why {
        match (a, b) {
            (Why::ALWAYS, one) | (one, Why::ALWAYS) => one,
            _ if a == b => a,
            _ => self.add(Node::Both(a, b)),
        }
    }

    /// What remains to be said of a fact behind the region that began then: it was
    /// claimed at the region's end.
    pub fn settled(&mut self, why: Why, since: Since) -> Why {
        if why == Why::ALWAYS { why } else { self.add(Node::Settled(why, since)) }
    }

    /// What a fact rests on.
    pub fn reasons(&self, why: Why) -> Vec<Reason> {
        let (mut out, mut met) = (Vec::new(), HashSet::new());
        let mut work = vec![(why, self.now().0)];
        while let Some((why, until)) = work.pop() {
            if why == Why::ALWAYS || !met.insert((why, until)) {
                continue;
            }
            match self.nodes[why.0 as usize] {
                Node::Given(reason) if why.0 < until => {
                    if !out.contains(&reason) {
                        out.push(reason);
                    }
                }
                Node::Given(_) => {}
                Node::Both(a, b) => work.extend([(a, until), (b, until)]),
                Node::Settled(inner, since) => work.push((inner, until.min(since.0))),
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::Whys;
    use crate::ir::{Reason, ValueId};

    #[test]
    fn a_region_that_has_ended_keeps_only_what_came_from_outside() {
        let mut whys = Whys::new(true);
        let [outer, inner] = [1, 2].map(|v| Reason::Condition(ValueId(v), true));
        let outside = whys.given(outer);
        let since = whys.now();
        let inside = whys.given(inner);
        let both = whys.both(outside, inside);
        assert_eq!(whys.reasons(both), [inner, outer]);
        let behind = whys.settled(both, since);
        assert_eq!(whys.reasons(behind), [outer]);
    }
}
