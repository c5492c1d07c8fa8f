//! The boundary: WebAssembly's linear memory, seen from JavaScript. The only `unsafe` code here.
//!
//! WebAssembly passes numbers, so bytes are passed as address and length. JavaScript owns a block
//! from [`allocate`] until it passes it to [`call`] or [`release`], which take ownership.
#![allow(unsafe_code)]

use std::cell::RefCell;

use crate::Desk;

thread_local! {
    /// There is one desk per instance of the module.
    static DESK: RefCell<Desk> = RefCell::default();
}

/// The largest message: an application with its documents, and what was sent after it.
const MAX_BYTES: usize = 128 << 20;

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
#[unsafe(no_mangle)]
pub unsafe extern "C" fn call(place: *mut u8, length: usize) -> *mut u8 {
    // SAFETY: the caller's promise.
    let mut message = unsafe { take(place, length) };
    let answer = DESK.with_borrow_mut(|desk| desk.call(&message));
    // A passphrase may have been in it.
    message.fill(0);
    give(&answer)
}

/// Frees the block at `place`.
///
/// # Safety
///
/// `place` and `length` are those of a block from [`allocate`] or [`call`], which is not used again.
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
