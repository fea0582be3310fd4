//! Ending the program.

use vera_abi::trap::TrapKind;

#[cfg(target_arch = "wasm32")]
#[link(wasm_import_module = "vera")]
unsafe extern "C" {
    #[link_name = "trap"]
    fn host_trap(kind: i32, text: u32, length: u32);
}

/// Ends the program with `kind` and its standard message. Natively it panics
/// with the [`TrapKind`] as payload, which tests catch.
#[cold]
#[inline(never)]
pub fn trap(kind: TrapKind) -> ! {
    #[cfg(target_arch = "wasm32")]
    {
        // SAFETY: the host reads no memory when the length is 0.
        unsafe { host_trap(kind as i32, 0, 0) };
        core::arch::wasm32::unreachable()
    }
    #[cfg(not(target_arch = "wasm32"))]
    std::panic::panic_any(kind)
}

/// Ends the program with `kind` and a message of its own, which is UTF-8. Natively it
/// panics as [`trap`] does.
#[cold]
#[inline(never)]
pub fn trap_saying(kind: TrapKind, message: &[u8]) -> ! {
    #[cfg(target_arch = "wasm32")]
    {
        let address = message.as_ptr().expose_provenance() as u32;
        // SAFETY: the host reads that many bytes there, which are borrowed.
        unsafe { host_trap(kind as i32, address, message.len() as u32) };
        core::arch::wasm32::unreachable()
    }
    #[cfg(not(target_arch = "wasm32"))]
    {
        let _ = message;
        std::panic::panic_any(kind)
    }
}

/// Ends the program with `heap_exhausted`.
#[cold]
pub fn heap_exhausted() -> ! {
    trap(TrapKind::HeapExhausted)
}
