//! The fields that say how pages are asked for on behalf of a user: `headers`, `cookies`, `userAgent`, `headersFor`; and the
//! `headers` of a webhook.
//!
//! This folder owns their limits, and which headers a request may not set since the crawler must. Values are secrets: no fault
//! repeats one.

mod entries;
mod objections;
mod headers;
mod cookies;
mod user_agent;
mod site_origin;

pub use cookies::Cookies;
pub use entries::{MAX_ENTRIES, MAX_ENTRIES_BYTES, MAX_NAME_CHARS, MAX_VALUE_BYTES};
pub(super) use headers::{read_headers, read_webhook_headers};
pub use site_origin::{MAX_ORIGINS, SiteOrigin};
pub use user_agent::MAX_USER_AGENT_CHARS;
pub(super) use user_agent::read_user_agent;

#[cfg(test)]
mod tests;
