//! The frame and the rosette: fine lines, as on banknotes. They are decoration and protect nothing;
//! the signature protects the letter.

use std::f32::consts::TAU;

use krilla::geom::{Path, PathBuilder, Rect};

use super::canvas::{Canvas, Ink, mm};

/// The frame around a page: two rules, waves between them, and a small rosette in each corner.
pub(super) fn frame(canvas: &mut Canvas<'_>, (width, height): (f32, f32), inset: f32, band: f32) {
    let inner = inset + band;
    let (right, bottom) = (width - inset, height - inset);
    let mut waves = PathBuilder::new();
    for phase in 0..4 {
        let phase = TAU * phase as f32 / 8.0;
        let amplitude = band * 0.30;
        for middle in [inset + band / 2.0, bottom - band / 2.0] {
            wave(
                &mut waves,
                right - inset - 2.0 * band,
                band * 1.9,
                amplitude,
                phase,
                |t, offset| (inner + t, middle + offset),
            );
        }
        for middle in [inset + band / 2.0, right - band / 2.0] {
            wave(
                &mut waves,
                bottom - inset - 2.0 * band,
                band * 1.9,
                amplitude,
                phase,
                |t, offset| (middle + offset, inner + t),
            );
        }
    }
    if let Some(path) = waves.finish() {
        canvas.ornament(&path, 0.28, Ink::Tint);
    }
    let mut corners = PathBuilder::new();
    for x in [inset + band / 2.0, right - band / 2.0] {
        for y in [inset + band / 2.0, bottom - band / 2.0] {
            for turn in 0..2 {
                petals(&mut corners, (x, y), band * 0.30, 0.42, 6, turn as f32 / 2.0);
            }
        }
    }
    if let Some(path) = corners.finish() {
        canvas.ornament(&path, 0.35, Ink::Blue);
    }
    for (inset, thickness) in [(inset, 0.9), (inner, 0.35)] {
        if let Some(path) = rectangle(inset, inset, width - inset, height - inset) {
            canvas.ornament(&path, thickness, Ink::Blue);
        }
    }
}

/// A rosette of interlaced rings.
pub(super) fn rosette(canvas: &mut Canvas<'_>, centre: (f32, f32), radius: f32, ink: Ink) {
    let mut path = PathBuilder::new();
    for (share, depth, count, rings) in
        [(0.88, 0.13, 36, 6), (0.60, 0.20, 24, 5), (0.31, 0.34, 12, 5)]
    {
        for ring in 0..rings {
            petals(&mut path, centre, radius * share, depth, count, ring as f32 / rings as f32);
        }
    }
    if let Some(path) = path.finish() {
        canvas.ornament(&path, 0.45, ink);
    }
}

/// A short rule that swells into a lozenge in the middle.
pub(super) fn divider(canvas: &mut Canvas<'_>, (x, y): (f32, f32), half_width: f32) {
    let gap = mm(2.2);
    canvas.rule((x - half_width, y), (x - gap, y), 0.4, Ink::Blue);
    canvas.rule((x + gap, y), (x + half_width, y), 0.4, Ink::Blue);
    let mut path = PathBuilder::new();
    for turn in 0..2 {
        petals(&mut path, (x, y), mm(0.8), 0.4, 4, turn as f32 / 2.0);
    }
    if let Some(path) = path.finish() {
        canvas.ornament(&path, 0.35, Ink::Blue);
    }
}

fn rectangle(left: f32, top: f32, right: f32, bottom: f32) -> Option<Path> {
    let mut path = PathBuilder::new();
    path.push_rect(Rect::from_ltrb(left, top, right, bottom)?);
    path.finish()
}

/// A closed curve around a centre, at a distance that oscillates `count` times between `radius * (1
/// - depth)` and `radius * (1 + depth)`. It is rotated by `turn` of a period.
fn petals(
    path: &mut PathBuilder,
    (x, y): (f32, f32),
    radius: f32,
    depth: f32,
    count: u16,
    turn: f32,
) {
    let count = f32::from(count);
    let steps = (count as usize) * 4;
    let swing = |angle: f32| radius * (1.0 + depth * (count * angle + TAU * turn).cos());
    let slope = |angle: f32| -radius * depth * count * (count * angle + TAU * turn).sin();
    let at = |angle: f32| (x + swing(angle) * angle.cos(), y + swing(angle) * angle.sin());
    let tangent = |angle: f32| {
        let (r, dr, (sin, cos)) = (swing(angle), slope(angle), angle.sin_cos());
        (dr * cos - r * sin, dr * sin + r * cos)
    };
    let step = TAU / steps as f32;
    let start = at(0.0);
    path.move_to(start.0, start.1);
    for n in 0..steps {
        hermite(path, (&at, &tangent), n as f32 * step, step);
    }
    path.close();
}

/// A sine wave of whole periods, as near to the wanted length as the distance allows. `place` maps
/// it onto the page.
fn wave(
    path: &mut PathBuilder,
    distance: f32,
    length: f32,
    amplitude: f32,
    phase: f32,
    place: impl Fn(f32, f32) -> (f32, f32),
) {
    let swings = (distance / length).round().max(1.0);
    let frequency = TAU * swings / distance;
    let at = |t: f32| place(t, amplitude * (frequency * t + phase).sin());
    let tangent = |t: f32| {
        let (here, there) =
            (place(t, 0.0), place(t + 1.0, amplitude * frequency * (frequency * t + phase).cos()));
        (there.0 - here.0, there.1 - here.1)
    };
    let steps = swings as usize * 4;
    let step = distance / steps as f32;
    let start = at(0.0);
    path.move_to(start.0, start.1);
    for n in 0..steps {
        hermite(path, (&at, &tangent), n as f32 * step, step);
    }
}

/// One step along a curve, as a cubic with the curve's own tangents at both ends.
fn hermite(
    path: &mut PathBuilder,
    (at, tangent): (impl Fn(f32) -> (f32, f32), impl Fn(f32) -> (f32, f32)),
    from: f32,
    step: f32,
) {
    let (start, end) = (at(from), at(from + step));
    let (leaves, arrives) = (tangent(from), tangent(from + step));
    let third = step / 3.0;
    path.cubic_to(
        start.0 + leaves.0 * third,
        start.1 + leaves.1 * third,
        end.0 - arrives.0 * third,
        end.1 - arrives.1 * third,
        end.0,
        end.1,
    );
}
