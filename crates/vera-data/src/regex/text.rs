//! Bytes read as characters: what is no UTF-8 reads as U+FFFD, one for each
//! maximal piece of a sequence (as `String::from_utf8_lossy` does).

use alloc::vec::Vec;

/// What stands beside a text's first and last character.
pub(crate) const EDGE: u32 = u32::MAX;
/// What invalid bytes are read as.
pub(crate) const REPLACEMENT: u32 = 0xFFFD;

/// The character that starts at `at` and its length in bytes; at the end the edge and 0.
pub(crate) fn next(text: &[u8], at: usize) -> (u32, usize) {
    match text.get(at) {
        None => (EDGE, 0),
        Some(&b) if b < 0x80 => (u32::from(b), 1),
        Some(&b) => sequence(b, text.get(at + 1..).unwrap_or(&[])),
    }
}

fn sequence(lead: u8, rest: &[u8]) -> (u32, usize) {
    let (count, low, high, bits) = match lead {
        0xC2..=0xDF => (1, 0x80, 0xBF, lead & 0x1F),
        0xE0 => (2, 0xA0, 0xBF, 0),
        0xED => (2, 0x80, 0x9F, lead & 0x0F),
        0xE1..=0xEF => (2, 0x80, 0xBF, lead & 0x0F),
        0xF0 => (3, 0x90, 0xBF, 0),
        0xF1..=0xF3 => (3, 0x80, 0xBF, lead & 0x07),
        0xF4 => (3, 0x80, 0x8F, 4),
        _ => return (REPLACEMENT, 1),
    };
    let mut c = u32::from(bits);
    for i in 0..count {
        let (low, high) = if i == 0 { (low, high) } else { (0x80, 0xBF) };
        match rest.get(i) {
            Some(&b) if b >= low && b <= high => c = c << 6 | u32::from(b & 0x3F),
            _ => return (REPLACEMENT, i + 1),
        }
    }
    (c, count + 1)
}

/// The character that ends at `at` and its length in bytes; at the start the edge and 0.
/// `at` is a place between two characters.
pub(crate) fn previous(text: &[u8], at: usize) -> (u32, usize) {
    let Some(before) = text.get(..at) else { return (EDGE, 0) };
    match before.last() {
        None => return (EDGE, 0),
        Some(&b) if b < 0x80 => return (u32::from(b), 1),
        Some(_) => {}
    }
    // A lead byte is always a start; what it does not take are single stray bytes.
    for back in 1..=at.min(4) {
        if before[at - back] & 0xC0 != 0x80 {
            let (c, length) = next(before, at - back);
            return if length == back { (c, back) } else { (REPLACEMENT, 1) };
        }
    }
    (REPLACEMENT, 1)
}

/// All characters of a text.
pub(crate) fn decode(text: &[u8]) -> Vec<u32> {
    let mut chars = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let (c, length) = next(text, at);
        chars.push(c);
        at += length;
    }
    chars
}

/// Appends a character as UTF-8; a lone surrogate becomes U+FFFD.
pub(crate) fn push_char(out: &mut Vec<u8>, c: u32) {
    let c = char::from_u32(c).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;

    #[test]
    fn reads_as_the_standard_library_does_in_both_directions() {
        let mut seed = 7u32;
        for _ in 0..20_000 {
            let mut text = Vec::new();
            for _ in 0..8 {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let pool = [
                    0x41, 0x80, 0xBF, 0xC3, 0xE0, 0xE2, 0xED, 0xA0, 0x9F, 0xF0, 0xF4, 0x90, 0xFF,
                    0x8F,
                ];
                text.push(pool[(seed >> 20) as usize % pool.len()]);
            }
            let want: Vec<u32> = String::from_utf8_lossy(&text).chars().map(u32::from).collect();
            assert_eq!(decode(&text), want, "{text:x?}");
            let (mut at, mut back) = (text.len(), Vec::new());
            while at > 0 {
                let (c, length) = previous(&text, at);
                back.insert(0, c);
                at -= length;
            }
            assert_eq!(back, want, "{text:x?}");
        }
    }
}
