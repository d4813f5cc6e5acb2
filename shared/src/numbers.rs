//! The numbers that several parts must agree on.
//!
//! Each has one home, here, with the inequality that it must keep. Infrastructure files and documents repeat some of
//! them; a test holds those copies against this module.

use std::time::Duration;

/// Silence after which a stream says that it is alive. Under CloudFront's 30 s origin read time-out, which is the
/// shortest that a deployment is likely to meet.
pub const HEARTBEAT: Duration = Duration::from_secs(20);

/// Time that the shipped proxy configurations wait for the next byte of a stream. Six heartbeats, so that a late one is no
/// outage.
pub const PROXY_READ_TIMEOUT: Duration = Duration::from_secs(120);

/// Time that one receive waits for a delivery; the longest that SQS allows.
pub const LONG_POLL: Duration = Duration::from_secs(20);

/// Time for one attempt at a queue call: longer than [`LONG_POLL`], or every idle poll would be an error.
pub const QUEUE_ATTEMPT_TIMEOUT: Duration = Duration::from_secs(25);

/// Time for which a received message stays hidden from others, and length of a lease on a job.
pub const VISIBILITY: Duration = Duration::from_secs(60);

/// Time between two renewals of a lease: half of [`VISIBILITY`], so that one lost renewal costs nothing.
pub const RENEWAL: Duration = Duration::from_secs(30);

/// Time that a watched job runs on after its last watcher has left. Longer than a page reload or a change of network.
pub const DISCONNECT_GRACE: Duration = Duration::from_secs(30);

/// The longest life of one connection; each lasts a random 80 to 100 % of it.
pub const CONNECTION_LIFETIME: Duration = Duration::from_secs(600);

/// Time for a worker to stop in. Under the 30 s that container platforms grant.
pub const DRAIN: Duration = Duration::from_secs(25);

/// Time between SIGTERM and SIGKILL that a container platform is asked for: longer than [`DRAIN`].
pub const CONTAINER_STOP: Duration = Duration::from_secs(30);

/// Age of a delivery at which its job hands itself on as a new message. SQS counts 12 h from the receive.
pub const HAND_OVER: Duration = Duration::from_secs(41_400);

/// Time that the record of a job is kept after its terminal event.
pub const RETENTION: Duration = Duration::from_secs(86_400);

/// Attempts at a job that gets no further. The next attempt ends it with an event and makes its message a dead
/// letter.
pub const MAX_RECEIVES: u32 = 4;

/// Receives after which the queue itself makes a message a dead letter. Far more than a job is tried: from the fifth receive on a
/// worker ends the job where its watchers see it, or gives it a new message, and whatever spoils that (a store that is away, a
/// kill) must not bury a job without a word.
pub const REDRIVE_RECEIVES: u32 = MAX_RECEIVES + 16;

/// The largest request body. Far under what one SQS message holds (1 MiB).
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// The largest frame of the stream, its last blank line included.
pub const MAX_FRAME_BYTES: usize = 256 * 1024;

/// The largest text in a frame as JSON, formats excepted: room for the longest URL that is crawled, and a fraction of
/// [`MAX_FRAME_BYTES`] for all texts of one event together.
pub const MAX_TEXT_BYTES: usize = 8 * 1024;

/// A watcher whose socket takes nothing for this long while something waits to be sent is closed.
pub const STALL: Duration = Duration::from_secs(60);

/// The `retry:` that a terminal event carries: one day. A client that comes back nevertheless gets 204.
pub const TERMINAL_RETRY: Duration = Duration::from_secs(86_400);

/// Time for a client to send the head of a request: enough for a slow phone.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(15);

/// Time that balancers and proxies keep a connection to a server that idles between requests: the default of AWS's
/// balancers (idle timeout) and of nginx (`keepalive_timeout` of an upstream).
pub const PROXY_IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// Time that a connection may idle between requests. Longer than [`PROXY_IDLE_TIMEOUT`]: the side that sends requests must
/// be the one that closes, or a request meets a closed socket now and then and its caller gets a 502.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(75);

// The order that the numbers must keep, checked when this is compiled.
const _: () = {
    assert!(HEARTBEAT.as_secs() < 30);
    assert!(PROXY_IDLE_TIMEOUT.as_secs() + 10 <= IDLE_TIMEOUT.as_secs());
    assert!(HEARTBEAT.as_secs() * 3 <= PROXY_READ_TIMEOUT.as_secs());
    assert!(LONG_POLL.as_secs() < QUEUE_ATTEMPT_TIMEOUT.as_secs());
    assert!(RENEWAL.as_secs() * 2 == VISIBILITY.as_secs());
    assert!(DRAIN.as_secs() < CONTAINER_STOP.as_secs());
    assert!(HAND_OVER.as_secs() < 12 * 3600);
    assert!(MAX_BODY_BYTES * 2 < 1024 * 1024);
    assert!(MAX_TEXT_BYTES * 24 <= MAX_FRAME_BYTES);
    assert!(MAX_RECEIVES > 1);
    assert!(REDRIVE_RECEIVES >= 2 * MAX_RECEIVES);
};
