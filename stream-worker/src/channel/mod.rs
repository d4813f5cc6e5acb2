//! The live side of a job on this worker: who watches it, and the last frames of its log.
//!
//! It owns the registry of channels, each channel's tail and head, its wake-ups, and the gates of its watchers. It
//! refuses to know how a watcher is written to. A channel exists while it has watchers; what it holds is a copy of what
//! is durable in the journal, and bounded.

mod close;
mod feed;
mod gate;
mod live;
mod metrics;
mod presence;
mod registry;
mod tail;

pub use close::Close;
pub use feed::{Feed, News};
pub use gate::Gate;
pub use live::{Channel, ChannelGate, Since};
pub use metrics::ChannelMetrics;
pub use registry::{ChannelConfig, Membership, Registry};
