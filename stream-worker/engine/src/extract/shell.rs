//! Pages that are empty until scripts have built them.
//!
//! It owns the guess, made of what a browser without scripts would show: hardly any text, no links, nothing to fill in, and a sign
//! that scripts are to change that. It would rather miss such a page than suspect one that is merely short.

use memchr::memmem;

use super::scan::*;

/// Bytes of a page that is looked at: such pages are small, but for state that they bring along.
pub(super) const MAX_SHELL: usize = 256 * 1024;
/// Links of a page that is looked at, those in `<noscript>` included.
pub(super) const MAX_LINKS: usize = 3;
/// Characters of text, blanks left out, from which on a page has content.
const ENOUGH_TEXT: usize = 200;
/// The same within the element that scripts fill: "Loading, please wait …".
const ENOUGH_MOUNTED: usize = 40;
/// Bytes of `<noscript>` that are read.
const MAX_NOSCRIPT: usize = 8 * 1024;

/// The identities of elements that frameworks fill.
const MOUNT_IDS: [&str; 10] = [
    "root",
    "app",
    "__next",
    "__nuxt",
    "___gatsby",
    "svelte",
    "q-app",
    "react-root",
    "app-root",
    "main-app",
];
/// The attributes of such elements.
const MOUNT_ATTRIBUTES: [&str; 3] = ["data-reactroot", "ng-app", "ng-version"];
/// Open elements that are kept. A page has no need of more.
const MAX_DEPTH: usize = 1024;

/// The evidence on one page.
#[derive(Default)]
struct Evidence {
    /// Characters that a reader would see.
    text: usize,
    /// Those of them within mounts.
    mounted: usize,
    /// Scripts, and those of them that are files.
    scripts: u32,
    script_files: u32,
    links: usize,
    /// Pictures, frames, forms and tables: a page may be nothing else.
    content: u32,
    mounts: u32,
    /// Elements that are open at this place, and what each of them is.
    open: Vec<(Name, Part)>,
    /// How many of them are mounts or hidden.
    open_mounts: u32,
    hidden: u32,
    /// Text of the `<noscript>` elements.
    noscript: String,
    is_in_noscript: bool,
}

/// The part that an element has in what a reader sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Plain,
    Mount,
    Hidden,
}

/// True if scripts have to build this page before there is anything on it.
pub(super) fn is_built_by_scripts(html: &str) -> bool {
    let has_script = || memmem::find(html.as_bytes(), b"<script").is_some();
    if html.len() > MAX_SHELL || !has_script() {
        return false;
    }
    let mut evidence = Evidence::default();
    let mut scanner = Scanner::new();
    scanner.feed(html, &mut evidence);
    scanner.end(&mut evidence);
    evidence.speak_of_scripts()
}

impl Evidence {
    fn speak_of_scripts(&self) -> bool {
        let is_empty = self.text < ENOUGH_TEXT && self.links == 0 && self.scripts > 0;
        let has_empty_mount = self.mounts > 0 && self.mounted < ENOUGH_MOUNTED;
        let is_blank = self.text == 0 && self.script_files > 0;
        is_empty && self.content == 0 && (has_empty_mount || is_blank || self.asks_for_scripts())
    }

    fn asks_for_scripts(&self) -> bool {
        let said = self.noscript.to_lowercase();
        said.contains("javascript") || said.contains("java script")
    }

    fn close_to(&mut self, depth: usize) {
        for (_, part) in self.open.drain(depth..) {
            match part {
                Part::Plain => {}
                Part::Mount => self.open_mounts -= 1,
                Part::Hidden => self.hidden -= 1,
            }
        }
    }
}

impl Sink for Evidence {
    fn reads(&self, _name: Name) -> bool {
        true
    }

