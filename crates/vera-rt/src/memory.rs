//! Linear memory as a value.
//!
//! Everything above this module works with 32-bit addresses. On wasm an address
//! is a pointer; natively a [`Memory`] is one zeroed reservation and an address
//! is an offset into it, so that a test can have as many memories as it likes.
//!
//! The accessors are safe functions. Natively each checks its bounds. On wasm
//! the engine does, and the addresses that reach this module are those of
//! objects, blocks, the shadow stack and the two statics below, never of memory
//! that Rust believes to own; that is the invariant every `unsafe` block here
//! relies on.

use core::cmp::Ordering;
#[cfg(not(target_arch = "wasm32"))]
use core::ptr::NonNull;
use vera_abi::layout::{SIZE_CLASSES, WINDOW_SIZE};

/// A reference to a Vera value: an immediate, a static or a heap object.
pub type Ref = u32;

/// Bytes of one wasm page.
pub const PAGE: u32 = 0x1_0000;

const WINDOWS_SIZE: u32 = WINDOW_SIZE * SIZE_CLASSES.len() as u32;

/// Longest copy that is not left to the engine.
const SHORT: u32 = 160;

/// Bytes reserved for the runtime's own static objects.
pub const STATICS_SIZE: u32 = 128;

/// Linear memory.
#[cfg(target_arch = "wasm32")]
pub struct Memory(());

/// Linear memory.
#[cfg(not(target_arch = "wasm32"))]
pub struct Memory {
    base: NonNull<u8>,
    /// Bytes reserved.
    size: u32,
    /// Bytes a program may touch so far.
    top: u32,
}

/// The allocation windows compiled code bumps; see
/// [`vera_abi::layout::ALLOC_WINDOWS`].
#[cfg(target_arch = "wasm32")]
#[allow(non_upper_case_globals)]
#[unsafe(no_mangle)]
pub static mut vera_alloc_windows: [u64; WINDOWS_SIZE as usize / 8] =
    [0; WINDOWS_SIZE as usize / 8];

#[cfg(target_arch = "wasm32")]
static mut STATICS: [u64; STATICS_SIZE as usize / 8] = [0; STATICS_SIZE as usize / 8];

#[cfg(target_arch = "wasm32")]
impl Memory {
    /// The module's memory. There must be one owner of it only.
    pub(crate) const fn module() -> Memory {
        Memory(())
    }

    /// Address of the allocation windows.
    pub fn windows(&self) -> u32 {
        (&raw mut vera_alloc_windows).expose_provenance() as u32
    }

    /// Address of [`STATICS_SIZE`] zeroed bytes below the heap.
    pub fn statics(&self) -> u32 {
        (&raw mut STATICS).expose_provenance() as u32
    }

    /// Adds `pages` pages and returns the address of the first, or `None` when
    /// the engine refuses. The new bytes are zero and not committed before use.
    pub fn grow(&mut self, pages: u32) -> Option<u32> {
        match core::arch::wasm32::memory_grow::<0>(pages as usize) {
            usize::MAX => None,
            page => Some(page as u32 * PAGE),
        }
    }

    #[inline(always)]
    fn at(&self, addr: u32, _len: u32) -> *mut u8 {
        core::ptr::with_exposed_provenance_mut(addr as usize)
    }

