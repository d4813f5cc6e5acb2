//! A worker's link to the Redis that many workers share.
//!
//! It owns the connections, how they are made, lost and made again, the way a script is called, the messages that the server
//! pushes, and the examination of the server: what it keeps when it dies. It refuses to know what the keys hold. A worker
//! has three connections, however much it serves: commits must not wait behind large answers, and a connection for pushes
//! is silent for so long that only its own pulse proves it alive. Changes that wait for replicas have sixteen of their own, since
//! the server blocks a connection that waits.
//!
//! A call is answered within [`RESPONSE`] or fails. One that failed may have been carried out all the same: whoever calls
//! must be able to repeat it.

mod error;
mod address;
mod reply;
mod request;
mod dial;
mod line;
mod heard;
mod pushes;
mod keeper;
mod server;
mod lanes;
mod link;

pub use address::{AddressError, RedisAddress};
pub use dial::RESPONSE;
pub use error::LinkError;
pub use heard::{Heard, Message};
pub use line::Line;
pub use link::RedisLink;
pub use pushes::Listener;
pub use reply::Reply;
pub use request::{Request, Script};
pub use server::{Durability, Refusal, Server, Terms};

#[cfg(test)]
mod tests;
