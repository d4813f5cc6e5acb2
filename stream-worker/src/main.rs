//! The worker's process.
fn main() {}
