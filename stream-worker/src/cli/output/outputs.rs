//! All outputs of one run, and when their cursors are made durable.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;

use super::cursors::Cursors;
use super::line_file::{LineFile, Lines};
use super::target::{Form, Target};
use super::tree::Tree;
use crate::archive::Spool;
use crate::cli::exit::Failure;
use crate::cli::told::Told;
use crate::export::{self, ResultsFormat, Selection};

/// The longest time that a killed process may have to write again.
const SAVING: Duration = Duration::from_secs(1);

/// Everything that pages are written to.
pub(in crate::cli) struct Outputs {
    files: Vec<LineFile>,
    trees: Vec<Tree>,
    stdout: bool,
    /// The cursors by which the next run goes on; nothing if there is none to come.
    cursors: Option<Cursors>,
    saved_at: Instant,
}

impl Outputs {
    /// Opens all targets, each at its cursor.
    ///
    /// # Errors
    /// Names the target that cannot be written.
    pub(in crate::cli) fn open(
        targets: &[Target],
        cursors: Option<Cursors>,
        spool: Option<&Arc<Spool>>,
    ) -> Result<Self, Failure> {
        let mut outputs = Self {
            files: Vec::new(),
            trees: Vec::new(),
            stdout: false,
            cursors: None,
            saved_at: Instant::now(),
        };
        for target in targets {
            let cursor = cursors
                .as_ref()
                .and_then(|cursors| cursors.of(&target.path));
            let file = |lines| LineFile::open(&target.path, lines, cursor.clone());
            let opened =
                match target.form {
                    Form::Stdout => {
                        outputs.stdout = true;
                        Ok(())
                    }
                    Form::Tree => Tree::open(&target.path, cursor.clone())
                        .map(|tree| outputs.trees.push(tree)),
                    Form::Ndjson => file(Lines::Pages(ResultsFormat::Ndjson))
                        .map(|file| outputs.files.push(file)),
                    Form::Csv => {
                        file(Lines::Pages(ResultsFormat::Csv)).map(|file| outputs.files.push(file))
                    }
                    Form::Warc => {
                        let spool =
                            spool.context("only `crawl` has the answers that an archive holds")?;
                        file(Lines::Archive(spool.clone())).map(|file| outputs.files.push(file))
                    }
                };
            opened.with_context(|| format!("could not write {}", target.path.display()))?;
        }
        outputs.cursors = cursors;
        Ok(outputs)
    }

    /// Writes what is new among `told` to each of them.
    ///
    /// # Errors
    /// Names the output that could not be written.
    pub(in crate::cli) fn take(&mut self, told: &[Told]) -> Result<(), Failure> {
        for file in &mut self.files {
            file.take(told).with_context(|| unwritten(file.path()))?;
        }
        for tree in &mut self.trees {
            tree.take(told).with_context(|| unwritten(tree.path()))?;
        }
        if self.stdout {
            let lines = export::lines(
                ResultsFormat::Ndjson,
                Selection::Pages,
                told.iter().map(|event| &event.data),
            );
            let mut out = io::stdout().lock();
            out.write_all(&lines)
                .and_then(|()| out.flush())
                .map_err(Failure::stdout)?;
        }
        if self.saved_at.elapsed() >= SAVING {
            self.save()?;
        }
        Ok(())
    }

    /// Finishes what can only be finished when all pages are known.
    ///
    /// # Errors
    /// As [`take`](Self::take).
    pub(in crate::cli) fn finish(&mut self) -> Result<(), Failure> {
        for tree in &self.trees {
            tree.finish().with_context(|| unwritten(tree.path()))?;
        }
        self.save()
    }

    /// Makes durable how far each has come: first what is in them, then the cursors, and only then is an archived answer forgotten.
    fn save(&mut self) -> Result<(), Failure> {
        self.saved_at = Instant::now();
        let Some(cursors) = &mut self.cursors else {
            return Ok(());
        };
        for file in &self.files {
            file.sync().with_context(|| unwritten(file.path()))?;
            cursors.set(file.path(), file.cursor().clone());
        }
        for tree in &self.trees {
            tree.sync().with_context(|| unwritten(tree.path()))?;
            cursors.set(tree.path(), tree.cursor().clone());
        }
        cursors
            .save()
            .context("could not save how far the outputs have come")?;
        for file in &mut self.files {
            file.forget()
                .context("could not clear archived answers away")?;
        }
        Ok(())
    }
}

fn unwritten(path: &std::path::Path) -> String {
    format!("could not write {}", path.display())
}
