//! An object store for what is too large for a server's memory: a bucket of S3, or a directory on a disk that all workers share.
//!
//! It owns the way to the store, its patience, the measure of each call, and the memory of what was read last. It refuses to know what the objects hold and
//! who refers to them: they are bytes under a key, written once, read in parts, and deleted when they are old.

mod address;
mod error;
mod observer;
mod credentials;
mod pieces;
mod store;

pub use address::{BodiesAddress, BodiesAddressError};
pub use error::{BodiesRefusal, BodyError};
pub use observer::{BodiesCall, BodiesMeasurement, BodiesObserver, BodiesOutcome};
pub use store::{BodyStore, Part};

#[cfg(test)]
mod tests;
