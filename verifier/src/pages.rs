//! Finds the certificates in a PDF: those that are attached, and those whose codes are on its
//! pages, drawn or scanned.

use std::{
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
    hayro_syntax::{Pdf, page::Page},
    render,
    vello_cpu::color::palette::css::WHITE,
};

use crate::{
    contents::Contents,
    grey::{Grey, luma},
    input::Input,
    kind::Kind,
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

/// The longest side of a page that is drawn, in pixels: A3 at 200 dpi has 3308.
const MAX_SIDE: f32 = 4096.0;

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
            self.attachment(&attachment, depth);
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
            Kind::Text | Kind::Empty => return,
            Kind::Pdf if depth < MAX_DEPTH => match self.pdf(bytes, depth + 1) {
                Ok(()) => return,
                Err(error) => error.to_string(),
            },
            Kind::Picture(_) => match read_picture(bytes) {
                Ok(found) => return self.add(found),
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
            let found = drawn.ok().flatten().map(|picture| scan(&picture));
            if found.is_none() || incomplete.load(Ordering::Relaxed) {
                self.contents.unexamined.push(Unexamined::Page { number: place + 1 });
            }
            // A code on the page that is no certificate is an advertisement.
            let is_certificate = |text: &String| Input::parse(text).is_ok();
            let certificates: Vec<String> =
                found.unwrap_or_default().into_iter().filter(is_certificate).collect();
            self.add(Contents::of(certificates));
        }
    }

    fn add(&mut self, found: Contents) {
        for text in found.certificates {
            if !self.contents.certificates.contains(&text) {
                self.contents.certificates.push(text);
            }
        }
        self.contents.unexamined.extend(found.unexamined);
    }
}

/// A page in greyscale, or `None` if it has no size.
fn draw<'a>(
    page: &'a Page<'a>,
    cache: &RenderCache<'a>,
    settings: &InterpreterSettings,
) -> Option<Grey> {
    let (width, height) = page.render_dimensions();
    let longest = width.max(height);
    if !(width >= 1.0 && height >= 1.0 && longest.is_finite()) {
        return None;
    }
    let scale = SCALE.min(MAX_SIDE / longest);
    let pixels = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
    let drawn = render(page, cache, settings, &RenderSettings::default(), &pixels);
    let (width, height) = (u32::from(drawn.width()), u32::from(drawn.height()));
    let grey = drawn.data().iter().map(|pixel| luma([pixel.r, pixel.g, pixel.b]));
    Grey::new(width, height, grey.collect())
}
