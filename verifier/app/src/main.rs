//! `vernet-verifier`: the hospital's program.

mod archive;
mod cli;
mod fetch;
mod global;
mod html;
mod page;
mod picture;
mod refusal;
mod roster;
#[cfg(feature = "serve")]
mod serve;
mod signing;
mod store;
mod witness;

fn main() -> std::process::ExitCode {
    cli::run()
}
