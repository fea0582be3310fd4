//! From text to Markdown that is read as that text.
//!
//! A character is escaped by a backslash only where it could mean something: `*`
//! unless it stands alone, `_` unless within a word, what starts a block at the
//! start of a line, and so on. What a backslash cannot escape, white space above
//! all, becomes a numeric reference.

use super::html;

/// Where text stands.
#[derive(Clone, Copy, PartialEq)]
pub struct Context {
    /// The lines of a paragraph: breaks are kept, and blocks could start.
    pub lines: bool,
    /// Within a link or an image's text, where brackets count.
    pub brackets: bool,
    /// Within a cell of a table, where bars count.
    pub cell: bool,
    /// Whether HTML may stand as it is.
    pub html: bool,
    /// Whether this is the start of all inlines, or their end.
    pub first: bool,
    /// See `first`.
    pub last: bool,
    /// Whether the next thing is a link, which `!` would make an image.
    pub before_link: bool,
    /// Whether the first character must be written as a reference.
    pub encode_first: bool,
}

/// How a `*` or `_` is written.
#[derive(Clone, Copy, PartialEq)]
pub enum Mark {
    Escaped,
    AsIs,
    /// As it is, and the character after it as a reference.
    BeforeReference,
}

/// Asked of each `*` and `_`, with the output before it, the text after it, and whether
/// it could mean something.
pub type Marks<'m> = dyn FnMut(&mut Vec<u8>, &[u8], bool) -> Mark + 'm;

/// Appends a numeric reference.
pub fn reference(out: &mut Vec<u8>, code: u32) {
    out.extend_from_slice(b"&#");
    out.extend_from_slice(code.to_string().as_bytes());
    out.push(b';');
}

pub fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 11 | 12)
}

/// The first character of a text, with its length; invalid bytes are U+FFFD.
pub fn first_char(text: &[u8]) -> Option<(char, usize)> {
    let chunk = text.get(..4.min(text.len()))?.utf8_chunks().next()?;
    match chunk.valid().chars().next() {
        Some(c) => Some((c, c.len_utf8())),
        None => Some((char::REPLACEMENT_CHARACTER, 1)),
    }
}

/// The last character of a text, with its length.
pub fn last_char(text: &[u8]) -> Option<(char, usize)> {
    let start = text.len().saturating_sub(4);
    let mut found = None;
    for from in start..text.len() {
        let rest = text.get(from..)?;
        if let Ok(rest) = std::str::from_utf8(rest) {
            found = rest.chars().next_back();
            break;
        }
    }
    match found {
        Some(c) => Some((c, c.len_utf8())),
        None => text.last().map(|_| (char::REPLACEMENT_CHARACTER, 1)),
    }
}

/// Writes the last character as a reference instead.
pub fn encode_last(out: &mut Vec<u8>) {
    if let Some((c, len)) = last_char(out) {
        out.truncate(out.len() - len);
        reference(out, u32::from(c));
    }
}

/// The longest run of one byte.
pub fn longest_run(text: &[u8], byte: u8) -> usize {
    text.split(|&other| other != byte).map(<[u8]>::len).max().unwrap_or(0)
}

/// Appends text so that it is read as itself.
pub fn text(out: &mut Vec<u8>, text: &[u8], context: Context, marks: &mut Marks<'_>) {
    let mut at = 0;
    let breaks = text.iter().rev().take_while(|&&byte| byte == b'\n').count();
    let tail = if context.last { breaks } else { 0 };
    if context.encode_first
        && let Some((c, len)) = first_char(text)
    {
        reference(out, u32::from(c));
        at = len;
    }
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        at += character(out, rest, context, tail, marks);
    }
}

