//! One run: events on their way to outputs, screen and summary.

use shared::{Position, Terminal};

use super::exit::{Exit, Failure};
use super::output::Outputs;
use super::output_options::{FailOn, OutputOptions};
use super::screen::Screen;
use super::summary::Summary;
use super::told::Told;

/// The parts that events pass through, in this order: files first, so that nothing is shown that they do not have.
pub(super) struct Session {
    outputs: Outputs,
    screen: Screen,
    summary: Summary,
    fail_on: Vec<FailOn>,
    quiet: bool,
    /// Position of the last event that an earlier run has shown.
    shown: Position,
}

impl Session {
    pub(super) fn new(outputs: Outputs, options: &OutputOptions, shown: Position) -> Self {
        Self {
            outputs,
            screen: Screen::new(options),
            summary: Summary::default(),
            fail_on: options.fail_on.clone(),
            quiet: options.quiet,
            shown,
        }
    }

    /// Takes events in. Blocks on files.
    ///
    /// # Errors
    /// An output cannot be written.
    pub(super) fn take(&mut self, told: &[Told]) -> Result<(), Failure> {
        self.outputs.take(told)?;
        for event in told {
            self.summary.take(event);
        }
        let shown = self.shown;
        self.screen
            .show(told, |event| event.position <= shown)
            .map_err(Failure::stdout)
    }

    /// The final state, once there is one.
    pub(super) const fn state(&self) -> Option<Terminal> {
        self.summary.state()
    }

    /// The screen that events are shown on.
    pub(super) const fn screen(&mut self) -> &mut Screen {
        &mut self.screen
    }

    /// Finishes the outputs and tells what it all came to. Blocks on files.
    ///
    /// # Errors
    /// An output cannot be written.
    pub(super) fn finish(&mut self) -> Result<(), Failure> {
        self.screen.clear();
        self.outputs.finish()?;
        self.screen
            .json(|| self.summary.to_json())
            .map_err(Failure::stdout)?;
        if !self.quiet {
            for line in self.summary.lines() {
                self.screen.note(&line);
            }
        }
        Ok(())
    }

    /// The exit status of a job that has ended.
    pub(super) fn exit(&self, state: Terminal) -> Exit {
        match Exit::from(state) {
            Exit::Done if self.summary.is_unsuccessful(&self.fail_on) => Exit::Unsuccessful,
            exit => exit,
        }
    }
}
