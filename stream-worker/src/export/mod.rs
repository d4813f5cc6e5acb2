//! A job's pages, or its refused URLs, as lines, for downloads and for files.
//!
//! It owns what a page is in NDJSON and in CSV, so that both ways out of the program write the same bytes. It refuses to know
//! where the lines go.

mod selection;
mod csv_row;
mod lines;

pub(crate) use csv_row::{ByteOrderMark, header as csv_header};
pub(crate) use lines::{ResultsFormat, lines};
pub(crate) use selection::Selection;
