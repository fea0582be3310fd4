//! Hashes of keys, under a secret of the instance: keys chosen in advance
//! cannot be made to collide. No result of a program depends on them.
//!
//! Strings are hashed by SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast
//! short-input PRF", 2012), words and sequences of parts by the finaliser of
//! MurmurHash3, a permutation of 64-bit words, around the secret.

use crate::heap::Heap;
use crate::memory::Ref;
use crate::string;

/// Spreads every bit over all others.
#[inline(always)]
fn spread(mut x: u64) -> u64 {
    x = (x ^ x >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
    x = (x ^ x >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    x ^ x >> 33
}

/// The hash of a key of one word.
#[inline(always)]
pub fn word(heap: &Heap, key: u64) -> u64 {
    spread(key ^ heap.hash_key()[0])
}

/// The hash of a sequence of parts and one part more, by its hash.
pub fn mix(heap: &Heap, hash: u64, part: u64) -> u64 {
    spread(hash.rotate_left(5) ^ part ^ heap.hash_key()[1])
}

/// The hash of a string.
pub fn string(heap: &Heap, key: Ref) -> u64 {
    bytes(heap, string::bytes(heap, key))
}

/// The hash of bytes.
pub fn bytes(heap: &Heap, bytes: &[u8]) -> u64 {
    let mut sip = Sip::new(heap.hash_key());
    let mut words = bytes.chunks_exact(8);
    for word in &mut words {
        sip.absorb(word.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte)));
    }
    let rest = words.remainder().iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte));
    sip.absorb((bytes.len() as u64) << 56 | rest);
    sip.finish()
}

/// The state of SipHash.
struct Sip([u64; 4]);

impl Sip {
    fn new([k0, k1]: [u64; 2]) -> Sip {
        Sip([
            k0 ^ 0x736f_6d65_7073_6575,
            k1 ^ 0x646f_7261_6e64_6f6d,
            k0 ^ 0x6c79_6765_6e65_7261,
            k1 ^ 0x7465_6462_7974_6573,
        ])
    }

    #[inline(always)]
    fn round(&mut self) {
        let [mut a, mut b, mut c, mut d] = self.0;
        a = a.wrapping_add(b);
        c = c.wrapping_add(d);
        b = b.rotate_left(13) ^ a;
        d = d.rotate_left(16) ^ c;
        a = a.rotate_left(32);
        c = c.wrapping_add(b);
        a = a.wrapping_add(d);
        b = b.rotate_left(17) ^ c;
        d = d.rotate_left(21) ^ a;
        c = c.rotate_left(32);
        self.0 = [a, b, c, d];
    }

    #[inline(always)]
    fn absorb(&mut self, word: u64) {
        self.0[3] ^= word;
        self.round();
        self.0[0] ^= word;
    }

    fn finish(mut self) -> u64 {
        self.0[2] ^= 0xff;
        for _ in 0..3 {
            self.round();
        }
        let [a, b, c, d] = self.0;
        a ^ b ^ c ^ d
    }
}
