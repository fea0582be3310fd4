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
    /// Of a verification.
    pub fn verifying(silent: bool) -> ProgressLine {
        ProgressLine::new(silent, "Verifying: {pos} of {len} obligations [{bar:24}]")
    }

    /// Of trials.
    pub fn testing(silent: bool) -> ProgressLine {
        ProgressLine::new(silent, "Testing: {pos} of {len} functions [{bar:24}]")
    }

    fn new(silent: bool, template: &str) -> ProgressLine {
        let style = ProgressStyle::with_template(template).expect("the template is well formed");
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
        if done == total {
            self.bar.finish_and_clear();
        }
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
