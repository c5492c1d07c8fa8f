//! The documents show what the programs really print, and their links lead to existing targets.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use regex::Regex;

use crate::{
    place::{demo, files_in},
    snapshot::redacted,
};

const BEGIN: &str = "<!-- demo:begin -->";
const END: &str = "<!-- demo:end -->";
/// Stands for omitted lines: in docs/DEMO.md for the picture of the QR code, which nobody wants to
/// scroll past, and in the README for any lines.
const ELIDED: &str = "[…]";

/// Where tests and sources are. A folder that is missing here would narrow the checks below.
const SOURCES: [&str; 4] = ["tests", "issuer", "verifier", "common"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn the_transcript_in_the_documents_is_what_the_demonstration_prints() {
    let shown = transcript(&read("docs/DEMO.md"))
        .expect("docs/DEMO.md has a transcript between `demo:begin` and `demo:end`");
    let (shown, printed) =
        (comparable(&shown).replace(&format!("{ELIDED}\n"), "[QR]\n"), printed());
    for (shown, printed) in shown.lines().zip(printed.lines()) {
        assert_eq!(shown, printed, "docs/DEMO.md (left) and the program (right) differ");
    }
    assert_eq!(shown.lines().count(), printed.lines().count(), "one of them goes on");
}

/// Lines that are adjacent in the README are adjacent in the output, in the same order.
#[test]
fn the_excerpt_in_the_readme_is_what_the_demonstration_prints() {
    let shown = transcript(&read("README.md"))
        .expect("the README has an excerpt between `demo:begin` and `demo:end`");
    let (shown, printed) = (comparable(&shown), printed());
    let printed: Vec<&str> = printed.lines().collect();
    let shown: Vec<&str> = shown.lines().collect();
    let (mut rest, mut pieces) = (&printed[..], 0);
    for piece in shown.split(|line| *line == ELIDED).filter(|piece| !piece.is_empty()) {
        let Some(at) = rest.windows(piece.len()).position(|lines| lines == piece) else {
            panic!(
                "the program does not print these lines, or not in this order:\n{}",
                piece.join("\n")
            );
        };
        rest = &rest[at + piece.len()..];
        pieces += 1;
    }
    assert!(pieces > 3, "only {pieces} pieces are shown");
}

#[test]
fn the_readme_is_short() {
    assert!(read("README.md").lines().count() <= 130);
}

/// Tests back each row of SECURITY's table of stolen keys; the next table names them, and this test
/// looks up each name.
#[test]
fn the_tests_behind_the_table_of_stolen_keys_exist() {
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
    let security = read("SECURITY.md");
    let (stated, backed) = (
        rows(&security, "\n### Which keys a thief holds\n"),
        rows(&security, "\n### The tests behind the table of stolen keys\n"),
    );
    let keys = |rows: &[Vec<String>]| rows.iter().map(|row| row[1].clone()).collect::<Vec<_>>();
    assert_eq!(keys(&stated), keys(&backed), "a row for each row");

    let sources: String = sources(&["rs"]).into_values().collect();
    let vectors = files_in(&root().join("keys-example/vectors"));
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

/// The table of cases of the front desk names files, tests in Rust, and tests in a browser by the
/// beginning of their titles.
#[test]
fn the_tests_behind_the_cases_of_the_front_desk_exist() {
    let table = read("tests/front-desk/README.md");
    let sources = sources(&["rs"]);
    let scripts = files_in(&root().join("tests/browser"))
        .into_iter()
        .filter(|file| !file.contains("node_modules/") && file.ends_with(".mjs"));
    let browser: String = scripts.map(|file| read(&format!("tests/browser/{file}"))).collect();
    let has_test = |name: &str| {
        let is_module = sources.keys().any(|path| {
            path.ends_with(&format!("/{name}.rs")) || path.ends_with(&format!("/{name}/mod.rs"))
        });
        is_module || sources.values().any(|text| text.contains(&format!("fn {name}()")))
    };
    for row in table.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| |")) {
        let cell = row.rsplit('|').nth(1).unwrap_or_default();
        let names: Vec<_> = cell.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "{row}");
        for name in names {
            let exists = match name {
                name if name.contains("::") => name.split("::").skip(1).all(has_test),
                name if name.ends_with(".mjs") => root().join("tests/browser").join(name).exists(),
                name if name.contains('.') => root().join("tests/front-desk").join(name).exists(),
                _ => true,
            };
            assert!(exists, "there is no `{name}`: {row}");
        }
        for title in cell.split('"').skip(1).step_by(2) {
            assert!(browser.contains(&format!("test('{title}")), "there is no test `{title}`");
        }
    }
}

/// The table of the law names rules by their codes, and tests.
#[test]
fn the_tests_behind_the_law_exist() {
    let sources = sources(&["rs"]);
    let rules = &sources["issuer/register/src/rule.rs"];
    let mut rows = 0;
    for row in read("docs/LAW.md").lines().filter(|line| line.starts_with("| ")).skip(1) {
        let cell = row.rsplit('|').nth(1).unwrap_or_default();
        let names: Vec<_> = cell.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "{row}");
        for name in names {
            let is_rule = rules.contains(&format!("\"{name}\""));
            let is_test = sources.values().any(|text| text.contains(&format!("fn {name}()")));
            assert!(is_rule || is_test, "there is no `{name}`: {row}");
        }
        rows += 1;
    }
    assert!(rows > 25, "only {rows} rows");
}

