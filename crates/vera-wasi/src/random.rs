//! Chance.

use wasi::random::random::get_random_u64;

/// Uniform, both ends included: draws that would favour some numbers are thrown away.
pub fn int(low: i64, high: i64) -> i64 {
    let span = (high as u64).wrapping_sub(low as u64).wrapping_add(1);
    if span == 0 {
        return get_random_u64() as i64;
    }
    // The largest multiple of the span that 64 bits hold, less one.
    let limit = u64::MAX - (u64::MAX % span + 1) % span;
    loop {
        let drawn = get_random_u64();
        if drawn <= limit {
            return low.wrapping_add((drawn % span) as i64);
        }
    }
}

/// Uniform in `[0, 1)`.
pub fn float() -> f64 {
    (get_random_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

pub fn bool() -> bool {
    get_random_u64() & 1 == 1
}
