//! Decisions by two officers, with the documents that they rest on and the certificates that
//! result.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use rand::CryptoRng;
use serde_json::Value;
use vernet_common::{
    CertificateClaims, CertificateNumber, CivilDate, GivenNames, NumericDate, Roots,
};
use vernet_register::{
    Act, Decision, Digest, Document, Documents, Doubt, Enrolment, Event, Issuance, NewDocument,
    OfficeData, OfficerSigner, Proposal, ProtectedTitle, ReissueReason, Statement,
    SuspensionGround, Terms, doubts,
};

use super::{Office, certificates::CertificateSigner, outlook::lapses};
use crate::{credentials::Credentials, error::Error};

/// What the second officer reviews before signing.
#[derive(Debug)]
pub struct Review<'a> {
    /// The statement with the proposal, or with the suspension in an emergency.
    pub statement: &'a Statement,
    /// The proposal; none for a suspension in an emergency.
    pub proposal: Option<&'a Proposal>,
    /// The certificate that it is about; none before a first grant.
    pub certificate: Option<CertificateNumber>,
    /// What the register says about the person so far, oldest first.
    pub history: Vec<&'a Statement>,
    /// What would change.
    pub differences: Vec<Difference>,
    /// Why the rules would not allow it now; none if they do.
    pub refused: Option<Error>,
    /// What is not clear in the law, or not proved: it refuses nothing.
    pub doubts: Vec<Doubt>,
    /// The documents, and what is wrong with each.
    pub documents: Vec<ReviewedDocument<'a>>,
    /// The first day on which it can no longer be approved: a proposal is too old then, and a
    /// suspension in an emergency has ended.
    pub lapses: Option<CivilDate>,
}

/// Something that would change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// What changes: the name of a member of a certificate, an enrolment or a title, `standing`,
    /// `roots`, or `cycle_ends`.
    pub what: Cow<'static, str>,
    /// The value in the register.
    pub registered: String,
    /// The proposed value.
    pub proposed: String,
}

impl Difference {
    fn between(what: Cow<'static, str>, registered: &str, proposed: &str) -> Option<Self> {
        (registered != proposed).then(|| Self {
            what,
            registered: registered.to_owned(),
            proposed: proposed.to_owned(),
        })
    }
}

/// A document of a proposal, checked again.
#[derive(Debug)]
pub struct ReviewedDocument<'a> {
    /// The document.
    pub document: &'a Document,
    /// Its path.
    pub path: PathBuf,
    /// What is wrong with it.
    pub fault: Option<Error>,
}

impl Office {
    /// Records a proposal, with copies of these files as its documents. It has no effect until
    /// another officer approves it.
    ///
    /// # Errors
    ///
    /// As for [`Documents::read`] and [`vernet_register::Register::propose`].
    pub fn propose(
        &mut self,
        proposal: Proposal,
        files: &[PathBuf],
        officer: &dyn OfficerSigner,
        now: NumericDate,
    ) -> Result<Statement, Error> {
        let new = files.iter().map(|file| Documents::read(file)).collect::<Result<_, _>>()?;
        self.propose_with(proposal, new, officer, now)
    }

    /// The same, with documents that are in no file.
    ///
    /// # Errors
    ///
    /// As for [`vernet_register::Register::propose`].
    pub fn propose_with(
        &mut self,
        proposal: Proposal,
        mut new: Vec<NewDocument>,
        officer: &dyn OfficerSigner,
        now: NumericDate,
    ) -> Result<Statement, Error> {
        new.extend(proposal.rests_on_data().then(|| self.data_document.clone()));
        let documents = self.documents();
        let terms = terms(&self.data, &documents, self.config.proposal_days);
        Ok(self.register.propose(proposal, &new, &terms, officer, now)?)
    }

