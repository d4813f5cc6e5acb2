//! The report of an examination, as `crawlcast doctor --json` prints it.

use serde::Serialize;
use serde_json::{Map, Value};

use super::cures::{Cure, Numbers, cures};
use super::examination::{Examination, Record};
use super::fault::Fault;
use super::judgement::{CheckId, Judgement, Verdict};
use super::product::{Product, recognise};

/// The verdicts of all checks on one address, as `--json` prints them.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Report {
    /// The address.
    pub(crate) target: String,
    /// True if nothing is broken.
    pub(crate) healthy: bool,
    /// Products that were recognised on the way.
    pub(crate) via: Vec<Product>,
    /// Every check that was asked for.
    pub(crate) checks: Vec<Check>,
}

/// One check of a report.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Check {
    /// The promise.
    pub(crate) id: CheckId,
    /// Its verdict.
    pub(crate) verdict: Verdict,
    /// The way in which it is broken.
    pub(crate) kind: Option<String>,
    /// The observation behind the verdict, in a sentence.
    pub(crate) evidence: String,
    /// Numbers behind it.
    pub(crate) measured: Map<String, Value>,
    /// Lines that mend it.
    pub(crate) cures: Vec<Cure>,
}

impl Report {
    /// Judges an examination.
    pub(crate) fn of(examination: &Examination) -> Self {
        let via = recognise(&examination.clues);
        let numbers = Numbers::of(examination.facts.as_ref());
        let check = |record: &Record| check(record.id(), record.judge(), &via, numbers);
        let checks: Vec<Check> = examination.records.iter().map(check).collect();
        Self {
            target: examination.target.clone(),
            healthy: checks.iter().all(|check| check.verdict != Verdict::Broken),
            checks,
            via,
        }
    }
}

fn check(id: CheckId, judged: Judgement, via: &[Product], numbers: Numbers) -> Check {
    let Judgement {
        verdict,
        kind,
        evidence,
        measured,
        faults,
    } = judged;
    let mend = |fault: &Fault| cures(fault, via, numbers);
    Check {
        id,
        verdict,
        kind,
        evidence,
        measured,
        cures: faults.iter().flat_map(mend).collect(),
    }
}
