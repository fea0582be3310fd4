//! Binary trees in the shape compiled code has: the inline allocation of
//! `vera_abi::layout::ALLOC_WINDOWS`, roots on the shadow stack.
//!
//! A check of the allocator's and the collector's speed; `bench.mjs` beside it
//! runs it against the engine's own collector.
#![no_std]
#![cfg_attr(not(target_arch = "wasm32"), allow(unused))]

#[cfg(not(target_arch = "wasm32"))]
extern crate std;

#[cfg(target_arch = "wasm32")]
mod wasm {
    #[panic_handler]
    fn on_panic(_: &core::panic::PanicInfo) -> ! {
        core::arch::wasm32::unreachable()
    }

    use vera_rt::exports::{
        vera_alloc_slow, vera_array_append_ref, vera_rt_high_water, vera_rt_init,
    };
    use vera_rt::memory::vera_alloc_windows;

    const CELL: u32 = 16;
    const HEADER: u64 = 0x3 << 32;

    fn load(at: u32) -> u32 {
        // SAFETY: only called with addresses of live objects.
        unsafe { core::ptr::with_exposed_provenance::<u32>(at as usize).read() }
    }

    fn store<T>(at: u32, value: T) {
        // SAFETY: only called with addresses in fresh objects and on the shadow stack. Volatile,
        // so that a root is stored where a compiler of another language would store it.
        unsafe { core::ptr::with_exposed_provenance_mut::<T>(at as usize).write_volatile(value) }
    }

    #[inline(always)]
    fn node(left: u32, right: u32, sp: u32) -> u32 {
        let window = (&raw mut vera_alloc_windows).cast::<u32>();
        // SAFETY: the window of class 0 is two words at the start of the static.
        let object = unsafe {
            let (cursor, limit) = (window.read(), window.add(1).read());
            if cursor + CELL <= limit {
                window.write(cursor + CELL);
                cursor
            } else {
                vera_alloc_slow(CELL, sp)
            }
        };
        store(object, HEADER);
        store(object + 8, left);
        store(object + 12, right);
        object
    }

    #[inline(never)]
    fn build(depth: i32, sp: u32) -> u32 {
        if depth == 0 {
            return node(0, 0, sp);
        }
        let left = build(depth - 1, sp);
        store(sp, left);
        let right = build(depth - 1, sp + 4);
        store(sp + 4, right);
        node(left, right, sp + 8)
    }

    #[inline(never)]
    fn check(tree: u32) -> i64 {
        match load(tree + 8) {
            0 => 1,
            left => 1 + check(left) + check(load(tree + 12)),
        }
    }

    /// The kernel of the spike: one tree that stays, many that do not.
    #[unsafe(no_mangle)]
    pub extern "C" fn binary_trees(depth: i32) -> i64 {
        let sp = vera_rt_init(0);
        let mut total = check(build(depth + 1, sp));
        let long = build(depth, sp);
        store(sp, long);
        let mut d = 4;
        while d <= depth {
            for _ in 0..1i64 << (depth - d + 4) {
                total += check(build(d, sp + 4));
            }
            d += 4;
        }
        total + check(long)
    }

    /// Appends `n` boxes to one array.
    #[unsafe(no_mangle)]
    pub extern "C" fn append(n: i32) -> i64 {
        let sp = vera_rt_init(0);
        let mut array = vera_rt::exports::vera_seq_new(0, 4, 1, sp);
        for _ in 0..n {
            store(sp, array);
            let element = node(0, 0, sp + 4);
            array = vera_array_append_ref(array, element, sp + 4);
        }
        i64::from(load(array + 12))
    }

    /// Bytes of blocks the run used at most.
    #[unsafe(no_mangle)]
    pub extern "C" fn high_water() -> i64 {
        vera_rt_high_water() as i64
    }
}
