//! Deciding: forms for what can be decided about a person, and the page on which it is signed.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use serde_json::{Value, json};
use vernet_common::SecretKey;
use vernet_register::{Event, Statement};

use crate::desk::{Answer, Desk, ORIGIN};

impl Desk {
    /// Fills in a form with documents, as a page of this session has it.
    async fn fill(
        &self,
        path: &str,
        session: &str,
        fields: &[(&str, &str)],
        documents: &[(&str, &[u8])],
    ) -> Answer {
        let token = self.token(session).await;
        let fields = [&[("token", token.as_str())], fields].concat();
        self.file(path, session, &fields, documents).await
    }

    /// Signs by a key file what a form led to. Returns the statement.
    async fn sign_led(&self, led: &Answer, session: &str, key: &SecretKey) -> Statement {
        let to_sign = self.to_sign(led, session).await;
        self.record(&to_sign, session, &to_sign.by_file(key)).await;
        let last = to_sign.statements.last().expect("a statement");
        Statement::from_bytes(last).expect("a statement")
    }

    /// What one officer proposed by a form, and another one approved.
    async fn decided(&self, fields: &[(&str, &str)]) -> Event {
        let [kari, ola] = &self.officers;
        let (first, second) = (self.sign_in(kari).await, self.sign_in(ola).await);
        let path = format!("/certificate/{}/decide", self.number);
        let led = self.fill(&path, &first, fields, &[]).await;
        let proposed = self.sign_led(&led, &first, kari).await;
        self.approved(proposed.seq, &second, ola).await.event
    }

    async fn approved(&self, seq: u64, session: &str, key: &SecretKey) -> Statement {
        let led = self.approval(seq, session).await;
        self.sign_led(&led, session, key).await
    }
}

#[tokio::test]
async fn what_is_written_wrongly_is_corrected_by_two() {
    let desk = Desk::new();
    let event = desk
        .decided(&[
            ("act", "correct"),
            ("birthdate", "18.5.1984"),
            ("given_name", "Åse Marie"),
            ("family_name", "Østlyngen"),
        ])
        .await;
    let Event::Corrected(correction) = event else { panic!("{event:?}") };
    assert_eq!(correction.birthdate.map(|day| day.to_string()).as_deref(), Some("1984-05-18"));
    let office = desk.office();
    let file =
        office.register().state().person_file("9144889".parse().expect("a number"), desk.now());
    assert_eq!(file.expect("a person").person.birthdate.to_string(), "1984-05-18");
}

#[tokio::test]
async fn a_death_by_mistake_is_retracted() {
    let desk = Desk::new();
    let died = desk.decided(&[("act", "deceased"), ("effective_on", "20.11.2026")]).await;
    assert!(matches!(died, Event::Deceased { .. }), "{died:?}");
    let session = desk.sign_in(&desk.officers[0]).await;
    let path = format!("/certificate/{}/decide?act=retract", desk.number);
    let form = desk.get(&path, &session).await;
    let seq = form.value("name=\"statement\"><option value=\"");
    let retracted = desk.decided(&[("act", "retract"), ("statement", &seq)]).await;
    assert!(matches!(retracted, Event::Retracted { .. }), "{retracted:?}");
}

#[tokio::test]
async fn a_decision_is_replaced_by_a_milder_one_on_appeal() {
    let desk = Desk::new();
    let revoked = desk.decided(&[("act", "revoke"), ("gravest", "on")]).await;
    assert!(matches!(revoked, Event::Revoked { .. }), "{revoked:?}");
    let office = desk.office();
    let history = office.register().state().history(desk.number).expect("a history");
    let decision = history.last().expect("a decision").seq.to_string();
    let milder = desk
        .decided(&[
            ("act", "replace"),
            ("decision", &decision),
            ("instead", "limitation"),
            ("reference", "26/1234-5"),
            ("until", "1.6.2027"),
        ])
        .await;
    let Event::Reversed { instead: Some(instead), .. } = &milder else { panic!("{milder:?}") };
    assert!(matches!(**instead, Event::Limited { .. }), "{instead:?}");
}

