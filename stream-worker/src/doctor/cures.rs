//! The lines of configuration that mend a fault in the products that were recognised.

use serde::Serialize;

use super::fault::Fault;
use super::product::Product;
use super::settings::settings;
use super::wire::Facts;

/// A line that mends a fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Cure {
    /// The product in whose configuration the line stands.
    pub(crate) product: Product,
    /// The line.
    pub(crate) setting: String,
}

/// Seconds that lines name: they follow from the worker's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Numbers {
    /// Time that a proxy waits for the next byte: six heartbeats.
    read: u64,
    /// Time that a proxy keeps an idle connection: four fifths of what the worker does.
    idle: u64,
}

impl Numbers {
    pub(super) fn of(facts: Option<&Facts>) -> Self {
        let (heartbeat, idle) = facts.map_or((20_000, 75_000), |facts| {
            (facts.heartbeat_ms, facts.idle_timeout_ms)
        });
        Self {
            read: (heartbeat * 6).div_ceil(1_000),
            idle: (idle * 4 / 5_000).max(1),
        }
    }
}

/// The lines that mend `fault` in these products; in every product, if none was recognised.
pub(super) fn cures(fault: &Fault, via: &[Product], numbers: Numbers) -> Vec<Cure> {
    settings(fault)
        .iter()
        .filter(|(product, _)| via.is_empty() || via.contains(product))
        .map(|(product, line)| Cure {
            product: *product,
            setting: filled(line, fault, numbers),
        })
        .collect()
}

fn filled(line: &str, fault: &Fault, numbers: Numbers) -> String {
    let name = match fault {
        Fault::HeaderGone(name) => title(name),
        _ => String::new(),
    };
    line.replace("{read}", &numbers.read.to_string())
        .replace("{idle}", &numbers.idle.to_string())
        .replace("{header}", &name)
}

/// A header's name as documents spell it.
fn title(name: &str) -> String {
    let word = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
    name.split('-').map(word).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::super::product::Product::{Nginx, Varnish};
    use super::*;

    const USUAL: Numbers = Numbers {
        read: 120,
        idle: 60,
    };

    #[test]
    fn numbers_follow_from_the_workers() {
        assert_eq!(Numbers::of(None), USUAL);
    }

    #[test]
    fn a_product_that_was_recognised_gets_its_own_line() {
        let told = |fault: &Fault, via: &[Product]| {
            let cures = cures(fault, via, USUAL);
            cures
                .into_iter()
                .map(|cure| cure.setting)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            told(&Fault::IdleCut, &[Nginx]),
            ["proxy_read_timeout 120s;"]
        );
        assert_eq!(
            told(&Fault::HeaderGone("cache-control"), &[Nginx]),
            ["proxy_pass_header Cache-Control;"]
        );
        assert!(told(&Fault::CutHidden, &[Varnish]).is_empty());
    }

    #[test]
    fn without_a_product_every_line_is_told() {
        let all = cures(&Fault::Buffered, &[], USUAL);
        assert!(all.len() > 10);
    }
}
