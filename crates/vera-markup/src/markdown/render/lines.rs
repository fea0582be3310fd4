//! Lines under the prefixes of the quotes and items they are in.

/// A text that grows line by line.
pub struct Lines {
    out: Vec<u8>,
    /// What lines start with from the next one on.
    prefix: Vec<u8>,
    /// Whether the current line is still empty, without even its prefix.
    fresh: bool,
}

impl Lines {
    pub fn new() -> Lines {
        Lines { out: Vec::new(), prefix: Vec::new(), fresh: false }
    }

    pub fn finish(mut self) -> Vec<u8> {
        self.start_line(true);
        self.out
    }

    fn start_line(&mut self, blank: bool) {
        if std::mem::take(&mut self.fresh) {
            let prefix = if blank { self.prefix.trim_ascii_end() } else { &self.prefix };
            self.out.extend_from_slice(prefix);
        }
    }

    /// Appends text, whose line breaks end lines.
    pub fn text(&mut self, text: &[u8]) {
        for (at, line) in text.split(|&byte| byte == b'\n').enumerate() {
            if at > 0 {
                self.end();
            }
            if !line.is_empty() {
                self.start_line(false);
                self.out.extend_from_slice(line);
            }
        }
    }

    pub fn repeat(&mut self, byte: u8, times: usize) {
        if times > 0 {
            self.start_line(false);
            self.out.resize(self.out.len().saturating_add(times), byte);
        }
    }

    /// Ends the current line.
    pub fn end(&mut self) {
        self.start_line(true);
        self.out.push(b'\n');
        self.fresh = true;
    }

    /// Whether lines begin with the mark of a quote.
    pub fn quoted(&self) -> bool {
        self.prefix.contains(&b'>')
    }

    pub fn prefix_len(&self) -> usize {
        self.prefix.len()
    }

    pub fn push_prefix(&mut self, prefix: &[u8]) {
        self.prefix.extend_from_slice(prefix);
    }

    pub fn push_indent(&mut self, width: usize) {
        self.prefix.resize(self.prefix.len().saturating_add(width), b' ');
    }

    pub fn cut_prefix(&mut self, len: usize) {
        self.prefix.truncate(len);
    }
}
