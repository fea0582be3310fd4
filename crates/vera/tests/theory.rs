//! What the prover knows of library functions, in `tests/theory`: every function there is
//! proved to be true, so the facts are the prover's; and is run on many inputs all the
//! same, so they are the library's. A fact about a library function needs a function
//! there.

mod common;

use std::path::{Path, PathBuf};

use common::{in_parallel, programs, root, vera};

#[test]
fn facts_about_the_library_are_proved_and_hold() {
    let all = programs(&root().join("tests/theory"));
    assert!(all.len() >= 3, "only {} files found", all.len());
    let failures: Vec<String> = all
        .iter()
        .zip(in_parallel(&all, |path: &PathBuf| holds(path)))
        .filter_map(|(path, failure)| Some(format!("{}: {}", path.display(), failure.err()?)))
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

fn holds(path: &Path) -> Result<(), String> {
    let format = vera([Path::new("fmt"), Path::new("--check"), path]).run();
    if format.code != Some(0) {
        return Err(format!("not canonical: {}", format.stderr));
    }
    let words = ["verify", "--strict=all", "--no-cache"].map(Path::new);
    let proofs = vera(words.into_iter().chain([path])).run();
    proofs.clean()?;
    if proofs.code != Some(0) || !proofs.stderr.is_empty() {
        return Err(format!("not proved: {}", proofs.stderr));
    }
    for seed in ["1", "2"] {
        let words = ["test", "--distrust", "--trials", "150", "--seed", seed].map(Path::new);
        let trials = vera(words.into_iter().chain([path])).run();
        trials.clean()?;
        let all =
            trials.stdout.contains(" 0 refuted, 0 with an unattributed trap, 0 not exercised");
        if trials.code != Some(0) || !all {
            return Err(format!("{}{}", trials.stdout, trials.stderr));
        }
    }
    Ok(())
}
