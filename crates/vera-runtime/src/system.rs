//! Rust's own memory, and the end of the program when it has a defect.

/// A defect of the runtime itself: nothing a program does can lead here.
#[cfg(not(feature = "markup"))]
#[panic_handler]
fn on_panic(_: &core::panic::PanicInfo) -> ! {
    vera_rt::trap::trap(vera_abi::trap::TrapKind::Unreachable)
}

#[cfg(feature = "data")]
mod memory {
    use core::alloc::{GlobalAlloc, Layout};
    use dlmalloc::GlobalDlmalloc;
    use vera_rt::trap::heap_exhausted;

    #[global_allocator]
    static MEMORY: Exhaustible = Exhaustible;

    /// `dlmalloc`, where memory that is refused ends the program as it does for the
    /// program's own values.
    struct Exhaustible;

    fn checked(address: *mut u8) -> *mut u8 {
        if address.is_null() { heap_exhausted() } else { address }
    }

    // SAFETY: every call is handed on as it is; addresses are the allocator's.
    unsafe impl GlobalAlloc for Exhaustible {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            // SAFETY: the caller keeps the contract of this very function.
            checked(unsafe { GlobalDlmalloc.alloc(layout) })
        }
        unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
            // SAFETY: as above.
            checked(unsafe { GlobalDlmalloc.alloc_zeroed(layout) })
        }
        unsafe fn dealloc(&self, address: *mut u8, layout: Layout) {
            // SAFETY: as above.
            unsafe { GlobalDlmalloc.dealloc(address, layout) }
        }
        unsafe fn realloc(&self, address: *mut u8, layout: Layout, size: usize) -> *mut u8 {
            // SAFETY: as above.
            checked(unsafe { GlobalDlmalloc.realloc(address, layout, size) })
        }
    }
}
