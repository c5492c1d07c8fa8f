//! Decodes a PNG or JPEG file to a greyscale picture, within bounds.

use std::{boxed::Box, io::Cursor, panic::catch_unwind, vec, vec::Vec};

use zune_jpeg::{
    JpegDecoder,
    errors::DecodeErrors,
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

use super::error::PhotoError;
use crate::grey::{Grey, luma, over_white};

/// The largest file: the JPEG of a 50-megapixel phone takes 10 to 18 MB.
pub(crate) const MAX_FILE: usize = 24 << 20;

/// The longest side: the widest common photo has 8192 pixels, the panorama of a phone up to 16,383.
pub(crate) const MAX_SIDE: u32 = 16_384;

/// The most pixels: 8192 x 6144, the photo of a 50-megapixel phone. A file of a few kilobytes can
/// claim far more.
const MAX_PIXELS: u64 = 8192 * 6144;

/// The most memory for decoding: [`MAX_PIXELS`] with four bytes each, and room for the decoder's own
/// tables. Pictures with 16 bits per channel may have half as many pixels, and progressive JPEGs a
/// half to three quarters, because all of their coefficients are in memory at once.
pub(crate) const MAX_ALLOCATION: u64 = MAX_PIXELS * 4 + (16 << 20);

/// The picture in greyscale, refused before it is decoded if it is too large.
pub(crate) fn decode(bytes: &[u8]) -> Result<Grey, PhotoError> {
    refuse_above("bytes", bytes.len() as u64, MAX_FILE as u64)?;
    let decoder = if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        decode_png
    } else if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        decode_jpeg
    } else {
        return Err(PhotoError::UnknownFormat);
    };
    // A decoder that panics on a damaged file (it has happened to all of them) must not bring down
    // the caller. Where panics abort, as in WebAssembly, only the bounds above protect the caller.
    catch_unwind(|| decoder(bytes)).unwrap_or(Err(PhotoError::DecoderFailed))
}

fn decode_png(bytes: &[u8]) -> Result<Grey, PhotoError> {
    let limits = png::Limits { bytes: MAX_ALLOCATION as usize };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), limits);
    // Neither is used.
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    // Palettes become colours, and 1, 2 or 4 bits become 8.
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().map_err(png_error)?;
    let (width, height) = reader.info().size();
    refuse_sides(width.into(), height.into())?;
    let size = reader.output_buffer_size().unwrap_or(usize::MAX);
    refuse_above("bytes when decoded", size as u64, MAX_ALLOCATION)?;
    let mut pixels = vec![0; size];
    reader.next_frame(&mut pixels).map_err(png_error)?;
    let (colour, depth) = reader.output_color_type();
    let wide = depth == png::BitDepth::Sixteen;
    let pixels = match (colour.samples(), wide) {
        (1, false) => pixels,
        (1, true) => each_pixel(pixels, |[a, b]: [u8; 2]| narrow([a, b])),
        (2, false) => each_pixel(pixels, |[grey, alpha]: [u8; 2]| over_white(grey, alpha)),
        (2, true) => {
            each_pixel(pixels, |[a, b, c, d]: [u8; 4]| over_white(narrow([a, b]), narrow([c, d])))
        }
        (3, false) => each_pixel(pixels, |rgb: [u8; 3]| luma(rgb)),
        (3, true) => each_pixel(pixels, |[a, b, c, d, e, f]: [u8; 6]| {
            luma([narrow([a, b]), narrow([c, d]), narrow([e, f])])
        }),
        (_, false) => {
            each_pixel(pixels, |[r, g, b, alpha]: [u8; 4]| over_white(luma([r, g, b]), alpha))
        }
        (_, true) => each_pixel(pixels, |[a, b, c, d, e, f, g, h]: [u8; 8]| {
            over_white(luma([narrow([a, b]), narrow([c, d]), narrow([e, f])]), narrow([g, h]))
        }),
    };
    Ok(Grey::new(width, height, pixels).expect("the decoder fills its buffer"))
}

fn png_error(source: png::DecodingError) -> PhotoError {
    match source {
        png::DecodingError::LimitsExceeded => PhotoError::BeyondLimits { source: Box::new(source) },
        _ => PhotoError::unreadable(source),
    }
}

