//! `vera new`: a project to begin with.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use vera_session::is_package_name;

use crate::cli::New;
use crate::output;

/// The files of a new project; `NAME` stands for its name.
const FILES: [(&str, &str); 6] = [
    ("vera.toml", include_str!("new/vera.toml")),
    ("src/main.vera", include_str!("new/main.vera")),
    ("src/numbers.vera", include_str!("new/numbers.vera")),
    ("README.md", include_str!("new/README.md")),
    (".gitignore", "*.wasm\n"),
    (".github/workflows/vera.yml", include_str!("new/vera.yml")),
];

/// What stands for the name.
const NAME: &str = "NAME";

pub(super) fn new(args: &New) -> ExitCode {
    match create(&args.path) {
        Ok(name) => {
            output::print(&format!(
                "Created: {}\n\n  cd {}\n  vera verify    prove the contracts\n  vera test      run the functions on generated inputs\n  vera run       run {name}\n",
                args.path, args.path
            ));
            ExitCode::SUCCESS
        }
        Err(why) => {
            output::error(&why);
            ExitCode::FAILURE
        }
    }
}

/// Writes the files; yields the project's name.
fn create(path: &str) -> Result<String, String> {
    let dir = Path::new(path);
    let name = dir.file_name().unwrap_or_default().to_string_lossy().replace('-', "_");
    if !is_package_name(&name) {
        return Err(format!(
            "`{name}` is no name for a project: it begins with a lower-case letter and goes on with such, digits, `_` and `-`"
        ));
    }
    let in_use = fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some());
    if in_use || dir.is_file() {
        return Err(format!("{path} exists already"));
    }
    for (file, text) in FILES {
        let target = dir.join(file);
        let failed = |error: std::io::Error| format!("cannot write {}: {error}", target.display());
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent).map_err(failed)?;
        }
        fs::write(&target, text.replace(NAME, &name)).map_err(failed)?;
    }
    Ok(name)
}
