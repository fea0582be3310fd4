//! Everything that starts with `(`.

use alloc::vec::Vec;

use super::{Flags, Kind, Opened, Parser};
use crate::regex::ast::{Assert, Node};
use crate::regex::error::{Error, push_number, push_quoted};
use crate::regex::parse::escape::number;
use crate::regex::parse::lexer::Token;
use crate::regex::text::push_char;
use crate::regex::unicode;

/// `REASON 'name'`.
pub(crate) fn with_name(reason: &[u8], name: &[u32]) -> Vec<u8> {
    let mut text = reason.to_vec();
    push_quoted(&mut text, name);
    text
}

/// Whether the name is an identifier.
pub(crate) fn is_identifier(name: &[u32]) -> bool {
    name.iter().enumerate().all(|(i, &c)| unicode::is_name(c, i == 0))
}

/// The number of a group written in decimal digits.
pub(crate) fn group_number(name: &[u32]) -> Option<u32> {
    name.iter().all(|&c| (0x30..0x3A).contains(&c)).then(|| number(name, 10))
}

/// Groups beyond this number cannot be.
pub(crate) const MAX_GROUPS: u32 = 1_073_741_823;

impl Parser {
    pub(super) fn is_closed(&self, group: u32) -> bool {
        self.group_widths.get(group as usize).is_some_and(Option::is_some)
    }

    /// In a lookbehind, groups opened inside cannot be referred to.
    pub(super) fn check_lookbehind(&self, group: u32) -> Result<(), Error> {
        let Some(groups) = self.lookbehind_groups else { return Ok(()) };
        if !self.is_closed(group) {
            return Err(self.lexer.error(b"cannot refer to an open group", 0));
        }
        if group >= groups {
            return Err(self
                .lexer
                .error(b"cannot refer to group defined in the same lookbehind subpattern", 0));
        }
        Ok(())
    }

    pub(super) fn bad_group(&self, group: u32, back: usize) -> Error {
        let mut text = b"invalid group reference ".to_vec();
        push_number(&mut text, u64::from(group));
        self.lexer.error(&text, back)
    }

    #[inline(never)]
    fn named(&self, name: &[u32]) -> Option<u32> {
        self.ast.names.iter().find(|(known, _)| known == name).map(|(_, group)| *group)
    }

    /// A group whose `(` was taken.
    #[inline(never)]
    pub(super) fn group(&mut self) -> Result<(), Error> {
        let start = self.lexer.tell() - 1;
        let flags = self.flags();
        if !self.lexer.eat(b'?')? {
            return self.capture(None, start);
        }
        let Some(token) = self.lexer.get()? else {
            return Err(self.lexer.error(b"unexpected end of pattern", 0));
        };
        match token.plain() {
            b'P' => self.python_extension(start),
            b':' => {
                self.open(Opened::Plain, start, flags);
                Ok(())
            }
            b'>' => {
                self.open(Opened::Atomic, start, flags);
                Ok(())
            }
            b'#' => loop {
                match self.lexer.get()? {
                    None => {
                        return Err(Error::at(
                            b"missing ), unterminated comment",
                            &self.lexer.chars,
                            start,
                        ));
                    }
                    Some(token) if token.plain() == b')' => return Ok(()),
                    Some(_) => {}
                }
            },
            sign @ (b'=' | b'!') => {
                let look = Opened::Look { behind: false, negative: sign == b'!', outermost: false };
                self.open(look, start, flags);
                Ok(())
            }
            b'<' => self.angle(start),
            b'(' => self.condition(start),
            b'-' | b'i' | b'm' | b's' | b'x' | b'a' | b'u' | b'L' => self.flag_group(token, start),
            _ => Err(self.unknown_extension(b"unknown extension ?", token, 1)),
        }
    }

    #[inline(never)]
    fn unknown_extension(&self, text: &[u8], token: Token, more: usize) -> Error {
        let mut text = text.to_vec();
        let mut chars = Vec::new();
        token.push(&mut chars);
        for c in chars {
            push_char(&mut text, c);
        }
        self.lexer.error(&text, token.len() + more)
    }

