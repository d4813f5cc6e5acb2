//! The queue on one disk, with the rules of SQS.
//!
//! It owns `queue.db`: the messages, who has them and until when, and the dead letters. It refuses to know what a message
//! means. Which message comes next is decided in the database alone: the tenants that have one ready take turns, and
//! within a tenant the oldest comes first, so that one tenant's ten thousand jobs delay nobody else's first.

mod schema;
mod rows;
mod take;
mod queue;

pub use queue::{EmbeddedQueue, EmbeddedQueueConfig};

#[cfg(test)]
mod tests;
