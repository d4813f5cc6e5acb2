//! The limits of tenants, and what each has used of them.
//!
//! A tenant is the name of an API key, or `anonymous` where no key is configured. This folder owns the limits, the rate of
//! submissions, the jobs that run now and the watchers that are here now; totals by day are the journal's, so that they survive
//! restarts. It refuses to know how a job runs or how a stream is written: whoever does either asks here first.

mod limits;
mod rate;
mod gauge;
mod tenants;

pub(crate) use gauge::Place;
pub use limits::{LimitsError, TenantLimits};
pub use tenants::Tenants;
pub(crate) use tenants::{Allowance, Refusal, Standing, SubmitError, TooManyJobs, TooManyWatchers};
