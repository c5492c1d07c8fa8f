//! The boundary: WebAssembly's linear memory, seen from JavaScript. The only `unsafe` code of
//! Vernet.
//!
//! WebAssembly passes numbers, so bytes are passed as place and length. A block that [`allocate`]
//! gives out belongs to JavaScript until it is handed to [`call`], [`scan`] or [`release`], which
//! take it back.
#![allow(unsafe_code)]

use std::cell::RefCell;

use vernet_verifier::documents::{certificates_among, read_frame};

use crate::Page;

thread_local! {
    /// There is one page per instance of the module.
    static PAGE: RefCell<Page> = RefCell::default();
}

/// The largest message: a bundle of 12 MiB in a request, its quotation marks escaped, beside the
/// one that is stored. A frame of a camera has 33 MB at most (3840 x 2160).
const MAX_BYTES: usize = 64 << 20;

/// Room for a message of `length` bytes; 0 if that is more than any message has.
#[unsafe(no_mangle)]
pub extern "C" fn allocate(length: usize) -> *mut u8 {
    if length > MAX_BYTES {
        return core::ptr::null_mut();
    }
    // The type is said, for `cast` hides it: a block of wider numbers would be given back with the
    // wrong length.
    Box::into_raw(vec![0u8; length].into_boxed_slice()).cast()
}

/// Answers a message. The answer lies at the place that is returned: its length in four bytes,
/// little-endian, then the answer itself. All of it, `4 + length` bytes, is to be given back with
/// [`release`].
///
/// # Safety
///
/// `place` is what [`allocate`] gave for `length`, and is not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn call(place: *mut u8, length: usize) -> *mut u8 {
    // SAFETY: the caller's promise.
    let message = unsafe { take(place, length) };
    give(&PAGE.with_borrow_mut(|page| page.call(&message)))
}

/// Finds the QR codes in a frame of `width` times `height` pixels of four bytes. The answer is as
/// for [`call`].
///
/// The reader is third-party code that may panic on a picture, which ends a WebAssembly instance:
/// nothing can be caught in here. So JavaScript gives frames to an instance of their own, and makes
/// a new one when it ends.
///
/// # Safety
///
/// As for [`call`], with a length of `4 * width * height`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scan(place: *mut u8, width: u32, height: u32) -> *mut u8 {
    let length = 4 * width as usize * height as usize;
    // SAFETY: the caller's promise.
    let frame = unsafe { take(place, length) };
    let texts = certificates_among(read_frame(&frame, width, height));
    give(&serde_json::to_vec(&texts).unwrap_or_default())
}

/// Gives back the block at `place`.
///
/// # Safety
///
/// `place` and `length` are those of a block that [`allocate`], [`call`] or [`scan`] gave out, and
/// it is not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn release(place: *mut u8, length: usize) {
    // SAFETY: the caller's promise.
    drop(unsafe { take(place, length) });
}

/// # Safety
///
/// The block was given out by this module with this length.
unsafe fn take(place: *mut u8, length: usize) -> Box<[u8]> {
    // SAFETY: every block that is given out was a boxed slice of this length.
    unsafe { Box::from_raw(core::ptr::slice_from_raw_parts_mut(place, length)) }
}

fn give(answer: &[u8]) -> *mut u8 {
    let length = u32::try_from(answer.len()).expect("linear memory has at most 4 GiB");
    let block: Box<[u8]> = length.to_le_bytes().iter().chain(answer).copied().collect();
    Box::into_raw(block).cast()
}
