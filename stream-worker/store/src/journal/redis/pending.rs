//! Pending URLs: a stream whose IDs are `0-<ordinal>`.

use shared::ChannelId;

use super::answer::Answer;
use super::inner::Inner;
use crate::journal::{JournalError, Ordinal, Pending};
use crate::redis::Request;

/// URLs of one read at most: an answer must not hold up others.
const PAGE: usize = 1000;

impl Inner {
    pub(super) async fn pending(
        &self,
        channel: ChannelId,
        after: Ordinal,
        most: usize,
    ) -> Result<Vec<Pending>, JournalError> {
        let todo = self.keys.channel(channel).todo;
        let mut urls: Vec<Pending> = Vec::new();
        while urls.len() < most {
            let last = urls.last().map_or(after, |last| last.ordinal);
            let page = PAGE.min(most - urls.len());
            let range = Request::command("XRANGE")
                .bytes(&todo)
                .bytes(format!("(0-{}", last.0))
                .bytes("+")
                .bytes("COUNT")
                .number(page as u64);
            let entries = Answer::of(self.server.read(range).await?)?;
            let before = urls.len();
            for entry in entries {
                urls.push(read(channel, Answer::of(entry)?)?);
            }
            if urls.len() - before < page {
                break;
            }
        }
        Ok(urls)
    }
}

fn read(channel: ChannelId, mut entry: Answer) -> Result<Pending, JournalError> {
    let damaged = || JournalError::Damaged(format!("a waiting URL of channel {channel}"));
    let id = entry.text()?.ok_or_else(damaged)?;
    let ordinal = id.strip_prefix("0-").and_then(|number| number.parse().ok());
    let mut fields = Answer::of(entry.value()?)?;
    fields.value()?;
    let text = fields.text()?.ok_or_else(damaged)?;
    decode(Ordinal(ordinal.ok_or_else(damaged)?), &text).ok_or_else(damaged)
}

/// `<depth> <bytes of the URL> <URL>`, and then the referrer after a space, if there is one.
pub(super) fn encode(pending: &Pending) -> String {
    let Pending {
        ordinal: _,
        url,
        depth,
        referrer,
    } = pending;
    let length = url.len();
    match referrer {
        Some(referrer) => format!("{depth} {length} {url} {referrer}"),
        None => format!("{depth} {length} {url}"),
    }
}

fn decode(ordinal: Ordinal, text: &str) -> Option<Pending> {
    let (depth, rest) = text.split_once(' ')?;
    let (length, rest) = rest.split_once(' ')?;
    let (url, referrer) = rest.split_at_checked(length.parse().ok()?)?;
    let referrer = match referrer {
        "" => None,
        some => Some(some.strip_prefix(' ')?.to_owned()),
    };
    Some(Pending {
        ordinal,
        url: url.to_owned(),
        depth: depth.parse().ok()?,
        referrer,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_pending_url_reads_back_as_written(
            url in ".{0,40}", depth: u32, referrer in prop::option::of(".{0,40}"),
        ) {
            let pending = Pending { ordinal: Ordinal(3), url, depth, referrer };
            prop_assert_eq!(decode(Ordinal(3), &encode(&pending)), Some(pending));
        }
    }
}
