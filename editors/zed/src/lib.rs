//! Tells Zed which command serves Vera.

use zed_extension_api::{self as zed, Command, LanguageServerId, Result, Worktree};

struct Vera;

impl zed::Extension for Vera {
    fn new() -> Self {
        Vera
    }

    fn language_server_command(&mut self, _: &LanguageServerId, tree: &Worktree) -> Result<Command> {
        let command = tree.which("vera").ok_or("the command `vera` is not on the path")?;
        Ok(Command { command, args: vec!["lsp".to_owned()], env: tree.shell_env() })
    }
}

zed::register_extension!(Vera);
