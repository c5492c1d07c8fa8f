//! Compares the register with what somebody else has: the national register of health personnel, or a
//! hospital's roster. Nothing is decided or changed by it.
//!
//! A right that is in force here and was taken away there is the likeliest wrong "valid" of all. So
//! what can be one stands first.

use std::collections::{BTreeMap, BTreeSet};

use vernet_common::{
    CertificateNumber, CivilDate, HprNumber, Kind, NumericDate, Profession, Title,
};

use crate::{
    names::Folded,
    state::{
        index::{Authorisation, State},
        standing::Standing,
    },
    titles::ProtectedTitle,
};

/// What somebody else's table says of one right, or of one person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ElsewhereRow {
    /// Its line in the file, from 1.
    pub line: u64,
    /// The number of the person.
    pub hpr_number: HprNumber,
    /// The whole name, in whatever order.
    pub name: Option<String>,
    /// Date of birth.
    pub birthdate: Option<CivilDate>,
    /// The profession. A table without it is about the office's only one.
    pub profession: Option<Profession>,
    /// What the right is there.
    pub standing: ElsewhereStanding,
    /// The kind of right.
    pub kind: Option<Kind>,
    /// Whether there are conditions.
    pub conditions: Option<bool>,
    /// The first day of the right.
    pub valid_from: Option<CivilDate>,
    /// The end of the right: its last day, or the first day after it. Registers differ in that.
    pub valid_to: Option<CivilDate>,
    /// The number that took the place of this one.
    pub merged_into: Option<HprNumber>,
}

/// What a right is elsewhere.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ElsewhereStanding {
    /// It is over: lapsed, or for a reason without a name.
    Ended,
    /// The holder gave it up.
    Waived,
    /// It never was valid.
    Annulled,
    /// It was taken away.
    Revoked,
    /// It is in force.
    InForce,
    /// Not for the time being.
    Suspended,
    /// The holder is dead.
    Deceased,
}

impl ElsewhereStanding {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::Waived => "waived",
            Self::Annulled => "annulled",
            Self::Revoked => "revoked",
            Self::InForce => "in force",
            Self::Suspended => "suspended",
            Self::Deceased => "deceased",
        }
    }

    fn is_live(self) -> bool {
        matches!(self, Self::InForce | Self::Suspended)
    }
}

/// In what two registers differ, the most dangerous first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Differs {
    /// Live here, revoked there.
    RevokedThere,
    /// Live here, annulled there.
    AnnulledThere,
    /// Live here, waived there.
    WaivedThere,
    /// In force here, suspended there.
    SuspendedThere,
    /// Live here, and the holder is dead there.
    DeceasedThere,
    /// Live here, lapsed or ended there.
    EndedThere,
    /// On a roster, and not in force here.
    RosterNotAuthorised,
    /// On a roster, and unknown here.
    RosterUnknown,
    /// Live here, unknown there.
    UnknownThere,
    /// One number, and two persons: both name and birth date differ.
    TwoPersons,
    /// Without conditions here, with conditions there.
    ConditionsThere,
    /// Another kind of right.
    KindDiffers,
    /// Live there, ended or suspended here.
    LiveThere,
    /// With conditions here, without there.
    ConditionsHere,
    /// The number has another one in its place there.
    MergedThere,
    /// The number has another one in its place here, and is live by itself there.
    MergedHere,
    /// Another birth date.
    BirthdateDiffers,
    /// Another name.
    NameDiffers,
    /// Another first or last day.
    PeriodDiffers,
    /// Live there, unknown here.
    UnknownHere,
    /// On a roster with a number that has another one in its place.
    RosterOldNumber,
}

impl Differs {
    /// Everything that can differ, in order.
    pub const ALL: [Self; 21] = [
        Self::RevokedThere,
        Self::AnnulledThere,
        Self::WaivedThere,
        Self::SuspendedThere,
        Self::DeceasedThere,
        Self::EndedThere,
        Self::RosterNotAuthorised,
        Self::RosterUnknown,
        Self::UnknownThere,
        Self::TwoPersons,
        Self::ConditionsThere,
        Self::KindDiffers,
        Self::LiveThere,
        Self::ConditionsHere,
        Self::MergedThere,
        Self::MergedHere,
        Self::BirthdateDiffers,
        Self::NameDiffers,
        Self::PeriodDiffers,
        Self::UnknownHere,
        Self::RosterOldNumber,
    ];

