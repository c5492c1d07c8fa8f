//! The README shows what the program really prints.

use std::{fs, path::Path};

use crate::{
    place::{demo, files_in},
    snapshot::redacted,
};

const BEGIN: &str = "<!-- demo:begin -->";
const END: &str = "<!-- demo:end -->";
/// In place of the picture of the QR code, which nobody wants to scroll past.
const ELIDED: &str = "[…]";

#[test]
fn the_transcript_in_the_readme_is_what_the_demonstration_prints() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md"))
        .expect("there is a README");
    let shown = transcript(&readme)
        .expect("the README has a transcript between `demo:begin` and `demo:end`");
    let (shown, printed) = (comparable(&shown), comparable(&demo().run.stdout));
    for (shown, printed) in shown.lines().zip(printed.lines()) {
        assert_eq!(shown, printed, "the README (left) and the program (right) differ");
    }
    assert_eq!(shown.lines().count(), printed.lines().count(), "one of them goes on");
}

/// Each cell of the README's table of stolen keys is backed by a test; SECURITY names them, and
/// here each name is looked up.
#[test]
fn the_tests_behind_the_table_of_stolen_keys_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read = |name: &str| fs::read_to_string(root.join(name)).expect("it is there");
    let rows = |text: &str, heading: &str| -> Vec<Vec<String>> {
        let (_, rest) =
            text.split_once(heading).unwrap_or_else(|| panic!("no section `{heading}`"));
        let table = rest
            .lines()
            .skip_while(|line| !line.starts_with("|---"))
            .skip(1)
            .take_while(|line| line.starts_with('|'));
        table.map(|line| line.split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
    };
    let (readme, security) = (read("README.md"), read("SECURITY.md"));
    let (stated, backed) = (
        rows(&readme, "### Which keys a thief holds"),
        rows(&security, "### The tests behind the table of stolen keys"),
    );
    let keys = |rows: &[Vec<String>]| rows.iter().map(|row| row[1].clone()).collect::<Vec<_>>();
    assert_eq!(keys(&stated), keys(&backed), "a row for each row");

    let sources: String = ["tests", "issuer", "verifier", "common"]
        .iter()
        .flat_map(|folder| {
            files_in(&root.join(folder)).into_iter().map(move |file| format!("{folder}/{file}"))
        })
        .filter(|file| file.ends_with(".rs"))
        .map(|file| read(&file))
        .collect();
    let vectors = files_in(&root.join("keys-example/vectors"));
    for row in &backed {
        let names: Vec<_> = row[2].split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "{row:?}");
        for name in names {
            let is_vector = vectors.iter().any(|file| file.ends_with(&format!("-{name}.txt")));
            assert!(
                is_vector || sources.contains(&format!("fn {name}()")),
                "there is no test or vector `{name}`"
            );
        }
    }
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
