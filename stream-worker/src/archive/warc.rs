//! Records of WARC 1.1, each a gzip member of its own, as readers that seek in archives need it.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use http::StatusCode;
use sha1::{Digest, Sha1};
use shared::Timestamp;
use url::{Position, Url};
use uuid::Uuid;

use super::spool::Kept;

/// Headers that speak of the bytes on the wire. An archive holds the decoded body, so they are kept under another name.
const OF_THE_WIRE: [&str; 3] = ["content-encoding", "content-length", "transfer-encoding"];

/// Prefix of the name under which a header of the wire is kept, as other archivers have it.
const ORIGINAL: &str = "x-archive-orig-";

/// Records of one exchange: the answer, and the request beside it.
pub(crate) struct WarcExchange {
    /// Both records, compressed.
    pub(crate) bytes: Vec<u8>,
    /// Target of the redirect, if the answer is one.
    pub(crate) location: Option<Url>,
}

/// The first record of an archive, which says who wrote it.
pub(crate) fn warc_info(at: Timestamp) -> Vec<u8> {
    let block = concat!(
        "software: crawlcast/",
        env!("CARGO_PKG_VERSION"),
        "\r\nformat: WARC File Format 1.1\r\n",
        "conformsTo: https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n"
    );
    let mut record = Record::new("warcinfo", at, "application/warc-fields");
    record.block(block.as_bytes());
    record.compressed()
}

/// The records of an answer and its request.
pub(crate) fn warc_exchange(kept: &Kept, body: &[u8]) -> WarcExchange {
    let mut response = Record::new("response", kept.at, "application/http; msgtype=response");
    response.header("WARC-Target-URI", &kept.url);
    response.header("WARC-Payload-Digest", &digest(&[body]));
    if body.is_empty() && announced_length(kept) != Some(0) && has_body(kept.status) {
        // A crawl does not read the bodies of redirects and errors.
        response.header("WARC-Truncated", "unspecified");
    }
    let head = answer_head(kept, body.len());
    response.block_of(&[&head, body]);

    let mut request = Record::new("request", kept.at, "application/http; msgtype=request");
    request.header("WARC-Target-URI", &kept.url);
    request.header("WARC-Concurrent-To", &response.id);
    request.block(&request_head(kept));

    let mut bytes = response.compressed();
    bytes.extend(request.compressed());
    WarcExchange {
        bytes,
        location: location(kept),
    }
}

/// One record that is being written.
struct Record {
    id: String,
    text: Vec<u8>,
}

impl Record {
    fn new(kind: &str, at: Timestamp, content_type: &str) -> Self {
        let id = format!("<urn:uuid:{}>", Uuid::new_v4());
        let mut record = Self {
            id: id.clone(),
            text: b"WARC/1.1\r\n".to_vec(),
        };
        record.header("WARC-Type", kind);
        record.header("WARC-Record-ID", &id);
        record.header("WARC-Date", &at.to_string());
        record.header("Content-Type", content_type);
        record
    }

    fn header(&mut self, name: &str, value: &str) {
        self.text
            .extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }

    fn block(&mut self, block: &[u8]) {
        self.block_of(&[block]);
    }

    fn block_of(&mut self, parts: &[&[u8]]) {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        self.header("WARC-Block-Digest", &digest(parts));
        self.header("Content-Length", &length.to_string());
        self.text.extend_from_slice(b"\r\n");
        for part in parts {
            self.text.extend_from_slice(part);
        }
        self.text.extend_from_slice(b"\r\n\r\n");
    }

    fn compressed(&self) -> Vec<u8> {
        let mut member = GzEncoder::new(Vec::new(), Compression::default());
        member
            .write_all(&self.text)
            .and_then(|()| member.finish())
            .expect("a vector takes every byte")
    }
}

/// SHA-1 in base 32, as readers of archives expect it.
fn digest(parts: &[&[u8]]) -> String {
    const DIGITS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut hash = Sha1::new();
    for part in parts {
        hash.update(part);
    }
    let mut text = String::from("sha1:");
    // Five bytes are eight digits, and a hash is four times five.
    for five in hash.finalize().as_slice().chunks(5) {
        let bits = five
            .iter()
            .fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
        let digit = |place: u32| {
            let digit = (bits >> (5 * place)) & 31;
            DIGITS[usize::try_from(digit).expect("five bits fit")]
        };
        text.extend((0..8).rev().map(|place| char::from(digit(place))));
    }
    text
}

