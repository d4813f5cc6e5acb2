//! Passes over what is neither tag nor text: comments, declarations, quoted text (HTML, sections "markup declaration open state" to
//! "CDATA section end state").

use memchr::memchr;

/// A part of a page that is neither a tag nor text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Skipped {
    /// `<!-- … -->`
    Comment,
    /// `<!doctype …>`, `<?xml …>` and all else that ends with the next `>`.
    Declaration,
    /// `<![CDATA[ … ]]>`, in drawings and formulas.
    Quoted,
}

/// The beginning of such a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opening {
    /// It has this length, and goes on.
    Of(Skipped, usize),
    /// It has this length, and is over.
    Whole(usize),
    /// Its kind cannot be told before the next piece.
    Cut,
}

/// The end of such a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// It goes up to here.
    At(usize),
    /// It goes on, and what stands from here on may be a part of its end.
    CutAt(usize),
}

impl Skipped {
    /// Reads the beginning, behind its `<`. No more bytes follow the `last`.
    pub(super) fn open(bytes: &[u8], is_foreign: bool, last: bool) -> Opening {
        const QUOTE: &[u8] = b"![CDATA[";
        let is_cut = |whole: &[u8]| !last && bytes.len() < whole.len() && whole.starts_with(bytes);
        if is_foreign && bytes.starts_with(QUOTE) {
            return Opening::Of(Self::Quoted, QUOTE.len());
        }
        for whole in [b"!-->".as_slice(), b"!--->"] {
            if bytes.starts_with(whole) {
                return Opening::Whole(whole.len());
            }
        }
        if is_cut(b"!-->") || is_cut(b"!--->") || (is_foreign && is_cut(QUOTE)) {
            return Opening::Cut;
        }
        if bytes.starts_with(b"!--") {
            return Opening::Of(Self::Comment, 3);
        }
        Opening::Of(Self::Declaration, 1)
    }

    /// The bytes before the `>` at its end.
    const fn ends(self) -> &'static [&'static [u8]] {
        match self {
            Self::Comment => &[b"--", b"--!"],
            Self::Declaration => &[b""],
            Self::Quoted => &[b"]]"],
        }
    }

    /// Looks for the end from `start` on.
    pub(super) fn end(self, bytes: &[u8], start: usize) -> End {
        let mut at = start;
        while let Some(found) = memchr(b'>', &bytes[at..]) {
            at += found + 1;
            let before = &bytes[start..at - 1];
            if self.ends().iter().any(|end| before.ends_with(end)) {
                return End::At(at);
            }
        }
        let rest = &bytes[start..];
        let cut = self.ends().iter().flat_map(|end| {
            let lengths = 1..=end.len();
            lengths.filter(|length| rest.ends_with(&end[..*length]))
        });
        End::CutAt(bytes.len() - cut.max().unwrap_or_default())
    }
}