/// Appends what starts `rest`; how much that was. The last `tail` bytes are the line
/// breaks at the end of all inlines.
fn character(
    out: &mut Vec<u8>,
    rest: &[u8],
    context: Context,
    tail: usize,
    marks: &mut Marks<'_>,
) -> usize {
    let Some(&byte) = rest.first() else { return 1 };
    let line_start = if out.is_empty() { context.first } else { out.ends_with(b"\n") };
    let next = rest.get(1).copied();
    if is_blank(byte) {
        return blanks(out, rest, context, line_start, tail);
    }
    if line_start
        && context.lines
        && let Some(len) = block_start(out, rest)
    {
        return len;
    }
    let escaped = match byte {
        b'`' => true,
        b'*' => {
            let alone = !line_start
                && out.last().is_some_and(|&byte| is_blank(byte))
                && next == Some(b' ')
                && rest.get(2).is_some_and(|&byte| !is_blank(byte));
            return mark(out, rest, !alone, marks);
        }
        b'_' => return underscores(out, rest, marks),
        b'[' => context.brackets,
        b']' => context.brackets || matches!(next, None | Some(b'(' | b':' | b'[')),
        b'!' => next.is_none() && context.before_link,
        b'|' => context.cell,
        b'&' => is_reference(rest),
        // A letter at the end may still become a reference.
        b'\\' => rest.len() < 3 || !next.is_some_and(|next| next.is_ascii_alphanumeric()),
        b'#' if !context.lines => {
            out.last().is_none_or(|&byte| is_blank(byte)) && rest.iter().all(|&byte| byte == b'#')
        }
        b'<' => {
            if context.html
                && let Some(len) = html::inline(rest)
                && let Some(tag) = rest.get(..len)
                && !(context.cell && tag.contains(&b'|'))
                && !(line_start && html::starts_block(rest, len))
            {
                out.extend_from_slice(tag);
                return len;
            }
            !next.is_some_and(is_blank)
        }
        _ => false,
    };
    if byte == b'|' && escaped && out.ends_with(b"\\") {
        reference(out, u32::from(byte));
        return 1;
    }
    if escaped {
        out.push(b'\\');
    }
    out.push(byte);
    1
}

/// Appends the run of `_` that starts `rest`: within a word it is text.
fn underscores(out: &mut Vec<u8>, rest: &[u8], marks: &mut Marks<'_>) -> usize {
    let run = rest.iter().take_while(|&&byte| byte == b'_').count();
    let after = rest.get(run..).unwrap_or_default();
    let word_before = out.last().is_some_and(u8::is_ascii_alphanumeric);
    // The last character may still become a reference.
    let word_after = after.len() > 1 && after.first().is_some_and(u8::is_ascii_alphanumeric);
    let mut at = 0;
    while at < run {
        let rest = rest.get(at..).unwrap_or_default();
        at += mark(out, rest, !(word_before && word_after), marks);
    }
    at
}

/// Appends the `*` or `_` that starts `rest`; how much of it that was.
fn mark(out: &mut Vec<u8>, rest: &[u8], is_active: bool, marks: &mut Marks<'_>) -> usize {
    let (mark, rest) = rest.split_at(1.min(rest.len()));
    let written = marks(out, rest, is_active);
    if written == Mark::Escaped {
        out.push(b'\\');
    }
    out.extend_from_slice(mark);
    match first_char(rest).filter(|_| written == Mark::BeforeReference) {
        Some((c, len)) => {
            reference(out, u32::from(c));
            1 + len
        }
        None => 1,
    }
}

fn is_reference(text: &[u8]) -> bool {
    let name = text.get(1..).unwrap_or_default();
    let len = name.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'#').count();
    len > 0 && name.get(len) == Some(&b';')
}

/// White space: that at the edge of a line would be lost, and that between lines
/// makes a break.
fn blanks(
    out: &mut Vec<u8>,
    rest: &[u8],
    context: Context,
    line_start: bool,
    tail: usize,
) -> usize {
    let run = rest.iter().take_while(|&&byte| is_blank(byte) && byte != b'\n').count();
    let blank = rest.get(..run).unwrap_or_default();
    let after = rest.get(run).copied();
    let ends = after.is_none() && context.last;
    if run == 0 {
        return line_break(out, context, line_start, rest.len() <= tail);
    }
    let hard = context.lines && after == Some(b'\n') && blank.ends_with(b"  ");
    // A break needs something before it in its line, and something after it.
    let hard = hard && (run > 2 || !line_start) && rest.len() - run > tail;
    let inner = if hard { run - 2 } else { run };
    let at_end = ends || after == Some(b'\n');
    for (at, &byte) in blank.iter().take(inner).enumerate() {
        let edge = (at == 0 && (line_start || out.is_empty() && context.first))
            || (at + 1 == inner && at_end && !hard && (context.lines || ends));
        if edge || byte == b'\r' {
            reference(out, u32::from(byte));
        } else {
            out.push(byte);
        }
    }
    if hard {
        // Two spaces would take those before them along; and a reference instead of a
        // space counts as punctuation beside a marker.
        out.extend_from_slice(if inner > 0 { b"\\\n" } else { b"  \n" });
        return run + 1;
    }
    run
}

