//! Work on what strangers send, in a process of its own.
//!
//! A file of a few kilobytes can ask for gigabytes of memory or hours of work, and the libraries
//! that read PDFs and pictures are large. So a program starts itself once more for each such file,
//! lets the operating system limit the memory and the time of that process, and takes only a report
//! from it. Whatever happens there, the program goes on.

use std::{
    io::{self, Read, Write},
    path::PathBuf,
    process::{Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

/// The memory of the process that works: the largest picture or page, and the file itself, take 300
/// MB.
#[cfg(unix)]
const MAX_MEMORY: u64 = 1 << 30;

/// How much longer than it was given the process may take to come to an end.
const GRACE: Duration = Duration::from_secs(5);

/// What became of the work.
#[derive(Debug)]
pub struct Confined {
    /// What the process wrote; none if it did not end in time.
    pub report: Option<Vec<u8>>,
    /// How it ended.
    pub status: ExitStatus,
}

/// Starts this program once more with these arguments, gives it the bytes on its standard input, and
/// waits for its report. The subcommand must call [`confine`] before anything else.
///
/// # Errors
///
/// The system's error if no process can be started.
pub fn run_confined(arguments: &[&str], bytes: &[u8], time: Duration) -> io::Result<Confined> {
    let mut child = Command::new(program()?)
        .args(arguments)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut report = Vec::new();
        if let Some(mut stdout) = stdout {
            let _ = stdout.read_to_end(&mut report);
        }
        let _ = sender.send(report);
    });
    let report = thread::scope(|scope| {
        scope.spawn(move || {
            // If it ends before it has read everything, its status says why.
            stdin.map(|mut stdin| stdin.write_all(bytes))
        });
        let report = receiver.recv_timeout(time + GRACE);
        if report.is_err() {
            // Ends the thread that writes, too.
            let _ = child.kill();
        }
        report
    });
    Ok(Confined { report: report.ok(), status: child.wait()? })
}

/// Limits memory and processor time of this process, and leaves no memory dump of what somebody has
/// sent.
///
/// # Errors
///
/// The system's error if it does not allow that.
#[cfg(unix)]
pub fn confine(time: Duration) -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let seconds = (time + GRACE).as_secs();
    for (resource, most) in
        [(Resource::As, MAX_MEMORY), (Resource::Cpu, seconds), (Resource::Core, 0)]
    {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })?;
    }
    Ok(())
}

/// Limits nothing where the system has no such limits.
///
/// # Errors
///
/// None there.
#[cfg(not(unix))]
pub fn confine(_: Duration) -> io::Result<()> {
    Ok(())
}

/// This program, also if another version has been installed in its place meanwhile.
fn program() -> io::Result<PathBuf> {
    match cfg!(target_os = "linux") {
        true => Ok("/proc/self/exe".into()),
        false => std::env::current_exe(),
    }
}
