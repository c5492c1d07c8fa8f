//! The package contains data for its examples and its documentation: a copy of a part of
//! `keys-example`, which must stay up to date.

use std::{fs, path::Path};

#[test]
fn the_data_of_the_examples_are_those_of_the_example_office() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let same = |copy: &str, original: &str| {
        let read = |path| fs::read(path).unwrap_or_else(|error| panic!("{original}: {error}"));
        let copy = read(package.join("examples/data").join(copy));
        assert!(copy == read(package.join("../keys-example").join(original)), "{original}");
    };
    same("roots.json", "roots.json");
    same("bundle.json", "publication/bundle.json");
    let files = fs::read_dir(package.join("examples/data/certificates")).expect("a folder");
    let files: Vec<_> = files.map(|file| file.expect("a file").file_name()).collect();
    assert_eq!(files.len(), 4);
    for file in files {
        let path = format!("certificates/{}", file.to_str().expect("a name in ASCII"));
        same(&path, &path);
    }
}
