//! Pieces of objects that were read last, so that each is fetched once for all who read it at the same time.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::OnceCell;

/// Bytes of a piece. Larger than most objects, small enough to be fetched for the sake of a few of its bytes.
pub(super) const PIECE: u64 = 512 * 1024;

/// Pieces that are kept: 32 MiB.
const KEPT: usize = 64;

/// A place for the bytes of one piece. Whoever comes first fills it, all others wait for that; the next one tries if that fails.
pub(super) type Cell = Arc<OnceCell<Bytes>>;

/// The pieces that were asked for last.
#[derive(Default)]
pub(super) struct Pieces(Mutex<VecDeque<Piece>>);

struct Piece {
    key: String,
    number: u64,
    cell: Cell,
}

impl Pieces {
    /// The place for a piece, which drops out of memory after so many others have been asked for.
    pub(super) fn cell(&self, key: &str, number: u64) -> Cell {
        let mut pieces = self.0.lock();
        let known = pieces
            .iter()
            .position(|piece| piece.number == number && piece.key == key);
        let piece = match known.and_then(|at| pieces.remove(at)) {
            Some(piece) => piece,
            None => Piece {
                key: key.to_owned(),
                number,
                cell: Cell::default(),
            },
        };
        let cell = piece.cell.clone();
        pieces.push_back(piece);
        if pieces.len() > KEPT {
            pieces.pop_front();
        }
        cell
    }
}