#[tokio::test]
async fn a_written_language_that_the_form_offers_is_taken() {
    let desk = Desk::new();
    let session = desk.sign_in(&desk.officers[0]).await;
    let page = desk.get("/applications/new", &session).await.body;
    let select = page.split("<select id=\"language\"").nth(1).expect("a select");
    let select = select.split("</select>").next().expect("it ends");
    let offered: Vec<_> = select.split("value=\"").skip(1).map(|it| &it[..2]).collect();
    assert_eq!(offered[1..], ["nb", "nn"], "{select}");
    for language in ["nb", "nn"] {
        let fields = [
            ("language", language),
            ("family_name", "Ørstavik"),
            ("birthdate", "24.12.1985"),
            ("hpr_number", "9122334"),
            ("kind", "authorisation"),
            ("basis", "norwegian_exam"),
            ("exam_school", "A made-up school of perfusion"),
            ("exam_date", "15.6.2012"),
            ("decided", "24.11.2026"),
            ("granted", "24.11.2026"),
        ];
        let document: (&str, &[u8]) = ("a.pdf", b"%PDF-1.7\n");
        let led = desk.fill("/applications/new", &session, &fields, &[document]).await;
        assert_eq!(led.status, StatusCode::SEE_OTHER, "{language}: {}", led.body);
    }
}

#[tokio::test]
async fn an_application_is_refused_with_the_reason() {
    let desk = Desk::new();
    let [kari, ola] = &desk.officers;
    let (first, second) = (desk.sign_in(kari).await, desk.sign_in(ola).await);
    let fields = [
        ("outcome", "refuse"),
        ("reason", "26/0815-3"),
        ("family_name", "Ørstavik"),
        ("birthdate", "24.12.1985"),
        ("hpr_number", "9122334"),
        ("kind", "authorisation"),
        ("basis", "norwegian_exam"),
        ("exam_school", "A made-up school of perfusion"),
        ("exam_date", "15.6.2012"),
        ("decided", "24.11.2026"),
    ];
    let led = desk.fill("/applications/new", &first, &fields, &[("a.pdf", b"%PDF-1.7\n")]).await;
    let proposed = desk.sign_led(&led, &first, kari).await;
    // The second one sees the document beside what is signed.
    let review = desk.get(&format!("/proposals/{}", proposed.seq), &second).await;
    let form = [
        ("token", review.value("name=\"token\" value=\"")),
        ("sha256", review.value("name=\"sha256\" value=\"")),
    ];
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let approve = format!("/proposals/{}/approve", proposed.seq);
    let led = desk.post(&approve, &second, &form).await;
    let page = desk.get(led.header("location"), &second).await;
    let beside = page.value("<iframe src=\"");
    assert!(beside.starts_with(&format!("/documents/{}/", proposed.seq)), "{beside}");
    assert_eq!(desk.get(&beside, &second).await.header("content-type"), "application/pdf");
    let refused = desk.sign_led(&led, &second, ola).await;
    let Event::Refused(refused) = &refused.event else { panic!("{refused:?}") };
    assert_eq!(refused.reason, "26/0815-3");
}

#[tokio::test]
async fn a_suspension_in_an_emergency_is_taken_back_by_whoever_made_it() {
    let desk = Desk::new();
    let [kari, ola] = &desk.officers;
    let (first, second) = (desk.sign_in(kari).await, desk.sign_in(ola).await);
    let path = format!("/certificate/{}/decide", desk.number);
    let led = desk.fill(&path, &first, &[("act", "emergency"), ("until", "1.2.2027")], &[]).await;
    let made = desk.sign_led(&led, &first, kari).await;
    let take_back = "act=take_back";
    let person = desk.get("/person/9144889", &first).await.body;
    assert!(person.contains(take_back) && person.contains("ends after"), "{person}");
    let others = desk.get("/person/9144889", &second).await.body;
    assert!(!others.contains(take_back), "{others}");
    assert!(others.contains(&format!("/proposals/{}", made.seq)), "{others}");
    // It is taken back where it is looked at, and never rejected like a proposal.
    let review = desk.get(&format!("/proposals/{}", made.seq), &first).await.body;
    assert!(review.contains(take_back) && !review.contains("/reject"), "{review}");
    let led = desk.fill(&path, &first, &[("act", "take_back")], &[]).await;
    let lifted = desk.sign_led(&led, &first, kari).await;
    assert!(matches!(lifted.event, Event::Lifted { .. }), "{lifted:?}");
    assert!(!desk.get("/person/9144889", &first).await.body.contains(take_back));
}

#[tokio::test]
async fn nobody_merges_two_people_without_having_seen_both() {
    let desk = Desk::new();
    let session = desk.sign_in(&desk.officers[0]).await;
    let path = format!("/certificate/{}/decide", desk.number);
    let merge = [("act", "merge"), ("into", "9144889")];
    let shown = desk.fill(&path, &session, &merge, &[]).await;
    assert_eq!(shown.status, StatusCode::OK);
    assert_eq!(shown.value("name=\"seen\" value=\""), "9144889");
    // Only then does the register say that it cannot be.
    let seen = [("act", "merge"), ("into", "9144889"), ("seen", "9144889")];
    let refused = desk.fill(&path, &session, &seen, &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("merge_cycle"), "{}", refused.body);
}

