//! The titles that an office certifies: each is a row of data, and no rule has a profession in it.
//!
//! An office begins with the title of perfusionists. Two administrators enter others, by a statement
//! that has the whole row: so an audit on another machine, ten years later, applies the row that the
//! officers saw. What is the same for all health personnel is in [`law`](crate::law).

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use serde::{Deserialize, Serialize};
use vernet_common::{
    Basis, CivilDate, HttpsUrl, InWords, Kind, NumberPrefix, Profession, Title, TrustedTitle,
    is_latin,
};

use crate::{
    error::Error,
    officer::is_line,
    phrase,
    prose::Phrase,
    rule::{Rule, RuleError},
};

/// A title that is protected by law, or given by a society, and what an office needs to know to
/// certify it. One row of `professions.toml`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProtectedTitle {
    /// The claim `title`.
    pub title: Title,
    /// What stands for it in addresses: small letters, digits and hyphens.
    pub type_name: String,
    /// The claim `profession`.
    pub profession: Profession,
    /// What the certificate numbers begin with.
    pub certificate_number_prefix: NumberPrefix,
    /// A title that the person must have as well: a specialist's, the one of the profession.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requires: Option<Title>,
    /// The first day from which nothing new is granted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<CivilDate>,
    /// The kinds of right that are granted.
    pub kinds: Vec<Kind>,
    /// Why they are granted.
    pub bases: Vec<Basis>,
    /// How qualifications of other EEA states are recognised.
    pub recognition: RecognitionScheme,
    /// Whether the right to practise lapses at the age limit (helsepersonelloven § 54).
    pub age_limit: bool,
    /// Whether other states are told of reactions (§ 66).
    pub alerts: bool,
    /// Whether the title may be used in temporary service (§ 74 second paragraph).
    pub title_in_temporary_service: bool,
    /// What can be decided about the right.
    pub reactions: Vec<ReactionName>,
    /// How often it must be renewed, if it must.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewal: Option<Renewal>,
    /// When it is protected.
    pub protected: Vec<Period>,
    /// Where the requirements are laid down.
    pub requirements: Vec<Period>,
    /// The authority that grants.
    pub granted_by: Vec<Period>,
    /// What it is called, by language (BCP 47).
    pub words: BTreeMap<String, TitleWords>,
}

/// How the qualifications of other EEA states are recognised (directive 2005/36/EC title III).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecognitionScheme {
    /// By comparison with the Norwegian ones (chapter I).
    General,
    /// By a list of diplomas (chapter III).
    Automatic,
}

/// What can be decided about a right, by the name of its event.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are those of the events")]
pub enum ReactionName {
    Suspended,
    Limited,
    Instructed,
    Banned,
    Revoked,
    Waived,
}

/// A value with the days on which it applies.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// The first day.
    pub from: CivilDate,
    /// The first day on which it no longer applies; none if it still does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<CivilDate>,
    /// What applies.
    pub value: String,
    /// Where it is laid down.
    pub source: String,
    /// Whether nobody found it in the source: it warns, and never refuses.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unverified: bool,
}

impl Period {
    /// Whether it applies on a day: inclusive from, exclusive to.
    pub fn holds(&self, on: CivilDate) -> bool {
        self.from <= on && self.to.is_none_or(|to| on < to)
    }
}

/// The cycle in which a certificate must be renewed. What is asked for is counted in numbers, and
/// nothing cleverer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Renewal {
    /// How many calendar years a cycle has. The first one begins with the year after the grant, or
    /// with a grant on the first of January.
    pub years: i16,
    /// How many months after the end of a cycle the certificate is still good, so that what was done
    /// by its last day can be counted and decided.
    pub grace_months: i32,
    /// How many months after that the title can still be reinstated by a renewal. Then it takes a new
    /// grant.
    pub reinstatement_months: i32,
    /// How many months before the end of a cycle its holder is reminded.
    pub reminder_months: Vec<i32>,
    /// What must have been done in each year, and in the whole cycle.
    pub minimums: Vec<Minimum>,
}

