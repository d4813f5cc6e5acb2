//! The cabinet: pages that crawlers meet sooner or later.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

use encoding_rs::{Encoding, ISO_2022_JP, SHIFT_JIS, WINDOWS_1251, WINDOWS_1252};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::layout;
use super::page::DemoPage;

/// The oddities of the cabinet: the path of each below it, and what is odd.
pub(super) const SHELF: [(&str, &str); 27] = [
    ("slow/300", "takes a third of a second"),
    ("slow/700", "takes its time"),
    ("slow/1500", "takes one and a half seconds"),
    ("missing", "is not there (404)"),
    ("broken", "fails every time (500)"),
    ("busy", "asks to come back later (503), and then answers"),
    ("moved", "has moved for good (301)"),
    ("stairs/3", "redirects three times"),
    ("circle/a", "redirects in a circle"),
    ("abroad", "redirects to another site"),
    ("latin", "is in ISO 8859-1 and says so in its head"),
    ("cyrillic", "is in windows-1251 and says so in its header"),
    ("shift-jis", "is in Shift_JIS and does not say so"),
    ("iso-2022-jp", "is in ISO-2022-JP and says so in its head"),
    ("packed", "is sent compressed"),
    ("double", "claims to be compressed twice"),
    ("long", "is three hundred kilobytes long"),
    ("paper.pdf", "is no page but a document"),
    ("based", "resolves its links elsewhere"),
    ("copies?utm_source=shelf", "has many URLs"),
    ("unlisted", "does not want to be shown"),
    ("closed", "does not want its links to be followed"),
    ("refresh", "sends its reader on by itself"),
    ("maze/deeper", "goes deeper and deeper"),
    ("calendar/2026/1", "has one page for each month, for ever"),
    ("session?sid=1", "gives each visitor a new URL"),
    ("cut", "ends before it is over"),
];

/// The cabinet's page, or one of its oddities; `path` is what follows `/oddities/`.
pub(super) fn oddity(path: &str, query: &str) -> Option<DemoPage> {
    let (kind, rest) = path.split_once('/').unwrap_or((path, ""));
    Some(match kind {
        "" => shelf(),
        "slow" => plain("A slow page", "It was worth the wait.")
            .after(Duration::from_millis(rest.parse().ok()?)),
        "broken" => plain("A broken page", "It always fails.").status(500),
        "busy" => plain("A busy page", "It has time now."),
        "moved" => DemoPage::redirect(301, "/chapters/tides/long"),
        "stairs" => stairs(rest)?,
        "circle" => DemoPage::redirect(302, if rest == "a" { "b" } else { "a" }),
        "abroad" => DemoPage::redirect(302, "https://example.com/"),
        "latin" => encoded(
            "text/html",
            WINDOWS_1252,
            "iso-8859-1",
            "Caf\u{e9} na\u{ef}f, cr\u{e8}me br\u{fb}l\u{e9}e.",
        ),
        "cyrillic" => encoded(
            "text/html; charset=windows-1251",
            WINDOWS_1251,
            "",
            "Прилив начинается в полночь.",
        ),
        "shift-jis" => encoded(
            "text/html",
            SHIFT_JIS,
            "",
            "潮は真夜中に満ち始める。港は静かで、灯台の光だけが見える。",
        ),
        "iso-2022-jp" => encoded(
            "text/html",
            ISO_2022_JP,
            "iso-2022-jp",
            "潮は真夜中に満ち始める。",
        ),
        "packed" => packed(),
        "double" => {
            plain("A page packed twice", "Or so it says.").header("content-encoding", "gzip, gzip")
        }
        "long" => long(),
        "paper.pdf" => DemoPage::typed(
            "application/pdf",
            "%PDF-1.4\n% a document without pages\n%%EOF\n",
        ),
        "based" => based(),
        "copies" => copies(),
        "unlisted" => robots("noindex", "A page that does not want to be shown"),
        "closed" => robots("nofollow", "A page whose links are not to be followed"),
        "behind-closed" | "unfollowed" => plain(
            "A page behind a closed door",
            "One can only get here by asking.",
        ),
        "refresh" => refresh(),
        "maze" => maze(rest),
        "calendar" => calendar(rest)?,
        "session" => session(query),
        "cut" => plain("A page that is cut short", "It ends before").header("x-demo-cut", "yes"),
        _ => return None,
    })
}

fn plain(title: &str, words: &str) -> DemoPage {
    DemoPage::html(layout::page(title, &format!("<p>{words}</p>")))
}

