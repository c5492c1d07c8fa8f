//! The vectors of the Token Status List draft, and what must be refused:
//! `tests/vectors/token-status-list/README.md` says how to read them.

use std::{collections::BTreeMap, fs, path::Path};

use vernet_common::{EncodedStatusList, Error, look_up};

#[test]
fn every_vector_in_the_folder() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/token-status-list");
    let mut files: Vec<_> = fs::read_dir(&folder)
        .expect("the folder")
        .map(|file| file.expect("an entry").path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    files.sort();
    assert!(files.len() >= 38, "only {} vectors found", files.len());
    for file in files {
        let text = fs::read_to_string(&file).expect("the vector");
        Vector::parse(&text)
            .unwrap_or_else(|fault| panic!("{}: {fault}", file.display()))
            .check(&file);
    }
}

struct Vector<'a> {
    header: BTreeMap<&'a str, &'a str>,
    statuses: Vec<(u32, u8)>,
}

impl<'a> Vector<'a> {
    fn parse(text: &'a str) -> Result<Self, String> {
        let (header, statuses) = text.split_once("statuses:\n").unwrap_or((text, ""));
        let mut vector = Self { header: BTreeMap::new(), statuses: Vec::new() };
        for line in header.lines() {
            let (key, value) = line.split_once(':').ok_or_else(|| format!("no key in `{line}`"))?;
            if !["source", "expect", "bits", "entries", "index", "lst"].contains(&key) {
                return Err(format!("unknown key `{key}`"));
            }
            if vector.header.insert(key, value.strip_prefix(' ').unwrap_or(value)).is_some() {
                return Err(format!("key `{key}` is repeated"));
            }
        }
        for line in statuses.lines() {
            let (index, status) =
                line.split_once(' ').ok_or_else(|| format!("no status in `{line}`"))?;
            let number = |text: &str| text.parse().map_err(|_| format!("`{text}` is not a number"));
            vector.statuses.push((number(index)?, number(status)? as u8));
        }
        Ok(vector)
    }

    fn number(&self, key: &str) -> u32 {
        self.header[key].parse().expect("a number")
    }

    fn check(&self, file: &Path) {
        let list =
            EncodedStatusList { bits: self.number("bits") as u8, lst: self.header["lst"].into() };
        if self.header["expect"] == "ok" {
            for (index, status) in &self.statuses {
                assert_eq!(
                    look_up(&list, *index).expect("inside"),
                    *status,
                    "{}, index {index}",
                    file.display()
                );
            }
            let entries = self.number("entries");
            assert!(look_up(&list, entries - 1).is_ok(), "{}", file.display());
            assert_eq!(
                look_up(&list, entries).map_err(|error| error.code()),
                Err("status_index_out_of_range"),
                "{}",
                file.display()
            );
        } else {
            let index = self.header.get("index").map_or(0, |_| self.number("index"));
            assert_eq!(
                look_up(&list, index).as_ref().map_err(Error::code),
                Err(self.header["expect"]),
                "{}",
                file.display()
            );
        }
    }
}
