//! Public SSE libraries, each with its defaults, in a program that says what it sees.

use crate::{Browser, Page, Program, Seen, Site, eventually};

/// A library for streams of events, or the browser's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Library {
    /// npm's `@microsoft/fetch-event-source`: it takes a clean end of a body for the end of everything.
    FetchEventSource,
    /// npm's `eventsource`.
    Eventsource,
    /// npm's `eventsource-client`.
    EventsourceClient,
    /// PyPI's `sseclient-py` on `requests`, with a loop around it.
    SseclientPy,
    /// PyPI's `httpx` with `httpx-sse`, with a loop around it.
    Httpx,
    /// PyPI's `requests` alone, with a loop around it.
    Requests,
    /// PyPI's `requests-sse`.
    RequestsSse,
    /// crates.io's `eventsource-client`.
    EventsourceClientCrate,
    /// curl, with a loop around it.
    Curl,
    /// Chromium's EventSource, in a page of another origin.
    Chromium,
}

/// A program that follows one stream with a [`Library`]. It is killed when this is dropped.
pub struct Follower {
    client: Library,
    kind: Kind,
}

enum Kind {
    Program(Program),
    Tab { browser: Browser, _page: Site },
}

impl Library {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::FetchEventSource,
        Self::Eventsource,
        Self::EventsourceClient,
        Self::SseclientPy,
        Self::Httpx,
        Self::Requests,
        Self::RequestsSse,
        Self::EventsourceClientCrate,
        Self::Curl,
        Self::Chromium,
    ];

    /// Follows the stream at `url`.
    ///
    /// # Panics
    /// If the library is not installed.
    pub async fn follow(self, url: &str) -> Follower {
        let program = match self {
            Self::FetchEventSource => "clients/fetch_event_source.mjs",
            Self::Eventsource => "clients/eventsource.mjs",
            Self::EventsourceClient => "clients/eventsource_client.mjs",
            Self::SseclientPy => "clients/sseclient_py.py",
            Self::Httpx => "clients/httpx_events.py",
            Self::Requests => "clients/requests_lines.py",
            Self::RequestsSse => "clients/requests_sse_events.py",
            Self::EventsourceClientCrate => {
                let program = Program::binary("eventsource-client", &[url]);
                return Follower {
                    client: self,
                    kind: Kind::Program(program),
                };
            }
            Self::Curl => "clients/curl_lines.sh",
            Self::Chromium => return Follower::tab(url).await,
        };
        Follower {
            client: self,
            kind: Kind::Program(Program::start(program, &[url]).await),
        }
    }
}

impl Follower {
    async fn tab(url: &str) -> Self {
        let page = Site::of(|_| Page::html(include_str!("../clients/event_source.html"))).await;
        let browser = Browser::start().await;
        browser.open(&format!("{}#{url}", page.url("/"))).await;
        Self {
            client: Library::Chromium,
            kind: Kind::Tab {
                browser,
                _page: page,
            },
        }
    }

    /// Waits until so many of its lines begin so; answers all lines.
    pub async fn says(&self, start: &str, times: usize) -> Vec<String> {
        let what = format!("{:?} says {times} × `{start}`", self.client);
        let enough = |lines: &[String]| {
            let said = lines.iter().filter(|line| line.starts_with(start));
            said.count() >= times
        };
        match &self.kind {
            Kind::Program(program) => program.until(&what, enough).await,
            Kind::Tab { browser, .. } => {
                eventually(&what, || async {
                    let text = browser.text("#seen").await;
                    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
                    enough(&lines).then_some(lines)
                })
                .await
            }
        }
    }

    /// Waits until it takes the job for ended: it must have seen every event of the log once, have met a fault, and have
    /// taken none for the end. Answers its lines.
    ///
    /// # Panics
    /// If it has not; its lines are in the message.
    pub async fn has_followed(self, log: &Seen) -> Vec<String> {
        let client = self.client;
        let lines = self.end().await;
        let asides = ["event hello", "event bye", "broken", "ended"];
        let is_aside = |line: &str| asides.iter().any(|aside| line.starts_with(aside));
        let seen: Vec<&String> = lines.iter().filter(|line| !is_aside(line)).collect();
        let logged: Vec<String> = log
            .events()
            .map(|event| {
                let id = event.id.as_deref().unwrap_or_default();
                format!("event {} {id}", event.name)
            })
            .collect();
        assert_eq!(
            seen,
            logged.iter().collect::<Vec<_>>(),
            "{client:?}: {lines:#?}"
        );
        let ends = lines.iter().filter(|line| *line == "ended").count();
        assert!(
            ends == 1 && lines.last().is_some_and(|line| line == "ended"),
            "{client:?} takes a fault for the end: {lines:#?}"
        );
        assert!(
            lines.iter().any(|line| line.starts_with("broken")),
            "{client:?} has met no fault: {lines:#?}"
        );
        lines
    }

    async fn end(self) -> Vec<String> {
        match self.kind {
            Kind::Program(program) => {
                let (status, lines) = program.end().await;
                assert!(status.success(), "{status}: {lines:#?}");
                lines
            }
            Kind::Tab { .. } => self.says("ended", 1).await,
        }
    }
}
