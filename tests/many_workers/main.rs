//! Workers that share a Redis, while everything that they stand on breaks: nobody who watches from outside sees more of it than
//! that something took longer.
//!
//! `run` does the same for longer, with seeds that it is given or draws.

mod schedule;
mod watched;
mod run;
mod rolling;

use std::collections::BTreeSet;

use rstest::rstest;

#[rstest]
#[case(1)]
#[case(2)]
#[tokio::test]
async fn whatever_breaks_nobody_loses_or_repeats_an_event(#[case] seed: u64) {
    let report = run::run(seed, 1).await;

    let kinds: BTreeSet<_> = report.faults.iter().map(|fault| fault.kind()).collect();
    assert_eq!(kinds.len(), 10, "{kinds:?}");
    assert!(!report.takeovers.is_empty(), "no attempt had to follow");
}

#[tokio::test]
async fn three_workers_restarted_one_after_the_other_lose_nobody() {
    let deploy = rolling::deploy(60).await;

    assert_eq!(deploy.reconnects.len(), schedule::WORKERS);
    assert!(deploy.peak() > 0.0, "somebody had to come back");
}

#[test]
fn a_seed_stands_for_one_schedule() {
    let told = |seed| format!("{:?}", schedule::schedule(seed, 2));
    assert_eq!(told(1), told(1));
    assert_ne!(told(1), told(2));
}
