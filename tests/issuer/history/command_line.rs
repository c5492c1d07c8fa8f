//! A sample of the table through the hospital's command line.

use std::{fs, process::Command};

use serde_json::Value;
use vernet_verifier::past::Which;

use crate::{
    lives::{cell_of, lived},
    place::{Run, verifier_program},
};

#[test]
fn the_command_line_answers_as_the_table_says() {
    let lived = lived();
    let office = &lived.office;
    let roots = office.path("roots.json");
    fs::write(
        &roots,
        serde_json::to_vec(&office.founded.office.anchor().expect("the anchor")).expect("JSON"),
    )
    .expect("written");
    for (person, numbers) in &office.people {
        let newest = numbers.last().expect("a certificate");
        fs::write(office.path(&format!("{person}.jwt")), office.jws(*newest)).expect("written");
    }
    let (mut asked, mut codes) = (0, std::collections::BTreeSet::new());
    for cell in lived
        .cells
        .iter()
        .step_by(9)
        .chain(lived.cells.iter().filter(|cell| ">k?".contains(&cell.expected)))
    {
        let mut command = Command::new(verifier_program());
        command
            .current_dir(office.folder.path())
            .env("VERNET_VERIFIER_STATE", office.path("state"));
        command.args(["check", &format!("{}.jwt", cell.person), "--json", "--roots", "roots.json"]);
        command.args([
            "--publication",
            "publication",
            "--history",
            "history",
            "--at",
            &office.founded.now.to_string(),
        ]);
        command.args(["--on", &cell.question.on.to_string()]);
        if let Some(day) = cell.question.known_on {
            command.args(["--known-on", &day.to_string()]);
        }
        let run = Run::of(&mut command);
        let object = run.json();
        let answer = if object["known"].is_null() { &object["true"] } else { &object["known"] };
        let which = match answer["authorisation"].as_str() {
            Some("this") => Some(Which::This),
            Some("another") => Some(Which::Another),
            None => None,
            other => panic!("{other:?}"),
        };
        let code = object["code"].as_str().expect("a code");
        assert_eq!(cell_of(code, which), cell.expected, "{cell:?}");
        assert_eq!((&answer["code"], &answer["verdict"]), (&object["code"], &object["verdict"]));
        assert_eq!(
            (&object["on"], object["source"].as_str()),
            (&Value::from(cell.question.on.to_string()), Some("history"))
        );
        assert_eq!(run.code, Some(i32::from(object["verdict"] != "accepted")), "{run:?}");
        codes.insert(code.to_owned());
        asked += 1;
    }
    assert!(asked > 40 && codes.len() >= 8, "{asked} cells, {codes:?}");
}
