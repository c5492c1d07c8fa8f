//! Reads statements from the database into the state. No row is trusted before its signature is
//! verified, unless this machine has done so before and the hashes show that it is the same.
//!
//! Signatures do not depend on each other, so while one batch of rows goes into the state, the
//! signatures of the next one are checked on all processors. The batches begin with one row, the
//! founding, because it holds the first keys.

use std::{collections::HashMap, num::NonZero, thread};

use vernet_common::{CertificateClaims, KeyId, PublicKey, Signed, to_canonical_json};

use crate::{
    apply::apply,
    error::Error,
    officer_key::{assertion::OfficerSignature, public::OfficerPublicKey},
    state::index::State,
    statements::{
        digest::Digest,
        event::Event,
        proposal::Act,
        statement::{Statement, Unverified},
    },
    storage::transaction::{StatementRow, Transaction},
};

/// The most rows in one batch: a few megabytes, and some tens of milliseconds of work.
const BATCH: usize = 2048;

/// Fewer rows than this are not worth a thread.
const FEW: usize = 16;

/// Further checks of each statement: none when a register is opened, many when it is audited.
pub(crate) trait Step {
    /// Whether the signatures of certificates are checked too.
    const CERTIFICATES: bool;

    /// Up to which statement all were checked before. The caller compares the hash of that one
    /// with the remembered hash, before anything is done with the state.
    fn checked(&self) -> u64 {
        0
    }

    /// Before the statement goes into the state.
    fn before(
        &mut self,
        state: &State,
        statement: &Statement,
        certificate: Option<&CertificateCheck>,
    ) -> Result<(), Error>;

    /// After it went into the state, as its last statement.
    fn after(&mut self, state: &State) -> Result<(), Error>;
}

/// Only what every reader checks.
pub(crate) struct Plain {
    /// Up to which statement all were checked before; 0 to check everything.
    pub(crate) checked: u64,
}

impl Step for Plain {
    const CERTIFICATES: bool = false;

    fn checked(&self) -> u64 {
        self.checked
    }

    fn before(
        &mut self,
        _: &State,
        _: &Statement,
        _: Option<&CertificateCheck>,
    ) -> Result<(), Error> {
        Ok(())
    }

    fn after(&mut self, _: &State) -> Result<(), Error> {
        Ok(())
    }
}

/// What was found about the certificate in a statement.
pub(crate) enum CertificateCheck {
    /// It says what the statement says, and its signature is valid under this key.
    Holds(KeyId),
    /// It says what the statement says, but its key was not known yet when it was checked.
    Unknown(Box<Signed<CertificateClaims>>),
}

struct Checked {
    seq: u64,
    hash: Digest,
    signature: OfficerSignature,
    statement: Outcome,
}

enum Outcome {
    /// It was checked before.
    Remembered(Box<Statement>),
    Holds(Held),
    /// The key is not known yet: an earlier statement of the same batch may add it.
    Unknown(Unverified),
}

/// A statement with a valid signature, and what was found about its certificate.
type Held = (Box<Statement>, Option<CertificateCheck>);

/// The keys that are known already.
#[derive(Default)]
struct Keys {
    officers: HashMap<KeyId, OfficerPublicKey>,
    office: HashMap<KeyId, PublicKey>,
}

/// Whether a statement that was checked before need not be checked again. Those about officers, keys
/// and lists are, and the last one is as well: by its hash, its officer vouches for all before it.
/// They are few, and otherwise whoever changes the memory as well would need no officer's key.
fn is_remembered(event: &Event) -> bool {
    match event {
        // Only proposals to grant are left unread.
        Event::Proposed(proposal) if proposal.unread().is_some() => true,
        Event::Proposed(proposal) => match &proposal.act {
            Act::Decide { event } => is_remembered(event),
            Act::Grant { .. }
            | Act::Reissue { .. }
            | Act::Import { .. }
            | Act::ReissueAll { .. } => true,
        },
        Event::Rejected { .. }
        | Event::Granted(_)
        | Event::Refused(_)
        | Event::Completed { .. }
        | Event::Merged { .. }
        | Event::Retracted { .. }
        | Event::Published { .. }
        | Event::HistoryMade { .. } => true,
        event => event.certificate().is_some(),
    }
}

/// Reads all rows after those in the state, in order, into the state.
///
/// # Errors
///
/// The first fault, with the number of its statement. The statements before it are then in the
/// state.
pub(crate) fn read<S: Step>(
    transaction: &mut dyn Transaction,
    state: &mut State,
    step: &mut S,
) -> Result<(), Error> {
    let workers = thread::available_parallelism().map_or(1, NonZero::get);
    let (mut after, mut size) = (state.statements().len() as u64, 1);
    let mut checked: Vec<Result<Checked, Error>> = Vec::new();
    loop {
        let mut rows = Vec::new();
        // Rows before one that cannot be read are checked first.
        let mut keep = |row| {
            rows.push(row);
            Ok(())
        };
        let fault = transaction.statements(after, size, &mut keep).err();
        if rows.is_empty() && checked.is_empty() {
            return fault.map_or(Ok(()), Err);
        }
        let expected = after + 1;
        after += rows.len() as u64;
        size = (size * 4).min(BATCH);
        let (keys, checked_before) = (keys(state), step.checked());
        let share = if rows.len() < FEW { rows.len() } else { rows.len().div_ceil(workers) };
        let mut rows = rows.into_iter();
        let shares: Vec<(u64, Vec<StatementRow>)> = (expected..)
            .step_by(share.max(1))
            .map(|first| (first, rows.by_ref().take(share).collect::<Vec<_>>()))
            .take_while(|(_, rows)| !rows.is_empty())
            .collect();
        let present = std::mem::take(&mut checked);
        let into_state = || present.into_iter().try_for_each(|one| take_in(state, step, one?));
        if share < FEW {
            into_state()?;
            checked = shares
                .into_iter()
                .flat_map(|(first, rows)| check_rows::<S>(first, rows, &keys, checked_before))
                .collect();
            continue;
        }
        checked = thread::scope(|scope| {
            let keys = &keys;
            let threads: Vec<_> = shares
                .into_iter()
                .map(|(first, rows)| {
                    scope.spawn(move || check_rows::<S>(first, rows, keys, checked_before))
                })
                .collect();
            let done = into_state();
            let joined = threads
                .into_iter()
                .flat_map(|thread| thread.join().expect("checking rows does not panic"));
            let joined: Vec<_> = joined.collect();
            done.map(|()| joined)
        })?;
    }
}

