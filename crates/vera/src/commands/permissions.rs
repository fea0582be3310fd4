//! What `vera run` and `vera serve` let a program reach.

use vera_host::permissions::{NetRule, Rules};
use vera_host::{Files, Io, Permissions};

use crate::cli::{self, bad};

/// Lets the run reach what the flags allow.
pub(super) fn permit(allowed: &cli::Permissions, io: &mut Io) -> Result<(), String> {
    if allowed.sandbox || !allowed.dirs.is_empty() {
        let refused = |dir: String| bad("--allow-dir", "a directory", &dir);
        io.files = Files::within(&allowed.dirs).map_err(refused)?;
    }
    let mut rules = Rules { inference: allowed.inference || !allowed.sandbox, ..Rules::default() };
    if allowed.sandbox {
        rules.net = Some(Vec::new());
        rules.db = Some(Vec::new());
        rules.env = Some(Vec::new());
    }
    for word in &allowed.net {
        let rule = NetRule::parse(word);
        let rule = rule.ok_or_else(|| bad("--allow-net", "HOST or HOST:PORT", word))?;
        rules.net.get_or_insert_default().push(rule);
    }
    for word in &allowed.db {
        rules.allow_db(word).map_err(|word| bad("--allow-db", "the path of a database", &word))?;
    }
    for word in &allowed.env {
        if word.is_empty() {
            return Err(bad("--allow-env", "the name of a variable", word));
        }
        rules.env.get_or_insert_default().push(word.clone());
    }
    io.permissions = Permissions::new(rules);
    Ok(())
}
