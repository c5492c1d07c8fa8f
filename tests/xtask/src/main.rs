//! The commands of contributors: `cargo xtask`, from any folder of the workspace.

mod arrows;
mod circles;
mod workspace;

use std::{
    env,
    process::{Command, ExitCode},
};

use anyhow::{Context, Result, bail, ensure};

const HELP: &str = "\
Usage: cargo xtask COMMAND

  check            What a change needs before it is sent, without root: format, lints, circles, unit tests
  circles [--all]  Files that import each other, and packages that are built with what they must not be;
                   --all tells every import among such files
  figures          The figures that README and docs state
  measure NAME …   One program of tests/measure, in a release build, with its arguments
  keys-example     Makes keys-example/ anew, byte for byte
  wasm             Builds the WebAssembly of the verifier's page anew";

/// The programs whose figures README and docs state.
const FIGURES: [&str; 5] = ["figures", "growth", "audit_speed", "throughput", "roster_speed"];

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[&str]) -> Result<()> {
    match words {
        ["check"] => check(),
        ["circles"] => circles(false),
        ["circles", "--all"] => circles(true),
        ["figures"] => FIGURES.iter().try_for_each(|name| measure(name, &[])),
        ["measure", name, arguments @ ..] => measure(name, arguments),
        ["keys-example"] => measure("keys_example", &[]),
        ["wasm"] => execute("verifier/web/build", &[]),
        [] | ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            Ok(())
        }
        _ => bail!("unknown command\n\n{HELP}"),
    }
}

fn check() -> Result<()> {
    cargo(&["fmt", "--all", "--check"])?;
    circles(false)?;
    cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"])?;
    // The programs that measure have no tests.
    cargo(&["test", "--workspace", "--exclude", "vernet-measure", "--lib", "--bins", "--locked"])
}

fn circles(in_full: bool) -> Result<()> {
    let packages = workspace::packages()?;
    let mut found = circles::find(&packages)?;
    found.in_full = in_full;
    println!("{found}");
    let wrong = arrows::check(&packages);
    wrong.iter().for_each(|line| println!("{line}"));
    ensure!(found.is_sound() && wrong.is_empty(), "there must be none of these");
    Ok(())
}

fn measure(name: &str, arguments: &[&str]) -> Result<()> {
    let run = ["run", "--release", "--locked", "--package", "vernet-measure", "--bin", name, "--"];
    cargo(&[&run[..], arguments].concat())
}

fn cargo(arguments: &[&str]) -> Result<()> {
    let cargo = env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    execute(&cargo, arguments)
}

fn execute(program: &str, arguments: &[&str]) -> Result<()> {
    let mut command = Command::new(program);
    let status = command.args(arguments).current_dir(workspace::folder()).status();
    let status = status.with_context(|| format!("{program} cannot be run"))?;
    ensure!(status.success(), "failed: {program} {}", arguments.join(" "));
    Ok(())
}
