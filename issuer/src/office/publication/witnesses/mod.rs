//! Witnesses of the log: asked for their cosignatures before a checkpoint is published (C2SP
//! tlog-witness).
//!
//! A cosignature covers the log, not the status lists. As long as no certificate was recorded
//! since, the cosignatures of the previous publication remain valid, so that a revocation can be
//! published while no witness can be reached. They are kept in the office's folder, in the file
//! `cosignatures`, together with those of witnesses without a network.

use std::{fs, io::ErrorKind, path::Path, thread, time::Duration};

use ureq::Agent;
use vernet_common::{
    AddCheckpoint, Bundle, BundledLog, KeyUse, LogHead, LogTree, NumericDate, SignedCheckpoint,
    SignedTrustList, Tile, TrustList, Witness, WitnessName, quoted,
};

use super::{
    Office,
    content::{BUNDLE, LOG, TRUST_LIST},
};
use crate::{Credentials, Error, FileError, write_atomic};

/// The result of asking a witness.
#[derive(Clone, Debug)]
pub struct WitnessAnswer {
    /// The witness.
    pub name: WitnessName,
    /// The time of its published cosignature: now, or that of an earlier publication with the same
    /// log. None if there is no cosignature.
    pub cosigned_at: Option<NumericDate>,
    /// Why there is no new one.
    pub trouble: Option<WitnessTrouble>,
}

vernet_common::error_enum! {
    /// Why a witness has not cosigned.
    #[derive(Clone, Debug, thiserror::Error)]
    pub enum WitnessTrouble {
        /// The office's settings have no URL for it.
        #[error("it has no URL in office.json")]
        NoUrl: "witness_no_url",
        /// It does not answer.
        #[error("it cannot be reached: {reason}")]
        Unreachable: "witness_unreachable" {
            /// The network error.
            reason: String,
        },
        /// Its response is not as specified, or reports a failure.
        #[error("it answers {status}: {body}")]
        Unexpected: "witness_unexpected" {
            /// The HTTP status.
            status: u16,
            /// The start of its response.
            body: String,
        },
        /// Its response is not a cosignature of our checkpoint.
        #[error("its cosignature does not hold: {0}")]
        Cosignature: _ (vernet_common::Error),
        /// It does not know the log's key, even with the office's trust lists.
        #[error("it does not accept the log's key: {body}")]
        Refused: "witness_refused" {
            /// The start of its response.
            body: String,
        },
        /// It has seen a longer log under our key.
        #[error("it has seen a log of {known} certificates, and ours has {size}")]
        Ahead: "witness_ahead" {
            /// The size that it has seen.
            known: u64,
            /// The size of ours.
            size: u64,
        },
        /// It has seen another log of the same size under our key.
        #[error("it has seen another log of {size} certificates")]
        Forked: "witness_forked" {
            /// The size.
            size: u64,
        },
        /// What it has seen is not the beginning of our log.
        #[error("it has seen a log of {known} certificates that ours does not continue")]
        NotContinued: "witness_not_continued" {
            /// The size that it has seen.
            known: u64,
        },
    }
}

impl WitnessTrouble {
    /// Whether others may hold the log's key, or this register may be an old copy.
    pub fn is_alarm(&self) -> bool {
        matches!(
            self,
            Self::Refused { .. }
                | Self::Ahead { .. }
                | Self::Forked { .. }
                | Self::NotContinued { .. }
        )
    }
}

/// How long one request may take. Witnesses are asked at the same time.
const TIMEOUT: Duration = Duration::from_secs(15);

/// The most requests to one witness: for its log size, with the trust lists, with the proof, and
/// once more if its log has grown meanwhile.
const MAX_REQUESTS: usize = 4;

/// The longest response that is read.
const MAX_ANSWER: u64 = 64 * 1024;

impl Office {
    const COSIGNATURES: &'static str = "cosignatures";

    /// Stores cosignatures of witnesses that were asked in another way: the output of
    /// `vernet-verifier witness cosign`. A publication ignores those that are not about its log.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the stored cosignatures cannot be read; [`Error::File`] if they cannot be
    /// written.
    pub fn keep_cosignatures(&self, lines: &str) -> Result<(), Error> {
        let kept = self.kept_cosignatures()?;
        Ok(write_atomic(
            &self.path(Self::COSIGNATURES),
            format!("{kept}{}\n", lines.trim_end()).as_bytes(),
        )?)
    }

