//! Nothing on a page overlaps or leaves the page, however long the names are. The positions of
//! words come from `pdftotext`.

use std::{fs, path::Path, process::Command};

use regex::Regex;
use serde_json::json;
use vernet_issuer::{Language, card, letter, status_letter};
use vernet_register::Event;

use crate::{
    office::{LONG_NAMES, PrintingOffice},
    programs::present,
};

#[test]
fn words_lie_on_the_page_and_not_over_each_other() {
    if !present("pdftotext", "poppler-utils") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("page.pdf");
    // As long as a name may be, in the widest letters.
    let (wide, wider) = ("W".repeat(60), "M".repeat(100));
    for (given_name, family_name) in [("Per", "Ås"), LONG_NAMES, (&*wide, &*wider)] {
        let mut office = PrintingOffice::new();
        let members = [
            ("given_name", json!(given_name)),
            ("family_name", json!(family_name)),
            ("kind", json!("licence")),
            ("bound_to_post", json!(true)),
            ("basis", json!("eea_recognition")),
            ("recognition", json!({ "state": "SE" })),
            ("exam", json!(null)),
            ("valid_to", json!("2027-11-20")),
            ("conditions", json!("2026/17")),
        ];
        let number = office.grant(&members).expect("a lawful grant");
        let certificate = office.release(number);
        for language in Language::ALL {
            for draw in [letter, card] {
                let pdf = draw(&certificate, language, office.founded.now).expect("a page");
                check(&pdf, &file, &number.to_string());
            }
        }
        for year in 2011..=2020 {
            let until = format!("{year}-04-01").parse().expect("a date");
            let event = Event::suspended(number, until);
            office.decide(&format!("{year}-02-01"), event);
        }
        let status = office.status(number).expect("a statement");
        // As long as it may be.
        let addressee = "Authority ".repeat(12);
        let pdf = status_letter(&status, Some(&addressee)).expect("a page");
        check(&pdf, &file, "Norway");
    }
}

/// A word, with the box of its letters without ascenders and descenders.
struct Word {
    left: f32,
    top: f32,
    right: f32,
    bottom: f32,
    text: String,
}

fn check(pdf: &[u8], file: &Path, expected: &str) {
    fs::write(file, pdf).expect("the folder can be written");
    let done = Command::new("pdftotext").arg("-bbox").args([file, Path::new("-")]).output();
    let html = String::from_utf8(done.expect("it was there a moment ago").stdout).expect("text");
    let page = Regex::new(r#"<page width="([\d.]+)" height="([\d.]+)">"#).expect("a pattern");
    let word = Regex::new(
        r#"<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*)</word>"#,
    )
    .expect("a pattern");
    // `pdftotext` omits words outside the page.
    assert!(html.contains(expected), "no {expected} in {html}");
    for (number, text) in html.split("<page ").skip(1).enumerate() {
        let text = format!("<page {text}");
        let size = page.captures(&text).expect("a page has a size");
        let number_of = |text: &str| text.parse::<f32>().expect("a number");
        let (width, height) = (number_of(&size[1]), number_of(&size[2]));
        let words = word.captures_iter(&text).map(|found| {
            let [left, top, right, bottom] = [1, 2, 3, 4].map(|at| number_of(&found[at]));
            let edge = (bottom - top) * 0.3;
            Word { left, top: top + edge, right, bottom: bottom - edge, text: found[5].to_owned() }
        });
        let words: Vec<Word> = words.collect();
        assert!(!words.is_empty());
        for (place, one) in words.iter().enumerate() {
            let inside = one.left > 4.0
                && one.right < width - 4.0
                && one.top > 4.0
                && one.bottom < height - 4.0;
            assert!(inside, "`{}` is at the edge of page {number}", one.text);
            for other in &words[place + 1..] {
                let beside = one.right.min(other.right) - one.left.max(other.left) < 0.5;
                let apart = one.bottom.min(other.bottom) <= one.top.max(other.top);
                assert!(
                    beside || apart,
                    "`{}` and `{}` lie over each other on page {number}",
                    one.text,
                    other.text
                );
            }
        }
    }
}
