//! Places where a match can start, found without running the program.
//!
//! Three kinds, the best that fits: a literal all matches start with; a byte all
//! matches have, with only known bytes before it; the bytes matches start with.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use crate::regex::ast::{Ast, Node, NodeId};
use crate::regex::program::{Inst, Program};
use crate::regex::set::Set;
use crate::regex::text::{REPLACEMENT, push_char};

/// A table of bytes.
pub(crate) type Bytes = Box<[bool; 256]>;

/// How to find candidates.
pub(crate) enum Prefilter {
    None,
    /// A literal and the places in it of its two rarest bytes.
    Literal {
        literal: Vec<u8>,
        rarest: [usize; 2],
    },
    /// A byte that comes after nothing but bytes of the table.
    Required {
        byte: u8,
        before: Bytes,
    },
    First(Bytes),
}

/// More bytes than this to start with are not worth a look.
const USEFUL: usize = 128;

impl Prefilter {
    /// What the pattern allows.
    pub(crate) fn new(ast: &Ast, root: NodeId, program: &Program) -> Self {
        let literal = literal(program);
        let rarest =
            |not| (0..literal.len()).filter(|&i| i != not).min_by_key(|&i| commonness(literal[i]));
        if let Some(first) = rarest(usize::MAX) {
            let rarest = [first, rarest(first).unwrap_or(first)];
            return Self::Literal { literal, rarest };
        }
        let first = first_bytes(program, &ast.sets);
        let useful = |bytes: &Bytes| bytes.iter().filter(|&&is| is).count() <= USEFUL;
        if !ast.irregular
            && let Some((byte, before)) = required(ast, root)
        {
            return Self::Required { byte, before };
        }
        match first {
            Some(bytes) if useful(&bytes) => Self::First(bytes),
            _ => Self::None,
        }
    }

    pub(crate) fn is_useful(&self) -> bool {
        !matches!(self, Self::None)
    }

    /// The first place from `at` on where a match can start; none when there is none.
    /// `memory` holds for one search the place of the required byte and the
    /// candidate that belongs to it.
    pub(crate) fn candidate(
        &self,
        text: &[u8],
        at: usize,
        memory: &mut (usize, usize),
    ) -> Option<usize> {
        let rest = text.get(at..)?;
        match self {
            Self::None => Some(at),
            Self::First(bytes) => rest.iter().position(|&b| bytes[b as usize]).map(|i| at + i),
            Self::Literal { literal, rarest } => {
                find_literal(rest, literal, *rarest).map(|i| at + i)
            }
            Self::Required { byte, before } => {
                if at > memory.0 || memory.1 == 0 {
                    let place = at + find_byte(rest, *byte)?;
                    let run =
                        text[at..place].iter().rev().take_while(|&&b| before[b as usize]).count();
                    *memory = (place, place - run + 1);
                }
                Some(at.max(memory.1 - 1))
            }
        }
    }
}

/// Bytes that are looked at together: the loops over so many have no early exit
/// inside, and compilers make a few vector comparisons of them.
const WIDE: usize = 32;

/// Where a byte is first.
fn find_byte(text: &[u8], byte: u8) -> Option<usize> {
    let mut at = 0;
    for chunk in text.chunks_exact(WIDE) {
        if chunk.iter().fold(false, |found, &b| found | (b == byte)) {
            break;
        }
        at += WIDE;
    }
    text[at..].iter().position(|&b| b == byte).map(|i| at + i)
}

/// Where a literal is first; two of its bytes, both rare, are looked for.
fn find_literal(text: &[u8], literal: &[u8], [a, b]: [usize; 2]) -> Option<usize> {
    let (byte_a, byte_b) = (literal[a], literal[b]);
    let mut at = 0;
    while let (Some(some), Some(others)) =
        (text.get(at + a..at + a + WIDE), text.get(at + b..at + b + WIDE))
    {
        let pairs = some.iter().zip(others);
        if pairs.fold(false, |found, (&x, &y)| found | ((x == byte_a) & (y == byte_b))) {
            let found =
                (at..at + WIDE).find(|&i| text[i + a] == byte_a && text[i..].starts_with(literal));
            if found.is_some() {
                return found;
            }
        }
        at += WIDE;
    }
    let rest = text.get(at..)?;
    rest.windows(literal.len()).position(|window| window == literal).map(|i| at + i)
}