#[tokio::test]
async fn a_title_without_a_cycle_is_not_renewed_and_who_was_told_is_recorded() {
    let desk = Desk::new();
    let session = desk.sign_in(&desk.officers[0]).await;
    let path = format!("/certificate/{}/decide", desk.number);
    let refused = desk.fill(&path, &session, &[("act", "renew")], &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("renewal_mismatch"), "{}", refused.body);

    let revoked = desk.decided(&[("act", "revoke")]).await;
    assert!(matches!(revoked, Event::Revoked { .. }), "{revoked:?}");
    let seq = desk.office().register().state().statements().len().to_string();
    let told = [("act", "tell"), ("decision", seq.as_str()), ("notice", "eea_alert")];
    let led = desk.fill(&path, &session, &told, &[]).await;
    let told = desk.sign_led(&led, &session, &desk.officers[0]).await;
    assert!(matches!(told.event, Event::Notified { .. }), "{told:?}");
}

#[tokio::test]
async fn every_act_has_its_form_in_every_language() {
    let desk = Desk::new();
    let session = desk.sign_in(&desk.officers[0]).await;
    let path = format!("/certificate/{}/decide", desk.number);
    let list = desk.get(&path, &session).await.body;
    let acts: Vec<&str> = list
        .split("?act=")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap_or_default())
        .collect();
    assert!(acts.len() >= 25, "{acts:?}");
    for act in acts {
        for language in ["nb", "nn", "en"] {
            let session = format!("{session}; language={language}");
            let form = desk.get(&format!("{path}?act={act}"), &session).await;
            assert_eq!(form.status, StatusCode::OK, "{act}");
            assert!(form.body.contains("id=\"affected\""), "{act}");
            // A word that nobody wrote is its own code, without its underscores.
            for label in form.body.split("<label for=").skip(1) {
                let label = label.split_once('>').expect("a label").1;
                let label = label.split('<').next().unwrap_or_default().trim();
                let is_word = label.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit());
                assert!(is_word || label.is_empty(), "{label} of {act} in {language}");
            }
        }
    }
}

/// What a browser's script sends.
async fn ask(desk: &Desk, session: &str, path: &str, body: &Value) -> Answer {
    let page = desk.get("/applications/new", session).await;
    let request = Request::post(path)
        .header(header::HOST, "localhost:8480")
        .header(header::ORIGIN, ORIGIN)
        .header("sec-fetch-site", "same-origin")
        .header(header::COOKIE, session)
        .header(header::ACCEPT_LANGUAGE, "nn")
        .header("x-form-token", page.value("data-form-token=\""))
        .header(header::CONTENT_TYPE, "application/json");
    desk.send(request.body(Body::from(body.to_string())).expect("a request")).await
}

fn of_person(hpr_number: &str) -> Value {
    json!({ "fields": {
        "given_name": "Åse",
        "family_name": "Østlyngen",
        "birthdate": "17.5.1984",
        "hpr_number": hpr_number,
        "kind": "authorisation",
        "basis": "norwegian_exam",
        "exam_school": "A made-up school of perfusion",
        "exam_date": "11.6.2010",
        "decided": "24.11.2026",
        "granted": "24.11.2026",
    } })
}

