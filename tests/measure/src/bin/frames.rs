//! Draws what a camera sees when somebody holds a certificate in front of it, and writes the frames
//! to a folder: the input of `tests/camera`.
//!
//! `cargo xtask measure frames FOLDER [SEED]`
//!
//! The same seed gives the same frames. Each file is a greyscale image, one byte per pixel;
//! `frames.json` lists the files. The codes are those of the example certificates, drawn on a
//! printed page on a desk: tilted, turned, out of focus, unevenly lit, with the noise of a small
//! sensor and the block artefacts of a compressed video.

use std::{
    error::Error,
    f64::consts::{PI, SQRT_2},
    fs,
    path::{Path, PathBuf},
};

use qrcode::{Color, EcLevel, QrCode, Version};

/// The codes' widths in pixels, quiet zone not counted.
const WIDTHS: [u32; 6] = [200, 150, 120, 100, 90, 80];
const FRAMES_PER_WIDTH: usize = 50;
/// Frames without any code: a page, and noise and clutter that keep a reader busy.
const FRAMES_WITHOUT_CODE: usize = 10;
const SIZES: [(usize, usize); 2] = [(640, 480), (1280, 720)];

const CERTIFICATES: [&str; 7] = [
    include_str!("../../../../keys-example/certificates/NO-PE-2026-000001.url"),
    include_str!("../../../../keys-example/certificates/NO-PE-2026-000002.url"),
    include_str!("../../../../keys-example/certificates/NO-PE-2026-000003.url"),
    include_str!("../../../../keys-example/certificates/NO-PE-2026-000004.url"),
    include_str!("../../../../keys-example/certificates/NO-PE-2026-000006.url"),
    include_str!("../../../../keys-example/certificates/NO-PE-2026-000007.url"),
    include_str!("../../../../keys-example/certificates/NO-PE-2026-000009.url"),
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("which folder?")?);
    let seed = match arguments.next() {
        Some(seed) => seed.to_str().ok_or("the seed is a number")?.parse()?,
        None => 1,
    };
    fs::create_dir_all(&folder)?;
    let codes = codes()?;
    let mut list = Vec::new();
    for (width, height) in SIZES {
        let mut write =
            |name: String, frame: &Frame, across: u32, text: &str| -> Result<(), Box<dyn Error>> {
                frame.write(&folder.join(&name))?;
                list.push(serde_json::json!({
                    "file": name, "width": width, "height": height, "across": across, "text": text,
                }));
                Ok(())
            };
        for across in WIDTHS {
            for number in 0..FRAMES_PER_WIDTH {
                let mut random =
                    Random::new(&[seed, width as u64, u64::from(across), number as u64]);
                let (text, code) = &codes[number % codes.len()];
                let frame =
                    Frame::of_page(width, height, Some((code, f64::from(across))), &mut random);
                write(format!("{width}x{height}-{across}-{number:02}.grey"), &frame, across, text)?;
            }
        }
        for number in 0..FRAMES_WITHOUT_CODE {
            let mut random = Random::new(&[seed, width as u64, 0, number as u64]);
            let page = Frame::of_page(width, height, None, &mut random);
            write(format!("{width}x{height}-page-{number:02}.grey"), &page, 0, "")?;
            let clutter = Frame::of_clutter(width, height, number, &mut random);
            write(format!("{width}x{height}-clutter-{number:02}.grey"), &clutter, 0, "")?;
        }
    }
    fs::write(folder.join("frames.json"), serde_json::to_vec_pretty(&list)?)?;
    println!("{} frames in {}", list.len(), folder.display());
    Ok(())
}

/// The links of the examples that fit in version 8, the size of nearly all certificates, and their
/// codes.
fn codes() -> Result<Vec<(&'static str, QrCode)>, Box<dyn Error>> {
    let mut codes = Vec::new();
    for link in CERTIFICATES {
        let link = link.trim();
        let code = QrCode::with_error_correction_level(link, EcLevel::M)?;
        if code.version() == Version::Normal(8) {
            codes.push((link, code));
        }
    }
    Ok(codes)
}

