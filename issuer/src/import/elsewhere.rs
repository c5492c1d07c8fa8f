//! Tables that the register is compared with: an export of the national register of health personnel,
//! or a hospital's roster.
//!
//! No format of such an export is published. So columns are found by their names, in English and in
//! Norwegian, and what is written in them is what code lists and spreadsheets write.

use std::collections::BTreeSet;

use vernet_common::{CivilDate, HprNumber, Kind, Profession};
use vernet_register::{
    ElsewhereRow, ElsewhereStanding, Titles, law::EndReason, refuse_national_identity_number,
};

use super::{
    ImportError,
    rows::{Fields, Rows},
};
use crate::error::Error;

/// The columns that are read, each with the other names that it goes by. Case, spaces, hyphens,
/// underscores and full stops in names do not count.
pub const ELSEWHERE_COLUMNS: &[(&str, &[&str])] = &[
    ("hpr_number", &["HPR-nummer", "HPR-nr", "HPR", "helsepersonellnummer"]),
    ("name", &["full_name", "navn", "fullt navn"]),
    ("given_name", &["first_name", "fornavn"]),
    ("middle_name", &["mellomnavn"]),
    ("family_name", &["last_name", "surname", "etternavn"]),
    ("birthdate", &["date_of_birth", "fødselsdato", "født"]),
    ("category", &["profession", "helsepersonellkategori", "kategori", "yrke", "9060"]),
    ("kind", &["autorisasjonstype", "godkjenning", "godkjenningstype", "7704"]),
    ("status", &["autorisasjonsstatus", "godkjenningsstatus"]),
    ("end_reason", &["avslutningsårsak", "sluttårsak", "opphørsårsak"]),
    ("valid_from", &["granted", "gyldig fra", "fra"]),
    ("valid_to", &["valid_until", "gyldig til", "til"]),
    ("suspended_from", &["suspendert fra"]),
    ("suspended_until", &["suspendert til"]),
    ("limited_from", &["begrenset fra"]),
    ("limited_until", &["begrenset til"]),
    ("conditions", &["vilkår", "begrensninger"]),
    ("deceased", &["dødsdato", "død"]),
    ("merged_into", &["nytt HPR-nummer", "erstattet av"]),
];

/// A table that was read.
#[derive(Debug)]
pub struct ElsewhereTable {
    /// The rows that could be read, in the order of the file.
    pub rows: Vec<ElsewhereRow>,
    /// Those that could not.
    pub unread: Vec<UnreadRow>,
    /// The names of the columns that are not read.
    pub other_columns: Vec<String>,
}

/// A row that could not be read.
#[derive(Debug)]
pub struct UnreadRow {
    /// Its line in the file, from 1.
    pub line: u64,
    /// Whose row it is, if that much could be read.
    pub hpr_number: Option<HprNumber>,
    /// Why not.
    pub error: Error,
}

impl ElsewhereTable {
    /// The most rows: several times all health personnel of a large country.
    const MAX_ROWS: usize = 2_000_000;

    /// Reads an export of another register. `titles` are those of the office; `today` decides which
    /// suspensions and limitations are over.
    ///
    /// # Errors
    ///
    /// [`ImportError`] if the header lacks a column or has one twice, or there are no rows or too
    /// many; [`vernet_common::Error::FieldInvalid`] if the titles are those of a board. An error in a
    /// row is stored beside the others.
    pub fn register(bytes: &[u8], titles: &Titles, today: CivilDate) -> Result<Self, Error> {
        let by_law = titles.iter().filter(|row| row.is_by_law() && row.requires.is_none());
        let professions: BTreeSet<_> = by_law.map(|row| row.profession).collect();
        if professions.is_empty() {
            let expected = "a title by law: a national register knows none of a board";
            return Err(vernet_common::Error::field("title", "those of a board", expected).into());
        }
        let needed = |columns: &BTreeSet<&str>| {
            let tells_standing = ["status", "end_reason", "valid_to"];
            if !tells_standing.iter().any(|name| columns.contains(name)) {
                return Some("status");
            }
            // Without it, nobody knows which of the office's professions a row is about.
            (professions.len() > 1 && !columns.contains("category")).then_some("category")
        };
        Self::read(bytes, needed, |fields| register_row(fields, titles, today))
    }

