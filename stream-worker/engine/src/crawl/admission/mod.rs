//! The questions that every found URL is asked before it may wait for its turn.
//!
//! It owns the set of known URLs, the scope, the budgets of traps, and the URLs whose refusal is deferred. It refuses to know
//! when a URL is asked for: that is the frontier's.

pub(crate) mod seen;
pub(crate) mod link_hasher;
mod strangers;
pub(crate) mod scope;
mod date_mask;
pub(crate) mod trap;
mod patterns;
pub(crate) mod parked;
pub(crate) mod intake;
pub(crate) mod redirect_target;