    fn start(&mut self, tag: &StartTag<'_>) {
        self.is_in_noscript = tag.name == NOSCRIPT;
        match tag.name {
            SCRIPT => {
                self.scripts += 1;
                self.script_files += u32::from(tag.attribute("src").is_some());
            }
            A | AREA => self.links += usize::from(tag.attribute("href").is_some()),
            IMG | PICTURE | IFRAME | FRAME | OBJECT | EMBED | VIDEO | AUDIO | FORM | INPUT
            | TEXTAREA | TABLE => self.content += 1,
            _ => {}
        }
        let part = part(tag);
        self.mounts += u32::from(part == Part::Mount);
        if is_void(tag.name) || self.open.len() >= MAX_DEPTH {
            return;
        }
        match part {
            Part::Plain => {}
            Part::Mount => self.open_mounts += 1,
            Part::Hidden => self.hidden += 1,
        }
        self.open.push((tag.name, part));
    }

    fn end(&mut self, name: Name) {
        self.is_in_noscript = false;
        if let Some(depth) = self.open.iter().rposition(|(open, _)| *open == name) {
            self.close_to(depth);
        }
    }

    fn text(&mut self, piece: &str, kind: Kind, _is_last: bool) {
        match kind {
            Kind::Content if self.hidden == 0 => {
                let is_seen = |character: &char| !character.is_whitespace();
                let length = piece.chars().filter(is_seen).count();
                self.text += length;
                if self.open_mounts > 0 {
                    self.mounted += length;
                }
            }
            Kind::Raw if self.is_in_noscript && self.noscript.len() < MAX_NOSCRIPT => {
                self.noscript.push_str(piece);
            }
            Kind::Content | Kind::Foreign | Kind::Raw => {}
        }
    }
}

fn part(tag: &StartTag<'_>) -> Part {
    const FRAMEWORKS: [Name; 3] = [
        Name::of("app-root"),
        Name::of("my-app"),
        Name::of("flutter-view"),
    ];
    if matches!(tag.name, TEMPLATE | DIALOG) {
        return Part::Hidden;
    }
    let id = tag.attribute("id").unwrap_or_default();
    let is_mount = FRAMEWORKS.contains(&tag.name)
        || MOUNT_IDS.contains(&&*id)
        || MOUNT_ATTRIBUTES
            .iter()
            .any(|name| tag.attribute(name).is_some());
    if is_mount { Part::Mount } else { Part::Plain }
}