    /// `(?P…`
    #[inline(never)]
    fn python_extension(&mut self, start: usize) -> Result<(), Error> {
        if self.lexer.eat(b'<')? {
            let name = self.lexer.name(b'>', b"missing >, unterminated name")?;
            return self.capture(Some(name), start);
        }
        if !self.lexer.eat(b'=')? {
            return Err(match self.lexer.get()? {
                None => self.lexer.error(b"unexpected end of pattern", 0),
                Some(token) => self.unknown_extension(b"unknown extension ?P", token, 2),
            });
        }
        let name = self.lexer.name(b')', b"missing ), unterminated name")?;
        self.check_name(&name)?;
        let Some(group) = self.named(&name) else {
            return Err(self
                .lexer
                .error(&with_name(b"unknown group name ", &name), name.len() + 1));
        };
        if !self.is_closed(group) {
            return Err(self.lexer.error(b"cannot refer to an open group", name.len() + 1));
        }
        self.check_lookbehind(group)?;
        let node = self.back_reference(group);
        self.push(node, Kind::Plain);
        Ok(())
    }

    #[inline(never)]
    fn check_name(&self, name: &[u32]) -> Result<(), Error> {
        if is_identifier(name) {
            return Ok(());
        }
        Err(self.lexer.error(&with_name(b"bad character in group name ", name), name.len() + 1))
    }

    #[inline(never)]
    fn capture(&mut self, name: Option<Vec<u32>>, start: usize) -> Result<(), Error> {
        let group = self.ast.groups;
        if let Some(name) = name {
            self.check_name(&name)?;
            if let Some(old) = self.named(&name) {
                let mut text = with_name(b"redefinition of group name ", &name);
                text.extend_from_slice(b" as group ");
                push_number(&mut text, u64::from(group));
                text.extend_from_slice(b"; was group ");
                push_number(&mut text, u64::from(old));
                return Err(self.lexer.error(&text, name.len() + 1));
            }
            self.ast.names.push((name, group));
        }
        self.ast.groups += 1;
        self.group_widths.push(None);
        self.open(Opened::Capture(group), start, self.flags());
        Ok(())
    }

    /// `(?<`: a lookbehind or a name.
    #[inline(never)]
    fn angle(&mut self, start: usize) -> Result<(), Error> {
        match self.lexer.plain() {
            sign @ (b'=' | b'!') => {
                self.lexer.get()?;
                let outermost = self.lookbehind_groups.is_none();
                if outermost {
                    self.lookbehind_groups = Some(self.ast.groups);
                }
                let look = Opened::Look { behind: true, negative: sign == b'!', outermost };
                self.open(look, start, self.flags());
                Ok(())
            }
            _ if self.lexer.peek().is_none() => {
                Err(self.lexer.error(b"unexpected end of pattern", 0))
            }
            _ => {
                let name = self.lexer.name(b'>', b"missing >, unterminated name")?;
                self.capture(Some(name), start)
            }
        }
    }

    /// `(?(`
    #[inline(never)]
    fn condition(&mut self, start: usize) -> Result<(), Error> {
        let name = self.lexer.name(b')', b"missing ), unterminated name")?;
        let back = name.len() + 1;
        let group = if is_identifier(&name) {
            let Some(group) = self.named(&name) else {
                return Err(self.lexer.error(&with_name(b"unknown group name ", &name), back));
            };
            group
        } else {
            let Some(group) = group_number(&name) else {
                return Err(self
                    .lexer
                    .error(&with_name(b"bad character in group name ", &name), back));
            };
            if group == 0 {
                return Err(self.lexer.error(b"bad group number", back));
            }
            if group >= MAX_GROUPS {
                return Err(self.bad_group(group, back));
            }
            self.conditions.push((group, self.lexer.tell() - back));
            group
        };
        self.check_lookbehind(group)?;
        self.ast.irregular = true;
        self.open(Opened::Condition { group, yes: None }, start, self.flags());
        Ok(())
    }

    /// `(?i)`, `(?i:`, `(?i-m:` and so on, from the first letter or `-`.
    #[inline(never)]
    fn flag_group(&mut self, first: Token, start: usize) -> Result<(), Error> {
        let (mut add, mut remove) = (0u32, 0u32);
        let types = bit(b'a') | bit(b'u');
        let mut token = first;
        while token.plain() != b'-' {
            let flag = token.plain();
            if flag == b'L' {
                return Err(self
                    .lexer
                    .error(b"bad inline flags: cannot use 'L' flag with a str pattern", 0));
            }
            add |= bit(flag);
            if bit(flag) & types != 0 && add & types != bit(flag) {
                return Err(self
                    .lexer
                    .error(b"bad inline flags: flags 'a', 'u' and 'L' are incompatible", 0));
            }
            token = self.flag(b"missing -, : or )", b"-:)")?;
            match token.plain() {
                b')' => return self.global_flags(add, start),
                b':' => break,
                _ => {}
            }
        }
        if token.plain() == b'-' {
            token = self.flag(b"missing flag", b"")?;
            while token.plain() != b':' {
                if matches!(token.plain(), b'a' | b'u' | b'L') {
                    return Err(self
                        .lexer
                        .error(b"bad inline flags: cannot turn off flags 'a', 'u' and 'L'", 0));
                }
                remove |= bit(token.plain());
                token = self.flag(b"missing :", b":")?;
            }
        }
        if add & remove != 0 {
            return Err(self.lexer.error(b"bad inline flags: flag turned on and off", 1));
        }
        let flags = changed(self.flags(), add, remove);
        self.open(Opened::Plain, start, flags);
        Ok(())
    }

