//! `GET /crawl/{id}/errors`.

use http::{Request, StatusCode};
use hyper::body::Incoming;
use shared::token::Scope;
use store::journal::LogReader;

use super::caller;
use super::events::event;
use crate::firecrawl::{JobErrors, Refusal};
use crate::http::HttpState;
use crate::http::answer::{Answer, journal_problem, json};

/// Entries in the answer at most: the first ones.
const MOST_ENTRIES: usize = 10_000;
/// Bytes read from the journal at a time.
const READ_BUDGET: usize = 256 * 1024;

pub(super) async fn errors(
    state: &HttpState,
    request: &Request<Incoming>,
    id: &str,
) -> Result<Answer, Refusal> {
    let job = caller::job(state, request, id, Scope::Watch).await?;
    let mut errors = JobErrors::default();
    let Some(snapshot) = job.snapshot else {
        return Ok(json(StatusCode::OK, &errors));
    };
    let journal = state.registry.journal().clone();
    let mut log = LogReader::new(journal, job.channel, READ_BUDGET);
    while log.last().position < snapshot.head.position {
        let gists = log.gists().await;
        let gists = gists.map_err(|error| journal_problem(&error))?;
        if gists.is_empty() {
            break;
        }
        for stored in gists {
            if let Some(event) = event(&stored) {
                errors.take(&event, stored.id);
            }
            if errors.count() >= MOST_ENTRIES {
                return Ok(json(StatusCode::OK, &errors));
            }
        }
    }
    Ok(json(StatusCode::OK, &errors))
}
