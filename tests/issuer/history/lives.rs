//! Every cell of `tests/vectors/history/lives.txt`.

use std::{
    fs,
    path::Path,
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
};

use vernet_common::{CertificateNumber, CivilDate};
use vernet_verifier::{
    Knowledge, Policy,
    past::{HistoryVerdict, Question, TrustedHistory, Which, was_authorised},
};

use crate::office::{LivingOffice, day};

/// One cell.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    pub(crate) person: String,
    pub(crate) question: Question,
    pub(crate) expected: String,
}

/// The table, and the office that went through it.
pub(crate) struct Lived {
    pub(crate) office: LivingOffice,
    pub(crate) cells: Vec<Cell>,
}

fn table() -> String {
    fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/history/lives.txt"),
    )
    .expect("the table")
}

impl Lived {
    pub(crate) fn through_the_table() -> Self {
        let table = table();
        let lines: Vec<&str> =
            table.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
        let mut office = LivingOffice::founded("2005-01-01T11:00:00Z");
        let mut events: Vec<&str> =
            lines.iter().filter_map(|line| line.strip_prefix("event ")).collect();
        // The table lists one life after the other; the register has all in order of time. The
        // order within an instant is kept.
        events.sort_by_key(|event| event.split(' ').next());
        events.iter().for_each(|event| office.live(event));
        let end = lines
            .iter()
            .find_map(|line| line.strip_prefix("history "))
            .expect("when the history was made");
        office.at(end).renew_trust_list();
        office.publish();
        office.make_history(&[], "history").expect("a history");
        Self { office, cells: cells(&lines) }
    }

    fn ask(
        &self,
        (history, knowledge): (&TrustedHistory, &Knowledge),
        number: CertificateNumber,
        cell: &Cell,
    ) -> HistoryVerdict {
        let jws = self.office.jws(number);
        was_authorised(
            &jws,
            history,
            knowledge,
            cell.question,
            &Policy::default(),
            self.office.founded.now,
        )
    }
}

fn cells(lines: &[&str]) -> Vec<Cell> {
    let (mut cells, mut person, mut columns) = (Vec::new(), "", Vec::new());
    for line in lines {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let mut add = |on: CivilDate, known_on: Option<CivilDate>, expected: &str| {
            let (person, question) = (person.to_owned(), Question { on, known_on });
            cells.push(Cell { person, question, expected: expected.to_owned() });
        };
        match words[..] {
            ["event" | "history", ..] => {}
            ["ask", who] => person = who,
            ["columns", ..] => columns = words[1..].to_vec(),
            ["edge", on, known, expected] => {
                add(day(on), (known != "-").then(|| day(known)), expected)
            }
            [on, ..] => {
                let answers = &words[1..];
                assert_eq!(answers.len(), columns.len(), "{line}");
                for (column, expected) in columns.iter().zip(answers) {
                    let known_on = match *column {
                        "true" => None,
                        "then" => Some(day(on)),
                        known => Some(day(known)),
                    };
                    add(day(on), known_on, expected);
                }
            }
            [] => {}
        }
    }
    cells
}

/// The verifier's answer in the notation of a cell.
pub(crate) fn cell_of(code: &str, which: Option<Which>) -> String {
    let letter = match code {
        "was_authorised" => "A",
        "was_authorised_with_conditions" => "C",
        "was_suspended" => "S",
        "was_not_authorised" => "N",
        "was_not_yet_authorised" => "Y",
        "not_recorded_then" => "?",
        "after_history" => ">",
        "known_after_history" => "k",
        other => panic!("no cell for `{other}`"),
    };
    if which == Some(Which::Another) { letter.to_ascii_lowercase() } else { letter.to_owned() }
}

