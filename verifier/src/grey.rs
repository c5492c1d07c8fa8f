//! A greyscale picture, and the few transformations that the readers need.
//!
//! They do not come from a general image library: it would bring in colour management, which is
//! more to build than everything else here.

use core::ops::RangeInclusive;
use std::{array, vec, vec::Vec};

/// Weights, with the sum 128, of the six nearest pixels for a point a quarter of a pixel before the
/// fourth: a Catmull-Rom spline.
#[cfg(feature = "pixels")]
pub(crate) const CATMULL_ROM: [i32; 6] = [0, -3, 29, 111, -9, 0];

/// One byte per pixel, row by row; 0 is black.
#[derive(Clone)]
pub(crate) struct Grey {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

impl Grey {
    /// `None` if the number of pixels is not `width` times `height`.
    pub(crate) fn new(width: u32, height: u32, pixels: Vec<u8>) -> Option<Self> {
        let expected = (width as usize).checked_mul(height as usize)?;
        (pixels.len() == expected).then_some(Self { width, height, pixels })
    }

    pub(crate) fn width(&self) -> u32 {
        self.width
    }

    pub(crate) fn height(&self) -> u32 {
        self.height
    }

    pub(crate) fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The width or the height, whichever is more.
    pub(crate) fn longest_side(&self) -> u32 {
        self.width.max(self.height)
    }

    /// The picture with dark and light exchanged.
    pub(crate) fn inverted(&self) -> Self {
        Self { pixels: self.pixels.iter().map(|shade| !shade).collect(), ..*self }
    }

    /// With the shades spread so that nearly the darkest is black and nearly the lightest white: a
    /// fiftieth of the pixels may lie beyond either. `None` if there are too few shades between the
    /// two, which is grain, or so many that it would make no difference.
    pub(crate) fn spread(&self) -> Option<Self> {
        const FAINT: RangeInclusive<u8> = 8..=100;
        let mut counts = [0usize; 256];
        self.pixels.iter().for_each(|&shade| counts[usize::from(shade)] += 1);
        let beyond = self.pixels.len() / 50;
        let passed = |so_far: &mut usize, shade: u8| {
            *so_far += counts[usize::from(shade)];
            *so_far > beyond
        };
        let (mut below, mut above) = (0, 0);
        let dark = (0..=u8::MAX).find(|&shade| passed(&mut below, shade))?;
        let light = (0..=u8::MAX).rev().find(|&shade| passed(&mut above, shade))?;
        let range = light.checked_sub(dark).filter(|range| FAINT.contains(range))?;
        let spread = |shade: &u8| {
            let over = u16::from((*shade).clamp(dark, light) - dark);
            (over * 255 / u16::from(range)) as u8
        };
        Some(Self { pixels: self.pixels.iter().map(spread).collect(), ..*self })
    }

    /// The square in the middle, as large as fits, but not larger than `most`.
    pub(crate) fn middle(&self, most: u32) -> Self {
        let side = self.width.min(self.height).min(most);
        let (left, top) = ((self.width - side) / 2, (self.height - side) / 2);
        let pixels = (top..top + side)
            .flat_map(|y| {
                let start = y as usize * self.width as usize + left as usize;
                &self.pixels[start..start + side as usize]
            })
            .copied()
            .collect();
        Self { width: side, height: side, pixels }
    }

    /// Reduced to a longest side of `side`; a smaller picture stays as it is.
    pub(crate) fn reduced_to(&self, side: u32) -> Self {
        let longest = self.longest_side();
        if longest <= side {
            return self.clone();
        }
        let scale =
            |length: u32| (u64::from(length) * u64::from(side) / u64::from(longest)).max(1) as u32;
        self.reduced(scale(self.width), scale(self.height))
    }

