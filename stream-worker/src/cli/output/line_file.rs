//! A file that grows at its end: NDJSON, CSV, or a web archive.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use shared::{Event, Position};

use super::cursors::Cursor;
use crate::archive::{Spool, warc_exchange, warc_info};
use crate::cli::told::Told;
use crate::export::{self, ByteOrderMark, ResultsFormat, Selection};

/// Redirects of one page that are looked for in the spool: as many as a crawl follows, and the page.
const MAX_HOPS: usize = 11;

/// Bytes that are appended for one event.
pub(super) enum Lines {
    /// A line for each page.
    Pages(ResultsFormat),
    /// The records of each answer that is in the spool.
    Archive(Arc<Spool>),
}

/// One file, and how far it has come.
pub(super) struct LineFile {
    path: PathBuf,
    file: File,
    lines: Lines,
    cursor: Cursor,
}

impl LineFile {
    /// Opens the file at its cursor; without one, or if the file is not what it was, it is written anew.
    ///
    /// # Errors
    /// The system's; or an archive is shorter than its cursor says, which nobody can make whole again.
    pub(super) fn open(path: &Path, lines: Lines, cursor: Option<Cursor>) -> io::Result<Self> {
        let was_begun = cursor
            .as_ref()
            .is_some_and(|cursor| cursor.position > Position(0));
        if let Some(cursor) = cursor
            && let Ok(mut file) = OpenOptions::new().write(true).open(path)
            && file.metadata()?.len() >= cursor.bytes
        {
            file.set_len(cursor.bytes)?;
            file.seek(SeekFrom::Start(cursor.bytes))?;
            let path = path.to_owned();
            let mut kept = Self {
                path,
                file,
                lines,
                cursor,
            };
            kept.forget()?;
            return Ok(kept);
        }
        if was_begun && matches!(lines, Lines::Archive(_)) {
            return Err(io::Error::other(
                "it is gone or shorter than it was, and what it held is not kept elsewhere: put it back, or begin again with \
                 another --state",
            ));
        }
        let mut new = Self {
            path: path.to_owned(),
            file: File::create(path)?,
            lines,
            cursor: Cursor::default(),
        };
        new.append(&new.first_bytes())?;
        Ok(new)
    }

    fn first_bytes(&self) -> Vec<u8> {
        match self.lines {
            Lines::Pages(ResultsFormat::Ndjson) => Vec::new(),
            Lines::Pages(ResultsFormat::Csv) => export::csv_header(ByteOrderMark::Absent).to_vec(),
            Lines::Archive(_) => warc_info(SystemTime::now().into()),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The last event that is in the file.
    pub(super) const fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    /// Appends what is new among `told`.
    pub(super) fn take(&mut self, told: &[Told]) -> io::Result<()> {
        let from = told.partition_point(|event| event.position <= self.cursor.position);
        let Some(last) = told[from..].last() else {
            return Ok(());
        };
        let new = &told[from..];
        match &self.lines {
            Lines::Pages(format) => {
                let lines = export::lines(
                    *format,
                    Selection::Pages,
                    new.iter().map(|event| &event.data),
                );
                self.append(&lines)?;
            }
            Lines::Archive(_) => {
                for event in new {
                    self.archive(event)?;
                }
            }
        }
        self.cursor.position = last.position;
        Ok(())
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.cursor.bytes += bytes.len() as u64;
        Ok(())
    }

    /// Appends the answers that led to an event, from the first redirect on.
    fn archive(&mut self, told: &Told) -> io::Result<()> {
        let mut next = match &told.event {
            Some(Event::Progress(page)) => Some(page.url.clone()),
            Some(Event::Skipped(skipped)) => Some(skipped.url.clone()),
            _ => None,
        };
        for _hop in 0..MAX_HOPS {
            let (Some(url), Lines::Archive(spool)) = (next.take(), &self.lines) else {
                return Ok(());
            };
            if self.cursor.archived.contains(&url) {
                return Ok(());
            }
            let Some((kept, body)) = spool.find(&url)? else {
                return Ok(());
            };
            self.cursor.archived.push(url);
            let exchange = warc_exchange(&kept, &body);
            self.append(&exchange.bytes)?;
            next = exchange.location.map(String::from);
        }
        Ok(())
    }

    /// Makes durable what was appended.
    pub(super) fn sync(&self) -> io::Result<()> {
        match self.file.metadata()?.is_file() {
            true => self.file.sync_data(),
            // A pipe has nothing to sync.
            false => Ok(()),
        }
    }

    /// Clears away the answers that are in the archive, once that is durable together with its cursor.
    pub(super) fn forget(&mut self) -> io::Result<()> {
        if let Lines::Archive(spool) = &self.lines {
            for url in std::mem::take(&mut self.cursor.archived) {
                spool.remove(&url)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn told(position: u64) -> Told {
        let data = format!(r#"{{"type":"progress","n":{position}}}"#);
        Told::new(Position(position), Bytes::from(data))
    }

    const NDJSON: Lines = Lines::Pages(ResultsFormat::Ndjson);

    #[test]
    fn a_file_that_was_cut_off_in_a_line_goes_on_at_its_cursor() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("pages.ndjson");
        let mut file = LineFile::open(&path, NDJSON, None).unwrap();
        file.take(&[told(1), told(2)]).unwrap();
        let cursor = file.cursor().clone();
        file.take(&[told(3)]).unwrap();
        file.append(br#"{"type":"prog"#).unwrap();
        drop(file);

        let mut again = LineFile::open(&path, NDJSON, Some(cursor)).unwrap();
        again.take(&[told(1), told(2), told(3), told(4)]).unwrap();

        let text = std::fs::read_to_string(&path).unwrap();
        let expected: String = (1..=4)
            .map(|n| format!("{{\"type\":\"progress\",\"n\":{n}}}\n"))
            .collect();
        assert_eq!(text, expected);
    }

    #[test]
    fn a_file_that_was_taken_away_is_written_anew() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("pages.ndjson");
        let cursor = Cursor {
            position: Position(2),
            bytes: 100,
            ..Cursor::default()
        };
        let mut file = LineFile::open(&path, NDJSON, Some(cursor)).unwrap();
        file.take(&[told(1)]).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 1);
    }

    #[test]
    fn an_archive_that_was_taken_away_is_not_begun_again_by_half() {
        let home = tempfile::tempdir().unwrap();
        let spool = Arc::new(Spool::open(home.path().join("answers")).unwrap());
        let cursor = Cursor {
            position: Position(2),
            bytes: 100,
            ..Cursor::default()
        };
        let lines = Lines::Archive(spool);
        let opened = LineFile::open(&home.path().join("pages.warc.gz"), lines, Some(cursor));
        assert!(opened.is_err());
    }
}