    /// Writes what witnesses without a network need for `vernet-verifier witness cosign`: the trust
    /// lists and the present issued log in a `bundle.json`, and the tiles of the log's leaves next
    /// to it. It holds no status lists, so it is useless to anyone else and need not be recorded.
    ///
    /// # Errors
    ///
    /// [`FileError::Foreign`] if the folder holds a publication, whose `bundle.json` hospitals
    /// fetch; [`Error::NoTrustList`] or [`Error::NoKey`] if no log key may sign now; as for
    /// [`Office::unlock`] if it cannot be opened; [`Error::Io`] or [`Error::File`] if the folder
    /// cannot be written.
    pub fn prepare_for_witnesses(
        &mut self,
        folder: &Path,
        credentials: &dyn Credentials,
        now: NumericDate,
    ) -> Result<LogHead, Error> {
        if folder.join(TRUST_LIST).exists() {
            return Err(FileError::Foreign { path: folder.into(), name: TRUST_LIST.into() }.into());
        }
        self.register.refresh()?;
        let key = self.unlock(KeyUse::Log, credentials, now)?;
        let log = self.register.state().log();
        let checkpoint = SignedCheckpoint::sign(&self.config.iss, log.head(), &*key)?;
        let head = checkpoint.head();
        let write = |path: &Path, bytes: &[u8]| -> Result<(), Error> {
            let parent = path.parent().unwrap_or(folder);
            fs::create_dir_all(parent).map_err(|source| Error::Io {
                action: "create",
                path: parent.into(),
                source,
            })?;
            Ok(write_atomic(path, bytes)?)
        };
        // Write the tiles before the bundle, which does not hold the leaves if there are many.
        for tile in Tile::leaves(0, head.size) {
            let leaves = tile.content(log.tree()).expect("the tile is of this tree");
            write(&folder.join(LOG).join(tile.path()), &leaves)?;
        }
        let log = BundledLog { checkpoint, leaves: Some(log.tree().leaves().to_vec()) };
        let bundle =
            Bundle { trust_lists: self.chain()?, status_lists: Vec::new(), log: Some(log) };
        write(&folder.join(BUNDLE), &bundle.to_json()?)?;
        Ok(head)
    }

    fn kept_cosignatures(&self) -> Result<String, Error> {
        let path = self.path(Self::COSIGNATURES);
        match fs::read_to_string(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
            read => read.map_err(|source| Error::Io { action: "read", path, source }),
        }
    }

    /// Adds all available cosignatures of witnesses to a checkpoint.
    ///
    /// # Errors
    ///
    /// [`Error::WitnessesMissing`] if they are fewer than the trust list demands.
    pub(super) fn collect_cosignatures(
        &self,
        checkpoint: &mut SignedCheckpoint,
        trust_list: &TrustList,
    ) -> Result<Vec<WitnessAnswer>, Error> {
        let policy = &trust_list.log;
        if policy.witnesses.is_empty() {
            return Ok(Vec::new());
        }
        let asked = self.ask_witnesses(checkpoint, &policy.witnesses)?;
        let kept = self.kept_cosignatures()?;
        let mut answers = Vec::new();
        let mut to_keep = String::new();
        for (witness, asked) in policy.witnesses.iter().zip(asked) {
            // Line by line: a cosignature that does not verify is for another log.
            for line in kept.lines() {
                let _ = checkpoint.add_cosignature(&format!("{line}\n"), witness);
            }
            let trouble = asked.and_then(|lines| add(checkpoint, &lines, witness)).err();
            let cosigned_at = checkpoint.cosigned_at(&witness.name, &witness.key)?;
            to_keep.push_str(&checkpoint.cosignatures(&witness.name, &witness.key));
            answers.push(WitnessAnswer { name: witness.name.clone(), cosigned_at, trouble });
        }
        if !to_keep.is_empty() && to_keep != kept {
            write_atomic(&self.path(Self::COSIGNATURES), to_keep.as_bytes())?;
        }
        let found = answers.iter().filter(|answer| answer.cosigned_at.is_some()).count();
        if found < usize::from(policy.threshold) {
            return Err(Error::WitnessesMissing { found, threshold: policy.threshold, answers });
        }
        Ok(answers)
    }

