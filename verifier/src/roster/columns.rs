//! Which column of a table is which.

use alloc::{borrow::ToOwned, format, string::String, vec::Vec};

use vernet_text::{is_dash, is_invisible};

use super::error::RosterError;

/// The columns that are known, and the other names by which people call them. Spaces, hyphens,
/// underscores and case are ignored.
const KNOWN: [(&str, &[&str]); 6] = [
    ("staff_id", &["staffid", "employeeid", "ansattnummer", "ansattnr", "ansattid"]),
    ("name", &["name", "fullname", "navn"]),
    ("given_name", &["givenname", "firstname", "fornavn"]),
    ("family_name", &["familyname", "lastname", "surname", "etternavn"]),
    ("birthdate", &["birthdate", "dateofbirth", "fødselsdato"]),
    ("certificate", &["certificate", "sertifikat"]),
];

/// Where the columns are.
#[derive(Debug)]
pub(super) struct Columns {
    pub(super) staff_id: Option<usize>,
    name: Option<usize>,
    given_name: Option<usize>,
    family_name: Option<usize>,
    pub(super) birthdate: Option<usize>,
    pub(super) certificate: usize,
    /// The other columns, which are kept unchanged.
    pub(super) free: Vec<(usize, String)>,
}

impl Columns {
    pub(super) fn read(header: &[String]) -> Result<Self, RosterError> {
        let mut places = [None; KNOWN.len()];
        let mut free = Vec::new();
        for (place, found) in header.iter().enumerate() {
            let plain = plain(found);
            match KNOWN.iter().position(|(_, names)| names.contains(&plain.as_str())) {
                None => free.push((place, found.trim().to_owned())),
                Some(known) if places[known].is_none() => places[known] = Some(place),
                Some(known) => return Err(RosterError::ColumnRepeated { column: KNOWN[known].0 }),
            }
        }
        let [staff_id, name, given_name, family_name, birthdate, certificate] = places;
        let missing = |missing| RosterError::ColumnMissing { found: header.len(), missing };
        let certificate = certificate.ok_or_else(|| missing("`certificate`"))?;
        if staff_id.or(name).or(given_name.and(family_name)).is_none() {
            return Err(missing("`staff_id`, or `name`, or `given_name` and `family_name`"));
        }
        Ok(Self { staff_id, name, given_name, family_name, birthdate, certificate, free })
    }

    pub(super) fn has_name(&self) -> bool {
        self.name.or(self.given_name.and(self.family_name)).is_some()
    }

    /// The name in a row, out of one column or two.
    pub(super) fn name_in(&self, cells: &[String]) -> String {
        let cell = |place: Option<usize>| {
            place.and_then(|place| cells.get(place)).map_or("", |cell| cell.trim())
        };
        if self.name.is_some() {
            return cell(self.name).to_owned();
        }
        format!("{} {}", cell(self.given_name), cell(self.family_name)).trim().to_owned()
    }
}

fn plain(header: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let is_left_out =
        |c: char| c.is_whitespace() || matches!(c, '_' | '.') || is_dash(c) || is_invisible(c);
    let letters = header.nfc().filter(|c| !is_left_out(*c));
    letters.flat_map(char::to_lowercase).collect()
}
