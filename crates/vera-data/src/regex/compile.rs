//! From the tree to a program (Thompson's construction, built from the end).
//!
//! A loop whose round may be empty needs care: backtracking engines leave it
//! after an empty round, so what may follow a round depends on whether the
//! round took a character. That one bit is put into the program: a node is
//! compiled for two successors, `empty` and `taken`, and the parts that can be
//! passed in both states are compiled twice. So the future depends on place and
//! instruction alone, which makes the linear engines exact.
//!
//! The work is a stack of tasks and a stack of results; a task pops what the
//! tasks before it pushed.

use alloc::vec;
use alloc::vec::Vec;

use super::ast::{Ast, INFINITE, Node, NodeId};
use super::error::Error;
use super::program::{Inst, Pc, Program};

/// Instructions that every pattern may have, and how many more for each node.
const ROOM: usize = 1 << 18;
const ROOM_PER_NODE: usize = 4;

/// Where a node leads to.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Exits {
    empty: Pc,
    taken: Pc,
}

impl Exits {
    fn one(pc: Pc) -> Self {
        Self { empty: pc, taken: pc }
    }
}

/// One step of the work. "Result" is the top of the stack of results.
enum Task {
    /// Pushes the entry of the node.
    Node(NodeId, Exits),
    /// Item `at` of a list and those before it; the results are the entries of
    /// what follows for the two states.
    Sequence {
        first: u32,
        count: u32,
        done: u32,
    },
    /// `times` more rounds before the two results.
    Rounds {
        body: NodeId,
        times: u32,
    },
    /// The node again, for the state without anything taken; the results are the two
    /// entries behind it and its own entry for the other state.
    Pair(NodeId),
    /// The alternatives before `left`, the result being the entry of those after.
    Branches {
        first: u32,
        left: u32,
        exits: Exits,
    },
    /// Joins two results by a split.
    Join,
    /// Fills the split with the result as its body, and pushes the split.
    Loop {
        split: Pc,
        greedy: bool,
        exit: Pc,
    },
    /// One more optional round; the result is the entry of the later ones.
    Optional {
        body: NodeId,
        times: u32,
        greedy: bool,
        exits: Exits,
    },
    /// A split of the result and the exit.
    Choice {
        greedy: bool,
        exit: Pc,
    },
    /// Wraps the result.
    Save(u32),
    Atomic,
    Look {
        behind: Option<u32>,
        negative: bool,
        next: Pc,
    },
    Condition {
        group: u32,
    },
    /// Enters an infinite loop whose first round starts with nothing taken.
    EnterLoop {
        body: NodeId,
        greedy: bool,
        exits: Exits,
    },
    /// Pushes the result once more.
    Copy,
    Push(Pc),
}

struct Compiler<'a> {
    ast: &'a Ast,
    insts: Vec<Inst>,
    tasks: Vec<Task>,
    results: Vec<Pc>,
    backward: bool,
}

/// Compiles a tree; `backward` gives the program that reads matches from their
/// end, without groups, for the languages of automata only.
pub(crate) fn compile(ast: &Ast, root: NodeId, backward: bool) -> Result<Program, Error> {
    let room = ROOM + ROOM_PER_NODE * ast.nodes.len();
    let mut compiler = Compiler {
        ast,
        insts: vec![Inst::Match],
        tasks: Vec::new(),
        results: Vec::new(),
        backward,
    };
    compiler.tasks.push(Task::Node(root, Exits::one(0)));
    let mut work = 0;
    while let Some(task) = compiler.tasks.pop() {
        work += 1;
        if compiler.insts.len() > room || work > 8 * room || compiler.tasks.len() > 8 * room {
            return Err(Error::whole(b"pattern too large"));
        }
        compiler.step(task);
    }
    let start = compiler.result();
    Ok(Program { insts: compiler.insts, start })
}

