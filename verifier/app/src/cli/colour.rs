//! The colour of an answer at a terminal.

use anstyle::{AnsiColor, Style};
use vernet_host::printable;
use vernet_verifier::Colour;

/// A text with its headline in the colour of the answer.
pub(super) fn in_colour(colour: Colour, headline: &str, text: &str) -> String {
    let colour = match colour {
        Colour::Accepted => AnsiColor::Green,
        Colour::Refused => AnsiColor::Red,
        Colour::Undetermined => AnsiColor::Yellow,
    };
    let style = Style::new().bold().fg_color(Some(colour.into()));
    // No control character of the input may reach the terminal.
    let lines: Vec<String> = text.lines().map(printable).collect();
    lines.join("\n").replacen(headline, &format!("{style}{headline}{style:#}"), 1)
}
