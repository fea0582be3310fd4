//! Character classes and single characters under the flags.

use alloc::vec::Vec;

use super::Parser;
use super::escape::Escape;
use super::lexer::Token;
use crate::regex::error::Error;
use crate::regex::set::Set;
use crate::regex::text::push_char;
use crate::regex::unicode;

/// Classes that are remembered, and ranges that the sets of all classes may be made of.
const CLASSES: usize = 16;
const RANGES: usize = 1 << 22;

impl Parser {
    /// The set with what matches it under the flags of the place.
    #[inline(never)]
    pub(super) fn folded(&mut self, set: Set) -> Set {
        let flags = self.flags();
        if !flags.ignore_case {
            return set;
        }
        if !flags.ascii {
            return unicode::fold(&set);
        }
        let mut all = set.clone();
        for low in 0x61..=0x7A {
            if set.has(low) || set.has(low - 32) {
                all.add(low, low);
                all.add(low - 32, low - 32);
            }
        }
        all.normalised()
    }

    /// A node for one character of the pattern.
    #[inline(never)]
    pub(super) fn literal(&mut self, c: u32) -> u32 {
        if !self.flags().ignore_case {
            return self.ast.add(crate::regex::ast::Node::Char(c), (1, 1));
        }
        // Folding walks a table; letters come often, so what is known is kept.
        let at = c as usize;
        let ascii = self.flags().ascii;
        if at < 128
            && let Some((set, was)) = &self.folded_letters[at]
            && *was == ascii
        {
            let set = set.clone();
            return self.ast.one_of(set);
        }
        let set = self.folded(Set::from_ranges(alloc::vec![(c, c)]));
        if at < 128 {
            self.folded_letters[at] = Some((set.clone(), ascii));
        }
        self.ast.one_of(set)
    }

    /// A class, from behind its `[` on.
    #[inline(never)]
    pub(super) fn class(&mut self) -> Result<u32, Error> {
        let start = self.lexer.tell();
        let here = start - 1;
        let flags = (self.flags().ignore_case, self.flags().ascii);
        let rest = &self.lexer.chars[start..];
        let known = self.classes.iter().find(|(known, under, _)| {
            *under == flags && rest.starts_with(&self.lexer.chars[known.clone()])
        });
        if let Some((known, _, node)) = known {
            let (end, node) = (start + known.len(), *node);
            self.lexer.seek(end)?;
            return Ok(self.ast.add(node, (1, 1)));
        }
        let (mut chars, mut classes) = (Set::default(), Set::default());
        let negative = self.lexer.eat(b'^')?;
        let mut first = true;
        loop {
            let Some(this) = self.lexer.get()? else { return Err(self.unterminated_class(here)) };
            if this.plain() == b']' && !first {
                break;
            }
            first = false;
            let low = self.class_item(this)?;
            if !self.lexer.eat(b'-')? {
                add(&mut chars, &mut classes, low);
                continue;
            }
            let Some(that) = self.lexer.get()? else { return Err(self.unterminated_class(here)) };
            if that.plain() == b']' {
                add(&mut chars, &mut classes, low);
                chars.add(0x2D, 0x2D);
                break;
            }
            let high = self.class_item(that)?;
            match (low, high) {
                (Escape::Char(low), Escape::Char(high)) if low <= high => chars.add(low, high),
                _ => return Err(self.bad_range(this, that)),
            }
        }
        let mut all = self.folded(chars.normalised());
        all.extend(&classes);
        self.ranges += all.ranges().len();
        if self.ranges > RANGES {
            return Err(Error::whole(b"pattern too large"));
        }
        let all = all.normalised();
        let id = self.ast.one_of(if negative { all.complement() } else { all });
        if self.classes.len() < CLASSES {
            self.classes.push((start..self.lexer.tell(), flags, self.ast.node(id)));
        }
        Ok(id)
    }

    #[inline(never)]
    fn class_item(&mut self, token: Token) -> Result<Escape, Error> {
        if token.escaped { self.class_escape(token) } else { Ok(Escape::Char(token.c)) }
    }

    fn unterminated_class(&self, here: usize) -> Error {
        Error::at(b"unterminated character set", &self.lexer.chars, here)
    }

    #[inline(never)]
    fn bad_range(&self, low: Token, high: Token) -> Error {
        let mut text = b"bad character range ".to_vec();
        let mut chars = Vec::new();
        low.push(&mut chars);
        chars.push(0x2D);
        high.push(&mut chars);
        for &c in &chars {
            push_char(&mut text, c);
        }
        self.lexer.error(&text, chars.len())
    }
}

fn add(chars: &mut Set, classes: &mut Set, item: Escape) {
    match item {
        Escape::Char(c) => chars.add(c, c),
        Escape::Class(set) => classes.extend(&set),
        Escape::Property(set) => chars.extend(&set),
        Escape::Assert(_) | Escape::Group(_) => {}
    }
}
