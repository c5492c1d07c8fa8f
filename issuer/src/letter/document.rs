//! A PDF: its properties, its attachments, its pages, and the checks that it must pass.

use krilla::{
    Document as Pdf, SerializeSettings,
    action::{Action, LinkAction},
    annotation::{Annotation, LinkAnnotation, Target},
    configure::{Accessibility, Archival, ConfigurationBuilder},
    destination::XyzDestination,
    embed::{AssociationKind, EmbeddedFile, MimeType},
    geom::Point,
    metadata::{DateTime, Metadata},
    outline::{Outline, OutlineNode},
    page::PageSettings,
    tagging::{Node, Tag, TagGroup, TagTree},
};
use vernet_common::NumericDate;

use super::{
    canvas::{Canvas, Link, mm},
    error::LetterError,
};

/// The properties of a document.
pub(super) struct Properties<'a> {
    pub(super) title: String,
    pub(super) language: &'static str,
    /// The same for every print of the same thing.
    pub(super) id: String,
    pub(super) author: &'a str,
    pub(super) now: NumericDate,
}

/// An attachment of the document.
pub(super) struct Attachment<'a> {
    pub(super) name: String,
    pub(super) media_type: &'static str,
    pub(super) description: String,
    pub(super) content: &'a str,
}

/// A part of a page, in reading order.
pub(super) enum Block {
    Group(TagGroup),
    /// A figure with a link.
    Link(Link),
}

/// A document under construction.
pub(super) struct Document {
    pdf: Pdf,
    tree: TagTree,
    title: String,
    /// How many pages it has.
    pages: usize,
    parts: Vec<Part>,
}

/// A part of a document, with a bookmark and perhaps in another language.
struct Part {
    bookmark: String,
    page: usize,
    group: TagGroup,
}

impl Document {
    pub(super) fn new(
        properties: &Properties<'_>,
        attachments: &[Attachment<'_>],
    ) -> Result<Self, LetterError> {
        let configuration = ConfigurationBuilder::new()
            .with_archival_validator(Archival::A3_A)
            .with_accessibility_validator(Accessibility::UA1)
            .finish()
            .map_err(not_written)?;
        let mut pdf =
            Pdf::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
        let date = date_time(properties.now);
        pdf.set_metadata(
            Metadata::new()
                .title(properties.title.clone())
                .language(properties.language.to_owned())
                .authors(vec![properties.author.to_owned()])
                .creator("Vernet".to_owned())
                .document_id(properties.id.clone())
                .creation_date(date),
        );
        for attachment in attachments {
            let file = EmbeddedFile {
                path: attachment.name.clone(),
                mime_type: MimeType::new(attachment.media_type),
                description: Some(attachment.description.clone()),
                association_kind: AssociationKind::Source,
                data: attachment.content.as_bytes().to_vec().into(),
                modification_date: Some(date),
                // Uncompressed, so that even a program without PDF support finds it in the file.
                compress: Some(false),
                location: None,
            };
            pdf.embed_file(file).ok_or_else(|| not_written("two attachments have one name"))?;
        }
        let tree = TagTree::new().with_lang(Some(properties.language.to_owned()));
        let title = properties.title.clone();
        Ok(Self { pdf, tree, title, pages: 0, parts: Vec::new() })
    }

    /// What follows is a part of its own, in this language, up to the next part.
    pub(super) fn begin_part(&mut self, language: &'static str, bookmark: String) {
        let tag = Tag::Part.with_lang(Some(language.to_owned()));
        self.parts.push(Part { bookmark, page: self.pages, group: TagGroup::new(tag) });
    }

    /// Adds a page of this size in millimetres.
    pub(super) fn page(
        &mut self,
        (width, height): (f32, f32),
        draw: impl FnOnce(&mut Canvas<'_>) -> Vec<Block>,
    ) -> Result<(), LetterError> {
        let settings = PageSettings::from_wh(mm(width), mm(height))
            .ok_or_else(|| not_written("the page has no size"))?;
        let mut page = self.pdf.start_page_with(settings);
        let mut canvas = Canvas::new(page.surface());
        let blocks = draw(&mut canvas);
        canvas.finish();
        for block in blocks {
            let group = match block {
                Block::Group(group) => group,
                Block::Link(link) => {
                    let target = Target::Action(Action::Link(LinkAction::new(link.uri)));
                    let annotation = Annotation::new_link(
                        LinkAnnotation::new(link.place, target),
                        Some(link.says),
                    );
                    let annotation = page.add_tagged_annotation(annotation);
                    TagGroup::with_children(
                        Tag::Link,
                        vec![Node::Group(link.figure), annotation.into()],
                    )
                }
            };
            match self.parts.last_mut() {
                Some(part) => part.group.push(group),
                None => self.tree.push(group),
            }
        }
        self.pages += 1;
        Ok(())
    }

    /// Returns the bytes, if the document conforms to PDF/A-3a and PDF/UA-1.
    pub(super) fn finish(mut self) -> Result<Vec<u8>, LetterError> {
        let mut outline = Outline::new();
        let mut mark = |title, page| {
            let place = XyzDestination::new(page, Point::from_xy(0.0, 0.0));
            outline.push_child(OutlineNode::new(title, place));
        };
        if self.parts.is_empty() {
            mark(self.title, 0);
        }
        for Part { bookmark, page, group } in self.parts {
            mark(bookmark, page);
            self.tree.push(group);
        }
        self.pdf.set_outline(outline);
        self.pdf.set_tag_tree(self.tree);
        self.pdf.finish().map_err(|error| match error {
            krilla::error::KrillaError::Validation(found) => {
                let found: Vec<_> =
                    found.into_iter().map(|(error, _)| format!("{error:?}")).collect();
                not_written(found.join(", "))
            }
            other => not_written(other),
        })
    }
}

fn not_written(reason: impl std::fmt::Debug) -> LetterError {
    LetterError::NotWritten { reason: format!("{reason:?}") }
}

/// The date and time in UTC.
fn date_time(instant: NumericDate) -> DateTime {
    // As in `2026-11-22T10:00:00Z`.
    let text = instant.to_string();
    let part = |range: std::ops::Range<usize>| {
        text.get(range).and_then(|digits| digits.parse().ok()).unwrap_or_default()
    };
    let year = text.get(..4).and_then(|digits| digits.parse().ok()).unwrap_or_default();
    DateTime::new(year)
        .month(part(5..7))
        .day(part(8..10))
        .hour(part(11..13))
        .minute(part(14..16))
        .second(part(17..19))
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}
