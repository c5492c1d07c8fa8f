//! Draws the QR code of a certificate, and reads every drawing back before returning it.
//!
//! Otherwise the holder would be the first to notice a code that cannot be scanned, and would need
//! a new print. So no rendering leaves this module unless the verifier's own reader has read the
//! exact text from the very bytes that are returned.

use std::fmt::Write as _;

use vernet_verifier::documents::{PhotoError, read_back_qr};

/// The light border on each side, in modules (ISO/IEC 18004 section 5.3.8). Without it, many
/// readers do not find the code.
const QUIET_ZONE: usize = 4;

/// Pixels per module of a PNG: sharp when printed at 25 mm with 400 dots per inch, and large enough
/// on a screen.
const PIXELS_PER_MODULE: usize = 8;

/// The smallest printed symbol, without its quiet zone. Below 25 mm, the share of codes that phones
/// can read drops quickly.
const SYMBOL_MM: f64 = 25.0;

/// The smallest printed module. A usual certificate has 49 modules on a side, so the symbol's 25 mm
/// decide; a denser code is drawn larger instead of finer.
const MODULE_MM: f64 = 0.5;

vernet_common::error_enum! {
    /// Why a QR code cannot be drawn.
    #[derive(Debug, thiserror::Error)]
    pub enum QrCodeError {
        /// The text does not fit the largest QR code with error correction level M.
        #[error("the text of {found} characters does not fit a QR code")]
        TooLong: "qr_too_long" {
            /// The length of the text.
            found: usize,
        },
        /// The picture could not be encoded.
        #[error("the QR code cannot be drawn: {source}")]
        NotDrawn: "qr_not_drawn" {
            /// The encoder's error.
            source: png::EncodingError,
        },
        /// The drawing was read back, and no code was found in it.
        #[error("no QR code can be read in the {rendering} just drawn: {source}")]
        Unreadable: "qr_not_readable" {
            /// The rendering: `PNG`, `SVG`, `terminal` or `page`.
            rendering: &'static str,
            /// The reader's error.
            source: PhotoError,
        },
        /// The drawing was read back and holds a different text.
        #[error("the {rendering} just drawn reads `{found}`, expected `{expected}`")]
        ReadsDifferently: "qr_not_readable" {
            /// The rendering: `PNG`, `SVG`, `terminal` or `page`.
            rendering: &'static str,
            /// What was read. It is the certificate itself, so it must not be logged.
            found: String,
            /// What should have been read.
            expected: String,
        },
    }
}

/// How to draw on a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TerminalStyle {
    /// With colours, for a terminal: black on white, whatever the terminal's own colours. These are
    /// entries 16 and 231 of the 256-colour table, because colour schemes redefine the first 16
    /// ("white" may be beige or grey).
    Coloured,
    /// Without escape sequences, for pipes, transcripts and terminals without colours. Light
    /// modules are drawn in the text's colour, which is right on a dark background. On a light
    /// background the code is inverted; iPhones and recent Android phones read it, but not every
    /// scanner does.
    Plain,
}

/// A QR code with error correction level M that holds one text.
///
/// Level M, because at a fixed printed size L saves no version for a usual certificate, and with Q
/// and H the finer modules cost more than the error correction gains. The text is split into
/// segments so that digits take 3⅓ bits each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QrCode {
    text: String,
    version: u8,
    modules: Modules,
}

impl QrCode {
    /// The QR code of a URL.
    ///
    /// # Errors
    ///
    /// [`QrCodeError::TooLong`] if the URL does not fit.
    pub fn new(url: &str) -> Result<Self, QrCodeError> {
        let too_long = |_| QrCodeError::TooLong { found: url.len() };
        let code = qrcode::QrCode::with_error_correction_level(url, qrcode::EcLevel::M)
            .map_err(too_long)?;
        let qrcode::Version::Normal(version @ 1..=40) = code.version() else {
            unreachable!("`with_error_correction_level` draws versions 1 to 40 only")
        };
        let side = code.width();
        let dark =
            code.into_colors().into_iter().map(|color| color == qrcode::Color::Dark).collect();
        Ok(Self { text: url.to_owned(), version: version as u8, modules: Modules { side, dark } })
    }

    /// The version, 1 to 40: the symbol has `17 + 4 * version` modules on a side.
    pub fn version(&self) -> u8 {
        self.version
    }

    /// The symbol without its quiet zone. To draw it elsewhere (on a letter), leave 4 light modules
    /// around it, and read it back.
    pub fn modules(&self) -> &Modules {
        &self.modules
    }

    /// The same code, after its modules were read back from the runs that a page draws.
    #[cfg(feature = "pdf")]
    pub(crate) fn checked(self) -> Result<Self, QrCodeError> {
        let mut drawn = Modules::from_fn(self.modules.side, |_, _| false);
        for (x, y, run) in self.modules.runs() {
            drawn.dark[y * drawn.side + x..][..run].fill(true);
        }
        self.read_back("page", Some(&drawn.framed()))?;
        Ok(self)
    }

