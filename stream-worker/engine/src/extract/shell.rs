//! Pages that are empty until scripts have built them.
//!
//! It owns the guess, made of what a browser without scripts would show: hardly any text, no links, nothing to fill in, and a sign
//! that scripts are to change that. It would rather miss such a page than suspect one that is merely short.

use std::sync::{Arc, LazyLock};

use lol_html::html_content::{TextChunk, TextType};
use lol_html::send::{Element, HtmlRewriter, Settings};
use lol_html::{Selector, doc_text};
use memchr::memmem;
use parking_lot::Mutex;

use super::handlers::{Discard, on, on_end, selector, settings, text_in};

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

static SELECTORS: LazyLock<Selectors> = LazyLock::new(|| Selectors {
    scripts: selector("script"),
    noscript: selector("noscript"),
    hidden: selector("template, svg, dialog"),
    links: selector("a[href], area[href]"),
    content: selector(
        "img, picture, iframe, frame, object, embed, video, audio, form, input, textarea, table",
    ),
    mounts: selector(
        "#root, #app, #__next, #__nuxt, #___gatsby, #svelte, #q-app, #react-root, #app-root, #main-app, \
         app-root, my-app, flutter-view, [data-reactroot], [ng-app], [ng-version]",
    ),
});

struct Selectors {
    scripts: Selector,
    noscript: Selector,
    hidden: Selector,
    links: Selector,
    content: Selector,
    mounts: Selector,
}

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
    /// Elements that are open at this place.
    open_mounts: u32,
    hidden: u32,
    noscript: String,
}

type Shared = Arc<Mutex<Evidence>>;

/// True if scripts have to build this page before there is anything on it.
pub(super) fn is_built_by_scripts(html: &str) -> bool {
    let has_script = || memmem::find(html.as_bytes(), b"<script").is_some();
    if html.len() > MAX_SHELL || !has_script() {
        return false;
    }
    let evidence = Shared::default();
    let mut parser = HtmlRewriter::new(collecting(&evidence), Discard);
    // A parser that gives up has found what it has found.
    if parser.write(html.as_bytes()).is_ok() {
        let _given_up = parser.end();
    }
    let evidence = evidence.lock();
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
}

fn collecting(evidence: &Shared) -> Settings<'static, 'static> {
    elements(texts(settings(), evidence), evidence)
}

fn texts(settings: Settings<'static, 'static>, evidence: &Shared) -> Settings<'static, 'static> {
    let (shown, noscript) = (evidence.clone(), evidence.clone());
    let text = doc_text!(move |chunk| {
        let mut evidence = shown.lock();
        if chunk.text_type() == TextType::Data && evidence.hidden == 0 {
            let is_seen = |character: &char| !character.is_whitespace();
            let length = chunk.as_str().chars().filter(is_seen).count();
            evidence.text += length;
            if evidence.open_mounts > 0 {
                evidence.mounted += length;
            }
        }
        Ok(())
    });
    settings
        .append_document_content_handler(text)
        .append_element_content_handler(text_in(
            &SELECTORS.noscript,
            move |chunk: &mut TextChunk<'_>| {
                let said = &mut noscript.lock().noscript;
                if said.len() < MAX_NOSCRIPT {
                    said.push_str(chunk.as_str());
                }
                Ok(())
            },
        ))
}

fn elements(settings: Settings<'static, 'static>, evidence: &Shared) -> Settings<'static, 'static> {
    let (scripts, links, content) = (evidence.clone(), evidence.clone(), evidence.clone());
    let (hidden, mounts) = (evidence.clone(), evidence.clone());
    settings
        .append_element_content_handler(on(
            &SELECTORS.scripts,
            move |element: &mut Element<'_, '_>| {
                let mut evidence = scripts.lock();
                evidence.scripts += 1;
                evidence.script_files += u32::from(element.has_attribute("src"));
                Ok(())
            },
        ))
        .append_element_content_handler(on(&SELECTORS.links, move |_: &mut Element<'_, '_>| {
            links.lock().links += 1;
            Ok(())
        }))
        .append_element_content_handler(on(&SELECTORS.content, move |_: &mut Element<'_, '_>| {
            content.lock().content += 1;
            Ok(())
        }))
        .append_element_content_handler(on(
            &SELECTORS.hidden,
            move |element: &mut Element<'_, '_>| {
                hidden.lock().hidden += 1;
                let evidence = hidden.clone();
                on_end(element, move || evidence.lock().hidden -= 1)
            },
        ))
        .append_element_content_handler(on(
            &SELECTORS.mounts,
            move |element: &mut Element<'_, '_>| {
                let mut evidence = mounts.lock();
                evidence.mounts += 1;
                evidence.open_mounts += 1;
                drop(evidence);
                let evidence = mounts.clone();
                on_end(element, move || evidence.lock().open_mounts -= 1)
            },
        ))
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
}
