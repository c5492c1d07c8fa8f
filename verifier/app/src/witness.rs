//! The state of a witness between two runs, and the key that it signs with.
//!
//! One file per log, in the folder `witness` of the state: the newest checkpoint that was ever
//! cosigned, and the newest trust list, which is kept apart from the hospital's own state so that
//! neither has to wait for the other. The file is replaced in one step and flushed to the disk
//! **before** anything is signed, under a lock that every process of this program takes: two
//! contradictory logs are never both cosigned, whenever a process is killed.
//!
//! Beside it lies what monitors are shown: the checkpoint that was cosigned last, as a signed note.

use std::{fs, io::ErrorKind, path::PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use vernet_common::{
    AddCheckpoint, Bundle, KeyUse, LogHead, NumericDate, SignedCheckpoint, SignedTrustList, Signer,
    TrustAnchor, TrustList, Witness, WitnessName,
};
use vernet_host::{
    FileError,
    files::{read_capped, write_atomic_private, write_new},
    hex,
};
use vernet_verifier::{
    Knowledge, Memory, Policy,
    witness::{WitnessRefusal, WitnessedLog},
};

use crate::{lock::lock_folder, signing::PassphraseArgs, store::Store};

/// Who cosigns.
#[derive(Args)]
pub(crate) struct WitnessKeyArgs {
    /// The key, made with `keys new --use witness`; its public half, with the witness's name, lies
    /// beside it as `.pub`
    #[arg(long, value_name = "FILE", env = "VERNET_WITNESS_KEY")]
    key: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

/// A witness's key and its name.
pub(crate) struct WitnessKey {
    signer: Box<dyn Signer + Send + Sync>,
    name: WitnessName,
}

impl WitnessKeyArgs {
    pub(crate) fn open(&self) -> Result<WitnessKey> {
        let public = self.key.with_extension("pub");
        let read = || {
            serde_json::from_slice::<Witness>(&read_capped(&public, 8 * 1024)?)
                .context("it names no witness, expected what `keys new --use witness` wrote beside the private key")
        };
        let witness = read()
            .with_context(|| format!("reading who the witness is, `{}`", public.display()))?;
        let key = self.passphrase.open(&self.key)?;
        if key.public_key() != witness.key {
            bail!("`{}` is not the public half of `{}`", public.display(), self.key.display());
        }
        Ok(WitnessKey { signer: Box::new(key), name: witness.name })
    }
}

/// The state of one log.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    anchor: TrustAnchor,
    /// The memory of trust lists only.
    memory: Memory,
    trust_list: Option<SignedTrustList>,
    log: WitnessedLog,
}

/// A witness with its key and its state.
pub(crate) struct Cosigner {
    folder: PathBuf,
    key: WitnessKey,
    warn: fn(&str),
}

/// A log that was cosigned.
#[derive(Debug)]
pub(crate) struct Cosigned {
    pub(crate) head: LogHead,
    pub(crate) at: NumericDate,
    /// The signature line with the cosignature.
    pub(crate) lines: String,
}

/// Why there is no cosignature.
#[derive(Debug)]
pub(crate) enum NotCosigned {
    /// No trust list of the office is known, so its log key is not known either.
    NoTrustList,
    /// The log is refused. If it may be a fork, the request is stored in a file.
    Refused(WitnessRefusal, Option<PathBuf>),
    /// A failure on this machine.
    Failed(anyhow::Error),
}

impl From<anyhow::Error> for NotCosigned {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(error)
    }
}

impl Cosigner {
    pub(crate) fn new(store: &Store, key: WitnessKey) -> Self {
        Self { folder: store.folder().join("witness"), key, warn: store.warn() }
    }

    pub(crate) fn name(&self) -> &WitnessName {
        &self.key.name
    }

    /// What was cosigned last.
    pub(crate) fn head(&self, anchor: &TrustAnchor) -> Result<LogHead> {
        Ok(self.read(anchor)?.log.head())
    }

