#![doc = include_str!("../README.md")]

pub mod numbers;
pub mod timestamp;
pub mod clock;
pub mod channel_id;
pub mod event_id;
pub mod counts;
pub mod host_robots;
pub mod request;
pub mod event;
pub mod sse;
pub mod token;
pub mod seal;
pub mod api_key;
pub mod problem;
pub mod job_state;
pub mod queue_message;
pub mod cors;
pub mod public_url;
pub mod submission;
pub mod header;
pub mod answer;
pub mod setting;
pub mod hex;
pub mod back_off;

pub use channel_id::ChannelId;
pub use clock::Clock;
pub use counts::Counts;
pub use event::{Aside, Event};
pub use event_id::{Attempt, EventId, Position};
pub use host_robots::{HostRobots, RobotsState};
pub use job_state::{JobState, Terminal};
pub use problem::{Fault, Problem};
pub use queue_message::JobMessage;
pub use request::CrawlRequest;
pub use sse::Frame;
pub use timestamp::Timestamp;