    /// Reduced to a width and a height that are neither 0 nor larger than the present ones. Each
    /// new pixel is the mean of all the pixels that it replaces, so that fine modules do not alias.
    pub(crate) fn reduced(&self, width: u32, height: u32) -> Self {
        let (from, to) = (self.width as usize, width as usize);
        let mut pixels = Vec::with_capacity(to * height as usize);
        if self.pixels.is_empty() {
            return Self { width: 0, height: 0, pixels };
        }
        let edges = |from: usize, to: usize| move |at: usize| (at * from).div_ceil(to);
        let (column, row) = (edges(from, to), edges(self.height as usize, height as usize));
        let columns: Vec<usize> = (0..=to).map(column).collect();
        let mut sums = vec![0u32; from];
        for y in 0..height as usize {
            let rows = row(y)..row(y + 1);
            sums.fill(0);
            for shades in self.pixels[rows.start * from..rows.end * from].chunks_exact(from) {
                for (sum, shade) in sums.iter_mut().zip(shades) {
                    *sum += u32::from(*shade);
                }
            }
            pixels.extend(columns.windows(2).map(|edges| {
                let count = ((edges[1] - edges[0]) * rows.len()) as u64;
                let sum: u64 = sums[edges[0]..edges[1]].iter().copied().map(u64::from).sum();
                ((sum + count / 2) / count) as u8
            }));
        }
        Self { width, height, pixels }
    }

    /// Twice the width and the height. The six weights, with the sum 128, are for a point a quarter
    /// of a pixel before the fourth.
    pub(crate) fn doubled(&self, weights: &[i32; 6]) -> Self {
        let (width, height) = (self.width as usize, self.height as usize);
        if self.pixels.is_empty() {
            return Self { width: 0, height: 0, pixels: Vec::new() };
        }
        // First each row, in sixteenths of a shade, with borders of three pixels that repeat the
        // outermost one.
        let mut wide = vec![0i16; 2 * width * height];
        let mut bordered = vec![0i32; width + 6];
        for (row, wide) in self.pixels.chunks_exact(width).zip(wide.chunks_exact_mut(2 * width)) {
            for (at, value) in bordered.iter_mut().enumerate() {
                *value = i32::from(row[at.saturating_sub(3).min(width - 1)]);
            }
            for (near, pair) in bordered.windows(7).zip(wide.chunks_exact_mut(2)) {
                let sum = |at: [usize; 6]| {
                    ((0..6).map(|k| weights[k] * near[at[k]]).sum::<i32>() >> 3) as i16
                };
                pair[0] = sum([0, 1, 2, 3, 4, 5]);
                pair[1] = sum([6, 5, 4, 3, 2, 1]);
            }
        }
        // Then each column.
        let mut pixels = Vec::with_capacity(4 * width * height);
        for y in 0..2 * height {
            let rows: [&[i16]; 6] = array::from_fn(|k| {
                let row = if y % 2 == 0 {
                    (y / 2 + k).saturating_sub(3)
                } else {
                    (y / 2 + 3).saturating_sub(k)
                };
                &wide[2 * width * row.min(height - 1)..][..2 * width]
            });
            pixels.extend((0..2 * width).map(|x| {
                let sum: i32 = (0..6).map(|k| weights[k] * i32::from(rows[k][x])).sum();
                ((sum + (1 << 10)) >> 11).clamp(0, 255) as u8
            }));
        }
        Self { width: 2 * self.width, height: 2 * self.height, pixels }
    }
}

/// Luma by ITU-R BT.709, which screens use.
#[cfg(feature = "pixels")]
pub(crate) fn luma([red, green, blue]: [u8; 3]) -> u8 {
    ((u32::from(red) * 2126 + u32::from(green) * 7152 + u32::from(blue) * 722) / 10_000) as u8
}

/// Transparent parts become white, as on paper: many programs save a drawing as black on
/// transparent, and store transparent pixels as black.
#[cfg(feature = "pixels")]
pub(crate) fn over_white(shade: u8, alpha: u8) -> u8 {
    let (shade, alpha) = (u16::from(shade), u16::from(alpha));
    // At most 255: a weighted mean of two bytes.
    ((shade * alpha + 255 * (255 - alpha)) / 255) as u8
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma, imageops, imageops::FilterType};
    use proptest::prelude::*;

    use super::*;

    fn grey(picture: &GrayImage) -> Grey {
        Grey::new(picture.width(), picture.height(), picture.as_raw().clone()).expect("its size")
    }

