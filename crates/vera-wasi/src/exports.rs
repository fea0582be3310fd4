//! What stands in for the host: the functions named in [`vera_abi::wasi`].
//!
//! Only translation happens here: of addresses to slices, of handles to resources.

#![allow(unsafe_code, reason = "addresses become slices here, and nowhere else")]

use vera_abi::trap::TrapKind;
use wasi::http::types::{IncomingRequest, ResponseOutparam};

use crate::{console, ending, files, http, random, server, wire};

/// Bytes of the program's heap, for as long as a call.
fn bytes<'a>(address: u32, length: u32) -> &'a [u8] {
    if length == 0 {
        return &[];
    }
    let address = core::ptr::with_exposed_provenance(address as usize);
    // SAFETY: compiled code passes the address of a value that lies still during the call,
    // and nothing collects in it.
    unsafe { core::slice::from_raw_parts(address, length as usize) }
}

fn text(address: u32, length: u32) -> String {
    wire::lossy(bytes(address, length).to_vec())
}

fn end(kind: i32, address: u32, length: u32) -> ! {
    let kind = TrapKind::from_code(kind).unwrap_or(TrapKind::Unknown);
    ending::trap(kind, &text(address, length))
}

macro_rules! exports {
    ($(fn $name:ident($($param:ident: $type:ty),*) $(-> $result:ty)? $body:block)*) => {$(
        #[unsafe(no_mangle)]
        extern "C" fn $name($($param: $type),*) $(-> $result)? $body
    )*};
}

