//! Compiled patterns as bytes.
//!
//! A program whose patterns stand in its text has them compiled with it, and carries
//! the engines and these bytes instead of the reader of patterns and the tables of
//! Unicode. Sets are pieces of their own, since patterns share them: `\w` alone is
//! two kilobytes.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::convert::identity;

use super::ast::{Assert, Fold, SetId};
use super::exec::prefilter::{Bytes, Prefilter};
use super::numbers::{Numbers, push, push_counted};
use super::program::{Inst, Program};
use super::set::Set;
use super::{Backtracking, Engine, MOST_SLOTS, Regex};

/// How the engine of a pattern is written.
const AUTOMATA: u32 = 0;
const PIKE: u32 = 1;
const BACKTRACK: u32 = 2;

impl Regex {
    /// The compiled pattern: first what is its own, then its sets, one piece each.
    /// None when matching asks the tables of Unicode, as a back-reference does that
    /// ignores case, or when there are too many groups to follow them at once.
    pub fn freeze(&self) -> Option<Vec<Vec<u8>>> {
        let mut out = Vec::new();
        push(&mut out, self.groups);
        push(&mut out, self.names.len() as u32);
        for (name, group) in &self.names {
            push(&mut out, name.len() as u32);
            name.iter().for_each(|&c| push(&mut out, c));
            push(&mut out, *group);
        }
        let (engine, reverse) = match &self.engine {
            Engine::Automata(automata) => (AUTOMATA, Some(&automata.reverse)),
            Engine::Pike => (PIKE, None),
            Engine::Backtrack => (BACKTRACK, None),
        };
        if !self.backtracks() && self.slots_of_all_ways() > MOST_SLOTS {
            return None;
        }
        push(&mut out, engine);
        let mut used = vec![false; self.sets.len()];
        for program in [Some(&self.program), reverse].into_iter().flatten() {
            push_program(&mut out, program)?;
            program.insts.iter().filter_map(set_of).for_each(|set| used[set as usize] = true);
        }
        push_prefilter(&mut out, &self.prefilter);
        let sets = self.sets.iter().zip(used).map(|(set, is)| {
            let mut out = Vec::new();
            if is {
                push_set(&mut out, set);
            }
            out
        });
        Some([out].into_iter().chain(sets).collect())
    }

    /// The pattern of the pieces that [`Regex::freeze`] made. Other pieces give some
    /// pattern, whose use may panic. `backtracking` is what
    /// [`Regex::backtracks`] patterns need.
    #[inline(never)]
    pub fn thaw<'a>(
        mut pieces: impl Iterator<Item = &'a [u8]>,
        backtracking: Option<Backtracking>,
    ) -> Self {
        let mut own = Numbers::of(pieces.next().unwrap_or(&[]));
        let groups = own.take();
        let mut names = Vec::new();
        for _ in 0..own.take() {
            let mut name = Vec::new();
            for _ in 0..own.take() {
                name.push(own.take());
            }
            names.push((name, own.take()));
        }
        let mut sets = Vec::new();
        for piece in pieces {
            sets.push(set(&mut Numbers::of(piece)));
        }
        let kind = own.take();
        let program = program(&mut own);
        let reverse = if kind == AUTOMATA { Some(self::program(&mut own)) } else { None };
        let prefilter = prefilter(&mut own);
        let engine = match reverse {
            Some(reverse) => Engine::automata(&program, &sets, &prefilter, || Ok(reverse)),
            None if kind == PIKE => Ok(Engine::Pike),
            None => Ok(Engine::Backtrack),
        };
        // Only making the program backward can fail, and it is made.
        let engine = engine.unwrap_or(Engine::Pike);
        Self { names, groups, sets, program, prefilter, engine, backtracking, lower: identity }
    }
}

/// The set an instruction looks at.
fn set_of(inst: &Inst) -> Option<SetId> {
    match *inst {
        Inst::Set { set, .. } => Some(set),
        Inst::Assert { assert, .. } => match assert {
            Assert::Word { word: set, .. }
            | Assert::Next { set, .. }
            | Assert::Before { set, .. } => Some(set),
            Assert::Start | Assert::LineStart | Assert::End | Assert::LastEnd | Assert::LineEnd => {
                None
            }
        },
        Inst::Match
        | Inst::Char { .. }
        | Inst::Split { .. }
        | Inst::Save { .. }
        | Inst::Look { .. }
        | Inst::EndLook
        | Inst::Atomic { .. }
        | Inst::EndAtomic { .. }
        | Inst::BackReference { .. }
        | Inst::Condition { .. } => None,
    }
}