    /// Learns newer trust lists of an office. A list older than the known one changes nothing, and
    /// is an error.
    pub(crate) fn learn(
        &self,
        anchor: &TrustAnchor,
        lists: &[SignedTrustList],
        now: NumericDate,
    ) -> Result<()> {
        let _lock = lock_folder(&self.folder, self.warn)?;
        let mut entry = self.read(anchor)?;
        let before = entry.memory.clone();
        let trust_list = follow(lists, &mut entry.memory, now)?;
        if trust_list.iat > now.plus_seconds(Policy::default().clock_tolerance_s) {
            bail!(
                "the trust list is of {}, and the clock of this machine says {now}",
                trust_list.iat
            );
        }
        if entry.memory == before {
            return Ok(());
        }
        entry.trust_list = lists.last().cloned();
        self.write(&entry)
    }

    /// Cosigns a log if it only grew. If it did not, `found` gives the evidence to store. The clock
    /// is read under the lock, so that no other process can have recorded a later time.
    pub(crate) fn cosign(
        &self,
        anchor: &TrustAnchor,
        request: &AddCheckpoint,
        found: impl FnOnce() -> serde_json::Value,
        clock: impl FnOnce() -> Result<NumericDate>,
    ) -> Result<Cosigned, NotCosigned> {
        let _lock = lock_folder(&self.folder, self.warn)?;
        let now = clock()?;
        let mut entry = self.read(anchor)?;
        let Some(trust_list) = &entry.trust_list else { return Err(NotCosigned::NoTrustList) };
        let claims = follow(std::slice::from_ref(trust_list), &mut entry.memory.clone(), now)?;
        let before = entry.log.clone();
        if let Err(refusal) = entry.log.add(request, &claims, &Policy::default(), now) {
            // Before the first cosignature there can be no fork, and the cosigned log itself is
            // none: otherwise anybody who has read the publication could raise the alarm.
            let (known, head) = (before.head(), request.checkpoint.head());
            let contradicts = matches!(refusal, WitnessRefusal::Forked { .. })
                || (known.size > 0 && head != known);
            let suspicious = refusal.is_suspicious() && contradicts;
            let evidence = suspicious.then(|| self.keep(&entry, request, &refusal, found()));
            return Err(NotCosigned::Refused(refusal, evidence.transpose()?));
        }
        if entry.log != before {
            self.write(&entry)?;
        }
        let mut checkpoint = request.checkpoint.clone();
        checkpoint.cosign(&self.key.name, &*self.key.signer, now).context("signing")?;
        let lines = checkpoint.cosignatures(&self.key.name, &self.key.signer.public_key());
        self.show(anchor, &checkpoint, &claims, now)?;
        Ok(Cosigned { head: checkpoint.head(), at: now, lines })
    }