/// The least that must have been done of a kind.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Minimum {
    /// What is counted, in a word: `clinical`.
    pub category: String,
    /// In each year of the cycle.
    pub per_year: u32,
    /// In all years of the cycle together.
    pub per_cycle: u32,
    /// The month with which a year of it begins, from 1 to 12: 7 for years from July to June. A year
    /// counts for the cycle in which it ends.
    pub first_month: i8,
}

impl Renewal {
    /// The first day after the first cycle of a right that was granted on a day.
    fn first_end(&self, granted: CivilDate) -> CivilDate {
        let year = granted.year();
        let begins = if granted == first_of_january(year) { year } else { year + 1 };
        first_of_january(begins + self.years)
    }

    /// The first day after the cycle that follows on one.
    pub(crate) fn next_end(&self, end: CivilDate) -> CivilDate {
        end.plus_years(self.years)
    }

    /// The first day on which a certificate of the cycle that ends on a day is no longer good.
    pub(crate) fn lapses(&self, end: CivilDate) -> CivilDate {
        end.plus_months(self.grace_months)
    }

    /// The first day on which the title cannot be reinstated any more.
    pub(crate) fn is_over(&self, end: CivilDate) -> CivilDate {
        self.lapses(end).plus_months(self.reinstatement_months)
    }

    fn check(&self) -> Result<(), Error> {
        // A cycle that was missed altogether cannot be renewed any more: its certificate would have
        // lapsed before it is signed.
        let cycle = 12 * i32::from(self.years);
        let minimum = |one: &Minimum| {
            (1..=12).contains(&one.first_month)
                && one.per_year <= 10_000
                && one.per_cycle <= 200_000
        };
        let categories: BTreeSet<_> = self.minimums.iter().map(|one| &one.category).collect();
        let reminders: BTreeSet<_> = self.reminder_months.iter().collect();
        for (is_sound, expected) in [
            ((1..=20).contains(&self.years), "cycles of 1 to 20 years"),
            ((0..=cycle).contains(&self.grace_months), "a grace of no more than a cycle"),
            (
                (0..=cycle).contains(&self.reinstatement_months),
                "reinstatement within a cycle, since then there is another one to renew",
            ),
            (
                self.reminder_months.iter().all(|months| (1..=24).contains(months)),
                "reminders 1 to 24 months before the end",
            ),
            (reminders.len() == self.reminder_months.len(), "each reminder once"),
            (
                self.minimums.iter().all(minimum),
                "months from 1 to 12, at most 10,000 in a year and 200,000 in a cycle",
            ),
            (categories.len() == self.minimums.len(), "each category once"),
        ] {
            if !is_sound {
                return Err(RuleError::new(
                    Rule::TitleContradicts,
                    "its renewal",
                    phrase!("{expected}", expected),
                )
                .into());
            }
        }
        self.minimums.iter().try_for_each(|minimum| is_line("category", &minimum.category))
    }

    /// What decides how long a certificate is good, and what its holder was on a day of the past.
    fn cycle(&self) -> (i16, i32, i32) {
        (self.years, self.grace_months, self.reinstatement_months)
    }
}

impl Minimum {
    /// The years of it that end in the cycle that ends on a day, by the calendar years in which they
    /// begin.
    pub(crate) fn years(&self, renewal: &Renewal, end: CivilDate) -> std::ops::Range<i16> {
        // A year from July to June begins in the calendar year before that in which it ends.
        let last = end.year() - i16::from(self.first_month > 1);
        last - renewal.years..last
    }
}

fn first_of_january(year: i16) -> CivilDate {
    CivilDate::new(year, 1, 1).expect("every year begins with a first of January")
}

/// What a title is called in a language.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TitleWords {
    /// The article before the title, in languages that need one after "as": `a`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub article: String,
    /// The title.
    pub title: String,
    /// What the document is called: `perfusjonistbevis`.
    pub certificate: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "title")]
    rows: Vec<ProtectedTitle>,
}

