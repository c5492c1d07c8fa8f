//! Many inputs that are judged together get the verdicts that each gets alone, in their order.

use vernet_common::Status;
use vernet_tests::{
    office::Office as TestOffice,
    people::{Person, person},
};
use vernet_verifier::{Chosen, Office, Offices};

#[test]
fn many_together_get_the_verdicts_of_each() {
    let mut office = TestOffice::new();
    let people: Vec<Person> =
        (1..=150).map(|number| person(&office, number, "Åse", "Bråthen")).collect();
    people[3].has_status(&mut office, Status::Invalid);
    people[70].has_status(&mut office, Status::Suspended);
    let mut texts: Vec<String> = people.iter().map(Person::text).collect();
    texts[10] = people[10].clone().expiring("2026-11-22").text();
    texts[20] = people[20].signed_by(66);
    texts[64] = "no certificate".into();
    texts[65] = String::new();
    texts[66] = texts[5].replace("~", "A~");
    let changed = texts[7].rfind('.').expect("a signature") + 9;
    let other = if &texts[7][changed..=changed] == "A" { "B" } else { "A" };
    texts[7].replace_range(changed..=changed, other);
    texts.extend([office.link(), format!("{} {}", texts[0], texts[1])]);
    let knows = |office: &TestOffice| Office::new(office.anchor(), Some(office.knowledge()));
    let unknown = || Office::new(office.anchor(), None);
    for offices in [
        vec![knows(&office)],
        vec![knows(&office), knows(&office)],
        vec![knows(&office), unknown()],
        vec![unknown()],
        vec![],
    ] {
        let offices = Offices::new(offices);
        for count in [0, 1, 64, 65, texts.len()] {
            let inputs: Vec<&str> =
                texts[texts.len() - count..].iter().map(String::as_str).collect();
            let json = |chosen: Chosen<'_>| {
                serde_json::to_string(&chosen.into_verdict()).expect("a verdict is JSON")
            };
            let alone: Vec<String> = inputs
                .iter()
                .map(|input| json(offices.check(input, &office.policy, office.now)))
                .collect();
            let together = offices.check_each(&inputs, &office.policy, office.now);
            assert_eq!(together.into_iter().map(json).collect::<Vec<_>>(), alone);
        }
    }
}
