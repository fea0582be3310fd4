//! Finding and loading the library.

use std::ffi::CStr;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::api::Functions;
use crate::{Missing, VARIABLE};

/// The loaded library.
pub struct Library {
    pub(crate) functions: Functions,
    version: String,
    file: PathBuf,
}

impl Library {
    /// The version, as the library writes it.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The file it came from, or the name by which the system found it.
    pub fn file(&self) -> &Path {
        &self.file
    }
}

/// The library, loaded by the first call: the file that [`VARIABLE`] names; else the one
/// beside this program, as releases have it; else the system's.
///
/// # Errors
/// There is none, or it is no library of Z3; the same for every call.
pub fn library() -> Result<&'static Library, &'static Missing> {
    static LIBRARY: OnceLock<Result<Library, Missing>> = OnceLock::new();
    LIBRARY.get_or_init(load).as_ref()
}

fn load() -> Result<Library, Missing> {
    if let Some(named) = std::env::var_os(VARIABLE).filter(|name| !name.is_empty()) {
        let named = PathBuf::from(named);
        return open(&named).map_err(|reason| Missing { named: Some(named), reason });
    }
    let beside = beside().into_iter().filter(|file| file.is_file());
    let system = NAMES.iter().map(PathBuf::from);
    let mut reason = String::new();
    for file in beside.chain(system) {
        match open(&file) {
            Ok(library) => return Ok(library),
            Err(why) => reason = why,
        }
    }
    Err(Missing { named: None, reason })
}

/// What the library is called: where only its users are installed, and with its headers.
#[cfg(target_os = "macos")]
const NAMES: [&str; 3] =
    ["libz3.dylib", "/opt/homebrew/lib/libz3.dylib", "/usr/local/lib/libz3.dylib"];
#[cfg(windows)]
const NAMES: [&str; 1] = ["libz3.dll"];
#[cfg(not(any(target_os = "macos", windows)))]
const NAMES: [&str; 2] = ["libz3.so.4", "libz3.so"];

/// Where a release has its library.
fn beside() -> Vec<PathBuf> {
    let Ok(program) = std::env::current_exe().and_then(|file| file.canonicalize()) else {
        return Vec::new();
    };
    let Some(dir) = program.parent() else { return Vec::new() };
    let own = NAMES.iter().rev().filter(|name| !name.contains('/'));
    own.flat_map(|name| [dir.join(name), dir.join("../lib/vera").join(name)]).collect()
}

fn open(file: &Path) -> Result<Library, String> {
    // SAFETY: what loading runs are the constructors of a library that its user, the
    // release or the system calls Z3.
    let loaded = unsafe { libloading::Library::new(file) }.map_err(|error| error.to_string())?;
    // SAFETY: it is Z3's, and never unloaded: its threads may outlive any use of ours.
    let functions = unsafe { Functions::find(&loaded) }.map_err(|error| error.to_string())?;
    std::mem::forget(loaded);
    // SAFETY: needs nothing; the text is the library's own and constant.
    let version = unsafe { CStr::from_ptr((functions.get_full_version)()) };
    let version = version.to_string_lossy().trim_start_matches("Z3 ").to_owned();
    Ok(Library { functions, version, file: file.to_owned() })
}
