//! The certificate of current professional status, in English, for the authorities of other states.

use std::{collections::BTreeSet, num::NonZeroU16};

use krilla::tagging::{TableHeaderScope, Tag, TagGroup};
use vernet_common::{Kind, Reaction, ReactionKind, StatedStanding};
use vernet_register::law;

use super::{
    canvas::{Align, Canvas, Ink, mm},
    certificate::{A4, MARGIN, attachment, foot, head, last_day, properties, right, rows, table},
    document::{Attachment, Block, Document, Properties},
    error::LetterError,
    ornament::frame,
    text::{Style, wrap},
    words::{Words, fill_in},
};
use crate::ProfessionalStatus;

const HEADING: &str = "Certificate of current professional status";
const ISSUED_FOR: &str = "issued in Norway for the competent authorities of other states";
const DIRECTIVE: &str = "(directive 2005/36/EC, articles 50 and 56)";
const ATTACHMENT: &str = "The signed statement of professional status";

/// The page of the certificate's code.
const CHECK: &str = "Scan the code with a phone’s camera, and check that the page that opens is at {}: it tells whether the certificate is valid now. This \
                     statement is signed and attached to the PDF file, which a verifier reads; what is only printed proves nothing. Compare with a photo \
                     ID.";

/// What the statement does not hold.
const NOT_STATED: &str = "Not stated here: professional instructions (§ 56) and bans on practice (§ 57 a) under the Norwegian Health Personnel Act, and \
                          pending cases.";

/// Where the reactions begin on the first page unless the names are very long, and where they end,
/// with room for three lines below, in millimetres.
const REACTIONS: f32 = 183.0;
const FOOT: f32 = 212.0;

/// The distance from one reaction to the next, in millimetres.
const ROW: f32 = 4.7;

const REACTIONS_HEADING: &str = "Reactions on record";

/// How many reactions fit on each page after the first.
const ON_NEXT_PAGES: usize = 28;

pub(super) fn draw(
    status: &ProfessionalStatus,
    addressee: Option<&str>,
    words: &Words,
) -> Result<Vec<u8>, LetterError> {
    let (certificate, statement) = (status.certificate(), status.statement());
    let code = certificate.qr_code_for_print()?;
    let claims = certificate.claims();
    let signed = Attachment {
        name: format!("status-{}.jwt", claims.certificate_number),
        media_type: "application/vernet-ccps+jwt",
        description: ATTACHMENT.to_owned(),
        content: status.text(),
    };
    let about = properties("ccps", certificate, words, statement.iat);
    let properties = Properties {
        title: format!("{HEADING}: {}", claims.full_name()),
        id: format!("ccps {}", status.text()),
        ..about
    };
    let mut document = Document::new(&properties, &[attachment(certificate, words), signed])?;
    let (mut rest, mut all_overleaf) = (&*statement.reactions, false);
    document.page(A4, |canvas| {
        let authority = certificate.title().authority(statement.iat.civil_date());
        let mut blocks = head(canvas, authority, HEADING, words);
        let (person, next) = who_and_what(canvas, status, addressee, words);
        blocks.extend(person);
        let top = REACTIONS.max(next / mm(1.0) + 6.0);
        // Below the headings of the table.
        let room = ((FOOT - top - 6.2) / ROW).max(0.0) as usize;
        all_overleaf = room == 0;
        if all_overleaf {
            let heading = format!("{REACTIONS_HEADING}: overleaf");
            blocks.push(Block::Group(subheading(canvas, &heading, next + mm(1.5))));
        } else {
            let first;
            (first, rest) = rest.split_at(rest.len().min(room));
            let more = !rest.is_empty();
            blocks.extend(reactions(canvas, REACTIONS_HEADING, (first, more), words, top));
        }
        let check = fill_in(CHECK, &[certificate.host()]);
        let signed = (statement.iat.civil_date(), status.key_id());
        blocks.extend(foot(canvas, certificate, words, (code.modules(), &check, signed)));
        blocks
    })?;
    let mut number = 2;
    while all_overleaf || !rest.is_empty() {
        let heading = match all_overleaf {
            true => REACTIONS_HEADING.to_owned(),
            false => format!("{REACTIONS_HEADING}, continued"),
        };
        let (here, after) = rest.split_at(rest.len().min(ON_NEXT_PAGES));
        document.page(A4, |canvas| {
            let mut blocks = next_page(canvas, status, number);
            blocks.extend(reactions(canvas, &heading, (here, !after.is_empty()), words, 56.0));
            blocks
        })?;
        (rest, all_overleaf, number) = (after, false, number + 1);
    }
    document.finish()
}

