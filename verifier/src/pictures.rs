//! Finds the codes in pictures of every kind: besides PNG and JPEG, what messengers, scanners and
//! old programs write.

mod tiff;

use std::{
    boxed::Box,
    io::Cursor,
    panic::catch_unwind,
    string::String,
    sync::atomic::{AtomicBool, Ordering},
    vec::Vec,
};

use hayro_jpeg2000::{DecodeSettings, DecoderContext};
use image::{
    AnimationDecoder, DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits,
    codecs::{gif::GifDecoder, webp::WebPDecoder},
};
use resvg::{
    tiny_skia::{Pixmap, Transform},
    usvg::{ImageHrefResolver, ImageKind, Options, Tree, roxmltree},
};

use crate::{
    contents::Contents,
    grey::{Grey, luma, over_white},
    input::certificates_among,
    kind::{Kind, PictureKind},
    photo::{
        decode::{self, MAX_ALLOCATION, MAX_FILE, MAX_SIDE, refuse_above, refuse_sides},
        error::PhotoError,
        read_qr,
        scan::scan,
    },
    unexamined::Unexamined,
};

/// The most pictures in one file that are looked at: the pages of a fax.
const MAX_PICTURES: usize = 20;

/// The longest side of a drawing, in pixels: a code of 25 mm on an A4 page then has 4 pixels per
/// module.
const DRAWING_SIDE: f32 = 2400.0;

/// The distinct texts of the codes in a picture file, at least one.
///
/// # Errors
///
/// As for [`read_qr`].
pub(crate) fn read_picture(bytes: &[u8]) -> Result<Contents, PhotoError> {
    refuse_above("bytes", bytes.len() as u64, MAX_FILE as u64)?;
    let Kind::Picture(kind) = Kind::of(bytes) else { return Err(PhotoError::UnknownFormat) };
    if let PictureKind::Png | PictureKind::Jpeg = kind {
        let mut contents = Contents::of(certificates_among(read_qr(bytes)?));
        // An animation that browsers show, and of which only the first picture was decoded.
        if kind == PictureKind::Png && bytes.windows(4).any(|chunk| chunk == b"acTL") {
            contents.unexamined.push(Unexamined::Pictures { read: 1 });
        }
        return Ok(contents);
    }
    let Pictures { pictures, more, is_whole } =
        catch_unwind(|| decode(kind, bytes)).unwrap_or(Err(PhotoError::DecoderFailed))?;
    let size = pictures.first().map_or((0, 0), |first| (first.width(), first.height()));
    let mut texts: Vec<String> = Vec::new();
    let read = pictures.len();
    for picture in pictures {
        for text in scan(&picture) {
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
    }
    if texts.is_empty() {
        return Err(PhotoError::NoQr { width: size.0, height: size.1 });
    }
    let mut contents = Contents::of(certificates_among(texts));
    if !is_whole {
        contents.unexamined.push(Unexamined::Embedded { within: kind.name().into() });
    }
    if more {
        contents.unexamined.push(Unexamined::Pictures { read });
    }
    Ok(contents)
}

/// The pictures in a file, and whether there are more.
struct Pictures {
    pictures: Vec<Grey>,
    more: bool,
    /// Whether all of them was drawn.
    is_whole: bool,
}

impl From<Grey> for Pictures {
    fn from(picture: Grey) -> Self {
        Self { pictures: [picture].into(), more: false, is_whole: true }
    }
}

fn decode(kind: PictureKind, bytes: &[u8]) -> Result<Pictures, PhotoError> {
    match kind {
        PictureKind::Svg => draw(bytes),
        PictureKind::Jp2 => decode_jp2(bytes).map(Pictures::from),
        PictureKind::Tiff => {
            let (pictures, more) = tiff::decode(bytes, MAX_PICTURES)?;
            Ok(Pictures { pictures, more, is_whole: true })
        }
        PictureKind::Gif => {
            let mut decoder =
                GifDecoder::new(Cursor::new(bytes)).map_err(PhotoError::unreadable)?;
            check(&mut decoder)?;
            frames(decoder)
        }
        PictureKind::Webp => {
            let mut decoder =
                WebPDecoder::new(Cursor::new(bytes)).map_err(PhotoError::unreadable)?;
            check(&mut decoder)?;
            match decoder.has_animation() {
                true => frames(decoder),
                false => {
                    whole(DynamicImage::from_decoder(decoder).map_err(PhotoError::unreadable)?)
                        .map(Pictures::from)
                }
            }
        }
        PictureKind::Bmp => decode_one(bytes, ImageFormat::Bmp).map(Pictures::from),
        PictureKind::Png | PictureKind::Jpeg => Err(PhotoError::UnknownFormat),
    }
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_ALLOCATION);
    limits
}

fn check(decoder: &mut impl ImageDecoder) -> Result<(), PhotoError> {
    let (width, height) = decoder.dimensions();
    refuse_sides(width.into(), height.into())?;
    decoder.set_limits(limits()).map_err(PhotoError::unreadable)
}

fn decode_one(bytes: &[u8], format: ImageFormat) -> Result<Grey, PhotoError> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits());
    let mut decoder = reader.into_decoder().map_err(PhotoError::unreadable)?;
    check(&mut decoder)?;
    whole(DynamicImage::from_decoder(decoder).map_err(PhotoError::unreadable)?)
}

fn frames<'a>(decoder: impl AnimationDecoder<'a>) -> Result<Pictures, PhotoError> {
    let mut frames = decoder.into_frames();
    let mut pictures = Vec::new();
    for frame in frames.by_ref().take(MAX_PICTURES) {
        pictures.push(whole(frame.map_err(PhotoError::unreadable)?.into_buffer().into())?);
    }
    Ok(Pictures { pictures, more: frames.next().is_some(), is_whole: true })
}

