//! Every decision once, as in a real life, and the hospital's verdict after each.

use serde_json::{Value, json};

use crate::{
    excerpt::show_says_the_same_either_way,
    place::{Place, today},
};

#[test]
fn a_life_with_every_decision() {
    let mut desk = Desk::open();
    let first = desk.grant("9144900", "Åse", "Kjærstad Østlyngen-Bråthen");
    desk.expect(&first, "authorised");

    let suspended = desk.decide("suspended", &["suspend", &first, "--until", &in_months(3)]);
    desk.expect(&first, "suspended");
    desk.decide("extended", &["extend", &first, "--until", &in_months(8)]);
    desk.expect(&first, "suspended");
    desk.alone("notified", &["notified", &first, "--decision", &suspended]);
    desk.alone(
        "notified",
        &[
            "notified",
            &first,
            "--decision",
            &suspended,
            "--notice",
            "nordic",
            "--withdrawn",
            "none",
        ],
    );
    desk.decide("lifted", &["lift", &first]);
    desk.expect(&first, "authorised");

    desk.decide("limited", &["limit", &first, "--reference", "case 2026/17, document 3"]);
    desk.expect(&first, "authorised_with_conditions");
    desk.decide("limitation_lifted", &["lift", &first, "--limitation"]);
    desk.expect(&first, "authorised");

    let instructed = desk.decide("instructed", &["instruct", &first, "--reference", "2026/56"]);
    desk.expect(&first, "authorised");
    desk.decide("instruction_ended", &["end", &first, "--decision", &instructed]);
    desk.decide("suspended", &["suspend", &first, "--until", &in_months(2), "--limits", "2026/58"]);
    desk.expect(&first, "authorised_with_conditions");
    desk.decide("lifted", &["lift", &first]);
    let open = desk.decide("suspended", &["suspend", &first, "--because", "information"]);
    desk.expect(&first, "suspended");
    desk.decide("stayed", &["stay", &first, "--decision", &open]);
    desk.expect(&first, "authorised");
    desk.decide("upheld", &["uphold", &first, "--decision", &open]);
    desk.decide("stay_ended", &["stay", &first, "--decision", &open, "--ended"]);
    desk.expect(&first, "suspended");
    desk.decide(
        "reversed",
        &[
            "reverse",
            &first,
            "--decision",
            &open,
            "--instead",
            "limitation",
            "--reference",
            "2026/60",
        ],
    );
    desk.expect(&first, "authorised_with_conditions");
    desk.decide("limitation_lifted", &["lift", &first, "--limitation"]);
    desk.expect(&first, "authorised");

    let names = ["--given-name", "Åse Marie", "--family-name", "Bråthen"];
    let second = desk.reissue(&first, "name_change", &[&names[..], &["--runs-on", "14"]].concat());
    // Until the new print has come by post.
    desk.expect(&first, "authorised");
    desk.expect(&second, "authorised");
    let until = today().plus_days(14);
    let said = desk.place.issuer(&["show", &first]).done().stdout;
    let runs_on = format!("replaced by {second}, good until {until}, not including it");
    assert!(said.contains(&runs_on), "{said}");
    desk.refuse(
        "runs_on_too_long",
        &["reissue", &second, "--because", "lost_print", "--runs-on", "31"],
    );
    let third = desk.reissue(&second, "lost_print", &[]);
    desk.expect(&first, "revoked");
    desk.expect(&second, "revoked");
    let said = desk.place.issuer(&["show", &first]).done().stdout;
    assert!(said.contains(&format!("  replaced by {second}\n")), "{said}");

    let revoked = desk.decide("revoked", &["revoke", &third, "--gravest"]);
    desk.expect(&third, "revoked");
    desk.decide("reversed", &["reverse", &third, "--decision", &revoked]);
    desk.expect(&third, "revoked");
    let fourth = desk.reissue(&third, "appeal", &[]);
    desk.expect(&third, "revoked");
    desk.expect(&fourth, "authorised");
    let shown = desk.place.issuer_json(&["show", &fourth]);
    assert_eq!(shown["claims"]["given_name"], "Åse Marie");
    assert_eq!(
        shown["claims"]["authorisation"]["granted"], "2010-07-01",
        "the same authorisation all the time"
    );
}

#[test]
fn a_refusal_is_kept_and_a_ban_bars_a_grant() {
    let mut desk = Desk::open();
    let file = desk.application("9144900", "Åse", "Kjærstad");
    desk.decide("refused", &["refuse", &file, "--reason", "2026/53"]);
    let refused = desk.place.issuer_json(&["list", "--refused"]);
    assert_eq!(refused[0]["reason"], "2026/53");
    assert_eq!(refused[0]["application"]["given_name"], "Åse");
    let first = desk.grant("9144900", "Åse", "Kjærstad");
    desk.refuse("ban_of_authorised", &["ban", &first, "--reference", "2026/57"]);
    desk.decide("waived", &["waive", &first]);
    let banned = desk.decide("banned", &["ban", &first, "--reference", "2026/57"]);
    desk.decide("ban_ended", &["end", &first, "--decision", &banned]);
}

