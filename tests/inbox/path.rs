//! The whole path of an applicant.

use std::fs;

use vernet_applications::{
    Answer as OfficeAnswer, AnswerClaims, Enclosed, FileKind, InboxFolder, Label, Purpose,
    ReceiptCode, Step, Submission,
};
use vernet_host::random;

use crate::client::{File, Server, borrowed, hidden, now, office, pdf, picture};

/// What the office got under a code.
fn submissions(server: &Server, code: &ReceiptCode) -> Vec<Submission> {
    let open = |name: &String| {
        let sealed = fs::read(server.root.path().join("inbox/incoming").join(name)).expect("there");
        Submission::open(&office().open_key(), &code.id(), &sealed).ok()
    };
    server.files("incoming").iter().filter_map(open).collect()
}

/// Answers as the office does.
fn answer(
    server: &Server,
    code: &ReceiptCode,
    number: u32,
    step: Step,
    text: &str,
    letters: usize,
) {
    let letter = |_| Enclosed::new(Label::Letter, FileKind::Pdf, pdf("")).expect("small");
    let documents: Vec<Enclosed> = (0..letters).map(letter).collect();
    let claims = AnswerClaims {
        receipt: code.id(),
        number,
        iat: now().plus_seconds(i64::from(number) * 60),
        step,
        text: Some(text.parse().expect("a text")),
        by: step.has_deadline().then(|| "2026-12-15".parse().expect("a day")),
        documents: documents.iter().map(|document| document.about().clone()).collect(),
    };
    let to = (Purpose::Answer, &code.seal_key());
    let sealed =
        OfficeAnswer { claims, documents }.seal(&office(), to, &mut random()).expect("sealed");
    let folder = InboxFolder::open(&server.root.path().join("inbox")).expect("there");
    folder.post(&code.id(), number, &sealed).expect("posted");
}

#[test]
fn somebody_applies_and_gets_a_receipt() {
    let server = Server::start();
    assert_eq!(server.get("/").header("location"), Some("/nb/"));
    for language in ["nb", "nn", "en"] {
        for page in ["", "apply", "status"] {
            let shown = server.get(&format!("/{language}/{page}"));
            assert_eq!(shown.status, 200, "{language} {page}");
            assert!(shown.body.contains(&format!("<html lang=\"{language}\"")));
            // No path of words that nobody wrote.
            assert!(!shown.body.contains(">inbox.") && !shown.body.contains("\"inbox."));
        }
    }
    let second = server.post(
        "/nb/apply",
        &[("step", "right"), ("kind", "authorisation"), ("basis", "norwegian_exam")],
    );
    assert!(second.status == 200 && second.body.contains("id=\"family_name\""), "{}", second.body);
    assert!(second.body.contains("id=\"school\"") && !second.body.contains("id=\"state\""));

    let fields = server.filled_in(&[]);
    let receipt = server.upload(
        "/nb/send",
        &borrowed(&fields),
        &[
            File {
                field: "identity",
                name: "../../pass 28029012345.jpg",
                bytes: picture(image::ImageFormat::Jpeg),
            },
            File::pdf("diploma"),
            File { field: "other", name: "", bytes: Vec::new() },
        ],
    );
    assert_eq!(receipt.status, 200, "{}", receipt.body);
    let code = receipt.code();
    let [submission] = &submissions(&server, &code)[..] else { panic!("one submission") };
    let form = submission.form.as_ref().expect("a form");
    assert_eq!(form.given_name.with(&form.family_name), "Ingrid Sofie Ødegård");
    assert_eq!(form.mail.as_str(), "ingrid@example.no");
    let labels: Vec<_> = submission
        .documents
        .iter()
        .map(|document| (document.about().label, document.about().kind))
        .collect();
    assert_eq!(labels, [(Label::Identity, FileKind::Jpeg), (Label::Diploma, FileKind::Pdf)]);
    assert_eq!(submission.documents[1].bytes(), pdf(""));
    assert_eq!(submission.reply_to, code.seal_key());
}

#[test]
fn faults_are_told_beside_their_fields_and_nothing_is_lost() {
    let server = Server::start();
    let nothing = server.post("/en/apply", &[("step", "right")]);
    assert_eq!(nothing.status, 422);
    assert!(
        nothing.body.contains("id=\"kind-fault\"") && nothing.body.contains("id=\"basis-fault\"")
    );
    let right =
        [("title", "perfusionist"), ("kind", "authorisation"), ("basis", "eea_recognition")];
    let person = [
        ("step", "person"),
        ("given_name", "Åse"),
        ("family_name", ""),
        ("state", "XX"),
        ("mail", "nobody"),
    ];
    let wrong = server.post("/en/apply", &[&right[..], &person].concat());
    assert_eq!(wrong.status, 422);
    for field in ["family_name", "birthdate", "state", "mail"] {
        assert!(wrong.body.contains(&format!("id=\"{field}-fault\"")), "{field}");
        assert!(wrong.body.contains(&format!("href=\"#{field}\"")), "{field}");
    }
    assert!(wrong.body.contains("value=\"Åse\"") && wrong.body.contains("value=\"nobody\""));
    let carried = hidden(&wrong.body);
    assert!(carried.contains(&("basis".into(), "eea_recognition".into())), "{carried:?}");
    // Back, and the second step is not lost either.
    let back = server.post("/en/apply", &[&right[..], &person, &[("back", "right")]].concat());
    assert_eq!(back.status, 200);
    assert!(hidden(&back.body).contains(&("given_name".into(), "Åse".into())));
}

