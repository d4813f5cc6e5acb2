//! Directives of a page, or of the head of its answer, to robots and to browsers.

use super::MetaRobots;

impl MetaRobots {
    /// Adds comma-separated directives.
    pub(super) fn add(&mut self, directives: &str) {
        for directive in directives.split(',').map(str::trim) {
            let is = |name: &str| directive.eq_ignore_ascii_case(name);
            self.noindex |= is("noindex") || is("none");
            self.nofollow |= is("nofollow") || is("none");
        }
    }
}

/// Directives of an `X-Robots-Tag` header for the robot that is called `agent`. A value may begin with the name of the robot
/// that it is for.
#[must_use]
pub(crate) fn parse_robots_header(value: &str, agent: &str) -> MetaRobots {
    let mut robots = MetaRobots::default();
    let mut concerns_us = true;
    for directive in value.split(',') {
        let directives = match directive.split_once(':') {
            // These take a value of their own.
            Some((name, _)) if is_valued(name.trim()) => continue,
            // A date behind a comma, with its hours: no robot has a blank in its name.
            Some((name, _)) if name.trim().contains(' ') => continue,
            Some((name, rest)) => {
                concerns_us = name.trim().eq_ignore_ascii_case(agent);
                rest
            }
            None => directive,
        };
        if concerns_us {
            robots.add(directives);
        }
    }
    robots
}

fn is_valued(name: &str) -> bool {
    [
        "max-snippet",
        "max-image-preview",
        "max-video-preview",
        "unavailable_after",
    ]
    .iter()
    .any(|valued| name.eq_ignore_ascii_case(valued))
}

/// The URL in a refresh, header or `<meta>`, as it is written (HTML, section "shared declarative refresh steps"). None if the
/// page only refreshes itself.
#[must_use]
pub(crate) fn refresh_target(content: &str) -> Option<&str> {
    let content = content.trim_ascii_start();
    let rest = content.trim_start_matches(|digit: char| digit.is_ascii_digit() || digit == '.');
    if rest.len() == content.len() || !rest.starts_with(is_separator) {
        return None;
    }
    let rest = rest.trim_ascii_start();
    let rest = rest.strip_prefix([';', ',']).unwrap_or(rest);
    let target = quoted(named(rest.trim_ascii_start()));
    (!target.trim_ascii().is_empty()).then_some(target)
}

fn is_separator(character: char) -> bool {
    matches!(character, ';' | ',') || character.is_ascii_whitespace()
}

/// The text behind `url=`, if that is there.
fn named(text: &str) -> &str {
    let value = text
        .get(..3)
        .filter(|word| word.eq_ignore_ascii_case("url"));
    let value = value.and_then(|_url| text[3..].trim_ascii_start().strip_prefix('='));
    value.map_or(text, str::trim_ascii_start)
}

/// The text within its quotes; up to the end if they are not closed.
fn quoted(text: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some(rest) = text.strip_prefix(quote) {
            return rest.split(quote).next().unwrap_or_default();
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("noindex", true, false)]
    #[case("NOFOLLOW, noarchive", false, true)]
    #[case("none", true, true)]
    #[case("crawlcast: noindex, nofollow", true, true)]
    #[case("otherbot: noindex", false, false)]
    #[case("otherbot: noindex, crawlcast: nofollow", false, true)]
    #[case("CrawlCast: noindex", true, false)]
    #[case("max-snippet: 20, noindex", true, false)]
    #[case("Max-Image-Preview: large, noindex", true, false)]
    #[case("max-video-preview: 3, noindex", true, false)]
    #[case("unavailable_after: 25 Jun 2010 15:00:00 PST", false, false)]
    #[case(
        "unavailable_after: Fri, 25 Jun 2010 15:00:00 GMT, noindex",
        true,
        false
    )]
    fn a_robots_header_is_read(#[case] value: &str, #[case] noindex: bool, #[case] nofollow: bool) {
        assert_eq!(
            parse_robots_header(value, "crawlcast"),
            MetaRobots { noindex, nofollow }
        );
    }

    #[rstest]
    #[case("5; url=/next", Some("/next"))]
    #[case("0;URL='next page'", Some("next page"))]
    #[case("0, https://example.com/", Some("https://example.com/"))]
    #[case("0 url=/m0", Some("/m0"))]
    #[case("0;url='/m4' ;", Some("/m4"))]
    #[case("0; '/quoted", Some("/quoted"))]
    #[case("1.5 ,\tUrL = \"/x\"y", Some("/x"))]
    #[case("0; /plain", Some("/plain"))]
    #[case("0; urlx=/y", Some("urlx=/y"))]
    #[case("0url=/x", None)]
    #[case("; url=/x", None)]
    #[case("soon; url=/x", None)]
    #[case("5", None)]
    #[case("5; url=", None)]
    fn a_refresh_is_read(#[case] content: &str, #[case] target: Option<&str>) {
        assert_eq!(refresh_target(content), target);
    }
}
