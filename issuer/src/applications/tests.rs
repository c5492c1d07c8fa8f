//! An inbox, the office, and whoever was between them.

use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use vernet_applications::{
    FileKind, FormDraft, InboxPublicKey, ReceiptCode, Received, Room, SealedSubmission,
};
use vernet_common::SecretKey;

use super::*;

fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

fn at(text: &str) -> NumericDate {
    text.parse().expect("an instant")
}

fn day(text: &str) -> CivilDate {
    text.parse().expect("a day")
}

fn key() -> InboxKey {
    InboxKey::new(SecretKey::from_seed(&[5; 32]))
}

fn code(seed: u64) -> ReceiptCode {
    ReceiptCode::generate(&mut rng(seed))
}

struct Desk {
    root: tempfile::TempDir,
    applications: Applications,
}

impl Desk {
    fn new() -> Self {
        let root = tempfile::tempdir().expect("a folder");
        let config = InboxConfig {
            folder: root.path().join("inbox"),
            url: "https://soknad.example.no".parse().expect("a URL"),
            mail: None,
        };
        let inbox = InboxFolder::open(&config.folder).expect("made");
        let own = root.path().join("office/applications");
        fs::create_dir(root.path().join("office")).expect("made");
        let sender = "Kontoret".to_owned();
        Self { root, applications: Applications { inbox, own, config, sender } }
    }

    /// What an applicant sends.
    fn send(&self, code: &ReceiptCode, words: &str, form: bool, when: &str) -> Received {
        let sealed = sealed(code, words, form, when);
        let kept = self.applications.inbox.keep(&sealed, at(when), Room::default());
        kept.expect("kept")
    }

    fn opened(&self, code: &ReceiptCode) -> OpenedApplication {
        self.applications.take().expect("taken");
        self.applications.open(&key(), &code.id()).expect("it opens")
    }

    fn answer(&self, code: &ReceiptCode, step: Step, when: &str) {
        let new = NewAnswer {
            step,
            text: Some("Send passet.".parse().expect("a text")),
            by: step.has_deadline().then(|| day("2026-12-15")),
            documents: vec![],
        };
        let mut opened = self.opened(code);
        let answered = self.applications.answer(&key(), &mut opened, new, at(when), &mut rng(8));
        answered.expect("answered");
    }

    /// What the inbox shows to whoever has the code.
    fn seen(&self, code: &ReceiptCode, office: &InboxPublicKey) -> Vec<Step> {
        let inbox = &self.applications.inbox;
        let numbers = inbox.answers(&code.id()).expect("listed");
        let open = |number| {
            let sealed = inbox.answer(&code.id(), number).expect("read").expect("there");
            let with = (Purpose::Answer, &code.open_key());
            Answer::open(&sealed, with, (&code.id(), number), office).expect("opens").claims.step
        };
        numbers.into_iter().map(open).collect()
    }
}

fn sealed(code: &ReceiptCode, words: &str, form: bool, when: &str) -> SealedSubmission {
    let draft = FormDraft {
        language: "nb".into(),
        title: "perfusionist".into(),
        kind: "authorisation".into(),
        basis: "accredited_school_exam".into(),
        given_name: "Ingrid".into(),
        family_name: "Dahl".into(),
        birthdate: "28.02.1990".into(),
        hpr_number: "9144900".into(),
        school: "Fjordheim Perfusion School".into(),
        exam_date: "2014-06-11".into(),
        mail: "ingrid@example.no".into(),
        ..FormDraft::default()
    };
    let form = form.then(|| draft.check(day("2026-12-01")).expect("nothing is wrong"));
    let document =
        |label, bytes: &[u8]| Enclosed::new(label, FileKind::Pdf, bytes.to_vec()).expect("small");
    let documents = [document(Label::Diploma, words.as_bytes()), document(Label::Diploma, b"2")];
    let (to, text) = (key().public().seal, Some(words.parse().expect("a text")));
    Submission::seal(code, (form, text), &documents, at(when), (&to, &mut rng(99))).expect("sealed")
}

#[test]
fn an_application_is_taken_opened_and_answered() {
    let (desk, code) = (Desk::new(), code(1));
    desk.send(&code, "Hei", true, "2026-12-01T10:00:00Z");
    let opened = desk.opened(&code);
    assert_eq!(opened.form().expect("a form").family_name.as_str(), "Dahl");
    assert_eq!((opened.step(), opened.is_news()), (None, true));
    desk.answer(&code, Step::Request, "2026-12-02T10:00:00Z");
    assert_eq!(desk.seen(&code, &key().public()), [Step::Request]);
    let asked = desk.opened(&code);
    assert_eq!((asked.step(), asked.is_news()), (Some(Step::Request), false));
    assert_eq!(asked.waits_until(), Some(day("2026-12-15")));

    // A message changes nothing of what is asked.
    desk.answer(&code, Step::Message, "2026-12-02T11:00:00Z");
    assert_eq!(desk.opened(&code).waits_until(), Some(day("2026-12-15")));

    desk.send(&code, "Her er det", false, "2026-12-03T10:00:00Z");
    let answered = desk.opened(&code);
    assert_eq!((answered.waits_until(), answered.is_news()), (None, true));
    let names: Vec<_> = answered.documents().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["diploma-1.pdf", "diploma-2.pdf", "diploma-3.pdf", "diploma-4.pdf"]);
    desk.answer(&code, Step::Granted, "2026-12-04T10:00:00Z");
    let steps = [Step::Request, Step::Message, Step::Granted];
    assert_eq!(desk.seen(&code, &key().public()), steps);
}

