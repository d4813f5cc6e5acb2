//! Measurements of an object store, for whoever runs it.

use std::sync::Arc;
use std::time::Duration;

/// Is given every measurement. It must not block.
pub type BodiesObserver = Arc<dyn Fn(BodiesMeasurement) + Send + Sync>;

/// One call that was answered, or given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodiesMeasurement {
    /// The operation.
    pub call: BodiesCall,
    /// From the call to its end, with the wait for a place among the calls under way, and with its retries.
    pub elapsed: Duration,
    /// The call's end.
    pub outcome: BodiesOutcome,
}

/// An operation on objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BodiesCall {
    /// Writes one object.
    Write,
    /// Reads a piece of one.
    Read,
    /// Lists a folder.
    List,
    /// Deletes one object.
    Delete,
}

/// The end of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BodiesOutcome {
    /// It did what it should.
    Done,
    /// The store answered that the object is not there.
    Missing,
    /// The store refused, failed or was silent, with the reason.
    Failed(String),
}
