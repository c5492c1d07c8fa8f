//! What goes to the terminal: nothing that a stranger wrote may command it, and a terminal that is
//! gone is no panic.

use std::{
    fmt::Display,
    io::{self, Write},
};

use anyhow::{Context, Result};

/// Writes text or bytes to standard output, to the end.
///
/// # Errors
///
/// The disk is full, the pipe is closed.
pub fn write_out(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let mut stdout = anstream::stdout().lock();
    write(&mut stdout).and_then(|()| stdout.flush()).context("writing to standard output")
}

/// Says something to the person before the screen. If nobody can hear it, the work goes on.
pub fn note(text: impl Display) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// One line of text on its way to a terminal.
pub fn printable(text: &str) -> String {
    escaped(text, |c| c.escape_default().to_string())
}

/// Several lines, a table for instance.
pub fn printable_lines(text: &str) -> String {
    text.split('\n').map(printable).collect::<Vec<_>>().join("\n")
}

/// JSON on its way to a terminal. `serde_json` escapes the control characters of ASCII, but not
/// DEL, C1 and those that turn the direction of writing; all of them stand inside of strings.
pub fn printable_json(json: &(impl Display + ?Sized)) -> String {
    let json = json.to_string();
    let lines = json.split('\n').map(|line| escaped(line, |c| format!("\\u{:04x}", u32::from(c))));
    lines.collect::<Vec<_>>().join("\n")
}

fn escaped(text: &str, escape: impl Fn(char) -> String) -> String {
    let turns = |c| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars()
        .map(|c| if c.is_control() || turns(c) { escape(c) } else { c.to_string() })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_commands_the_terminal() {
        let hostile = "a\u{1b}[2J\u{9b}\u{202e}b\tæ";
        assert_eq!(printable(hostile), "a\\u{1b}[2J\\u{9b}\\u{202e}b\\tæ");
        assert_eq!(printable_lines("a\nb\r"), "a\nb\\r");
        let json = serde_json::json!({ "a": "\u{7f}\u{2066}" });
        assert_eq!(printable_json(&json), r#"{"a":"\u007f\u2066"}"#);
        assert_eq!(printable_json("{\n}"), "{\n}");
    }
}
