//! Tables: those of data as GitHub's tables, those that lay out a page as what they hold.

use super::super::dom::NodeId;
use super::super::elements::is_preformatted;
use super::Page;
use super::blocks::Blocks;
use super::code;
use super::compose::compose;
use super::grid::{Grid, Row};
use super::inline::Inline;
use super::piece::{Mark, Piece, Place};

/// Bytes of text from which on a cell of a table without heads is a part of the page.
const LONG_CELL: u64 = 1000;

impl<'a> Blocks<'a> {
    pub(super) fn table(&mut self, table: NodeId) {
        let grid = Grid::of(self.page.tree, table);
        if grid.rows.is_empty() || self.is_empty(table) {
            return;
        }
        if is_layout(self.page, table, &grid) {
            return self.unrolled(&grid);
        }
        for caption in &grid.captions {
            self.caption(*caption);
        }
        let text = written(self.page, &grid);
        self.put(&text);
        // No cell can hold a block: what needs its lines follows once more.
        for cell in grid.cells() {
            self.blocks_within(cell);
        }
    }

    /// A table that only lays out: one cell after another.
    fn unrolled(&mut self, grid: &Grid) {
        for caption in &grid.captions {
            self.caption(*caption);
        }
        for row in &grid.rows {
            let has_code = row
                .cells
                .iter()
                .flatten()
                .any(|cell| self.page.shape.has_code(*cell) && !is_numbers(self.page, *cell));
            for cell in row.cells.iter().flatten() {
                if !(has_code && is_numbers(self.page, *cell)) {
                    self.children(*cell);
                }
            }
        }
    }

    fn caption(&mut self, caption: NodeId) {
        if self.page.skips(caption) {
            return;
        }
        let mut inline = Inline::new(self.page);
        inline.pieces.push(Piece::Open(Mark::Strong));
        inline.children(caption);
        inline.pieces.push(Piece::Close(Mark::Strong));
        let text = compose(inline.pieces, Place::Paragraph);
        self.put(&text);
    }

    /// Writes code and tables within a cell.
    fn blocks_within(&mut self, cell: NodeId) {
        let (tree, shape) = (self.page.tree, self.page.shape);
        if !shape.has_code(cell) && !shape.has_table(cell) {
            return;
        }
        for child in tree.children(cell).collect::<Vec<_>>() {
            if self.page.skips(child) {
                continue;
            }
            match tree.name(child) {
                "table" => self.block(child),
                name if is_preformatted(name) => self.block(child),
                _ => self.blocks_within(child),
            }
        }
    }
}

/// True if a cell holds only numbers of lines.
fn is_numbers(page: &Page<'_>, cell: NodeId) -> bool {
    code::is_line_number(page.tree, cell)
        || (page.shape.text(cell) > 0
            && page.shape.text(cell) < 64 * 1024
            && page.shape.has_code(cell)
            && code::is_numbering(&page.tree.text_of(cell)))
}

/// True if a table is there for the look of the page: it says so, shows code beside its numbers, or has no heads and one
/// cell or cells that hold parts of a page.
fn is_layout(page: &Page<'_>, table: NodeId, grid: &Grid) -> bool {
    let role = page.tree.attribute(table, "role");
    if matches!(role, Some("presentation" | "none")) {
        return true;
    }
    if page.shape.has_code(table) && grid.cells().any(|cell| is_numbers(page, cell)) {
        return true;
    }
    let has_heads = !grid.captions.is_empty()
        || grid.rows.iter().any(|row| row.is_head)
        || grid.cells().any(|cell| page.tree.name(cell) == "th");
    let is_single = grid.cells().take(2).count() == 1;
    let is_part = |cell| {
        page.shape.has_heading(cell)
            || page.shape.has_table(cell)
            || page.shape.has_code(cell)
            || page.shape.text(cell) > LONG_CELL
    };
    !has_heads && (is_single || grid.cells().any(is_part))
}

fn written(page: &Page<'_>, grid: &Grid) -> String {
    let width = grid.width();
    let is_headed = |row: &Row| {
        let mut cells = row.cells.iter().flatten();
        row.is_head || cells.all(|cell| page.tree.name(*cell) == "th")
    };
    let head = grid.rows.first().filter(|row| is_headed(row));
    let mut text = String::new();
    let none = Row {
        cells: Vec::new(),
        is_head: true,
    };
    row(page, head.unwrap_or(&none), width, &mut text);
    text.push_str("\n|");
    text.push_str(&" --- |".repeat(width));
    for body in &grid.rows[usize::from(head.is_some())..] {
        text.push('\n');
        // Readers fill up what is missing on the right.
        row(page, body, body.cells.len(), &mut text);
    }
    text
}

fn row(page: &Page<'_>, row: &Row, width: usize, text: &mut String) {
    text.push('|');
    for column in 0..width {
        text.push(' ');
        if let Some(Some(cell)) = row.cells.get(column)
            && !page.skips(*cell)
        {
            let mut inline = Inline::new(page);
            inline.children(*cell);
            text.push_str(&compose(inline.pieces, Place::Cell));
        }
        text.push_str(" |");
    }
}