    /// Reads a hospital's roster: numbers, and names and birth dates if it has them. A list of
    /// numbers, one in each line, needs no header.
    ///
    /// # Errors
    ///
    /// As for [`ElsewhereTable::register`].
    pub fn roster(bytes: &[u8]) -> Result<Self, Error> {
        let plain = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut lines = plain.split(|byte| matches!(byte, b'\r' | b'\n'));
        let first = lines.find(|line| !line.is_empty()).unwrap_or_default();
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !str::from_utf8(first).is_ok_and(|first| is_number(first.trim())) {
            return Self::read(bytes, |_| None, person);
        }
        let headed = [b"hpr_number\n", plain].concat();
        let mut table = Self::read(&headed, |_| None, person)?;
        table.rows.iter_mut().for_each(|row| row.line -= 1);
        table.unread.iter_mut().for_each(|row| row.line -= 1);
        Ok(table)
    }

    /// The numbers in rows that could not be read.
    pub fn unread_numbers(&self) -> BTreeSet<HprNumber> {
        self.unread.iter().filter_map(|row| row.hpr_number).collect()
    }

    /// Reads any table, by the one reader of tables.
    fn read(
        bytes: &[u8],
        needed: impl Fn(&BTreeSet<&'static str>) -> Option<&'static str>,
        row_of: impl Fn(&Fields<'_>) -> Result<ElsewhereRow, Error>,
    ) -> Result<Self, Error> {
        let (mut table, other_columns) = Rows::read_known(bytes, column)?;
        let columns: BTreeSet<_> = table.columns().collect();
        if !columns.contains("hpr_number") {
            return Err(ImportError::ColumnMissing { missing: "hpr_number" }.into());
        }
        if let Some(missing) = needed(&columns) {
            return Err(ImportError::ColumnMissing { missing }.into());
        }
        let mut read = Self { rows: Vec::new(), unread: Vec::new(), other_columns };
        while let Some(row) = table.next()? {
            if read.rows.len() + read.unread.len() == Self::MAX_ROWS {
                return Err(ImportError::TooManyRows { limit: Self::MAX_ROWS }.into());
            }
            let line = row.line;
            let number = row.field("hpr_number").and_then(|text| text.trim().parse().ok());
            match row.fields().and_then(|fields| row_of(&fields)) {
                Ok(row) => read.rows.push(ElsewhereRow { line, ..row }),
                Err(error) => read.unread.push(UnreadRow { line, hpr_number: number, error }),
            }
        }
        match read.rows.is_empty() && read.unread.is_empty() {
            true => Err(ImportError::Empty.into()),
            false => Ok(read),
        }
    }
}

/// Which column of ours a column is.
pub(super) fn column(found: &str) -> Option<&'static str> {
    let found = folded(found);
    let is_it = |(name, others): &&(&'static str, &[&str])| {
        [*name].iter().chain(*others).any(|name| folded(name) == found)
    };
    ELSEWHERE_COLUMNS.iter().find(is_it).map(|(name, _)| *name)
}

/// A word as code lists and people write it: `Med vilkår`, `med_vilkaar` is another one.
fn folded(text: &str) -> String {
    let letters = text.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// Whom a row is about.
fn person(fields: &Fields<'_>) -> Result<ElsewhereRow, Error> {
    for name in fields.names() {
        refuse_national_identity_number(
            name,
            fields.get(name),
            "what the name of the column says",
        )?;
    }
    let names = ["name", "given_name", "middle_name", "family_name"];
    let name: Vec<_> = names.into_iter().filter_map(|name| given(fields, name)).collect();
    Ok(ElsewhereRow {
        line: 0,
        hpr_number: fields.get("hpr_number").trim().parse()?,
        name: (!name.is_empty()).then(|| name.join(" ")),
        birthdate: date(fields, "birthdate")?,
        profession: None,
        standing: ElsewhereStanding::InForce,
        kind: None,
        conditions: None,
        valid_from: None,
        valid_to: None,
        merged_into: None,
    })
}

fn register_row(
    fields: &Fields<'_>,
    titles: &Titles,
    today: CivilDate,
) -> Result<ElsewhereRow, Error> {
    let standing = standing(fields, today)?;
    let limited = is_in(fields, ("limited_from", "limited_until"), today)?;
    let says_limited =
        given(fields, "status").is_some_and(|text| LIMITED.contains(&&*folded(text)));
    let conditions = match given(fields, "conditions").map(folded).as_deref() {
        None => None,
        Some("no" | "nei" | "0" | "false" | "ingen") => Some(false),
        Some(_) => Some(true),
    };
    Ok(ElsewhereRow {
        profession: given(fields, "category").map(|text| profession(text, titles)).transpose()?,
        standing,
        kind: given(fields, "kind").map(kind).transpose()?,
        conditions: if limited || says_limited { Some(true) } else { conditions },
        valid_from: date(fields, "valid_from")?,
        valid_to: date(fields, "valid_to")?,
        merged_into: given(fields, "merged_into").map(str::parse).transpose()?,
        ..person(fields)?
    })
}

/// What a status is called. What is not in it is refused: nobody is authorised by a guess.
const STATUSES: [(ElsewhereStanding, &[&str]); 7] = [
    (
        ElsewhereStanding::InForce,
        &["valid", "active", "inforce", "authorised", "gyldig", "aktiv", "autorisert"],
    ),
    (
        ElsewhereStanding::Suspended,
        &["suspended", "suspendert", "midlertidigsuspendert", "suspensjon"],
    ),
    (ElsewhereStanding::Revoked, &["revoked", "tilbakekalt", "tilbakekall", "1"]),
    (
        ElsewhereStanding::Annulled,
        &["annulled", "vedtakugyldiggjort", "ugyldiggjort", "ugyldig", "2"],
    ),
    (ElsewhereStanding::Waived, &["waived", "frivilligavkalt", "avkall", "frivilligavkall", "3"]),
    (
        ElsewhereStanding::Ended,
        &[
            "ended",
            "lapsed",
            "expired",
            "avsluttet",
            "historisk",
            "avsluttethistorisk",
            "bortfalt",
            "utløpt",
            "opphørt",
            "inaktiv",
            "99",
        ],
    ),
    (ElsewhereStanding::Deceased, &["deceased", "dead", "død", "avdød"]),
];

/// What a status is called that is in force with conditions.
const LIMITED: [&str; 7] = [
    "limited",
    "withconditions",
    "begrenset",
    "medvilkår",
    "gyldigmedvilkår",
    "begrensetautorisasjon",
    "autorisasjonmedvilkår",
];

fn standing(fields: &Fields<'_>, today: CivilDate) -> Result<ElsewhereStanding, Error> {
    // A day or a word: only a plain `no` says that somebody lives.
    let lives = ["", "no", "nei", "0", "false"];
    if !lives.contains(&&*folded(fields.get("deceased"))) {
        return Ok(ElsewhereStanding::Deceased);
    }
    if let Some(reason) = given(fields, "end_reason") {
        let known = EndReason::ALL
            .into_iter()
            .find(|known| known.code().to_string() == reason || known.word() == folded(reason));
        return match known {
            Some(EndReason::Revoked) => Ok(ElsewhereStanding::Revoked),
            Some(EndReason::Annulled) => Ok(ElsewhereStanding::Annulled),
            Some(EndReason::Waived) => Ok(ElsewhereStanding::Waived),
            Some(EndReason::Ended) => Ok(ElsewhereStanding::Ended),
            None => status(reason).ok_or_else(|| {
                let expected = "`1`, `2`, `3` or `99`, or nothing";
                vernet_common::Error::field("end_reason", reason, expected).into()
            }),
        };
    }
    let found = match given(fields, "status") {
        Some(text) => status(text),
        // Without the column, the end of the right says what it is.
        None => {
            (!fields.names().any(|name| name == "status")).then_some(ElsewhereStanding::InForce)
        }
    };
    let expected = "`valid`, `limited`, `suspended`, `revoked`, `annulled`, `waived`, `ended` or `deceased`, or the Norwegian word";
    let found = found
        .ok_or_else(|| vernet_common::Error::field("status", fields.get("status"), expected))?;
    match found {
        ElsewhereStanding::InForce
            if is_in(fields, ("suspended_from", "suspended_until"), today)? =>
        {
            Ok(ElsewhereStanding::Suspended)
        }
        found => Ok(found),
    }
}

fn status(text: &str) -> Option<ElsewhereStanding> {
    let text = folded(text);
    let known = STATUSES.iter().find(|(_, words)| words.contains(&&*text));
    let limited = LIMITED.contains(&&*text).then_some(ElsewhereStanding::InForce);
    known.map(|(standing, _)| *standing).or(limited)
}

/// Whether a day is in a time that two columns tell.
fn is_in(
    fields: &Fields<'_>,
    (from, until): (&'static str, &'static str),
    on: CivilDate,
) -> Result<bool, Error> {
    Ok(match (date(fields, from)?, date(fields, until)?) {
        (None, None) => false,
        (from, until) => from.is_none_or(|from| from <= on) && until.is_none_or(|until| on < until),
    })
}

/// The code of a profession, or its title in a language that the office knows.
fn profession(text: &str, titles: &Titles) -> Result<Profession, Error> {
    let code = text.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    if let Ok(profession) = code.parse() {
        return Ok(profession);
    }
    let word = folded(text);
    let is_it = |row: &&vernet_register::ProtectedTitle| {
        folded(row.title.as_str()) == word
            || row.words.values().any(|words| folded(&words.title) == word)
    };
    let row = titles.iter().find(is_it).map(|row| row.profession);
    let expected = "a code of code system 9060, as in `PE`";
    row.ok_or_else(|| vernet_common::Error::field("category", text, expected).into())
}

fn kind(text: &str) -> Result<Kind, Error> {
    let word = folded(text);
    let known = Kind::ALL
        .into_iter()
        .find(|kind| kind.code() == text || folded(kind.word()) == word)
        .or(match &*word {
            "autorisasjon" | "autorisert" => Some(Kind::Authorisation),
            "autorisasjonmedvilkår" | "begrensetautorisasjon" => Some(Kind::LimitedAuthorisation),
            "lisens" => Some(Kind::Licence),
            "midlertidigtjenesteyting" => Some(Kind::TemporaryService),
            "turnuslisens" => Some(Kind::TraineeLicence),
            "studentlisens" => Some(Kind::StudentLicence),
            "lis1lisens" => Some(Kind::Lis1Licence),
            _ => None,
        });
    let expected = "a code of code system 7704, as in `1`, `17`, `4`, or its word";
    known.ok_or_else(|| vernet_common::Error::field("kind", text, expected).into())
}

/// A day as `1980-02-29`, `29.02.1980`, or with a time after it. What never ends has none.
fn date(fields: &Fields<'_>, name: &'static str) -> Result<Option<CivilDate>, Error> {
    let Some(text) = given(fields, name) else { return Ok(None) };
    let day = text.split(['T', ' ']).next().unwrap_or_default();
    if day.starts_with("9999") || day.ends_with(".9999") {
        return Ok(None);
    }
    if let Some(day) = vernet_text::date(day) {
        return Ok(Some(day));
    }
    let expected = "a date as in `2010-06-30` or `30.06.2010`";
    let day = fields.day(name)?.parse();
    day.map(Some).map_err(|_| vernet_common::Error::field(name, text, expected).into())
}

/// What a field says, without the spaces around it.
fn given<'a>(fields: &'a Fields<'_>, name: &str) -> Option<&'a str> {
    Some(fields.get(name).trim()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use vernet_register::ProtectedTitle;

    use super::*;

    fn read(csv: &str) -> ElsewhereTable {
        let titles = Titles::default();
        let today = "2026-01-15".parse().expect("a date");
        ElsewhereTable::register(csv.as_bytes(), &titles, today).expect("a table")
    }

    fn one(csv: &str) -> ElsewhereRow {
        let table = read(csv);
        assert!(table.unread.is_empty(), "{:?}", table.unread);
        table.rows.into_iter().next().expect("a row")
    }

    #[test]
    fn columns_go_by_many_names() {
        let table = read(
            "HPR-nummer;Etternavn;Fornavn;Fødselsdato;Kategori;Godkjenning;Status;Gyldig fra;Gyldig til;Merknad\n\
             9144889;Østlyngen;Åse Marie;29.2.1980;PE;Autorisasjon;Gyldig;2010-07-01T00:00:00;31.12.9999;x\n",
        );
        assert_eq!(table.other_columns, ["Merknad"]);
        let row = &table.rows[0];
        assert_eq!(row.name.as_deref(), Some("Åse Marie Østlyngen"));
        assert_eq!(row.birthdate.map(|day| day.to_string()).as_deref(), Some("1980-02-29"));
        assert_eq!(
            (row.kind, row.standing),
            (Some(Kind::Authorisation), ElsewhereStanding::InForce)
        );
        assert_eq!(row.valid_from.map(|day| day.to_string()).as_deref(), Some("2010-07-01"));
        assert_eq!((row.line, row.valid_to, row.conditions), (2, None, None));
        assert_eq!(row.profession, Some(ProtectedTitle::first().profession));
    }

    #[test]
    fn a_status_is_a_word_a_code_or_an_end() {
        let of = |status: &str| one(&format!("hpr_number,status\n9144889,{status}\n")).standing;
        for (standing, words) in STATUSES {
            words.iter().for_each(|word| assert_eq!(of(word), standing, "{word}"));
        }
        assert_eq!(of("Midlertidig suspendert"), ElsewhereStanding::Suspended);
        let limited = one("hpr_number,status\n9144889,Med vilkår\n");
        assert_eq!(
            (limited.standing, limited.conditions),
            (ElsewhereStanding::InForce, Some(true))
        );
        let ended = one("hpr_number,status,sluttårsak\n9144889,gyldig,1\n");
        assert_eq!(ended.standing, ElsewhereStanding::Revoked);
        let dead = one("hpr_number,status,dødsdato\n9144889,gyldig,2026-01-01\n");
        assert_eq!(dead.standing, ElsewhereStanding::Deceased);
        let suspended = one(
            "hpr_number,valid_to,suspended_from,suspended_until\n9144889,,2026-01-01,2026-02-01\n",
        );
        assert_eq!(suspended.standing, ElsewhereStanding::Suspended);
        let over = one(
            "hpr_number,valid_to,suspended_from,suspended_until\n9144889,,2025-01-01,2026-01-15\n",
        );
        assert_eq!(over.standing, ElsewhereStanding::InForce);
    }

    #[test]
    fn what_cannot_be_read_is_kept_with_its_line_and_the_rest_is_read() {
        let table = read(
            "hpr_number,status,birthdate\n9144889,perhaps,\n9144900,valid,\n9144901,,\n01018012345,valid,\n9144902,valid\n9144903,valid,1980-13-01\n",
        );
        assert_eq!(table.rows.len(), 1);
        let unread: Vec<_> = table
            .unread
            .iter()
            .map(|row| {
                (row.line, row.hpr_number.map(|number| number.to_string()), row.error.code())
            })
            .collect();
        let number = |text: &str| Some(text.to_owned());
        assert_eq!(
            unread,
            [
                (2, number("9144889"), "field_invalid"),
                (4, number("9144901"), "field_invalid"),
                (5, None, "national_identity_number"),
                (6, number("9144902"), "import_row_length"),
                (7, number("9144903"), "field_invalid"),
            ]
        );
        assert!(!format!("{:?}", table.unread[2].error).contains("010180"));
    }

    #[test]
    fn a_table_without_what_it_takes_is_refused() {
        let titles = Titles::default();
        let today = "2026-01-15".parse().expect("a date");
        let code = |csv: &str| {
            ElsewhereTable::register(csv.as_bytes(), &titles, today).expect_err("refused").code()
        };
        assert_eq!(code("hpr_number\n9144889\n"), "import_column_missing");
        assert_eq!(code("name,status\nx,valid\n"), "import_column_missing");
        assert_eq!(code("hpr_number,status,HPR-nr\n1,valid,1\n"), "import_column_repeated");
        assert_eq!(code("hpr_number,status\n"), "import_empty");
        assert_eq!(code(""), "import_empty");
    }

    #[test]
    fn a_roster_is_a_list_of_numbers_with_or_without_a_header() {
        let lines = |bytes: &[u8]| {
            let table = ElsewhereTable::roster(bytes).expect("a roster");
            assert!(table.unread.is_empty(), "{:?}", table.unread);
            table.rows.iter().map(|row| (row.line, row.hpr_number.number())).collect::<Vec<_>>()
        };
        assert_eq!(lines(b"9144889\r\n9144900\r\n"), [(1, 9_144_889), (2, 9_144_900)]);
        assert_eq!(lines(b"\xef\xbb\xbf009144889\n"), [(1, 9_144_889)]);
        assert_eq!(lines("ward;HPR-nr\nA;9144889\n".as_bytes()), [(2, 9_144_889)]);
        let refused = ElsewhereTable::roster(b"01018012345\n9144889\n").expect("a roster");
        assert_eq!(refused.unread[0].error.code(), "national_identity_number");
        assert_eq!((refused.unread[0].line, refused.rows.len()), (1, 1));
    }
}