    /// Asks all witnesses that have a URL, at the same time.
    fn ask_witnesses(
        &self,
        checkpoint: &SignedCheckpoint,
        witnesses: &[Witness],
    ) -> Result<Vec<Result<String, WitnessTrouble>>, Error> {
        let (trust_lists, log) = (self.chain()?, self.register.state().log().tree());
        let agent = Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .user_agent(concat!("vernet-issuer/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        let question = Question { agent, checkpoint, log, trust_lists: &trust_lists };
        let url = |witness: &Witness| {
            let known = self.config.witnesses.of.iter().find(|known| known.key == witness.key);
            known.and_then(|known| known.url.as_deref())
        };
        Ok(thread::scope(|scope| {
            let asked: Vec<_> = witnesses
                .iter()
                .map(|witness| {
                    url(witness).map(|url| scope.spawn(|| question.ask(url.trim_end_matches('/'))))
                })
                .collect();
            let answer = |asked: Option<thread::ScopedJoinHandle<'_, _>>| match asked
                .map(thread::ScopedJoinHandle::join)
            {
                None => Err(WitnessTrouble::NoUrl),
                Some(Ok(answer)) => answer,
                Some(Err(_)) => {
                    Err(WitnessTrouble::Unreachable { reason: "asking it failed".into() })
                }
            };
            asked.into_iter().map(answer).collect()
        }))
    }
}

fn add(
    checkpoint: &mut SignedCheckpoint,
    lines: &str,
    witness: &Witness,
) -> Result<(), WitnessTrouble> {
    match checkpoint.add_cosignature(lines, witness) {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err(WitnessTrouble::Unexpected { status: 200, body: excerpt(lines) }),
        Err(error) => Err(WitnessTrouble::Cosignature(error)),
    }
}

/// The request to every witness.
struct Question<'a> {
    agent: Agent,
    checkpoint: &'a SignedCheckpoint,
    log: &'a LogTree,
    trust_lists: &'a [SignedTrustList],
}

impl Question<'_> {
    /// The lines with the witness's cosignature.
    fn ask(&self, url: &str) -> Result<String, WitnessTrouble> {
        let size = self.checkpoint.head().size;
        // The size of the witness's log is not known here. The response to the first request gives
        // it.
        let (mut old_size, mut has_trust_lists) = (0, false);
        let mut last = (0, String::new());
        for _ in 0..MAX_REQUESTS {
            let proof = self.log.consistency(old_size, size).unwrap_or_default();
            let request = AddCheckpoint { old_size, proof, checkpoint: self.checkpoint.clone() };
            last = self.post(
                &format!("{url}/add-checkpoint"),
                "text/plain; charset=utf-8",
                &request.to_text(),
            )?;
            let (status, body) = &last;
            match status {
                200 => return Ok(last.1),
                403 if !has_trust_lists => {
                    // It cannot know a key that no publication has named yet. In other witness
                    // software, keys are configured by hand.
                    has_trust_lists = true;
                    for list in self.trust_lists {
                        let json = serde_json::to_string(list).expect("a JWS of strings is JSON");
                        self.post(&format!("{url}/trust-list"), "application/jose+json", &json)?;
                    }
                }
                403 => return Err(WitnessTrouble::Refused { body: excerpt(body) }),
                409 => match body.strip_suffix('\n').and_then(|known| known.parse().ok()) {
                    Some(known) if known > size => {
                        return Err(WitnessTrouble::Ahead { known, size });
                    }
                    Some(known) if known == size && old_size == size => {
                        return Err(WitnessTrouble::Forked { size });
                    }
                    Some(known) => old_size = known,
                    None => break,
                },
                // Where it has a log of our size, there is nothing to prove but the same root (C2SP
                // tlog-witness; before 2026 the answer was 409).
                422 if old_size == size => return Err(WitnessTrouble::Forked { size }),
                422 => return Err(WitnessTrouble::NotContinued { known: old_size }),
                _ => break,
            }
        }
        Err(WitnessTrouble::Unexpected { status: last.0, body: excerpt(&last.1) })
    }

    fn post(
        &self,
        url: &str,
        media_type: &str,
        body: &str,
    ) -> Result<(u16, String), WitnessTrouble> {
        let post = || {
            let mut response = self.agent.post(url).content_type(media_type).send(body)?;
            let body = response.body_mut().with_config().limit(MAX_ANSWER).read_to_vec()?;
            Ok((response.status().as_u16(), String::from_utf8_lossy(&body).into_owned()))
        };
        post().map_err(|error: ureq::Error| WitnessTrouble::Unreachable {
            reason: quoted(&error.to_string(), 200),
        })
    }
}

/// The start of an external text.
fn excerpt(text: &str) -> String {
    quoted(text.trim_end(), 200)
}

#[cfg(test)]
mod tests;