/// Draws the person, the right, and its standing. Returns it and the next base line.
fn who_and_what(
    canvas: &mut Canvas<'_>,
    status: &ProfessionalStatus,
    addressee: Option<&str>,
    words: &Words,
) -> (Vec<Block>, f32) {
    let (claims, statement) = (status.certificate().claims(), status.statement());
    let title = status.certificate().title();
    let middle = Align::Centre(mm(A4.0 / 2.0));
    let mut blocks = Vec::new();
    for (line, base) in [(ISSUED_FOR, 67.5), (DIRECTIVE, 72.5)] {
        let line = canvas.tagged(Tag::P, line, Style::italic(12.0), (middle, mm(base)), Ink::Black);
        blocks.push(Block::Group(line));
    }

    let mut facts: Vec<_> =
        addressee.map(|addressee| ("Addressee", addressee.to_owned())).into_iter().collect();
    facts.extend([
        (words.name, claims.full_name()),
        (words.born, words.date(claims.birthdate)),
        (words.hpr_number, claims.hpr_number.to_string()),
        ("Protected title", title.words(words.code).title.clone()),
    ]);
    let right = (right(status.certificate(), words), status.certificate().recognised_in());
    facts.extend(rows(claims, title, right, words));
    for (label, value) in &mut facts {
        if let Some(own) = words.authority(value).filter(|_| *label == words.granted_by) {
            *value = format!("{value} ({own})");
        }
    }
    let (table, next) =
        table(canvas, &facts, (Align::Left(mm(MARGIN)), mm(74.0)), (mm(83.5), mm(6.0)));
    blocks.push(Block::Group(table));
    // A long name takes several lines, and the rest moves down a little.
    let top = mm(152.5).max(next + mm(4.0));

    let heading = format!("Status on {}", words.date(statement.iat.civil_date()));
    blocks.push(Block::Group(subheading(canvas, &heading, top)));
    let (paragraph, next) = canvas.paragraph(
        &standing(status, words),
        Style::roman(13.0),
        (Align::Left(mm(MARGIN)), mm(A4.0 - 2.0 * MARGIN)),
        (top + mm(7.0), mm(5.6)),
        Ink::Black,
    );
    blocks.push(Block::Group(paragraph));
    let last_day = words.date(statement.exp.civil_date().plus_days(-1));
    let (paragraph, next) = canvas.paragraph(
        &fill_in("This statement may be relied on through {}.", &[&last_day]),
        Style::italic(12.0),
        (Align::Left(mm(MARGIN)), mm(A4.0 - 2.0 * MARGIN)),
        (next, mm(5.0)),
        Ink::Black,
    );
    blocks.push(Block::Group(paragraph));
    (blocks, next)
}

/// The standing of the authorisation, in a sentence.
fn standing(status: &ProfessionalStatus, words: &Words) -> String {
    let statement = status.statement();
    // `until` is the first day after it.
    let through = statement.standing_until.map(|until| words.date(until.plus_days(-1)));
    match (statement.standing, through) {
        (StatedStanding::Authorised, _) => {
            let claims = status.certificate().claims();
            let last_day = words.date(last_day(claims));
            match claims.authorisation.kind {
                Kind::Authorisation | Kind::LimitedAuthorisation => {
                    "Authorised and entitled to practise, without conditions.".to_owned()
                }
                Kind::Licence | Kind::TraineeLicence | Kind::StudentLicence | Kind::Lis1Licence => {
                    format!("Licensed and entitled to practise, through {last_day}.")
                }
                Kind::BoardCertificate => {
                    format!("Certified, through {last_day}. This is not an authorisation.")
                }
                Kind::TemporaryService => {
                    format!("Entitled to provide services temporarily, through {last_day}.")
                }
            }
        }
        (StatedStanding::WithConditions, None) => {
            "Entitled to practise under conditions. The conditions are in the decision: obtain it."
                .to_owned()
        }
        (StatedStanding::WithConditions, Some(through)) => {
            format!(
                "Entitled to practise under conditions, through {through}. The conditions are in the decision: obtain it."
            )
        }
        (StatedStanding::Suspended, Some(through)) => {
            format!("Suspended through {through}: not entitled to practise for the time being.")
        }
        (StatedStanding::Suspended, None) => {
            "Suspended: not entitled to practise for the time being.".to_owned()
        }
    }
}

