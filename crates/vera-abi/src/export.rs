//! Runtime functions as exports of a module, with the types of the table.

/// Wasm's value types by the names the table uses.
#[allow(missing_docs, reason = "the names say it")]
pub mod value {
    pub type I32 = u32;
    pub type I64 = u64;
    pub type F64 = f64;
}

/// A value that crosses between compiled code and the runtime: wasm's integers have no
/// sign, Rust's have.
pub trait Crossing<To> {
    /// The same bits.
    fn cross(self) -> To;
}

macro_rules! crossing {
    ($($from:ty => $to:ty),*) => {$(
        impl Crossing<$to> for $from {
            #[inline(always)]
            fn cross(self) -> $to {
                self as $to
            }
        }
    )*};
}

crossing! { u32 => u32, u32 => i32, i32 => u32, u64 => u64, u64 => i64, i64 => u64, f64 => f64 }

impl Crossing<()> for () {
    fn cross(self) {}
}

/// Exports a row of [`runtime_functions`](crate::runtime_functions): symbol, parameters,
/// results; the module `bodies` where it is used has the function. `first` runs before it.
#[macro_export]
macro_rules! export_runtime_function {
    ($name:ident ($($param:ident)*) ($($result:ident)?) $first:block) => {
        $crate::export_runtime_function! {
            @ $name [$($param)*] [a b c d e f] [] ($($result)?) $first
        }
    };
    // Each parameter gets a letter.
    (
        @ $name:ident [$param:ident $($params:ident)*] [$letter:ident $($letters:ident)*]
        [$($done:tt)*] $result:tt $first:block
    ) => {
        $crate::export_runtime_function! {
            @ $name [$($params)*] [$($letters)*] [$($done)* ($letter $param)] $result $first
        }
    };
    (
        @ $name:ident [] $letters:tt
        [$(($letter:ident $param:ident))*] ($($result:ident)?) $first:block
    ) => {
        #[unsafe(no_mangle)]
        pub extern "C" fn $name(
            $($letter: $crate::export::value::$param),*
        ) $(-> $crate::export::value::$result)? {
            $first
            let result = bodies::$name($($crate::export::Crossing::cross($letter)),*);
            $crate::export::Crossing::cross(result)
        }
    };
}