#[tokio::test]
async fn the_register_answers_while_an_application_is_typed() {
    let desk = Desk::new();
    let session = desk.sign_in(&desk.officers[0]).await;
    let known = async |body: &Value| -> Value {
        let answer = ask(&desk, &session, "/applications/check", body).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        serde_json::from_str(&answer.body).expect("JSON")
    };
    // Half of it says nothing.
    let half = known(&json!({ "fields": { "family_name": "Østlyngen" } })).await;
    assert_eq!(half["namesakes"], json!([]));
    // The same person again: a rule of the register refuses it, in the reader's language.
    let again = known(&of_person("9144889")).await;
    assert_eq!(again["refused"]["code"], "already_authorised", "{again}");
    let text = again["refused"]["text"].as_str().expect("a text");
    assert!(text.starts_with("Eitt gyldig sertifikat per person og yrke."), "{text}");
    // Somebody with the same name and birth date under another number is shown.
    let namesake = known(&of_person("9144900")).await;
    assert_eq!(namesake["namesakes"][0]["hpr_number"], "9144889", "{namesake}");
    assert_eq!(namesake["refused"], Value::Null, "{namesake}");
    let office = desk.office();
    assert_eq!(office.register().state().proposals().count(), 1, "nothing was proposed");
    // Whose role is another one is told nothing.
    let publisher = desk.sign_in(&desk.publisher).await;
    let answer = ask_as(&desk, &publisher, &of_person("9144900")).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

/// Asks with the token of another page of the session.
async fn ask_as(desk: &Desk, session: &str, body: &Value) -> Answer {
    let token = desk.get("/", session).await.value("name=\"token\" value=\"");
    let request = Request::post("/applications/check")
        .header(header::HOST, "localhost:8480")
        .header(header::ORIGIN, ORIGIN)
        .header("sec-fetch-site", "same-origin")
        .header(header::COOKIE, session)
        .header("x-form-token", token)
        .header(header::CONTENT_TYPE, "application/json");
    desk.send(request.body(Body::from(body.to_string())).expect("a request")).await
}

#[tokio::test]
async fn whoever_asks_the_register_too_often_waits() {
    let desk = Desk::new();
    let session = desk.sign_in(&desk.officers[0]).await;
    let half = json!({ "fields": {} });
    let mut refused = 0;
    for _ in 0..70 {
        let answer = ask_as(&desk, &session, &half).await;
        refused += usize::from(answer.status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert!(refused > 0, "nobody waited");
    // The form itself goes on.
    assert_eq!(desk.get("/applications/new", &session).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_draft_is_found_again_and_gone_once_it_is_proposed() {
    let desk = Desk::new();
    let [kari, ola] = &desk.officers;
    let (first, second) = (desk.sign_in(kari).await, desk.sign_in(ola).await);
    let kept = ask(&desk, &first, "/applications/draft", &of_person("9122334")).await;
    assert_eq!(kept.status, StatusCode::OK, "{}", kept.body);
    let kept: Value = serde_json::from_str(&kept.body).expect("JSON");
    let token = kept["draft"].as_str().expect("a token").to_owned();
    let path = format!("/applications/new?draft={token}");
    for page in ["/", "/applications/new"] {
        assert!(desk.get(page, &first).await.body.contains(&path), "{page}");
        assert!(!desk.get(page, &second).await.body.contains(&path), "{page} of another one");
    }
    assert_eq!(desk.get(&path, &second).await.status, StatusCode::NOT_FOUND);
    let form = desk.get(&path, &first).await;
    assert_eq!(form.value("name=\"family_name\" value=\""), "Østlyngen");
    assert_eq!(form.value("id=\"draft\" value=\""), token);
    // What is no field of an application is not kept.
    let other =
        json!({ "fields": { "token": "x", "reason": "y", "family_name": "Z" }, "draft": token });
    ask(&desk, &first, "/applications/draft", &other).await;
    let bytes = std::fs::read(desk.folder.path().join("drafts.sqlite")).expect("the file");
    assert!(!bytes.windows(9).any(|part| part == b"\"reason\":"));

    let fields = of_person("9122334");
    let fields = fields["fields"].as_object().expect("fields");
    let mut form: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().expect("a text")))
        .collect();
    form.push(("draft", &token));
    let led = desk.fill("/applications/new", &first, &form, &[]).await;
    assert!(desk.get("/", &first).await.body.contains(&path), "it is there until it is signed");
    desk.sign_led(&led, &first, kari).await;
    assert!(!desk.get("/", &first).await.body.contains(&path));
    assert_eq!(desk.get(&path, &first).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_refused_and_what_is_due_is_said_in_the_language_of_the_page() {
    let desk = Desk::new();
    let session = desk.sign_in(&desk.officers[0]).await;
    let path = format!("/certificate/{}/decide", desk.number);
    for (language, meaning, allowed) in [
        ("nb", "Bare en suspensjon som gjelder", "suspendert 24. november 2026"),
        ("nn", "Berre ein suspensjon som gjeld", "suspendert 24. november 2026"),
        ("en", "Only a suspension in force", "suspended on 24 November 2026"),
    ] {
        let session = format!("{session}; language={language}");
        let refused = desk.fill(&path, &session, &[("act", "lift")], &[]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let body = &refused.body;
        assert!(body.contains(meaning) && body.contains(allowed), "{body}");
        assert!(body.contains("suspension_not_in_force"), "the code stays");
        let fault = body.split("role=\"alert\"").nth(1).expect("a fault");
        assert!(fault.contains(&format!("lang=\"{language}\"")), "{fault}");
        // Reminders of the office itself.
        let today = desk.get("/", &session).await.body;
        let english = ["status list 1", "in office as administrator", "trust list"];
        let is_english = english.iter().any(|words| today.contains(words));
        assert_eq!(is_english, language == "en", "{today}");
    }
}
