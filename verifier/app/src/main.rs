//! `vernet-verifier`: the hospital's program.

mod archive;
mod authorities;
mod cli;
mod entry;
mod fetch;
mod global;
mod html;
mod lock;
mod page;
mod picture;
mod publication_source;
mod reader;
mod refusal;
mod renewal;
mod roster;
#[cfg(feature = "serve")]
mod serve;
mod signing;
mod store;
mod witness;

fn main() -> std::process::ExitCode {
    cli::run()
}
