//! Tables: those of data as GitHub's tables, those that lay out a page as what they hold.

use super::super::dom::NodeId;
use super::super::elements::{is_heading, is_preformatted};
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
        let mut rest = &grid.rows[..];
        while let Some(first) = rest.first() {
            if let Some(heading) = heading(self.page, first) {
                self.children(heading);
                rest = &rest[1..];
                continue;
            }
            let is_titled = |row: &Row| heading(self.page, row).is_some();
            let end = rest.iter().position(is_titled).unwrap_or(rest.len());
            let (rows, after) = rest.split_at(end);
            self.rows(rows);
            rest = after;
        }
    }

    /// Rows that belong together, as one table of Markdown.
    fn rows(&mut self, rows: &[Row]) {
        let text = written(self.page, rows);
        self.put(&text);
        // No cell can hold a block: what needs its lines follows once more.
        for cell in rows.iter().flat_map(Row::cells) {
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
                .cells()
                .any(|cell| self.page.shape.has_code(cell) && !is_numbers(self.page, cell));
            for cell in row.cells() {
                if !(has_code && is_numbers(self.page, cell)) {
                    self.children(cell);
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
/// cell, lists beside each other, or cells that hold parts of a page.
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
    let mut data = grid.rows.iter().filter(|row| heading(page, row).is_none());
    !has_heads
        && (is_single
            || has_columns_of_lists(page, grid)
            || data.any(|row| row.cells().any(is_part)))
}

/// The cell of a row that is a heading over the rows below it.
fn heading(page: &Page<'_>, row: &Row) -> Option<NodeId> {
    let mut cells = row.cells();
    let first = cells.next()?;
    let is_whole = row.cells.len() > 1 && cells.next().is_none();
    let mut headings = page
        .tree
        .children(first)
        .filter(|child| is_heading(page.tree.name(*child)));
    let heading = headings.next().filter(|_| is_whole)?;
    (page.shape.text(heading) == page.shape.text(first)).then_some(first)
}

/// True if one row of cells holds lists, as an index in columns does.
fn has_columns_of_lists(page: &Page<'_>, grid: &Grid) -> bool {
    let [row] = &grid.rows[..] else { return false };
    row.cells().all(|cell| {
        let mut content = page
            .tree
            .children(cell)
            .filter(|child| page.shape.text(*child) > 0);
        content.all(|child| matches!(page.tree.name(child), "ul" | "ol" | "dl"))
    })
}

fn written(page: &Page<'_>, rows: &[Row]) -> String {
    let width = rows
        .iter()
        .map(|row| row.cells.len())
        .max()
        .unwrap_or_default();
    let is_headed = |row: &Row| row.is_head || row.cells().all(|cell| page.tree.name(cell) == "th");
    let head = rows.first().filter(|row| is_headed(row));
    let mut text = String::new();
    let none = Row {
        cells: Vec::new(),
        is_head: true,
    };
    row(page, head.unwrap_or(&none), width, &mut text);
    text.push_str("\n|");
    text.push_str(&" --- |".repeat(width));
    for body in &rows[usize::from(head.is_some())..] {
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
            match plain(page, *cell) {
                Some(words) => text.push_str(words),
                None => {
                    let mut inline = Inline::new(page);
                    inline.children(*cell);
                    text.push_str(&compose(inline.pieces, Place::Cell));
                }
            }
        }
        text.push_str(" |");
    }
}

/// The text of a cell that holds nothing else, and no character that could mean anything: most cells of large tables.
fn plain<'a>(page: &Page<'a>, cell: NodeId) -> Option<&'a str> {
    let mut children = page.tree.children(cell);
    let only = children.next().filter(|_| children.next().is_none())?;
    let text = page.tree.text(only)?.trim_ascii();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b',');
    text.bytes().all(is_plain).then_some(text)
}
