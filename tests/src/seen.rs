//! Everything that a watcher has seen, and the checks of it.

use std::collections::BTreeMap;
use std::time::Instant;

use http::HeaderMap;
use serde_json::Value;

use crate::SseFrame;

/// Names of frames that are not in the log.
const ASIDES: [&str; 3] = ["hello", "reset", "bye"];
/// Names of terminal events.
const TERMINAL: [&str; 3] = ["done", "cancelled", "failed"];

/// Everything that a watcher has seen, over all its connections.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// Every connection that was answered.
    pub links: Vec<Link>,
    /// Reason for which the watcher does not come back, if it does not.
    pub end: Option<End>,
}

/// One answered connection.
#[derive(Debug, Clone, Default)]
pub struct Link {
    /// Time of the request.
    pub asked: Option<Instant>,
    /// The `Last-Event-ID` that was sent.
    pub cursor: String,
    /// The answer's status.
    pub status: u16,
    /// The answer's headers.
    pub headers: HeaderMap,
    /// Its frames.
    pub frames: Vec<SseFrame>,
    /// Number of comments.
    pub comments: usize,
    /// End of its body, if it has ended.
    pub body_end: Option<BodyEnd>,
}

/// End of an answer's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyEnd {
    /// It is whole: a last chunk, `END_STREAM`, or the end of a socket where nothing else was promised.
    Whole,
    /// It was cut, and the client can see that.
    Cut,
}

/// Reason for which an EventSource does not come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The server said `204`.
    NoContent,
    /// The server said something else than 200 or 204.
    Refused(u16),
}

impl Seen {
    /// Every frame, also those that are not in the log.
    pub fn frames(&self) -> impl Iterator<Item = &SseFrame> {
        self.links.iter().flat_map(|link| &link.frames)
    }

    /// The events of the log.
    pub fn events(&self) -> impl Iterator<Item = &SseFrame> {
        self.frames()
            .filter(|frame| !ASIDES.contains(&frame.name.as_str()))
    }

    /// The events of the log as the watcher has it in the end: what a `reset` took back is gone.
    ///
    /// # Panics
    /// If a `reset` does not say where the log goes on.
    #[must_use]
    pub fn kept(&self) -> Vec<&SseFrame> {
        let mut kept: Vec<&SseFrame> = Vec::new();
        for frame in self.frames() {
            if frame.name == "reset" {
                let from = frame.json()["from"].as_u64();
                let from = from.expect("a reset says where the log goes on");
                kept.retain(|event| event.position() < from);
            } else if !ASIDES.contains(&frame.name.as_str()) {
                kept.push(frame);
            }
        }
        kept
    }

