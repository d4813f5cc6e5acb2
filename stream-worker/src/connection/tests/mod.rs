//! Tests that need more than one file of this folder.

mod bytes;
mod lost_events;
mod size;
mod world;
