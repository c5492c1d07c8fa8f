//! Finds the certificates in a PDF: those that are attached, and those whose codes are on its
//! pages, drawn or scanned.

use std::{
    borrow::ToOwned,
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    string::{String, ToString},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    vec::Vec,
};

use hayro::{
    PixmapSettings, RenderCache, RenderSettings,
    hayro_interpret::{InterpreterSettings, InterpreterWarning},
    hayro_syntax::{
        Pdf,
        object::{Array, Dict, Name, ObjectIdentifier, Stream},
        page::Page,
    },
    render,
    vello_cpu::color::palette::css::WHITE,
};

use crate::{
    contents::Contents,
    error::InputError,
    grey::{Grey, luma},
    input::certificates_in,
    kind::{Kind, pdf_header},
    pdf::{add_text, attachments, error::PdfError, open},
    photo::scan::scan,
    pictures::read_picture,
    unexamined::Unexamined,
};

/// The most pages that are looked at: a letter has one or two, the papers of an application some
/// twenty.
const MAX_PAGES: usize = 40;

/// The most attachments that are looked at: a letter has one, a statement of status two.
const MAX_ATTACHMENTS: usize = 64;

/// How deeply a PDF may be attached to a PDF: a mail's attachment that somebody has put into a
/// portfolio.
const MAX_DEPTH: usize = 3;

/// Pixels per point: 200 dpi. A code of 25 mm then has 3.5 pixels per module.
const SCALE: f32 = 200.0 / 72.0;

/// The longest side of a page that is drawn, in pixels: A3 at 200 dpi has 3308. A small page is
/// drawn larger, as whoever looks at it does: a label, or a page whose maker counts in other units.
const MAX_SIDE: f32 = 4096.0;
const MIN_SIDE: f32 = 1600.0;

/// Pixels per point of the paper below which a code may be too small to be read: 150 dpi.
const MIN_SCALE: f32 = 150.0 / 72.0;

/// How deeply drawings within drawings are drawn; `hayro` stops there.
const MAX_FORMS: usize = 50;

/// The certificates in a PDF, at least one, the statements of professional status that came with
/// them, and what was not examined.
///
/// Attachments are read whatever compresses them, and PDFs among them as PDFs. Each page is drawn
/// with 200 dpi and searched for codes. That takes a tenth of a second to a second for each; at
/// most 40 pages and 64 attachments are looked at.
///
/// # Errors
///
/// [`PdfError`] if the file is too large, is not a PDF, is encrypted or damaged, or contains no
/// certificate.
pub fn read_pdf(bytes: &[u8]) -> Result<Contents, PdfError> {
    read_pdf_unless(bytes, &|| false)
}

/// As [`read_pdf`], but stops between pages as soon as `enough` says so.
pub(crate) fn read_pdf_unless(
    bytes: &[u8],
    enough: &dyn Fn() -> bool,
) -> Result<Contents, PdfError> {
    let mut reading = Reading { contents: Contents::default(), pages: 0, attachments: 0, enough };
    // A reader that panics on a damaged file must not bring down the caller.
    catch_unwind(AssertUnwindSafe(|| reading.pdf(bytes, 1)))
        .unwrap_or(Err(PdfError::Unreadable))?;
    let Reading { contents, pages, .. } = reading;
    if contents.certificates.is_empty() {
        return Err(PdfError::NoCertificate { pages, unexamined: contents.unexamined });
    }
    Ok(contents)
}

/// What is in a picture, and in the PDF that the same bytes are if its header is in them: one program
/// shows the one, another the other.
pub(crate) fn read_picture_and_pdf(
    bytes: &[u8],
    enough: &dyn Fn() -> bool,
) -> Result<Contents, InputError> {
    let picture = read_picture(bytes).map_err(InputError::from);
    if pdf_header(bytes).is_none() {
        return picture;
    }
    let mut contents = Contents::default();
    let unread = |error: String| Unexamined::Attachment { what: error };
    match read_pdf_unless(bytes, enough) {
        Ok(found) => contents.add(found),
        // Only its name is there.
        Err(PdfError::Unreadable) => return picture,
        Err(PdfError::NoCertificate { unexamined, .. }) => contents.unexamined.extend(unexamined),
        Err(error) => contents.unexamined.push(unread(error.to_string())),
    }
    match picture {
        Ok(found) => contents.add(found),
        Err(error) if contents.certificates.is_empty() => return Err(error),
        Err(error) if error.code() == "photo_no_qr" => {}
        Err(error) => contents.unexamined.push(unread(error.to_string())),
    }
    Ok(contents)
}

struct Reading<'a> {
    contents: Contents,
    pages: usize,
    attachments: usize,
    enough: &'a dyn Fn() -> bool,
}