    fn any_picture() -> impl Strategy<Value = GrayImage> {
        (1..40u32, 1..40u32).prop_flat_map(|(width, height)| {
            prop::collection::vec(any::<u8>(), (width * height) as usize).prop_map(move |pixels| {
                GrayImage::from_raw(width, height, pixels).expect("its size")
            })
        })
    }

    proptest! {
        #[cfg(feature = "pixels")]
        #[test]
        fn doubling_is_that_of_catmull_and_rom(picture in any_picture()) {
            let (width, height) = (2 * picture.width(), 2 * picture.height());
            let expected = imageops::resize(&picture, width, height, FilterType::CatmullRom);
            let doubled = grey(&picture).doubled(&CATMULL_ROM);
            let side = 2 * 3;
            for (x, y, Luma([expected])) in expected.enumerate_pixels() {
                // At the border one repeats the outermost pixel, the other leaves it out.
                if x.min(y) >= side && x + side < width && y + side < height {
                    let found = doubled.pixels[(y * width + x) as usize];
                    prop_assert!(found.abs_diff(*expected) <= 1, "{found} {expected} at {x}, {y}");
                }
            }
        }

        #[test]
        fn the_middle_is_cut_out(picture in any_picture(), most in 1..50u32) {
            let side = picture.width().min(picture.height()).min(most);
            let (left, top) = ((picture.width() - side) / 2, (picture.height() - side) / 2);
            let expected = imageops::crop_imm(&picture, left, top, side, side).to_image();
            prop_assert_eq!(grey(&picture).middle(most).pixels, expected.into_raw());
        }
    }

    /// The sides of the pictures are prime: where the edges of a new and an old pixel coincide,
    /// `image`, which computes in floating point, may be off by one.
    #[test]
    fn reducing_takes_the_mean_as_image_does() {
        for (width, height) in [(997, 613), (613, 997), (211, 13), (2, 1009)] {
            let picture =
                GrayImage::from_fn(width, height, |x, y| Luma([(x * x + 7 * y * (x + y)) as u8]));
            for share in [2, 3, 5, 8, 11] {
                let (to_width, to_height) = (width.div_ceil(share), (height * 3 / 4).max(1));
                let expected = imageops::thumbnail(&picture, to_width, to_height);
                let found = grey(&picture).reduced(to_width, to_height);
                assert!(found.pixels == expected.into_raw(), "{width} x {height} / {share}");
            }
        }
    }

    #[test]
    fn few_shades_are_spread_and_nearly_none_are_left_alone() {
        let faint = Grey::new(100, 2, (0..200).map(|at| 120 + at / 10).collect()).expect("a size");
        let spread = faint.spread().expect("there are 19 shades between");
        assert_eq!((spread.pixels[0], spread.pixels[199]), (0, 255));
        assert!(spread.pixels.is_sorted());
        let clear = Grey::new(100, 2, (0..200).collect()).expect("a size");
        assert!(clear.spread().is_none());
        assert!(Grey::new(3, 1, vec![7; 3]).expect("a size").spread().is_none());
        assert!(Grey::new(0, 0, vec![]).expect("a size").spread().is_none());
    }

    #[test]
    fn nothing_and_one_pixel_have_their_sizes() {
        for (width, height) in [(0, 0), (0, 5), (5, 0)] {
            let nothing = Grey::new(width, height, Vec::new()).expect("no pixels");
            assert!(nothing.reduced(1, 1).pixels.is_empty());
            assert!(nothing.doubled(&[0, 0, 0, 128, 0, 0]).pixels.is_empty());
            assert!(nothing.middle(3).pixels.is_empty());
        }
        assert!(Grey::new(2, 2, vec![0; 3]).is_none());
        assert!(Grey::new(u32::MAX, u32::MAX, Vec::new()).is_none());
        let narrow = Grey::new(1, 3000, vec![77; 3000]).expect("its size").reduced_to(1600);
        assert_eq!((narrow.width(), narrow.height()), (1, 1600));
        assert!(narrow.pixels.iter().all(|&shade| shade == 77));
    }
}