fn shelf() -> DemoPage {
    let mut content = String::from("<p>Each of these pages is odd in its own way.</p><ul>");
    for (path, what) in SHELF {
        let _ = write!(content, "<li><a href=\"{path}\">This page</a> {what}.</li>");
    }
    content.push_str(
        "<li><a rel=\"nofollow\" href=\"unfollowed\">This link</a> should not be followed.</li>\
         <li><a href=\"/private/notes\">This page</a> is forbidden to robots.</li>\
         <li><a href=\"copies?utm_source=a\">This</a> and <a href=\"copies?utm_source=b&amp;utm_medium=c\">this</a> are one.</li>\
         <li><a href=\"http://169.254.169.254/latest/meta-data/\">This address</a> should never be dialled.</li></ul>",
    );
    DemoPage::html(layout::page("Cabinet of oddities", &content))
}

fn stairs(step: &str) -> Option<DemoPage> {
    Some(match step.parse::<u32>().ok()? {
        0 => plain("The foot of the stairs", "Three redirects lead here."),
        above => DemoPage::redirect(302, &(above - 1).to_string()),
    })
}

fn encoded(
    content_type: &str,
    encoding: &'static Encoding,
    declared: &str,
    words: &str,
) -> DemoPage {
    let declaration = if declared.is_empty() {
        String::new()
    } else {
        format!("<meta charset={declared}>")
    };
    let html = format!(
        "<!doctype html><html><head>{declaration}<title>{words}</title></head><body><p>{words}</p></body></html>"
    );
    let (bytes, _, _) = encoding.encode(&html);
    DemoPage::typed(content_type, bytes.into_owned())
}

fn packed() -> DemoPage {
    let html = layout::page(
        "A page that is sent compressed",
        "<p>Every browser unpacks it.</p>",
    );
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    let packed = packer
        .write_all(html.as_bytes())
        .and_then(|()| packer.finish());
    DemoPage::typed(
        "text/html; charset=utf-8",
        packed.expect("a vector takes every byte"),
    )
    .header("content-encoding", "gzip")
}

fn long() -> DemoPage {
    DemoPage::html(layout::page(
        "A long page",
        &"<p>And then the tide came in again, as it does.</p>".repeat(6_000),
    ))
}

fn based() -> DemoPage {
    let links = "<p>Its links begin at another place: <a href=\"fogs/early\">early fogs</a>.</p>";
    DemoPage::html(layout::with_head(
        "A page with a base",
        "<base href=\"/chapters/\">",
        links,
    ))
}

fn copies() -> DemoPage {
    let links = "<p><a href=\"?utm_source=c\">A copy</a>, <a href=\"?gclid=1\">another</a>, <a href=\"copies#part\">a part</a>.</p>";
    let canonical = "<link rel=\"canonical\" href=\"/oddities/copies\">";
    DemoPage::html(layout::with_head("A page with many URLs", canonical, links))
}

fn robots(directive: &str, title: &str) -> DemoPage {
    let head = format!("<meta name=\"robots\" content=\"{directive}\">");
    DemoPage::html(layout::with_head(
        title,
        &head,
        "<p><a href=\"behind-closed\">What is behind it</a></p>",
    ))
}

fn refresh() -> DemoPage {
    let head = "<meta http-equiv=\"refresh\" content=\"5; url=/chapters/lights/copper\">";
    DemoPage::html(layout::with_head(
        "A page that sends its reader on",
        head,
        "<p>Wait a moment.</p>",
    ))
}

fn maze(rest: &str) -> DemoPage {
    let depth = rest.split('/').filter(|part| !part.is_empty()).count();
    plain(
        "A maze",
        &format!("You are {depth} deep. <a href=\"/oddities/maze/{rest}/deeper\">Deeper</a>."),
    )
}

fn calendar(rest: &str) -> Option<DemoPage> {
    let (year, month) = rest.split_once('/')?;
    let (year, month): (u32, u32) = (year.parse().ok()?, month.parse().ok()?);
    let (next_year, next_month) = if month >= 12 {
        (year.checked_add(1)?, 1)
    } else {
        (year, month + 1)
    };
    let content = format!(
        "<p>Nothing happens in {year}-{month:02}. <a href=\"/oddities/calendar/{next_year}/{next_month}\">Next month</a></p>"
    );
    Some(DemoPage::html(layout::page("Calendar", &content)))
}

fn session(query: &str) -> DemoPage {
    let number: u32 = query
        .strip_prefix("sid=")
        .and_then(|sid| sid.parse().ok())
        .unwrap_or_default();
    // Looks like chance, and is the same for everyone.
    let next = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    plain(
        "A page with sessions",
        &format!("You are visitor {number}. <a href=\"session?sid={next}\">Go on</a>."),
    )
}