/// SplitMix64: random enough for a picture, and the same everywhere.
struct Random(u64);

impl Random {
    fn new(seeds: &[u64]) -> Self {
        let mut random = Self(0);
        for seed in seeds {
            random.0 ^= seed.wrapping_mul(0xd6e8_feb8_6659_fd93);
            random.next();
        }
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Mean 0, standard deviation 1.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.between(-0.5, 0.5)).sum()
    }
}

struct Frame {
    width: usize,
    height: usize,
    pixels: Vec<f64>,
}

impl Frame {
    fn write(&self, path: &Path) -> std::io::Result<()> {
        fs::write(
            path,
            self.pixels
                .iter()
                .map(|value| value.round().clamp(0.0, 255.0) as u8)
                .collect::<Vec<_>>(),
        )
    }

    /// A page with lines of print, and in the middle a code of the given width, all seen by a
    /// hand-held camera.
    fn of_page(
        width: usize,
        height: usize,
        code: Option<(&QrCode, f64)>,
        random: &mut Random,
    ) -> Self {
        let across = code.map_or(120.0, |(_, across)| across);
        let page = Page { code: code.map(|(code, _)| code) };
        let view = View::new(width, height, across, random);
        let mut frame = Self { width, height, pixels: Vec::with_capacity(width * height) };
        // A pixel of the sensor measures the mean over its area.
        const SAMPLES: usize = 3;
        for y in 0..height {
            for x in 0..width {
                let mut sum = 0.0;
                for sample in 0..SAMPLES * SAMPLES {
                    let offset = |index: usize| (index as f64 + 0.5) / SAMPLES as f64;
                    let (px, py) = view.on_page(
                        x as f64 + offset(sample % SAMPLES),
                        y as f64 + offset(sample / SAMPLES),
                    );
                    sum += page.reflectance(px, py);
                }
                frame.pixels.push(sum / (SAMPLES * SAMPLES) as f64);
            }
        }
        frame.expose(random);
        frame
    }

    /// In turn: noise, chequers of many sizes, finder patterns without codes, and dense print.
    fn of_clutter(width: usize, height: usize, number: usize, random: &mut Random) -> Self {
        let module = random.between(2.0, 6.0);
        let pixels = (0..width * height).map(|index| {
            let (x, y) = ((index % width) as f64, (index / width) as f64);
            match number % 4 {
                0 => random.between(0.0, 1.0),
                1 => f64::from(u8::from(
                    (x / module).floor() as i64 % 2 == (y / (module * 1.3)).floor() as i64 % 2,
                )),
                2 => {
                    let (x, y) = ((x / module).floor() as i64 % 9, (y / module).floor() as i64 % 9);
                    let ring = x.min(y).min(6 - x).min(6 - y);
                    f64::from(u8::from(x > 6 || y > 6 || ring == 1))
                }
                _ => f64::from(u8::from(
                    (x / module * 0.7).sin() * (y / module).cos() + random.between(-0.6, 0.6) > 0.,
                )),
            }
        });
        let mut frame = Self { width, height, pixels: pixels.collect() };
        frame.expose(random);
        frame
    }

    /// Turns reflectance into the camera's output.
    fn expose(&mut self, random: &mut Random) {
        // A lens slightly out of focus, and sometimes a moving hand.
        self.blur(random.between(0.3, 0.85));
        if random.between(0.0, 1.0) < 0.2 {
            self.smear(random.between(0.5, 2.0), random.between(0.0, PI));
        }
        let (black, white) = (random.between(15.0, 60.0), random.between(140.0, 240.0));
        let slope = random.between(0.0, 0.55);
        let (sin, cos) = random.between(0.0, 2.0 * PI).sin_cos();
        let noise = random.between(2.0, 6.0);
        // A shadow with a soft edge, like that of a phone.
        let (edge, depth) = (random.between(-0.6, 0.6), random.between(0.0, 0.4));
        for (index, value) in self.pixels.iter_mut().enumerate() {
            let x = (index % self.width) as f64 / self.width as f64 - 0.5;
            let y = (index / self.width) as f64 / self.height as f64 - 0.5;
            let along = (x * cos + y * sin) / SQRT_2 + 0.5;
            let shadow = 1.0 - depth / (1.0 + (-(x * sin - y * cos - edge * 0.5) * 30.0).exp());
            let light = (1.0 - slope * along) * shadow;
            *value = (black + *value * (white - black)) * light + random.normal() * noise;
        }
        self.compress(random.between(0.3, 1.5));
    }

