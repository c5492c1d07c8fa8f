//! A page: what is drawn on it, and what a screen reader reads. Lengths are in points, from the
//! upper left corner; [`mm`] converts from millimetres.

use krilla::{
    color::rgb,
    geom::{Path, PathBuilder, Point, Rect},
    num::NormalizedF32,
    paint::{Fill, FillRule, Stroke},
    surface::Surface,
    tagging::{Artifact, ArtifactType, ContentTag, Node, SpanTag, Tag, TagGroup, TagKind},
};

use super::text::{Line, Style, wrap};
use crate::Modules;

/// Converts millimetres to points.
pub(super) const fn mm(millimetres: f32) -> f32 {
    millimetres * 72.0 / 25.4
}

/// The light modules around a QR code (ISO/IEC 18004 section 5.3.8).
pub(super) const QUIET_ZONE: usize = 4;

/// A colour. All text has a contrast of at least 7 to 1 on white.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Ink {
    /// Text.
    Black,
    /// Headings, and the rules of the frame.
    Blue,
    /// Labels.
    Grey,
    /// The rosette behind the name, too light to disturb it.
    Watermark,
    /// The waves of the frame.
    Tint,
}

impl Ink {
    fn color(self) -> rgb::Color {
        match self {
            Self::Black => rgb::Color::new(0, 0, 0),
            Self::Blue => rgb::Color::new(20, 42, 74),
            Self::Grey => rgb::Color::new(78, 84, 94),
            Self::Watermark => rgb::Color::new(226, 231, 238),
            Self::Tint => rgb::Color::new(148, 163, 186),
        }
    }
}

/// The alignment of a line.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Align {
    /// Its left end is here.
    Left(f32),
    /// Its middle is here.
    Centre(f32),
    /// Its right end is here.
    Right(f32),
}

/// A figure with a link.
pub(super) struct Link {
    pub(super) figure: TagGroup,
    pub(super) place: Rect,
    pub(super) uri: String,
    /// Its alternative text.
    pub(super) says: String,
}

/// The page that is drawn on.
pub(super) struct Canvas<'a> {
    surface: Surface<'a>,
}

impl<'a> Canvas<'a> {
    pub(super) fn new(surface: Surface<'a>) -> Self {
        Self { surface }
    }

    pub(super) fn finish(self) {
        self.surface.finish();
    }

    /// Draws a line of text on a base line.
    pub(super) fn line(&mut self, line: &Line, at: Align, base: f32, ink: Ink) -> Node {
        let left = match at {
            Align::Left(left) => left,
            Align::Centre(middle) => middle - line.width / 2.0,
            Align::Right(right) => right - line.width,
        };
        let identifier = self.surface.start_tagged(ContentTag::Span(SpanTag::empty()));
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(fill(ink)));
        self.surface.draw_glyphs(
            Point::from_xy(left, base),
            &line.glyphs,
            line.font(),
            &line.text,
            line.style.size,
            false,
        );
        self.surface.end_tagged();
        identifier.into()
    }

    /// Draws lines below each other. Returns them and the next base line.
    pub(super) fn lines(
        &mut self,
        lines: &[Line],
        at: Align,
        first: f32,
        leading: f32,
        ink: Ink,
    ) -> (Vec<Node>, f32) {
        let mut base = first;
        let mut nodes = Vec::new();
        for line in lines {
            nodes.push(self.line(line, at, base, ink));
            base += leading;
        }
        (nodes, base)
    }

    /// Draws a paragraph. Returns it and the next base line.
    pub(super) fn paragraph(
        &mut self,
        text: &str,
        style: Style,
        (at, width): (Align, f32),
        (first, leading): (f32, f32),
        ink: Ink,
    ) -> (TagGroup, f32) {
        let (nodes, next) = self.lines(&wrap(text, style, width), at, first, leading, ink);
        (TagGroup::with_children(Tag::P, nodes), next)
    }

    /// Draws one line with a tag.
    pub(super) fn tagged(
        &mut self,
        tag: impl Into<TagKind>,
        text: &str,
        style: Style,
        (at, base): (Align, f32),
        ink: Ink,
    ) -> TagGroup {
        let node = self.line(&Line::new(text, style), at, base, ink);
        TagGroup::with_children(tag, vec![node])
    }

    /// Draws a decoration, which screen readers skip.
    pub(super) fn ornament(&mut self, path: &Path, width: f32, ink: Ink) {
        let _ = self
            .surface
            .start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
        self.surface.set_fill(None);
        self.surface.set_stroke(Some(Stroke {
            paint: ink.color().into(),
            width,
            ..Stroke::default()
        }));
        self.surface.draw_path(path);
        self.surface.end_tagged();
    }

    /// Draws a thin line between two points.
    pub(super) fn rule(&mut self, from: (f32, f32), to: (f32, f32), width: f32, ink: Ink) {
        let mut path = PathBuilder::new();
        path.move_to(from.0, from.1);
        path.line_to(to.0, to.1);
        if let Some(path) = path.finish() {
            self.ornament(&path, width, ink);
        }
    }

    /// Draws a QR code whose symbol, without its quiet zone, has its upper left corner at a point.
    /// The caller leaves four modules free around it.
    pub(super) fn qr_code(
        &mut self,
        modules: &Modules,
        (left, top): (f32, f32),
        side: f32,
        (uri, says): (&str, &str),
    ) -> Link {
        let module = side / modules.side() as f32;
        let known = "a code has dark modules, and every page gives it a size";
        let mut path = PathBuilder::new();
        for (x, y, run) in modules.runs() {
            let (x, y, run) = (x as f32 * module, y as f32 * module, run as f32 * module);
            path.push_rect(Rect::from_xywh(left + x, top + y, run, module).expect(known));
        }
        let path = path.finish().expect(known);
        let identifier = self.surface.start_tagged(ContentTag::Other);
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(fill(Ink::Black)));
        self.surface.draw_path(&path);
        self.surface.end_tagged();
        let figure =
            TagGroup::with_children(Tag::Figure(Some(says.to_owned())), vec![identifier.into()]);
        let place = Rect::from_xywh(left, top, side, side).expect(known);
        Link { figure, place, uri: uri.to_owned(), says: says.to_owned() }
    }
}

fn fill(ink: Ink) -> Fill {
    Fill { paint: ink.color().into(), opacity: NormalizedF32::ONE, rule: FillRule::NonZero }
}
