//! What compiled code calls of the data formats: one function for each entry of
//! [`vera_abi::runtime::RtFn`] that is not in `vera-rt`'s own list.

use vera_abi::trap::TrapKind;
use vera_rt::exports::{heap, keyed_heap};
use vera_rt::trap::trap_saying;
use vera_rt::{Ref, Roots};

use crate::json;

macro_rules! exports {
    ($(fn $name:ident($($param:ident: $type:ty),*) $(-> $result:ty)? $body:block)*) => {$(
        #[unsafe(no_mangle)]
        pub extern "C" fn $name($($param: $type),*) $(-> $result)? $body
    )*};
}

exports! {
    fn vera_json_parse(text: Ref, sp: u32) -> Ref {
        json::parse(keyed_heap(), text, Roots::at(sp))
    }
    fn vera_json_stringify(value: Ref, sp: u32) -> Ref {
        match json::stringify(heap(), value, Roots::at(sp)) {
            Ok(text) => text,
            Err(error) => trap_saying(TrapKind::HostError, &error.message()),
        }
    }
}
