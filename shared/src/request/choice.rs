//! Fields whose value is one of a few words.

use serde::{Deserialize, Serialize};

/// A field with a fixed set of words.
pub(super) trait Choice: Copy + 'static {
    /// Every word with what it stands for.
    const WORDS: &'static [(&'static str, Self)];
}

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        // Not a `rename` for each: the OpenAPI document would not see a literal that a macro has matched.
        #[serde(rename_all = "camelCase")]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl Choice for $name {
            const WORDS: &'static [(&'static str, Self)] = &[$(($word, Self::$variant)),+];
        }
    };
}

choice! {
    /// URLs that belong to a crawl, by their distance from the start pages.
    Scope {
        /// The start pages only.
        Page = "page",
        /// URLs whose path begins with a start page's directory.
        Prefix = "prefix",
        /// URLs on a start page's host.
        Host = "host",
        /// URLs on a start page's registrable domain, subdomains included.
        Domain = "domain",
        /// Every URL, on any host.
        Any = "any",
    }
}

choice! {
    /// Use of the sites' sitemaps for finding URLs.
    SitemapMode {
        /// Sitemaps are not read.
        Skip = "skip",
        /// Their URLs are crawled as well as links.
        Include = "include",
        /// Their URLs are crawled, and links are not followed.
        Only = "only",
    }
}

choice! {
    /// A kind of content that can be extracted from a page.
    Format {
        /// Metadata of the page: title, description, language, Open Graph, JSON-LD, headings and more.
        Metadata = "metadata",
        /// The page's links.
        Links = "links",
        /// URLs of its pictures.
        Images = "images",
        /// Its main content as Markdown.
        Markdown = "markdown",
        /// Its text.
        Text = "text",
        /// Its HTML, decoded to UTF-8; without what `includeTags` and `excludeTags` take from it.
        Html = "html",
        /// Its HTML, decoded to UTF-8, whatever else the request says.
        RawHtml = "rawHtml",
        /// Its main content as HTML without scripts, styles and forms.
        CleanHtml = "cleanHtml",
    }
}

choice! {
    /// An event of the log, by its name.
    EventKind {
        /// The first attempt began.
        Started = "started",
        /// A page was fetched, or could not be.
        Progress = "progress",
        /// A URL in scope was refused.
        Skipped = "skipped",
        /// Something about the crawl as a whole.
        Notice = "notice",
        /// Another attempt took the job over.
        Resumed = "resumed",
        /// It ended by itself.
        Done = "done",
        /// It was stopped.
        Cancelled = "cancelled",
        /// It could not go on.
        Failed = "failed",
    }
}

impl EventKind {
    /// The terminal events: a job has one of them, as its last event.
    pub(super) const TERMINAL: [Self; 3] = [Self::Done, Self::Cancelled, Self::Failed];

    /// The event's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        let is_it = |(_, kind): &&(&str, Self)| *kind == self;
        Self::WORDS.iter().find(is_it).map_or("", |(name, _)| name)
    }
}

choice! {
    /// The shape of a webhook's posts.
    WebhookForm {
        /// Events as on the stream, many in one post.
        Events = "events",
        /// As Firecrawl posts those of a crawl.
        Firecrawl = "firecrawl",
        /// As Firecrawl posts those of a batch.
        FirecrawlBatch = "firecrawlBatch",
    }
}

choice! {
    /// Fate of a job that has been watched and that nobody watches any more.
    OnDisconnect {
        /// It is cancelled after a grace period.
        Cancel = "cancel",
        /// It goes on.
        Continue = "continue",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<C: Choice + Serialize>() {
        for (word, choice) in C::WORDS {
            assert_eq!(serde_json::to_value(choice).unwrap(), *word);
        }
    }

    #[test]
    fn each_choice_is_written_as_the_word_that_is_read() {
        check::<Scope>();
        check::<SitemapMode>();
        check::<Format>();
        check::<EventKind>();
        check::<OnDisconnect>();
    }
}