/// A rough order of how often bytes come in texts and programs.
fn commonness(byte: u8) -> u8 {
    const OFTEN: &[u8] =
        b" etaoinsrhldcumfpgwybv\n,._\"0-1k=2)('x;/TSAICEMPNRDLOFBHqj<>:3456789zWGU{}[]VKYJQXZ";
    match OFTEN.iter().position(|&b| b == byte) {
        Some(place) => 200 - place as u8,
        None if byte >= 0x80 => 150,
        None => 0,
    }
}

/// The characters that every match starts with, as UTF-8.
fn literal(program: &Program) -> Vec<u8> {
    let mut literal = Vec::new();
    let mut pc = program.start;
    while literal.len() < 64 {
        match program.insts[pc as usize] {
            Inst::Save { next, .. } => pc = next,
            Inst::Char { c, next } if c != REPLACEMENT && !(0xD800..0xE000).contains(&c) => {
                push_char(&mut literal, c);
                pc = next;
            }
            _ => break,
        }
    }
    literal
}

/// Adds the bytes that characters of a range start with (`all`: consist of).
fn add_bytes(bytes: &mut [bool; 256], low: u32, high: u32, all: bool) {
    for c in low..=high.min(127) {
        bytes[c as usize] = true;
    }
    if high < 128 {
        return;
    }
    let lead = |c: u32| match c {
        0..0x800 => 0xC0 | c >> 6,
        0x800..0x1_0000 => 0xE0 | c >> 12,
        _ => 0xF0 | c >> 18,
    };
    // Invalid bytes read as the replacement character.
    let any = all || low <= REPLACEMENT && REPLACEMENT <= high;
    let (low, high) = if any { (0x80, 0xFF) } else { (lead(low.max(128)), lead(high)) };
    bytes[low as usize..=(high as usize).min(255)].fill(true);
}

/// The bytes a match can start with; none when it can be empty.
fn first_bytes(program: &Program, sets: &[Set]) -> Option<Bytes> {
    let mut bytes = Box::new([false; 256]);
    let mut seen = vec![false; program.insts.len()];
    let mut seen_sets = vec![false; sets.len()];
    let mut stack = vec![program.start];
    while let Some(pc) = stack.pop() {
        if core::mem::replace(&mut seen[pc as usize], true) {
            continue;
        }
        match program.insts[pc as usize] {
            Inst::Match | Inst::EndLook => return None,
            Inst::BackReference { next, empty, .. } => stack.extend([next, empty]),
            Inst::Char { c, .. } => add_bytes(&mut bytes, c, c, false),
            Inst::Set { set, .. } if core::mem::replace(&mut seen_sets[set as usize], true) => {}
            Inst::Set { set, .. } => {
                for &(low, high) in sets[set as usize].ranges() {
                    add_bytes(&mut bytes, low, high, false);
                }
            }
            Inst::Split { first, second } => stack.extend([first, second]),
            Inst::Condition { yes, no, .. } => stack.extend([yes, no]),
            Inst::Save { next, .. }
            | Inst::Assert { next, .. }
            | Inst::Look { next, .. }
            | Inst::EndAtomic { next }
            | Inst::Atomic { body: next } => stack.push(next),
        }
    }
    Some(bytes)
}

/// The first ASCII character of the top sequence that has to come, with the bytes
/// that can come before it in a match.
fn required(ast: &Ast, root: NodeId) -> Option<(u8, Bytes)> {
    let Node::Concat { first, count } = ast.node(root) else { return None };
    let mut bytes = Box::new([false; 256]);
    let mut seen_sets = vec![false; ast.sets.len()];
    let mut stack = Vec::new();
    for &item in ast.list(first, count) {
        if let Node::Char(c @ 0..128) = ast.node(item) {
            // Inside what comes before, the byte would hide the one that is meant.
            return (!bytes[c as usize]).then_some((c as u8, bytes));
        }
        stack.push(item);
        while let Some(node) = stack.pop() {
            match ast.node(node) {
                Node::Char(c) => add_bytes(&mut bytes, c, c, true),
                Node::Set(set) if core::mem::replace(&mut seen_sets[set as usize], true) => {}
                Node::Set(set) => {
                    for &(low, high) in ast.sets[set as usize].ranges() {
                        add_bytes(&mut bytes, low, high, true);
                    }
                }
                Node::Concat { first, count } | Node::Either { first, count } => {
                    stack.extend_from_slice(ast.list(first, count));
                }
                Node::Repeat { body, .. } | Node::Group { body, .. } => stack.push(body),
                Node::Empty | Node::Assert(_) => {}
                _ => return None,
            }
        }
    }
    None
}
