//! The fenced blocks of a document.

use std::path::Path;

/// One fenced block.
pub struct Block {
    pub line: usize,
    /// What stands behind the fence.
    pub info: String,
    pub body: String,
}

impl Block {
    /// The first word behind the fence: what the block is written in.
    pub fn kind(&self) -> &str {
        self.info.split_whitespace().next().unwrap_or_default()
    }

    /// The other words, which have the form `key=value`.
    pub fn words(&self) -> impl Iterator<Item = (&str, &str)> {
        self.info.split_whitespace().skip(1).filter_map(|word| word.split_once('='))
    }

    /// The file that the block is the text of.
    pub fn file(&self) -> Option<&str> {
        self.words().find(|(key, _)| matches!(*key, "name" | "file")).map(|(_, value)| value)
    }
}

/// The text of a document.
pub fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All blocks of a text, in order.
pub fn blocks(text: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<Block> = None;
    for (line, content) in text.lines().enumerate() {
        match (&mut open, content.strip_prefix("```")) {
            (None, None) => {}
            (None, Some(info)) => {
                let info = info.trim().to_owned();
                open = Some(Block { line: line + 1, info, body: String::new() });
            }
            (Some(block), None) => {
                block.body.push_str(content);
                block.body.push('\n');
            }
            (Some(_), Some(_)) => found.extend(open.take()),
        }
    }
    assert!(open.is_none(), "a fenced block is not closed");
    found
}