fn push_program(out: &mut Vec<u8>, program: &Program) -> Option<()> {
    push(out, program.start);
    push(out, program.insts.len() as u32);
    for inst in &program.insts {
        let (kind, fields, count) = fields_of(inst)?;
        push(out, kind);
        fields[..count].iter().for_each(|&field| push(out, field));
    }
    Some(())
}

/// Kind and numbers of an instruction; `None` for one that needs the tables.
fn fields_of(inst: &Inst) -> Option<(u32, [u32; 4], usize)> {
    Some(match *inst {
        Inst::Match => (0, [0; 4], 0),
        Inst::Char { c, next } => (1, [c, next, 0, 0], 2),
        Inst::Set { set, next } => (2, [set, next, 0, 0], 2),
        Inst::Split { first, second } => (3, [first, second, 0, 0], 2),
        Inst::Save { slot, next } => (4, [slot, next, 0, 0], 2),
        Inst::EndLook => (5, [0; 4], 0),
        Inst::Atomic { body } => (6, [body, 0, 0, 0], 1),
        Inst::EndAtomic { next } => (7, [next, 0, 0, 0], 1),
        Inst::Look { body, behind, negative, next } => {
            (8, [body, behind.map_or(0, |n| n + 1), negative.into(), next], 4)
        }
        Inst::BackReference { fold: Fold::Unicode, .. } => return None,
        Inst::BackReference { group, fold, next, empty } => {
            (9, [group, u32::from(fold == Fold::Ascii), next, empty], 4)
        }
        Inst::Condition { group, yes, no } => (10, [group, yes, no, 0], 3),
        Inst::Assert { assert, next } => match assert {
            Assert::Start => (11, [next, 0, 0, 0], 1),
            Assert::LineStart => (12, [next, 0, 0, 0], 1),
            Assert::End => (13, [next, 0, 0, 0], 1),
            Assert::LastEnd => (14, [next, 0, 0, 0], 1),
            Assert::LineEnd => (15, [next, 0, 0, 0], 1),
            Assert::Word { word, negative } => (16, [word, negative.into(), next, 0], 3),
            Assert::Next { set, negative } => (17, [set, negative.into(), next, 0], 3),
            Assert::Before { set, negative } => (18, [set, negative.into(), next, 0], 3),
        },
    })
}

#[inline(never)]
fn program(from: &mut Numbers) -> Program {
    let start = from.take();
    let mut insts = Vec::new();
    for _ in 0..from.take() {
        insts.push(inst(from));
    }
    Program { insts, start }
}

fn inst(from: &mut Numbers) -> Inst {
    let (kind, mut fields) = (from.take(), [0; 4]);
    // How many numbers each kind has.
    const COUNTS: [u8; 19] = [0, 2, 2, 2, 2, 0, 1, 1, 4, 4, 3, 1, 1, 1, 1, 1, 3, 3, 3];
    let count = COUNTS.get(kind as usize).copied().unwrap_or(0);
    fields.iter_mut().take(count.into()).for_each(|field| *field = from.take());
    let [a, b, c, d] = fields;
    let place = |assert| Inst::Assert { assert, next: a };
    let beside = |assert| Inst::Assert { assert, next: c };
    match kind {
        1 => Inst::Char { c: a, next: b },
        2 => Inst::Set { set: a, next: b },
        3 => Inst::Split { first: a, second: b },
        4 => Inst::Save { slot: a, next: b },
        5 => Inst::EndLook,
        6 => Inst::Atomic { body: a },
        7 => Inst::EndAtomic { next: a },
        8 => Inst::Look { body: a, behind: b.checked_sub(1), negative: c == 1, next: d },
        9 => {
            let fold = if b == 1 { Fold::Ascii } else { Fold::Exact };
            Inst::BackReference { group: a, fold, next: c, empty: d }
        }
        10 => Inst::Condition { group: a, yes: b, no: c },
        11 => place(Assert::Start),
        12 => place(Assert::LineStart),
        13 => place(Assert::End),
        14 => place(Assert::LastEnd),
        15 => place(Assert::LineEnd),
        16 => beside(Assert::Word { word: a, negative: b == 1 }),
        17 => beside(Assert::Next { set: a, negative: b == 1 }),
        18 => beside(Assert::Before { set: a, negative: b == 1 }),
        _ => Inst::Match,
    }
}