/// True for elements that hold nothing.
const fn is_void(name: Name) -> bool {
    matches!(
        name,
        AREA | BASE
            | BR
            | COL
            | EMBED
            | HR
            | IMG
            | INPUT
            | LINK
            | META
            | PARAM
            | SOURCE
            | TRACK
            | WBR
    )
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const NOSCRIPT: &str = "<noscript>You need to enable JavaScript to run this app.</noscript>";

    #[rstest]
    #[case::react(format!("<head><title>App</title><script defer src=/static/js/main.js></script></head><body>{NOSCRIPT}<div id=root></div>"))]
    #[case::vite("<div id=\"app\"></div><script type=module src=/assets/index.js></script>".to_owned())]
    #[case::angular("<app-root><div>Loading…</div></app-root><script src=main.js type=module></script>".to_owned())]
    #[case::nuxt("<div id=__nuxt></div><script>window.__NUXT__={}</script>".to_owned())]
    #[case::next("<div id=__next></div><script id=__NEXT_DATA__ type=application/json>{}</script><script src=/_next/x.js></script>".to_owned())]
    #[case::unnamed("<body><div class=x></div><script src=bundle.js></script>".to_owned())]
    #[case::asks(format!("<div class=main>Please wait</div>{NOSCRIPT}<script>boot()</script>"))]
    #[case::a_link_for_those_without(format!("<noscript>JavaScript is off: <a href=/help>help</a></noscript><div id=root></div><script src=a.js></script>"))]
    #[case::a_spinner("<div id=root><svg><title>spinner</title><text>x</text></svg></div><script src=a.js></script>".to_owned())]
    fn what_scripts_build_is_suspected(#[case] html: String) {
        assert!(is_built_by_scripts(&html));
    }

    #[rstest]
    #[case::empty("".to_owned())]
    #[case::no_script("<div id=root></div>".to_owned())]
    #[case::short("<title>It works</title><h1>It works!</h1><script src=https://a.example/stats.js></script>".to_owned())]
    #[case::rendered(format!("<div id=__next><h1>Head</h1><p>{}</p></div><script src=/_next/x.js></script>", "word ".repeat(60)))]
    #[case::few_words_rendered("<div id=app><h1>Opening hours</h1><p>Monday to Friday from nine to five</p></div><script src=a.js></script>".to_owned())]
    #[case::tags("<p>Soon.</p><noscript><iframe src=https://a.example/ns.html></iframe></noscript><script src=a.js></script>".to_owned())]
    #[case::a_picture("<img src=a.png><script src=stats.js></script>".to_owned())]
    #[case::a_log_in(format!("<div id=app></div><form><input name=user></form>{NOSCRIPT}<script src=a.js></script>"))]
    #[case::frames("<frameset><frame src=a.html></frameset><script src=a.js></script>".to_owned())]
    #[case::leads_on("<script>location = '/start'</script>".to_owned())]
    #[case::links(format!("<div id=root></div><a href=/a>A</a><script src=a.js></script>{NOSCRIPT}"))]
    #[case::large(format!("<div id=root></div><script src=a.js></script><!--{}-->", "x".repeat(MAX_SHELL)))]
    fn what_is_merely_short_is_not(#[case] html: String) {
        assert!(!is_built_by_scripts(&html));
    }

    const MOUNT: &str = "<div id=root></div><script src=a.js></script>";

    fn letters(count: usize) -> String {
        "x ".repeat(count)
    }

    #[rstest]
    #[case::text(format!("<p>{}</p>{MOUNT}", letters(199)), true)]
    #[case::more_text(format!("<p>{}</p>{MOUNT}", letters(200)), false)]
    #[case::text_to_be_replaced(format!("<div id=root>{}</div>{MOUNT}", letters(39)), true)]
    #[case::text_that_is_there(format!("<div id=root>{}</div>{MOUNT}", letters(40)), false)]
    #[case::text_beside(format!("{MOUNT}<p>{}</p>", letters(40)), true)]
    #[case::hidden_text(format!("<template>{0}</template><dialog>{0}</dialog>{MOUNT}", letters(200)), true)]
    #[case::text_behind_hidden_text(format!("<template></template><p>{}</p>{MOUNT}", letters(200)), false)]
    #[case::a_place_for_links(format!("<a name=x></a>{MOUNT}"), true)]
    #[case::a_link(format!("<a href=/x></a>{MOUNT}"), false)]
    #[case::a_script_in_a_comment("<div id=root></div><!-- <script -->".to_owned(), false)]
    #[case::a_script_that_speaks_of_scripts("<p>Soon.</p><script>/* javascript */</script>".to_owned(), false)]
    #[case::in_two_words("<noscript>Turn on Java Script</noscript><script>boot()</script>".to_owned(), true)]
    fn a_page_has_content_from_some_text_on(#[case] html: String, #[case] is_shell: bool) {
        assert_eq!(is_built_by_scripts(&html), is_shell);
    }

    #[rstest]
    fn an_element_says_that_scripts_fill_it(
        #[values(
            "data-reactroot",
            "ng-app",
            "ng-version=9",
            "id=___gatsby",
            "id=app-root"
        )]
        name: &str,
    ) {
        let page = |name: &str| format!("<div {name}>Wait</div><script>boot()</script>");
        assert!(is_built_by_scripts(&page(name)));
        assert!(!is_built_by_scripts(&page("id=main")));
    }

    #[rstest]
    fn a_page_of_something_else_than_text_has_content(
        #[values(
            "img", "picture", "iframe", "frame", "object", "embed", "video", "audio", "form",
            "input", "textarea", "table"
        )]
        element: &str,
    ) {
        assert!(is_built_by_scripts(&format!("<p>{MOUNT}")));
        assert!(!is_built_by_scripts(&format!(
            "<{element}></{element}>{MOUNT}"
        )));
    }
}
