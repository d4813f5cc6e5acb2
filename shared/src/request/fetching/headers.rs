//! The `headers` of a request, and those of a webhook.

use http::header::{self, HeaderName};

use super::entries::{MAX_NAME_CHARS, is_printable, is_token, pointer, read_entries};
use super::objections::{objection, webhook_objection};
use crate::request::fields::Fields;
use crate::request::{NamedSecrets, Secret};

/// Reads the field `headers` of a request. A `Cookie` header is taken apart into its cookies.
pub(in crate::request) fn read_headers(
    fields: &mut Fields,
) -> (NamedSecrets, Option<NamedSecrets>) {
    let (mut headers, mut cookies) = (NamedSecrets::default(), None);
    let value = fields.take("headers");
    read_entries(
        fields,
        "headers",
        value,
        "an object of names and values",
        |name, secret, fields| {
            let pointer = pointer("headers", name);
            let Some((header, secret)) = header_of(fields, &pointer, name, secret, objection)
            else {
                return;
            };
            match secret.reveal() {
                Some(text) if header == header::COOKIE => {
                    cookies = cookies_of(fields, &pointer, text);
                }
                _ => add(fields, &mut headers, pointer, &header, secret),
            }
        },
    );
    (headers, cookies)
}

/// Reads the field `headers` of a webhook.
pub(in crate::request) fn read_webhook_headers(fields: &mut Fields) -> NamedSecrets {
    let mut headers = NamedSecrets::default();
    let value = fields.take("headers");
    read_entries(
        fields,
        "headers",
        value,
        "an object of names and values",
        |name, secret, fields| {
            let pointer = pointer("headers", name);
            let read = header_of(fields, &pointer, name, secret, webhook_objection);
            if let Some((header, secret)) = read {
                add(fields, &mut headers, pointer, &header, secret);
            }
        },
    );
    headers
}

/// A header's name and value, if a request may set it.
fn header_of(
    fields: &mut Fields,
    pointer: &str,
    name: &str,
    secret: Option<Secret>,
    objection: fn(&HeaderName) -> Option<&'static str>,
) -> Option<(HeaderName, Secret)> {
    let header = HeaderName::from_bytes(name.as_bytes()).ok();
    let Some(header) = header.filter(|_| name.len() <= MAX_NAME_CHARS) else {
        let detail = format!(
            "is not a header's name of at most {MAX_NAME_CHARS} characters, such as Authorization"
        );
        fields.fault(pointer, "invalid", detail);
        return None;
    };
    if let Some(objection) = objection(&header) {
        fields.fault(pointer, "notPermitted", objection);
        return None;
    }
    let secret = secret?;
    if secret.reveal().is_some_and(|text| !is_printable(text)) {
        let detail = "must have printable ASCII characters only, and no space at its ends";
        fields.fault(pointer, "invalid", detail);
        return None;
    }
    Some((header, secret))
}

fn add(
    fields: &mut Fields,
    headers: &mut NamedSecrets,
    pointer: String,
    header: &HeaderName,
    secret: Secret,
) {
    if !headers.insert(header.as_str().to_owned(), secret) {
        fields.fault(
            pointer,
            "conflict",
            "is there in another case as well: give it once",
        );
    }
}

/// The cookies of a `Cookie` header.
fn cookies_of(fields: &mut Fields, pointer: &str, text: &str) -> Option<NamedSecrets> {
    let mut cookies = NamedSecrets::default();
    for pair in text
        .split(';')
        .map(str::trim)
        .filter(|pair| !pair.is_empty())
    {
        let (name, value) = pair.split_once('=').unwrap_or_default();
        let is_new = cookies.insert(name.to_owned(), Secret::new(value.to_owned()));
        if !is_token(name) || !is_new {
            fields.fault(
                pointer,
                "invalid",
                "must be cookies such as `sid=1; theme=dark`, each name once",
            );
            return None;
        }
    }
    Some(cookies)
}