    fn blur(&mut self, sigma: f64) {
        let radius = (3.0 * sigma).ceil() as i64;
        let kernel: Vec<(i64, f64)> = (-radius..=radius)
            .map(|at| (at, (-(at * at) as f64 / (2.0 * sigma * sigma)).exp()))
            .collect();
        self.convolve(&kernel.iter().map(|&(at, weight)| (at, 0, weight)).collect::<Vec<_>>());
        self.convolve(&kernel.iter().map(|&(at, weight)| (0, at, weight)).collect::<Vec<_>>());
    }

    fn smear(&mut self, length: f64, angle: f64) {
        let (sin, cos) = angle.sin_cos();
        let steps = [-0.5, -0.25, 0.0, 0.25, 0.5];
        let kernel = steps.map(|step| {
            ((step * length * cos).round() as i64, (step * length * sin).round() as i64, 1.0)
        });
        self.convolve(&kernel);
    }

    fn convolve(&mut self, kernel: &[(i64, i64, f64)]) {
        let total: f64 = kernel.iter().map(|(_, _, weight)| weight).sum();
        let source = std::mem::take(&mut self.pixels);
        let (right, bottom) = (self.width as i64 - 1, self.height as i64 - 1);
        self.pixels = (0..source.len())
            .map(|index| {
                let (x, y) = ((index % self.width) as i64, (index / self.width) as i64);
                let at = |dx: i64, dy: i64| {
                    source[(y + dy).clamp(0, bottom) as usize * self.width
                        + (x + dx).clamp(0, right) as usize]
                };
                kernel.iter().map(|&(dx, dy, weight)| at(dx, dy) * weight).sum::<f64>() / total
            })
            .collect();
    }

    /// Imitates JPEG and video: in blocks of 8 pixels, detail is quantised, the more the finer it
    /// is.
    fn compress(&mut self, strength: f64) {
        let cosine: [[f64; 8]; 8] = std::array::from_fn(|frequency| {
            let scale = if frequency == 0 { (1.0f64 / 8.0).sqrt() } else { 0.5 };
            std::array::from_fn(|at| {
                scale * ((2 * at + 1) as f64 * frequency as f64 * PI / 16.0).cos()
            })
        });
        for (left, top) in
            (0..self.height / 8).flat_map(|y| (0..self.width / 8).map(move |x| (8 * x, 8 * y)))
        {
            let mut block: [[f64; 8]; 8] = std::array::from_fn(|y| {
                std::array::from_fn(|x| {
                    self.pixels[(top + y) * self.width + left + x].clamp(0.0, 255.0)
                })
            });
            // Twice the same: transform the rows and turn the block.
            for _ in 0..2 {
                let rows = block;
                block = std::array::from_fn(|f| {
                    std::array::from_fn(|row| (0..8).map(|at| rows[row][at] * cosine[f][at]).sum())
                });
            }
            for (v, row) in block.iter_mut().enumerate() {
                for (u, value) in row.iter_mut().enumerate() {
                    let step = strength * (4.0 + 2.5 * (u + v) as f64);
                    *value = (*value / step).round() * step;
                }
            }
            for _ in 0..2 {
                let rows = block;
                block = std::array::from_fn(|at| {
                    std::array::from_fn(|row| (0..8).map(|f| rows[row][f] * cosine[f][at]).sum())
                });
            }
            for (y, row) in block.iter().enumerate() {
                let start = (top + y) * self.width + left;
                self.pixels[start..start + 8].copy_from_slice(row);
            }
        }
    }
}

