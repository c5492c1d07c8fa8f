//! Verdicts and nothing else, for `valgrind --tool=callgrind` and `perf`.
//!
//! ```text
//! instructions link 1000     # links, one after the other
//! instructions texts 1000    # the compact serialisation, many together
//! ```

use anyhow::{Context, Result};
use vernet_bench::ours::Ours;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().context("`link`, `text`, `links` or `texts`")?;
    let times = arguments.next().context("how many times?")?.parse()?;
    let ours = Ours::new()?;
    ours.repeat(&what, times)
}
