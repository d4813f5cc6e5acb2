//! The elements and attributes that name a picture: every one by which a browser, or a script for it, would load one.

use super::document::Document;
use super::scan::{AUDIO, IMG, INPUT, PICTURE, SOURCE, StartTag, VIDEO};

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

impl Document {
    /// Takes in an element that is a picture, or that sources of pictures or of other things are in.
    pub(super) fn picture(&mut self, tag: &StartTag<'_>) {
        let is_picture = match tag.name {
            IMG => true,
            SOURCE => self.is_in_picture,
            INPUT => is_button(tag),
            PICTURE => {
                self.is_in_picture = true;
                false
            }
            AUDIO | VIDEO => {
                self.is_in_picture = false;
                false
            }
            _ => false,
        };
        if !is_picture || self.is_in_template() {
            return;
        }
        let Some(pictures) = &mut self.pictures else {
            return;
        };
        for reference in SINGLE.iter().filter_map(|name| tag.attribute(name)) {
            pictures.add(&reference);
        }
        for set in SETS.iter().filter_map(|name| tag.attribute(name)) {
            pictures.add_set(&set);
        }
    }
}

/// True for a button that shows a picture.
fn is_button(tag: &StartTag<'_>) -> bool {
    let kind = tag.attribute("type");
    kind.is_some_and(|kind| kind.eq_ignore_ascii_case("image")) && tag.attribute("src").is_some()
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
    #[case::a_set_with_commas("<img srcset=', b.png 1x,,c.png 2x , d.png'>", &["dir/b.png", "dir/c.png", "dir/d.png"])]
    #[case::a_set_with_parentheses("<img srcset='b.png (1,2) 1x, c.png'>", &["dir/b.png", "dir/c.png"])]
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
        for others in [
            "<img src='DATA:,x'>",
            "<img src='data:,x'>",
            "<img src=a.png>",
        ] {
            let html = others.repeat(2_100) + "<img src=b.png>";
            assert!(images(&html).contains(&"https://a.example/dir/b.png".to_owned()));
        }
        for (length, count) in [(8 * 1024, 1), (8 * 1024 + 1, 0)] {
            let html = format!("<img src={}>", "x".repeat(length));
            assert_eq!(images(&html).len(), count);
        }
        assert_eq!(read(&html, &[Format::Links]).images, None);
    }
}