/// A sheet of paper, measured in modules of the code; the middle of the code is the origin.
struct Page<'a> {
    code: Option<&'a QrCode>,
}

impl Page<'_> {
    fn reflectance(&self, x: f64, y: f64) -> f64 {
        const DARK: f64 = 0.05;
        const PAPER: f64 = 1.0;
        const DESK: f64 = 0.45;
        if !(-200.0..70.0).contains(&x) || y.abs() > 180.0 {
            return DESK;
        }
        if let Some(code) = self.code {
            let half = code.width() as f64 / 2.0;
            let (column, row) = ((x + half).floor(), (y + half).floor());
            let inside = 0.0..code.width() as f64;
            if inside.contains(&column) && inside.contains(&row) {
                return if code[(column as usize, row as usize)] == Color::Dark {
                    DARK
                } else {
                    PAPER
                };
            }
            // The quiet zone.
            if x.abs() < half + 4.0 && y.abs() < half + 4.0 {
                return PAPER;
            }
        }
        // Print: lines of words of uneven length, made of strokes.
        let line = (y / 9.0).floor();
        let word = ((x + 13.0 * (line * 1.7).sin()) / 17.0).floor();
        let between_words = ((x + 13.0 * (line * 1.7).sin()) / 17.0 - word) > 0.85;
        let stroke =
            (x * 1.9 + (word * 3.1 + line).sin() * 2.0).sin() * (y * 1.6 + word).cos() > 0.1;
        if y - line * 9.0 < 4.5 && !between_words && stroke && x > -190.0 && x < 60.0 {
            DARK
        } else {
            PAPER
        }
    }
}

/// How the sheet is held: maps a pixel of the frame to a point on the sheet.
struct View {
    /// The inverse of the projection, row by row.
    matrix: [[f64; 3]; 3],
}

impl View {
    fn new(width: usize, height: usize, across: f64, random: &mut Random) -> Self {
        let height_f = height as f64;
        let centre_x = width as f64 / 2.0 + random.between(-0.15, 0.15) * height_f;
        let centre_y = height_f / 2.0 + random.between(-0.15, 0.15) * height_f;
        // Most people hold it nearly upright; a few do not care.
        let turn = if random.between(0.0, 1.0) < 0.8 { 0.2 } else { PI };
        let (sin, cos) = random.between(-turn, turn).sin_cos();
        let (tilt_x, tilt_y) = (random.between(-0.35, 0.35), random.between(-0.35, 0.35));
        let scale = across / 49.0;
        // Rotated in space by the tilts, seen from a distance of three code widths.
        let distance = 3.0 * 49.0;
        let (sx, cx) = tilt_x.sin_cos();
        let (sy, cy) = tilt_y.sin_cos();
        let rotation =
            [[cy * cos - sy * sx * sin, -cy * sin - sy * sx * cos], [cx * sin, cx * cos]];
        let depth = [sy * cos + cy * sx * sin, -sy * sin + cy * sx * cos];
        let w = [depth[0] / distance, depth[1] / distance, 1.0];
        let row = |values: [f64; 2], centre: f64| -> [f64; 3] {
            [scale * values[0] + centre * w[0], scale * values[1] + centre * w[1], centre]
        };
        Self { matrix: inverse([row(rotation[0], centre_x), row(rotation[1], centre_y), w]) }
    }

    fn on_page(&self, x: f64, y: f64) -> (f64, f64) {
        let [px, py, w] = self.matrix.map(|row| row[0] * x + row[1] * y + row[2]);
        (px / w, py / w)
    }
}

/// Up to a factor, which cancels in a projection.
fn inverse(m: [[f64; 3]; 3]) -> [[f64; 3]; 3] {
    let cofactor = |row: usize, column: usize| {
        let at = |r: usize, c: usize| m[(row + r) % 3][(column + c) % 3];
        at(1, 1) * at(2, 2) - at(1, 2) * at(2, 1)
    };
    std::array::from_fn(|row| std::array::from_fn(|column| cofactor(column, row)))
}