fn answer_head(kept: &Kept, length: usize) -> Vec<u8> {
    let reason = StatusCode::from_u16(kept.status).ok();
    let reason = reason.and_then(|status| status.canonical_reason());
    let mut head = format!(
        "HTTP/1.1 {} {}\r\n",
        kept.status,
        reason.unwrap_or_default()
    );
    for (name, value) in &kept.headers {
        if OF_THE_WIRE.contains(&name.as_str()) {
            head.push_str(ORIGINAL);
        }
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {length}\r\n\r\n"));
    head.into_bytes()
}

fn request_head(kept: &Kept) -> Vec<u8> {
    let url = Url::parse(&kept.url).ok();
    let (target, host) = url.as_ref().map_or(("/", ""), |url| {
        let host = &url[Position::BeforeHost..Position::AfterPort];
        (&url[Position::BeforePath..Position::AfterQuery], host)
    });
    let mut head = format!("GET {target} HTTP/1.1\r\nhost: {host}\r\n");
    for (name, value) in &kept.request {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    head.into_bytes()
}

fn value<'a>(kept: &'a Kept, wanted: &str) -> Option<&'a str> {
    let mut headers = kept.headers.iter();
    let found = headers.find(|(name, _)| name == wanted);
    found.map(|(_, value)| value.as_str())
}

fn announced_length(kept: &Kept) -> Option<u64> {
    value(kept, "content-length")?.trim().parse().ok()
}

/// False for statuses whose answers have no body (RFC 9110, section 6.4.1).
const fn has_body(status: u16) -> bool {
    !matches!(status, 204 | 304)
}

fn location(kept: &Kept) -> Option<Url> {
    let is_redirect = (300..400).contains(&kept.status);
    let location = value(kept, "location").filter(|_| is_redirect)?;
    let mut target = Url::parse(&kept.url).ok()?.join(location).ok()?;
    target.set_fragment(None);
    Some(target)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::bufread::GzDecoder;

    use super::*;

    fn kept(status: u16, headers: &[(&str, &str)]) -> Kept {
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Kept {
            url: "https://a.example/x?y".to_owned(),
            at: Timestamp::from_millis(0),
            request: vec![("user-agent".to_owned(), "crawlcast/1".to_owned())],
            status,
            headers: headers.iter().map(pair).collect(),
        }
    }

    /// The records, each from a gzip member of its own.
    fn records(mut bytes: &[u8]) -> Vec<String> {
        let mut records = Vec::new();
        while !bytes.is_empty() {
            let mut text = String::new();
            GzDecoder::new(&mut bytes)
                .read_to_string(&mut text)
                .unwrap();
            records.push(text);
        }
        records
    }

    #[test]
    fn an_exchange_is_two_records_with_the_body_as_it_was_read() {
        let answer = kept(
            200,
            &[("content-encoding", "gzip"), ("content-length", "7")],
        );
        let exchange = warc_exchange(&answer, b"hello");
        let [response, request] = &records(&exchange.bytes)[..] else {
            panic!("two members");
        };
        assert!(response.starts_with("WARC/1.1\r\nWARC-Type: response\r\n"));
        assert!(response.contains("WARC-Date: 1970-01-01T00:00:00"));
        // `printf hello | sha1sum`, in base 32.
        assert!(
            response.contains("WARC-Payload-Digest: sha1:VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2N\r\n")
        );
        assert!(response.ends_with(
            "\r\n\r\nHTTP/1.1 200 OK\r\nx-archive-orig-content-encoding: gzip\r\n\
             x-archive-orig-content-length: 7\r\ncontent-length: 5\r\n\r\nhello\r\n\r\n"
        ));
        assert!(request.contains("WARC-Type: request\r\n"));
        assert!(request.ends_with(
            "GET /x?y HTTP/1.1\r\nhost: a.example\r\nuser-agent: crawlcast/1\r\n\r\n\r\n\r\n"
        ));
    }

    #[test]
    fn a_body_that_was_not_read_is_said_to_be_cut_and_a_redirect_leads_on() {
        let exchange = warc_exchange(&kept(301, &[("location", "../z#part")]), b"");
        assert!(records(&exchange.bytes)[0].contains("WARC-Truncated: unspecified\r\n"));
        assert_eq!(exchange.location.unwrap().as_str(), "https://a.example/z");
        let empty = warc_exchange(&kept(200, &[("content-length", "0")]), b"");
        assert!(!records(&empty.bytes)[0].contains("WARC-Truncated"));
        assert!(empty.location.is_none());
    }
}