static SHIPPED: LazyLock<Vec<ProtectedTitle>> = LazyLock::new(|| {
    ProtectedTitle::from_toml(include_str!("professions.toml")).expect("a test reads it")
});

/// The language that every title has words in.
const NEEDED: &str = "nb";

impl ProtectedTitle {
    /// The rows that this program brings.
    pub fn shipped() -> &'static [Self] {
        &SHIPPED
    }

    /// The title that an office has from the beginning.
    pub fn first() -> &'static Self {
        &Self::shipped()[0]
    }

    /// Reads rows as `professions.toml` writes them.
    ///
    /// # Errors
    ///
    /// [`Error::TitlesUnreadable`] if the text is no such file; [`Rule::TitleContradicts`] if a row
    /// contradicts itself.
    pub fn from_toml(text: &str) -> Result<Vec<Self>, Error> {
        let file: File = toml::from_str(text).map_err(|error| {
            // Its own text draws the line below, over several lines.
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = before.map_or(1, |before| before.matches('\n').count() + 1);
            Error::TitlesUnreadable { reason: format!("line {line}: {}", error.message().trim()) }
        })?;
        file.rows.iter().try_for_each(Self::check)?;
        Ok(file.rows)
    }

    /// Checks what concerns more than one member.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let contradicts = |found: &str, expected: &str| {
            Err(RuleError::new(Rule::TitleContradicts, found, phrase!("{expected}", expected))
                .into())
        };
        let issued = |kind: &Kind| *kind != Kind::TemporaryService;
        if self.kinds.is_empty() || !self.kinds.iter().all(issued) || self.bases.is_empty() {
            return contradicts(
                "its kinds and bases",
                "at least one of each, and not `14`, for which no certificate is issued",
            );
        }
        if self.kinds.contains(&Kind::BoardCertificate) && self.kinds.len() > 1 {
            return contradicts(
                "its kinds",
                "`board` alone, or kinds that the law knows: a board authorises nobody",
            );
        }
        if self.alerts && !self.is_by_law() {
            return contradicts(
                "`alerts`",
                "`false` for a board: only the state tells other states",
            );
        }
        let needed = [ReactionName::Suspended, ReactionName::Revoked];
        if needed.iter().any(|reaction| !self.reactions.contains(reaction)) {
            return contradicts(
                "its reactions",
                "`suspended` and `revoked` among them: every right can be taken away",
            );
        }
        if !self.words.contains_key(NEEDED) {
            return contradicts("its words", "words in bokmål (`nb`)");
        }
        if !self.title.as_str().is_ascii() {
            return contradicts(
                "its title",
                "letters from a to z: the words are for other letters",
            );
        }
        let small = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '-');
        if self.type_name.is_empty() || !self.type_name.chars().all(small) {
            return contradicts("its `type_name`", "small letters from a to z, digits and hyphens");
        }
        let periods = || self.protected.iter().chain(&self.requirements).chain(&self.granted_by);
        if self.protected.is_empty() || self.granted_by.is_empty() {
            return contradicts("its periods", "one in `protected` and one in `granted_by`");
        }
        if periods().any(|period| period.to.is_some_and(|to| to <= period.from)) {
            return contradicts("its periods", "a `to` after `from` in each");
        }
        for period in periods() {
            is_line("value", &period.value)?;
            is_line("source", &period.source)?;
        }
        self.renewal.as_ref().map_or(Ok(()), Renewal::check)?;
        for words in self.words.values() {
            for (name, text) in [
                ("title", &words.title),
                ("certificate", &words.certificate),
                ("article", &words.article),
            ] {
                if name == "article" && text.is_empty() {
                    continue;
                }
                is_line(name, text)?;
                // In normalisation form C, as `is_line` has checked.
                let odd = |c: &char| c.is_alphabetic() && !is_latin(*c);
                if let Some(odd) = text.chars().find(odd) {
                    return contradicts(
                        &format!("`{}` in its words", odd.escape_unicode()),
                        "letters of the Latin script: others have letters that look the same",
                    );
                }
                if !text.chars().any(char::is_alphabetic) {
                    return contradicts("a word without letters in its words", "letters");
                }
            }
        }
        // What roots will sign must have the form that verifiers read.
        let iss: HttpsUrl = "https://example.no".parse()?;
        self.trusted(&iss).map(drop)
    }

    /// What the trust list says of it.
    ///
    /// # Errors
    ///
    /// [`vernet_common::Error::FieldInvalid`] if `iss` is too long to have a type below it, or a
    /// name is too long.
    pub fn trusted(&self, iss: &HttpsUrl) -> Result<TrustedTitle, Error> {
        let names = self.words.iter().map(|(language, words)| (&**language, &*words.title));
        Ok(TrustedTitle::new(
            iss,
            &self.type_name,
            self.certificate_number_prefix,
            self.profession,
            self.title.clone(),
            InWords::new(names)?,
        )?)
    }

    /// Its words in a language; in bokmål if there are none.
    pub fn words(&self, language: &str) -> &TitleWords {
        self.words
            .get(language)
            .or_else(|| self.words.get(NEEDED))
            .expect("every row has words in bokmål, see `check`")
    }

    /// The first day after the cycle that a right is in when it comes into the register, if it has
    /// cycles: the first one, or the one that the application names, for which it was renewed before.
    pub(crate) fn first_end(
        &self,
        granted: CivilDate,
        cycle_ends: Option<CivilDate>,
    ) -> Option<CivilDate> {
        let first = self.renewal.as_ref().map(|renewal| renewal.first_end(granted));
        cycle_ends.filter(|_| first.is_some()).or(first)
    }

    /// Checks that the cycle which an application names is one of the title's.
    pub(crate) fn check_cycle(
        &self,
        granted: CivilDate,
        cycle_ends: Option<CivilDate>,
    ) -> Result<(), RuleError> {
        let Some(named) = cycle_ends else { return Ok(()) };
        let refused = |expected: Phrase| {
            let found = phrase!("`cycle_ends` {named}", named);
            Err(RuleError::new(Rule::RenewalMismatch, found, expected))
        };
        let Some(renewal) = &self.renewal else {
            return refused(phrase!("none: `{title}` has no cycle", title = self.title));
        };
        let first = renewal.first_end(granted);
        let years = named.year() - first.year();
        match named == first_of_january(named.year()) && years >= 0 && years % renewal.years == 0 {
            true => Ok(()),
            false => refused(phrase!(
                "`{first}`, or a multiple of {years} years later",
                first,
                years = renewal.years
            )),
        }
    }

    /// Whether the state gives it, by law; else a board or a society does.
    pub fn is_by_law(&self) -> bool {
        !self.kinds.contains(&Kind::BoardCertificate)
    }

    /// The authority that granted on a day; empty if none is named.
    pub fn authority(&self, on: CivilDate) -> &str {
        self.granted_by.iter().find(|row| row.holds(on)).map_or("", |row| &row.value)
    }
}

