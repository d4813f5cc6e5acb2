//! One binary for every behaviour.