#[test]
fn the_rules_are_printed_with_paragraph_and_period() {
    let place = Place::empty();
    let rules = place.issuer_json(&["rules", "--on", "2015-06-30"]);
    let age = rules
        .as_array()
        .expect("a list")
        .iter()
        .find(|rule| rule["value"].as_str().expect("words").starts_with("75 years"))
        .expect("the age limit of that day");
    assert_eq!((&age["from"], &age["to"]), (&json!("2001-01-01"), &json!("2015-07-01")));
    let printed = place.issuer(&["rules"]).done().stdout;
    assert!(printed.contains("UNVERIFIED") && printed.contains("quarantine_not_over"));
}

#[test]
fn two_numbers_that_turn_out_to_be_one_person() {
    let mut desk = Desk::open();
    let first = desk.grant("9144900", "Sáhkku", "Čáhppes");
    let second = desk.grant("1000001", "Sáhkku", "Čáhppes");
    desk.refuse("merge_of_two_authorised", &["merge", "1000001", "9144900"]);
    desk.decide("waived", &["waive", &second]);
    desk.expect(&second, "revoked");
    desk.decide("merged", &["merge", "001000001", "9144900"]);
    desk.expect(&first, "authorised");
    desk.refuse("merge_cycle", &["merge", "9144900", "1000001"]);
    desk.refuse("hpr_merged", &["grant", &desk.application("1000001", "Sáhkku", "Čáhppes")]);
}

#[test]
fn annulled_and_deceased_are_final() {
    let mut desk = Desk::open();
    let (never, dead) =
        (desk.grant("9144900", "Łucja", "Żółć"), desk.grant("1000001", "Per", "Øye"));
    desk.decide("annulled", &["annul", &never]);
    desk.expect(&never, "revoked");
    desk.refuse("annulled_is_void", &["suspend", &never, "--until", &in_months(1)]);
    assert_eq!(
        desk.place.issuer_json(&["show", &never, "--on", "2015-01-01"])["standing"]["code"],
        "annulled"
    );

    let today = today().to_string();
    desk.decide("deceased", &["deceased", &dead, "--effective", &today]);
    desk.expect(&dead, "revoked");
    desk.refuse("deceased_is_final", &["lift", &dead]);
    desk.refuse("deceased_is_final", &["grant", &desk.application("1000001", "Per", "Øye")]);
    assert_eq!(
        desk.place.issuer_json(&["show", &dead, "--on", "2015-01-01"])["standing"]["code"],
        "authorised"
    );
}

#[test]
fn what_was_written_wrongly_is_corrected_by_two_officers() {
    let mut desk = Desk::open();
    let first = desk.grant("9144900", "Per", "Øye");
    desk.refuse("correction_changes_nothing", &["correct", &first, "--birthdate", "1980-02-29"]);
    desk.refuse("age_impossible", &["correct", &first, "--birthdate", "2008-05-05"]);
    desk.decide(
        "corrected",
        &["correct", &first, "--birthdate", "1979-02-28", "--hpr-number", "1000001"],
    );
    desk.expect(&first, "authorised");
    let due = |desk: &Desk| -> Vec<(String, String)> {
        let due = desk.place.issuer_json(&["due"]);
        let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let rows = due.as_array().expect("a list").iter();
        rows.map(|row| (text(row, "what"), text(row, "certificate_number"))).collect()
    };
    assert!(due(&desk).contains(&("paper_wrong".into(), first.clone())));
    let second = desk.reissue(&first, "correction", &[]);
    assert!(!due(&desk).iter().any(|(what, _)| what.starts_with("paper")));
    desk.expect(&first, "revoked");
    desk.expect(&second, "authorised");
    let shown = desk.place.issuer_json(&["show", &second]);
    assert_eq!(shown["claims"]["birthdate"], "1979-02-28");
    assert_eq!(shown["claims"]["hpr_number"], "1000001");
    // The number is its true holder's, who was born on another day.
    let other = desk.grant("9144900", "Kari", "Moe");
    desk.expect(&other, "authorised");

    let death = desk.decide("deceased", &["deceased", &second]);
    desk.expect(&second, "revoked");
    desk.refuse("not_retractable", &["retract", "1"]);
    desk.decide("retracted", &["retract", &death]);
    assert!(due(&desk).contains(&("paper_missing".into(), second.clone())));
    let third = desk.reissue(&second, "correction", &[]);
    desk.expect(&third, "authorised");
    desk.expect(&second, "revoked");
    desk.place.issuer(&["audit"]).done();
}

