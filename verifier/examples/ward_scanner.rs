//! A ward's scanner: shows an answer in colour for each code that is held in front of it.
//!
//! - `ward_scanner -` reads lines: what a hand-held scanner types, a link or digits and a line
//!   feed.
//! - `ward_scanner WIDTH HEIGHT` reads the frames of a camera, four bytes for each pixel, as
//!   `ffmpeg -f rawvideo -pix_fmt rgba` writes them.
//! - Without arguments it uses the example's certificates, and the code of a poster, which is not
//!   one.
use std::{
    env,
    error::Error,
    fs,
    io::{self, BufRead, Read},
};

use vernet_verifier::{
    Bundle, Colour, Knowledge, Memory, NumericDate, Office, Offices, Policy, TrustAnchor,
    documents::{certificates_among, read_frame},
};

fn main() -> Result<(), Box<dyn Error>> {
    // A real program reads its clock for every answer, and its lists from where it stores them.
    let now: NumericDate = "2026-11-22T10:00:00Z".parse()?;
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data");
    let anchor = TrustAnchor::from_json(&fs::read(format!("{data}/roots.json"))?)?;
    let bundle = Bundle::from_json(&fs::read(format!("{data}/bundle.json"))?)?;
    let mut memory = Memory::new(&anchor);
    let knowledge = Knowledge::update(&bundle, &mut memory, &Policy::default(), now)?;
    // One office here. If there are several, the one whose key signed the certificate answers.
    let offices = Offices::new(vec![Office::new(anchor, Some(knowledge))]);

    let arguments: Vec<String> = env::args().skip(1).collect();
    match &arguments[..] {
        [] => {
            for number in 1..=4 {
                let file = format!("{data}/certificates/NO-PE-2026-00000{number}.url");
                answer(fs::read_to_string(file)?.trim(), &offices, now);
            }
            answer("https://hospital.example/menu", &offices, now);
        }
        [dash] if dash == "-" => {
            for line in io::stdin().lock().lines() {
                answer(line?.trim(), &offices, now);
            }
        }
        [width, height] => frames(width.parse()?, height.parse()?, |text| {
            answer(text, &offices, now);
        })?,
        _ => return Err("expected nothing, `-`, or WIDTH HEIGHT".into()),
    }
    Ok(())
}

fn answer(scanned: &str, offices: &Offices, now: NumericDate) {
    let verdict = offices.check(scanned, &Policy::default(), now).into_verdict();
    let colour = match verdict.colour() {
        Colour::Accepted => "\x1b[1;32m",
        Colour::Refused => "\x1b[1;31m",
        Colour::Undetermined => "\x1b[1;33m",
    };
    // Whatever was scanned, none of its control characters reaches the terminal.
    let text: String = verdict
        .to_string()
        .chars()
        .map(|c| if c.is_control() && c != '\n' { ' ' } else { c })
        .collect();
    let (headline, rest) = text.split_once('\n').unwrap_or((&text, ""));
    println!("{colour}{headline}\x1b[0m\n{rest}\n");
}

/// Calls `scanned` once for each code that comes into view.
fn frames(width: u32, height: u32, mut scanned: impl FnMut(&str)) -> Result<(), Box<dyn Error>> {
    let mut frame = vec![0; 4 * width as usize * height as usize];
    let mut in_sight = Vec::new();
    let mut camera = io::stdin().lock();
    while camera.read_exact(&mut frame).is_ok() {
        let texts = certificates_among(read_frame(&frame, width, height));
        texts.iter().filter(|text| !in_sight.contains(*text)).for_each(|text| scanned(text));
        if !texts.is_empty() {
            in_sight = texts;
        }
    }
    Ok(())
}