    /// As `at(addr + offset)`, with the offset in the load or store itself.
    #[inline(always)]
    fn within(&self, addr: u32, offset: u32, len: u32) -> *mut u8 {
        // SAFETY: the object at `addr` lies in memory as a whole, so the sum does
        // not wrap.
        unsafe { self.at(addr, len).add(offset as usize) }
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl Memory {
    const RESERVED: u32 = vera_abi::layout::FIRST_ADDRESS;

    /// Reserves `size` bytes of address space (a multiple of [`PAGE`]); the
    /// system commits them as they are touched.
    ///
    /// # Panics
    /// When the system refuses.
    pub fn reserve(size: u32) -> Memory {
        assert!(size.is_multiple_of(PAGE) && size >= 2 * PAGE, "sizes are whole pages");
        // SAFETY: the layout has a non-zero size.
        let base = unsafe { std::alloc::alloc_zeroed(Self::layout(size)) };
        let base = NonNull::new(base).expect("the system reserves a test's memory");
        Memory { base, size, top: Self::RESERVED + PAGE }
    }

    fn layout(size: u32) -> std::alloc::Layout {
        std::alloc::Layout::from_size_align(size as usize, 16).expect("16 is a power of two")
    }

    /// Address of the allocation windows.
    pub fn windows(&self) -> u32 {
        Self::RESERVED
    }

    /// Address of [`STATICS_SIZE`] zeroed bytes below the heap.
    pub fn statics(&self) -> u32 {
        Self::RESERVED + WINDOWS_SIZE
    }

    /// Address of memory a test may use for static objects of its own, up to
    /// the end of the page.
    pub fn test_statics(&self) -> u32 {
        Self::RESERVED + WINDOWS_SIZE + STATICS_SIZE
    }

    /// Adds `pages` pages and returns the address of the first, or `None` when
    /// the reservation is used up. The new bytes are zero.
    pub fn grow(&mut self, pages: u32) -> Option<u32> {
        let start = self.top;
        let top = u64::from(start) + u64::from(pages) * u64::from(PAGE);
        if top > u64::from(self.size) {
            return None;
        }
        self.top = top as u32;
        Some(start)
    }

    #[inline(always)]
    fn at(&self, addr: u32, len: u32) -> *mut u8 {
        let end = u64::from(addr) + u64::from(len);
        assert!(addr >= Self::RESERVED && end <= u64::from(self.top), "address outside memory");
        // SAFETY: `addr` lies within the reservation, just checked.
        unsafe { self.base.as_ptr().add(addr as usize) }
    }

    #[inline(always)]
    fn within(&self, addr: u32, offset: u32, len: u32) -> *mut u8 {
        self.at(addr + offset, len)
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: allocated in `reserve` with the same layout.
        unsafe { std::alloc::dealloc(self.base.as_ptr(), Self::layout(self.size)) }
    }
}

macro_rules! accessors {
    ($($get:ident, $set:ident: $type:ty;)*) => {$(
        #[doc = concat!("Loads the `", stringify!($type), "` at `addr`.")]
        #[inline(always)]
        pub fn $get(&self, addr: u32) -> $type {
            let p = self.at(addr, size_of::<$type>() as u32);
            // SAFETY: inside memory (see the module's text); every bit pattern is a value.
            unsafe { p.cast::<$type>().read_unaligned() }
        }

        #[doc = concat!("Stores a `", stringify!($type), "` at `addr`.")]
        #[inline(always)]
        pub fn $set(&mut self, addr: u32, value: $type) {
            let p = self.at(addr, size_of::<$type>() as u32);
            // SAFETY: inside memory, and not memory Rust owns (see the module's text).
            unsafe { p.cast::<$type>().write_unaligned(value) }
        }
    )*};
}

/// Loads and stores of fields: the same at an offset into an object, which wasm
/// has instructions for.
macro_rules! field_accessors {
    ($($get:ident, $set:ident: $type:ty;)*) => {$(
        #[doc = concat!("Loads the `", stringify!($type), "` at `offset` into the object at `addr`.")]
        #[inline(always)]
        pub fn $get(&self, addr: u32, offset: u32) -> $type {
            let p = self.within(addr, offset, size_of::<$type>() as u32);
            // SAFETY: inside memory (see the module's text); every bit pattern is a value.
            unsafe { p.cast::<$type>().read_unaligned() }
        }

        #[doc = concat!("Stores a `", stringify!($type), "` at `offset` into the object at `addr`.")]
        #[inline(always)]
        pub fn $set(&mut self, addr: u32, offset: u32, value: $type) {
            let p = self.within(addr, offset, size_of::<$type>() as u32);
            // SAFETY: inside memory, and not memory Rust owns (see the module's text).
            unsafe { p.cast::<$type>().write_unaligned(value) }
        }
    )*};
}

impl Memory {
    accessors! {
        u8, set_u8: u8;
        u32, set_u32: u32;
        u64, set_u64: u64;
    }

    field_accessors! {
        field, set_field: u32;
        long_field, set_long_field: u64;
    }

    /// The `len` bytes at `addr`.
    #[inline]
    pub fn bytes(&self, addr: u32, len: u32) -> &[u8] {
        if len == 0 {
            return &[];
        }
        let p = self.at(addr, len);
        // SAFETY: inside memory and initialised (memory starts zeroed); nothing
        // writes to it while `self` is borrowed.
        unsafe { core::slice::from_raw_parts(p, len as usize) }
    }

    /// The `len` bytes at `addr`, to be written.
    #[inline]
    pub fn bytes_mut(&mut self, addr: u32, len: u32) -> &mut [u8] {
        if len == 0 {
            return &mut [];
        }
        let p = self.at(addr, len);
        // SAFETY: as for `bytes`, and `self` is borrowed exclusively.
        unsafe { core::slice::from_raw_parts_mut(p, len as usize) }
    }

    /// The `count` 8-byte words at `addr`, a multiple of 8, to be written.
    pub fn words_mut(&mut self, addr: u32, count: u32) -> &mut [i64] {
        if count == 0 {
            return &mut [];
        }
        debug_assert!(addr.is_multiple_of(8), "words are aligned");
        let p = self.at(addr, 8 * count);
        // SAFETY: as for `bytes_mut`; memory starts at a multiple of 8 and every
        // bit pattern is an `i64`.
        unsafe { core::slice::from_raw_parts_mut(p.cast::<i64>(), count as usize) }
    }

    /// Whether two ranges of `len` bytes hold the same, eight bytes at a time.
    #[inline]
    pub fn is_same(&self, a: u32, b: u32, len: u32) -> bool {
        let mut at = 0;
        while at + 8 <= len {
            if self.u64(a + at) != self.u64(b + at) {
                return false;
            }
            at += 8;
        }
        (at..len).all(|at| self.u8(a + at) == self.u8(b + at))
    }

    /// The order of two ranges of `len` bytes, by the first bytes that differ.
    pub fn compare(&self, a: u32, b: u32, len: u32) -> Ordering {
        let mut at = 0;
        while at + 8 <= len {
            // Big-endian words compare as their bytes do.
            let (x, y) = (self.u64(a + at).swap_bytes(), self.u64(b + at).swap_bytes());
            if x != y {
                return x.cmp(&y);
            }
            at += 8;
        }
        (at..len)
            .map(|at| self.u8(a + at).cmp(&self.u8(b + at)))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }

    /// Copies `len` bytes; the ranges must not overlap.
    #[inline]
    pub fn copy(&mut self, from: u32, to: u32, len: u32) {
        if len <= SHORT {
            return self.copy_short(from, to, len);
        }
        let (from, to) = (self.at(from, len), self.at(to, len));
        // SAFETY: both ranges lie inside memory.
        unsafe { core::ptr::copy(from, to, len as usize) }
    }

    /// As [`Memory::copy`] in line: on wasm, a bulk copy is a call into the engine.
    /// The last words may be copied twice.
    #[inline(always)]
    fn copy_short(&mut self, from: u32, to: u32, len: u32) {
        if len >= 8 {
            let mut at = 0;
            while at + 8 < len {
                self.set_u64(to + at, self.u64(from + at));
                at += 8;
            }
            self.set_u64(to + len - 8, self.u64(from + len - 8));
        } else if len >= 4 {
            self.set_u32(to, self.u32(from));
            self.set_u32(to + len - 4, self.u32(from + len - 4));
        } else {
            for at in 0..len {
                self.set_u8(to + at, self.u8(from + at));
            }
        }
    }

    /// Sets `len` bytes to `byte`.
    #[inline]
    pub fn fill(&mut self, addr: u32, len: u32, byte: u8) {
        if len <= SHORT {
            return self.fill_short(addr, len, byte);
        }
        let p = self.at(addr, len);
        // SAFETY: inside memory.
        unsafe { core::ptr::write_bytes(p, byte, len as usize) }
    }
    /// As [`Memory::fill`] in line.
    #[inline(always)]
    fn fill_short(&mut self, addr: u32, len: u32, byte: u8) {
        let mut at = 0;
        while at + 8 <= len {
            self.set_u64(addr + at, u64::from(byte) * 0x0101_0101_0101_0101);
            at += 8;
        }
        while at < len {
            self.set_u8(addr + at, byte);
            at += 1;
        }
    }
}