    /// The stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::RevokedThere => "revoked_there",
            Self::AnnulledThere => "annulled_there",
            Self::WaivedThere => "waived_there",
            Self::SuspendedThere => "suspended_there",
            Self::DeceasedThere => "deceased_there",
            Self::EndedThere => "ended_there",
            Self::RosterNotAuthorised => "roster_not_authorised",
            Self::RosterUnknown => "roster_unknown",
            Self::UnknownThere => "unknown_there",
            Self::TwoPersons => "two_persons",
            Self::ConditionsThere => "conditions_there",
            Self::KindDiffers => "kind_differs",
            Self::LiveThere => "live_there",
            Self::ConditionsHere => "conditions_here",
            Self::MergedThere => "merged_there",
            Self::MergedHere => "merged_here",
            Self::BirthdateDiffers => "birthdate_differs",
            Self::NameDiffers => "name_differs",
            Self::PeriodDiffers => "period_differs",
            Self::UnknownHere => "unknown_here",
            Self::RosterOldNumber => "roster_old_number",
        }
    }

    fn of_a_loss(there: ElsewhereStanding) -> Option<Self> {
        Some(match there {
            ElsewhereStanding::Revoked => Self::RevokedThere,
            ElsewhereStanding::Annulled => Self::AnnulledThere,
            ElsewhereStanding::Waived => Self::WaivedThere,
            ElsewhereStanding::Suspended => Self::SuspendedThere,
            ElsewhereStanding::Deceased => Self::DeceasedThere,
            ElsewhereStanding::Ended => Self::EndedThere,
            ElsewhereStanding::InForce => return None,
        })
    }
}

/// One difference.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Discrepancy {
    /// In what.
    pub differs: Differs,
    /// The line of the other table; none if the person is in none of them.
    pub line: Option<u64>,
    /// The number of the person.
    pub hpr_number: HprNumber,
    /// The name here, or there if the person is unknown here.
    pub name: String,
    /// The title, if a right of it is here.
    pub title: Option<Title>,
    /// The newest certificate of the right, if there is one.
    pub certificate: Option<CertificateNumber>,
    /// What is so here.
    pub here: String,
    /// What is so there.
    pub there: String,
}

/// What a comparison found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Compared {
    /// How many rows of the other table were compared.
    pub rows: u64,
    /// How many rows are about other professions or rights that this office does not certify.
    pub others: u64,
    /// How many rights of this office were compared.
    pub rights: u64,
    /// How many rights of this office were not, because the row of their holder cannot be read.
    pub not_compared: u64,
    /// The differences, the most dangerous first.
    pub discrepancies: Vec<Discrepancy>,
}

/// Compares the rights of this office with another register, on a day. `unread` are the numbers in
/// rows that cannot be read: of these people nobody knows whether they are there.
///
/// Only titles by law are compared, and not those of specialists: the national register knows
/// professions.
pub fn compare_register(
    state: &State,
    rows: &[ElsewhereRow],
    unread: &BTreeSet<HprNumber>,
    (on, known_at): (CivilDate, NumericDate),
) -> Compared {
    let titles: BTreeMap<Profession, &ProtectedTitle> = state
        .titles()
        .iter()
        .filter(|row| row.is_by_law() && row.requires.is_none())
        .map(|row| (row.profession, row))
        .collect();
    let mut comparison = Comparison::new(state, on, known_at);
    let only = titles.keys().next().copied().filter(|_| titles.len() == 1);
    let mut there: BTreeMap<(HprNumber, Profession), Vec<&ElsewhereRow>> = BTreeMap::new();
    for row in rows {
        match row.profession.or(only).filter(|profession| titles.contains_key(profession)) {
            // Somebody who serves for a time has no right of this office's.
            Some(_) if row.kind == Some(Kind::TemporaryService) => comparison.found.others += 1,
            Some(profession) => there.entry((row.hpr_number, profession)).or_default().push(row),
            None => comparison.found.others += 1,
        }
    }
    let people = state.people(known_at);
    let mut seen = BTreeSet::new();
    for ((number, profession), rows) in &there {
        let title = &titles[profession].title;
        let person = state.successor(*number, known_at);
        seen.insert((person, title));
        comparison.found.rows += rows.len() as u64;
        let rights = people.get(&person).map(|rights| state.by_title(rights));
        let rights = rights.and_then(|mut rights| rights.remove(title)).unwrap_or_default();
        comparison.one(*number, title, rows, &rights);
    }
    let unread: BTreeSet<_> =
        unread.iter().map(|number| state.successor(*number, known_at)).collect();
    for (person, rights) in &people {
        for (title, rights) in state.by_title(rights) {
            let is_compared = titles.values().any(|row| row.title == *title);
            if is_compared && !seen.contains(&(*person, title)) {
                comparison.missing(*person, &rights, unread.contains(person));
            }
        }
    }
    comparison.finish()
}