    /// An SVG for print: black on white, quiet zone included, the symbol at least 25 mm wide.
    ///
    /// # Errors
    ///
    /// [`QrCodeError::Unreadable`] if no code can be read in the drawing;
    /// [`QrCodeError::ReadsDifferently`] if the text read differs.
    pub fn to_svg(&self) -> Result<String, QrCodeError> {
        let framed = self.modules.framed();
        let millimetres =
            (SYMBOL_MM / self.modules.side as f64).max(MODULE_MM) * framed.side as f64;
        // Round up, so that the symbol is not below its smallest size.
        let millimetres = (millimetres * 100.0).ceil() / 100.0;
        // The fragment stays on the phone that scans it, so it does not belong in a description.
        let address = escape_xml(self.text.split('#').next().unwrap_or_default());
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{millimetres}mm\" height=\"{millimetres}mm\" viewBox=\"0 0 {side} {side}\" \
             role=\"img\" shape-rendering=\"crispEdges\">\n\
             <title>QR code of the certificate</title>\n\
             <desc>Scan with the camera of a phone to verify the certificate at {address}</desc>\n\
             <path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/>\n\
             <path fill=\"#000\" d=\"{path}\"/>\n\
             </svg>\n",
            side = framed.side,
            path = framed.to_path(),
        );
        self.read_back("SVG", parse_svg(&svg).as_ref())?;
        Ok(svg)
    }

    /// A PNG in 8-bit grey with 8 pixels per module and the quiet zone.
    ///
    /// # Errors
    ///
    /// [`QrCodeError::NotDrawn`] if the picture cannot be encoded; [`QrCodeError::Unreadable`] if
    /// no code can be read in it; [`QrCodeError::ReadsDifferently`] if the text read differs.
    pub fn to_png(&self) -> Result<Vec<u8>, QrCodeError> {
        let png = self.modules.framed().to_png()?;
        self.compare("PNG", read_back_qr(&png))?;
        Ok(png)
    }

    /// Lines of half blocks, with two modules in the height of one line, quiet zone included. The
    /// width is the number of modules plus 8 columns.
    ///
    /// # Errors
    ///
    /// [`QrCodeError::NotDrawn`] if the picture cannot be encoded; [`QrCodeError::Unreadable`] if
    /// no code can be read in it; [`QrCodeError::ReadsDifferently`] if the text read differs.
    pub fn to_terminal(&self, style: TerminalStyle) -> Result<String, QrCodeError> {
        let framed = self.modules.framed();
        let mut text = String::new();
        for y in (0..framed.side).step_by(2) {
            if style == TerminalStyle::Coloured {
                text.push_str(BLACK_ON_WHITE);
            }
            for x in 0..framed.side {
                // The number of rows is odd: the lower half of the last line is light, like the
                // quiet zone above it.
                let (upper, lower) = (framed.is_dark(x, y), framed.is_dark(x, y + 1));
                text.push(half_block(upper, lower, style));
            }
            if style == TerminalStyle::Coloured {
                text.push_str(RESET);
            }
            text.push('\n');
        }
        self.read_back("terminal", parse_terminal(&text, style).as_ref())?;
        Ok(text)
    }

    /// Reads modules that were derived from a rendering, not from `self`.
    fn read_back(
        &self,
        rendering: &'static str,
        drawn: Option<&Modules>,
    ) -> Result<(), QrCodeError> {
        // A rendering that cannot be parsed back gives no modules, and an empty picture holds no QR
        // code.
        let nothing = Modules { side: 1, dark: vec![false] };
        let png = drawn.unwrap_or(&nothing).to_png()?;
        self.compare(rendering, read_back_qr(&png))
    }

    fn compare(
        &self,
        rendering: &'static str,
        read: Result<Vec<String>, PhotoError>,
    ) -> Result<(), QrCodeError> {
        let texts = read.map_err(|source| QrCodeError::Unreadable { rendering, source })?;
        if texts != [self.text.as_str()] {
            let expected = self.text.clone();
            return Err(QrCodeError::ReadsDifferently {
                rendering,
                found: texts.join("`, `"),
                expected,
            });
        }
        Ok(())
    }
}

/// A square of dark and light modules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Modules {
    side: usize,
    dark: Vec<bool>,
}

impl Modules {
    /// The number of modules on a side.
    pub fn side(&self) -> usize {
        self.side
    }

