//! Linked data in scripts (JSON-LD, section "embedding in HTML documents"): kept as text, for whoever knows what it means.

/// Scripts that are kept.
const MAX_SCRIPTS: usize = 20;
/// Bytes of all of them together. Half a script is no JSON: one that does not fit is left out whole.
const MAX_BYTES: usize = 64 * 1024;

/// The scripts so far.
#[derive(Default)]
pub(super) struct JsonLd {
    scripts: Vec<String>,
    bytes: usize,
    open: Option<String>,
}

impl JsonLd {
    pub(super) fn begin(&mut self) {
        self.end();
        if self.scripts.len() < MAX_SCRIPTS {
            self.open = Some(String::new());
        }
    }

    pub(super) fn piece(&mut self, piece: &str) {
        if let Some(open) = &mut self.open {
            if self.bytes + open.len() + piece.len() > MAX_BYTES {
                self.open = None;
            } else {
                open.push_str(piece);
            }
        }
    }

    pub(super) fn end(&mut self) {
        let Some(script) = self.open.take() else {
            return;
        };
        let script = script.trim();
        if !script.is_empty() {
            self.bytes += script.len();
            self.scripts.push(script.to_owned());
        }
    }

    pub(super) fn finish(mut self) -> Vec<String> {
        self.end();
        self.scripts
    }
}