fn decode_jp2(bytes: &[u8]) -> Result<Grey, PhotoError> {
    let picture = hayro_jpeg2000::Image::new(bytes, &DecodeSettings::default())
        .map_err(PhotoError::unreadable)?;
    let (width, height) = (picture.width(), picture.height());
    refuse_sides(width.into(), height.into())?;
    let has_alpha = picture.has_alpha();
    let mut context = DecoderContext::default();
    let pixels = picture.decode(&mut context).map_err(PhotoError::unreadable)?.data_u8();
    let channels = pixels.len() / (width as usize * height as usize).max(1);
    let shades = pixels.chunks_exact(channels.max(1)).map(|pixel| match (pixel, has_alpha) {
        ([red, green, blue, alpha], true) => over_white(luma([*red, *green, *blue]), *alpha),
        ([grey, alpha], true) => over_white(*grey, *alpha),
        ([red, green, blue, ..], _) => luma([*red, *green, *blue]),
        ([grey, ..], _) => *grey,
        ([], _) => 255,
    });
    Grey::new(width, height, shades.collect()).ok_or(PhotoError::DecoderFailed)
}

/// Draws a drawing. Nothing that it refers to outside of itself is read.
fn draw(bytes: &[u8]) -> Result<Pictures, PhotoError> {
    let missing = AtomicBool::new(false);
    let resolve = ImageHrefResolver::default_data_resolver();
    let options = Options {
        image_href_resolver: ImageHrefResolver {
            resolve_data: Box::new(|kind, data, options| {
                let picture = resolve(kind, data, options).filter(is_decoded);
                missing.fetch_or(picture.is_none(), Ordering::Relaxed);
                picture
            }),
            resolve_string: Box::new(|_, _| {
                missing.store(true, Ordering::Relaxed);
                None
            }),
        },
        ..Options::default()
    };
    let tree = Tree::from_data(bytes, &options).map_err(PhotoError::unreadable)?;
    let size = tree.size();
    let scale = DRAWING_SIDE / size.width().max(size.height());
    let side = |length: f32| ((length * scale).ceil() as u32).max(1);
    let (width, height) = (side(size.width()), side(size.height()));
    refuse_sides(width.into(), height.into())?;
    let mut pixels = Pixmap::new(width, height).ok_or(PhotoError::DecoderFailed)?;
    pixels.fill(resvg::tiny_skia::Color::WHITE);
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
    let shades =
        pixels.pixels().iter().map(|pixel| luma([pixel.red(), pixel.green(), pixel.blue()]));
    let picture = Grey::new(width, height, shades.collect()).ok_or(PhotoError::DecoderFailed)?;
    let is_whole = !missing.load(Ordering::Relaxed) && !has_what_is_not_drawn(bytes, scale);
    Ok(Pictures { is_whole, ..picture.into() })
}

/// Whether a picture within a drawing is drawn. One that is a drawing itself is drawn without the
/// pictures in it.
fn is_decoded(picture: &ImageKind) -> bool {
    let (bytes, format) = match picture {
        ImageKind::JPEG(bytes) => (bytes, ImageFormat::Jpeg),
        ImageKind::PNG(bytes) => (bytes, ImageFormat::Png),
        ImageKind::GIF(bytes) => (bytes, ImageFormat::Gif),
        ImageKind::WEBP(bytes) => (bytes, ImageFormat::WebP),
        ImageKind::SVG(_) => return false,
    };
    match format {
        ImageFormat::Jpeg | ImageFormat::Png => decode::decode(bytes).is_ok(),
        _ => decode_one(bytes, format).is_ok(),
    }
}

/// The elements of a drawing that browsers show and that are not drawn here: a web page within it,
/// what moves, what depends on the reader's language, what a program adds.
const NOT_DRAWN: &[&str] =
    &["foreignObject", "set", "script", "switch", "iframe", "video", "canvas"];

/// What a style sheet may bring from elsewhere, or show only sometimes.
const NOT_STYLED: &[&str] = &["@", "url(", "animation"];

/// Whether there is more in a drawing than was drawn, or it says that it is so large that it was
/// drawn much smaller.
fn has_what_is_not_drawn(bytes: &[u8], scale: f32) -> bool {
    let Ok(text) = str::from_utf8(bytes) else { return true };
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
    let Ok(document) = roxmltree::Document::parse_with_options(text, options) else { return true };
    if scale < 1.0 && document.root_element().has_attribute("width") {
        return true;
    }
    document.descendants().filter(|node| node.is_element()).any(|node| {
        let name = node.tag_name().name();
        // What it refers to may be in another file.
        let is_elsewhere = matches!(name, "use" | "feImage")
            && node.attributes().any(|attribute| {
                attribute.name() == "href" && !attribute.value().trim_start().starts_with('#')
            });
        let is_style = name == "style"
            && node.text().is_some_and(|text| NOT_STYLED.iter().any(|mark| text.contains(mark)));
        is_style || is_elsewhere || NOT_DRAWN.contains(&name) || name.starts_with("animate")
    })
}

/// The picture in greyscale, on white.
fn whole(picture: DynamicImage) -> Result<Grey, PhotoError> {
    let (width, height) = (picture.width(), picture.height());
    let shades = match picture.color().has_alpha() {
        true => {
            let pixels = picture.into_luma_alpha8();
            pixels.pixels().map(|pixel| over_white(pixel.0[0], pixel.0[1])).collect()
        }
        false => picture.into_luma8().into_raw(),
    };
    Grey::new(width, height, shades).ok_or(PhotoError::DecoderFailed)
}
