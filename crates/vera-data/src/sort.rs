//! Sorting in little code: the standard library's sorts are several kilobytes for each
//! type, in every program that carries a format.

/// Sorts pairs in place, by heap sort (J. W. J. Williams, R. W. Floyd, 1964). O(n log n).
pub fn pairs(pairs: &mut [(u32, u32)]) {
    let length = pairs.len();
    for step in (1..length + length / 2).rev() {
        // First every parent from the last one on, then the greatest out each time.
        if step >= length {
            sift(pairs, step - length);
        } else {
            if step == length - 1 {
                sift(pairs, 0);
            }
            pairs.swap(0, step);
            sift(&mut pairs[..step], 0);
        }
    }
}

/// Lets the pair at a place sink to where no child is greater.
#[inline(never)]
fn sift(pairs: &mut [(u32, u32)], mut at: usize) {
    loop {
        let mut child = 2 * at + 1;
        if child + 1 < pairs.len() && pairs[child] < pairs[child + 1] {
            child += 1;
        }
        if child >= pairs.len() || pairs[child] <= pairs[at] {
            return;
        }
        pairs.swap(at, child);
        at = child;
    }
}
