//! A number as bytes, to be kept where only bytes can be.

use alloc::vec::Vec;

use super::coefficient::{Coefficient, WORD_DIGITS};
use super::limbs::{BASE, Limbs};
use super::{Decimal, LIMIT, Repr};

/// Bytes of the head: the exponent (8, little-endian), the kind, and padding.
const HEAD: usize = 16;
/// Bytes of a number whose coefficient is a word.
const SHORT: usize = HEAD + 16;

const POSITIVE: u8 = 0;
const NEGATIVE: u8 = 1;
const INFINITY: u8 = 2;
const NEGATIVE_INFINITY: u8 = 3;
const NAN: u8 = 4;

/// The bytes of a number: 32, or more for a coefficient of more than 38 digits.
#[derive(Clone, Debug)]
pub enum Bytes {
    /// The coefficient is a word.
    Short([u8; SHORT]),
    /// The coefficient is longer.
    Long(Vec<u8>),
}

impl core::ops::Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Bytes::Short(bytes) => bytes,
            Bytes::Long(bytes) => bytes,
        }
    }
}

impl Decimal {
    /// The number as bytes: equal bytes are the same sign, coefficient and
    /// exponent. Allocates only for a coefficient of more than 38 digits.
    #[inline]
    pub fn to_bytes(&self) -> Bytes {
        let (kind, exponent, coefficient) = match &self.0 {
            Repr::NaN => (NAN, 0, None),
            Repr::Infinite(true) => (NEGATIVE_INFINITY, 0, None),
            Repr::Infinite(false) => (INFINITY, 0, None),
            Repr::Finite(finite) => {
                let kind = if finite.negative { NEGATIVE } else { POSITIVE };
                (kind, finite.exponent, Some(&finite.coefficient))
            }
        };
        let head = u128::from(exponent as u64) | u128::from(kind) << 64;
        let head = head.to_le_bytes();
        if let Some(Coefficient::Long(limbs)) = coefficient {
            let mut bytes = Vec::with_capacity(HEAD + limbs.0.len() * 4);
            bytes.extend_from_slice(&head);
            bytes.extend(limbs.0.iter().flat_map(|limb| limb.to_le_bytes()));
            return Bytes::Long(bytes);
        }
        let word = coefficient.and_then(Coefficient::word).unwrap_or(0);
        let mut bytes = [0; SHORT];
        let (front, back) = bytes.split_at_mut(HEAD);
        front.copy_from_slice(&head);
        back.copy_from_slice(&word.to_le_bytes());
        Bytes::Short(bytes)
    }

    /// The number whose [`to_bytes`](Decimal::to_bytes) are these; `None` for
    /// other bytes.
    #[inline]
    pub fn from_bytes(bytes: &[u8]) -> Option<Decimal> {
        let (head, rest) = bytes.split_first_chunk::<HEAD>()?;
        let head = u128::from_le_bytes(*head);
        let exponent = head as u64 as i64;
        let negative = match head >> 64 {
            0 => false,
            1 => true,
            2 => return Some(Decimal(Repr::Infinite(false))),
            3 => return Some(Decimal(Repr::Infinite(true))),
            4 => return Some(Decimal(Repr::NaN)),
            _ => return None,
        };
        let coefficient = match rest.first_chunk::<16>() {
            Some(word) if rest.len() == 16 => {
                let word = u128::from_le_bytes(*word);
                if word >= super::coefficient::ten_to(WORD_DIGITS) {
                    return None;
                }
                Coefficient::Word(word)
            }
            _ => {
                let (limbs, []) = rest.as_chunks::<4>() else { return None };
                let limbs: Vec<u32> = limbs.iter().map(|limb| u32::from_le_bytes(*limb)).collect();
                let limbs = Limbs(limbs);
                if limbs.0.iter().any(|&limb| limb >= BASE) || limbs.digits() <= WORD_DIGITS {
                    return None;
                }
                Coefficient::Long(limbs)
            }
        };
        (-LIMIT..=LIMIT)
            .contains(&exponent)
            .then(|| Decimal::finite(negative, coefficient, exponent))
    }
}
