//! The pictures of a page, each once, in document order.

use hashbrown::HashSet;

use super::links::References;

/// Pictures of one page that are kept.
const MAX_PICTURES: usize = 2_000;
/// Bytes of a reference. What is longer is no URL but the picture itself.
const MAX_REFERENCE: usize = 8 * 1024;

/// References as they are written, each once.
#[derive(Default)]
pub(super) struct Pictures {
    written: Vec<Box<str>>,
    known: HashSet<Box<str>>,
}

impl Pictures {
    pub(super) fn add(&mut self, reference: &str) {
        let reference = reference.trim_ascii();
        let is_data = || {
            reference
                .get(..5)
                .is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"))
        };
        if reference.is_empty()
            || reference.len() > MAX_REFERENCE
            || is_data()
            || self.written.len() >= MAX_PICTURES
        {
            return;
        }
        if self.known.insert(reference.into()) {
            self.written.push(reference.into());
        }
    }

    /// Adds the references of a set (HTML, section "srcset attributes").
    pub(super) fn add_set(&mut self, set: &str) {
        let mut rest = set;
        loop {
            rest = rest.trim_start_matches(|next: char| next.is_ascii_whitespace() || next == ',');
            if rest.is_empty() {
                return;
            }
            let end = rest.find(|next: char| next.is_ascii_whitespace());
            let (reference, after) = rest.split_at(end.unwrap_or(rest.len()));
            let bare = reference.trim_end_matches(',');
            self.add(bare);
            // A reference that a comma ends has no descriptor.
            rest = if bare.len() < reference.len() {
                after
            } else {
                after_descriptor(after)
            };
        }
    }

    /// Their URLs: http and https only, each once.
    pub(super) fn finish(self, references: &References) -> Vec<String> {
        let mut known = HashSet::new();
        let urls = self.written.iter().filter_map(|written| {
            let url = String::from(references.resolve(written)?);
            known.insert(url.clone()).then_some(url)
        });
        urls.collect()
    }
}

/// The rest of the list after the comma behind a descriptor, which may have commas in parentheses.
fn after_descriptor(rest: &str) -> &str {
    let mut depth = 0_u32;
    let end = rest.find(|next: char| {
        match next {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        next == ',' && depth == 0
    });
    end.map_or("", |end| &rest[end + 1..])
}
