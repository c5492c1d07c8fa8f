//! `keys-example/` is what the example program makes from a fixed seed, byte for byte.

use std::{fs, path::Path};

use vernet_tests::keys_example as office;

#[test]
fn the_example_office_can_be_made_again_byte_for_byte() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../keys-example");
    let made = office::make().expect("the example office");
    for (name, bytes) in &made.files {
        let committed = fs::read(folder.join(name))
            .unwrap_or_else(|error| panic!("keys-example/{name}: {error}"));
        assert!(
            committed == *bytes,
            "keys-example/{name} differs: run `cargo run --release --example keys_example`"
        );
    }
    for top in made.top_level_names() {
        check_nothing_else(&folder.join(top), top, &made);
    }
}

/// Fails on files that are no longer generated: they would be vectors that nobody maintains.
fn check_nothing_else(path: &Path, name: &str, made: &office::Made) {
    if path.is_dir() {
        for entry in fs::read_dir(path).expect("a folder") {
            let entry = entry.expect("an entry");
            let name = format!("{name}/{}", entry.file_name().to_string_lossy());
            check_nothing_else(&entry.path(), &name, made);
        }
    } else {
        assert!(
            made.files.contains_key(name),
            "keys-example/{name} is not made by the example program: remove it"
        );
    }
}