#[test]
fn an_application_becomes_files_for_a_proposal() {
    let (desk, code) = (Desk::new(), code(1));
    desk.send(&code, "Hei", true, "2026-12-01T10:00:00Z");
    let opened = desk.opened(&code);
    let folder = desk.root.path().join("case");
    let days = (day("2026-12-02"), day("2026-12-03"));
    // The second document is no PDF, whatever a taken-over inbox says.
    let look = |bytes: &[u8]| match bytes {
        b"2" => Ok(FileKind::Png),
        _ => Ok(FileKind::Pdf),
    };
    let written = write_application(&opened, &folder, days, &look).expect("written");
    let json = fs::read(&written.application).expect("there");
    let application = vernet_register::Application::from_json(&json).expect("an application");
    assert_eq!(application.applied, Some(day("2026-12-01")));
    assert_eq!((application.decided, application.granted), days);
    assert_eq!(written.documents.len(), 1);
    assert_eq!(written.left_out, [("diploma-2.pdf".to_owned(), Unfit::Kind)]);
    assert_eq!(fs::read(&written.documents[0]).expect("there"), b"Hei");
    let again = write_application(&opened, &folder, days, &look).expect_err("it is there");
    assert_eq!(again.code(), "file_exists");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&written.documents[0])), (0o700, 0o600));
    }
}

#[test]
fn what_was_written_and_not_posted_is_posted_the_next_time() {
    let (desk, code) = (Desk::new(), code(1));
    desk.send(&code, "Hei", true, "2026-12-01T10:00:00Z");
    desk.answer(&code, Step::Received, "2026-12-01T11:00:00Z");
    desk.answer(&code, Step::Hearing, "2026-12-02T11:00:00Z");
    // It was ended between the two, or the inbox lost it.
    let outgoing = desk.root.path().join("inbox/outgoing").join(code.id().to_string());
    fs::remove_dir_all(&outgoing).expect("it is there");
    assert!(desk.seen(&code, &key().public()).is_empty());
    let opened = desk.opened(&code);
    let posted = desk.applications.post_again(&key(), &opened, &mut rng(1)).expect("posted");
    assert_eq!(posted, 2);
    assert_eq!(desk.seen(&code, &key().public()), [Step::Received, Step::Hearing]);
    fs::remove_file(outgoing.join("0001.sealed")).expect("it is there");
    desk.answer(&code, Step::Refused, "2026-12-20T11:00:00Z");
    let steps = [Step::Received, Step::Hearing, Step::Refused];
    assert_eq!(desk.seen(&code, &key().public()), steps);
}

#[test]
fn two_consoles_that_answer_at_once_give_two_answers() {
    let (desk, code) = (Desk::new(), code(1));
    desk.send(&code, "Hei", true, "2026-12-01T10:00:00Z");
    let (mut one, mut other) = (desk.opened(&code), desk.opened(&code));
    for (opened, step) in [(&mut one, Step::Received), (&mut other, Step::Closed)] {
        let new = NewAnswer { step, text: None, by: None, documents: vec![] };
        let now = at("2026-12-02T10:00:00Z");
        desk.applications.answer(&key(), opened, new, now, &mut rng(8)).expect("answered");
    }
    assert_eq!(desk.seen(&code, &key().public()), [Step::Received, Step::Closed]);
}

#[test]
fn an_inbox_that_was_taken_over_cannot_draw_answers_to_itself_or_hide_behind_rubbish() {
    let (desk, code) = (Desk::new(), code(1));
    desk.send(&code, "Hei", true, "2026-12-01T10:00:00Z");
    desk.opened(&code);
    // It knows the receipt, and seals something of its own with a key of its own.
    let thief = super::tests::code(2);
    let mut foreign = sealed(&thief, "Jeg er henne", true, "2026-11-30T10:00:00Z");
    foreign.receipt = code.id();
    desk.applications
        .inbox
        .keep(&foreign, at("2026-12-02T10:00:00Z"), Room::default())
        .expect("kept");
    let rubbish = SealedSubmission {
        receipt: code.id(),
        delivery: sealed(&thief, "x", false, "2026-12-01T10:00:00Z").delivery,
        bytes: b"rubbish".to_vec(),
    };
    desk.applications
        .inbox
        .keep(&rubbish, at("2026-12-02T10:00:00Z"), Room::default())
        .expect("kept");
    let opened = desk.opened(&code);
    assert_eq!(opened.reply_to, Some(code.seal_key()));
    assert_eq!(opened.submissions.len(), 1);
    let mut codes: Vec<_> = opened.faults.iter().map(|(_, fault)| fault.code()).collect();
    codes.sort_unstable();
    assert_eq!(codes, ["sealed_for_another", "sealed_malformed"]);
    desk.answer(&code, Step::Received, "2026-12-02T10:00:00Z");
    assert_eq!(desk.seen(&code, &key().public()), [Step::Received]);
}

