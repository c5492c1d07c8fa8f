//! How long something is good: the first end of all that it rests on, and who is there to renew it.

use crate::{life::Office, place::faketime_is_missing};

/// Case O12: the trust list ends on Easter Sunday, three days before the status lists that were
/// published under it.
#[test]
fn an_end_on_easter_sunday_is_told_by_every_command_that_tells_an_end() {
    if faketime_is_missing() {
        return;
    }
    const EASTER: &str = "on Easter Sunday, 2026-04-05, and nobody works from 2026-04-02 to 2026-04-06: 2026-04-01 is the last working day before";
    // Ninety days before Easter Sunday.
    let mut office = Office::found("2026-01-05");
    let shown = office.json("2026-01-05", &["trust-list", "show"]);
    let end = shown["good_until"]["at"].as_str().expect("an instant").to_owned();
    assert!(end.starts_with("2026-04-05T"), "{shown}");
    assert_eq!(shown["good_until"]["because"], "trust_list");
    assert_eq!(shown["good_until"]["days_off"]["working_day_before"], "2026-04-01");
    let ending = format!("{end}, when trust list 1 ends");
    let shown = office.issuer("2026-01-05", &["trust-list", "show"]).done();
    assert!(shown.stdout.contains(&format!("published under until {ending}")), "{shown:?}");
    assert!(shown.stderr.contains(EASTER), "{shown:?}");
    let drafted = office.issuer("2026-01-07", &["trust-list", "draft"]).done();
    assert!(!drafted.stderr.contains("ends_on_days_off"), "a Tuesday: {drafted:?}");

    office.live("2026-03-20  decide grant first.json => granted as first");

    // Wednesday to Saturday before Easter: by itself the list is good for three days.
    let published = office.issuer("2026-04-01", &["publish", "--out", "publication"]).done();
    assert!(published.stderr.contains("on a Saturday, 2026-04-04"), "{published:?}");
    assert!(published.stdout.contains("when the status lists end"), "{published:?}");
    // On Maundy Thursday in the evening the lists would be good until Sunday evening.
    for _ in 0..60 {
        office.skip_a_minute();
    }
    let published = office.issuer("2026-04-02", &["publish", "--out", "publication"]).done();
    assert!(published.stdout.contains(&format!("good until {ending}")), "{published:?}");
    assert!(
        published.stderr.contains(EASTER) && published.stderr.contains("[ends_on_days_off]"),
        "{published:?}"
    );
    let answer = office.json("2026-04-02", &["publish", "--out", "publication"]);
    assert_eq!(answer["good_until"]["at"], end.as_str());
    assert_ne!(answer["exp"], end.as_str(), "the status lists' own end");

    let due = office.issuer("2026-04-02", &["due"]).done();
    for line in ["status list expires: status list 1, with trust list 1", "trust list expires"] {
        let line = due.stdout.lines().find(|found| found.contains(line)).expect(line);
        assert!(line.starts_with("2026-04-05") && line.contains(EASTER), "{line}");
        assert!(line.contains("trust-list draft"), "{line}");
    }
    let due = office.json("2026-04-02", &["due"]);
    let rows = due.as_array().expect("rows");
    let row = rows.iter().find(|row| row["what"] == "status_list_expires").expect("a row");
    assert_eq!((&row["at"], &row["days_off"]["to"]), (&end.as_str().into(), &"2026-04-06".into()));

    let number = office.json("2026-04-02", &["list"])[0]["certificate_number"].clone();
    let number = number.as_str().expect("a number");
    let export = |office: &mut Office, day: &str, out: &str| {
        office.issuer(day, &["export", number, "--format", "jwt", "--out", out, "--json"]).done()
    };
    let exported = export(&mut office, "2026-04-03", "1.jwt");
    assert!(exported.stderr.contains(&format!("good until {ending}")), "{exported:?}");
    assert_eq!(exported.json()["good_until"]["at"], end.as_str());
    let late = ["export", number, "--format", "jwt", "--out", "2.jwt"];
    office.issuer("2026-04-06", &late).refused("self_check");
}

#[test]
fn what_is_exported_when_nothing_was_published_for_long_is_not_known_to_hospitals() {
    if faketime_is_missing() {
        return;
    }
    let mut office = Office::found("2026-01-05");
    office.live("2026-01-06  decide grant first.json => granted as first");
    let number = office.json("2026-01-06", &["list"])[0]["certificate_number"].clone();
    let export = ["export", number.as_str().expect("a number"), "--format", "jwt", "--out"];
    let never = office.json("2026-01-06", &[&export[..], &["1.jwt"]].concat());
    assert!(never["good_until"].is_null(), "nothing was published: {never}");
    office.issuer("2026-01-06", &["publish", "--out", "publication"]).done();
    let good = office.issuer("2026-01-07", &[&export[..], &["2.jwt"]].concat()).done();
    assert!(!good.stderr.contains("publication_ended"), "{good:?}");
    let ended = office.issuer("2026-01-12", &[&export[..], &["3.jwt"]].concat()).done();
    assert!(ended.stderr.contains("[publication_ended]"), "{ended:?}");
}
