//! Posts events of jobs to the servers that asked for them.
//!
//! A webhook is one more watcher: a cursor over the journal, but a durable one. So nothing is kept twice, a server that is
//! down costs a number, and a worker that dies goes on where it was: each event arrives at least once, in order. It refuses
//! to know of crawls: no job waits for it.

mod signature;
mod told;
mod firecrawl_body;
mod batch;
mod back_off;
mod metrics;
mod shares;
mod context;
mod deliverer;
mod service;

pub(crate) use context::{WebhookBase, WebhookContext, WebhookLimits};
pub(crate) use metrics::WebhookMetrics;
pub(crate) use service::Webhooks;

#[cfg(test)]
mod tests;
