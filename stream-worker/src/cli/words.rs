//! Texts of strangers, made fit for a terminal, and numbers as people read them.

use std::time::Duration;

use serde::Serialize;

/// `text` without what a terminal would obey or hide: control characters, and those that turn the direction of writing.
pub(super) fn plain(text: &str) -> String {
    let shown = |letter: char| match letter {
        '\t' | '\n' | '\r' => ' ',
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' => '\u{fffd}',
        control if control.is_control() => '\u{fffd}',
        other => other,
    };
    text.chars().map(shown).collect()
}

/// The word that stands for a value in JSON.
pub(super) fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// A number of bytes with a unit, as `1.5 MB`.
pub(super) fn bytes(bytes: u64) -> String {
    bytesize::ByteSize(bytes).display().si().to_string()
}

/// A time with the unit that suits it.
pub(super) fn time(time: Duration) -> String {
    match time.as_secs() {
        0 => format!("{} ms", time.as_millis()),
        seconds @ 1..60 => format!("{seconds}.{} s", time.subsec_millis() / 100),
        seconds @ 60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        seconds => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// `1 page`, `2 pages`.
pub(super) fn count(number: u64, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_cannot_move_the_cursor_nor_turn_the_line() {
        assert_eq!(
            plain("a\u{1b}[2Jb\r\nc\u{202e}d\u{9b}"),
            "a\u{fffd}[2Jb  c\u{fffd}d\u{fffd}"
        );
        assert_eq!(plain("温度 🌡"), "温度 🌡");
    }

    #[test]
    fn times_have_the_unit_that_suits_them() {
        let times = [0.25, 1.25, 61.0, 7300.0]
            .map(Duration::from_secs_f64)
            .map(time);
        assert_eq!(times, ["250 ms", "1.2 s", "1 min 1 s", "2 h 1 min"]);
    }
}
