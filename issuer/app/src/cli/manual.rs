//! Tests of the manual: every command that it shows is valid, and its examples can be read.

use std::{collections::BTreeSet, fs, path::Path};

use clap::Parser;
use serde_json::Value;
use vernet_register::{Application, OfficeData};

use super::Cli;

const PAGES: [&str; 8] = [
    "README.md",
    "docs/DEMO.md",
    "docs/OFFICERS.md",
    "docs/OFFICE.md",
    "docs/CONSOLE.md",
    "docs/INBOX.md",
    "docs/IMPORT.md",
    "docs/TOKENS.md",
];

/// Placeholders for what only the reader knows.
const PLACEHOLDERS: [(&str, &str); 8] = [
    ("SEQ", "13"),
    ("NUMBER", "NO-PE-2026-000001"),
    ("KID", "rIUyFnZ9"),
    ("TIME", "2026-11-24T10:00:00Z"),
    ("DIR", "folder"),
    ("FILE.csv", "report.csv"),
    ("BACKUP.sqlite", "backup.sqlite"),
    ("postgres://…", "postgres://vernet@db.example.no/office"),
];

fn page(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The lines of the fenced blocks in some language, block by block.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut fences = page.split("\n```");
    // Every second piece is inside a fence.
    while let (Some(_), Some(inside)) = (fences.next(), fences.next()) {
        let (named, text) = inside.split_once('\n').unwrap_or((inside, ""));
        if named == language {
            found.push(text.to_owned());
        }
    }
    found
}

/// The commands of a page: those in blocks, and those in its tables.
fn commands(page: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in
        blocks(page, "").iter().chain(&blocks(page, "console")).flat_map(|block| block.lines())
    {
        if let Some((_, command)) = line
            .split_once("vernet-issuer ")
            .filter(|(before, _)| before.trim_matches([' ', '$']).is_empty())
        {
            found.insert(command.split(" #").next().unwrap_or(command).trim().to_owned());
        }
    }
    for cell in page
        .lines()
        .filter(|line| line.starts_with('|'))
        .flat_map(|line| line.split('`').skip(1).step_by(2))
    {
        let verb = cell.split(' ').next().unwrap_or_default();
        if cell.contains(' ') && ["propose", "suspend", "alerted", "officers"].contains(&verb) {
            found.insert(cell.to_owned());
        }
    }
    found
}

/// The words of a command line, as a shell takes them.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), None::<String>, false);
    for c in command.chars() {
        match c {
            '\'' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' if !quoted => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[test]
fn every_command_in_the_manual_is_one() {
    let mut count = 0;
    for name in PAGES {
        for command in commands(&page(name)) {
            let mut filled = PLACEHOLDERS
                .iter()
                .fold(command.clone(), |text, (from, to)| text.replace(from, to));
            // The manual writes `init …` where it leaves out arguments that it has shown before.
            filled = filled.replace("init …", "init --iss https://a.example.no --verification-page https://a.example.no/v --roots r --founder A a --founder B b");
            let arguments = ["vernet-issuer".to_owned()]
                .into_iter()
                .chain(words(&filled).into_iter().filter(|word| word != "…"));
            if let Err(error) = Cli::try_parse_from(arguments) {
                panic!("{name}: `{command}`: {error}");
            }
            count += 1;
        }
    }
    assert!(count > 90, "only {count} commands were found");
}

#[test]
fn the_examples_are_read() {
    let page = page("docs/OFFICERS.md");
    let [application, data] = &blocks(&page, "json")[..] else {
        panic!("an application and the office's data")
    };
    Application::from_json(application.as_bytes()).expect("an application");
    let data = OfficeData::from_json(data.as_bytes()).expect("the office's data");
    assert!(data.transitional_window.is_some() && !data.accreditations.sample);
    // The help shows the same application.
    let help = super::decisions::APPLICATION;
    let (from, to) = (help.find('{').expect("JSON"), help.rfind('}').expect("JSON"));
    let shown: Value = serde_json::from_str(&help[from..=to]).expect("JSON");
    assert_eq!(shown, serde_json::from_str::<Value>(application).expect("JSON"));
}
