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
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)+
        }

        impl Choice for $name {
            const WORDS: &'static [(&'static str, Self)] = &[$(($word, Self::$variant)),+];
        }
    };
}

choice! {
    /// How far from the start pages a crawl may go.
    Scope {
        /// The start pages only.
        Page = "page",
        /// URLs whose path begins with a start page's directory.
        Prefix = "prefix",
        /// URLs on a start page's host.
        Host = "host",
        /// URLs on a start page's registrable domain, subdomains included.
        Domain = "domain",
        /// Everywhere.
        Any = "any",
    }
}

choice! {
    /// What part sitemaps play in discovery.
    SitemapMode {
        /// None.
        Skip = "skip",
        /// Their URLs are crawled as well as links.
        Include = "include",
        /// Their URLs are crawled, and links are not followed.
        Only = "only",
    }
}

choice! {
    /// What a page's result may hold.
    Format {
        /// Description, language, canonical URL.
        Metadata = "metadata",
        /// The page's links.
        Links = "links",
        /// Its main content as Markdown.
        Markdown = "markdown",
        /// Its text.
        Text = "text",
        /// Its HTML, decoded to UTF-8.
        Html = "html",
    }
}

choice! {
    /// What happens to a job that has been watched when nobody watches it any more.
    OnDisconnect {
        /// It is cancelled after a grace period.
        Cancel = "cancel",
        /// It goes on.
        Continue = "continue",
    }
}
