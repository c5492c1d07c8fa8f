//! The boundary: WebAssembly's linear memory, seen from JavaScript. The only `unsafe` code of
//! Vernet.
//!
//! WebAssembly passes numbers, so bytes are passed as address and length. JavaScript owns a block
//! from [`allocate`] until it passes it to [`call`], [`scan`] or [`release`], which take ownership.
#![allow(unsafe_code)]

#[cfg(feature = "page")]
use std::cell::RefCell;

#[cfg(feature = "page")]
use vernet_verifier::documents::{
    certificates_among, read_frame, read_frame_otherwise, read_pixels,
};

#[cfg(feature = "page")]
use crate::Page;

#[cfg(feature = "page")]
thread_local! {
    /// There is one page per instance of the module.
    static PAGE: RefCell<Page> = RefCell::default();
}

/// The largest message: a bundle of 12 MiB in a request, its quotation marks escaped, together with
/// the one that is stored. A frame of a camera has 33 MB at most (3840 x 2160).
const MAX_BYTES: usize = 64 << 20;

/// Allocates a block for a message of `length` bytes; returns 0 if that is more than any message
/// needs.
#[unsafe(no_mangle)]
pub extern "C" fn allocate(length: usize) -> *mut u8 {
    if length > MAX_BYTES {
        return core::ptr::null_mut();
    }
    // The type is explicit, because `cast` hides it: a block of wider numbers would be freed with
    // the wrong length.
    Box::into_raw(vec![0u8; length].into_boxed_slice()).cast()
}

/// Answers a message. The answer is at the returned address: its length in four bytes,
/// little-endian, then the answer itself. The caller must free the whole block, `4 + length` bytes,
/// with [`release`].
///
/// # Safety
///
/// `place` was returned by [`allocate`] for `length`, and is not used again.
#[cfg(feature = "page")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn call(place: *mut u8, length: usize) -> *mut u8 {
    // SAFETY: the caller's promise.
    let message = unsafe { take(place, length) };
    give(&PAGE.with_borrow_mut(|page| page.call(&message)))
}

/// Finds the QR codes in a frame of a camera, of `width` times `height` pixels of four bytes. The
/// answer is as for [`call`].
///
/// The reader is third-party code that may panic on a picture, which ends a WebAssembly instance:
/// nothing can be caught in here. So JavaScript uses a separate instance for pictures, and makes a
/// new one when it ends.
///
/// # Safety
///
/// As for [`call`], with a length of `4 * width * height`.
#[cfg(feature = "page")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scan(place: *mut u8, width: u32, height: u32) -> *mut u8 {
    // SAFETY: the caller's promise.
    unsafe { find(place, width, height, read_frame) }
}

/// As [`scan`], for codes that it passes over: light on dark, or faint.
///
/// # Safety
///
/// As for [`scan`].
#[cfg(feature = "page")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scan_otherwise(place: *mut u8, width: u32, height: u32) -> *mut u8 {
    // SAFETY: the caller's promise.
    unsafe { find(place, width, height, read_frame_otherwise) }
}

/// As [`scan`], for a picture that somebody chose, with the work that the command line does: it may
/// take seconds.
///
/// # Safety
///
/// As for [`scan`].
#[cfg(feature = "page")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scan_picture(place: *mut u8, width: u32, height: u32) -> *mut u8 {
    // SAFETY: the caller's promise.
    unsafe { find(place, width, height, read_pixels) }
}

/// # Safety
///
/// As for [`scan`].
#[cfg(feature = "page")]
unsafe fn find(
    place: *mut u8,
    width: u32,
    height: u32,
    read: fn(&[u8], u32, u32) -> Vec<String>,
) -> *mut u8 {
    let length = 4 * width as usize * height as usize;
    // SAFETY: the caller's promise.
    let picture = unsafe { take(place, length) };
    let texts = certificates_among(read(&picture, width, height));
    give(&serde_json::to_vec(&texts).unwrap_or_default())
}

/// The certificates in a document: an object with their texts as `certificates`, and whether a part
/// was not examined as `unexamined`. None of either if it cannot be read. It may take many seconds,
/// and a document that was made for it all the memory there is: JavaScript uses an instance of its
/// own, and ends it.
///
/// # Safety
///
/// As for [`call`].
#[cfg(feature = "documents")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn read(place: *mut u8, length: usize) -> *mut u8 {
    // SAFETY: the caller's promise.
    let bytes = unsafe { take(place, length) };
    let contents = vernet_verifier::documents::read(&bytes).unwrap_or_default();
    let answer = serde_json::json!({
        "certificates": contents.certificates,
        "unexamined": !contents.unexamined.is_empty(),
    });
    give(&serde_json::to_vec(&answer).unwrap_or_default())
}

/// Frees the block at `place`.
///
/// # Safety
///
/// `place` and `length` are those of a block from [`allocate`], [`call`] or [`scan`], which is not
/// used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn release(place: *mut u8, length: usize) {
    // SAFETY: the caller's promise.
    drop(unsafe { take(place, length) });
}

/// # Safety
///
/// This module allocated the block with this length.
unsafe fn take(place: *mut u8, length: usize) -> Box<[u8]> {
    // SAFETY: every block that is handed out is a boxed slice of this length.
    unsafe { Box::from_raw(core::ptr::slice_from_raw_parts_mut(place, length)) }
}

fn give(answer: &[u8]) -> *mut u8 {
    let length = u32::try_from(answer.len()).expect("linear memory has at most 4 GiB");
    let block: Box<[u8]> = length.to_le_bytes().iter().chain(answer).copied().collect();
    Box::into_raw(block).cast()
}
