//! The figures that the README states: `cargo xtask measure figures`.

mod letters;

use vernet_tests::{figures as measure, founded::PAGE};

fn main() -> anyhow::Result<()> {
    let people = measure::people()?;
    let sizes = measure::qr_sizes(&people)?;
    println!("QR codes of {} made-up people, ECC M, prefix `{}#`", people.len(), PAGE);
    println!("decode(encode(jws)) == jws for all of them\n");
    for (version, count) in &sizes.versions {
        let share = *count as f64 * 100.0 / people.len() as f64;
        println!(
            "version {version:>2} ({0}x{0} modules)  {count:>4}  {share:>5.1} %  {1}",
            17 + 4 * version,
            "#".repeat(count / 8)
        );
    }
    println!(
        "payload bytes: least {}, median {}, most {}",
        sizes.bytes.0, sizes.bytes.1, sizes.bytes.2
    );
    let office = measure::office_of_50(&people)?;
    println!(
        "\nbundle of an office with 50 certificates, 3 suspended, 2 limited, 5 revoked: {} bytes",
        office.bundle_bytes
    );
    println!("certificates of it that may be printed: {}", office.certificates.len());
    letters::print(&office.certificates)?;
    Ok(())
}
