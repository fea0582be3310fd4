//! A line on the terminal that tells how far a long run is.

use std::sync::Once;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use vera_verify::Progress;

/// Shorter runs show nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// A line on standard error, gone when this is dropped; nothing where standard error
/// is no terminal.
pub(crate) struct ProgressLine {
    /// Hidden until it is wanted.
    bar: ProgressBar,
    begun: Instant,
    silent: bool,
    shown: Once,
}

impl ProgressLine {
    pub fn new(silent: bool) -> ProgressLine {
        let style =
            ProgressStyle::with_template("Verifying: {pos} of {len} obligations [{bar:24}]")
                .expect("the template is well formed");
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden())
            .with_style(style.progress_chars("=> "));
        ProgressLine { bar, begun: Instant::now(), silent, shown: Once::new() }
    }
}

impl Progress for ProgressLine {
    fn settled(&self, done: usize, total: usize) {
        if self.silent || self.begun.elapsed() < PATIENCE {
            return;
        }
        self.shown.call_once(|| self.bar.set_draw_target(ProgressDrawTarget::stderr()));
        self.bar.set_length(total as u64);
        // Threads settle obligations side by side.
        self.bar.set_position((done as u64).max(self.bar.position()));
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
