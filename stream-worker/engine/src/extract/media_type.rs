//! The type of a document, from the head of its answer.

use data_url::mime::Mime;
use encoding_rs::Encoding;
use http::HeaderMap;
use http::header::CONTENT_TYPE;

/// The type of a document, and the encoding that its header declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MediaType {
    /// Decides by which parser the document is read.
    pub(crate) document: DocumentType,
    /// From the `charset` parameter.
    pub(crate) encoding: Option<&'static Encoding>,
}

/// Documents that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DocumentType {
    /// `text/html`.
    Html,
    /// `application/xhtml+xml`.
    Xhtml,
    /// `text/plain`.
    Text,
    /// `text/markdown`.
    Markdown,
    /// Not said, or nothing that a browser believes: the first characters decide.
    Unknown,
    /// Not read.
    Other,
}

impl MediaType {
    /// The type that a browser gives to an answer with these headers (Fetch, section "extract a MIME type"): the last that is one.
    #[must_use]
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let values = headers.get_all(CONTENT_TYPE).iter();
        let values: Vec<_> = values
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        let mut essence: Option<Mime> = None;
        let mut charset = None;
        for mime in values.iter().flat_map(|value| listed(value)) {
            let Ok(mime) = mime.parse::<Mime>() else {
                continue;
            };
            if mime.matches("*", "*") {
                continue;
            }
            let is_same = essence
                .as_ref()
                .is_some_and(|essence| mime.matches(&essence.type_, &essence.subtype));
            let declared = mime.get_parameter("charset").map(str::to_owned);
            charset = declared.or(charset.filter(|_| is_same));
            essence = Some(mime);
        }
        Self {
            document: essence
                .as_ref()
                .map_or(DocumentType::Unknown, document_type),
            encoding: charset.and_then(|label| Encoding::for_label(label.as_bytes())),
        }
    }
}

/// The types that MIME Sniffing takes for no type are found out like missing ones.
fn document_type(mime: &Mime) -> DocumentType {
    match (mime.type_.as_str(), mime.subtype.as_str()) {
        ("text", "html") => DocumentType::Html,
        ("application", "xhtml+xml") => DocumentType::Xhtml,
        ("text", "plain") => DocumentType::Text,
        ("text", "markdown" | "x-markdown") => DocumentType::Markdown,
        ("unknown" | "application", "unknown") => DocumentType::Unknown,
        _ => DocumentType::Other,
    }
}

/// The members of a list, as commas outside of quotes part them.
fn listed(value: &str) -> Vec<&str> {
    let (mut members, mut begin) = (Vec::new(), 0);
    let (mut is_quoted, mut is_escaped) = (false, false);
    for (at, byte) in value.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            b',' if !is_quoted => {
                members.push(&value[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    members.push(&value[begin..]);
    members
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use rstest::rstest;

    use super::DocumentType::{Html, Markdown, Other, Text, Unknown, Xhtml};
    use super::*;

    #[rstest]
    #[case(&["text/html"], Html, None)]
    #[case(&["text/html; charset=\"ISO-8859-1\""], Html, Some("windows-1252"))]
    #[case(&["text/html, text/html; charset=utf-8"], Html, Some("UTF-8"))]
    #[case(&["text/plain", "text/html; charset=utf-8"], Html, Some("UTF-8"))]
    #[case(&["text/html;charset=koi8-r", "text/html"], Html, Some("KOI8-R"))]
    #[case(&["text/plain;charset=koi8-r", "text/html"], Html, None)]
    #[case(&["text/html;charset=gbk, text/plain, text/html"], Html, None)]
    #[case(&["text/html;x=\",text/plain\""], Html, None)]
    #[case(&["text/html;x=\",text/plain,\""], Html, None)]
    #[case(&["text/html;x=\"\\\",text/plain,\""], Html, None)]
    #[case(&["text/html\\,text/plain"], Text, None)]
    #[case(&["text/html, */*"], Html, None)]
    #[case(&["TEXT/HTML ;Charset=UTF-8"], Html, Some("UTF-8"))]
    #[case(&["text/html charset=utf-8"], Unknown, None)]
    #[case(&["html"], Unknown, None)]
    #[case(&["*/*"], Unknown, None)]
    #[case(&["unknown/unknown"], Unknown, None)]
    #[case(&["application/unknown"], Unknown, None)]
    #[case(&[""], Unknown, None)]
    #[case(&[], Unknown, None)]
    #[case(&["application/xhtml+xml"], Xhtml, None)]
    #[case(&["text/plain; charset=utf-8"], Text, Some("UTF-8"))]
    #[case(&["text/markdown"], Markdown, None)]
    #[case(&["text/x-markdown"], Markdown, None)]
    #[case(&["application/octet-stream"], Other, None)]
    #[case(&["image/png"], Other, None)]
    fn a_type_is_the_one_that_a_browser_takes(
        #[case] values: &[&'static str],
        #[case] document: DocumentType,
        #[case] encoding: Option<&str>,
    ) {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(CONTENT_TYPE, HeaderValue::from_static(value));
        }
        let media_type = MediaType::of(&headers);
        assert_eq!(media_type.document, document);
        assert_eq!(media_type.encoding.map(Encoding::name), encoding);
    }
}
