//! Makes `keys-example/` again, byte for byte: `cargo run --release --example keys_example`.
//!
//! Everything in it is derived from a fixed seed and fixed times. A test makes it again elsewhere
//! and compares.

use std::{fs, path::Path};

use vernet_tests::keys_example;

fn main() -> anyhow::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../keys-example");
    let made = keys_example::make()?;
    // Only generated files are removed: the README is written by hand.
    for name in made.top_level_names() {
        let path = folder.join(name);
        if path.is_dir() {
            fs::remove_dir_all(&path)?;
        } else if path.exists() {
            fs::remove_file(&path)?;
        }
    }
    for (name, bytes) in &made.files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("every file lies in the folder"))?;
        fs::write(path, bytes)?;
    }
    println!("made {} files in keys-example", made.files.len());
    Ok(())
}
