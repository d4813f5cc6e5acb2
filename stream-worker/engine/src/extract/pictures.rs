//! The elements and attributes that name a picture: every one by which a browser, or a script for it, would load one.

use std::sync::LazyLock;

use lol_html::Selector;
use lol_html::send::{Element, Settings};

use super::handlers::{Shared, attribute, on, selector};

/// Attributes with one reference: where pages keep a picture until a script loads it come first.
const SINGLE: [&str; 8] = [
    "src",
    "data-src",
    "data-lazy-src",
    "data-original",
    "data-original-src",
    "data-lazy",
    "data-url",
    "data-image",
];
/// Attributes with several.
const SETS: [&str; 3] = ["srcset", "data-srcset", "data-lazy-srcset"];

static PICTURES: LazyLock<Selector> =
    LazyLock::new(|| selector("img, picture > source, input[type=\"image\" i][src]"));

/// Lets the parser collect pictures, if the document wants them.
pub(super) fn pictures(
    settings: Settings<'static, 'static>,
    document: &Shared,
) -> Settings<'static, 'static> {
    if document.lock().pictures.is_none() {
        return settings;
    }
    let document = document.clone();
    settings.append_element_content_handler(on(&PICTURES, move |element: &mut Element<'_, '_>| {
        let mut document = document.lock();
        if document.templates > 0 {
            return Ok(());
        }
        let Some(pictures) = &mut document.pictures else {
            return Ok(());
        };
        for name in SINGLE {
            pictures.add(&attribute(element, name));
        }
        for name in SETS {
            pictures.add_set(&attribute(element, name));
        }
        Ok(())
    }))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use shared::request::Format;

    use crate::extract::{DocumentType, ExtractOptions, Extractor, Formats, MediaType, Page};

    fn read(html: &str, formats: &[Format]) -> Page {
        let mut extractor = Extractor::new(ExtractOptions {
            url: "https://a.example/dir/page".parse().unwrap(),
            media_type: MediaType {
                document: DocumentType::Html,
                encoding: None,
            },
            agent: "crawlcast".into(),
            formats: Formats::new(formats),
        });
        extractor.feed(html.as_bytes());
        extractor.finish()
    }

    fn images(html: &str) -> Vec<String> {
        read(html, &[Format::Images]).images.unwrap()
    }

    #[rstest]
    #[case::plain("<img src=' a.png#x '><img src=/a.png><img src=a.png>", &["dir/a.png", "a.png"])]
    #[case::a_set("<img srcset='b.png 1x, c.png?w=1,2 2x,d.png'>", &["dir/b.png", "dir/c.png?w=1,2", "dir/d.png"])]
    #[case::a_set_without_blanks("<img srcset='b.png, c.png,'>", &["dir/b.png", "dir/c.png"])]
    #[case::until_a_script_loads_it(
        "<img src='data:image/gif;base64,R0' data-src=e.png data-srcset='f.png 2x'>",
        &["dir/e.png", "dir/f.png"]
    )]
    #[case::sources("<picture><source srcset=g.webp><img src=h.png></picture>", &["dir/g.webp", "dir/h.png"])]
    #[case::without_scripts("<noscript><img src=i.png></noscript>", &["dir/i.png"])]
    #[case::none("<video><source srcset=j.mp4></video><img src=''><img><template><img src=k.png></template>", &[])]
    #[case::a_button("<input type=image src=l.png><input src=m.png>", &["dir/l.png"])]
    #[case::entities("<img src='/n?a=1&amp;b=2'><base href=https://b.example/>", &["https://b.example/n?a=1&b=2"])]
    #[case::of_a_card("<meta property=og:image content=/o.png>", &[])]
    fn pictures_are_absolute_unique_and_in_order(#[case] html: &str, #[case] expected: &[&str]) {
        let url = |path: &&str| match path.starts_with("https:") {
            true => (*path).to_owned(),
            false => format!("https://a.example/{path}"),
        };
        assert_eq!(images(html), expected.iter().map(url).collect::<Vec<_>>());
    }

    #[test]
    fn pictures_are_bounded_and_come_only_if_asked_for() {
        let html: String = (0..2_100)
            .map(|number| format!("<img src={number}>"))
            .collect();
        assert_eq!(images(&html).len(), 2_000);
        assert_eq!(read(&html, &[Format::Links]).images, None);
    }
}
