//! TIFF: what scanners and fax machines write, a picture for each page.

use std::{format, io::Cursor, num::NonZeroUsize, vec::Vec};

use ::tiff::{
    ColorType,
    decoder::{BufferLayoutPreference, Decoder, DecodingResult, Limits},
};

use crate::{
    grey::{Grey, luma, over_white},
    photo::{
        decode::{MAX_ALLOCATION, refuse_sides},
        error::PhotoError,
    },
};

/// The first pages, `most` at the most, and whether there are more.
pub(super) fn decode(bytes: &[u8], most: usize) -> Result<(Vec<Grey>, bool), PhotoError> {
    let mut limits = Limits::default();
    limits.decoding_buffer_size = MAX_ALLOCATION as usize;
    limits.intermediate_buffer_size = MAX_ALLOCATION as usize;
    let mut decoder =
        Decoder::new(Cursor::new(bytes)).map_err(PhotoError::unreadable)?.with_limits(limits);
    let mut pictures = Vec::new();
    loop {
        pictures.push(page(&mut decoder)?);
        let more = decoder.more_images();
        if !more || pictures.len() == most {
            return Ok((pictures, more));
        }
        decoder.next_image().map_err(PhotoError::unreadable)?;
    }
}

fn page(decoder: &mut Decoder<Cursor<&[u8]>>) -> Result<Grey, PhotoError> {
    let (width, height) = decoder.dimensions().map_err(PhotoError::unreadable)?;
    refuse_sides(width.into(), height.into())?;
    let colour = decoder.colortype().map_err(PhotoError::unreadable)?;
    let mut samples = DecodingResult::U8(Vec::new());
    let layout = decoder.read_image_to_buffer(&mut samples).map_err(PhotoError::unreadable)?;
    let samples = Samples::new(&samples, &layout, colour)?;
    let shade = |x, y| {
        let sample = |number| samples.at(x, y, number);
        let rgb = || [sample(0), sample(1), sample(2)];
        match colour {
            ColorType::RGB(_) => luma(rgb()),
            ColorType::RGBA(_) => over_white(luma(rgb()), sample(3)),
            ColorType::CMYK(_) | ColorType::CMYKA(_) => {
                let light = 255 - u16::from(sample(3));
                luma(rgb().map(|ink| ((255 - u16::from(ink)) * light / 255) as u8))
            }
            // Grey with transparency, as the decoder calls it.
            ColorType::GrayA(_) | ColorType::Multiband { num_samples: 2, .. } => {
                over_white(sample(0), sample(1))
            }
            // The first sample of the others is how light a pixel is.
            _ => sample(0),
        }
    };
    let shades = (0..height as usize).flat_map(|y| (0..width as usize).map(move |x| (x, y)));
    let shades = shades.map(|(x, y)| shade(x, y)).collect();
    Grey::new(width, height, shades).ok_or(PhotoError::DecoderFailed)
}

/// The samples of a page, of any number of bits, pixel after pixel or plane after plane.
struct Samples<'a> {
    bytes: Bytes<'a>,
    bits: usize,
    row: usize,
    /// The samples that follow each other for one pixel.
    together: usize,
    /// From one plane to the next.
    plane: usize,
}

enum Bytes<'a> {
    Eight(&'a [u8]),
    Sixteen(&'a [u16]),
}

impl<'a> Samples<'a> {
    fn new(
        samples: &'a DecodingResult,
        layout: &BufferLayoutPreference,
        colour: ColorType,
    ) -> Result<Self, PhotoError> {
        let bits = usize::from(colour.bit_depth());
        let (bytes, size) = match (samples, bits) {
            (DecodingResult::U8(bytes), 1 | 2 | 4 | 8) => (Bytes::Eight(bytes), 1),
            (DecodingResult::U16(words), 9..=16) => (Bytes::Sixteen(words), 2),
            _ => return Err(PhotoError::unreadable(format!("{colour:?} is not read"))),
        };
        let many = usize::from(colour.num_samples());
        let (planes, together) = if layout.planes > 1 { (true, 1) } else { (false, many) };
        let length = |stride: Option<NonZeroUsize>| stride.map_or(0, |stride| stride.get() / size);
        let plane = if planes { length(layout.plane_stride) } else { 0 };
        Ok(Self { bytes, bits, row: length(layout.row_stride), together, plane })
    }

    /// In 8 bits; black where the file has none.
    fn at(&self, x: usize, y: usize, number: usize) -> u8 {
        let (plane, number) =
            if self.together == 1 { (number * self.plane, 0) } else { (0, number) };
        let start = plane + y * self.row;
        let index = x * self.together + number;
        match self.bytes {
            Bytes::Sixteen(words) => {
                words.get(start + index).map_or(0, |word| (word >> (self.bits - 8)) as u8)
            }
            Bytes::Eight(bytes) if self.bits == 8 => bytes.get(start + index).copied().unwrap_or(0),
            Bytes::Eight(bytes) => {
                let bit = index * self.bits;
                let most = (1_u16 << self.bits) - 1;
                let byte = u16::from(bytes.get(start + bit / 8).copied().unwrap_or(0));
                let sample = byte >> (8 - self.bits - bit % 8) & most;
                (sample * 255 / most) as u8
            }
        }
    }
}
