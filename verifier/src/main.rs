//! `vernet-verifier`: the hospital's command line.

mod cli;

fn main() -> std::process::ExitCode {
    cli::run()
}