impl Reading<'_> {
    fn pdf(&mut self, bytes: &[u8], depth: usize) -> Result<(), PdfError> {
        let pdf = open(bytes)?;
        let mut left_out = 0;
        for attachment in attachments(&pdf) {
            if self.attachments == MAX_ATTACHMENTS {
                left_out += 1;
                continue;
            }
            self.attachments += 1;
            match attachment {
                Some(content) => self.attachment(&content, depth),
                None => {
                    let what = "it cannot be decoded".to_owned();
                    self.contents.unexamined.push(Unexamined::Attachment { what });
                }
            }
        }
        if left_out > 0 {
            self.contents.unexamined.push(Unexamined::Attachments { count: left_out });
        }
        self.pages(&pdf);
        Ok(())
    }

    fn attachment(&mut self, bytes: &[u8], depth: usize) {
        if add_text(&mut self.contents, bytes) {
            return;
        }
        let kind = Kind::of(bytes);
        let unread = match kind {
            // It begins as a certificate and does not end as one.
            Kind::Text if bytes.windows(3).any(|place| place == b"eyJ") => {
                "a part of a certificate".to_owned()
            }
            Kind::Text | Kind::Empty => return,
            Kind::Pdf if depth < MAX_DEPTH => match self.pdf(bytes, depth + 1) {
                Ok(()) => return,
                Err(error) => error.to_string(),
            },
            Kind::Picture(_) => match read_picture(bytes) {
                Ok(found) => return self.contents.add(found),
                // A logo.
                Err(error) if error.code() == "photo_no_qr" => return,
                Err(error) => error.to_string(),
            },
            _ => kind.to_string(),
        };
        self.contents.unexamined.push(Unexamined::Attachment { what: unread });
    }

    fn pages(&mut self, pdf: &Pdf) {
        let pages = pdf.pages();
        let incomplete = Arc::new(AtomicBool::new(false));
        let settings = InterpreterSettings {
            // Codes are drawings or pictures, so letters are not needed.
            font_resolver: Arc::new(|_| None),
            cmap_resolver: Arc::new(|_| None),
            warning_sink: Arc::new({
                let incomplete = Arc::clone(&incomplete);
                move |warning| {
                    if matches!(warning, InterpreterWarning::ImageDecodeFailure) {
                        incomplete.store(true, Ordering::Relaxed);
                    }
                }
            }),
            ..InterpreterSettings::default()
        };
        let cache = RenderCache::new();
        for (place, page) in pages.iter().enumerate() {
            if self.pages == MAX_PAGES || (self.enough)() {
                let unexamined = Unexamined::Pages { from: place + 1, to: pages.len() };
                self.contents.unexamined.push(unexamined);
                return;
            }
            self.pages += 1;
            incomplete.store(false, Ordering::Relaxed);
            let drawn = catch_unwind(AssertUnwindSafe(|| draw(page, &cache, &settings)));
            let drawn = drawn.ok().flatten();
            let is_whole = drawn.as_ref().is_some_and(|drawn| drawn.is_whole);
            let found = drawn.map(|drawn| scan(&drawn.picture));
            if !is_whole || incomplete.load(Ordering::Relaxed) {
                self.contents.unexamined.push(Unexamined::Page { number: place + 1 });
            }
            // A code on the page that is no certificate is an advertisement.
            self.contents.add(Contents::of(certificates_in(&found.unwrap_or_default())));
        }
    }
}

/// A page as it was drawn.
struct Drawn {
    picture: Grey,
    /// Whether all that is on it was drawn, and large enough.
    is_whole: bool,
}

/// A page in greyscale, or `None` if it has no size.
fn draw<'a>(
    page: &'a Page<'a>,
    cache: &RenderCache<'a>,
    settings: &InterpreterSettings,
) -> Option<Drawn> {
    let (width, height) = page.render_dimensions();
    let longest = width.max(height);
    if !(width >= 1.0 && height >= 1.0 && longest.is_finite()) {
        return None;
    }
    let unit = points_per_unit(page);
    let scale = (SCALE * unit).max(MIN_SIDE / longest).min(MAX_SIDE / longest);
    let pixels = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
    let drawn = render(page, cache, settings, &RenderSettings::default(), &pixels);
    let (width, height) = (u32::from(drawn.width()), u32::from(drawn.height()));
    let grey = drawn.data().iter().map(|pixel| luma([pixel.r, pixel.g, pixel.b]));
    let picture = Grey::new(width, height, grey.collect())?;
    let is_large = scale >= MIN_SCALE * unit || is_one_picture(page, (width, height));
    let is_whole = is_large && is_drawn_whole(page);
    Some(Drawn { picture, is_whole })
}