fn keys(state: &State) -> Keys {
    Keys {
        officers: state
            .officers()
            .keys()
            .map(|(kid, officer)| (kid, officer.key().clone()))
            .collect(),
        office: state.office_keys().map(|key| (key.kid(), *key)).collect(),
    }
}

fn check_rows<S: Step>(
    first: u64,
    rows: Vec<StatementRow>,
    keys: &Keys,
    checked_before: u64,
) -> Vec<Result<Checked, Error>> {
    let check = |(seq, row)| {
        check_row::<S>(seq, row, keys, seq < checked_before).map_err(|e| e.of_statement(seq))
    };
    (first..).zip(rows).map(check).collect()
}

fn check_row<S: Step>(
    seq: u64,
    row: StatementRow,
    keys: &Keys,
    checked_before: bool,
) -> Result<Checked, Error> {
    let damaged = |reason| Error::Chain { seq, reason };
    if row.seq != seq {
        return Err(damaged("it is missing: another number follows on the one before"));
    }
    let hash = Digest::of(row.body.as_bytes());
    if hash.as_bytes() != &row.hash {
        return Err(damaged("its text does not have its hash"));
    }
    let signature = OfficerSignature::from_bytes(&row.signature).map_err(damaged)?;
    if checked_before {
        let statement = Box::new(Statement::from_checked(&row.body)?);
        if is_remembered(&statement.event) {
            let statement = Outcome::Remembered(statement);
            return Ok(Checked { seq, hash, signature, statement });
        }
    }
    let unverified = Unverified::new(row.body.into_bytes(), signature.clone())?;
    let statement = match keys.officers.get(&unverified.kid()) {
        Some(key) => Outcome::Holds(held::<S>(seq, unverified.verify(key)?, keys)?),
        None => Outcome::Unknown(unverified),
    };
    Ok(Checked { seq, hash, signature, statement })
}

fn held<S: Step>(seq: u64, statement: Statement, keys: &Keys) -> Result<Held, Error> {
    if statement.seq != seq {
        return Err(Error::Chain { seq, reason: "it says another number" });
    }
    let certificate = if S::CERTIFICATES { check_certificate(&statement, keys)? } else { None };
    Ok((Box::new(statement), certificate))
}

/// The certificate must say what the statement says, byte for byte, with a valid signature.
fn check_certificate(
    statement: &Statement,
    keys: &Keys,
) -> Result<Option<CertificateCheck>, Error> {
    let Some((claims, jws)) = statement.event.issued() else { return Ok(None) };
    let signed = Signed::<CertificateClaims>::parse(jws)?;
    if signed.unverified_payload() != to_canonical_json("the certificate", claims)? {
        return Err(Error::SignedOther { number: claims.certificate_number });
    }
    Ok(Some(match keys.office.get(&signed.kid()) {
        Some(key) => {
            signed.check_signature(key)?;
            CertificateCheck::Holds(signed.kid())
        }
        None => CertificateCheck::Unknown(Box::new(signed)),
    }))
}

fn take_in<S: Step>(state: &mut State, step: &mut S, checked: Checked) -> Result<(), Error> {
    let Checked { seq, hash, signature, statement } = checked;
    let take_in = || {
        let (statement, certificate) = match statement {
            Outcome::Remembered(statement) => {
                let kid = statement.kid;
                state.add(*statement, hash)?;
                state.signed(kid, &signature);
                return Ok(());
            }
            Outcome::Holds(held) => held,
            Outcome::Unknown(unverified) if seq == 1 => {
                held::<S>(seq, unverified.verify_founding()?, &Keys::default())?
            }
            Outcome::Unknown(unverified) => {
                let known =
                    state.officers().key(unverified.kid()).map(|officer| officer.key().clone());
                let statement = match known {
                    Ok(key) => unverified.verify(&key)?,
                    Err(_) => unverified.verify_appointment()?,
                };
                held::<S>(seq, statement, &keys(state))?
            }
        };
        step.before(state, &statement, certificate.as_ref())?;
        let kid = statement.kid;
        if let Ok(known) = state.officers().key(kid) {
            known.check_count(&signature)?;
        }
        apply(state, *statement, hash)?;
        state.signed(kid, &signature);
        step.after(state)
    };
    take_in().map_err(|error: Error| error.of_statement(seq))
}