/// Looks up everybody on a hospital's roster: who is not authorised by this office on a day?
pub fn compare_roster(
    state: &State,
    rows: &[ElsewhereRow],
    (on, known_at): (CivilDate, NumericDate),
) -> Compared {
    let mut comparison = Comparison::new(state, on, known_at);
    let people = state.people(known_at);
    for row in rows {
        comparison.found.rows += 1;
        let person = state.successor(row.hpr_number, known_at);
        let rights = people.get(&person).map(Vec::as_slice).unwrap_or_default();
        comparison.on_roster(row, person, rights);
    }
    comparison.finish()
}

struct Comparison<'a> {
    state: &'a State,
    on: CivilDate,
    known_at: NumericDate,
    /// Those of the rights that were compared: somebody can have two numbers there.
    certificates: BTreeSet<CertificateNumber>,
    found: Compared,
}

/// The right that counts here, with what it is and says.
struct Here<'a> {
    right: &'a Authorisation,
    standing: Standing,
    title: &'a Title,
    certificate: CertificateNumber,
    name: String,
    birthdate: CivilDate,
}

impl<'a> Comparison<'a> {
    fn new(state: &'a State, on: CivilDate, known_at: NumericDate) -> Self {
        let (certificates, found) = (BTreeSet::new(), Compared::default());
        Self { state, on, known_at, certificates, found }
    }

