//! The README shows what the program really prints.

use std::{fs, path::Path};

use crate::{place::demo, snapshot::redacted};

const BEGIN: &str = "<!-- demo:begin -->";
const END: &str = "<!-- demo:end -->";
/// In place of the picture of the QR code, which nobody wants to scroll past.
const ELIDED: &str = "[…]";

#[test]
fn the_transcript_in_the_readme_is_what_the_demonstration_prints() {
    let readme =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md")).expect("there is a README");
    let shown = transcript(&readme).expect("the README has a transcript between `demo:begin` and `demo:end`");
    let (shown, printed) = (comparable(&shown), comparable(&demo().run.stdout));
    for (shown, printed) in shown.lines().zip(printed.lines()) {
        assert_eq!(shown, printed, "the README (left) and the program (right) differ");
    }
    assert_eq!(shown.lines().count(), printed.lines().count(), "one of them goes on");
}

/// The block without its fence and without the command that was typed.
fn transcript(readme: &str) -> Option<String> {
    let (_, rest) = readme.split_once(BEGIN)?;
    let (block, _) = rest.split_once(END)?;
    let typed = |line: &&str| line.starts_with("```") || line.starts_with("$ ");
    Some(block.lines().filter(|line| !typed(line)).collect::<Vec<_>>().join("\n"))
}

fn comparable(text: &str) -> String {
    let text = format!("{}\n", text.trim_matches('\n'));
    redacted(&text).replace(&format!("{ELIDED}\n"), "[QR]\n")
}
