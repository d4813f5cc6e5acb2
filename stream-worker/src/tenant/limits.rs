//! Limits by tenant, as the operator sets them.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::str::FromStr;

use shared::api_key::{ANONYMOUS, is_tenant_name};

/// Names the limits of every tenant that has none of its own.
const EVERYBODY: &str = "*";

/// The limits of one tenant; one that is not set does not bind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Jobs that run at the same time on one worker.
    pub(crate) jobs: Option<NonZeroU32>,
    /// Submissions a minute to one worker.
    pub(crate) submissions: Option<NonZeroU32>,
    /// Pages fetched on a day of UTC.
    pub(crate) pages: Option<NonZeroU32>,
    /// Watchers at the same time on one worker.
    pub(crate) watchers: Option<NonZeroU32>,
}

/// The limits of all tenants, read from text such as `*:jobs=4,submissions=60;acme:pages=100000`.
///
/// A tenant's own entry adds to the entry of everybody and wins where both name a limit; `none` takes one away.
#[derive(Debug, Clone, Default)]
pub struct TenantLimits {
    everybody: Limits,
    named: BTreeMap<String, Limits>,
}

impl TenantLimits {
    /// The limits that bind `tenant`.
    pub(crate) fn of(&self, tenant: &str) -> Limits {
        self.named.get(tenant).copied().unwrap_or(self.everybody)
    }
}

impl FromStr for TenantLimits {
    type Err = LimitsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut entries = BTreeMap::new();
        let parts = text.split(';').map(str::trim);
        for entry in parts.filter(|entry| !entry.is_empty()) {
            let (tenant, settings) = entry
                .split_once(':')
                .ok_or_else(|| LimitsError::Form(entry.to_owned()))?;
            let tenant = tenant.trim();
            if tenant != EVERYBODY && tenant != ANONYMOUS && !is_tenant_name(tenant) {
                return Err(LimitsError::Tenant(tenant.to_owned()));
            }
            if entries.insert(tenant.to_owned(), settings).is_some() {
                return Err(LimitsError::Twice(tenant.to_owned()));
            }
        }
        let mut everybody = Limits::default();
        if let Some(settings) = entries.remove(EVERYBODY) {
            apply(&mut everybody, settings)?;
        }
        let mut named = BTreeMap::new();
        for (tenant, settings) in entries {
            let mut limits = everybody;
            apply(&mut limits, settings)?;
            named.insert(tenant, limits);
        }
        Ok(Self { everybody, named })
    }
}

fn apply(limits: &mut Limits, settings: &str) -> Result<(), LimitsError> {
    for setting in settings.split(',').map(str::trim) {
        let (name, value) = setting
            .split_once('=')
            .ok_or_else(|| LimitsError::Form(setting.to_owned()))?;
        let limit = match name.trim() {
            "jobs" => &mut limits.jobs,
            "submissions" => &mut limits.submissions,
            "pages" => &mut limits.pages,
            "watchers" => &mut limits.watchers,
            other => return Err(LimitsError::Unknown(other.to_owned())),
        };
        *limit = match value.trim() {
            "none" => None,
            number => Some(
                number
                    .parse()
                    .map_err(|_error| LimitsError::Number(setting.to_owned()))?,
            ),
        };
    }
    Ok(())
}

/// A text that sets no limits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LimitsError {
    /// An entry without the marks that divide it.
    #[error(
        "`{0}` must look like `*:jobs=4,submissions=60,pages=100000,watchers=50` or `name:pages=none`"
    )]
    Form(String),
    /// No key can be called so.
    #[error("`{0}` is neither `*`, for every tenant, nor the name of an API key")]
    Tenant(String),
    /// Two entries for one tenant.
    #[error("`{0}` has two entries; put its limits into one, with commas between them")]
    Twice(String),
    /// No limit is called so.
    #[error(
        "`{0}` is no limit; there are jobs, submissions (a minute), pages (a day) and watchers"
    )]
    Unknown(String),
    /// The limit has no number.
    #[error("`{0}` must be a whole number from 1 to 4294967295, or `none`")]
    Number(String),
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn a_tenants_own_limits_win_over_those_of_everybody() {
        let limits: TenantLimits = "acme:pages=none,watchers=7; *:jobs=4,pages=100,submissions=60"
            .parse()
            .unwrap();
        let (acme, other) = (limits.of("acme"), limits.of("other"));
        assert_eq!(acme.jobs, other.jobs);
        assert_eq!(acme.jobs.map(NonZeroU32::get), Some(4));
        assert_eq!(
            (acme.pages, other.pages.map(NonZeroU32::get)),
            (None, Some(100))
        );
        assert_eq!(
            (acme.watchers.map(NonZeroU32::get), other.watchers),
            (Some(7), None)
        );
    }

    #[rstest]
    #[case("jobs=4", LimitsError::Form("jobs=4".into()))]
    #[case("Acme:jobs=4", LimitsError::Tenant("Acme".into()))]
    #[case("a:jobs=4;a:pages=1", LimitsError::Twice("a".into()))]
    #[case("a:job=4", LimitsError::Unknown("job".into()))]
    #[case("a:jobs=0", LimitsError::Number("jobs=0".into()))]
    #[case("a:jobs=many", LimitsError::Number("jobs=many".into()))]
    fn a_text_that_sets_no_limits_is_named(#[case] text: &str, #[case] error: LimitsError) {
        assert_eq!(text.parse::<TenantLimits>().unwrap_err(), error);
    }
}
