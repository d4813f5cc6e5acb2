//! The lines of a robots.txt (RFC 9309, section 2.2).
//!
//! It owns what a line says by itself; which group it belongs to is the rules' business. As lenient as the files are:
//! the usual misspellings, a blank where the colon should be, any end of line, a byte order mark that is not whole.

/// Bytes of a line that are read: eight times the longest URL that browsers of old would take, as others have it.
const MAX_LINE: usize = 16_663;
const BYTE_ORDER_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

/// One line that matters to a crawler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// `User-agent`: the group is for this product token, among others.
    Agent(&'a [u8]),
    /// `User-agent: *`: the group is for every robot without one of its own.
    Everyone,
    /// `Allow`: paths of this pattern may be asked for.
    Allow(&'a [u8]),
    /// `Disallow`: paths of this pattern must not be asked for.
    Disallow(&'a [u8]),
    /// Seconds between requests. Not in the RFC, and in many files.
    CrawlDelay(&'a [u8]),
    /// `Sitemap`: a URL, or a path in many files.
    Sitemap(&'a [u8]),
}

/// The lines of `file` that matter to a crawler.
pub(crate) fn lines(file: &[u8]) -> impl Iterator<Item = Line<'_>> {
    without_mark(file)
        .split(|byte| matches!(byte, b'\n' | b'\r'))
        .filter_map(|line| read(&line[..line.len().min(MAX_LINE)]))
}

/// The file without its byte order mark. Each of the mark's bytes may be there or not: files lose some of them on the way.
fn without_mark(mut file: &[u8]) -> &[u8] {
    for byte in BYTE_ORDER_MARK {
        match file.strip_prefix(&[byte]) {
            Some(rest) => file = rest,
            None => break,
        }
    }
    file
}

fn read(line: &[u8]) -> Option<Line<'_>> {
    let end = line.iter().position(|&byte| byte == b'#');
    let (name, value) = name_and_value(line[..end.unwrap_or(line.len())].trim_ascii())?;
    let is = |names: &[&str]| {
        names
            .iter()
            .any(|one| name.eq_ignore_ascii_case(one.as_bytes()))
    };
    if is(&["user-agent", "useragent", "user agent"]) {
        agent(value)
    } else if is(&["allow"]) {
        Some(Line::Allow(value))
    } else if is(&[
        "disallow",
        "dissallow",
        "dissalow",
        "disalow",
        "diasllow",
        "disallaw",
    ]) {
        Some(Line::Disallow(value))
    } else if is(&["crawl-delay", "crawldelay"]) {
        Some(Line::CrawlDelay(value))
    } else if is(&["sitemap", "site-map"]) {
        Some(Line::Sitemap(value))
    } else {
        None
    }
}

/// The text before the colon and the text behind it. Without a colon, two words are a name and its value.
fn name_and_value(line: &[u8]) -> Option<(&[u8], &[u8])> {
    if let Some(colon) = line.iter().position(|&byte| byte == b':') {
        return Some((line[..colon].trim_ascii(), line[colon + 1..].trim_ascii()));
    }
    let blank = line.iter().position(u8::is_ascii_whitespace)?;
    let (name, value) = (&line[..blank], line[blank..].trim_ascii());
    (!value.iter().any(u8::is_ascii_whitespace)).then_some((name, value))
}

/// The robot that a group is for. A version or further words behind the product token are no part of it.
fn agent(value: &[u8]) -> Option<Line<'_>> {
    if value == b"*"
        || value
            .strip_prefix(b"*")
            .is_some_and(|rest| rest[0].is_ascii_whitespace())
    {
        return Some(Line::Everyone);
    }
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let end = value.iter().position(|byte| !is_token(byte));
    Some(Line::Agent(&value[..end.unwrap_or(value.len())]))
}