/// Made once, by whichever test runs first.
pub(crate) fn lived() -> MutexGuard<'static, Lived> {
    static LIVED: OnceLock<Mutex<Lived>> = OnceLock::new();
    let lived = LIVED.get_or_init(|| Mutex::new(Lived::through_the_table()));
    // A test that failed has not changed anything.
    lived.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn every_cell_is_answered_as_it_was_written_by_hand() {
    let lived = lived();
    let knowledge = lived.office.knowledge();
    let history =
        knowledge.read_history(lived.office.read_history("history")).expect("the office's own");
    let mut wrong = Vec::new();
    for cell in &lived.cells {
        let newest = *lived.office.people[&cell.person].last().expect("a certificate");
        let verdict = lived.ask((&history, &knowledge), newest, cell);
        let answer = verdict.answer();
        let found = cell_of(&verdict.code().to_string(), answer.authorisation);
        if found != cell.expected {
            wrong.push(format!("{cell:?}: found {found}"));
        }
        // Every answer contains the truth, whatever the question.
        let truth = Cell { question: Question { known_on: None, ..cell.question }, ..cell.clone() };
        assert_eq!(
            verdict.truth(),
            lived.ask((&history, &knowledge), newest, &truth).truth(),
            "{cell:?}"
        );
    }
    assert!(
        wrong.is_empty(),
        "{} of {} cells:\n{}",
        wrong.len(),
        lived.cells.len(),
        wrong.join("\n")
    );
    let ase = lived.cells.iter().filter(|cell| cell.person == "ase");
    let dates: std::collections::BTreeSet<_> = ase.map(|cell| cell.question.on).collect();
    assert!(
        dates.len() >= 40 && lived.cells.len() > 380,
        "{} days, {} cells",
        dates.len(),
        lived.cells.len()
    );
}

/// Old prints, prints after an appeal, prints under another name: whichever certificate is shown,
/// the answer about the person is the same; only *this* and *another* swap places.
#[test]
fn all_certificates_of_a_person_give_one_answer() {
    let lived = lived();
    let knowledge = lived.office.knowledge();
    let history =
        knowledge.read_history(lived.office.read_history("history")).expect("the office's own");
    let numbers = &lived.office.people["ase"];
    assert_eq!(numbers.len(), 4);
    let mut swapped = 0;
    for cell in lived.cells.iter().filter(|cell| cell.person == "ase") {
        let [first, second, third, fourth] = [0, 1, 2, 3].map(|place| {
            let answer = lived.ask((&history, &knowledge), numbers[place], cell).answer();
            (answer.code, answer.as_known_at, answer.authorisation)
        });
        assert_eq!((first, third), (second, fourth), "{cell:?}: two prints of one authorisation");
        assert_eq!(
            (first.0, first.1),
            (third.0, third.1),
            "{cell:?}: two authorisations of one person"
        );
        if first.2.is_some() {
            assert_ne!(first.2, third.2, "{cell:?}");
            swapped += 1;
        }
    }
    assert!(swapped > 100, "only {swapped}");
}

/// The same by the register's own answer, which has more words: no day, and no moment of knowledge,
/// falls in between.
#[test]
fn no_day_and_no_moment_differs_from_the_register() {
    use vernet_register::Standing;
    let lived = lived();
    let state = lived.office.founded.office.register().state();
    let mut compared = 0;
    for person in ["bo", "dag", "eli", "gro", "hans"] {
        let number = lived.office.people[person][0];
        let records = state.past(number, lived.office.founded.now).expect("a certificate");
        let moments: Vec<_> = records
            .iter()
            .flat_map(|record| [record.recorded, record.recorded.plus_seconds(90_000)])
            .collect();
        for moment in moments.into_iter().chain([lived.office.founded.now]) {
            let record = records
                .iter()
                .rev()
                .find(|record| record.recorded <= moment)
                .expect("after the first");
            let mut on = day("2004-12-25");
            while on <= lived.office.founded.now.civil_date() {
                let register = match state.standing(number, on, moment).expect("a certificate") {
                    Standing::NotYet => None,
                    Standing::Authorised => Some("authorised"),
                    Standing::WithConditions { .. } => Some("with_conditions"),
                    Standing::Suspended { .. } => Some("suspended"),
                    _ => Some("not_authorised"),
                };
                let found =
                    record.on(on).map(|state| serde_json::to_value(state.state).expect("a word"));
                assert_eq!(
                    found.as_ref().and_then(|word| word.as_str()),
                    register,
                    "{person} on {on} as of {moment}"
                );
                on = on.plus_days(1);
                compared += 1;
            }
        }
    }
    assert!(compared > 50_000, "only {compared}");
}