exports! {
    fn vera_wasi_trap(kind: i32, at: u32, length: u32) { end(kind, at, length) }
    fn vera_wasi_trap_request(kind: i32, at: u32, length: u32) {
        ending::trap_request(TrapKind::from_code(kind).unwrap_or(TrapKind::Unknown), &text(at, length))
    }
    fn vera_wasi_uncaught(effect: u32, effect_length: u32, at: u32, length: u32) {
        let message = ending::uncaught(&text(effect, effect_length), "main", &text(at, length));
        ending::trap(TrapKind::UncaughtException, &message)
    }
    fn vera_wasi_uncaught_request(effect: u32, effect_length: u32, at: u32, length: u32) {
        let message = ending::uncaught(&text(effect, effect_length), "handle", &text(at, length));
        ending::trap_request(TrapKind::UncaughtException, &message)
    }
    fn vera_wasi_print(at: u32, length: u32) {
        if !console::print(bytes(at, length)) {
            ending::exit(1)
        }
    }
    fn vera_wasi_print_request(at: u32, length: u32) { _ = console::print(bytes(at, length)) }
    fn vera_wasi_stderr(at: u32, length: u32) { console::print_error(bytes(at, length)) }
    fn vera_wasi_read_line() { wire::hold(console::read_line()) }
    fn vera_wasi_read_char() -> i32 { wire::answer(console::read_char()) }
    fn vera_wasi_read_file(at: u32, length: u32) -> i32 {
        wire::answer(files::read_file(&text(at, length)))
    }
    fn vera_wasi_read_bytes(at: u32, length: u32) -> i32 {
        wire::answer(files::read_bytes(&text(at, length)))
    }
    fn vera_wasi_write_file(path: u32, path_length: u32, at: u32, length: u32) -> i32 {
        let written = files::write(&text(path, path_length), bytes(at, length), false);
        wire::answer(written.map(|()| Vec::new()))
    }
    fn vera_wasi_write_bytes(path: u32, path_length: u32, at: u32, length: u32) -> i32 {
        let written = files::write(&text(path, path_length), bytes(at, length), false);
        wire::answer(written.map(|()| Vec::new()))
    }
    fn vera_wasi_arg_count() -> i32 { console::args().len() as i32 }
    fn vera_wasi_arg(index: u32) {
        let word = console::args().into_iter().nth(index as usize);
        wire::hold(word.unwrap_or_default().into_bytes())
    }
    fn vera_wasi_exit(code: i64) { ending::exit(code) }
    fn vera_wasi_get_env(at: u32, length: u32) -> i32 {
        let value = console::variable(&text(at, length));
        let found = value.is_some();
        wire::hold(value.unwrap_or_default().into_bytes());
        i32::from(found)
    }
    fn vera_wasi_sleep(millis: i64) { console::sleep(millis) }
    fn vera_wasi_time() -> i64 { console::time() }
    fn vera_wasi_random_int(low: i64, high: i64) -> i64 { random::int(low, high) }
    fn vera_wasi_random_float() -> f64 { random::float() }
    fn vera_wasi_random_bool() -> i32 { i32::from(random::bool()) }
    fn vera_wasi_hash_key() -> i64 { wasi::random::random::get_random_u64() as i64 }
    fn vera_wasi_put_word(word: i64) { wire::put(word) }
    fn vera_wasi_put_float(float: f64) { wire::put_float(float) }
    fn vera_wasi_put_bytes(at: u32, length: u32) { wire::put(bytes(at, length).to_vec()) }
    fn vera_wasi_take_word() -> i64 { wire::take_word() }
    fn vera_wasi_take_float() -> f64 { wire::take_float() }
    fn vera_wasi_take_bytes() { wire::hold(wire::take_bytes()) }
    fn vera_wasi_may_begin() -> i32 { 0 }
    fn vera_wasi_begin(_task: i32) -> i32 { console::no_tasks() }
    fn vera_wasi_begun() -> i32 { wire::begun() as i32 }
    fn vera_wasi_finish(number: i32) { wire::finish(number as u32) }
    fn vera_wasi_cell_starts() {}
    fn vera_wasi_cell_begins(_cell: i32) -> i32 { 0 }
    fn vera_wasi_cell_ends(_cell: i32) { wire::forget() }
    fn vera_wasi_arguments_admitted() {}
    fn vera_wasi_result_len() -> i32 { wire::pending_len() as i32 }
    fn vera_wasi_result_copy(address: u32) {
        let pending = wire::pending();
        let address = core::ptr::with_exposed_provenance_mut::<u8>(address as usize);
        // SAFETY: the runtime passes the address of an object that has room for as many
        // bytes as it was just told.
        unsafe { core::ptr::copy_nonoverlapping(pending.as_ptr(), address, pending.len()) };
    }
    fn vera_wasi_type(id: i32) { wire::add_type(id as u32) }
    fn vera_wasi_request(handle: i32, is_text: i32) {
        // SAFETY: the component model hands over the only handle of the request.
        let request = unsafe { IncomingRequest::from_handle(handle as u32) };
        server::request(request, is_text != 0)
    }
    fn vera_wasi_respond(handle: i32) {
        // SAFETY: as above.
        let out = unsafe { ResponseOutparam::from_handle(handle as u32) };
        server::respond(out)
    }
    fn vera_wasi_io_append() { files::append() }
    fn vera_wasi_io_clock() { console::clock() }
    fn vera_wasi_io_create_dir() { files::create_dir() }
    fn vera_wasi_io_delete() { files::delete() }
    fn vera_wasi_io_exists() { files::exists() }
    fn vera_wasi_io_file_size() { files::file_size() }
    fn vera_wasi_io_is_dir() { files::is_directory() }
    fn vera_wasi_io_list_dir() { files::list_dir() }
    fn vera_wasi_io_next_line() { console::next_line() }
    fn vera_wasi_io_read_all() { console::read_all() }
    fn vera_wasi_io_read_char_timeout() { console::read_char_timeout() }
    fn vera_wasi_io_read_chunk() { files::read_chunk() }
    fn vera_wasi_io_read_key() { console::read_key() }
    fn vera_wasi_io_rename() { files::rename() }
    fn vera_wasi_io_temp_dir() { files::temporary(true) }
    fn vera_wasi_io_temp_file() { files::temporary(false) }
    fn vera_wasi_io_terminal_size() { console::terminal_size() }
    fn vera_wasi_http_delete() { http::simple("delete", "DELETE", false) }
    fn vera_wasi_http_get() { http::simple("get", "GET", false) }
    fn vera_wasi_http_patch() { http::simple("patch", "PATCH", true) }
    fn vera_wasi_http_post() { http::simple("post", "POST", true) }
    fn vera_wasi_http_put() { http::simple("put", "PUT", true) }
    fn vera_wasi_http_request() { http::request() }
    fn vera_wasi_server_respond() { server::not_streamed() }
    fn vera_wasi_server_write() { server::not_streamed() }
}
