//! Rust's own memory, and the end of the program when it has a defect.

use vera_abi::trap::TrapKind;

/// Ends the program for a panic. What a program can bring about is one alone: a `Vec`
/// that outgrows the address space panics before it asks for memory. Every other panic
/// is a defect of the runtime.
fn end(message: Option<&str>) -> ! {
    vera_rt::trap::trap(match message {
        Some("capacity overflow") => TrapKind::HeapExhausted,
        _ => TrapKind::Unreachable,
    })
}

#[cfg(not(feature = "markup"))]
#[panic_handler]
fn on_panic(info: &core::panic::PanicInfo) -> ! {
    end(info.message().as_str())
}

/// Has the standard library, which the markup formats need, end the program as the
/// other two modules do. Everything a program calls of the formats begins with this.
#[cfg(feature = "markup")]
pub fn catch_panics() {
    static CAUGHT: core::sync::atomic::AtomicBool = core::sync::atomic::AtomicBool::new(false);
    if !CAUGHT.swap(true, core::sync::atomic::Ordering::Relaxed) {
        std::panic::set_hook(Box::new(|info| end(info.payload_as_str())));
    }
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
