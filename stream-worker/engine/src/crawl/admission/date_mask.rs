//! Dates in URLs, masked: what a calendar's pages have in common.

/// The text with each date (`2026-11`, `2026/11/23`) masked, and the year that is furthest from the year `present`.
pub(crate) fn mask_dates(text: &str, present: u32) -> (String, Option<u32>) {
    let mut masked = String::with_capacity(text.len());
    let mut strangest: Option<u32> = None;
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        masked.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some((year, length)) = date_at(rest) {
            masked.push_str("(date)");
            let distance = |year: u32| year.abs_diff(present);
            if strangest.is_none_or(|known| distance(year) > distance(known)) {
                strangest = Some(year);
            }
            rest = &rest[length..];
        } else {
            let digits = digits_at(rest);
            masked.push_str(&rest[..digits]);
            rest = &rest[digits..];
        }
    }
    masked.push_str(rest);
    (masked, strangest)
}

/// A year and month, perhaps a day, at the start of `text`: the year and the length of it all.
fn date_at(text: &str) -> Option<(u32, usize)> {
    if digits_at(text) != 4 {
        return None;
    }
    let year = text[..4].parse().ok()?;
    let separator = text[4..]
        .chars()
        .next()
        .filter(|c| matches!(c, '-' | '/'))?;
    let month = digits_at(&text[5..]);
    if !(1..=2).contains(&month) || !(1..=12).contains(&text[5..5 + month].parse::<u32>().ok()?) {
        return None;
    }
    let end = 5 + month;
    let day = text[end..].strip_prefix(separator).map_or(0, digits_at);
    let length = if (1..=2).contains(&day) {
        end + 1 + day
    } else {
        end
    };
    Some((year, length))
}

fn digits_at(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("/2026/11/23/x", "/(date)/x", Some(2026))]
    #[case("/day?d=2026-11-23&e=7001-1", "/day?d=(date)&e=(date)", Some(7001))]
    #[case("/2026-11", "/(date)", Some(2026))]
    #[case("/2026/11/x", "/(date)/x", Some(2026))]
    #[case("/2026/13", "/2026/13", None)]
    #[case("/12026-11", "/12026-11", None)]
    #[case("/issn/2049-3630", "/issn/2049-3630", None)]
    #[case("/2026", "/2026", None)]
    #[case("/2026-", "/2026-", None)]
    #[case("/2026.11", "/2026.11", None)]
    #[case("/2026/011", "/2026/011", None)]
    #[case("/2026/00", "/2026/00", None)]
    #[case("/2026/12/x", "/(date)/x", Some(2026))]
    #[case("/2026/11/123/x", "/(date)/123/x", Some(2026))]
    #[case("/2026/11-23", "/(date)-23", Some(2026))]
    fn dates_are_masked_and_other_numbers_are_not(
        #[case] text: &str,
        #[case] masked: &str,
        #[case] year: Option<u32>,
    ) {
        assert_eq!(mask_dates(text, 2026), (masked.to_owned(), year));
    }

    #[rstest]
    #[case(1930, 2101)]
    #[case(2090, 1905)]
    fn the_strangest_of_two_years_depends_on_the_present(#[case] present: u32, #[case] year: u32) {
        let (_, strangest) = mask_dates("/1905-01/2101-01", present);
        assert_eq!(strangest, Some(year));
    }
}