fn decode_jpeg(bytes: &[u8]) -> Result<Grey, PhotoError> {
    // The decoder's own limit on the sides would apply first, with an error that lacks the numbers.
    let options = DecoderOptions::default()
        .set_strict_mode(false)
        .set_max_width(usize::MAX)
        .set_max_height(usize::MAX);
    let mut header = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    header.decode_headers().map_err(jpeg_error)?;
    let (width, height) = header.dimensions().expect("the header has them");
    refuse_sides(width as u64, height as u64)?;
    // The sides are bounded, and each channel has eight bits: this fits.
    let grey = header.input_colorspace() == Some(ColorSpace::Luma);
    let colours = if grey { ColorSpace::Luma } else { ColorSpace::RGB };
    let size = width * height * colours.num_components();
    let coefficients = coefficients_at_once(bytes, (width as u64, height as u64));
    refuse_above("bytes when decoded", size as u64 + coefficients, MAX_ALLOCATION)?;
    drop(header);
    let mut pixels = vec![0; size];
    let options = options.jpeg_set_out_colorspace(colours);
    JpegDecoder::new_with_options(ZCursor::new(bytes), options)
        .decode_into(&mut pixels)
        .map_err(jpeg_error)?;
    let pixels = if grey { pixels } else { each_pixel(pixels, luma) };
    Ok(Grey::new(width as u32, height as u32, pixels).expect("its buffer was made for it"))
}

/// How many bytes of coefficients the decoder holds at once: none to speak of if it can finish row
/// by row. In a progressive picture, and in one whose colours come one after the other, the last
/// scan may still change the first pixel: then all of them, two bytes for each.
///
/// The decoder does not tell how its channels are sampled. So the header is looked for among the
/// bytes, and of everything that looks like it the most expensive counts: the true one is among
/// them, however a forger hides it.
pub(super) fn coefficients_at_once(bytes: &[u8], (width, height): (u64, u64)) -> u64 {
    let segments = || bytes.windows(10).filter(|segment| segment[0] == 0xff);
    let channels_of_scan = |segment: &[u8]| match segment[1..5] {
        [0xda, 0, length, count @ 1..=4] if length == 6 + 2 * count => Some(count),
        _ => None,
    };
    let least_of_a_scan = segments().filter_map(channels_of_scan).min().unwrap_or(4);
    let mut most = 0;
    for (at, segment) in bytes.windows(10).enumerate() {
        let &[0xff, marker @ 0xc0..=0xc2, _, _, _, y1, y0, x1, x0, channels] = segment else {
            continue;
        };
        let sides = (u16::from_be_bytes([x1, x0]).into(), u16::from_be_bytes([y1, y0]).into());
        let at_once = marker == 0xc2 || least_of_a_scan < channels;
        if sides != (width, height) || !at_once {
            continue;
        }
        let table = bytes.get(at + 10..at + 10 + 3 * usize::from(channels)).unwrap_or_default();
        let sampling =
            table.as_chunks().0.iter().map(|[_, factors, _]: &[u8; 3]| {
                (u64::from(factors >> 4), u64::from(factors & 15))
            });
        let (across, down) =
            sampling.clone().fold((1, 1), |most, one| (most.0.max(one.0), most.1.max(one.1)));
        let units = width.div_ceil(8 * across) * height.div_ceil(8 * down);
        let blocks: u64 = sampling.map(|(across, down)| across * down).sum();
        most = most.max(units * blocks * 64 * 2);
    }
    most
}

fn jpeg_error(source: DecodeErrors) -> PhotoError {
    match source {
        DecodeErrors::LargeDimensions(_) => PhotoError::BeyondLimits { source: Box::new(source) },
        _ => PhotoError::unreadable(source),
    }
}

pub(crate) fn refuse_sides(width: u64, height: u64) -> Result<(), PhotoError> {
    refuse_above("pixels on a side", width.max(height), u64::from(MAX_SIDE))?;
    refuse_above("pixels", width * height, MAX_PIXELS)
}

pub(crate) fn refuse_above(unit: &'static str, found: u64, limit: u64) -> Result<(), PhotoError> {
    if found > limit {
        return Err(PhotoError::TooLarge { unit, found, limit });
    }
    Ok(())
}

/// One shade for each pixel of `N` bytes. In place: a second buffer would come on top of the largest
/// one.
fn each_pixel<const N: usize>(mut pixels: Vec<u8>, shade: impl Fn([u8; N]) -> u8) -> Vec<u8> {
    let count = pixels.len() / N;
    for place in 0..count {
        if let Some(pixel) = pixels[place * N..].first_chunk() {
            pixels[place] = shade(*pixel);
        }
    }
    pixels.truncate(count);
    pixels.shrink_to_fit();
    pixels
}

/// The nearest of 256 shades to one of 65,536.
fn narrow(shade: [u8; 2]) -> u8 {
    ((u32::from(u16::from_be_bytes(shade)) + 128) / 257) as u8
}
