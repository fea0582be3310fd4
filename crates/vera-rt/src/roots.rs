//! Roots of the runtime's own functions.

use crate::heap::Heap;
use crate::memory::Ref;
use crate::trap::trap;
use vera_abi::trap::TrapKind;

/// The top of the shadow stack: everything below it is a root.
///
/// A runtime function receives its caller's top, puts what it must keep on it
/// and hands the new top to whatever may collect. Nothing is ever popped: the
/// caller still has its own, lower top.
///
/// ```
/// # use vera_rt::{heap::Config, seq, string, Heap};
/// let (mut heap, roots) = Heap::new(Config::small());
/// let kept = string::new(&mut heap, b"kept", roots);
/// let roots = roots.with(&mut heap, [kept]);
/// heap.collect_full(roots);
/// assert_eq!(string::bytes(&heap, kept), b"kept");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Roots(u32);

impl Roots {
    /// The shadow stack with this address as its top, as compiled code passes it.
    #[inline(always)]
    pub fn at(top: u32) -> Roots {
        Roots(top)
    }

    /// The first address above the roots.
    #[inline(always)]
    pub fn top(self) -> u32 {
        self.0
    }

    /// These roots and `refs`.
    ///
    /// # Traps
    /// `stack_exhausted` at the end of the shadow stack.
    #[inline]
    pub fn with<const N: usize>(self, heap: &mut Heap, refs: [Ref; N]) -> Roots {
        let top = self.0 + 4 * N as u32;
        if top > heap.shadow_limit() {
            trap(TrapKind::StackExhausted);
        }
        let mut at = self.0;
        for r in refs {
            heap.mem_mut().set_u32(at, r);
            at += 4;
        }
        Roots(top)
    }
}