    /// Whether the module in column `x` of row `y` is dark, counted from the upper left. Outside
    /// the square, it is light.
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        x < self.side && y < self.side && self.dark[y * self.side + x]
    }

    /// The same modules with the quiet zone around them.
    fn framed(&self) -> Self {
        let side = self.side + 2 * QUIET_ZONE;
        Self::from_fn(side, |x, y| {
            x >= QUIET_ZONE && y >= QUIET_ZONE && self.is_dark(x - QUIET_ZONE, y - QUIET_ZONE)
        })
    }

    fn from_fn(side: usize, is_dark: impl Fn(usize, usize) -> bool) -> Self {
        Self { side, dark: (0..side * side).map(|i| is_dark(i % side, i / side)).collect() }
    }

    fn to_png(&self) -> Result<Vec<u8>, QrCodeError> {
        let side = self.side * PIXELS_PER_MODULE;
        let shade = |x: usize, y: usize| if self.is_dark(x, y) { 0 } else { 255 };
        // Each row begins with the number of its filter: none.
        let rows: Vec<u8> = (0..side)
            .flat_map(|y| {
                let row =
                    (0..side).map(move |x| shade(x / PIXELS_PER_MODULE, y / PIXELS_PER_MODULE));
                std::iter::once(0).chain(row)
            })
            .collect();
        // Not by the encoder: what it compresses with, a feature of another crate can exchange, and
        // the same code would be another file.
        let compressed = miniz_oxide::deflate::compress_to_vec_zlib(&rows, 9);
        let mut bytes = Vec::new();
        let encoder = png::Encoder::new(&mut bytes, side as u32, side as u32);
        let encoded = encoder.write_header().and_then(|mut png| {
            png.write_chunk(png::chunk::IDAT, &compressed)?;
            png.finish()
        });
        encoded.map_err(|source| QrCodeError::NotDrawn { source })?;
        Ok(bytes)
    }

    /// The horizontal runs of dark modules: the column and the row where each begins, and its
    /// length.
    pub(crate) fn runs(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        (0..self.side).flat_map(move |y| {
            let starts = (0..self.side)
                .filter(move |&x| self.is_dark(x, y) && (x == 0 || !self.is_dark(x - 1, y)));
            starts.map(move |x| (x, y, (x..self.side).take_while(|&x| self.is_dark(x, y)).count()))
        })
    }

    /// One closed rectangle per horizontal run of dark modules, all in one path. Separate shapes
    /// would show hairlines where they meet.
    fn to_path(&self) -> String {
        let mut path = String::new();
        for (x, y, run) in self.runs() {
            write!(path, "M{x} {y}h{run}v1h-{run}z").expect("writing to a string does not fail");
        }
        path
    }

    /// The inverse of [`Modules::to_path`].
    fn from_path(side: usize, path: &str) -> Option<Self> {
        let mut modules = Self::from_fn(side, |_, _| false);
        for rectangle in path.split_inclusive('z') {
            let (start, run) = rectangle.strip_prefix('M')?.strip_suffix('z')?.split_once('h')?;
            let (x, y) = start.split_once(' ')?;
            let (there, back) = run.split_once("v1h-")?;
            let (x, y, run): (usize, usize, usize) =
                (x.parse().ok()?, y.parse().ok()?, there.parse().ok()?);
            if there != back || y >= side || x.checked_add(run)? > side {
                return None;
            }
            modules.dark[y * side + x..y * side + x + run].fill(true);
        }
        Some(modules)
    }
}

/// The modules that the SVG draws. Every part is parsed from its text, so that a mistake in any of
/// them shows.
fn parse_svg(svg: &str) -> Option<Modules> {
    let between = |start: &str, end: &str| Some(svg.split_once(start)?.1.split_once(end)?.0);
    let side: usize = between("viewBox=\"0 0 ", " ")?.parse().ok()?;
    if between("<path fill=\"#fff\" d=\"", "\"")? != format!("M0 0h{side}v{side}H0z") {
        return None;
    }
    Modules::from_path(side, between("<path fill=\"#000\" d=\"", "\"")?)
}

const BLACK_ON_WHITE: &str = "\x1b[38;5;16;48;5;231m";
const RESET: &str = "\x1b[0m";

fn half_block(upper_dark: bool, lower_dark: bool, style: TerminalStyle) -> char {
    // The foreground colour draws the dark modules with colours, and the light ones without.
    let is_ink = |dark: bool| dark == (style == TerminalStyle::Coloured);
    match (is_ink(upper_dark), is_ink(lower_dark)) {
        (true, true) => '█',
        (true, false) => '▀',
        (false, true) => '▄',
        (false, false) => ' ',
    }
}

/// The modules that the text shows on a terminal that honours the escape sequences.
fn parse_terminal(text: &str, style: TerminalStyle) -> Option<Modules> {
    let mut rows: Vec<Vec<bool>> = Vec::new();
    for line in text.lines() {
        let cells = match style {
            TerminalStyle::Coloured => line.strip_prefix(BLACK_ON_WHITE)?.strip_suffix(RESET)?,
            TerminalStyle::Plain => line,
        };
        let (mut upper, mut lower) = (Vec::new(), Vec::new());
        for cell in cells.chars() {
            let (upper_ink, lower_ink) = match cell {
                '█' => (true, true),
                '▀' => (true, false),
                '▄' => (false, true),
                ' ' => (false, false),
                _ => return None,
            };
            upper.push(upper_ink == (style == TerminalStyle::Coloured));
            lower.push(lower_ink == (style == TerminalStyle::Coloured));
        }
        rows.extend([upper, lower]);
    }
    let side = rows.first()?.len();
    if rows.iter().any(|row| row.len() != side) || rows.len() < side {
        return None;
    }
    Some(Modules::from_fn(side, |x, y| rows[y][x]))
}

fn escape_xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests;
