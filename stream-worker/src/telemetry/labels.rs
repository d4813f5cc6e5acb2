//! Labels that metrics of several parts share.

/// Labels of a metric that has one series at most.
pub(super) type NoLabels = [(&'static str, &'static str); 0];
