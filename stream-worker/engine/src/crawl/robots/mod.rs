//! The robots exclusion protocol: robots.txt, to the letter of RFC 9309.
//!
//! It owns the file from the network to the verdict on a URL: what its answers mean, how its lines are read, which rules
//! are ours and which of them wins. It refuses to know what is crawled when: pauses that a file asks for are reported, and
//! kept elsewhere.

mod line;
mod pattern;
mod rules;
mod verdict;
mod reader;
#[cfg(test)]
mod conformance;

pub(crate) use reader::RobotsReader;
pub(crate) use verdict::{RobotsVerdict, default_sitemap};
