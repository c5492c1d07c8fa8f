//! What is kept on disk: with what the next check is compared, and the messages that have not
//! arrived yet.
//!
//! `watch.json` is the one file that counts. It is replaced in one step, and names the report
//! (`known-N.json`) that was written before it: so new messages and the new report come into use
//! together, or neither does. A message is taken out only after its receiver has taken it. A crash
//! at any point loses nothing; in the worst case a message arrives twice, under the same id.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use rand::Rng;
use serde::{Deserialize, Serialize};
use vernet_common::NumericDate;
use vernet_host::{
    FileError,
    files::{lock, read_capped, write_atomic_private, write_atomic_private_by},
    hex, random,
};
use vernet_verifier::roster::RosterReport;

use super::{
    message::Message,
    step::{Step, Watched},
};

const FORMAT: &str = "vernet-roster-watch";

const VERSION: u64 = 1;

/// The most messages that wait. If there are more, changes are not lost but wait with the report
/// that they are compared with, and are told together when there is room again.
pub(super) const MAX_WAITING: usize = 1000;

/// The largest file that is read: that many messages, and one check more.
const MAX_FILE: usize = 1 << 30;

/// The folder of one roster, held by this process alone.
pub(super) struct Outbox {
    folder: PathBuf,
    state: Mutex<State>,
    /// Somebody has to look again.
    changed: Condvar,
    _lock: File,
}

struct State {
    kept: Kept,
    known: Option<Arc<RosterReport>>,
    /// How often messages were added.
    added: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    format: String,
    version: u64,
    watched: Watched,
    /// The number of the report.
    known: Option<u64>,
    waiting: Vec<Waiting>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Waiting {
    message: Message,
    /// The receivers that do not have it yet.
    to: BTreeSet<String>,
}

/// What became of a step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Keeping {
    Kept,
    /// Too many messages wait already.
    Full,
}