    /// Everything that an officer must have seen before approving.
    ///
    /// # Errors
    ///
    /// [`vernet_register::Error::ProposalUnknown`] if there is no such proposal;
    /// [`vernet_register::Error::ProposalDecided`] if it was decided on before.
    pub fn review(&self, seq: u64, now: NumericDate) -> Result<Review<'_>, Error> {
        let state = self.register.state();
        let (statement, proposal) = match state.emergency(seq) {
            Ok(statement) => (statement, None),
            Err(vernet_register::Error::ProposalUnknown { .. }) => {
                state.open_proposal(seq).map(|(statement, proposal)| (statement, Some(proposal)))?
            }
            Err(decided) => return Err(decided.into()),
        };
        let certificate = match proposal {
            Some(proposal) => {
                proposal.certificate().or_else(|| self.earlier_certificate(proposal, now))
            }
            None => statement.event.certificate(),
        };
        let refused = self.would_refuse(seq, (statement, proposal), now);
        let documents = self.documents();
        let reviewed =
            proposal.map_or(&[][..], |proposal| &proposal.documents).iter().map(|document| {
                ReviewedDocument {
                    document,
                    path: documents.path(document),
                    fault: documents.check_one(document).err().map(Error::from),
                }
            });
        Ok(Review {
            statement,
            proposal,
            certificate,
            differences: self.differences(statement, proposal, certificate, now)?,
            history: certificate.map_or(Ok(Vec::new()), |number| state.history(number))?,
            refused,
            doubts: proposal.map_or(Vec::new(), |proposal| doubts(state, proposal, now)),
            documents: reviewed.collect(),
            lapses: match (proposal, &statement.event) {
                (Some(_), _) => Some(lapses(statement, i32::from(self.config.proposal_days))),
                (None, Event::Suspended { unapproved_until, .. }) => *unapproved_until,
                (None, _) => None,
            },
        })
    }

    /// Why an approval would be refused now, whoever approves it.
    fn would_refuse(
        &self,
        seq: u64,
        (statement, proposal): (&Statement, Option<&Proposal>),
        now: NumericDate,
    ) -> Option<Error> {
        let documents = self.documents();
        let terms = terms(&self.data, &documents, self.config.proposal_days);
        let checked = self.register.consider_approval(seq, &terms, now).map_err(Error::from);
        let refused = checked.and_then(|()| match proposal {
            Some(proposal) => {
                self.check_data(seq, proposal).and_then(|()| self.check_restore(proposal, now))
            }
            None => Ok(()),
        });
        refused.err().or_else(|| {
            let proposal = proposal.filter(|proposal| proposal.is_about_many())?;
            self.consider_many(statement, proposal, now)
        })
    }

    /// Refuses other data than the proposal was signed with, so that both officers and the audit
    /// check the rules against the same data.
    pub(super) fn check_data(&self, seq: u64, proposal: &Proposal) -> Result<(), Error> {
        match proposal.document(Self::DATA) {
            _ if !proposal.rests_on_data() => Ok(()),
            Some(signed) if signed == self.data_document.document() => Ok(()),
            Some(_) => Err(Error::OfficeDataChanged { seq }),
            None => {
                Err(vernet_register::Error::DocumentMissing { name: Self::DATA.to_owned() }.into())
            }
        }
    }

    /// The office's data that the last grant rests on, and its proposal.
    fn data_of_last_grant(&self) -> Option<(u64, Digest)> {
        let state = self.register.state();
        let grants = state
            .statements()
            .iter()
            .rev()
            .filter(|statement| matches!(statement.event, Event::Granted(_)));
        grants.filter_map(|grant| state.statement(grant.approves?.seq).ok()).find_map(|proposed| {
            match &proposed.event {
                Event::Proposed(proposal) => {
                    Some((proposed.seq, proposal.document(Self::DATA)?.sha256))
                }
                _ => None,
            }
        })
    }

    fn differences(
        &self,
        statement: &Statement,
        proposal: Option<&Proposal>,
        certificate: Option<CertificateNumber>,
        now: NumericDate,
    ) -> Result<Vec<Difference>, Error> {
        let state = self.register.state();
        let mut differences = Vec::new();
        let mut compare = |what, registered: &str, proposed: &str| {
            differences.extend(Difference::between(Cow::Borrowed(what), registered, proposed));
        };
        // A school may have been added for this grant.
        let data = proposal
            .filter(|proposal| proposal.rests_on_data())
            .and_then(|proposal| proposal.document(Self::DATA));
        if let (Some(signed), Some((seq, before))) = (data, self.data_of_last_grant())
            && signed.sha256 != before
        {
            compare(
                "office_data",
                &format!("{before}, of proposal {seq}"),
                &signed.sha256.to_string(),
            );
        }
        let known = certificate.map(|number| state.current_certificate(number)).transpose()?;
        let standing = match certificate {
            Some(number) => state.standing(number, now.civil_date(), now)?.code(),
            None => "not_yet",
        };
        match proposal.map(|proposal| &proposal.act) {
            Some(Act::Grant { application }) => {
                if let Some(claims) = known.map(|known| known.claims) {
                    compare(
                        "given_name",
                        or_none(&claims.given_name),
                        or_none(&application.given_name),
                    );
                    compare(
                        "family_name",
                        claims.family_name.as_str(),
                        application.family_name.as_str(),
                    );
                    compare(
                        "hpr_number",
                        &claims.hpr_number.to_string(),
                        &application.hpr_number.to_string(),
                    );
                    if claims.title == application.title {
                        compare("kind", claims.authorisation.kind.word(), application.kind.word());
                    }
                }
                // Another title's standing says nothing about this one.
                let of_title = known.is_some_and(|known| known.claims.title == application.title);
                compare("standing", if of_title { standing } else { "not_yet" }, "granted");
            }
            Some(Act::Reissue { certificate, reason: ReissueReason::Renewal, .. }) => {
                if let Some((ends, next)) = state.cycle(*certificate, now)? {
                    compare("cycle_ends", &ends.to_string(), &next.to_string());
                }
            }
            Some(Act::Reissue { names, .. }) => {
                if let (Some(known), Some(names)) = (known, names) {
                    compare(
                        "given_name",
                        or_none(&known.claims.given_name),
                        or_none(&names.given_name),
                    );
                    compare(
                        "family_name",
                        known.claims.family_name.as_str(),
                        names.family_name.as_str(),
                    );
                }
            }
            Some(Act::Decide { event }) => match &**event {
                Event::OfficerEnrolled(new) => {
                    let keys: Vec<_> = state
                        .officers()
                        .keys_of(&new.name)
                        .map(|(kid, _)| kid.to_string())
                        .collect();
                    let person = if keys.is_empty() {
                        "nobody of that name".to_owned()
                    } else {
                        keys.join(", ")
                    };
                    compare("keys", &person, &new.key.kid().to_string());
                    let before = state
                        .officers()
                        .key(new.key.kid())
                        .map(|known| known.on(now.civil_date()).clone());
                    let roles = |enrolment: &Enrolment| {
                        let words: Vec<_> =
                            enrolment.roles.iter().map(|role| role.word()).collect();
                        format!(
                            "{}, from {} and before {}",
                            words.join(", "),
                            enrolment.from,
                            enrolment.until
                        )
                    };
                    compare(
                        "roles",
                        &before.map_or_else(|_| "none".to_owned(), |before| roles(&before)),
                        &roles(new),
                    );
                }
                Event::RootsPinned { roots } => {
                    let words = |roots: &Roots| {
                        let kids: Vec<_> =
                            roots.keys.iter().map(|root| root.kid().to_string()).collect();
                        format!("{} of {}", roots.threshold, kids.join(", "))
                    };
                    let before = state.pinned_roots().map_or_else(|| "none".to_owned(), words);
                    compare("roots", &before, &words(roots));
                }
                Event::TitleEntered(row) => match state.titles().get(&row.title) {
                    Err(_) => compare("title", "none", row.title.as_str()),
                    Ok(before) => differences.extend(members_that_differ(before, row)?),
                },
                Event::Merged { from, into } => {
                    compare("hpr_number", &from.to_string(), &into.to_string())
                }
                Event::Corrected(correction) => {
                    let known = state.particulars(correction.certificate, now)?;
                    if let Some(birthdate) = correction.birthdate {
                        compare("birthdate", &known.birthdate.to_string(), &birthdate.to_string());
                    }
                    if let Some(hpr) = correction.hpr_number {
                        compare("hpr_number", &known.hpr_number.to_string(), &hpr.to_string());
                    }
                    if let Some(names) = &correction.names {
                        compare(
                            "given_name",
                            or_none(known.given_name),
                            or_none(&names.given_name),
                        );
                        compare(
                            "family_name",
                            known.family_name.as_str(),
                            names.family_name.as_str(),
                        );
                    }
                }
                Event::DocumentDeleted { sha256, .. } => {
                    let named = state.document_uses(*sha256).find_map(|(_, proposal)| {
                        proposal.documents.iter().find(|document| document.sha256 == *sha256)
                    });
                    let name = named.map_or("nothing", |document| &document.name);
                    compare("document", name, "deleted");
                }
                Event::Retracted { statement } => {
                    let retracted = state.statement(*statement)?;
                    let what = match retracted.event {
                        Event::Merged { from, into } => format!("{from} is {into}"),
                        _ => format!("{} on {}", retracted.event.name(), retracted.effective_on),
                    };
                    compare("recorded", &what, "retracted");
                }
                Event::Restored(restored) => compare(
                    "issued_log",
                    &format!("{} certificates", restored.before.size),
                    &format!("{} certificates", restored.log.size.max(restored.before.size)),
                ),
                event => compare("standing", standing, event.name()),
            },
            // Each of them is different.
            Some(Act::Import { .. } | Act::ReissueAll { .. }) => {}
            // The person is suspended already: an approval changes only for how long.
            None => {
                if let Event::Suspended {
                    until: Some(until), unapproved_until: Some(alone), ..
                } = &statement.event
                {
                    compare("suspended_until", &alone.to_string(), &until.to_string());
                }
            }
        }
        Ok(differences)
    }

    /// A certificate that the person has already, of a proposal that names none.
    fn earlier_certificate(
        &self,
        proposal: &Proposal,
        now: NumericDate,
    ) -> Option<CertificateNumber> {
        let state = self.register.state();
        let of = |hpr| state.authorisations_of(hpr, now).last().copied();
        match &proposal.act {
            Act::Grant { application } => of(application.hpr_number),
            Act::Decide { event } => match **event {
                // There may be no grant under the number that remains.
                Event::Merged { from, into } => of(into).or_else(|| of(from)),
                Event::Retracted { statement } => match state.statement(statement).ok()?.event {
                    Event::Merged { from, .. } => of(from),
                    ref event => event.certificate(),
                },
                Event::Refused(ref refused) => of(refused.application.hpr_number),
                _ => None,
            },
            Act::Reissue { .. } | Act::Import { .. } | Act::ReissueAll { .. } => None,
        }
    }

    /// Approves a proposal of another officer, or confirms another officer's suspension in an
    /// emergency.
    ///
    /// The credentials are those of the certificate key; they are needed if the approval signs a
    /// certificate, see [`Proposal::issues`].
    ///
    /// # Errors
    ///
    /// As for [`vernet_register::Register::approve`]; [`Error::OfficeDataChanged`] if the office's
    /// data is not what the proposal was signed with; [`Error::CredentialsNeeded`] if the approval
    /// signs a certificate and there are no credentials; [`Error::SelfCheck`] if the verifier would
    /// refuse the certificate.
    pub fn approve(
        &mut self,
        seq: u64,
        credentials: Option<&dyn Credentials>,
        (officer, now): (&dyn OfficerSigner, NumericDate),
        rng: &mut dyn CryptoRng,
    ) -> Result<Statement, Error> {
        self.register.refresh()?;
        let issues = match self.register.state().open_proposal(seq) {
            Ok((_, proposal)) => {
                self.check_data(seq, proposal)?;
                self.check_restore(proposal, now)?;
                proposal.issues()
            }
            Err(_) => false,
        };
        let desk = match credentials {
            Some(credentials) if issues => Some(CertificateSigner::open(self, credentials, now)?),
            _ => None,
        };
        let mut sign = |claims: &[CertificateClaims]| {
            let desk = desk.as_ref().ok_or(Error::CredentialsNeeded)?;
            claims.iter().map(|claims| desk.sign(claims)).collect()
        };
        let mut issuance = Issuance { iss: &self.config.iss, rng, sign: &mut sign };
        let documents = self.documents();
        let terms = terms(&self.data, &documents, self.config.proposal_days);
        let statement = self.register.approve(seq, &terms, officer, now, &mut issuance)?;
        // It is recorded. What cannot be written now is when it is needed, by `publish` for instance.
        let _ = self.bring_back_trust_lists();
        // Recorded first: a document that is recorded and still there is deleted by the next sweep,
        // and one that is gone without a record would fail every audit.
        if matches!(statement.event, Event::DocumentDeleted { .. }) {
            self.sweep_documents()?;
        }
        Ok(statement)
    }

    /// Deletes the files of documents that two officers decided to delete, and that no later proposal
    /// brought again. Returns how many were there.
    ///
    /// # Errors
    ///
    /// [`vernet_register::Error::Io`] if one cannot be deleted.
    pub fn sweep_documents(&self) -> Result<usize, Error> {
        let (state, documents) = (self.register.state(), self.documents());
        let mut swept = 0;
        for statement in state.statements() {
            let Event::DocumentDeleted { sha256, .. } = statement.event else { continue };
            let mut uses = state.document_uses(sha256);
            if uses.all(|(seq, _)| state.may_be_missing(seq, sha256)) {
                swept += usize::from(documents.delete(sha256)?);
            }
        }
        Ok(swept)
    }

    /// Suspends at once, by one officer. Unless another officer confirms it, the suspension ends
    /// after the number of days in `office.json`.
    ///
    /// # Errors
    ///
    /// As for [`vernet_register::Register::record`].
    pub fn suspend_in_emergency(
        &mut self,
        (certificate, until): (CertificateNumber, CivilDate),
        officer: &dyn OfficerSigner,
        now: NumericDate,
    ) -> Result<Statement, Error> {
        let alone = now.civil_date().plus_days(self.config.emergency_days.into());
        let event = Event::Suspended {
            certificate,
            until: Some(until),
            ground: SuspensionGround::Revocation,
            limits: None,
            unapproved_until: Some(alone.min(until)),
        };
        Ok(self.register.record(event, officer, &Decision::today(now))?)
    }

    /// Takes back the officer's own suspension in an emergency, before another one has confirmed it.
    ///
    /// # Errors
    ///
    /// As for [`vernet_register::Register::record`]: [`vernet_register::Error::NeedsTwo`] if another
    /// suspension is in force.
    pub fn take_back_suspension(
        &mut self,
        certificate: CertificateNumber,
        officer: &dyn OfficerSigner,
        now: NumericDate,
    ) -> Result<Statement, Error> {
        Ok(self.register.record(Event::Lifted { certificate }, officer, &Decision::today(now))?)
    }
}

