//! The functions of the C interface that are used, by their names without `Z3_`.

use std::ffi::{c_char, c_int, c_uint};

use libloading::Library;

/// A pointer to something of the library's own.
macro_rules! handles {
    ($($name:ident)*) => {
        $(
            #[repr(C)]
            pub(crate) struct $name {
                _opaque: [u8; 0],
            }
        )*
    };
}

handles! { AstVector Config Context Model Params Solver Symbol Tactic }

/// The signature of a handler of errors; none is ever set.
pub(crate) type ErrorHandler = Option<unsafe extern "C" fn(*mut Context, c_int)>;

macro_rules! functions {
    ($($name:ident($($arg:ty),*) $(-> $result:ty)?;)*) => {
        /// Pointers into the loaded library.
        pub(crate) struct Functions {
            $(pub $name: unsafe extern "C" fn($($arg),*) $(-> $result)?,)*
        }

        impl Functions {
            /// Finds all of them.
            ///
            /// # Errors
            /// The library has no function of such a name.
            ///
            /// # Safety
            /// The library is Z3's, and stays loaded while the pointers are used.
            pub unsafe fn find(library: &Library) -> Result<Functions, libloading::Error> {
                Ok(Functions {
                    // SAFETY: the signatures are those of `z3_api.h`.
                    $($name: *unsafe { library.get(concat!("Z3_", stringify!($name)))? },)*
                })
            }
        }
    };
}

functions! {
    get_full_version() -> *const c_char;
    mk_config() -> *mut Config;
    del_config(*mut Config);
    mk_context_rc(*mut Config) -> *mut Context;
    del_context(*mut Context);
    set_error_handler(*mut Context, ErrorHandler);
    get_error_code(*mut Context) -> c_int;
    interrupt(*mut Context);
    mk_string_symbol(*mut Context, *const c_char) -> *mut Symbol;
    mk_params(*mut Context) -> *mut Params;
    params_inc_ref(*mut Context, *mut Params);
    params_dec_ref(*mut Context, *mut Params);
    params_set_uint(*mut Context, *mut Params, *mut Symbol, c_uint);
    mk_tactic(*mut Context, *const c_char) -> *mut Tactic;
    tactic_inc_ref(*mut Context, *mut Tactic);
    tactic_dec_ref(*mut Context, *mut Tactic);
    mk_solver(*mut Context) -> *mut Solver;
    mk_solver_from_tactic(*mut Context, *mut Tactic) -> *mut Solver;
    solver_inc_ref(*mut Context, *mut Solver);
    solver_dec_ref(*mut Context, *mut Solver);
    solver_set_params(*mut Context, *mut Solver, *mut Params);
    solver_from_string(*mut Context, *mut Solver, *const c_char);
    solver_get_assertions(*mut Context, *mut Solver) -> *mut AstVector;
    ast_vector_inc_ref(*mut Context, *mut AstVector);
    ast_vector_dec_ref(*mut Context, *mut AstVector);
    ast_vector_size(*mut Context, *mut AstVector) -> c_uint;
    solver_check(*mut Context, *mut Solver) -> c_int;
    solver_get_model(*mut Context, *mut Solver) -> *mut Model;
    model_inc_ref(*mut Context, *mut Model);
    model_dec_ref(*mut Context, *mut Model);
    model_to_string(*mut Context, *mut Model) -> *const c_char;
}
