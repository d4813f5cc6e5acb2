//! Targets that pages are written to, and the form of each.

use std::path::{Path, PathBuf};

/// A file, a directory or stdout that pages are written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct Target {
    /// Path as it was given.
    pub(in crate::cli) path: PathBuf,
    /// Form by the path's ending.
    pub(in crate::cli) form: Form,
}

/// The form of what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Form {
    /// One JSON object a line.
    Ndjson,
    /// RFC 4180, with a header line.
    Csv,
    /// A web archive, WARC 1.1, one gzip member a record.
    Warc,
    /// A directory with a Markdown file for each page.
    Tree,
    /// NDJSON on stdout.
    Stdout,
}

impl Target {
    /// Reads one `--output`.
    ///
    /// # Errors
    /// Says which endings there are.
    pub(in crate::cli) fn parse(text: &str) -> Result<Self, String> {
        let path = PathBuf::from(text);
        let form = if text == "-" {
            Form::Stdout
        } else if text.ends_with('/') || path.is_dir() {
            Form::Tree
        } else {
            form_of(&path).ok_or_else(|| {
                format!(
                    "--output {text}: its ending must say what is written: .ndjson, .csv, .warc.gz, or / for a directory"
                )
            })?
        };
        Ok(Self { path, form })
    }

    /// Reads all of them.
    ///
    /// # Errors
    /// As [`parse`](Self::parse); two must not be one.
    pub(in crate::cli) fn parse_all(texts: &[String]) -> Result<Vec<Self>, String> {
        let mut targets: Vec<Self> = Vec::new();
        for text in texts {
            let target = Self::parse(text)?;
            if targets.iter().any(|other| other.path == target.path) {
                return Err(format!("--output {text} is given twice"));
            }
            targets.push(target);
        }
        Ok(targets)
    }
}

fn form_of(path: &Path) -> Option<Form> {
    let name = path.file_name()?.to_str()?.to_ascii_lowercase();
    let endings = [
        (".ndjson", Form::Ndjson),
        (".csv", Form::Csv),
        (".warc.gz", Form::Warc),
    ];
    let mut forms = endings.iter();
    let form = forms.find(|(ending, _)| name.len() > ending.len() && name.ends_with(ending));
    form.map(|(_, form)| *form)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("-", Form::Stdout)]
    #[case("pages/", Form::Tree)]
    #[case(".", Form::Tree)]
    #[case("a/pages.ndjson", Form::Ndjson)]
    #[case("pages.CSV", Form::Csv)]
    #[case("pages.warc.gz", Form::Warc)]
    fn the_ending_says_the_form(#[case] text: &str, #[case] form: Form) {
        assert_eq!(Target::parse(text).unwrap().form, form);
    }

    #[rstest]
    #[case("pages")]
    #[case("pages.json")]
    #[case("pages.warc")]
    #[case(".csv")]
    fn another_ending_is_refused_with_those_there_are(#[case] text: &str) {
        assert!(
            Target::parse(text)
                .unwrap_err()
                .contains(".ndjson, .csv, .warc.gz")
        );
    }
}