impl Compiler<'_> {
    #[inline(never)]
    fn emit(&mut self, inst: Inst) -> Pc {
        self.insts.push(inst);
        (self.insts.len() - 1) as Pc
    }

    #[inline(never)]
    fn done(&mut self, inst: Inst) {
        let pc = self.emit(inst);
        self.results.push(pc);
    }

    #[inline(never)]
    fn result(&mut self) -> Pc {
        self.results.pop().unwrap_or(0)
    }

    fn can_be_empty(&self, node: NodeId) -> bool {
        self.ast.width(node).0 == 0
    }

    fn split(greedy: bool, body: Pc, exit: Pc) -> Inst {
        if greedy {
            Inst::Split { first: body, second: exit }
        } else {
            Inst::Split { first: exit, second: body }
        }
    }

    fn step(&mut self, task: Task) {
        match task {
            Task::Node(node, exits) => self.node(node, exits),
            Task::Push(pc) => self.results.push(pc),
            Task::Copy => {
                let top = self.result();
                self.results.extend([top, top]);
            }
            Task::Sequence { first, count, done } => {
                if done == count {
                    // Only the state at the start is wanted: nothing taken yet.
                    let empty = self.result();
                    self.result();
                    self.results.push(empty);
                    return;
                }
                let at = if self.backward { done } else { count - 1 - done };
                let node = self.ast.list(first, count)[at as usize];
                self.tasks.push(Task::Sequence { first, count, done: done + 1 });
                self.pair(node, done + 1 == count);
            }
            Task::Rounds { body, times } => {
                if times > 0 {
                    self.tasks.push(Task::Rounds { body, times: times - 1 });
                    self.pair(body, times == 1);
                } else {
                    let empty = self.result();
                    self.result();
                    self.results.push(empty);
                }
            }
            Task::Pair(node) => {
                let entry = self.result();
                let empty = self.result();
                let taken = self.result();
                self.results.push(entry);
                self.tasks.push(Task::Node(node, Exits { empty, taken }));
            }
            Task::Branches { first, left, exits } => {
                if left > 0 {
                    self.tasks.push(Task::Branches { first, left: left - 1, exits });
                    self.tasks.push(Task::Join);
                    let node = self.ast.lists[(first + left - 1) as usize];
                    self.tasks.push(Task::Node(node, exits));
                }
            }
            Task::Join => {
                let first = self.result();
                let second = self.result();
                self.done(Inst::Split { first, second });
            }
            Task::Loop { split, greedy, exit } => {
                let body = self.result();
                self.insts[split as usize] = Self::split(greedy, body, exit);
                self.results.push(split);
            }
            Task::EnterLoop { body, greedy, exits } => {
                // The result is the loop with something taken.
                let taken = self.result();
                self.tasks.push(Task::Choice { greedy, exit: exits.empty });
                self.tasks.push(Task::Node(body, Exits { empty: exits.empty, taken }));
            }
            Task::Optional { body, times, greedy, exits } => {
                let later = self.result();
                if times == 0 {
                    self.results.push(later);
                    return;
                }
                // Only the first round can start with nothing taken.
                let exit = if times == 1 { exits.empty } else { exits.taken };
                self.tasks.push(Task::Optional { body, times: times - 1, greedy, exits });
                self.tasks.push(Task::Choice { greedy, exit });
                self.tasks.push(Task::Node(body, Exits { empty: exit, taken: later }));
            }
            Task::Choice { greedy, exit } => {
                let body = self.result();
                self.done(Self::split(greedy, body, exit));
            }
            Task::Save(slot) => {
                let next = self.result();
                self.done(Inst::Save { slot, next });
            }
            Task::Atomic => {
                let body = self.result();
                self.done(Inst::Atomic { body });
            }
            Task::Look { behind, negative, next } => {
                let body = self.result();
                self.done(Inst::Look { body, behind, negative, next });
            }
            Task::Condition { group } => {
                let no = self.result();
                let yes = self.result();
                self.done(Inst::Condition { group, yes, no });
            }
        }
    }

    /// One item before the two results (taken below, empty on top), for both
    /// states; before the first item only the state without anything taken counts.
    #[inline(never)]
    fn pair(&mut self, node: NodeId, is_first: bool) {
        let empty = self.result();
        let taken = self.result();
        if empty == taken || !self.can_be_empty(node) {
            self.tasks.push(Task::Copy);
            self.tasks.push(Task::Node(node, Exits::one(taken)));
        } else if is_first {
            self.results.push(taken);
            self.tasks.push(Task::Node(node, Exits { empty, taken }));
        } else {
            self.results.extend([taken, empty]);
            self.tasks.push(Task::Pair(node));
            self.tasks.push(Task::Node(node, Exits::one(taken)));
        }
    }

    #[inline(never)]
    fn node(&mut self, node: NodeId, exits: Exits) {
        match self.ast.node(node) {
            Node::Empty => self.results.push(exits.empty),
            Node::Char(c) => self.done(Inst::Char { c, next: exits.taken }),
            Node::Set(set) => self.done(Inst::Set { set, next: exits.taken }),
            Node::Assert(assert) => self.done(Inst::Assert { assert, next: exits.empty }),
            Node::Concat { first, count } => {
                self.results.extend([exits.taken, exits.empty]);
                self.tasks.push(Task::Sequence { first, count, done: 0 });
            }
            Node::Either { first, count } => {
                self.tasks.push(Task::Branches { first, left: count - 1, exits });
                let last = self.ast.lists[(first + count - 1) as usize];
                self.tasks.push(Task::Node(last, exits));
            }
            Node::Repeat { body, min, max, greedy } => self.repeat(body, min, max, greedy, exits),
            Node::Group { body, .. } if self.backward => self.tasks.push(Task::Node(body, exits)),
            Node::Group { body, index } => {
                let taken = self.emit(Inst::Save { slot: 2 * index + 1, next: exits.taken });
                let empty = if exits.empty == exits.taken {
                    taken
                } else {
                    self.emit(Inst::Save { slot: 2 * index + 1, next: exits.empty })
                };
                self.tasks.push(Task::Save(2 * index));
                self.tasks.push(Task::Node(body, Exits { empty, taken }));
            }
            Node::Atomic(body) => {
                let taken = self.emit(Inst::EndAtomic { next: exits.taken });
                let empty = if exits.empty == exits.taken {
                    taken
                } else {
                    self.emit(Inst::EndAtomic { next: exits.empty })
                };
                self.tasks.push(Task::Atomic);
                self.tasks.push(Task::Node(body, Exits { empty, taken }));
            }
            Node::Look { body, behind, negative } => {
                let end = self.emit(Inst::EndLook);
                self.tasks.push(Task::Look { behind, negative, next: exits.empty });
                self.tasks.push(Task::Node(body, Exits::one(end)));
            }
            Node::BackReference { group, fold } => {
                self.done(Inst::BackReference {
                    group,
                    fold,
                    next: exits.taken,
                    empty: exits.empty,
                });
            }
            Node::Condition { group, yes, no } => {
                self.tasks.push(Task::Condition { group });
                self.tasks.push(Task::Node(no, exits));
                self.tasks.push(Task::Node(yes, exits));
            }
        }
    }

    #[inline(never)]
    fn repeat(&mut self, body: NodeId, min: u32, max: u32, greedy: bool, exits: Exits) {
        // Before the rounds that must be, two results are wanted: what follows
        // them with something taken, and without.
        let two = min > 0;
        let same = exits.empty == exits.taken;
        if two {
            self.tasks.push(Task::Rounds { body, times: min });
        }
        if max == INFINITE {
            let split = self.emit(Inst::Match);
            let empty = if self.backward { split } else { exits.taken };
            if !same {
                self.tasks.push(Task::EnterLoop { body, greedy, exits });
            }
            if two {
                self.tasks.push(Task::Copy);
            }
            self.tasks.push(Task::Loop { split, greedy, exit: exits.taken });
            self.tasks.push(Task::Node(body, Exits { empty, taken: split }));
            return;
        }
        let times = max - min;
        if two && same {
            self.tasks.push(Task::Copy);
        }
        self.tasks.push(Task::Optional { body, times, greedy, exits });
        self.tasks.push(Task::Push(if times == 0 { exits.empty } else { exits.taken }));
        if two && !same {
            self.tasks.push(Task::Optional { body, times, greedy, exits: Exits::one(exits.taken) });
            self.tasks.push(Task::Push(exits.taken));
        }
    }
}
