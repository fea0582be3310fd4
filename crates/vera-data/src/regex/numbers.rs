//! Numbers in bytes, seven bits in each, the lowest first: what tables and frozen
//! patterns are written in.

use alloc::vec::Vec;

/// Reads numbers, and bytes between them.
pub(crate) struct Numbers<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Numbers<'a> {
    pub(crate) fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The next number; none at the end.
    pub(crate) fn next(&mut self) -> Option<u32> {
        let (mut value, mut shift) = (0u32, 0u32);
        loop {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            value |= u32::from(byte & 127).checked_shl(shift).unwrap_or(0);
            if byte < 128 {
                return Some(value);
            }
            shift += 7;
        }
    }

    /// The next number; 0 at the end.
    pub(crate) fn take(&mut self) -> u32 {
        self.next().unwrap_or(0)
    }

    /// The next bytes, so many; none where there are less.
    pub(crate) fn bytes(&mut self, count: usize) -> &'a [u8] {
        let rest = self.bytes.get(self.at..).unwrap_or(&[]);
        self.at += count;
        rest.get(..count).unwrap_or(&[])
    }

    /// Bytes behind their number.
    pub(crate) fn counted(&mut self) -> &'a [u8] {
        let count = self.take();
        self.bytes(count as usize)
    }
}

/// Appends a number.
pub(crate) fn push(out: &mut Vec<u8>, mut number: u32) {
    while number > 127 {
        out.push(number as u8 | 128);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Appends bytes behind their number.
pub(crate) fn push_counted(out: &mut Vec<u8>, bytes: &[u8]) {
    push(out, bytes.len() as u32);
    out.extend_from_slice(bytes);
}
