//! The cells of a table in their rows and columns, as the standard's table model puts them.

use super::super::dom::{NodeId, Tree};

/// Columns that a cell may span, as the standard has it.
const MAX_COLUMNS: usize = 1000;
/// Rows that a cell may span.
const MAX_ROWS: u32 = 65_534;

/// A table's rows, those of its head first and those of its foot last.
pub(super) struct Grid {
    pub(super) rows: Vec<Row>,
    pub(super) captions: Vec<NodeId>,
}

pub(super) struct Row {
    /// By column: the cell that begins there, or nothing where another one reaches to.
    pub(super) cells: Vec<Option<NodeId>>,
    pub(super) is_head: bool,
}

impl Grid {
    pub(super) fn of(tree: &Tree, table: NodeId) -> Self {
        let (mut heads, mut bodies, mut feet) = (Vec::new(), Vec::new(), Vec::new());
        let mut captions = Vec::new();
        for child in tree.children(table) {
            match tree.name(child) {
                "caption" => captions.push(child),
                "thead" => heads.push(rows_of(tree, child)),
                "tfoot" => feet.push(rows_of(tree, child)),
                "tbody" => bodies.push(rows_of(tree, child)),
                "tr" => bodies.push(vec![child]),
                _ => {}
            }
        }
        let head_groups = heads.len();
        let groups: Vec<Vec<NodeId>> = heads.into_iter().chain(bodies).chain(feet).collect();
        let cells: usize = groups
            .iter()
            .flatten()
            .map(|row| cells_of(tree, *row).count())
            .sum();
        let mut spans = Spans {
            carried: Vec::new(),
            // Spans may fill as many places as a sane table has; a hostile one cannot ask for billions.
            room: cells * 4 + 10_000,
        };
        let mut rows = Vec::new();
        for (number, group) in groups.into_iter().enumerate() {
            spans.carried.clear();
            for row in group {
                let cells = spans.row(tree, row);
                if cells.iter().any(Option::is_some) {
                    let is_head = number < head_groups;
                    rows.push(Row { cells, is_head });
                }
            }
        }
        Self { rows, captions }
    }

    /// All cells, in order.
    pub(super) fn cells(&self) -> impl Iterator<Item = NodeId> {
        self.rows.iter().flat_map(Row::cells)
    }
}

impl Row {
    /// Its cells, without the places that others reach to.
    pub(super) fn cells(&self) -> impl Iterator<Item = NodeId> {
        self.cells.iter().copied().flatten()
    }
}

fn rows_of(tree: &Tree, group: NodeId) -> Vec<NodeId> {
    tree.children(group)
        .filter(|id| tree.name(*id) == "tr")
        .collect()
}

fn cells_of(tree: &Tree, row: NodeId) -> impl Iterator<Item = NodeId> {
    tree.children(row)
        .filter(|id| matches!(tree.name(*id), "td" | "th"))
}

/// Cells that reach into the rows below.
struct Spans {
    /// By column: rows that are still to be reached.
    carried: Vec<u32>,
    room: usize,
}

impl Spans {
    fn row(&mut self, tree: &Tree, row: NodeId) -> Vec<Option<NodeId>> {
        let mut cells = Vec::new();
        for cell in cells_of(tree, row) {
            while self.is_taken(cells.len()) {
                cells.push(None);
            }
            let span = |name| {
                tree.attribute(cell, name)
                    .and_then(|span| span.trim().parse::<u32>().ok())
            };
            let columns = span("colspan")
                .map_or(1, |span| span as usize)
                .clamp(1, MAX_COLUMNS);
            let rows = span("rowspan").map_or(1, |rows| {
                if rows == 0 {
                    MAX_ROWS
                } else {
                    rows.min(MAX_ROWS)
                }
            });
            for column in 0..columns {
                if column > 0 && !self.take_room() {
                    break;
                }
                self.carry(cells.len(), rows - 1);
                cells.push((column == 0).then_some(cell));
            }
        }
        // What reaches in behind the last cell needs no place, but its rows pass.
        for rows in self.carried.iter_mut().skip(cells.len()) {
            *rows = rows.saturating_sub(1);
        }
        cells
    }

    /// True if a cell from above reaches into this column of the current row.
    fn is_taken(&mut self, column: usize) -> bool {
        let is_carried = self.carried.get(column).is_some_and(|rows| *rows > 0);
        if !is_carried || !self.take_room() {
            return false;
        }
        self.carried[column] -= 1;
        true
    }

    fn carry(&mut self, column: usize, rows: u32) {
        if self.carried.len() <= column {
            self.carried.resize(column + 1, 0);
        }
        // Two cells may overlap, where one spans columns into which another one reaches from above.
        let above = self.carried[column].saturating_sub(1);
        self.carried[column] = above.max(rows);
    }

    fn take_room(&mut self) -> bool {
        let left = self.room.checked_sub(1);
        self.room = left.unwrap_or_default();
        left.is_some()
    }
}
