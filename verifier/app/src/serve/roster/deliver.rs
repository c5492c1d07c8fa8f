//! Delivers what waits for one receiver, again and again until it has arrived.

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use vernet_host::clock;

use super::{
    failure::Failure, figures::Figures, message::Message, outbox::Outbox, receiver::Receiver,
};
use crate::refusal::in_line;

/// The first wait after a failure; each is twice as long as the one before, and up to that much
/// longer by chance.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// The longest wait, before chance.
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);

/// How long a thread sleeps that has nothing to do.
const IDLE: Duration = Duration::from_secs(3600);

fn backoff() -> ExponentialBackoff {
    ExponentialBuilder::default()
        .with_min_delay(FIRST_WAIT)
        .with_max_delay(LONGEST_WAIT)
        .with_jitter()
        .without_max_times()
        .build()
}

/// The attempts at a message that was refused, or at all of a receiver that is unreachable.
struct Attempts {
    backoff: ExponentialBackoff,
    next: Instant,
    failures: u32,
}

impl Attempts {
    fn new() -> Self {
        Self { backoff: backoff(), next: Instant::now(), failures: 0 }
    }

    fn failed(&mut self) {
        self.failures += 1;
        self.next = Instant::now() + self.backoff.next().unwrap_or(LONGEST_WAIT);
    }
}

/// Runs for as long as the server does.
pub(super) fn deliver_all(receiver: &Receiver, outbox: &Arc<Outbox>, figures: &Figures) {
    let mut whole = Attempts::new();
    let mut refused: HashMap<String, Attempts> = HashMap::new();
    loop {
        let added = outbox.added();
        let waiting = outbox.waiting(&receiver.key);
        refused.retain(|id, _| waiting.iter().any(|message| message.id == *id));
        if waiting.is_empty() {
            whole = Attempts::new();
            outbox.wait(added, IDLE);
            continue;
        }
        let mut unreachable = false;
        for message in &waiting {
            if refused.get(&message.id).is_some_and(|attempts| attempts.next > Instant::now()) {
                continue;
            }
            match attempt(receiver, message, outbox, figures) {
                Ok(None) => whole = Attempts::new(),
                Ok(Some(Failure::Refused(reason))) => {
                    whole = Attempts::new();
                    let attempts = refused.entry(message.id.clone()).or_insert_with(Attempts::new);
                    attempts.failed();
                    complain(receiver, attempts, &reason, "a receiver refuses a roster alert");
                }
                Ok(Some(Failure::Unreachable(reason))) => {
                    unreachable = true;
                    whole.failed();
                    complain(
                        receiver,
                        &whole,
                        &reason,
                        "a receiver of roster alerts cannot be reached",
                    );
                    break;
                }
                Err(error) => {
                    unreachable = true;
                    whole.failed();
                    complain(receiver, &whole, &in_line(&error), "a roster alert cannot be sent");
                    break;
                }
            }
        }
        let next = if unreachable {
            Some(whole.next)
        } else {
            refused.values().map(|attempts| attempts.next).min()
        };
        // A new message is tried at once, even if an older one was refused.
        if let Some(next) = next {
            outbox.wait(added, next.saturating_duration_since(Instant::now()));
        }
    }
}

/// One attempt: `None` if the message has arrived and that is kept.
fn attempt(
    receiver: &Receiver,
    message: &Message,
    outbox: &Outbox,
    figures: &Figures,
) -> Result<Option<Failure>> {
    let now = clock()?;
    // A fault in a library must not end the thread, which nobody would notice.
    let sent = catch_unwind(AssertUnwindSafe(|| receiver.deliver(message, now)));
    let sent = sent.unwrap_or_else(|_| Err(Failure::Refused("sending it failed".to_owned())));
    figures.attempted(receiver, sent.is_ok());
    if let Err(failure) = sent {
        return Ok(Some(failure));
    }
    tracing::info!(
        receiver = receiver.name.as_str(),
        id = message.id,
        "a roster alert is delivered"
    );
    outbox.delivered(&message.id, &receiver.key).context("remembering that it is delivered")?;
    Ok(None)
}

fn complain(receiver: &Receiver, attempts: &Attempts, reason: &str, what: &str) {
    let wait = attempts.next.saturating_duration_since(Instant::now()).as_secs();
    tracing::warn!(
        receiver = receiver.name.as_str(),
        failures = attempts.failures,
        reason,
        again_in_s = wait,
        "{what}"
    );
}
