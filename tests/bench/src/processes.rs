//! Rivals in other languages: a process that is told how often to check, and answers with the
//! processor time that it took.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result};
use serde_json::json;
use vernet_bench::ours::Token;

pub struct Process {
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Process {
    /// Starts a script of the folder `processes`.
    pub fn start(program: &str, script: &str, token: &Token) -> Result<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("processes").join(script);
        let mut process = Command::new(program)
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("starting `{program}`"))?;
        let mut questions = process.stdin.take().context("it is piped")?;
        let answers = BufReader::new(process.stdout.take().context("it is piped")?);
        writeln!(questions, "{}", json!({ "jws": token.jws, "jwk": token.jwk }))?;
        Ok(Self { process, questions, answers })
    }

    /// Has it checked so many times.
    pub fn slice(&mut self, times: usize) -> Result<Duration> {
        writeln!(self.questions, "{times}")?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        let nanoseconds: f64 =
            answer.trim().parse().with_context(|| format!("it answered `{answer}`"))?;
        Ok(Duration::from_nanos(nanoseconds as u64))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
