//! The past of a crawl, read back from logs: this job's earlier attempts, and the earlier crawl that a request names.

pub(crate) mod checkpoint;
pub(crate) mod digest;
pub(crate) mod earlier;

pub use checkpoint::{Checkpoint, UnknownDigest};
pub use digest::Digester;
pub use earlier::Earlier;
