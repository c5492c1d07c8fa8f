//! Programs whose clock a test sets: `keys-example/` and other files are of one day.

use std::process::{Command, Stdio};

/// Whether there is a program that sets clocks. Says so if not.
pub(crate) fn can_fake() -> bool {
    let Err(reason) = Command::new("faketime").arg("--version").output() else { return true };
    assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "faketime is missing: {reason}");
    eprintln!("skipped: faketime is missing: {reason}");
    false
}

/// The same program, for which it is this time when it starts.
///
/// `faketime` would be a process between the test and the program, and outlived by it: it only tells
/// here which library it would load.
pub(crate) fn at(time: &str, program: &Command) -> Command {
    let mut command = Command::new(program.get_program());
    command.args(program.get_args());
    if let Some(folder) = program.get_current_dir() {
        command.current_dir(folder);
    }
    program.get_envs().for_each(|(name, value)| {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    });
    command
        .env("LD_PRELOAD", library().trim())
        .env("FAKETIME", format!("@{}", time.replace('T', " ").replace('Z', "")))
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .env("TZ", "UTC")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn library() -> String {
    let ask = |_| Command::new("faketime").args(["-m", "now", "printenv", "LD_PRELOAD"]).output();
    // It fails where one of the same number was killed, and left its semaphore behind.
    let mut answers = (0..3).map(ask).map(|answer| answer.expect("it is there"));
    let answer = answers.find(|answer| answer.status.success()).expect("it answers");
    String::from_utf8(answer.stdout).expect("a path")
}
