//! Output to the terminal: text from strangers must not control it, and a closed terminal must not
//! cause a panic.

use std::{
    fmt::Display,
    io::{self, Write},
};

use anyhow::{Context, Result};

/// Writes text or bytes to standard output, and flushes it.
///
/// # Errors
///
/// If the output cannot be written, for instance because the disk is full or the pipe is closed.
pub fn write_out(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let mut stdout = anstream::stdout().lock();
    write(&mut stdout).and_then(|()| stdout.flush()).context("writing to standard output")
}

/// Writes a message to standard error. If that fails, the program continues.
pub fn note(text: impl Display) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// One line of text, made safe for a terminal.
pub fn printable(text: &str) -> String {
    escaped(text, |c| c.escape_default().to_string())
}

/// Several lines, for instance a table, made safe for a terminal.
pub fn printable_lines(text: &str) -> String {
    text.split('\n').map(printable).collect::<Vec<_>>().join("\n")
}

/// JSON, made safe for a terminal. `serde_json` escapes the ASCII control characters, but not DEL,
/// C1 and those that change the direction of writing; all of them occur only inside strings.
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