/// The titles of an office: the first one, and those that were entered.
#[derive(Clone, Debug)]
pub struct Titles(BTreeMap<Title, ProtectedTitle>);

impl Default for Titles {
    fn default() -> Self {
        let first = ProtectedTitle::first();
        Self(BTreeMap::from([(first.title.clone(), first.clone())]))
    }
}

impl Titles {
    /// The row of a title.
    ///
    /// # Errors
    ///
    /// [`Rule::TitleUnknown`] if the office does not certify it.
    pub fn get(&self, title: &Title) -> Result<&ProtectedTitle, RuleError> {
        self.0.get(title).ok_or_else(|| {
            let known = self.0.keys().map(|title| phrase!("`{title}`", title)).collect();
            let known = Phrase::Joined(", ", known);
            RuleError::new(Rule::TitleUnknown, title, phrase!("one of {known}", known))
        })
    }

    /// Every row, in the order of the titles.
    pub fn iter(&self) -> impl Iterator<Item = &ProtectedTitle> {
        self.0.values()
    }

    /// Checks that a row can be entered beside the others, or in the place of an earlier one of the
    /// same title, whose certificates it must not change.
    pub(crate) fn check_entry(&self, row: &ProtectedTitle) -> Result<(), Error> {
        row.check()?;
        let contradicts = |expected: String| {
            Err(RuleError::new(Rule::TitleContradicts, &row.title, phrase!("{expected}", expected))
                .into())
        };
        // What was said of a day of the past stays true, and a certificate is good until the day that
        // is in it.
        let cycle = |row: &ProtectedTitle| row.renewal.as_ref().map(Renewal::cycle);
        if let Some(known) = self.0.get(&row.title) {
            for (is_kept, what) in [
                (known.type_name == row.type_name, "type_name"),
                (known.profession == row.profession, "profession"),
                (
                    known.certificate_number_prefix == row.certificate_number_prefix,
                    "certificate_number_prefix",
                ),
                (known.requires == row.requires, "requires"),
                (known.age_limit == row.age_limit, "age_limit"),
                (cycle(known) == cycle(row), "renewal: years, grace and reinstatement"),
            ] {
                if !is_kept {
                    return contradicts(format!(
                        "`{what}` as it is: its certificates and what they were on a day rest on it. Enter another title"
                    ));
                }
            }
        }
        if let Some(other) = self.iter().find(|other| other.is_by_law() != row.is_by_law()) {
            return contradicts(format!(
                "an office either for titles by law or for those of a board, and this one certifies `{}`",
                other.title
            ));
        }
        let is_double = |other: &ProtectedTitle| {
            other.title != row.title
                && (other.type_name == row.type_name
                    || other.certificate_number_prefix == row.certificate_number_prefix)
        };
        if self.iter().any(is_double) {
            return contradicts("a `type_name` and a prefix that no other title has".into());
        }
        // Each required title was entered before, so only a row that is entered again can close a circle.
        let mut required = row.requires.as_ref();
        while let Some(title) = required {
            match self.0.get(title) {
                _ if *title == row.title => {
                    return contradicts("titles that do not require each other".into());
                }
                None => {
                    return contradicts(format!(
                        "`{title}`, which it requires, to be entered before"
                    ));
                }
                Some(known) => required = known.requires.as_ref(),
            }
        }
        Ok(())
    }

