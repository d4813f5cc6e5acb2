//! The marks of list items.

/// Marks of a list. Two lists that follow each other have different ones, or they would be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Marker {
    Dash,
    Star,
    Dot(u32),
    Bracket(u32),
}

impl Marker {
    pub(super) fn text(self) -> String {
        match self {
            Self::Dash => "- ".to_owned(),
            Self::Star => "* ".to_owned(),
            Self::Dot(number) => format!("{number}. "),
            Self::Bracket(number) => format!("{number}) "),
        }
    }

    /// That of a list which follows one with `before`.
    pub(super) fn after(self, before: Option<Self>) -> Self {
        match (self, before) {
            (Self::Dash, Some(Self::Dash)) => Self::Star,
            (Self::Dot(number), Some(Self::Dot(_))) => Self::Bracket(number),
            (own, _) => own,
        }
    }

    pub(super) fn numbered(self, value: Option<u32>) -> Self {
        match self {
            Self::Dot(number) => Self::Dot(value.unwrap_or(number)),
            Self::Bracket(number) => Self::Bracket(value.unwrap_or(number)),
            Self::Dash | Self::Star => self,
        }
    }

    /// That of the next item.
    pub(super) fn next(self) -> Self {
        match self {
            Self::Dot(number) => Self::Dot((number + 1).min(MAX_NUMBER)),
            Self::Bracket(number) => Self::Bracket((number + 1).min(MAX_NUMBER)),
            Self::Dash | Self::Star => self,
        }
    }
}

/// The largest number that CommonMark takes for an item's.
pub(super) const MAX_NUMBER: u32 = 999_999_999;