#[test]
fn a_refused_decision_leaves_no_trace() {
    let desk = &mut Desk::open();
    let number = desk.grant("9144900", "Per", "Øye");
    let before = desk.place.issuer_json(&["history", &number]);
    desk.refuse("suspension_too_long", &["suspend", &number, "--until", &in_months(7)]);
    desk.refuse("suspension_not_in_force", &["lift", &number]);
    desk.refuse("limitation_not_in_force", &["lift", &number, "--limitation"]);
    desk.refuse("effective_before_decided", &["revoke", &number, "--effective", "2020-01-01"]);
    desk.refuse("decision_in_future", &["revoke", &number, "--decided", &in_months(1)]);
    desk.refuse("reissue_names_mismatch", &["reissue", &number, "--because", "name_change"]);
    desk.refuse("reissue_reason_mismatch", &["reissue", &number, "--because", "appeal"]);
    desk.refuse("already_authorised", &["grant", &desk.application("009144900", "Per", "Øye")]);
    desk.place.issuer(&["alerted", &number, "--decision", "8"]).refused("notice_not_due");
    assert_eq!(desk.place.issuer_json(&["history", &number]), before);
    desk.expect(&number, "authorised");
}

fn in_months(months: i32) -> String {
    today().plus_months(months).to_string()
}

/// An officer's desk: decisions are recorded and published, and a hospital checks the certificates
/// that were issued.
struct Desk {
    place: Place,
}

impl Drop for Desk {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let (today, later) = (today().to_string(), in_months(2));
            let office = self.place.path("demo/office");
            show_says_the_same_either_way(&office, &[&today, &later], &mut |arguments| {
                self.place.issuer(arguments)
            });
        }
    }
}

impl Desk {
    fn open() -> Self {
        Self { place: Place::with_demo() }
    }

    fn application(&self, hpr_number: &str, given_name: &str, family_name: &str) -> String {
        let application = json!({
            "given_name": given_name,
            "family_name": family_name,
            "birthdate": "1980-02-29",
            "hpr_number": hpr_number,
            "kind": "authorisation",
            "basis": "accredited_school_exam",
            "exam": { "school": "Fjordheim Perfusion School", "date": "2010-06-11" },
            "decided": "2010-06-30",
            "granted": "2010-07-01",
        });
        let file = format!("{hpr_number}.json");
        self.place.write(&file, application.to_string());
        file
    }

    /// Grants an authorisation, stores the certificate in a file named after its number, and
    /// publishes.
    fn grant(&mut self, hpr_number: &str, given_name: &str, family_name: &str) -> String {
        let application = self.application(hpr_number, given_name, family_name);
        let answer = self.place.decide(&["grant", &application]);
        assert_eq!(answer["event"], "granted");
        self.keep(&answer)
    }

    fn reissue(&mut self, number: &str, because: &str, more: &[&str]) -> String {
        let answer =
            self.place.decide(&[&["reissue", number, "--because", because][..], more].concat());
        assert_eq!(answer["event"], "reissued");
        self.keep(&answer)
    }

    fn keep(&mut self, answer: &Value) -> String {
        let text = |name: &str| {
            answer[name].as_str().expect("an answer about a certificate has it").to_owned()
        };
        let number = text("certificate_number");
        self.place.write(&number, text("certificate"));
        assert_eq!(
            self.place.issuer(&["export", &number, "--format", "jwt"]).done().stdout.trim_end(),
            text("certificate")
        );
        self.place.publish();
        number
    }

    /// Records and publishes a decision. Returns its number in the history.
    fn decide(&mut self, event: &str, arguments: &[&str]) -> String {
        let answer = self.place.decide(arguments);
        self.done(event, "Ola Nordmann", &answer)
    }

    /// Records and publishes a decision of one officer alone.
    fn alone(&mut self, event: &str, arguments: &[&str]) -> String {
        let answer = self.place.issuer_json(arguments);
        self.done(event, "Kari Nordmann", &answer)
    }

    fn done(&mut self, event: &str, officer: &str, answer: &Value) -> String {
        assert_eq!(answer["event"]["type"], event);
        assert_eq!(answer["officer"], officer);
        assert_eq!(answer["decided_on"], today().to_string());
        self.place.publish();
        answer["seq"].to_string()
    }

    fn refuse(&self, rule: &str, arguments: &[&str]) {
        self.place.issuer(&[&["propose"], arguments].concat()).refused(rule);
    }

    /// Asserts the hospital's verdict now.
    #[track_caller]
    fn expect(&self, number: &str, code: &str) {
        assert_eq!(self.place.verdict(number), code, "{number}");
    }
}