    /// Frames of one name.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a SseFrame> {
        self.frames().filter(move |frame| frame.name == name)
    }

    /// True if a frame of this name has come.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.named(name).next().is_some()
    }

    /// True if the terminal event has come.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.frames()
            .any(|frame| TERMINAL.contains(&frame.name.as_str()))
    }

    /// Comments on all connections.
    #[must_use]
    pub fn comments(&self) -> usize {
        self.links.iter().map(|link| link.comments).sum()
    }

    /// This, and what another watcher has seen after it: a tab before and after its reload.
    #[must_use]
    pub fn then(mut self, later: Self) -> Self {
        self.links.extend(later.links);
        self.end = later.end;
        self
    }

    /// The ID of the last frame; empty before the first.
    #[must_use]
    pub fn cursor(&self) -> String {
        self.frames()
            .last()
            .and_then(|frame| frame.id.clone())
            .unwrap_or_default()
    }

    /// The last position seen; 0 before the first event.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.events().last().map_or(0, SseFrame::position)
    }

    /// The paths of the URLs of `progress` events, in order.
    #[must_use]
    pub fn pages(&self) -> Vec<String> {
        self.named("progress")
            .map(|frame| path_of(&frame.json()))
            .collect()
    }

    /// True if the page at `path` has been told of.
    #[must_use]
    pub fn has_page(&self, path: &str) -> bool {
        self.named("progress")
            .any(|frame| path_of(&frame.json()) == path)
    }

    /// The data of the first frame of this name.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn first(&self, name: &str) -> Value {
        self.named(name)
            .next()
            .unwrap_or_else(|| panic!("there is a {name} in {}", self.tell()))
            .json()
    }

    /// Holds the frames against the contract: what every stream must be, whatever was crawled.
    ///
    /// # Panics
    /// If a promise is broken.
    pub fn check_frames(&self) {
        for link in &self.links {
            if let Some(first) = link.frames.first()
                && first.name != "bye"
            {
                assert_eq!(
                    first.name, "hello",
                    "the first frame of a connection is hello"
                );
                assert!(first.retry.is_some(), "hello carries retry: {first:?}");
            }
            for frame in &link.frames {
                check_frame(frame);
            }
        }
    }

    /// Holds the log against the invariants: from the first event on without a gap or a repetition, counts that add up,
    /// each page once, nothing after the terminal event.
    ///
    /// # Panics
    /// If one does not hold.
    pub fn check_log(&self) {
        self.check_frames();
        let mut attempt = 0;
        for (index, frame) in self.events().enumerate() {
            let position = frame.position();
            assert_eq!(
                position,
                index as u64 + 1,
                "positions are consecutive: {}",
                self.tell()
            );
            assert!(
                frame.attempt() >= attempt,
                "attempts do not go back: {}",
                self.tell()
            );
            attempt = frame.attempt();
        }
        let mut told: BTreeMap<String, usize> = BTreeMap::new();
        for frame in self
            .events()
            .filter(|frame| matches!(frame.name.as_str(), "progress" | "skipped"))
        {
            *told
                .entry(frame.json()["url"].as_str().unwrap_or_default().to_owned())
                .or_default() += 1;
        }
        let twice: Vec<_> = told.iter().filter(|(_, times)| **times > 1).collect();
        assert!(
            twice.is_empty(),
            "each URL is told of once, but for {twice:?}"
        );
        let terminal: Vec<usize> = self.terminal_places();
        assert!(
            terminal.len() <= 1,
            "one terminal event at most: {}",
            self.tell()
        );
        if let Some(place) = terminal.first() {
            assert_eq!(
                place + 1,
                self.events().count(),
                "the terminal event is the last: {}",
                self.tell()
            );
        }
    }

    /// As [`check_log`](Self::check_log), for a log that has ended as `name`; answers the terminal event's data, whose
    /// counts agree with the events.
    ///
    /// # Panics
    /// If it has not.
    #[must_use]
    pub fn check_ended(&self, name: &str) -> Value {
        self.check_log();
        let last = self
            .events()
            .last()
            .unwrap_or_else(|| panic!("there are events in {}", self.tell()));
        assert_eq!(last.name, name, "how it ended: {}", self.tell());
        let data = last.json();
        let counts = &data["counts"];
        let outcome = |word: &str| {
            self.named("progress")
                .filter(|frame| frame.json()["result"]["outcome"] == word)
                .count()
        };
        assert_eq!(counts["fetched"], outcome("fetched"), "{counts}");
        assert_eq!(counts["failed"], outcome("failed"), "{counts}");
        assert_eq!(counts["skipped"], self.named("skipped").count(), "{counts}");
        assert_eq!(
            counts["inFlight"], 0,
            "nothing is in flight at the end: {counts}"
        );
        data
    }

    fn terminal_places(&self) -> Vec<usize> {
        let events = self.events().enumerate();
        events
            .filter(|(_, frame)| TERMINAL.contains(&frame.name.as_str()))
            .map(|(place, _)| place)
            .collect()
    }

    /// The frames in short, for messages.
    #[must_use]
    pub fn tell(&self) -> String {
        let links: Vec<String> = self.links.iter().map(tell_link).collect();
        format!("{} (end: {:?})", links.join(" | "), self.end)
    }
}

fn tell_link(link: &Link) -> String {
    let frames: Vec<String> = link
        .frames
        .iter()
        .map(|frame| format!("{}@{}", frame.name, frame.id.as_deref().unwrap_or("?")))
        .collect();
    let shown = if frames.len() > 40 {
        format!(
            "{} … {}",
            frames[..15].join(" "),
            frames[frames.len() - 15..].join(" ")
        )
    } else {
        frames.join(" ")
    };
    format!("{} from `{}`: {shown}", link.status, link.cursor)
}

fn check_frame(frame: &SseFrame) {
    let order: Vec<&str> = ["event", "data", "retry", "id"]
        .into_iter()
        .filter(|field| *field != "retry" || frame.retry.is_some())
        .collect();
    assert_eq!(frame.fields, order, "the order of fields: {frame:?}");
    assert!(
        !matches!(frame.name.as_str(), "open" | "error" | "message"),
        "a browser keeps this name: {frame:?}"
    );
    let data = frame.json();
    assert_eq!(
        data["type"],
        frame.name.as_str(),
        "the type repeats the name"
    );
    assert!(data["at"].is_string(), "every event says when: {data}");
    if data["counts"].is_object() {
        check_counts(&data["counts"]);
    }
    let terminal = TERMINAL.contains(&frame.name.as_str());
    let retry = terminal || frame.name == "hello" || frame.name == "bye";
    assert_eq!(frame.retry.is_some(), retry, "who carries retry: {frame:?}");
}

fn check_counts(counts: &Value) {
    let count = |name: &str| {
        counts[name]
            .as_u64()
            .unwrap_or_else(|| panic!("{name} is a number in {counts}"))
    };
    let places = ["fetched", "failed", "skipped", "queued", "inFlight"].map(count);
    assert_eq!(
        count("discovered"),
        places.iter().sum::<u64>(),
        "the counts add up: {counts}"
    );
}

fn path_of(data: &Value) -> String {
    let url = data["url"].as_str().expect("a page has a URL");
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    url[after_scheme..]
        .find('/')
        .map_or("/", |at| &url[after_scheme + at..])
        .to_owned()
}