#[test]
fn a_national_identity_number_is_neither_kept_nor_shown_again() {
    let server = Server::start();
    let right = [("title", "perfusionist"), ("kind", "authorisation"), ("basis", "transitional")];
    for (field, typed) in
        [("hpr_number", "28029012345"), ("family_name", "280290-12345"), ("mail", "28029012345")]
    {
        let page =
            server.post("/nb/apply", &[&right[..], &[("step", "person"), (field, typed)]].concat());
        assert_eq!(page.status, 422);
        assert!(page.body.contains("fødselsnummer") && !page.body.contains("12345"), "{field}");
        // Nor is it carried to another page.
        let back = [("back", "right"), (field, typed)];
        let back = server.post("/nb/apply", &[&right[..], &back].concat());
        assert!(back.status == 200 && !back.body.contains("12345"), "{field}");
    }
    let fields = server.filled_in(&[]);
    let mut fields = borrowed(&fields);
    fields.push(("text", "Mitt nummer er 280290 12345"));
    let sent = server.upload("/nb/send", &fields, &[File::pdf("diploma")]);
    assert_eq!(sent.status, 422);
    assert!(server.files("incoming").is_empty());
}

#[test]
fn answers_are_read_by_code_and_letters_come_by_links_that_work_once() {
    let server = Server::start();
    let code = server.apply();
    let text = code.text();
    let status = |typed: &str| server.post("/nb/status", &[("code", typed)]);
    assert!(status(&text.to_lowercase()).body.contains("venter på kontoret"));

    answer(&server, &code, 1, Step::Request, "Send passet, er du snill.", 0);
    let asked = status(&text);
    assert!(
        asked.body.contains("Send passet, er du snill.")
            && asked.body.contains("15. desember 2026")
    );
    assert!(asked.body.contains("trenger noe mer"));

    let more = [("code", text.as_str()), ("text", "Her er det.")];
    let sent = server.upload(
        "/nb/more",
        &more,
        &[File { field: "other", name: "x.png", bytes: picture(image::ImageFormat::Png) }],
    );
    assert_eq!(sent.status, 200, "{}", sent.body);
    assert!(sent.body.contains("er mottatt"));
    assert_eq!(submissions(&server, &code).len(), 2);

    answer(&server, &code, 2, Step::Granted, "Gratulerer.", 1);
    let granted = status(&text);
    assert!(granted.body.contains("innvilget"), "{}", granted.body);
    let link = |document: &str| {
        server.post("/nb/letter", &[("code", &text), ("answer", "2"), ("document", document)])
    };
    assert_eq!(link("1").status, 404, "there is one letter");
    assert_eq!(link("-1").status, 404);
    let page = link("0");
    let href = page
        .body
        .split("href=\"/letter/")
        .nth(1)
        .expect("a link")
        .split('"')
        .next()
        .expect("an end");
    let path = format!("/letter/{href}");
    // A program that only asks does not use it up.
    let asks =
        format!("HEAD {path} HTTP/1.1\r\nHost: soknad.example.no\r\nConnection: close\r\n\r\n");
    assert_eq!(server.send(asks.as_bytes()).status, 405);
    let letter = server.get(&path);
    assert_eq!((letter.status, letter.bytes), (200, pdf("")));
    assert!(letter.head.contains("attachment; filename=\"letter.pdf\""), "{}", letter.head);
    assert_eq!(server.get(&path).status, 404, "a second time");
    // Whoever lost it gets another one.
    assert!(link("0").body.contains("href=\"/letter/"));
}

#[test]
fn without_the_right_code_nothing_is_told() {
    let server = Server::start();
    let code = server.apply();
    let other = ReceiptCode::generate(&mut random());
    for (typed, status) in [("", 422), ("7K2M9", 422), (&other.text(), 404), (&code.text(), 200)] {
        let page = server.post("/en/status", &[("code", typed)]);
        assert_eq!(page.status, status, "{typed}");
        if status != 200 {
            assert!(typed.is_empty() || !page.body.contains(typed), "it is shown again");
        }
        let more = server.upload("/en/more", &[("code", typed), ("text", "Hi")], &[]);
        assert_eq!(more.status, status);
    }
    // Names of receipts are no codes.
    let by_name = server.post("/en/status", &[("code", &code.id().to_string())]);
    assert_eq!(by_name.status, 422);
}

#[test]
fn an_answer_that_the_office_did_not_sign_is_not_shown() {
    let server = Server::start();
    let code = server.apply();
    let folder = InboxFolder::open(&server.root.path().join("inbox")).expect("there");
    folder.post(&code.id(), 1, b"rubbish").expect("posted");
    let thief = vernet_applications::InboxKey::new(vernet_common::SecretKey::from_seed(&[6; 32]));
    let claims = AnswerClaims {
        receipt: code.id(),
        number: 2,
        iat: now(),
        step: Step::Granted,
        text: Some("Betal til konto 1234.".parse().expect("a text")),
        by: None,
        documents: Vec::new(),
    };
    let forged = OfficeAnswer { claims, documents: Vec::new() };
    let to = (Purpose::Answer, &code.seal_key());
    folder
        .post(&code.id(), 2, &forged.seal(&thief, to, &mut random()).expect("sealed"))
        .expect("posted");
    let page = server.post("/nb/status", &[("code", &code.text())]);
    assert!(page.status == 200 && !page.body.contains("1234") && page.body.contains("venter på"));
}
