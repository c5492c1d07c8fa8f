//! The statements and commands in the documents are correct.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use vernet_verifier::roster::{ChangeKind, RosterCode};

use super::Ward;
use crate::hospital::Hospital;

fn in_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

fn read(path: &str) -> String {
    fs::read_to_string(in_repository(path)).expect("it is in the repository")
}

#[test]
fn the_transcript_in_the_guide_is_what_the_program_prints() {
    let guide = read("docs/ROSTER.md");
    let (_, block) = guide.split_once("<!-- roster:begin -->\n").expect("a transcript");
    let (block, _) = block.split_once("\n<!-- roster:end -->").expect("its end");
    let shown: Vec<&str> =
        block.lines().filter(|line| !line.starts_with("```") && !line.starts_with("$ ")).collect();
    let ward = Ward::new();
    let [example, sample] = ["keys-example", "tests/verifier_cli/roster/sample.csv"]
        .map(|path| in_repository(path).to_str().expect("UTF-8").to_owned());
    let [files, roots, publication] =
        ["certificates", "roots.json", "publication"].map(|name| format!("{example}/{name}"));
    let run = ward.hospital.run(&[
        "roster",
        "check",
        &sample,
        "--files",
        &files,
        "--roots",
        &roots,
        "--publication",
        &publication,
        "--at",
        "2026-11-22T10:00:00Z",
    ]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert_eq!(
        shown,
        run.stdout.lines().collect::<Vec<_>>(),
        "the guide (left) and the program (right) differ"
    );
}

#[test]
fn every_code_and_every_kind_of_change_is_explained() {
    let guide = read("docs/ROSTER.md");
    for code in RosterCode::ALL {
        assert!(guide.contains(&format!("`{code}`")), "{code}");
    }
    for kind in ChangeKind::ALL {
        let word = serde_json::to_value(kind).expect("a word");
        assert!(guide.contains(&format!("`{}`", word.as_str().expect("a word"))), "{word}");
    }
}

#[test]
fn the_units_are_what_systemd_takes() {
    let ward = Ward::new();
    let folder = in_repository("docs/systemd");
    let units = fs::read_dir(folder).expect("a folder").map(|unit| unit.expect("a file").path());
    let mut copies = Vec::new();
    for unit in units {
        let name = unit.file_name().and_then(|name| name.to_str()).expect("UTF-8").to_owned();
        // The program need not be installed here; everything else must be correct.
        let text = fs::read_to_string(&unit).expect("a unit");
        ward.hospital.write(
            &name,
            ["vernet-verifier", "vernet-issuer"].iter().fold(text, |text, program| {
                let installed = format!("/usr/local/bin/{program}");
                text.replace(&installed, env!("CARGO_BIN_EXE_vernet-verifier"))
            }),
        );
        copies.push(name);
    }
    assert_eq!(copies.len(), 7, "{copies:?}");
    let verify = Command::new("systemd-analyze")
        .arg("verify")
        .args(&copies)
        .current_dir(ward.hospital.path(""))
        .output();
    let Ok(verify) = verify else {
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "systemd-analyze is missing");
        eprintln!("skipped: systemd-analyze is missing");
        return;
    };
    let said = String::from_utf8_lossy(&verify.stderr);
    assert!(verify.status.success() && said.is_empty(), "{said}");
}

/// The command for each morning, with a test folder in place of the system's.
#[test]
fn the_command_in_the_unit_runs() {
    let hospital = Hospital::with_pinned_office();
    hospital
        .write("staff.csv", format!("name,certificate\nÅse Bråthen,{}\n", hospital.office.text()));
    let unit = read("docs/systemd/vernet-roster.service");
    let command = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).expect("a command");
    let (_, arguments) = command.split_once(" roster check ").expect("the program and its state");
    let arguments = arguments.replace("%S/vernet-roster/", "").replace("/etc/vernet/", "");
    let run = || {
        hospital
            .run(&[&["roster", "check"][..], &arguments.split(' ').collect::<Vec<_>>()].concat())
            .done()
    };
    assert!(run().stderr.contains("no earlier report yet"));
    assert!(run().stdout.contains("no changes since"));
}
