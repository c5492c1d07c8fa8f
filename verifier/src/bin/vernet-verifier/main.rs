//! `vernet-verifier`: the hospital's program.

mod cli;
mod clock;
mod fetch;
mod page;
mod store;

fn main() -> std::process::ExitCode {
    cli::run()
}
