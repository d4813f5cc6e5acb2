//! The text of a page by the elements that lay it out: which stand on lines of their own, show white space, hide what they hold.

use super::elements::{is_block_name, is_preformatted_name};
use super::scan::{BR, HR, Name, SELECT, TEMPLATE};
use super::text::Text;

/// Open elements that are kept. Deeper ones are only counted.
const MAX_DEPTH: usize = 64 * 1024;
/// Open elements, from the innermost, among which that of an end tag is looked for.
const MAX_SEARCHED: usize = 512;

/// Text, and the elements around its end.
#[derive(Default)]
pub(super) struct Flow {
    text: Text,
    /// Those that change the text.
    open: Vec<(Name, Layout)>,
    deeper: usize,
}

/// The change that an element makes to the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    Block,
    Preformatted,
    Hidden,
}

impl Flow {
    pub(super) fn start(&mut self, name: Name) {
        if name == BR {
            self.text.end_line();
            return;
        }
        let Some(layout) = Layout::of(name) else {
            return;
        };
        if name == HR {
            self.text.break_line();
        } else if self.open.len() < MAX_DEPTH {
            layout.begin(&mut self.text);
            self.open.push((name, layout));
        } else {
            self.text.break_line();
            self.deeper += 1;
        }
    }

    pub(super) fn end(&mut self, name: Name) {
        if Layout::of(name).is_none() {
            return;
        }
        if self.deeper > 0 {
            self.deeper -= 1;
            self.text.break_line();
            return;
        }
        let searched = self.open.iter().rev().take(MAX_SEARCHED);
        let above = { searched }.position(|(open, _)| *open == name);
        if let Some(above) = above {
            self.close_to(self.open.len() - above - 1);
        }
    }

    /// The number of elements that are open.
    pub(super) const fn depth(&self) -> usize {
        self.open.len()
    }

    /// Ends elements until `depth` are open.
    pub(super) fn close_to(&mut self, depth: usize) {
        self.deeper = 0;
        while self.open.len() > depth {
            if let Some((_, layout)) = self.open.pop() {
                layout.end(&mut self.text);
            }
        }
    }

    pub(super) fn piece(&mut self, piece: &str, is_last: bool) {
        self.text.piece(piece, is_last);
    }

    pub(super) fn finish(self) -> String {
        self.text.finish()
    }
}

impl Layout {
    /// None for elements that change nothing.
    const fn of(name: Name) -> Option<Self> {
        match name {
            SELECT | TEMPLATE => Some(Self::Hidden),
            _ if is_preformatted_name(name) => Some(Self::Preformatted),
            _ if is_block_name(name) => Some(Self::Block),
            _ => None,
        }
    }

    fn begin(self, text: &mut Text) {
        match self {
            Self::Block => text.break_line(),
            Self::Preformatted => text.begin_preformatted(),
            Self::Hidden => text.hide(),
        }
    }

    fn end(self, text: &mut Text) {
        match self {
            Self::Block => text.break_line(),
            Self::Preformatted => text.end_preformatted(),
            Self::Hidden => text.show(),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::scan::{DIV, PRE};
    use super::*;

    fn open(flow: &mut Flow, name: Name, times: usize) {
        (0..times).for_each(|_| flow.start(name));
    }

    #[test]
    fn a_block_is_parted_from_what_stands_before_and_behind_it() {
        let mut flow = Flow::default();
        flow.piece("a", true);
        flow.start(DIV);
        flow.piece("b", true);
        flow.end(DIV);
        flow.piece("c", true);
        flow.start(BR);
        flow.piece("d", true);
        flow.start(HR);
        flow.piece("e", true);
        assert_eq!(flow.depth(), 0);
        assert_eq!(flow.finish(), "a\nb\nc\nd\ne");
    }

    #[rstest]
    #[case::near(MAX_SEARCHED - 1, "b")]
    #[case::too_far(MAX_SEARCHED, "")]
    fn the_element_of_an_end_tag_is_looked_for_near_it(
        #[case] open_since: usize,
        #[case] text: &str,
    ) {
        let mut flow = Flow::default();
        flow.start(SELECT);
        open(&mut flow, DIV, open_since);
        flow.end(SELECT);
        flow.piece("b", true);
        assert_eq!(flow.finish(), text);
    }

    #[test]
    fn elements_that_are_too_deep_are_ended_by_their_number() {
        let mut flow = Flow::default();
        open(&mut flow, DIV, MAX_DEPTH - 1);
        flow.start(SELECT);
        flow.start(PRE);
        flow.end(PRE);
        flow.piece("hidden", true);
        flow.start(SELECT);
        flow.end(SELECT);
        flow.piece("hidden", true);
        flow.end(SELECT);
        flow.piece("a", true);
        assert_eq!(flow.depth(), MAX_DEPTH - 1);
        assert_eq!(flow.finish(), "a");
    }

    #[test]
    fn what_is_closed_at_once_leaves_nothing_open() {
        let mut flow = Flow::default();
        open(&mut flow, DIV, MAX_DEPTH + 1);
        flow.close_to(0);
        flow.start(SELECT);
        flow.end(SELECT);
        flow.piece("a", true);
        assert_eq!(flow.finish(), "a");
    }
}