/// How many points of the paper a unit of the page is. `hayro` takes one for each.
fn points_per_unit(page: &Page<'_>) -> f32 {
    let unit = page.raw().get::<f32>(b"UserUnit");
    unit.filter(|unit| unit.is_finite() && *unit > 0.0).unwrap_or(1.0)
}

/// Whether there is nothing on a page but one picture that fills it, with hardly more pixels than
/// were drawn: some programs that scan make the page as large as that.
fn is_one_picture(page: &Page<'_>, (width, height): (u32, u32)) -> bool {
    let pictures = &page.resources().x_objects;
    let pictures: Vec<Stream<'_>> =
        pictures.keys().filter_map(|name| pictures.get::<Stream<'_>>(name)).collect();
    let [picture] = &pictures[..] else { return false };
    let side = |key: &[u8]| picture.dict().get::<u32>(key);
    let fits = |side: Option<u32>, drawn: u32| side.is_some_and(|side| side <= drawn + drawn / 4);
    let (across, down) = (side(b"Width"), side(b"Height"));
    fills(page)
        && !page.raw().contains_key(b"Annots")
        && fits(across.max(down), width.max(height))
        && fits(across.min(down), width.min(height))
}

/// Whether what is drawn on a page is one thing, and as large as the page.
fn fills(page: &Page<'_>) -> bool {
    let drawing = page.page_stream().and_then(|drawing| str::from_utf8(drawing).ok());
    let words: Vec<&str> = drawing.unwrap_or_default().split_ascii_whitespace().collect();
    let place = words.iter().position(|word| *word == "cm");
    let [width, _, _, height, ..] = place
        .and_then(|end| words.get(end.checked_sub(6)?..end))
        .unwrap_or_default()
        .iter()
        .map(|number| number.parse().unwrap_or_default())
        .collect::<Vec<f32>>()[..]
    else {
        return false;
    };
    let (across, down) = page.base_dimensions();
    words.len() <= MAX_WORDS && width >= across * 0.9 && height >= down * 0.9
}

/// The most words that say where the one picture on a page is: `q 595 0 0 842 0 0 cm /P Do Q`.
const MAX_WORDS: usize = 11;

/// Whether all drawings on a page can be read, and none is nested too deeply to be drawn.
fn is_drawn_whole(page: &Page<'_>) -> bool {
    let contents = match page.raw().get::<Array<'_>>(b"Contents") {
        Some(parts) => parts.iter::<Stream<'_>>().collect(),
        None => Vec::from_iter(page.raw().get::<Stream<'_>>(b"Contents")),
    };
    let mut drawings = Drawings { levels: BTreeMap::new(), missing: false };
    let resources = page.resources();
    let levels = drawings.levels_of(&resources.x_objects, 1);
    let levels = levels.max(drawings.levels_of(&resources.patterns, 1));
    contents.iter().all(|part| part.decoded_data().is_ok())
        && levels <= MAX_FORMS
        && !drawings.missing
}

/// The drawings on a page: what it calls forms and patterns.
struct Drawings {
    /// How many levels of drawings each has, itself included.
    levels: BTreeMap<ObjectIdentifier, usize>,
    /// Whether one cannot be read, or is within too many others.
    missing: bool,
}

impl Drawings {
    fn levels_of(&mut self, drawings: &Dict<'_>, depth: usize) -> usize {
        let drawings = drawings.keys().filter_map(|name| drawings.get::<Stream<'_>>(name));
        drawings.map(|drawing| self.levels(&drawing, depth)).max().unwrap_or_default()
    }

    fn levels(&mut self, drawing: &Stream<'_>, depth: usize) -> usize {
        let dict = drawing.dict();
        if dict.get::<Name<'_>>(b"Subtype").is_some_and(|kind| kind.as_ref() == b"Image") {
            return 0;
        }
        if let Some(known) = self.levels.get(&drawing.obj_id()) {
            return *known;
        }
        if depth > MAX_FORMS || drawing.decoded_data().is_err() {
            self.missing = true;
            return 0;
        }
        // One that has itself within it is not drawn without end by anybody.
        self.levels.insert(drawing.obj_id(), 0);
        let mut within = 0;
        if let Some(resources) = dict.get::<Dict<'_>>(b"Resources") {
            for kind in [&b"XObject"[..], b"Pattern"] {
                let drawings = resources.get::<Dict<'_>>(kind).unwrap_or_default();
                within = within.max(self.levels_of(&drawings, depth + 1));
            }
        }
        self.levels.insert(drawing.obj_id(), within + 1);
        within + 1
    }
}
