//! The queue between a serverless front and the workers: SQS.
//!
//! A standard queue whose tenants share it fairly by message group, with a redrive policy. SQS keeps the rules (visibility,
//! receive count, dead letters); what is ours is to keep to its terms: one call's visibility counts from its start, a receipt
//! that was overtaken is stale and not an error, and twelve hours after a receive a message comes back whatever one does.

mod connection;
mod dead_letters;
mod failure;
mod queue;
#[cfg(test)]
mod tests;

pub use connection::SqsConfig;
pub use queue::SqsQueue;
