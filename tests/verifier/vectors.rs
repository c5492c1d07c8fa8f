//! The vectors of `keys-example/vectors`: an input, a time, a bundle, and the verdict that every
//! verifier must reach.

use std::{collections::BTreeMap, fs, path::Path};

use vernet_common::{Bundle, NumericDate, TrustAnchor};
use vernet_verifier::{InputError, Knowledge, Memory, Policy, verify};

#[test]
fn every_vector_in_the_folder() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../keys-example");
    let mut files: Vec<_> = fs::read_dir(root.join("vectors"))
        .expect("the folder")
        .map(|file| file.expect("an entry").path())
        .collect();
    files.retain(|path| path.is_file());
    files.sort();
    assert!(files.len() >= 50, "only {} vectors found", files.len());
    for file in files {
        let name = file.file_name().expect("a name").to_string_lossy();
        let text = fs::read_to_string(&file).expect("the vector");
        let vector = parse(&text).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let read = |key: &str| {
            fs::read(root.join(vector[key])).unwrap_or_else(|e| panic!("{name}: {key}: {e}"))
        };

        let anchor = TrustAnchor::from_json(&read("roots")).expect("roots");
        let now: NumericDate = vector["at"].parse().expect("a time");
        let mut memory = Memory::new(&anchor);
        let mut learn = |key: &str| {
            let bundle = Bundle::from_json(&read(key)).expect("a bundle");
            Knowledge::learn(&bundle, &mut memory, &Policy::default(), now)
        };
        if vector.contains_key("before") {
            learn("before").unwrap_or_else(|error| panic!("{name}: before: {error}"));
        }
        let (code, cause) = match learn("bundle") {
            Ok(knowledge) => {
                let verdict = verify(vector["input"], &knowledge, &Policy::default(), now);
                (verdict.code().to_string(), verdict.cause().map(InputError::code))
            }
            Err(error) => ("bundle_refused".to_owned(), Some(error.code())),
        };
        assert_eq!(code, vector["expect"], "{name}");
        if let Some(expected) = vector.get("cause") {
            assert_eq!(cause, Some(*expected), "{name}");
        }
    }
}

fn parse(text: &str) -> Result<BTreeMap<&str, &str>, String> {
    let mut vector = BTreeMap::new();
    for line in text.lines() {
        let (key, value) = line.split_once(": ").ok_or_else(|| format!("no key in `{line}`"))?;
        if !["expect", "cause", "at", "roots", "before", "bundle", "input"].contains(&key) {
            return Err(format!("unknown key `{key}`"));
        }
        if vector.insert(key, value).is_some() {
            return Err(format!("key `{key}` is repeated"));
        }
    }
    let missing = ["expect", "at", "roots", "bundle", "input"]
        .into_iter()
        .find(|key| !vector.contains_key(key));
    missing.map_or(Ok(vector), |key| Err(format!("key `{key}` is missing")))
}
