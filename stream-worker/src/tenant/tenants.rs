//! Every tenant that may submit here, and the answers to what it asks for.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use shared::Timestamp;
use shared::api_key::ApiKeys;
use store::journal::{Journal, JournalError, Usage};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use super::gauge::{Gauge, Place};
use super::limits::{Limits, TenantLimits};
use super::rate::Rate;

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// The tenants of a worker: as many as there are names of keys.
#[derive(Debug)]
pub struct Tenants {
    by_name: BTreeMap<String, Tenant>,
    /// Told when a job's place has become free.
    freed: Arc<Notify>,
}

#[derive(Debug)]
struct Tenant {
    limits: Limits,
    submissions: Option<Rate>,
    jobs: Gauge,
    watchers: Gauge,
    /// Jobs that may run at the same time: its own limit, or its share of the worker.
    most_jobs: NonZeroU32,
}

/// The submissions that a tenant may still make, for the `RateLimit` headers (draft-ietf-httpapi-ratelimit-headers).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Allowance {
    /// Submissions a minute.
    pub(crate) limit: u32,
    /// Submissions that may come at once now.
    pub(crate) remaining: u32,
    /// Seconds until one more may come.
    pub(crate) reset: u64,
}

/// A limit that is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Submissions a minute.
    Submissions {
        /// The limit.
        limit: u32,
        /// Time until the next one is allowed.
        wait: Duration,
    },
    /// Pages a day.
    Pages {
        /// The limit.
        limit: u32,
        /// Until the next day of UTC begins.
        wait: Duration,
    },
}

/// A submission that could not be judged, or may not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SubmitError {
    /// A limit is reached; a retry succeeds later.
    #[error("a limit of the tenant is reached")]
    Refused(Refusal),
    /// The day's totals could not be read; a retry may succeed.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// One tenant's limits and use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The limits that the operator has set.
    pub(crate) limits: Limits,
    /// Jobs that run on this worker now.
    pub(crate) running: u32,
    /// Watchers on this worker now.
    pub(crate) watchers: u32,
    /// Totals of the current day of UTC.
    pub(crate) today: Usage,
    /// Beginning of the next day of UTC.
    pub(crate) resets_at: Timestamp,
}

impl Tenants {
    /// The tenants of `keys`, bound by `limits`, on a worker that runs `max_jobs` at the same time.
    #[must_use]
    pub fn new(keys: &ApiKeys, limits: &TenantLimits, max_jobs: usize) -> Self {
        let names = keys.tenants();
        let freed = Arc::new(Notify::new());
        let share = share_of(max_jobs, names.len());
        let tenant = |name: &&str| {
            let limits = limits.of(name);
            let tenant = Tenant {
                limits,
                submissions: limits.submissions.map(Rate::a_minute),
                jobs: Gauge::telling(freed.clone()),
                watchers: Gauge::default(),
                most_jobs: limits.jobs.unwrap_or(share),
            };
            ((*name).to_owned(), tenant)
        };
        Self {
            by_name: names.iter().map(tenant).collect(),
            freed,
        }
    }

    /// Takes one submission of `tenant`; answers what is left, where there is a limit.
    ///
    /// # Errors
    /// [`SubmitError`]; nothing has been taken then.
    pub(crate) async fn submit(
        &self,
        tenant: &str,
        journal: &dyn Journal,
        now: Timestamp,
    ) -> Result<Option<Allowance>, SubmitError> {
        let Some(known) = self.by_name.get(tenant) else {
            return Ok(None);
        };
        if let Some(limit) = known.limits.pages {
            let used = journal.usage(tenant).await?.pages;
            if used >= u64::from(limit.get()) {
                let wait = next_day(now).since(now);
                let limit = limit.get();
                return Err(SubmitError::Refused(Refusal::Pages { limit, wait }));
            }
        }
        let (Some(rate), Some(limit)) = (&known.submissions, known.limits.submissions) else {
            return Ok(None);
        };
        let limit = limit.get();
        match rate.take() {
            Ok(remaining) => Ok(Some(Allowance {
                limit,
                remaining,
                reset: rate.seconds_for_one(),
            })),
            Err(wait) => Err(SubmitError::Refused(Refusal::Submissions { limit, wait })),
        }
    }

