//! The ordinary pages: chapters and their entries.

use std::fmt::Write;

use super::layout;
use super::page::DemoPage;

pub(super) const CHAPTERS: [(&str, &str); 12] = [
    ("winds", "Winds"),
    ("clouds", "Clouds"),
    ("tides", "Tides"),
    ("fogs", "Fogs"),
    ("rains", "Rains"),
    ("frosts", "Frosts"),
    ("storms", "Storms"),
    ("currents", "Currents"),
    ("lights", "Lights"),
    ("shores", "Shores"),
    ("seasons", "Seasons"),
    ("instruments", "Instruments"),
];

/// Entries of each chapter.
pub(super) const ENTRIES: usize = 13;

const QUALITIES: [&str; ENTRIES] = [
    "early",
    "late",
    "northern",
    "southern",
    "quiet",
    "restless",
    "silver",
    "copper",
    "hollow",
    "long",
    "short",
    "returning",
    "hidden",
];

const SENTENCES: [&str; 8] = [
    "It is first noticed at the turn of the tide, when the harbour falls silent for as long as a kettle takes to boil.",
    "Older tables list it under another name, and older charts do not list it at all.",
    "The gauge at the end of the pier rises by two marks and stays there until evening.",
    "Whoever keeps a log should note the hour, the direction and the colour of the water.",
    "In most years it comes twice, and the second time it is weaker.",
    "Nets are taken in before it and put out after it; that is all the warning one gets.",
    "A barometer tells little of it. The gulls tell more.",
    "Three days of it in a row are said to mean a mild autumn, which is true about half of the time.",
];

/// The start page.
pub(super) fn home() -> DemoPage {
    let mut content = String::from(
        "<p>Twelve chapters of weather and water that nobody has ever seen, and a cabinet of pages that no site should have.</p><ol>",
    );
    for (slug, name) in CHAPTERS {
        let _ = write!(content, "<li><a href=\"/chapters/{slug}/\">{name}</a></li>");
    }
    content.push_str(
        "</ol><p>Crawlers will want the <a href=\"/oddities/\">cabinet of oddities</a>.</p>",
    );
    DemoPage::html(layout::page("The Tidewater Almanac", &content))
}

/// A chapter's or an entry's page; `path` is what follows `/chapters/`.
pub(super) fn chapter(path: &str) -> Option<DemoPage> {
    let (slug, rest) = path.split_once('/')?;
    let number = CHAPTERS.iter().position(|(known, _)| *known == slug)?;
    if rest.is_empty() {
        return Some(contents(number));
    }
    let entry = QUALITIES.iter().position(|quality| *quality == rest)?;
    Some(DemoPage::html(layout::page(
        &title(number, entry),
        &text(number, entry),
    )))
}

/// The path of an entry.
pub(super) fn entry_path(chapter: usize, entry: usize) -> String {
    format!(
        "/chapters/{}/{}",
        CHAPTERS[chapter % CHAPTERS.len()].0,
        QUALITIES[entry % ENTRIES]
    )
}

fn contents(chapter: usize) -> DemoPage {
    let (slug, name) = CHAPTERS[chapter];
    let mut content = format!(
        "<p>Thirteen kinds of {}, from the first to the last of the year.</p><ul>",
        name.to_lowercase()
    );
    for (entry, quality) in QUALITIES.iter().enumerate() {
        let _ = write!(
            content,
            "<li><a href=\"{quality}\">{}</a></li>",
            title(chapter, entry)
        );
    }
    let (next, next_name) = CHAPTERS[(chapter + 1) % CHAPTERS.len()];
    let _ = write!(
        content,
        "</ul><p>This is <a href=\"/chapters/{slug}/\">{name}</a>; next comes <a href=\"../{next}/\">{next_name}</a>.</p>"
    );
    DemoPage::html(layout::page(name, &content))
}

fn title(chapter: usize, entry: usize) -> String {
    let quality = QUALITIES[entry];
    let (first, rest) = quality.split_at(1);
    format!(
        "{}{rest} {}",
        first.to_uppercase(),
        CHAPTERS[chapter].1.to_lowercase()
    )
}

fn text(chapter: usize, entry: usize) -> String {
    let mut content = String::new();
    for paragraph in 0..3 {
        content.push_str("<p>");
        for sentence in 0..4 {
            content.push_str(
                SENTENCES[(chapter * 5 + entry * 3 + paragraph * 2 + sentence) % SENTENCES.len()],
            );
            content.push(' ');
        }
        content.push_str("</p>");
    }
    let near = [
        (chapter + 3, entry + 1),
        (chapter + 5, entry + 6),
        (chapter + 7, entry + 11),
    ];
    content.push_str("<p>See also ");
    for (chapter, entry) in near {
        let path = entry_path(chapter, entry);
        let _ = write!(
            content,
            "<a href=\"{path}\">{}</a>, ",
            title(chapter % CHAPTERS.len(), entry % ENTRIES)
        );
    }
    let _ = write!(
        content,
        "and the <a href=\"./\">contents</a>.</p><p><a rel=\"prev\" href=\"{}\">Back</a> · <a rel=\"next\" href=\"{}\">On</a></p>",
        entry_path(chapter, entry + ENTRIES - 1),
        entry_path(chapter, entry + 1),
    );
    content
}