#[test]
fn applications_are_found_by_the_first_digits() {
    let desk = Desk::new();
    for seed in 1..20 {
        desk.send(&code(seed), "Hei", true, "2026-12-01T10:00:00Z");
    }
    desk.applications.take().expect("taken");
    assert_eq!(desk.applications.receipts().expect("listed").len(), 19);
    let find = |digits: &str| desk.applications.find(digits).map_err(|error| error.code());
    assert_eq!(find(&code(1).id().short()), Ok(code(1).id()));
    assert_eq!(find(&code(1).id().to_string()), Ok(code(1).id()));
    assert_eq!(find(""), Err("receipt_unknown"));
    assert_eq!(find("../.."), Err("receipt_unknown"));
    let first = |seed| code(seed).id().to_string()[..1].to_owned();
    let shared =
        (2..20).find(|seed| (1..20).any(|other| other != *seed && first(*seed) == first(other)));
    assert_eq!(find(&first(shared.expect("19 of 16"))), Err("receipt_ambiguous"));
}

#[test]
fn what_is_deleted_is_gone_on_both_sides() {
    let desk = Desk::new();
    for seed in 1..3 {
        desk.send(&code(seed), "Hei", true, "2026-12-01T10:00:00Z");
        desk.answer(&code(seed), Step::Received, "2026-12-01T11:00:00Z");
    }
    desk.send(&code(1), "Mer", false, "2026-12-01T12:00:00Z");
    desk.applications.delete(&code(1).id()).expect("deleted");
    desk.applications.delete(&code(1).id()).expect("again");
    let error = desk.applications.open(&key(), &code(1).id()).expect_err("gone");
    assert_eq!(error.code(), "receipt_unknown");
    assert_eq!(desk.applications.inbox.receipt(&code(1).id()).expect("read"), None);
    assert_eq!(desk.seen(&code(2), &key().public()), [Step::Received]);
    let id = code(1).id().to_string();
    for entry in fs::read_dir(desk.root.path().join("office/applications")).expect("there") {
        let name = entry.expect("an entry").file_name().into_string().expect("ASCII");
        assert!(!name.contains(&id), "{name}");
    }
}

#[test]
fn nothing_of_an_application_lies_in_clear_at_the_office() {
    let (desk, code) = (Desk::new(), code(1));
    desk.send(&code, "Ingrids brev", true, "2026-12-01T10:00:00Z");
    desk.answer(&code, Step::Request, "2026-12-02T10:00:00Z");
    for folder in ["office/applications", "inbox/incoming", "inbox/receipts"] {
        for entry in fs::read_dir(desk.root.path().join(folder)).expect("there") {
            let bytes = fs::read(entry.expect("an entry").path()).unwrap_or_default();
            for words in [&b"Ingrid"[..], b"Send passet", b"example.no"] {
                assert!(!bytes.windows(words.len()).any(|part| part == words), "{folder}");
            }
        }
    }
}

#[test]
fn a_mail_says_that_there_is_news_and_nothing_else() {
    for language in ["nb", "nn", "en"] {
        let (desk, code) = (Desk::new(), code(1));
        desk.send(&code, "Hei", true, "2026-12-01T10:00:00Z");
        desk.answer(&code, Step::Hearing, "2026-12-02T10:00:00Z");
        let mut opened = desk.opened(&code);
        let form = opened.submissions[0].form.as_mut().expect("a form");
        form.language = vernet_applications::ApplicantLanguage::ALL
            .into_iter()
            .find(|one| one.code() == language)
            .expect("one of them");
        let (subject, text) =
            mail::words(&desk.applications, &mail::News::of(&opened).expect("a form"));
        let all = format!("{subject}\n{text}").to_lowercase();
        assert!(all.contains(&format!("https://soknad.example.no/{language}/status")), "{all}");
        assert!(all.contains("kontoret"), "{all}");
        assert!(all.contains("15.12.2026") || all.contains("2026-12-15"), "{all}");
        let code = code.text().to_lowercase();
        let receipt = opened.receipt.to_string();
        for never in ["ingrid", "dahl", "1990", "9144900", "perfu", "passet", &code, &receipt] {
            assert!(!all.contains(never), "{never}: {all}");
        }
    }
}