pub(super) fn terms<'a>(
    data: &'a OfficeData,
    documents: &'a Documents,
    max_age_days: u16,
) -> Terms<'a> {
    Terms { data, documents, max_age_days }
}

/// What a title that is entered again changes, member by member.
fn members_that_differ(
    before: &ProtectedTitle,
    after: &ProtectedTitle,
) -> Result<Vec<Difference>, Error> {
    let (before, after) = (members(before)?, members(after)?);
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let none = "none".to_owned();
    let differ = names.into_iter().filter_map(|what| {
        let value = |row| BTreeMap::get(row, what).unwrap_or(&none);
        Difference::between(Cow::Owned(what.clone()), value(&before), value(&after))
    });
    Ok(differ.collect())
}

/// The members of a row, as the register has them.
fn members(row: &ProtectedTitle) -> Result<BTreeMap<String, String>, Error> {
    let error = |source| vernet_common::Error::json("the row of a title", source);
    let members: BTreeMap<String, Value> =
        serde_json::to_value(row).and_then(serde_json::from_value).map_err(error)?;
    Ok(members.into_iter().map(|(what, value)| (what, value.to_string())).collect())
}

/// Given names for a review; a word for those of somebody with a single name.
fn or_none(names: &GivenNames) -> &str {
    if names.is_none() { "none" } else { names.as_str() }
}