fn push_prefilter(out: &mut Vec<u8>, prefilter: &Prefilter) {
    let table = |out: &mut Vec<u8>, bytes: &Bytes| {
        for eight in bytes.chunks(8) {
            out.push(eight.iter().rev().fold(0, |bits, &is| bits << 1 | u8::from(is)));
        }
    };
    match prefilter {
        Prefilter::None => push(out, 0),
        Prefilter::Literal { literal, rarest } => {
            push(out, 1);
            push_counted(out, literal);
            rarest.iter().for_each(|&place| push(out, place as u32));
        }
        Prefilter::Required { byte, before } => {
            push(out, 2);
            push(out, u32::from(*byte));
            table(out, before);
        }
        Prefilter::First(bytes) => {
            push(out, 3);
            table(out, bytes);
        }
    }
}

#[inline(never)]
fn prefilter(from: &mut Numbers) -> Prefilter {
    let table = |from: &mut Numbers| {
        let mut bytes: Bytes = Box::new([false; 256]);
        let bits = from.bytes(32);
        for (i, is) in bytes.iter_mut().enumerate() {
            *is = bits.get(i / 8).is_some_and(|bits| bits >> (i % 8) & 1 == 1);
        }
        bytes
    };
    match from.take() {
        1 => {
            let literal = from.counted().to_vec();
            Prefilter::Literal { literal, rarest: [from.take() as usize, from.take() as usize] }
        }
        2 => Prefilter::Required { byte: from.take() as u8, before: table(from) },
        3 => Prefilter::First(table(from)),
        _ => Prefilter::None,
    }
}

/// The lengths of the gaps before the ranges, and of the ranges.
fn push_set(out: &mut Vec<u8>, set: &Set) {
    let mut at = 0;
    for &(low, high) in set.ranges() {
        push(out, low - at);
        push(out, high - low);
        at = high + 1;
    }
}

fn set(from: &mut Numbers) -> Set {
    let (mut at, mut ranges) = (0u32, Vec::new());
    while let (Some(gap), Some(length)) = (from.next(), from.next()) {
        let low = at.saturating_add(gap);
        let high = low.saturating_add(length);
        ranges.push((low, high));
        at = high.saturating_add(1);
    }
    Set::from_ranges(ranges)
}

#[cfg(test)]
mod tests {
    use super::super::BACKTRACKING;
    use super::super::replace::Template;
    use super::*;

    const PATTERNS: &[&str] = &[
        "needle",
        r"[a-z]+\d",
        r"\b(?P<first>\w+)\s(\w+)$",
        r"(?m)^\A.*\Z|$",
        r"(a|b)\1(?(1)c|d)",
        r"(?ai)(x)\1",
        r"(?<=ab)c(?!d)(?>e+)",
        r"(?i)straße|\p{Greek}+",
        "",
    ];

    #[test]
    fn a_pattern_is_the_same_after_thawing() {
        let text = "needle ab c3 abcee βγ STRASSE straSSe xX aac\nab d5".as_bytes();
        for pattern in PATTERNS {
            let mut regex = Regex::new(pattern.as_bytes()).unwrap();
            let pieces = regex.freeze().unwrap();
            let mut again = Regex::thaw(pieces.iter().map(|p| &p[..]), Some(BACKTRACKING));
            assert_eq!(again.find_all(text), regex.find_all(text), "{pattern}");
            assert_eq!(again.captures(text), regex.captures(text), "{pattern}");
            assert_eq!(again.freeze(), Some(pieces), "{pattern}");
        }
    }

    #[test]
    fn what_needs_the_tables_is_not_frozen() {
        assert_eq!(Regex::new(br"(?i)(.)\1").unwrap().freeze(), None);
    }

    #[test]
    fn only_what_backtracks_needs_backtracking() {
        let thawed = |pattern: &str| {
            let pieces = Regex::new(pattern.as_bytes()).unwrap().freeze().unwrap();
            Regex::thaw(pieces.iter().map(|p| &p[..]), None)
        };
        let mut regular = thawed(r"(\w)(\d)");
        assert!(!regular.backtracks());
        assert_eq!(regular.captures(b"-a1").unwrap().unwrap().len(), 3);
        assert!(thawed(r"(\w)\1").backtracks());
    }

    #[test]
    fn templates_too() {
        let mut regex = Regex::new(br"(?P<n>a)(b)?").unwrap();
        for template in [&br"<\g<n>\2>\n"[..], b"", b"plain", br"\g<0>\g<1>"] {
            let kept = Template::parse(template, &regex).unwrap();
            let frozen = kept.freeze();
            let again = Template::thaw(&frozen);
            let all = [kept, again].map(|template| regex.replace_first_by(b"xay", &template));
            assert_eq!(all[0], all[1]);
        }
    }
}
