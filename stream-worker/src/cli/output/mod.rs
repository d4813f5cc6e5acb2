//! Files that pages are written to.
//!
//! It owns their forms and a durable cursor for each: how far the log is in the file, and how long the file was then. A file that
//! was being written when the process was killed is cut back to its cursor, so that no page is in it twice and none by half.

mod target;
mod cursors;
mod line_file;
mod page_path;
mod front_matter;
mod links;
mod tree;
mod outputs;

pub(super) use cursors::{Cursors, write_whole};
pub(super) use outputs::Outputs;
pub(super) use target::{Form, Target};
