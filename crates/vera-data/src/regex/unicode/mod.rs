//! What Unicode says of characters: categories, scripts, case.
//!
//! `\w`, `\d`, `\p{…}` and names all read one table of categories; the scripts
//! are reached from [`property`] only.

mod tables;

use alloc::vec::Vec;

use super::numbers::Numbers;
use super::set::Set;
use tables::{CATEGORIES, CATEGORY_NAMES, LOWER, SCRIPT_NAMES, SCRIPTS, SIBLINGS};

/// The characters of the categories in `mask` (bit: the category's number).
#[inline(never)]
fn categories(mask: u32) -> Set {
    let mut ranges = Vec::new();
    let mut numbers = Numbers::of(&CATEGORIES);
    let mut at = 0;
    while let Some(run) = numbers.next() {
        let (length, category) = (run >> 5, run & 31);
        if category < 31 {
            if mask >> category & 1 == 1 {
                ranges.push((at, at + length - 1));
            }
            at += length;
            continue;
        }
        for _ in 0..length {
            for case in 1..=2 {
                if mask >> case & 1 == 1 {
                    ranges.push((at, at));
                }
                at += 1;
            }
        }
    }
    Set::from_ranges(ranges)
}

/// The numbers of the categories whose name starts with `name`.
#[inline(never)]
fn category_mask(name: &[u8]) -> u32 {
    let mut mask = 0;
    for (number, long) in CATEGORY_NAMES.iter().enumerate() {
        if long.starts_with(name) && !name.is_empty() {
            mask |= 1 << number;
        }
    }
    mask
}

/// `\d`: decimal digits.
pub(crate) fn digits() -> Set {
    categories(category_mask(b"Nd"))
}

/// `\w`: letters, numbers and `_`.
pub(crate) fn word() -> Set {
    let mut set = categories(category_mask(b"L") | category_mask(b"N"));
    set.add(0x5F, 0x5F);
    set.normalised()
}

/// `\s`: white space, with the separators U+001C–U+001F as Python has it.
pub(crate) fn space() -> Set {
    Set::from_ranges(alloc::vec![
        (0x09, 0x0D),
        (0x1C, 0x20),
        (0x85, 0x85),
        (0xA0, 0xA0),
        (0x1680, 0x1680),
        (0x2000, 0x200A),
        (0x2028, 0x2029),
        (0x202F, 0x202F),
        (0x205F, 0x205F),
        (0x3000, 0x3000),
    ])
}

/// `\p{name}`: a general category by its short name, a script, `Any` or `ASCII`.
#[inline(never)]
pub(crate) fn property(name: &[u8]) -> Option<Set> {
    if name == b"Any" {
        return Some(Set::from_ranges(alloc::vec![(0, 0x10_FFFF)]));
    }
    if name == b"ASCII" {
        return Some(Set::from_ranges(alloc::vec![(0, 0x7F)]));
    }
    let mask = match name {
        b"LC" => 0b1110,
        _ => category_mask(name),
    };
    if mask != 0 {
        return Some(categories(mask));
    }
    let wanted = SCRIPT_NAMES.iter().position(|script| *script == name)?;
    let mut numbers = Numbers::of(&SCRIPTS);
    for script in 0..=wanted {
        let count = numbers.next()?;
        let (mut at, mut ranges) = (0, Vec::new());
        for _ in 0..count {
            let low = at + numbers.next()?;
            let high = low + numbers.next()?;
            ranges.push((low, high));
            at = high + 1;
        }
        if script == wanted {
            return Some(Set::from_ranges(ranges));
        }
    }
    None
}

/// Whether a name may start (`first`) or go on with this character.
pub(crate) fn is_name(c: u32, first: bool) -> bool {
    if c < 0x80 {
        let c = c as u8;
        return c == b'_' || c.is_ascii_alphabetic() || !first && c.is_ascii_digit();
    }
    let letters = category_mask(b"L") | category_mask(b"Nl");
    let more =
        category_mask(b"Mn") | category_mask(b"Mc") | category_mask(b"Nd") | category_mask(b"Pc");
    categories(if first { letters } else { letters | more }).has(c)
}

/// Whether a character is a letter.
pub(crate) fn is_letter(c: u32) -> bool {
    if c < 0x80 { (c as u8).is_ascii_alphabetic() } else { categories(category_mask(b"L")).has(c) }
}

/// Calls `each` with (first, count, step, delta) of every run of the lower case table.
fn lower_runs(each: &mut dyn FnMut(u32, u32, u32, i32)) {
    let mut numbers = Numbers::of(&LOWER);
    let mut at = 0;
    while let (Some(gap), Some(run), Some(delta)) = (numbers.next(), numbers.next(), numbers.next())
    {
        let (count, step) = (run >> 1, (run & 1) + 1);
        let delta = if delta & 1 == 0 { (delta >> 1) as i32 } else { -(((delta + 1) >> 1) as i32) };
        each(at + gap, count, step, delta);
        at += gap + (count - 1) * step + 1;
    }
}

/// Simple lower case.
pub(crate) fn lower(c: u32) -> u32 {
    if c < 0x80 {
        return u32::from((c as u8).to_ascii_lowercase());
    }
    let mut found = c;
    lower_runs(&mut |first, count, step, delta| {
        let off = c.wrapping_sub(first);
        if off < count * step && off.is_multiple_of(step) {
            found = c.wrapping_add_signed(delta);
        }
    });
    found
}

/// The set with all characters that match one of its own when case is ignored.
#[inline(never)]
pub(crate) fn fold(set: &Set) -> Set {
    let mut lowers = Set::default();
    lower_runs(&mut |first, count, step, delta| {
        if !set.meets(first, first + (count - 1) * step)
            && !set.meets(
                first.wrapping_add_signed(delta),
                (first + (count - 1) * step).wrapping_add_signed(delta),
            )
        {
            return;
        }
        for i in 0..count {
            let upper = first + i * step;
            let low = upper.wrapping_add_signed(delta);
            if set.has(upper) || set.has(low) {
                lowers.add(low, low);
            }
        }
    });
    let mut lowers = lowers.normalised();
    let found = |c| c != 0 && (set.has(c) || lowers.has(c));
    let groups: Vec<[u32; 3]> =
        SIBLINGS.iter().filter(|group| group.iter().any(|&c| found(c))).copied().collect();
    for c in groups.into_iter().flatten().filter(|&c| c != 0) {
        lowers.add(c, c);
    }
    let lowers = lowers.normalised();
    let mut all = set.clone();
    lower_runs(&mut |first, count, step, delta| {
        if !lowers.meets(
            first.wrapping_add_signed(delta),
            (first + (count - 1) * step).wrapping_add_signed(delta),
        ) {
            return;
        }
        for i in 0..count {
            let upper = first + i * step;
            if lowers.has(upper.wrapping_add_signed(delta)) {
                all.add(upper, upper);
            }
        }
    });
    all.extend(&lowers);
    all.normalised()
}
