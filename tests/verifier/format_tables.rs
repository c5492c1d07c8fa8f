//! What the documents say of the codes is what the code does.

use vernet_verifier::Code;

const FORMAT: &str = include_str!("../../docs/FORMAT.md");

/// The rows of the first table under this heading, cell by cell.
fn table(heading: &str) -> Vec<Vec<&'static str>> {
    let (_, section) = FORMAT.split_once(heading).expect(heading);
    let rows = section.lines().skip_while(|line| !line.starts_with('|'));
    rows.take_while(|line| line.starts_with('|'))
        .skip(2)
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect()
}

#[test]
fn the_table_of_verdicts_has_every_code_with_its_colour_and_its_advice() {
    let found: Vec<_> = table("\n## 13. From an input to a verdict\n")
        .into_iter()
        .map(|row| match row[..] {
            [code, colour, _, advice] => {
                (code.trim_matches('`').to_owned(), colour.to_owned(), advice.to_owned())
            }
            _ => panic!("four cells: {row:?}"),
        })
        .collect();
    let expected = Code::ALL.iter().map(|code| {
        (code.to_string(), format!("{:?}", code.colour()).to_lowercase(), code.advice().to_owned())
    });
    let sorted = |mut rows: Vec<(String, String, String)>| {
        rows.sort();
        rows
    };
    assert_eq!(sorted(found), sorted(expected.collect()));
}

#[test]
fn the_table_of_errors_names_none_twice_and_no_verdict() {
    let codes: Vec<&str> = table("\n## 14. Error codes\n")
        .into_iter()
        .flat_map(|row| row[0].split(", ").map(|code| code.trim_matches('`')).collect::<Vec<_>>())
        .collect();
    assert!(codes.len() > 50, "{codes:?}");
    // These say why a key does not count, and are verdicts of their own too.
    let both = ["key_compromised", "trust_list_expired"];
    for (place, code) in codes.iter().enumerate() {
        assert!(!codes[..place].contains(code), "`{code}` is there twice");
        let is_verdict = Code::ALL.iter().any(|verdict| verdict.as_str() == *code);
        assert!(!is_verdict || both.contains(code), "`{code}` is a verdict");
    }
}
