//! The machine's random source.

use getrandom::{SysRng, rand_core::UnwrapErr};

/// The operating system's random source. It ends the program rather than give a number that is not
/// random.
pub fn random() -> UnwrapErr<SysRng> {
    UnwrapErr(SysRng)
}
