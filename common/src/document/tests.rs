use alloc::{
    string::{String, ToString},
    vec,
    vec::Vec,
};

use serde::Deserialize;

use super::*;

/// A document of today: `c` was added to it after the first version.
#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Sample {
    a: String,
    b: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    c: Option<Part>,
}

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Part {
    x: Vec<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    y: Option<String>,
}

const KIND: Kind = Kind { what: "the sample", added: &["c"], reserved: &[], newer: |_| None };

fn signed(text: &str) -> Result<Known<Sample>, Error> {
    read_canonical(&KIND, text.as_bytes(), |_| Ok(()))
}

fn code<T>(read: Result<Known<T>, Error>, text: &str) -> &'static str {
    match read {
        Ok(Known { critical: Some(_), .. }) => "understood in part",
        Ok(Known { critical: None, .. }) => "understood",
        Err(error) => {
            assert!(!error.to_string().is_empty(), "{text}");
            error.code()
        }
    }
}

#[test]
fn what_is_unknown_is_passed_over_wherever_it_stands() {
    for text in [
        r#"{"a":"å","b":1}"#,
        r#"{"A":{},"a":"å","b":1}"#,
        r#"{"a":"å","b":1,"d":{"x":[1,"two",[],{"y":-3}]}}"#,
        r#"{"a":"å","b":1,"c":{"w":true,"x":[1,2]},"z":false}"#,
        r#"{"a":"å","b":1,"e":"\u0001\"\\\n"}"#,
        r#"{"a":"å","b":9007199254740991e0}"#,
    ] {
        let expected = if text.contains("e0") { "not_json" } else { "understood" };
        assert_eq!(code(signed(text), text), expected, "{text}");
    }
    let read = signed(r#"{"a":"å","b":1,"c":{"w":{},"x":[1]},"d":2}"#).expect("read").value;
    assert_eq!(
        read,
        Sample { a: "å".into(), b: 1, c: Some(Part { x: vec![1], y: None }) },
        "and the rest is as it was"
    );
}

#[test]
fn one_spelling_only_whatever_is_unknown() {
    for wrong in [
        // Order, white space, escapes and trailing bytes.
        r#"{"b":1,"a":"å"}"#,
        r#"{"a":"å","b":1,"e":1,"d":2}"#,
        r#"{"a":"å","b":1,"d":{"y":1,"x":2}}"#,
        r#"{"a":"å","b":1,"d": 2}"#,
        "{\"a\":\"\\u00e5\",\"b\":1}",
        "{\"a\":\"å\",\"b\":1,\"d\":\"\\u00e5\"}",
        "{\"a\":\"å\",\"b\":1,\"d\":\"\\/\"}",
        "{\"a\":\"å\",\"b\":1}\n",
    ] {
        assert_eq!(code(signed(wrong), wrong), "not_canonical", "{wrong}");
    }
    for wrong in [
        // Twice, known or not, at the top or below.
        r#"{"a":"å","a":"å","b":1}"#,
        r#"{"a":"å","b":1,"d":1,"d":1}"#,
        r#"{"a":"å","b":1,"d":{"x":1,"x":2}}"#,
        // Values that never occur.
        r#"{"a":"å","b":1,"c":null}"#,
        r#"{"a":"å","b":1,"d":null}"#,
        r#"{"a":"å","b":1,"d":[null]}"#,
        r#"{"a":"å","b":1,"d":1.5}"#,
        r#"{"a":"å","b":1,"d":1e3}"#,
        r#"{"a":"å","b":1,"d":-0}"#,
        r#"{"a":"å","b":1,"d":9007199254740992}"#,
        r#"{"a":"å","b":1,"d":-9007199254740992}"#,
        // Names that would sort differently elsewhere.
        r#"{"a":"å","b":1,"é":1}"#,
        r#"{"":1,"a":"å","b":1}"#,
        r#"{"a":"å","b":1,"c d":1}"#,
        // What is known keeps its form.
        r#"{"a":"å"}"#,
        r#"{"a":"å","b":"1"}"#,
        r#"{"a":"å","b":-1}"#,
        r#"{"a":"å","b":4294967296}"#,
        r#"{"a":"å","b":1,"c":{"x":[1,"2"]}}"#,
        r#"{"a":"å","b":1,"c":{"x":[1],"y":null}}"#,
        r#"{"a":"å","b":1}x"#,
        "",
        "1",
    ] {
        assert_eq!(code(signed(wrong), wrong), "not_json", "{wrong}");
    }
    // Serde would read these.
    assert_eq!(code(signed(r#"["å",1]"#), ""), "not_canonical");
    assert_eq!(code(signed(r#"{"a":"å","b":1,"c":[[1]]}"#), ""), "not_canonical");
}

#[test]
fn what_is_critical_must_be_understood() {
    for (text, expected) in [
        (r#"{"a":"å","b":1,"crit":["d"],"d":2}"#, "understood in part"),
        (r#"{"a":"å","b":1,"c":{"x":[]},"crit":["c","d"],"d":2}"#, "understood in part"),
        (r#"{"a":"å","b":1,"c":{"x":[]},"crit":["c"]}"#, "understood"),
        // The rest need not even be readable.
        (r#"{"a":"å","crit":["d"],"d":2}"#, "not_understood"),
        (r#"{"a":"å","b":[1],"crit":["d"],"d":2}"#, "not_understood"),
        // But it has its form.
        (r#"{"a":"å","b":1,"crit":["d"], "d":2}"#, "not_canonical"),
        (r#"{"a":"å","b":1,"crit":["d"],"d":null}"#, "not_json"),
        // RFC 7515 section 4.1.11.
        (r#"{"a":"å","b":1,"crit":[]}"#, "inconsistent"),
        (r#"{"a":"å","b":1,"crit":["d"]}"#, "inconsistent"),
        (r#"{"a":"å","b":1,"crit":["d","d"],"d":2}"#, "inconsistent"),
        (r#"{"a":"å","b":1,"crit":["a"]}"#, "inconsistent"),
        (r#"{"a":"å","b":1,"crit":["c"]}"#, "inconsistent"),
        (r#"{"a":"å","b":1,"crit":["crit"]}"#, "inconsistent"),
        (r#"{"a":"å","b":1,"crit":["d",1],"d":2}"#, "inconsistent"),
        (r#"{"a":"å","b":1,"crit":"d","d":2}"#, "inconsistent"),
        (r#"{"a":"å","b":1,"crit":{"d":1},"d":2}"#, "inconsistent"),
        (r#"{"a":"å","b":1,"crit":null}"#, "not_json"),
        // Below the top it is a member like any other.
        (r#"{"a":"å","b":1,"c":{"crit":["y"],"x":[]}}"#, "understood"),
    ] {
        assert_eq!(code(signed(text), text), expected, "{text}");
    }
    let error = signed(r#"{"a":"å","b":1,"crit":["e","d"],"d":2,"e":3}"#)
        .and_then(|read| read.understood("the sample"))
        .expect_err("it is critical");
    assert_eq!(
        error.to_string(),
        "the sample has `e`, which this version does not know and must understand"
    );
}

#[test]
fn a_newer_code_is_not_a_fault_and_another_fault_is_no_newer_code() {
    let kind = Kind { newer: |value| code::newer_code::<Colour>(value, "/c/x/0"), ..KIND };
    #[derive(Deserialize)]
    enum Colour {
        #[serde(rename = "red")]
        Red,
    }
    let _ = Colour::Red;
    for (text, expected) in [
        (r#"{"a":"å","b":1,"c":{"x":["blue"]}}"#, "not_understood"),
        (r#"{"a":"å","b":1,"c":{"x":["red"]}}"#, "not_json"),
        (r#"{"a":"å","b":1,"c":{"x":[""]}}"#, "not_json"),
        (r#"{"a":"å","b":1,"c":{"x":["pale blue"]}}"#, "not_json"),
        (r#"{"a":"å","b":1,"c":{"x":[{"blue":1}]}}"#, "not_json"),
    ] {
        let read = read_canonical::<Sample>(&kind, text.as_bytes(), |_| Ok(()));
        assert_eq!(code(read, text), expected, "{text}");
    }
}

#[test]
fn carriers_have_free_white_space_and_order_and_nothing_else() {
    let read = |text: &str| code(read_json::<Sample>(&KIND, text.as_bytes()), text);
    assert_eq!(read(" {\"b\" : 1, \"d\": [ ], \"a\":\"\\u00e5\"}\n"), "understood");
    assert_eq!(read(r#"{"b":1,"d":2,"a":"å","crit":["d"]}"#), "understood in part");
    for wrong in [
        r#"{"b":1,"a":"å","d":1,"d":1}"#,
        r#"{"b":1,"a":"å","d":null}"#,
        r#"{"b":1.0,"a":"å"}"#,
        r#"{"b":1,"a":"å"} {}"#,
    ] {
        assert_eq!(read(wrong), "not_json", "{wrong}");
    }
}

#[test]
fn bounds_come_before_the_work() {
    let with = |unknown: &str| alloc::format!(r#"{{"a":"å","b":1,"d":{unknown}}}"#);
    let nested = |depth: usize| with(&("[".repeat(depth) + &"]".repeat(depth)));
    assert_eq!(code(signed(&nested(16)), ""), "understood");
    assert_eq!(code(signed(&nested(17)), ""), "not_json");
    assert_eq!(code(signed(&nested(100_000)), ""), "not_json");
    // The document, `a`, `b`, `d`, and what is in it.
    let many = |count: usize| with(&alloc::format!("[{}]", vec!["1"; count].join(",")));
    assert_eq!(code(signed(&many((1 << 17) - 4)), ""), "understood");
    assert_eq!(code(signed(&many((1 << 17) - 3)), ""), "not_json");
    let named = |length: usize| alloc::format!(r#"{{"a":"å","b":1,"{}":1}}"#, "d".repeat(length));
    assert_eq!(code(signed(&named(64)), ""), "understood");
    assert_eq!(code(signed(&named(65)), ""), "not_json");
}

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Row {
    kind: RowKind,
    n: u32,
}

#[derive(Serialize, Deserialize, PartialEq, Debug)]
enum RowKind {
    #[serde(rename = "one")]
    One,
}

impl ListEntry for Row {
    fn is_newer(entry: &Value) -> bool {
        is_newer_code::<RowKind>(entry.get("kind"))
    }
}

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Rows {
    rows: Entries<Row>,
}

#[test]
fn entries_of_newer_kinds_are_passed_over_and_written_again_in_their_places() {
    let read =
        |text: &str| read_canonical::<Rows>(&Kind::of("the rows"), text.as_bytes(), |_| Ok(()));
    let text = r#"{"rows":[{"colour":1,"kind":"two"},{"kind":"one","n":1},{"crit":["m"],"kind":"one","m":0,"n":2},{"kind":"one","n":3}]}"#;
    let rows = read(text).expect("read").value.rows;
    assert_eq!(rows.iter().map(|row| row.n).collect::<Vec<_>>(), [1, 3]);
    assert_eq!((rows.count(), rows.passed_over().count()), (4, 2));
    assert_eq!(
        serde_json::to_string(&Rows { rows }).expect("JSON"),
        text,
        "whoever keeps the list keeps all of it"
    );
    for (wrong, expected) in [
        // An entry of a known kind keeps its form.
        (r#"{"rows":[{"kind":"one"}]}"#, "not_json"),
        (r#"{"rows":[{"kind":"one","n":"1"}]}"#, "not_json"),
        (r#"{"rows":[{"kind":1,"n":1}]}"#, "not_json"),
        (r#"{"rows":[{"crit":["n"],"kind":"one","n":1}]}"#, "not_json"),
        (r#"{"rows":[1]}"#, "not_json"),
        (r#"{"rows":[["one",1]]}"#, "not_canonical"),
        (r#"{"rows":[{"kind":"two","n":null}]}"#, "not_json"),
        (r#"{"rows":{}}"#, "not_json"),
    ] {
        assert_eq!(code(read(wrong), wrong), expected, "{wrong}");
    }
}