fn line_break(out: &mut Vec<u8>, context: Context, line_start: bool, in_tail: bool) -> usize {
    if context.lines && !line_start && !out.is_empty() && !in_tail {
        out.push(b'\n');
    } else {
        reference(out, u32::from(b'\n'));
    }
    1
}

/// Escapes what would start a block at the start of a line; how much of the text
/// that was, if any.
fn block_start(out: &mut Vec<u8>, rest: &[u8]) -> Option<usize> {
    let line = rest.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let first = *line.first()?;
    let ends_at = |at: usize| line.get(at).is_none_or(|&byte| is_blank(byte));
    let run = line.iter().take_while(|&&byte| byte == first).count();
    let only = |bytes: &[u8]| line.iter().all(|&byte| is_blank(byte) || bytes.contains(&byte));
    let starts = match first {
        b'#' => run <= 6 && ends_at(run),
        b'>' => true,
        b'+' => ends_at(1),
        b'-' => ends_at(1) || only(b"-|:"),
        b'=' => only(b"="),
        b'|' | b':' => only(b"-|:"),
        b'~' => run >= 3,
        b'0'..=b'9' => {
            let digits = line.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits <= 9 && matches!(line.get(digits), Some(b'.' | b')')) && ends_at(digits + 1) {
                out.extend_from_slice(line.get(..digits)?);
                out.push(b'\\');
                out.push(*line.get(digits)?);
                return Some(digits + 1);
            }
            false
        }
        _ => false,
    };
    starts.then(|| {
        out.extend_from_slice(&[b'\\', first]);
        1
    })
}

/// The info string of a fence.
pub fn info(info: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let last = info.len().saturating_sub(1);
    for (at, &byte) in info.iter().enumerate() {
        let rest = info.get(at..).unwrap_or_default();
        let edge = at == 0 || at == last;
        match byte {
            b'\n' | b'\r' => reference(&mut out, u32::from(byte)),
            _ if is_blank(byte) && edge => reference(&mut out, u32::from(byte)),
            b'~' | b'`' if at == 0 => out.extend_from_slice(&[b'\\', byte]),
            b'&' if is_reference(rest) => out.extend_from_slice(b"\\&"),
            b'\\' if !rest.get(1).is_some_and(u8::is_ascii_alphanumeric) => {
                out.extend_from_slice(b"\\\\");
            }
            _ => out.push(byte),
        }
    }
    out
}

/// A destination in parentheses, with its parentheses.
pub fn destination(out: &mut Vec<u8>, to: &[u8], cell: bool) {
    let mut depth = 0_i32;
    let mut balanced = true;
    for &byte in to {
        depth += i32::from(byte == b'(') - i32::from(byte == b')');
        balanced &= (0..16).contains(&depth);
    }
    balanced &= depth == 0;
    let angled = to.iter().any(|&byte| is_blank(byte) || byte.is_ascii_control());
    out.extend_from_slice(if angled { b"(<" } else { b"(" });
    for (at, &byte) in to.iter().enumerate() {
        let rest = to.get(at..).unwrap_or_default();
        match byte {
            b'\n' | b'\r' => reference(out, u32::from(byte)),
            b'<' | b'>' | b'`' => out.extend_from_slice(&[b'\\', byte]),
            b'|' if cell => out.extend_from_slice(b"&#124;"),
            b'(' | b')' if !balanced => out.extend_from_slice(&[b'\\', byte]),
            b'&' if is_reference(rest) => out.extend_from_slice(b"\\&"),
            b'\\' if !rest.get(1).is_some_and(u8::is_ascii_alphanumeric) => {
                out.extend_from_slice(b"\\\\");
            }
            _ => out.push(byte),
        }
    }
    out.extend_from_slice(if angled { b">)" } else { b")" });
}

/// A code span.
pub fn code(out: &mut Vec<u8>, code: &[u8], cell: bool) {
    let fence = longest_run(code, b'`').saturating_add(1);
    let edge = code.starts_with(b"`") || code.ends_with(b"`");
    let spaces = code.starts_with(b" ") && code.ends_with(b" ") && code.iter().any(|&b| b != b' ');
    let padding: &[u8] = if edge || spaces { b" " } else { b"" };
    let ticks = |out: &mut Vec<u8>| out.resize(out.len().saturating_add(fence), b'`');
    ticks(out);
    out.extend_from_slice(padding);
    for &byte in code {
        match byte {
            b'\n' | b'\r' => out.push(b' '),
            b'|' if cell => out.extend_from_slice(b"\\|"),
            _ => out.push(byte),
        }
    }
    out.extend_from_slice(padding);
    ticks(out);
}
