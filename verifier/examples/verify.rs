//! Verifies a certificate, and remembers what was seen: the shortest safe program.
//!
//! `verify [ROOTS BUNDLE CERTIFICATE MEMORY]`: an office's `roots.json` and `bundle.json`, a file
//! with a certificate as text, a link, a picture or a PDF, and a file for the memory. Without
//! arguments it uses the example's office.
use std::{env, error::Error, fs, path::Path};

use vernet_verifier::{Bundle, Knowledge, Memory, NumericDate, Policy, TrustAnchor, verify_file};

fn main() -> Result<(), Box<dyn Error>> {
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data");
    let own = env::temp_dir().join(format!("vernet-verifier-example-{}.json", std::process::id()));
    let mut arguments = env::args().skip(1);
    let mut file = |example: String| arguments.next().unwrap_or(example);
    let roots = file(format!("{data}/roots.json"));
    let bundle = file(format!("{data}/bundle.json"));
    let certificate = file(format!("{data}/certificates/NO-PE-2026-000001.url"));
    let memory_file = file(own.display().to_string());
    // A real program uses its clock. The example's lists are valid for some days from then.
    let now: NumericDate = "2026-11-22T10:00:00Z".parse()?;

    // The office that a person trusts, and the newest state that was seen of it. If a memory exists
    // but cannot be read, that is an error: without it, yesterday's lists could be shown as
    // today's.
    let anchor = TrustAnchor::from_json(&fs::read(roots)?)?;
    let mut memory = match Path::new(&memory_file).exists() {
        true => serde_json::from_slice(&fs::read(&memory_file)?)?,
        false => Memory::new(&anchor),
    };
    let bundle = Bundle::from_json(&fs::read(bundle)?)?;
    let policy = Policy::default();
    let knowledge = Knowledge::update(&bundle, &mut memory, &policy, now)?;
    fs::write(&memory_file, serde_json::to_vec(&memory)?)?;

    for verdict in verify_file(&fs::read(certificate)?, &knowledge, &policy, now) {
        println!("{verdict}");
        if let Some(accepted) = verdict.accepted() {
            println!("  in force; conditions apply: {}", accepted.conditions());
        }
    }
    Ok(())
}
