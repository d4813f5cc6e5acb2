//! Checks and their verdicts: a promise is kept, broken or unknown, with the evidence.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::exchange::Exchange;
use super::fault::Fault;

macro_rules! checks {
    ($($name:ident = $id:literal;)+) => {
        /// A promise that is examined.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub(crate) enum CheckId {
            $(
                #[serde(rename = $id)]
                $name,
            )+
        }

        impl CheckId {
            /// All, in the order of a report.
            pub(crate) const ALL: &[Self] = &[$(Self::$name),+];

            /// Its name.
            pub(crate) const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $id,)+
                }
            }
        }
    };
}

checks! {
    Reachable = "reachable";
    Buffering = "buffering";
    Compression = "compression";
    Headers = "headers";
    Cursor = "cursor";
    Authorization = "authorization";
    IdleTimeout = "idleTimeout";
    KeepAlive = "keepAlive";
    Lifetime = "lifetime";
    Disconnect = "disconnect";
    End = "end";
    Preflight = "preflight";
    Caching = "caching";
    HttpVersion = "httpVersion";
    Clock = "clock";
}

/// The outcome of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Verdict {
    /// The promise holds.
    Kept,
    /// It does not.
    Broken,
    /// Nothing is proven.
    Unknown,
}

/// A verdict and its reasons.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Judgement {
    pub(crate) verdict: Verdict,
    /// The way in which it is broken, where there are several.
    pub(crate) kind: Option<String>,
    /// A sentence for a person.
    pub(crate) evidence: String,
    /// Numbers behind it.
    pub(crate) measured: Map<String, Value>,
    /// Faults to mend.
    pub(super) faults: Vec<Fault>,
}

impl Judgement {
    pub(super) fn kept(evidence: impl Into<String>) -> Self {
        Self::of(Verdict::Kept, evidence)
    }

    pub(super) fn unknown(evidence: impl Into<String>) -> Self {
        Self::of(Verdict::Unknown, evidence)
    }

    pub(super) fn broken(fault: Fault, evidence: impl Into<String>) -> Self {
        Self {
            faults: vec![fault],
            ..Self::of(Verdict::Broken, evidence)
        }
    }

    /// Nothing is proven, because a request was not answered as it should be.
    pub(super) fn unanswered(what: &str, exchange: &Exchange) -> Self {
        Self::unknown(format!(
            "{what} could not be asked for: {}",
            exchange.instead()
        ))
    }

    fn of(verdict: Verdict, evidence: impl Into<String>) -> Self {
        Self {
            verdict,
            kind: None,
            evidence: evidence.into(),
            measured: Map::new(),
            faults: Vec::new(),
        }
    }

    pub(super) fn kind(mut self, kind: impl Into<String>) -> Self {
        self.kind = Some(kind.into());
        self
    }

    pub(super) fn and(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    pub(super) fn measured(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.measured.insert(name.to_owned(), value.into());
        self
    }
}