    /// The checkpoint that monitors see (C2SP tlog-witness, monitor retrieval): what was cosigned
    /// last, with the signature of the log and the cosignature. `None` if nothing was.
    pub(crate) fn shown(&self, anchor: &TrustAnchor) -> Result<Option<String>> {
        let path = self.shown_path(anchor);
        let read = || match read_capped(&path, SignedCheckpoint::MAX_BYTES) {
            Ok(text) => Ok(Some(String::from_utf8(text).context("it is not UTF-8")?)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(anyhow::Error::new(error)),
        };
        read().with_context(|| format!("reading `{}`", path.display()))
    }

    /// Stores what monitors see. Anybody may ask for the same cosignature again and again: a newer
    /// one of the same log is stored once an hour, as the specification asks.
    fn show(
        &self,
        anchor: &TrustAnchor,
        checkpoint: &SignedCheckpoint,
        trust_list: &TrustList,
        now: NumericDate,
    ) -> Result<()> {
        const AT_MOST_EVERY_S: i64 = 3600;
        let (name, key) = (&self.key.name, self.key.signer.public_key());
        let shown = self.shown(anchor).ok().flatten();
        let shown = shown.and_then(|text| SignedCheckpoint::parse(&text).ok());
        let is_recent = |shown: &SignedCheckpoint| {
            shown.head() == checkpoint.head()
                && shown
                    .cosigned_at(name, &key)
                    .is_ok_and(|at| at.is_some_and(|at| now.seconds_since(at) < AT_MOST_EVERY_S))
        };
        if shown.as_ref().is_some_and(is_recent) {
            return Ok(());
        }
        let log_keys = trust_list.keys.iter().filter(|trusted| trusted.r#use == KeyUse::Log);
        let shown = checkpoint.without_others(log_keys.map(|trusted| &trusted.key), name, &key);
        Ok(write_atomic_private(&self.shown_path(anchor), shown.to_text().as_bytes())?)
    }

    fn shown_path(&self, anchor: &TrustAnchor) -> PathBuf {
        self.folder.join(format!("{}.checkpoint", self.log_name(anchor)))
    }

    /// Stores what may prove a fork: both checkpoints, with the trust list that says whose keys
    /// signed them. An existing file stays as it is.
    fn keep(
        &self,
        entry: &Entry,
        request: &AddCheckpoint,
        refusal: &WitnessRefusal,
        found: serde_json::Value,
    ) -> Result<PathBuf> {
        /// More than anybody needs, for each kind. Without a limit, a holder of the log's key could
        /// fill the disk. Anybody can send proofs that do not hold, so these have a limit of their
        /// own and cannot displace a fork.
        const MOST: usize = 100;
        const UNPROVEN: &str = "-unproven.json";
        let folder = self.folder.join("evidence");
        fs::create_dir_all(&folder).with_context(|| format!("creating `{}`", folder.display()))?;
        let head = request.checkpoint.head();
        let log = self.log_name(&entry.anchor);
        let is_fork = matches!(refusal, WitnessRefusal::Forked { .. });
        let ending = if is_fork { ".json" } else { UNPROVEN };
        let path = folder.join(format!(
            "{log}-{}-{}{ending}",
            head.size,
            &hex(head.root.as_bytes())[..16]
        ));
        let evidence = serde_json::json!({
            "iss": entry.anchor.iss,
            "code": refusal.code(),
            "message": refusal.to_string(),
            "trust_list": entry.trust_list,
            "known": entry.log.checkpoint().map(SignedCheckpoint::to_text),
            "found": found,
        });
        let of_kind =
            |file: &fs::DirEntry| file.file_name().to_string_lossy().ends_with(UNPROVEN) != is_fork;
        if !path.exists()
            && fs::read_dir(&folder)
                .is_ok_and(|files| files.flatten().filter(of_kind).count() >= MOST)
        {
            bail!("`{}` holds {MOST} files already", folder.display());
        }
        match write_new(&path, &serde_json::to_vec_pretty(&evidence)?) {
            Ok(()) | Err(FileError::Exists { .. }) => Ok(path),
            Err(error) => Err(error.into()),
        }
    }

    fn read(&self, anchor: &TrustAnchor) -> Result<Entry> {
        let path = self.path(anchor);
        let fresh = |log| Entry {
            anchor: anchor.clone(),
            memory: Memory::new(anchor),
            trust_list: None,
            log,
        };
        if !path.exists() {
            return Ok(fresh(WitnessedLog::default()));
        }
        let read = || Ok::<Entry, anyhow::Error>(serde_json::from_slice(&fs::read(&path)?)?);
        let entry = read().with_context(|| {
            format!(
                "reading `{}`: a witness that has forgotten what it cosigned must not cosign, so restore this file or make a new key",
                path.display()
            )
        })?;
        // The office started over with other roots. Its log is still the same log.
        Ok(if entry.anchor == *anchor { entry } else { fresh(entry.log) })
    }

    fn write(&self, entry: &Entry) -> Result<()> {
        let json = serde_json::to_vec(entry).context("writing the state as JSON")?;
        Ok(write_atomic_private(&self.path(&entry.anchor), &json)?)
    }

    /// One file per log, whatever roots its office had.
    fn path(&self, anchor: &TrustAnchor) -> PathBuf {
        self.folder.join(format!("{}.json", self.log_name(anchor)))
    }

    fn log_name(&self, anchor: &TrustAnchor) -> String {
        hex(&Sha256::digest(SignedCheckpoint::origin(&anchor.iss)))[..32].to_owned()
    }
}

/// Updates the memory with these trust lists. A list that cannot be accepted, or in which something
/// must be understood that is not, is a [`vernet_common::Error`].
fn follow(lists: &[SignedTrustList], memory: &mut Memory, now: NumericDate) -> Result<TrustList> {
    let bundle = Bundle { trust_lists: lists.to_vec(), status_lists: Vec::new(), log: None };
    let knowledge = Knowledge::learn(&bundle, memory, &Policy::default(), now)?;
    knowledge.understood()?;
    Ok(knowledge.trust_list().clone())
}

#[cfg(test)]
mod tests {
    use vernet_common::{
        KeyUse, LogHash, LogTree, PublicKey, Roots, SecretKey, SignatureBytes, SignerError,
        TrustedKey, TrustedLog,
    };

    use super::*;

    fn key(seed: u8) -> SecretKey {
        SecretKey::from_seed(&[seed; 32])
    }

    /// Looks at the disk before it signs, and fails.
    struct Careful {
        file: PathBuf,
        expected: String,
    }

    impl Signer for Careful {
        fn public_key(&self) -> PublicKey {
            key(9).public_key()
        }
        fn sign(&self, _: &[u8]) -> Result<SignatureBytes, SignerError> {
            let kept = fs::read_to_string(&self.file).unwrap_or_default();
            assert!(kept.contains(&self.expected), "signed before it was kept: {kept}");
            Err(SignerError::new("pulled_out", std::fmt::Error))
        }
    }

    /// An office that has signed its first trust list, and a log of three certificates.
    struct Office {
        now: NumericDate,
        anchor: TrustAnchor,
        trust_list: SignedTrustList,
    }

    impl Office {
        fn new() -> Self {
            let now: NumericDate = "2026-11-22T10:00:00Z".parse().expect("an instant");
            let iss: vernet_common::HttpsUrl =
                "https://perfusionist.example.no".parse().expect("a URL");
            let roots = Roots { keys: [key(1).public_key()].into(), threshold: 1 };
            let log_key = TrustedKey {
                key: key(3).public_key(),
                r#use: KeyUse::Log,
                not_before: now,
                not_after: None,
                compromised_at: None,
                log_size: None,
            };
            let list = TrustList {
                iss: iss.clone(),
                seq: 1,
                iat: now,
                exp: now.plus_seconds(86_400),
                roots: roots.clone(),
                keys: [log_key].into(),
                log: TrustedLog::new(LogHead::empty()),
                office: None,
                profiles: [].into(),
                titles: [].into(),
            };
            let mut signed = SignedTrustList::unsigned(&list).expect("a sound list");
            signed.add_signature(&key(1)).expect("signs");
            Self { now, anchor: TrustAnchor { iss, roots, seq: 1 }, trust_list: signed }
        }

        fn ask(&self, leaves: [u8; 3]) -> AddCheckpoint {
            let log: LogTree = leaves.iter().map(|leaf| LogHash::of_leaf(&[*leaf])).collect();
            let checkpoint =
                SignedCheckpoint::sign(&self.anchor.iss, log.head(), &key(3)).expect("signs");
            AddCheckpoint { old_size: 0, proof: Vec::new(), checkpoint }
        }
    }

    #[test]
    fn what_is_cosigned_is_on_the_disk_before_and_stays_there_when_signing_fails() {
        let office = Office::new();
        let (now, anchor, ask) = (office.now, &office.anchor, |leaves| office.ask(leaves));

        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::new(folder.path().to_owned());
        let name: WitnessName = "witness.example.no".parse().expect("a name");
        let mut cosigner =
            Cosigner::new(&store, WitnessKey { signer: Box::new(key(9)), name: name.clone() });
        let request = ask([1, 2, 3]);
        let attempt = |cosigner: &Cosigner, request: &AddCheckpoint| {
            cosigner.cosign(anchor, request, || "".into(), || Ok(now))
        };
        assert!(matches!(attempt(&cosigner, &request), Err(NotCosigned::NoTrustList)));
        cosigner
            .learn(anchor, std::slice::from_ref(&office.trust_list), now)
            .expect("the roots signed it");
        let (file, expected) =
            (cosigner.path(anchor), String::from(request.checkpoint.head().root));
        let expected =
            request.checkpoint.to_text().lines().nth(2).map_or(expected, ToOwned::to_owned);
        cosigner.key =
            WitnessKey { signer: Box::new(Careful { file, expected }), name: name.clone() };
        assert!(matches!(attempt(&cosigner, &request), Err(NotCosigned::Failed(_))));
        // Nobody has seen a cosignature. Still, this witness can no longer sign another log of this
        // size.
        cosigner.key = WitnessKey { signer: Box::new(key(9)), name };
        let refused = attempt(&cosigner, &AddCheckpoint { old_size: 3, ..ask([1, 2, 4]) });
        assert!(
            matches!(
                refused,
                Err(NotCosigned::Refused(WitnessRefusal::Forked { size: 3 }, Some(_)))
            ),
            "{refused:?}"
        );
        attempt(&cosigner, &AddCheckpoint { old_size: 3, ..request })
            .expect("the one that was kept");
    }

    #[test]
    fn a_wrong_proof_beside_what_is_known_already_is_no_evidence() {
        let office = Office::new();
        let (now, anchor) = (office.now, &office.anchor);
        let folder = tempfile::tempdir().expect("a folder");
        let name: WitnessName = "witness.example.no".parse().expect("a name");
        let key = WitnessKey { signer: Box::new(key(9)), name };
        let cosigner = Cosigner::new(&Store::new(folder.path().to_owned()), key);
        cosigner
            .learn(anchor, std::slice::from_ref(&office.trust_list), now)
            .expect("the roots signed it");
        let attempt =
            |request: &AddCheckpoint| cosigner.cosign(anchor, request, || "".into(), || Ok(now));
        let (genuine, proof) = (office.ask([1, 2, 3]), vec![LogHash::of_leaf(b"garbage")]);

        // Anybody can send a checkpoint that the office has published. It cannot contradict
        // anything yet.
        let garbage = AddCheckpoint { proof: proof.clone(), ..genuine.clone() };
        let refused = attempt(&garbage);
        assert!(
            matches!(refused, Err(NotCosigned::Refused(WitnessRefusal::Proof(_), None))),
            "{refused:?}"
        );
        attempt(&genuine).expect("an honest office");
        // The checkpoint that was cosigned does not contradict anything either.
        let refused = attempt(&AddCheckpoint { old_size: 3, ..garbage });
        assert!(
            matches!(refused, Err(NotCosigned::Refused(WitnessRefusal::Proof(_), None))),
            "{refused:?}"
        );
    }

    #[test]
    fn however_many_wrong_proofs_were_kept_a_fork_is_kept_too() {
        let office = Office::new();
        let (now, anchor) = (office.now, &office.anchor);
        let folder = tempfile::tempdir().expect("a folder");
        let name: WitnessName = "witness.example.no".parse().expect("a name");
        let signer = WitnessKey { signer: Box::new(key(9)), name };
        let cosigner = Cosigner::new(&Store::new(folder.path().to_owned()), signer);
        cosigner
            .learn(anchor, std::slice::from_ref(&office.trust_list), now)
            .expect("the roots signed it");
        let attempt =
            |request: &AddCheckpoint| cosigner.cosign(anchor, request, || "".into(), || Ok(now));
        attempt(&office.ask([1, 2, 3])).expect("an honest office");
        // Longer logs without a proof that holds: anybody may have sent them.
        let longer = |size: u64| {
            let log: LogTree =
                (0..size).map(|leaf| LogHash::of_leaf(&leaf.to_be_bytes())).collect();
            let checkpoint =
                SignedCheckpoint::sign(&anchor.iss, log.head(), &key(3)).expect("signs");
            attempt(&AddCheckpoint { old_size: 3, proof: Vec::new(), checkpoint })
        };
        let kept = |size| {
            matches!(longer(size), Err(NotCosigned::Refused(WitnessRefusal::Proof(_), Some(_))))
        };
        assert!((4..104).all(kept));
        assert!(matches!(longer(104), Err(NotCosigned::Failed(_))), "no disk is filled");
        let refused = attempt(&AddCheckpoint { old_size: 3, ..office.ask([1, 2, 4]) });
        assert!(
            matches!(
                refused,
                Err(NotCosigned::Refused(WitnessRefusal::Forked { size: 3 }, Some(_)))
            ),
            "{refused:?}"
        );
    }
}