/// Draws the table of reactions, or states that there are none.
fn reactions(
    canvas: &mut Canvas<'_>,
    heading: &str,
    (reactions, more): (&[Reaction], bool),
    words: &Words,
    top: f32,
) -> Vec<Block> {
    let mut blocks = vec![Block::Group(subheading(canvas, heading, mm(top)))];
    let left = Align::Left(mm(MARGIN));
    let (note, places) = (Style::italic(10.0), (left, mm(A4.0 - 2.0 * MARGIN)));
    if reactions.is_empty() {
        let text = "None: no suspension, limitation, revocation or waiver is on record.";
        blocks.push(Block::Group(canvas.tagged(
            Tag::P,
            text,
            Style::roman(12.0),
            (left, mm(top + 6.6)),
            Ink::Black,
        )));
        let (paragraph, _) =
            canvas.paragraph(NOT_STATED, note, places, (mm(top + 12.2), mm(4.2)), Ink::Grey);
        blocks.push(Block::Group(paragraph));
        return blocks;
    }
    let (table, next) = reaction_table(canvas, reactions, words, top + 6.2);
    blocks.push(Block::Group(table));
    let names: BTreeSet<&str> = reactions.iter().map(|reaction| in_words(reaction).1).collect();
    let mut notes: Vec<String> = names
        .into_iter()
        .filter_map(|name| words.authority(name).map(|own| format!("{name}: {own}.")))
        .collect();
    if more {
        notes.push("The table goes on overleaf.".to_owned());
    }
    notes.push(NOT_STATED.to_owned());
    let (paragraph, _) =
        canvas.paragraph(&notes.join(" "), note, places, (mm(next), mm(4.2)), Ink::Grey);
    blocks.push(Block::Group(paragraph));
    blocks
}

fn reaction_table(
    canvas: &mut Canvas<'_>,
    reactions: &[Reaction],
    words: &Words,
    top: f32,
) -> (TagGroup, f32) {
    const COLUMNS: [f32; 4] = [MARGIN, 72.0, 110.0, 147.0];
    let mut table = TagGroup::new(Tag::Table);
    let mut header = TagGroup::new(Tag::TR);
    for (column, text) in COLUMNS.iter().zip(["Reaction", "From", "Through", "Authority"]) {
        let at = (Align::Left(mm(*column)), mm(top));
        header.push(canvas.tagged(
            Tag::TH(TableHeaderScope::Column),
            text,
            Style::italic(10.0),
            at,
            Ink::Grey,
        ));
    }
    table.push(header);
    let mut base = top;
    for reaction in reactions {
        base += ROW;
        let (kind, authority) = in_words(reaction);
        let through = reaction
            .until
            .map_or_else(|| "no end".to_owned(), |until| words.date(until.plus_days(-1)));
        let mut row = TagGroup::new(Tag::TR);
        for (column, text) in
            COLUMNS.iter().zip([kind, &words.date(reaction.from), &through, authority])
        {
            let at = (Align::Left(mm(*column)), mm(base));
            row.push(canvas.tagged(Tag::TD, text, Style::roman(10.5), at, Ink::Black));
        }
        table.push(row);
    }
    (table, base + 5.2)
}

/// The reaction, and the authority that decided it on its first day. A waiver is the holder's own,
/// declared to an authority.
fn in_words(reaction: &Reaction) -> (&'static str, &'static str) {
    let (kind, authority) = match reaction.kind {
        ReactionKind::Suspension => ("suspended", &law::SUPERVISORY_AUTHORITY),
        ReactionKind::Limitation => ("limited by conditions", &law::SUPERVISORY_AUTHORITY),
        ReactionKind::Revocation => ("revoked", &law::SUPERVISORY_AUTHORITY),
        ReactionKind::Waiver => ("waived by the holder", &law::WAIVER_AUTHORITY),
    };
    (kind, law::on(authority, reaction.from).map_or("", |row| row.value))
}

fn subheading(canvas: &mut Canvas<'_>, text: &str, base: f32) -> TagGroup {
    let tag = Tag::Hn(NonZeroU16::MIN.saturating_add(1), Some(text.to_owned()));
    canvas.tagged(
        tag,
        text,
        Style::small_caps(12.5, 0.04),
        (Align::Left(mm(MARGIN)), base),
        Ink::Blue,
    )
}

/// Begins a page after the first.
fn next_page(canvas: &mut Canvas<'_>, status: &ProfessionalStatus, number: usize) -> Vec<Block> {
    frame(canvas, (mm(A4.0), mm(A4.1)), mm(10.0), mm(5.0));
    let claims = status.certificate().claims();
    let whose = format!("{}, {}, page {number}", claims.full_name(), claims.certificate_number);
    let lines = wrap(&whose, Style::italic(11.0), mm(A4.0 - 2.0 * MARGIN));
    let (nodes, _) = canvas.lines(&lines, Align::Left(mm(MARGIN)), mm(32.0), mm(5.0), Ink::Black);
    vec![Block::Group(TagGroup::with_children(Tag::P, nodes))]
}
