//! Commands for contributors: `cargo xtask`, from any folder of the workspace.

mod arrows;
mod circles;
mod workspace;

use std::{
    env,
    ffi::OsStr,
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
  wasm             Builds the WebAssembly of the verifier's page and of the office's console anew";

/// The programs whose figures README and docs state.
const FIGURES: [&str; 5] = ["figures", "growth", "audit_speed", "throughput", "roster_speed"];

/// Packages that are built together with the measuring programs, because some of those start them.
const MEASURED: [&str; 3] = ["vernet-issuer-app", "vernet-measure", "vernet-verifier-app"];

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
        ["keys-example"] => cargo(
            &["run", "--release", "--locked", "--example", "keys_example"],
            &["vernet-issuer"],
        ),
        ["wasm"] => {
            execute("verifier/web/build".as_ref(), &[])?;
            execute("issuer/console/web/build".as_ref(), &[])
        }
        [] | ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            Ok(())
        }
        _ => bail!("unknown command\n\n{HELP}"),
    }
}

fn check() -> Result<()> {
    cargo(&["fmt", "--all", "--check"], &[])?;
    circles(false)?;
    cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"], &[])?;
    // The measuring programs have no tests.
    let tests = ["test", "--workspace", "--exclude", "vernet-measure", "--lib", "--bins"];
    cargo(&[&tests[..], &["--locked"]].concat(), &[])
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

/// Builds the measuring programs together with the programs that they start, with unified features;
/// then runs one of them.
fn measure(name: &str, arguments: &[&str]) -> Result<()> {
    cargo(&["build", "--release", "--locked", "--bins"], &MEASURED)?;
    let program = workspace::target_folder()?.join("release").join(name);
    execute(program.as_os_str(), arguments)
}

/// Runs cargo for some packages, or for all if none is named.
fn cargo(arguments: &[&str], packages: &[&str]) -> Result<()> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let packages = packages.iter().flat_map(|name| ["--package", name]);
    let arguments: Vec<&str> = arguments.iter().copied().chain(packages).collect();
    execute(&cargo, &arguments)
}

/// Runs a program in the workspace's folder.
fn execute(program: &OsStr, arguments: &[&str]) -> Result<()> {
    let mut command = Command::new(program);
    // What cargo told this program of its own package. Build scripts that look at it, as that of
    // `ring` does, would run again, and everything that needs them would be built again.
    for (name, _) in env::vars_os() {
        let is_of_this_package = |name: &str| {
            ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|start| name.starts_with(start))
        };
        if name.to_str().is_some_and(is_of_this_package) {
            command.env_remove(name);
        }
    }
    let status = command.args(arguments).current_dir(workspace::folder()).status();
    let name = program.display();
    let status = status.with_context(|| format!("{name} cannot be run"))?;
    ensure!(status.success(), "failed: {name} {}", arguments.join(" "));
    Ok(())
}
