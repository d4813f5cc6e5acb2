//! Options for sites that want to know who asks: headers and cookies of the user.

use std::convert::Infallible;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

use anyhow::Context;
use clap::Args;
use serde_json::{Map, Value, json};

use super::exit::Failure;
use super::input;
use crate::config::{request_cookies, request_headers};

/// Headers and cookies for the start pages' origins.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "On behalf of a user")]
pub(super) struct FetchingOptions {
    /// A header for the origins of the start pages, as in 'Authorization: Bearer …'; or a file of them, one a line, as in @FILE (@- is
    /// stdin). May be repeated. Others see the command lines of a machine: a secret belongs in a file, or in the environment
    /// variable CRAWLCAST_HEADERS, one a line.
    #[arg(long, value_name = "HEADER|@FILE")]
    header: Vec<SecretArgument>,

    /// A cookie for the same origins, as in sid=1; or a file of them, as in @FILE. May be repeated. A secret belongs in a file, or in
    /// the environment variable CRAWLCAST_COOKIES.
    #[arg(long, value_name = "NAME=VALUE|@FILE")]
    cookie: Vec<SecretArgument>,

    /// Keep no cookies that sites set, beyond a chain of redirects.
    #[arg(long, conflicts_with = "cookie")]
    no_cookies: bool,

    /// A further origin that gets these headers and cookies, as in https://login.example.com. May be repeated.
    #[arg(long, value_name = "ORIGIN")]
    headers_for: Vec<String>,
}

/// An argument that is not printed.
#[derive(Clone)]
struct SecretArgument(String);

impl FromStr for SecretArgument {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for SecretArgument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// Syntax of one kind of secrets: headers or cookies.
struct Form {
    option: &'static str,
    /// Character between two of them, beside line breaks.
    between: Option<char>,
    /// Character between a name and its value.
    after_name: char,
    example: &'static str,
}

const HEADERS: Form = Form {
    option: "--header",
    between: None,
    after_name: ':',
    example: "NAME: VALUE, as in 'Accept-Language: de'",
};

const COOKIES: Form = Form {
    option: "--cookie",
    between: Some(';'),
    after_name: '=',
    example: "NAME=VALUE, as in sid=1",
};

impl FetchingOptions {
    /// Puts what is given in the place of a request's fields.
    ///
    /// # Errors
    /// A file cannot be read, or something is no header or cookie. The text is not repeated.
    pub(super) fn add_to(&self, fields: &mut Map<String, Value>) -> Result<(), Failure> {
        let headers = HEADERS.read(request_headers(), &self.header)?;
        let cookies = COOKIES.read(request_cookies(), &self.cookie)?;
        if !headers.is_empty() {
            fields.insert("headers".to_owned(), Value::Object(headers));
        }
        if self.no_cookies {
            fields.insert("cookies".to_owned(), json!(false));
        } else if !cookies.is_empty() {
            fields.insert("cookies".to_owned(), Value::Object(cookies));
        }
        if !self.headers_for.is_empty() {
            fields.insert("headersFor".to_owned(), json!(self.headers_for));
        }
        Ok(())
    }
}

impl Form {
    /// Names and values of the environment and of the arguments; of two with one name, the later one.
    fn read(
        &self,
        environment: Option<String>,
        arguments: &[SecretArgument],
    ) -> Result<Map<String, Value>, Failure> {
        let mut entries = Map::new();
        let mut texts: Vec<String> = environment.into_iter().collect();
        for SecretArgument(text) in arguments {
            texts.push(match text.strip_prefix('@') {
                None => text.clone(),
                Some(file) => read_text(file)?,
            });
        }
        let is_between = |letter: char| letter == '\n' || Some(letter) == self.between;
        let lines = texts.iter().flat_map(|text| text.split(is_between));
        for line in lines.map(str::trim).filter(|line| !line.is_empty()) {
            let Some((name, value)) = line.split_once(self.after_name) else {
                return Err(Failure::Usage(format!(
                    "{} must be {}, or @FILE",
                    self.option, self.example
                )));
            };
            entries.insert(name.trim().to_owned(), json!(value.trim()));
        }
        Ok(entries)
    }
}

fn read_text(file: &str) -> Result<String, Failure> {
    let bytes = input::read(Path::new(file)).with_context(|| format!("could not read {file}"))?;
    String::from_utf8(bytes).map_err(|_error| Failure::Usage(format!("{file} must be UTF-8")))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        options: FetchingOptions,
    }

    fn fields(arguments: &[&str]) -> Result<Value, Failure> {
        let line = Line::parse_from(["crawl"].iter().chain(arguments));
        let mut fields = Map::new();
        line.options.add_to(&mut fields)?;
        Ok(Value::Object(fields))
    }

    #[test]
    fn headers_and_cookies_come_from_arguments_and_from_files() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("headers");
        std::fs::write(&file, "Authorization: Bearer a:b\n\nX-Empty:\r\n").unwrap();
        let file = format!("@{}", file.display());
        let fields = fields(&[
            "--header",
            &file,
            "--header",
            "X-A: 1",
            "--cookie",
            "sid=a=b; theme=dark",
            "--cookie",
            "sid=2",
            "--headers-for",
            "https://b.example",
        ]);
        assert_eq!(
            fields.unwrap(),
            json!({"headers": {"Authorization": "Bearer a:b", "X-Empty": "", "X-A": "1"},
                "cookies": {"sid": "2", "theme": "dark"}, "headersFor": ["https://b.example"]})
        );
    }

    #[test]
    fn without_options_a_request_stays_as_it_is() {
        assert_eq!(fields(&[]).unwrap(), json!({}));
        assert_eq!(
            fields(&["--no-cookies"]).unwrap(),
            json!({"cookies": false})
        );
    }

    #[test]
    fn a_secret_is_not_repeated() {
        for arguments in [
            ["--header", "not-to-be-seen"],
            ["--cookie", "not-to-be-seen"],
        ] {
            let failure = fields(&arguments).unwrap_err().to_string();
            assert!(
                failure.contains(arguments[0]) && !failure.contains("not-to-be-seen"),
                "{failure}"
            );
            let line = Line::parse_from(["crawl"].iter().chain(&arguments));
            assert!(!format!("{line:?}").contains("not-to-be-seen"));
        }
    }
}
