//! Slices of processor time, interleaved so that whatever else runs on the machine meets all alike.

use std::time::Duration;

use anyhow::Result;
use rustix::time::{ClockId, clock_gettime};

/// About how long a slice takes.
const SLICE: Duration = Duration::from_millis(4);

/// Something whose cost is measured.
pub struct Case<'a> {
    pub name: String,
    /// How many signatures it checks each time.
    pub checks: usize,
    /// Does it so many times, and returns the processor time.
    slice: Box<dyn FnMut(usize) -> Result<Duration> + 'a>,
    times: usize,
    /// Whether a slice is to do it only once, however short that is.
    once: bool,
}

impl<'a> Case<'a> {
    /// Something that this thread does.
    pub fn new(name: &str, mut work: impl FnMut() -> Result<()> + 'a) -> Self {
        Self::timed(name, 1, move |times| {
            let before = thread_time();
            for _ in 0..times {
                work()?;
            }
            Ok(thread_time() - before)
        })
    }

    /// Something that takes its own time: another process, or what must be prepared outside of it.
    pub fn timed(
        name: &str,
        checks: usize,
        slice: impl FnMut(usize) -> Result<Duration> + 'a,
    ) -> Self {
        Self { name: name.into(), checks, slice: Box::new(slice), times: 1, once: false }
    }

    /// The same, with so many checks each time.
    pub fn of_checks(self, checks: usize) -> Self {
        Self { checks, ..self }
    }

    /// The same, once in a slice.
    pub fn once(self) -> Self {
        Self { once: true, ..self }
    }

    /// Finds out how often it can be done in a slice. This also warms it up.
    fn calibrate(&mut self) -> Result<()> {
        while !self.once && self.times < 1 << 20 {
            let took = (self.slice)(self.times)?;
            if took >= SLICE {
                break;
            }
            let next = SLICE.as_secs_f64() / took.as_secs_f64().max(1e-9) * self.times as f64;
            self.times = (next.ceil() as usize).clamp(self.times + 1, self.times * 16);
        }
        Ok(())
    }

    /// The cost of a check in a new slice, in nanoseconds.
    fn cost(&mut self) -> Result<f64> {
        let took = (self.slice)(self.times)?;
        Ok(took.as_nanos() as f64 / (self.times * self.checks) as f64)
    }
}

/// The cost of one check, in nanoseconds and beside the reference in the same moments.
#[derive(Clone, serde::Serialize)]
pub struct Cost {
    pub name: String,
    pub nanoseconds: Quartiles,
    pub ratio: Quartiles,
}

#[derive(Clone, Copy, serde::Serialize)]
pub struct Quartiles {
    pub lower: f64,
    pub median: f64,
    pub upper: f64,
}

impl Quartiles {
    pub fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |part: f64| values[((values.len() - 1) as f64 * part).round() as usize];
        Self { lower: at(0.25), median: at(0.5), upper: at(0.75) }
    }
}

/// Measures each case in so many rounds. Before and after each slice of a case there is one of the
/// reference, and their mean is what the slice is compared with.
pub fn measure(
    reference: &mut Case<'_>,
    cases: &mut [Case<'_>],
    rounds: usize,
) -> Result<Vec<Cost>> {
    reference.calibrate()?;
    cases.iter_mut().try_for_each(Case::calibrate)?;
    let mut costs = vec![(Vec::new(), Vec::new()); cases.len()];
    for _ in 0..rounds {
        let mut before = reference.cost()?;
        for (case, (nanoseconds, ratios)) in cases.iter_mut().zip(&mut costs) {
            let cost = case.cost()?;
            let after = reference.cost()?;
            nanoseconds.push(cost);
            ratios.push(cost / ((before + after) / 2.0));
            before = after;
        }
    }
    Ok(cases
        .iter()
        .zip(costs)
        .map(|(case, (nanoseconds, ratios))| Cost {
            name: case.name.clone(),
            nanoseconds: Quartiles::of(nanoseconds),
            ratio: Quartiles::of(ratios),
        })
        .collect())
}

/// The processor time that this thread has used.
pub fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