    fn here(&self, rights: &[&'a Authorisation]) -> Option<Here<'a>> {
        let (right, standing) = self.state.leading(rights, self.on, self.known_at)?;
        let person = self.state.particulars_of(right, self.known_at);
        let issued = right.certificates.iter().rev();
        let known = |position: usize| self.state.at(position).recorded_at <= self.known_at;
        Some(Here {
            right,
            standing,
            title: self.state.title_of(right),
            certificate: issued.copied().find(|(_, position)| known(*position))?.0,
            name: person.given_name.with(person.family_name),
            birthdate: person.birthdate,
        })
    }

    /// The rows about one number and one profession.
    fn one(
        &mut self,
        number: HprNumber,
        title: &Title,
        rows: &[&ElsewhereRow],
        rights: &[&'a Authorisation],
    ) {
        let (on, known_at) = (self.on, self.known_at);
        let Some(row) = rows.iter().copied().max_by_key(|row| weight(row, on)) else { return };
        let there = standing_there(row, on);
        let Some(here) = self.here(rights) else {
            if there.is_live() && row.merged_into.is_none() {
                let name = row.name.clone().unwrap_or_default();
                let (here, there) = ("unknown".to_owned(), there.word().to_owned());
                let line = Some(row.line);
                let (differs, title) = (Differs::UnknownHere, Some(title.clone()));
                self.found.discrepancies.push(Discrepancy {
                    differs,
                    line,
                    hpr_number: number,
                    name,
                    title,
                    certificate: None,
                    here,
                    there,
                });
            }
            return;
        };
        self.certificates.insert(here.certificate);
        let person = self.state.successor(number, known_at);
        let live_here = here.standing.is_live();
        if let Some(into) = rows.iter().find_map(|row| row.merged_into) {
            // The row of the number that remains is compared.
            if self.state.successor(into, known_at) != person && live_here {
                self.add(Differs::MergedThere, row, &here, number.to_string(), into.to_string());
            }
            return;
        }
        if person != number && there.is_live() {
            self.add(Differs::MergedHere, row, &here, person.to_string(), number.to_string());
        }
        let may_practise = here.standing.may_practise();
        let is_lost = match there {
            ElsewhereStanding::Suspended => may_practise,
            // A number that was given up for another one ends there.
            ElsewhereStanding::Ended => live_here && person == number,
            _ => live_here,
        };
        match Differs::of_a_loss(there).filter(|_| is_lost) {
            Some(loss) => {
                self.add(loss, row, &here, in_words(&here.standing), said(there, row, on))
            }
            None if there == ElsewhereStanding::InForce && !may_practise
                || there == ElsewhereStanding::Suspended && !live_here =>
            {
                self.add(
                    Differs::LiveThere,
                    row,
                    &here,
                    in_words(&here.standing),
                    said(there, row, on),
                );
            }
            None => {}
        }
        if live_here || there.is_live() {
            for row in rows.iter().filter(|one| is_new_identity(one, rows)) {
                self.identity(row, &here);
            }
        }
        if live_here && there.is_live() && person == number {
            self.kind_and_conditions(row, &here, there);
            self.period(row, &here);
        }
    }

    /// A right here that is in no row.
    fn missing(&mut self, person: HprNumber, rights: &[&'a Authorisation], is_unread: bool) {
        let Some(here) = self.here(rights).filter(|here| here.standing.is_live()) else { return };
        if is_unread {
            self.found.not_compared += 1;
            return;
        }
        self.certificates.insert(here.certificate);
        self.found.discrepancies.push(Discrepancy {
            differs: Differs::UnknownThere,
            line: None,
            hpr_number: person,
            name: here.name,
            title: Some(here.title.clone()),
            certificate: Some(here.certificate),
            here: in_words(&here.standing),
            there: "unknown".to_owned(),
        });
    }

    fn on_roster(&mut self, row: &ElsewhereRow, person: HprNumber, rights: &[&'a Authorisation]) {
        let Some(here) = self.best(rights) else {
            self.found.discrepancies.push(Discrepancy {
                differs: Differs::RosterUnknown,
                line: Some(row.line),
                hpr_number: row.hpr_number,
                name: row.name.clone().unwrap_or_default(),
                title: None,
                certificate: None,
                here: "unknown".to_owned(),
                there: "on the roster".to_owned(),
            });
            return;
        };
        self.certificates.insert(here.certificate);
        let number = row.hpr_number;
        if !here.standing.may_practise() {
            let there = "on the roster".to_owned();
            self.add(Differs::RosterNotAuthorised, row, &here, in_words(&here.standing), there);
        }
        if person != number {
            self.add(Differs::RosterOldNumber, row, &here, person.to_string(), number.to_string());
        }
        self.identity(row, &here);
    }

    /// The right with which a person may practise, of whatever title; else one without.
    fn best(&self, rights: &[&'a Authorisation]) -> Option<Here<'a>> {
        let titles = self.state.by_title(rights);
        let all = titles.values().filter_map(|rights| self.here(rights));
        all.max_by_key(|here| (here.standing.may_practise(), here.standing.is_live()))
    }

    fn identity(&mut self, row: &ElsewhereRow, here: &Here<'a>) {
        let (ours, birthdate) = (Folded::of(&here.name), here.birthdate);
        let theirs = row.name.as_deref().map(|name| (name, Folded::of(name)));
        let other_name = theirs.as_ref().filter(|(_, theirs)| !ours.has_the_words_of(theirs));
        let other_day = row.birthdate.filter(|theirs| *theirs != birthdate);
        match (other_name, other_day) {
            (Some((name, theirs)), Some(day)) if !ours.shares_a_word(theirs) => {
                let ours = format!("{}, born {birthdate}", here.name);
                self.add(Differs::TwoPersons, row, here, ours, format!("{name}, born {day}"));
            }
            (name, day) => {
                if let Some(day) = day {
                    let (ours, theirs) = (birthdate.to_string(), day.to_string());
                    self.add(Differs::BirthdateDiffers, row, here, ours, theirs);
                }
                if let Some((name, _)) = name {
                    let theirs = (*name).to_owned();
                    self.add(Differs::NameDiffers, row, here, here.name.clone(), theirs);
                }
            }
        }
    }

    fn kind_and_conditions(
        &mut self,
        row: &ElsewhereRow,
        here: &Here<'a>,
        there: ElsewhereStanding,
    ) {
        let kind = self.state.right(here.right).kind;
        // An authorisation that was limited later is what the code list calls a limited one.
        let plain = |kind| match kind {
            Kind::LimitedAuthorisation => Kind::Authorisation,
            kind => kind,
        };
        if let Some(theirs) = row.kind.filter(|theirs| plain(*theirs) != plain(kind)) {
            let words = [kind, theirs].map(|kind| kind.word().replace('_', " "));
            let [ours, theirs] = words;
            self.add(Differs::KindDiffers, row, here, ours, theirs);
            return;
        }
        let by_kind = row.kind.and_then(|kind| match kind {
            Kind::LimitedAuthorisation => Some(true),
            Kind::Authorisation => Some(false),
            _ => None,
        });
        let is_suspended = there == ElsewhereStanding::Suspended || !here.standing.may_practise();
        let (ours, theirs) = (
            matches!(here.standing, Standing::WithConditions { .. }),
            row.conditions.or(by_kind).filter(|_| !is_suspended),
        );
        let word = |has| if has { "with conditions" } else { "without conditions" }.to_owned();
        match theirs {
            Some(true) if !ours => {
                self.add(Differs::ConditionsThere, row, here, word(false), word(true));
            }
            Some(false) if ours => {
                self.add(Differs::ConditionsHere, row, here, word(true), word(false));
            }
            _ => {}
        }
    }

    fn period(&mut self, row: &ElsewhereRow, here: &Here<'a>) {
        let from = self.state.right(here.right).granted;
        let until = self.state.lapse(here.right, self.on, self.known_at).map(|(since, _)| since);
        let same_end = |theirs: CivilDate| {
            until.is_some_and(|ours| theirs == ours || theirs == ours.plus_days(-1))
        };
        let differs = row.valid_from.is_some_and(|theirs| theirs != from)
            || row.valid_to.is_some_and(|theirs| !same_end(theirs));
        if differs {
            let period = |from: Option<CivilDate>, until: Option<CivilDate>| {
                let from = from.map(|from| format!("from {from}"));
                let until = until.map(|until| format!("until {until}"));
                from.into_iter().chain(until).collect::<Vec<_>>().join(" ")
            };
            let theirs = period(row.valid_from, row.valid_to);
            self.add(Differs::PeriodDiffers, row, here, period(Some(from), until), theirs);
        }
    }

    fn add(
        &mut self,
        differs: Differs,
        row: &ElsewhereRow,
        here: &Here<'a>,
        ours: String,
        theirs: String,
    ) {
        self.found.discrepancies.push(Discrepancy {
            differs,
            line: Some(row.line),
            hpr_number: row.hpr_number,
            name: here.name.clone(),
            title: Some(here.title.clone()),
            certificate: Some(here.certificate),
            here: ours,
            there: theirs,
        });
    }

    fn finish(mut self) -> Compared {
        self.found.rights = self.certificates.len() as u64;
        self.found.discrepancies.sort_by_key(|one| (one.differs, one.line, one.hpr_number));
        self.found
    }
}

/// What a row says on a day: a right whose end has come is not in force, whatever its status.
fn standing_there(row: &ElsewhereRow, on: CivilDate) -> ElsewhereStanding {
    let covers =
        row.valid_from.is_none_or(|from| from <= on) && row.valid_to.is_none_or(|until| on < until);
    match row.standing {
        live if live.is_live() && !covers => ElsewhereStanding::Ended,
        standing => standing,
    }
}

/// Of several rows about one right the live ones count, the stricter one first; of those that are
/// not, the newest, and of equally new ones the gravest.
fn weight(
    row: &ElsewhereRow,
    on: CivilDate,
) -> (bool, bool, bool, Option<CivilDate>, ElsewhereStanding) {
    let there = standing_there(row, on);
    (
        there == ElsewhereStanding::Deceased,
        there == ElsewhereStanding::Suspended,
        there == ElsewhereStanding::InForce,
        row.valid_from,
        there,
    )
}

/// Whether a row tells of another person than those before it do, so that each is told once.
fn is_new_identity(row: &ElsewhereRow, rows: &[&ElsewhereRow]) -> bool {
    let first = rows.iter().find(|one| (&one.name, one.birthdate) == (&row.name, row.birthdate));
    first.is_some_and(|first| first.line == row.line)
}

fn said(there: ElsewhereStanding, row: &ElsewhereRow, on: CivilDate) -> String {
    if let Some(from) = row.valid_from.filter(|from| *from > on && row.standing.is_live()) {
        return format!("in force from {from}");
    }
    let until = row.valid_to.filter(|_| there == ElsewhereStanding::Ended);
    let until = until.map(|until| format!(" on {until}"));
    format!("{}{}", there.word(), until.unwrap_or_default())
}

fn in_words(standing: &Standing) -> String {
    standing.code().replace('_', " ")
}