    /// A letter of a flag or one of `ends`.
    #[inline(never)]
    fn flag(&mut self, missing: &[u8], ends: &[u8]) -> Result<Token, Error> {
        let Some(token) = self.lexer.get()? else { return Err(self.lexer.error(missing, 0)) };
        let plain = token.plain();
        if plain != 0 && (ends.contains(&plain) || b"imsxauL".contains(&plain)) {
            return Ok(token);
        }
        let letter = !token.escaped && unicode::is_letter(token.c);
        Err(self.lexer.error(if letter { b"unknown flag" } else { missing }, token.len()))
    }

    #[inline(never)]
    fn global_flags(&mut self, add: u32, start: usize) -> Result<(), Error> {
        if self.frames.len() > 1 || !self.items.is_empty() || !self.branches.is_empty() {
            return Err(Error::at(
                b"global flags not at the start of the expression",
                &self.lexer.chars,
                start,
            ));
        }
        self.type_flags.0 |= add & bit(b'a') != 0;
        self.type_flags.1 |= add & bit(b'u') != 0;
        let flags = changed(self.flags(), add, 0);
        if let Some(frame) = self.frames.last_mut() {
            frame.flags = flags;
        }
        Ok(())
    }

    /// `)` of the innermost open group.
    #[inline(never)]
    pub(super) fn close(&mut self) -> Result<(), Error> {
        self.lexer.get()?;
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        let inner = self.frame_node(frame.items, frame.branches);
        let width = self.ast.width(inner);
        let node = match frame.opened {
            Opened::Pattern | Opened::Plain => inner,
            Opened::Capture(index) => {
                self.group_widths[index as usize] = Some(width);
                self.ast.add(Node::Group { body: inner, index }, width)
            }
            Opened::Atomic => self.ast.atomic(inner),
            Opened::Condition { group, yes } => {
                let (yes, no) = match yes {
                    Some(yes) => (yes, inner),
                    None => (inner, self.ast.concat(&[])),
                };
                let (a, b) = (self.ast.width(yes), self.ast.width(no));
                self.ast.add(Node::Condition { group, yes, no }, (a.0.min(b.0), a.1.max(b.1)))
            }
            Opened::Look { behind, negative, outermost } => {
                if outermost {
                    self.lookbehind_groups = None;
                }
                self.look(inner, behind, negative)
            }
        };
        self.push(node, Kind::Plain);
        Ok(())
    }

    /// One character beside the place is an assertion, which automata can do.
    #[inline(never)]
    fn look(&mut self, body: u32, behind: bool, negative: bool) -> u32 {
        let (low, high) = self.ast.width(body);
        if behind && low != high {
            self.bad_lookbehind = true;
        }
        if let Some(set) = self.ast.one_character(body) {
            let assert = if behind {
                Assert::Before { set, negative }
            } else {
                Assert::Next { set, negative }
            };
            return self.ast.add(Node::Assert(assert), (0, 0));
        }
        self.ast.irregular = true;
        let behind = behind.then(|| u32::try_from(low).unwrap_or(u32::MAX));
        self.ast.add(Node::Look { body, behind, negative }, (0, 0))
    }
}

fn bit(flag: u8) -> u32 {
    1 << (flag & 31)
}

fn changed(flags: Flags, add: u32, remove: u32) -> Flags {
    let value =
        |old: bool, letter: u8| (old || add & bit(letter) != 0) && remove & bit(letter) == 0;
    Flags {
        ignore_case: value(flags.ignore_case, b'i'),
        multi_line: value(flags.multi_line, b'm'),
        dot_all: value(flags.dot_all, b's'),
        verbose: value(flags.verbose, b'x'),
        ascii: value(flags.ascii && add & bit(b'u') == 0, b'a'),
    }
}
