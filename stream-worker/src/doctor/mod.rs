//! The doctor: probes through a whole chain of proxies, and what they prove.
//!
//! It owns the exchanges of an examination, which are plain data once they are recorded, the judgements over them, which are pure
//! functions, and the table of products with the lines that mend them. It knows the worker by its `/v1/doctor` endpoints only, and
//! refuses to know how a report is shown. A probe is one file in [`probes`]: its exchange and its judgement.

pub(crate) mod wire;
mod exchange;
mod caller;
mod judgement;
mod probes;
mod product;
mod fault;
mod settings;
mod cures;
mod report;
mod examination;

pub(crate) use caller::Caller;
pub(crate) use examination::{Asked, Examination, examine};
pub(crate) use judgement::{CheckId, Verdict};
pub(crate) use report::{Check, Report};
