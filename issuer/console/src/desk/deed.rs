//! What an officer does at the console: as a value, because it is made twice, before and after the
//! officer has signed it.

use vernet_common::{CertificateNumber, CivilDate, SignedTrustList};
use vernet_issuer::{Credentials, Error, Making, Office};
use vernet_register::{Decision, Event, NewDocument, Proposal, Statement};

use super::publisher::Publisher;

/// Something that is recorded if the rules and the officer's role allow it.
#[derive(Clone, Debug)]
pub(super) enum Deed {
    /// To propose something for another officer to approve.
    Propose(Box<Proposal>, Vec<NewDocument>),
    /// To propose to grant the rows of a table: all of them, or each that the rules allow.
    ProposeImport { table: NewDocument, each: bool },
    /// To approve a proposal, or to confirm a suspension in an emergency.
    Approve { seq: u64 },
    /// To turn a proposal down, or take one's own back.
    Reject { seq: u64, reason: String },
    /// To suspend at once, in an emergency, until a day and without it.
    Suspend { certificate: CertificateNumber, until: CivilDate },
    /// To take back one's own suspension in an emergency.
    TakeBack { certificate: CertificateNumber },
    /// To publish.
    Publish(Publisher),
    /// To put a trust list into force that the root keys signed.
    AcceptTrustList(Box<SignedTrustList>),
    /// To record what takes one officer, and counts from today.
    Record(Box<Event>),
    /// The same, of the day on which it was done.
    RecordOn(Box<Event>, CivilDate),
}

impl Deed {
    /// Does it. The keys of the office sign certificates, if it issues one.
    pub(super) fn perform(
        &self,
        office: &mut Office,
        keys: Option<&dyn Credentials>,
        Making { officer, now, rng }: Making<'_>,
    ) -> Result<Statement, Error> {
        match self {
            Self::Propose(proposal, documents) => {
                office.propose_with((**proposal).clone(), documents.clone(), officer, now)
            }
            Self::ProposeImport { table, each } => {
                Ok(office.propose_import((table, *each), &[], officer, now)?.0)
            }
            Self::Approve { seq } => office.approve(*seq, keys, (officer, now), rng),
            Self::Reject { seq, reason } => {
                Ok(office.register_mut().reject(*seq, reason, officer, now)?)
            }
            Self::Suspend { certificate, until } => {
                office.suspend_in_emergency((*certificate, *until), officer, now)
            }
            Self::TakeBack { certificate } => {
                office.take_back_suspension(*certificate, officer, now)
            }
            Self::Publish(publisher) => {
                let keys = keys.ok_or(Error::CredentialsNeeded)?;
                let by = (officer, now);
                publisher.keep(office.publish(&publisher.to, keys, by, &mut |_, _| {})?);
                Ok(last(office))
            }
            Self::AcceptTrustList(list) => {
                office.accept_trust_list(list, officer, now)?;
                Ok(last(office))
            }
            Self::Record(event) => {
                let decision = Decision::today(now);
                Ok(office.register_mut().record((**event).clone(), officer, &decision)?)
            }
            Self::RecordOn(event, decided_on) => {
                let decision = Decision { decided_on: *decided_on, ..Decision::today(now) };
                Ok(office.register_mut().record((**event).clone(), officer, &decision)?)
            }
        }
    }
}

/// What was recorded last: of a deed that records and tells something else.
fn last(office: &Office) -> Statement {
    let last = office.register().state().statements().last();
    last.expect("a founded office has statements").clone()
}
