//! Defaults and limits of a crawl request, in one place.

use std::ops::RangeInclusive;

/// Start pages in one request at most.
pub const MAX_SEEDS: usize = 1000;
/// Characters of a start page's URL at most: what servers and proxies commonly take.
pub const MAX_URL_CHARS: usize = 2048;
/// Patterns in one list at most.
pub const MAX_PATTERNS: usize = 100;
/// Characters of one pattern at most.
pub const MAX_PATTERN_CHARS: usize = 512;
/// Bytes that one compiled pattern may take.
pub const MAX_COMPILED_PATTERN: usize = 256 * 1024;
/// CSS selectors in one list at most.
pub const MAX_SELECTORS: usize = 50;
/// Characters of one selector at most.
pub const MAX_SELECTOR_CHARS: usize = 256;
/// Compound selectors in one selector at most, those within parentheses included.
pub const MAX_SELECTOR_PARTS: usize = 16;
/// Names in `dropQueryParameters` at most.
pub const MAX_DROPPED_PARAMETERS: usize = 100;
/// Characters of one parameter name at most.
pub const MAX_PARAMETER_CHARS: usize = 128;
/// Bytes of `metadata` as JSON at most: it is echoed in events.
pub const MAX_METADATA_BYTES: usize = 16 * 1024;

/// A whole number: the value without the field, and the values that it may have.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// Value of an absent field.
    pub default: u64,
    /// Values that a present one may have.
    pub range: RangeInclusive<u64>,
}

const fn bounds(default: u64, range: RangeInclusive<u64>) -> Bounds {
    Bounds { default, range }
}

/// `limit`: a thousand pages surprise nobody with their cost.
pub const LIMIT: Bounds = bounds(1000, 1..=1_000_000);
/// `maxDiscoveryDepth`: deeper than most sites, shallower than a trap.
pub const MAX_DISCOVERY_DEPTH: Bounds = bounds(25, 0..=1000);
/// `maxConcurrency`.
pub const MAX_CONCURRENCY: Bounds = bounds(16, 1..=256);
/// `maxConcurrencyPerHost`: what a browser's user would hardly exceed.
pub const MAX_CONCURRENCY_PER_HOST: Bounds = bounds(2, 1..=64);
/// `delayMs`, which has no default: the site's own wishes rule then.
pub const DELAY_MS: RangeInclusive<u64> = 0..=60_000;
/// `retries`.
pub const RETRIES: Bounds = bounds(2, 0..=10);
/// `timeoutMs`.
pub const TIMEOUT_MS: Bounds = bounds(30_000, 100..=300_000);
/// `maxBodyBytes`: 10 MiB holds nearly every page.
pub const MAX_BODY_BYTES: Bounds = bounds(10 * 1024 * 1024, 1024..=100 * 1024 * 1024);
/// `maxDurationSeconds`.
pub const MAX_DURATION_SECONDS: Bounds = bounds(3600, 1..=86_400);
/// `dropQueryParameters`: names that only trace where a visitor came from.
pub const DROP_QUERY_PARAMETERS: [&str; 3] = ["utm_*", "gclid", "fbclid"];
