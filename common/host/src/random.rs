//! The machine's random source.

use getrandom::{SysRng, rand_core::UnwrapErr};

/// The operating system's random source. It panics rather than return a number that is not random.
pub fn random() -> UnwrapErr<SysRng> {
    UnwrapErr(SysRng)
}
