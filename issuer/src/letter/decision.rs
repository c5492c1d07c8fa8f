//! The letter that tells a person of a decision: one A4 page, without a code. It is no certificate.

use std::num::NonZeroU16;

use krilla::tagging::{Tag, TagGroup};
use vernet_common::{CivilDate, Kind, NumericDate};
use vernet_register::{Event, Ground, SuspensionGround, Told, law};

use super::{
    canvas::{Align, Canvas, Ink, mm},
    certificate::{A4, MARGIN, table},
    decision_words::DecisionWords,
    document::{Block, Document, Properties},
    error::LetterError,
    text::{Style, fit},
    words::{Words, fill_in},
};
use crate::office::OfficeSender;

/// The distance between base lines of the text, in millimetres.
const LEADING: f32 = 5.6;

/// What a letter says of a decision.
struct Said {
    heading: &'static str,
    /// Each is a paragraph.
    sentences: Vec<String>,
    /// Where the law has it, in the words of the language.
    basis: String,
}

pub(super) fn draw(
    (told, sender): (&Told<'_>, Option<&OfficeSender>),
    words: &Words,
    own: &DecisionWords,
    now: NumericDate,
) -> Result<Vec<u8>, LetterError> {
    let said = say(told, words, own);
    let name = told.given_name.with(told.family_name);
    let properties = Properties {
        title: format!("{}: {name}", said.heading),
        language: words.code,
        id: format!("decision {} {} {}", words.code, told.statement.seq, told.hpr_number),
        author: told.authority,
        now,
    };
    let mut document = Document::new(&properties, &[])?;
    let mut next = 0.0;
    document.page(A4, |canvas| {
        let mut page = Page { canvas, base: 32.0, blocks: Vec::new() };
        if let Some(sender) = sender {
            page.sender(sender);
        }
        page.head(told, words);
        page.facts(&facts(told, &said, &name, words, own));
        page.heading(said.heading);
        for sentence in said.sentences.iter().chain(&what_next(told, own)) {
            page.paragraph(sentence, Style::roman(12.0), Ink::Black);
        }
        page.paragraph(&approved_by(told, own), Style::italic(11.0), Ink::Black);
        page.paragraph(own.no_certificate, Style::italic(10.0), Ink::Grey);
        next = page.base;
        page.blocks
    })?;
    // A reason has one line at entry, and names are short enough: only a mistake in the words could
    // leave the page.
    if next > A4.1 {
        return Err(LetterError::NotWritten { reason: "the text leaves the page".to_owned() });
    }
    document.finish()
}

/// A page that is written from top to bottom. Lengths are in millimetres.
struct Page<'a, 'b> {
    canvas: &'a mut Canvas<'b>,
    /// The next base line.
    base: f32,
    blocks: Vec<Block>,
}

impl Page<'_, '_> {
    /// Who sends it now, with the address, above the body that decided then.
    fn sender(&mut self, sender: &OfficeSender) {
        let at = (Align::Left(mm(MARGIN)), mm(20.0));
        let (style, ink) = (Style::italic(10.0), Ink::Grey);
        self.blocks.push(Block::Group(self.canvas.tagged(Tag::P, &sender.line(), style, at, ink)));
    }

    /// The body that decided: its legal name, and the one that it uses abroad.
    fn head(&mut self, told: &Told<'_>, words: &Words) {
        self.line(told.authority, Style::small_caps(14.0, 0.14), Ink::Blue);
        if let Some(own) = words.authority(told.authority) {
            self.base -= 0.6;
            self.line(own, Style::italic(12.0), Ink::Blue);
        }
        let base = mm(self.base - 2.0);
        self.canvas.rule((mm(MARGIN), base), (mm(A4.0 - MARGIN), base), 0.6, Ink::Tint);
        self.base += 12.0;
    }

    fn line(&mut self, text: &str, style: Style, ink: Ink) {
        let at = (Align::Left(mm(MARGIN)), mm(self.base));
        self.blocks.push(Block::Group(self.canvas.tagged(Tag::P, text, style, at, ink)));
        self.base += 6.0;
    }

    fn facts(&mut self, facts: &[(&'static str, String)]) {
        let columns = (Align::Left(mm(MARGIN)), mm(74.0));
        let (table, next) = table(self.canvas, facts, columns, (mm(self.base), mm(6.1)));
        self.blocks.push(Block::Group(table));
        self.base = next / mm(1.0) + 12.0;
    }

    fn heading(&mut self, text: &str) {
        let styles = [(22.0, 1), (19.0, 1), (19.0, 2)];
        let lines = fit(
            text,
            &styles.map(|(size, lines)| (Style::roman(size), lines)),
            mm(A4.0 - 2.0 * MARGIN),
        );
        let (nodes, next) =
            self.canvas.lines(&lines, Align::Left(mm(MARGIN)), mm(self.base), mm(8.5), Ink::Blue);
        let tag = Tag::Hn(NonZeroU16::MIN, Some(text.to_owned()));
        self.blocks.push(Block::Group(TagGroup::with_children(tag, nodes)));
        self.base = next / mm(1.0) + 2.5;
    }

    fn paragraph(&mut self, text: &str, style: Style, ink: Ink) {
        let (paragraph, next) = self.canvas.paragraph(
            // A paragraph of the law stays on one line with its sign.
            &text.replace("§ ", "§\u{a0}"),
            style,
            (Align::Left(mm(MARGIN)), mm(A4.0 - 2.0 * MARGIN)),
            (mm(self.base), mm(LEADING)),
            ink,
        );
        self.blocks.push(Block::Group(paragraph));
        self.base = next / mm(1.0) + 2.6;
    }
}

fn facts(
    told: &Told<'_>,
    said: &Said,
    name: &str,
    words: &Words,
    own: &DecisionWords,
) -> Vec<(&'static str, String)> {
    let statement = told.statement;
    let mut facts = vec![
        (words.name, name.to_owned()),
        (words.born, words.date(told.birthdate)),
        (words.hpr_number, told.hpr_number.to_string()),
        (own.title, told.title.words(words.code).title.clone()),
        (own.decided, words.date(statement.decided_on)),
        (own.reference, fill_in(own.decision, &[&statement.seq.to_string()])),
    ];
    if told.title.is_by_law() && !said.basis.is_empty() {
        facts.push((own.legal_basis, said.basis.clone()));
    }
    facts
}

/// What was decided.
fn say(told: &Told<'_>, words: &Words, own: &DecisionWords) -> Said {
    let from = words.date(told.statement.effective_on);
    let row = told.title.words(words.code);
    let title = format!("{} {}", row.article, row.title);
    let (authority, title) = (told.authority, title.trim_start());
    let event = &told.statement.event;
    let (words_of, paragraph) = match event {
        Event::Refused(_) => (&own.refused, "§ 53 (2)"),
        Event::Suspended { ground, limits, .. } => (
            if limits.is_some() { &own.suspended_with_limits } else { &own.suspended },
            match ground {
                SuspensionGround::Revocation => "§ 58",
                SuspensionGround::Information => "§ 58 a",
                SuspensionGround::Examination => "§ 60 (2)",
            },
        ),
        Event::Extended { .. } => (&own.extended, "§ 58 (3)"),
        Event::Lifted { .. } => (&own.lifted, "§ 58"),
        Event::Limited { .. } => (&own.limited, "§ 59"),
        Event::LimitationLifted { .. } => (&own.limitation_lifted, "§ 59"),
        Event::Instructed { .. } => (&own.instructed, "§ 56"),
        Event::InstructionEnded { .. } => (&own.instruction_ended, "§ 56"),
        Event::Banned { .. } => (&own.banned, "§ 57 a"),
        Event::BanEnded { .. } => (&own.ban_ended, "§ 57 a"),
        Event::Revoked { gravest: false, .. } => (&own.revoked, "§ 57 (1)"),
        Event::Revoked { gravest: true, .. } => (&own.revoked, "§ 57 (2)"),
        Event::Annulled { .. } => (&own.annulled, ""),
        // `State::told` gives no others.
        _ => (&own.granted, ""),
    };
    let basis = match event {
        Event::Granted(granted) => {
            let application = &granted.application;
            let paragraph = match (application.basis, application.kind) {
                (Ground::NewAuthorisation, _) => "§ 62",
                (_, Kind::Authorisation | Kind::LimitedAuthorisation) => told
                    .title
                    .requirements
                    .iter()
                    .find(|row| row.holds(told.statement.decided_on))
                    .map_or("", |row| &*row.value),
                _ => "§ 49",
            };
            format!("{} {paragraph}", own.act)
        }
        Event::Annulled { .. } => law::on(&law::PROCEDURE, told.statement.decided_on)
            .map_or(String::new(), |row| format!("{} {}", own.procedure_act, row.value.annulment)),
        _ => format!("{} {paragraph}", own.act),
    };
    // A refusal has no day from which it applies, but the words name the kind of right.
    let sentence = match event {
        Event::Refused(refused) => {
            let kind = words.right(refused.application.kind, refused.application.bound_to_post);
            fill_in(words_of.says, &[authority, kind.kind, title])
        }
        Event::Granted(granted) => {
            let kind = words.right(granted.application.kind, granted.application.bound_to_post);
            fill_in(words_of.says, &[authority, kind.kind, title, &from])
        }
        _ => fill_in(words_of.says, &[authority, title, &from]),
    };
    let mut sentences = vec![sentence];
    sentences.extend(details(told, words, own));
    Said { heading: words_of.heading, sentences, basis }
}

/// How long it lasts, what limits it, and why.
fn details(told: &Told<'_>, words: &Words, own: &DecisionWords) -> Vec<String> {
    let through = |first_day_after: CivilDate| {
        fill_in(own.through, &[&words.date(first_day_after.plus_days(-1))])
    };
    let lasts = |until: Option<CivilDate>| until.map_or(own.open_ended.to_owned(), through);
    let within = |reference: &str| fill_in(own.terms, &[reference]);
    let mut all = match &told.statement.event {
        Event::Granted(granted) => {
            let application = &granted.application;
            let ends = granted.claims.exp.civil_date();
            let conditions = application.conditions.as_deref().map(within);
            [Some(through(ends)), conditions].into_iter().flatten().collect()
        }
        Event::Refused(refused) => vec![fill_in(own.reason, &[&refused.reason])],
        Event::Suspended { until, limits, .. } => {
            let limits = limits.as_deref().map(within);
            [Some(lasts(*until)), limits].into_iter().flatten().collect()
        }
        Event::Extended { until, .. } => vec![through(*until)],
        Event::Limited { until, reference, .. }
        | Event::Instructed { until, reference, .. }
        | Event::Banned { until, reference, .. } => vec![lasts(*until), within(reference)],
        _ => Vec::new(),
    };
    all.extend(told.unconfirmed_until.map(|until| fill_in(own.unconfirmed, &[&words.date(until)])));
    all.extend(
        told.may_apply_from.map(|day| fill_in(own.may_apply_from, &[own.act, &words.date(day)])),
    );
    all
}

/// The reasons, and the ways to have the decision tried again.
fn what_next(told: &Told<'_>, own: &DecisionWords) -> Vec<String> {
    let day = told.statement.decided_on;
    let (Some(body), Some(procedure), Some(weeks)) =
        (told.appeal_body, law::on(&law::PROCEDURE, day), law::on(&law::APPEAL_WEEKS, day))
    else {
        return Vec::new();
    };
    let procedure = &procedure.value;
    let appeal = fill_in(
        own.appeal,
        &[
            body,
            own.act,
            &weeks.value.to_string(),
            own.procedure_act,
            procedure.appeal,
            told.authority,
            procedure.stay,
            procedure.access,
        ],
    );
    let is_reasoned = matches!(told.statement.event, Event::Refused(_));
    let grounds = (!is_reasoned).then(|| own.grounds_apart.to_owned());
    grounds.into_iter().chain([appeal]).collect()
}

fn approved_by(told: &Told<'_>, own: &DecisionWords) -> String {
    fill_in(own.approved_by, &[&told.officers.join(own.and)])
}
