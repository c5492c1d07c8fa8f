//! How fast letters are printed, and how large they are.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Instant,
};

use anyhow::{Result, anyhow};
use vernet_common::NumericDate;
use vernet_issuer::{Language, LetterError, Release, card, letter};

type Draw = fn(&Release, Language, NumericDate) -> Result<Vec<u8>, LetterError>;

pub(crate) fn print(certificates: &[Release]) -> Result<()> {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    println!();
    for (name, draw) in [("letters", letter as Draw), ("cards", card)] {
        for threads in [1, processors] {
            let (per_second, bytes) = printed(certificates, draw, threads)?;
            println!("{name} on {threads} threads: {per_second:.0} a second, {bytes} bytes each");
        }
    }
    Ok(())
}

/// How many per second, and their average size.
fn printed(certificates: &[Release], draw: Draw, threads: usize) -> Result<(f64, usize)> {
    const ROUNDS: usize = 4;
    let now: NumericDate = "2026-11-22T10:00:00Z".parse()?;
    let all = certificates.len() * ROUNDS;
    let (next, bytes) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || -> Result<()> {
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            if place >= all {
                return Ok(());
            }
            let pdf = draw(&certificates[place % certificates.len()], Language::default(), now)?;
            bytes.fetch_add(pdf.len(), Ordering::Relaxed);
        }
    };
    let started = Instant::now();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| {
            worker.join().unwrap_or_else(|_| Err(anyhow!("a thread failed")))
        })
    })?;
    Ok((all as f64 / started.elapsed().as_secs_f64(), bytes.into_inner() / all))
}
