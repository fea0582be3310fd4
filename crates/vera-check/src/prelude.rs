//! The part of the prelude that a program can reach.
//!
//! Each command begins with the prelude, and few programs use much of it. What a
//! program can reach are all types, the functions that its texts name, and those that
//! these name. The rest is blank in the text that is read, so every place in the
//! prelude stays where it is. A word in a comment counts as a name, too: it costs a
//! little time and changes nothing.

use std::collections::HashMap;

use vera_builtins::PRELUDE;

/// A declaration of the prelude.
struct Decl {
    text: &'static str,
    /// Whether it is read.
    wanted: bool,
}

/// The prelude, with blanks for each function that neither these texts name nor what
/// is left names.
pub(crate) fn part<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut decls = declarations();
    let mut by_name: HashMap<&str, usize> = HashMap::new();
    let mut work: Vec<&str> = Vec::new();
    for (at, decl) in decls.iter_mut().enumerate() {
        match function_name(decl.text) {
            Some(name) => _ = by_name.insert(name, at),
            None => {
                decl.wanted = true;
                work.push(decl.text);
            }
        }
    }
    let mut want = |text: &str, work: &mut Vec<&'static str>| {
        for word in words(text) {
            // Each is found once.
            if let Some(at) = by_name.remove(word) {
                decls[at].wanted = true;
                work.push(decls[at].text);
            }
        }
    };
    texts.for_each(|text| want(text, &mut work));
    while let Some(text) = work.pop() {
        want(text, &mut work);
    }
    let mut out = String::with_capacity(PRELUDE.len());
    for decl in &decls {
        if decl.wanted {
            out.push_str(decl.text);
        } else {
            out.extend(std::iter::repeat_n(' ', decl.text.len()));
        }
    }
    out
}

/// The prelude cut before each declaration and what is said of it: these come after a
/// blank line, at the start of a line.
fn declarations() -> Vec<Decl> {
    let mut cuts = vec![0];
    let starts = PRELUDE.match_indices("\n\n").map(|(at, gap)| at + gap.len());
    cuts.extend(starts.filter(|at| PRELUDE[*at..].starts_with(|c: char| c != ' ')));
    cuts.push(PRELUDE.len());
    cuts.windows(2).map(|ends| Decl { text: &PRELUDE[ends[0]..ends[1]], wanted: false }).collect()
}

/// The name of a function's declaration.
fn function_name(decl: &str) -> Option<&str> {
    let code = decl.lines().find(|line| !line.starts_with("--"))?;
    words(code).skip_while(|word| *word != "fn").nth(1).filter(|_| !code.starts_with("type"))
}

/// The words of a text that names of functions can be.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + bytes[at..].iter().position(|b| is_part(*b))?;
        let end =
            bytes[start..].iter().position(|b| !is_part(*b)).map_or(bytes.len(), |n| start + n);
        at = end;
        Some(&text[start..end])
    })
}

#[cfg(test)]
mod tests {
    use vera_builtins::{FUNCTIONS, Lowering};
    use vera_diagnostics::SourceFile;

    use super::*;
    use crate::{NoModules, check};

    fn names() -> impl Iterator<Item = &'static str> {
        let written = FUNCTIONS
            .iter()
            .filter(|f| matches!(f.lowering, Lowering::Prelude | Lowering::Specified(_)));
        written.map(|f| f.name)
    }

    /// Functions of the prelude that a program has which holds this text.
    fn reached(comment: &str) -> Vec<String> {
        let checked = check(SourceFile::new("a.vera", &format!("-- {comment}\n")), &mut NoModules);
        assert!(checked.diagnostics.is_empty(), "{:?}", checked.diagnostics);
        let program = checked.program.expect("nothing is wrong");
        let fns = program.fns.iter().filter(|f| program.is_prelude(f.module));
        fns.map(|f| f.name.to_string()).collect()
    }

    #[test]
    fn a_program_that_names_all_of_it_has_all_of_it() {
        let all: Vec<&str> = names().collect();
        assert_eq!(part([all.join(" ").as_str()].into_iter()), PRELUDE);
        let found = reached(&all.join(" "));
        assert!(all.iter().all(|name| found.iter().any(|f| f == name)));
    }

    #[test]
    fn each_function_can_be_reached_alone() {
        for name in names() {
            assert!(reached(name).iter().any(|f| f == name), "{name}");
        }
    }

    #[test]
    fn what_is_not_named_is_not_read() {
        assert_eq!(reached(""), Vec::<String>::new());
        assert_eq!(reached("nat_min, not nat_max_ or xnat_max"), ["nat_min"]);
    }

    #[test]
    fn places_stay() {
        let part = part(["nat_max"].into_iter());
        let at = PRELUDE.find("public fn nat_max").expect("the library has it");
        assert_eq!(part.len(), PRELUDE.len());
        assert_eq!(part[at..at + 40], PRELUDE[at..at + 40]);
        assert!(!part.contains("nat_min"));
    }
}