#[test]
fn no_link_in_a_document_is_dead() {
    let documents = documents();
    let headings: BTreeMap<&str, BTreeSet<String>> =
        documents.iter().map(|(name, text)| (name.as_str(), anchors(text))).collect();
    let (mut count, mut dead) = (0, Vec::new());
    for (name, text) in &documents {
        for link in links(text) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            count += 1;
            let (path, anchor) = link.split_once('#').map_or((&*link, None), |(p, a)| (p, Some(a)));
            let target = if path.is_empty() { Some(name.clone()) } else { resolved(name, path) };
            let exists = target.as_ref().is_some_and(|target| root().join(target).exists());
            let is_there = match (target, anchor) {
                (Some(target), Some(anchor)) => {
                    headings.get(target.as_str()).is_some_and(|anchors| anchors.contains(anchor))
                }
                _ => exists,
            };
            if !is_there {
                dead.push(format!("{name}: {link}"));
            }
        }
    }
    assert!(dead.is_empty(), "{}", dead.join("\n"));
    assert!(count > 50, "only {count} links were found");
}

/// Programs and comments refer to documents and their sections.
#[test]
fn every_document_that_the_sources_name_is_there() {
    let documents = documents();
    let wrapped = Regex::new(r"\n\s*(?://[/!]?|#|\*)?\s*").expect("a pattern");
    let named = Regex::new(
        r#"(?:section (?<before>\d+(?:\.\d+)?) of )?`?(?<name>docs/[A-Z]+\.md)`?,?(?: (?:section|§) (?<number>\d+(?:\.\d+)?)| \\"(?<heading>[^"\\]+)\\")?"#,
    )
    .expect("a pattern");
    let (mut count, mut wrong) = (0, Vec::new());
    for (file, text) in sources(&["rs", "py", "js", "mjs"]) {
        let text = wrapped.replace_all(&text, " ");
        for found in named.captures_iter(&text) {
            count += 1;
            let is_there = documents.get(&found["name"]).is_some_and(|text| {
                let section = found.name("before").or(found.name("number"));
                let has = |start: &str| text.lines().any(|line| line.starts_with(start));
                section.is_none_or(|number| {
                    let number = number.as_str();
                    has(&format!("## {number}. ")) || has(&format!("### {number} "))
                }) && found.name("heading").is_none_or(|heading| {
                    let heading = heading.as_str();
                    text.lines().any(|line| line.trim_start_matches('#') == format!(" {heading}"))
                })
            });
            if !is_there {
                wrong.push(format!("{file}: {}", &found[0]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 20, "only {count} mentions were found");
}

/// The sources with one of these endings, by their path.
fn sources(endings: &[&str]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for folder in SOURCES {
        let before = found.len();
        let files = files_in(&root().join(folder)).into_iter().filter(|file| {
            !file.contains("node_modules/")
                && file.rsplit_once('.').is_some_and(|(_, ending)| endings.contains(&ending))
        });
        found.extend(files.map(|file| {
            let file = format!("{folder}/{file}");
            let text = read(&file);
            (file, text)
        }));
        assert!(found.len() > before, "no sources in `{folder}`");
    }
    found
}

/// Every document of the repository, by its path.
fn documents() -> BTreeMap<String, String> {
    fn walk(prefix: &str, found: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(root().join(prefix)).expect("the folder can be listed") {
            let entry = entry.expect("the folder can be listed");
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            // Built, installed and hidden files are not ours.
            if name.starts_with('.') || ["target", "node_modules"].contains(&&*name) {
                continue;
            }
            if entry.path().is_dir() {
                walk(&format!("{path}/"), found);
            } else if name.ends_with(".md") {
                found.insert(path.clone(), read(&path));
            }
        }
    }
    let mut found = BTreeMap::new();
    walk("", &mut found);
    found
}

/// The lines of a document outside of fenced blocks.
fn prose(document: &str) -> impl Iterator<Item = &str> {
    let mut fenced = false;
    document.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        fenced ^= is_fence;
        !is_fence && !fenced
    })
}

/// Where the links of a document lead.
fn links(document: &str) -> Vec<String> {
    prose(document)
        .flat_map(|line| {
            // Without the text between backticks.
            let line: String = line.split('`').step_by(2).collect();
            let links = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
            links.map(str::to_owned).collect::<Vec<_>>()
        })
        .collect()
}

/// The names that a document's headings have in links.
fn anchors(document: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in prose(document) {
        let heading = line.trim_start_matches('#');
        if !line.starts_with('#') || !heading.starts_with(' ') {
            continue;
        }
        let anchor: String = heading
            .trim()
            .to_lowercase()
            .chars()
            .filter(|c| c.is_alphanumeric() || ['-', '_', ' '].contains(c))
            .map(|c| if c == ' ' { '-' } else { c })
            .collect();
        let again = (1..).map(|n| format!("{anchor}-{n}"));
        let name = std::iter::once(anchor.clone()).chain(again).find(|name| !found.contains(name));
        found.extend(name);
    }
    found
}

/// A path relative to a document, resolved from the root; `None` if it leads out of the repository.
fn resolved(document: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = document.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The fenced block without its fence and without the typed command.
fn transcript(document: &str) -> Option<String> {
    let (_, rest) = document.split_once(BEGIN)?;
    let (block, _) = rest.split_once(END)?;
    let typed = |line: &&str| line.starts_with("```") || line.starts_with("$ ");
    Some(block.lines().filter(|line| !typed(line)).collect::<Vec<_>>().join("\n"))
}

fn printed() -> String {
    comparable(&demo().run.stdout)
}

fn comparable(text: &str) -> String {
    redacted(&format!("{}\n", text.trim_matches('\n')))
}