impl Outbox {
    /// Takes the folder, and reads what is in it. `None` if another process has it: one server
    /// tells, not all that share a state folder.
    pub(super) fn open(folder: &Path, receivers: &BTreeSet<String>) -> Result<Option<Self>> {
        fs::create_dir_all(folder).with_context(|| format!("making `{}`", folder.display()))?;
        let lock = match lock(folder) {
            Ok(lock) => lock,
            Err(FileError::Busy { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let file = folder.join("watch.json");
        let (mut kept, known) = read(folder, &file).with_context(|| {
            format!(
                "reading `{}`: if it is damaged, move it away; then everything is told anew",
                file.display()
            )
        })?;
        // Those that are not configured any more.
        let before = kept.waiting.len();
        for waiting in &mut kept.waiting {
            waiting.to.retain(|key| receivers.contains(key));
        }
        kept.waiting.retain(|waiting| !waiting.to.is_empty());
        let messages = before - kept.waiting.len();
        if messages > 0 {
            tracing::warn!(
                messages,
                "messages were waiting for receivers of roster alerts that are not in the settings any more: they are not sent"
            );
        }
        remove_leftovers(folder, kept.known);
        let known = known.map(Arc::new);
        let state = State { kept, known, added: 0 };
        let (folder, state) = (folder.to_owned(), Mutex::new(state));
        Ok(Some(Self { folder, state, changed: Condvar::new(), _lock: lock }))
    }

    /// What is known, and the report that the next one is compared with.
    pub(super) fn watched(&self) -> (Watched, Option<Arc<RosterReport>>) {
        let state = self.state();
        (state.kept.watched.clone(), state.known.clone())
    }

    /// Keeps a step: its messages, and what the next check is compared with. If this fails, or
    /// there is no room, everything is as before.
    pub(super) fn keep(&self, step: Step) -> Result<Keeping> {
        let mut state = self.state();
        if state.kept.waiting.len() >= MAX_WAITING && !step.alerts.is_empty() {
            return Ok(Keeping::Full);
        }
        let Step { watched, known, alerts } = step;
        let mut kept = state.kept.clone();
        let number = watched.step;
        kept.watched = watched;
        kept.waiting.extend(alerts.into_iter().map(|(message, to)| Waiting { message, to }));
        if let Some(report) = &known {
            write_atomic_private_by(&report_file(&self.folder, number), |out| {
                serde_json::to_writer(out, report).map_err(Into::into)
            })?;
            kept.known = Some(number);
        }
        self.write(&kept)?;
        if known.is_some()
            && let Some(old) = state.kept.known
        {
            // One that stays does no harm.
            let _ = fs::remove_file(report_file(&self.folder, old));
        }
        state.kept = kept;
        if let Some(report) = known {
            state.known = Some(Arc::new(report));
        }
        state.added += 1;
        drop(state);
        self.changed.notify_all();
        Ok(Keeping::Kept)
    }

    /// The messages that this receiver does not have yet: the most urgent first, and of these the
    /// oldest.
    pub(super) fn waiting(&self, receiver: &str) -> Vec<Message> {
        let state = self.state();
        let mut messages: Vec<Message> = state
            .kept
            .waiting
            .iter()
            .filter(|waiting| waiting.to.contains(receiver))
            .map(|waiting| waiting.message.clone())
            .collect();
        messages.sort_by_key(|message| std::cmp::Reverse(message.urgency));
        messages
    }

    /// How many messages a receiver does not have yet, and since when the oldest waits.
    pub(super) fn backlog(&self, receiver: &str) -> (usize, Option<NumericDate>) {
        let state = self.state();
        let waiting = || state.kept.waiting.iter().filter(|waiting| waiting.to.contains(receiver));
        (waiting().count(), waiting().map(|waiting| waiting.message.at).min())
    }

    /// Whether there is no room for more messages.
    pub(super) fn is_full(&self) -> bool {
        self.state().kept.waiting.len() >= MAX_WAITING
    }

    /// The receiver has taken this message.
    pub(super) fn delivered(&self, id: &str, receiver: &str) -> Result<()> {
        let mut state = self.state();
        for waiting in state.kept.waiting.iter_mut().filter(|waiting| waiting.message.id == id) {
            waiting.to.remove(receiver);
        }
        state.kept.waiting.retain(|waiting| !waiting.to.is_empty());
        self.write(&state.kept)
    }

    /// How often messages were added.
    pub(super) fn added(&self) -> u64 {
        self.state().added
    }

    /// Waits until messages were added since, or for this long.
    pub(super) fn wait(&self, since: u64, long: Duration) {
        let state = self.state();
        // Whichever it was, the caller looks again.
        let _ = self.changed.wait_timeout_while(state, long, |state| state.added == since);
    }

    fn write(&self, kept: &Kept) -> Result<()> {
        let file = self.folder.join("watch.json");
        let json = serde_json::to_vec(kept).context("writing the state as JSON")?;
        Ok(write_atomic_private(&file, &json)?)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn report_file(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("known-{number}.json"))
}

/// Removes what a crash has left: files that were being written, and reports that no other file
/// names. Only this process writes here.
fn remove_leftovers(folder: &Path, known: Option<u64>) {
    let kept = known.map(|number| report_file(folder, number));
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let half_written = name.starts_with(".watch.json.tmp-") || name.starts_with(".known-");
        let report = name.starts_with("known-") && Some(entry.path()) != kept;
        if half_written || report {
            // One that stays does no harm.
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn read(folder: &Path, file: &Path) -> Result<(Kept, Option<RosterReport>)> {
    let bytes = match read_capped(file, MAX_FILE) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let mut salt = [0; 16];
            random().fill_bytes(&mut salt);
            let watched = Watched::new(hex(&salt));
            let kept = Kept {
                format: FORMAT.to_owned(),
                version: VERSION,
                watched,
                known: None,
                waiting: Vec::new(),
            };
            return Ok((kept, None));
        }
        Err(error) => return Err(error.into()),
    };
    // The parser's own message might quote somebody's name.
    let kept: Kept = serde_json::from_slice(&bytes).map_err(|error| {
        anyhow::anyhow!("it cannot be read in line {}, column {}", error.line(), error.column())
    })?;
    if kept.format != FORMAT || kept.version != VERSION {
        bail!("it is no `{FORMAT}` of version {VERSION}");
    }
    let known = kept.known.map(|number| {
        let file = report_file(folder, number);
        let read =
            || Ok::<_, anyhow::Error>(RosterReport::from_json(&read_capped(&file, MAX_FILE)?)?);
        read().with_context(|| format!("reading `{}`", file.display()))
    });
    Ok((kept, known.transpose()?))
}

#[cfg(test)]
mod tests {
    use vernet_verifier::roster::Urgency;

    use super::*;

    fn receivers() -> BTreeSet<String> {
        ["hr", "pager"].map(str::to_owned).into()
    }

    fn open(folder: &Path) -> Outbox {
        Outbox::open(folder, &receivers()).expect("it can be read").expect("nobody else has it")
    }

    fn alert(id: &str, urgency: Urgency) -> (Message, BTreeSet<String>) {
        let text = |what: &str| format!("{what} {id}");
        let message = Message {
            id: id.to_owned(),
            urgency,
            at: NumericDate::from_seconds(1).expect("a time"),
            payload: text("payload"),
            subject: text("subject"),
            text: text("text"),
        };
        (message, receivers())
    }

    fn step(outbox: &Outbox, alerts: Vec<(Message, BTreeSet<String>)>) -> Step {
        let (mut watched, _) = outbox.watched();
        watched.step += 1;
        Step { watched, known: None, alerts }
    }

    fn ids(outbox: &Outbox, receiver: &str) -> Vec<String> {
        outbox.waiting(receiver).into_iter().map(|message| message.id).collect()
    }

    #[test]
    fn what_is_kept_is_there_after_a_restart_until_each_receiver_has_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path().join("roster");
        let outbox = open(&folder);
        let alerts = vec![alert("a", Urgency::Note), alert("b", Urgency::Urgent)];
        assert_eq!(outbox.keep(step(&outbox, alerts)).expect("kept"), Keeping::Kept);
        let (watched, _) = outbox.watched();
        drop(outbox);
        let outbox = open(&folder);
        assert_eq!(outbox.watched().0, watched, "the salt too");
        assert_eq!(ids(&outbox, "hr"), ["b", "a"], "the urgent one first");
        outbox.delivered("b", "hr").expect("kept");
        drop(outbox);
        let outbox = open(&folder);
        assert_eq!(
            (ids(&outbox, "hr"), ids(&outbox, "pager")),
            (vec!["a".into()], vec!["b".into(), "a".into()])
        );
        for receiver in ["hr", "pager"] {
            outbox.delivered("a", receiver).expect("kept");
            outbox.delivered("b", receiver).expect("kept");
        }
        assert_eq!(outbox.backlog("pager"), (0, None));
        let kept = fs::read_to_string(folder.join("watch.json")).expect("it is there");
        assert!(!kept.contains("payload a"), "nothing stays of what has arrived");
    }

    #[test]
    fn one_process_has_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let outbox = open(folder.path());
        assert!(Outbox::open(folder.path(), &receivers()).expect("it can be read").is_none());
        drop(outbox);
        open(folder.path());
    }

    #[test]
    fn a_full_outbox_keeps_what_it_has_and_takes_the_rest_later() {
        let folder = tempfile::tempdir().expect("a folder");
        let outbox = open(folder.path());
        let many =
            (0..MAX_WAITING).map(|number| alert(&number.to_string(), Urgency::Note)).collect();
        assert_eq!(outbox.keep(step(&outbox, many)).expect("kept"), Keeping::Kept);
        assert!(outbox.is_full());
        let before = outbox.watched().0;
        let more = || step(&outbox, vec![alert("more", Urgency::Urgent)]);
        assert_eq!(outbox.keep(more()).expect("no room"), Keeping::Full);
        assert_eq!(outbox.watched().0, before, "the next check is compared with the same report");
        for receiver in receivers() {
            outbox.delivered("0", &receiver).expect("kept");
        }
        assert_eq!(outbox.keep(more()).expect("kept"), Keeping::Kept);
        assert_eq!(ids(&outbox, "hr").len(), MAX_WAITING);
    }

    /// The disk is full, or the folder is gone: nothing is half kept.
    #[test]
    fn what_cannot_be_written_is_not_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let inner = folder.path().join("roster");
        let outbox = open(&inner);
        let before = outbox.watched().0;
        fs::rename(&inner, folder.path().join("elsewhere")).expect("renamed");
        outbox.keep(step(&outbox, vec![alert("a", Urgency::Note)])).expect_err("no folder");
        assert_eq!(outbox.watched().0, before);
        assert!(ids(&outbox, "hr").is_empty());
        fs::rename(folder.path().join("elsewhere"), &inner).expect("renamed");
        outbox.keep(step(&outbox, vec![alert("a", Urgency::Note)])).expect("kept");
    }

    #[test]
    fn what_a_crash_has_left_is_removed_and_receivers_that_are_gone_hold_nothing_up() {
        let folder = tempfile::tempdir().expect("a folder");
        let outbox = open(folder.path());
        outbox.keep(step(&outbox, vec![alert("a", Urgency::Note)])).expect("kept");
        drop(outbox);
        for name in ["known-7.json", ".watch.json.tmp-x", ".known-8.json.tmp-x", "note.txt"] {
            fs::write(folder.path().join(name), "half").expect("written");
        }
        let outbox =
            Outbox::open(folder.path(), &["hr".to_owned()].into()).expect("read").expect("free");
        let mut names: Vec<_> = fs::read_dir(folder.path())
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
            .collect();
        names.sort();
        assert_eq!(names, ["note.txt", "watch.json"]);
        outbox.delivered("a", "hr").expect("kept");
        assert_eq!(outbox.backlog("pager"), (0, None));
    }
}