    /// Takes a place for a job of `tenant`; nothing if it has as many as it may have. A tenant whose key is gone is bound by
    /// nothing: its jobs were accepted.
    pub(crate) fn run(&self, tenant: &str) -> Result<Option<Place>, TooManyJobs> {
        match self.by_name.get(tenant) {
            None => Ok(None),
            Some(known) => match known.jobs.take(Some(known.most_jobs)) {
                Some(place) => Ok(Some(place)),
                None => Err(TooManyJobs),
            },
        }
    }

    /// Takes a place for a watcher of one of `tenant`'s channels.
    pub(crate) fn watch(&self, tenant: &str) -> Result<Option<Place>, TooManyWatchers> {
        match self.by_name.get(tenant) {
            None => Ok(None),
            Some(known) => match known.watchers.take(known.limits.watchers) {
                Some(place) => Ok(Some(place)),
                None => Err(TooManyWatchers),
            },
        }
    }

    /// True if the worker is shared: by several tenants, or by one that may not have all of it.
    pub(crate) fn are_many(&self) -> bool {
        self.by_name.len() > 1
            || self
                .by_name
                .values()
                .any(|known| known.limits.jobs.is_some())
    }

    /// Tenants that run as many jobs as they may.
    pub(crate) fn busy(&self) -> Vec<String> {
        let is_busy = |known: &Tenant| known.jobs.taken() >= known.most_jobs.get();
        let busy = self.by_name.iter().filter(|(_, known)| is_busy(known));
        busy.map(|(name, _)| name.clone()).collect()
    }

    /// Ends when a job's place has become free.
    pub(crate) fn freed(&self) -> Notified<'_> {
        self.freed.notified()
    }

    /// True if any tenant's watchers are counted.
    pub(crate) fn counts_watchers(&self) -> bool {
        self.by_name
            .values()
            .any(|known| known.limits.watchers.is_some())
    }

    /// The names of all tenants.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }

    /// The limits and the use of `tenant`.
    ///
    /// # Errors
    /// The journal's, when the day's totals cannot be read.
    pub(crate) async fn standing(
        &self,
        tenant: &str,
        journal: &dyn Journal,
        now: Timestamp,
    ) -> Result<Standing, JournalError> {
        let known = self.by_name.get(tenant);
        Ok(Standing {
            limits: known.map(|known| known.limits).unwrap_or_default(),
            running: known.map_or(0, |known| known.jobs.taken()),
            watchers: known.map_or(0, |known| known.watchers.taken()),
            today: journal.usage(tenant).await?,
            resets_at: next_day(now),
        })
    }
}

/// As many jobs of the tenant run as may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooManyJobs;

/// As many watchers of the tenant are here as may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooManyWatchers;

/// The jobs that a tenant without a limit of its own may run. Where there are several tenants a quarter of the worker is left,
/// so that one with a thousand waiting jobs does not hold up another's first.
fn share_of(max_jobs: usize, tenants: usize) -> NonZeroU32 {
    let share = if tenants > 1 {
        max_jobs * 3 / 4
    } else {
        max_jobs
    };
    let share = u32::try_from(share).unwrap_or(u32::MAX);
    NonZeroU32::new(share).unwrap_or(NonZeroU32::MIN)
}

fn next_day(now: Timestamp) -> Timestamp {
    Timestamp::from_millis((now.millis().div_euclid(DAY) + 1) * DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_leaves_room_for_another_tenant() {
        let share = |max_jobs, tenants| share_of(max_jobs, tenants).get();
        assert_eq!(
            [share(16, 1), share(16, 2), share(2, 2), share(1, 2)],
            [16, 12, 1, 1]
        );
    }

    #[test]
    fn a_day_ends_at_midnight_of_utc() {
        let noon: Timestamp = "2026-11-26T12:00:00.000Z".parse().unwrap();
        assert_eq!(next_day(noon).to_string(), "2026-11-27T00:00:00.000Z");
    }
}
