//! The web page that the worker serves at `/`.
//!
//! It owns the page's files, embedded in the binary, and the headers that keep the page honest. It refuses to know how
//! they are sent: the HTTP part asks for an [`Asset`] by path and writes it out. There is no build step: the files in
//! `assets/` are what the browser receives, plain ES modules and a native `EventSource`.
//!
//! The page holds what it watches in the URL's fragment, which no server sees; it talks to this service's public API only.

mod asset;
mod config;
mod policy;

pub use asset::{Asset, asset};
pub use config::PageConfig;
pub use policy::{HEADERS, content_security_policy};
