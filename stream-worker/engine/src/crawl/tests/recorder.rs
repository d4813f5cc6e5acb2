//! A sink that remembers every step, and holds each against the rules.

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use shared::event::{NoticeCode, PageResult, SkipReason};
use shared::{Counts, CrawlRequest, Event};

use crate::crawl::{Candidate, Checkpoint, CrawlStep, Digester, SinkClosed, StepSink};

/// A sink that takes steps, up to a number of them, and holds them against the rules.
#[derive(Debug, Default, Clone)]
pub(crate) struct Recorder {
    pub(crate) steps: Vec<CrawlStep>,
    /// Closes after this many further steps.
    pub(crate) room: Option<usize>,
    pending: BTreeMap<u64, Candidate>,
    finals: HashMap<String, String>,
    counted: Counts,
}

#[async_trait]
impl StepSink for Recorder {
    async fn push(&mut self, step: CrawlStep) -> Result<(), SinkClosed> {
        match &mut self.room {
            Some(0) => return Err(SinkClosed),
            Some(room) => *room -= 1,
            None => {}
        }
        self.check(&step);
        self.steps.push(step);
        // As a real sink may: lets others run first.
        tokio::task::yield_now().await;
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), SinkClosed> {
        match self.room {
            Some(0) => Err(SinkClosed),
            _ => Ok(()),
        }
    }

    async fn waiting(&mut self, after: u64, most: usize) -> Result<Vec<Candidate>, SinkClosed> {
        let rows = self.pending.range(after + 1..).take(most);
        Ok(rows.map(|(_, candidate)| candidate.clone()).collect())
    }
}

impl Recorder {
    /// The checkpoint of the next attempt after the steps so far, of which the first `digested` ones have digests of three steps each.
    pub(crate) fn checkpoint(&self, request: &CrawlRequest, digested: usize) -> Checkpoint {
        let mut checkpoint = Checkpoint::resume(7, super::STARTED, self.counts());
        let (before, after) = self.steps.split_at(digested);
        let mut digester = Digester::new(7, request);
        for steps in before.chunks(3) {
            steps.iter().for_each(|step| digester.add(step));
            let digest = digester.take().unwrap();
            checkpoint.replay_digest(&digest).unwrap();
        }
        for event in after.iter().flat_map(|step| &step.events) {
            let data = serde_json::to_vec(event).unwrap();
            checkpoint.replay(&data).unwrap();
        }
        checkpoint
    }

    /// URLs that wait.
    pub(crate) fn pending(&self) -> impl Iterator<Item = &Candidate> {
        self.pending.values()
    }

    pub(crate) fn counts(&self) -> Counts {
        self.steps
            .last()
            .map_or_else(Counts::default, |step| step.counts)
    }

    pub(crate) fn events(&self) -> impl Iterator<Item = &Event> {
        self.steps.iter().flat_map(|step| &step.events)
    }

    /// The end of each URL: `200`, an error's code or a reason.
    pub(crate) fn finals(&self) -> BTreeMap<&str, &str> {
        self.finals
            .iter()
            .map(|(url, outcome)| (url.as_str(), outcome.as_str()))
            .collect()
    }

    pub(crate) fn outcome(&self, url: &str) -> &str {
        self.finals.get(url).map_or("-", String::as_str)
    }

    /// The texts of the notices of one kind.
    pub(crate) fn notices_of(&self, code: NoticeCode) -> Vec<String> {
        self.events()
            .filter_map(|event| match event {
                Event::Notice(notice) if notice.code == code => Some(notice.text.clone()),
                _ => None,
            })
            .collect()
    }

    /// The codes of all notices, in order.
    pub(crate) fn notices(&self) -> Vec<NoticeCode> {
        self.events()
            .filter_map(|event| match event {
                Event::Notice(notice) => Some(notice.code),
                _ => None,
            })
            .collect()
    }

    pub(crate) fn fetched(&self, url: &str) -> shared::event::Fetched {
        let found = self.events().find_map(|event| match event {
            Event::Progress(progress) if progress.url == url => match &progress.result {
                PageResult::Fetched(fetched) => Some((**fetched).clone()),
                PageResult::Failed { .. } => None,
            },
            _ => None,
        });
        found.unwrap_or_else(|| panic!("{url} was not fetched"))
    }

    fn check(&mut self, step: &CrawlStep) {
        for event in &step.events {
            self.count(event);
        }
        for ordinal in &step.completed {
            assert!(self.pending.remove(ordinal).is_some(), "{ordinal} waited");
        }
        for candidate in &step.discovered {
            let earlier = self.pending.insert(candidate.ordinal, candidate.clone());
            assert_eq!(earlier, None, "ordinals are new");
        }
        let counts = step.counts;
        assert!(counts.add_up(), "{counts:?}");
        assert_eq!(counts.fetched, self.counted.fetched);
        assert_eq!(counts.failed, self.counted.failed);
        assert_eq!(counts.skipped, self.counted.skipped);
        assert_eq!(
            counts.at_rest().queued,
            self.pending.len() as u64,
            "what waits is pending"
        );
    }

    fn count(&mut self, event: &Event) {
        let (url, outcome) = match event {
            Event::Progress(progress) => {
                let outcome = match &progress.result {
                    PageResult::Fetched(fetched) => {
                        self.counted.fetched += 1;
                        fetched.status.to_string()
                    }
                    PageResult::Failed { error } => {
                        self.counted.failed += 1;
                        name(error.code)
                    }
                };
                let counts = progress.counts;
                assert!(counts.add_up(), "{counts:?}");
                assert_eq!(counts.percent(), progress.percent);
                let finished = (counts.fetched, counts.failed, counts.skipped);
                let counted = &self.counted;
                assert_eq!(finished, (counted.fetched, counted.failed, counted.skipped));
                (&progress.url, outcome)
            }
            Event::Skipped(skipped) => {
                self.counted.skipped += 1;
                (&skipped.url, name::<SkipReason>(skipped.reason))
            }
            _ => return,
        };
        let earlier = self.finals.insert(url.clone(), outcome);
        assert_eq!(earlier, None, "{url} has one final event");
    }
}

fn name<T: serde::Serialize>(word: T) -> String {
    let word = serde_json::to_value(word).unwrap();
    word.as_str().unwrap().to_owned()
}
