//! Judges many rows, on every processor.

use alloc::vec::Vec;
use std::{
    num::NonZero,
    sync::{Mutex, PoisonError, mpsc},
    thread,
};

use super::report::ReportRow;

/// How many rows a thread takes at a time: some milliseconds of work, more with pictures. Signatures
/// are checked together in groups of this size.
const CHUNK: usize = 64;

/// Judges all rows on this many threads, some dozens at a time; the rows of the report are in the
/// same order. `progress` is called after each chunk with the number of rows that are done.
///
/// The rows are read as they are needed, so that only those being judged are held in memory. Only
/// the report is kept.
///
/// # Errors
///
/// The first error that `rows` yields.
pub fn judge_all<T, E: Send>(
    rows: impl Iterator<Item = Result<T, E>> + Send,
    threads: NonZero<usize>,
    judge: impl Fn(Vec<T>) -> Vec<ReportRow> + Sync,
    mut progress: impl FnMut(u64),
) -> Result<Vec<ReportRow>, E> {
    let unread = Mutex::new(Unread { rows: rows.fuse(), chunks: 0, failed: false });
    let (send, receive) = mpsc::sync_channel(2 * threads.get());
    let mut chunks = thread::scope(|scope| {
        for _ in 0..threads.get() {
            let (send, unread, judge) = (send.clone(), &unread, &judge);
            scope.spawn(move || {
                loop {
                    let taken = unread.lock().unwrap_or_else(PoisonError::into_inner).take();
                    let Some((place, rows)) = taken else { return };
                    let judged = rows.map(|rows| {
                        let taken = rows.len() as u64;
                        (place, taken, judge(rows))
                    });
                    if send.send(judged).is_err() {
                        return;
                    }
                }
            });
        }
        drop(send);
        let (mut chunks, mut done) = (Vec::new(), 0);
        for judged in receive {
            let (place, taken, rows) = judged?;
            done += taken;
            chunks.push((place, rows));
            progress(done);
        }
        Ok(chunks)
    })?;
    chunks.sort_unstable_by_key(|(place, _)| *place);
    Ok(chunks.into_iter().flat_map(|(_, rows)| rows).collect())
}

struct Unread<I> {
    rows: I,
    chunks: u64,
    failed: bool,
}

impl<T, E, I: Iterator<Item = Result<T, E>>> Unread<I> {
    /// The next rows, and their place among the chunks. Nothing comes after an error.
    fn take(&mut self) -> Option<(u64, Result<Vec<T>, E>)> {
        if self.failed {
            return None;
        }
        let chunk: Result<Vec<T>, E> = self.rows.by_ref().take(CHUNK).collect();
        self.failed = chunk.is_err();
        self.chunks += 1;
        match chunk {
            Ok(rows) if rows.is_empty() => None,
            chunk => Some((self.chunks, chunk)),
        }
    }
}
