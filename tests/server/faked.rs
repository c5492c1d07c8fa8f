//! Programs whose clock a test sets: `keys-example/` and other files are of one day.

use std::process::{Command, Stdio};

/// Whether there is a program that sets clocks. Says so if not.
pub(crate) fn can_fake() -> bool {
    let Err(reason) = Command::new("faketime").arg("--version").output() else { return true };
    assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "faketime is missing: {reason}");
    eprintln!("skipped: faketime is missing: {reason}");
    false
}

/// The same program, for which it is this time.
pub(crate) fn at(time: &str, program: &Command) -> Command {
    let mut command = Command::new("faketime");
    command
        .args(["-m", &time.replace('T', " ").replace('Z', "")])
        .arg(program.get_program())
        .args(program.get_args());
    if let Some(folder) = program.get_current_dir() {
        command.current_dir(folder);
    }
    program.get_envs().for_each(|(name, value)| {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    });
    command.env("TZ", "UTC").env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}