    /// The titles of an office that is founded for these rows, each of which may require one before;
    /// the first title if there are none.
    pub(crate) fn founded_with(rows: &[ProtectedTitle]) -> Result<Self, Error> {
        if rows.is_empty() {
            return Ok(Self::default());
        }
        let mut titles = Self(BTreeMap::new());
        for row in rows {
            titles.check_entry(row)?;
            titles.enter(row.clone());
        }
        Ok(titles)
    }

    pub(crate) fn enter(&mut self, row: ProtectedTitle) {
        self.0.insert(row.title.clone(), row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_rows_are_sound_and_fit_together() {
        let mut titles = Titles::default();
        for row in ProtectedTitle::shipped() {
            titles.check_entry(row).expect("a sound row");
            titles.enter(row.clone());
            for periods in [&row.protected, &row.granted_by] {
                assert!(periods.iter().any(|period| period.to.is_none()), "{}", row.title);
            }
            for language in ["nb", "nn", "en", "sv", "da"] {
                assert!(row.words.contains_key(language), "{} {language}", row.title);
            }
            assert!(!row.words("en").article.is_empty());
        }
        assert_eq!(titles.iter().count(), 4);
        assert_eq!(ProtectedTitle::first().title.as_str(), "perfusionist");
    }

    #[test]
    fn authorities_change_their_names_at_new_year() {
        let name = |day: &str| ProtectedTitle::first().authority(day.parse().expect("a date"));
        assert_eq!(name("2000-12-31"), "");
        assert_eq!(name("2001-01-01"), "Statens autorisasjonskontor for helsepersonell");
        assert_eq!(name("2015-12-31"), "Statens autorisasjonskontor for helsepersonell");
        assert_eq!(name("2016-01-01"), "Helsedirektoratet");
    }

    #[test]
    fn rows_that_contradict_themselves_or_others_are_refused() {
        type Change = fn(&mut ProtectedTitle);
        let cases: [(&str, Change); 16] = [
            ("temporary service", |row| row.kinds.push(Kind::TemporaryService)),
            ("no kind", |row| row.kinds.clear()),
            ("no basis", |row| row.bases.clear()),
            ("no bokmål", |row| drop(row.words.remove("nb"))),
            ("never protected", |row| row.protected.clear()),
            ("nobody grants", |row| row.granted_by.clear()),
            ("a period that ends before it begins", |row| {
                row.protected[0].to = Some(row.protected[0].from);
            }),
            ("the prefix of another title", |row| {
                row.certificate_number_prefix = ProtectedTitle::first().certificate_number_prefix;
            }),
            ("what a board gives, beside what the law gives", |row| {
                row.kinds.push(Kind::BoardCertificate);
            }),
            ("a board that alerts other states", |row| row.kinds = vec![Kind::BoardCertificate]),
            ("a right that cannot be taken away", |row| row.reactions.clear()),
            ("letters that look like others", |row| {
                row.words.get_mut("nb").expect("words").title = "kirоpraktor".into();
            }),
            ("nothing to see", |row| {
                row.words.get_mut("nb").expect("words").title = "\u{3164}".into();
            }),
            ("a title in other letters", |row| {
                row.title = "chıropractor".parse().expect("a title");
            }),
            ("a cycle without a year", |row| {
                row.renewal = Some(Renewal {
                    years: 0,
                    grace_months: 0,
                    reinstatement_months: 0,
                    reminder_months: vec![],
                    minimums: vec![],
                });
            }),
            ("another title that is not there", |row| {
                row.requires = Some("magician".parse().expect("a title"));
            }),
        ];
        for (name, change) in cases {
            let mut row = ProtectedTitle::shipped()[1].clone();
            Titles::default().check_entry(&row).expect("a sound row");
            change(&mut row);
            let error = Titles::default().check_entry(&row).expect_err(name);
            assert_eq!(error.code(), "title_contradicts", "{name}");
        }
        let mut row = ProtectedTitle::shipped()[1].clone();
        row.type_name = "Type".into();
        let error = row.check().expect_err("a type").to_string();
        assert!(error.contains("type_name"), "{error}");
        // Nor do two require each other.
        let mut titles = Titles::default();
        ProtectedTitle::shipped().iter().for_each(|row| titles.enter(row.clone()));
        let mut dentist = ProtectedTitle::shipped()[2].clone();
        dentist.requires = Some("orthodontist".parse().expect("a title"));
        assert_eq!(titles.check_entry(&dentist).expect_err("a circle").code(), "title_contradicts");
        dentist.requires = Some(dentist.title.clone());
        assert_eq!(titles.check_entry(&dentist).expect_err("itself").code(), "title_contradicts");
        // A title keeps what is in its certificates.
        let mut titles = Titles::default();
        titles.enter(ProtectedTitle::shipped()[1].clone());
        let mut row = ProtectedTitle::shipped()[1].clone();
        row.kinds.pop();
        titles.check_entry(&row).expect("fewer kinds from now on");
        row.profession = "XX".parse().expect("a code");
        assert_eq!(titles.check_entry(&row).expect_err("changed").code(), "title_contradicts");
    }

    #[test]
    fn a_file_with_other_members_is_refused() {
        for text in ["[[title]]\ntitle = \"x\"", "[[titel]]", "title = 1"] {
            let error = ProtectedTitle::from_toml(text).expect_err(text);
            assert_eq!(error.code(), "titles_unreadable");
        }
    }
}
