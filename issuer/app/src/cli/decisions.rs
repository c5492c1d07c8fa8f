//! The decisions: what can be proposed, and the few that one officer makes alone.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, Subcommand, ValueEnum};
use serde::de::DeserializeOwned;
use vernet_common::{
    CertificateNumber, CivilDate, HprNumber, KeyId, NumericDate, Roots, Title, TrustAnchor,
};
use vernet_issuer::Office;
use vernet_register::{
    Application, Correction, Count, Decision, Digest, Enrolment, Event, Milder, Names, Notice,
    Proposal, ProtectedTitle, Refused, ReissueReason, Role, State, SuspensionGround,
};
use vernet_text::to_utf8;

use super::{Session, answers, import, look::Look};

#[derive(Args)]
pub(super) struct ProposeArgs {
    #[command(subcommand)]
    act: ProposeCommand,
}

#[derive(Subcommand)]
enum ProposeCommand {
    /// Grant an authorisation or a licence; its certificate is signed with the approval
    Grant(GrantArgs),
    /// Grant what the people in a table were granted before by another register; `vernet-issuer
    /// import` shows what would happen
    Import(import::ProposeImportArgs),
    /// Refuse an application
    Refuse(RefuseArgs),
    /// Suspend an authorisation: up to 6 months, or until something has been done
    Suspend(SuspendArgs),
    /// Extend the suspension in force, once, up to 6 months
    Extend(ExtendArgs),
    /// Lift the suspension (or the limitation) in force
    Lift(LiftArgs),
    /// Limit an authorisation by conditions
    Limit(LimitArgs),
    /// Instruct the holder how to work (faglig pålegg)
    Instruct(MeasureArgs),
    /// Ban somebody who has no authorisation any more from health care
    Ban(MeasureArgs),
    /// End an instruction or a ban
    End(AboutDecisionArgs),
    /// Revoke an authorisation
    Revoke(RevokeArgs),
    /// Record that the holder waived the authorisation
    Waive(WaiveArgs),
    /// Annul a grant: it never was valid
    Annul(PlainArgs),
    /// Record the holder's death (`--effective` is the day of death)
    Deceased(PlainArgs),
    /// Sign another certificate for the same authorisation; the one before becomes invalid, at once
    /// or after some days
    Reissue(ReissueArgs),
    /// Renew a title for another cycle: a new certificate for the new period
    Renew(RenewArgs),
    /// Record that a decision does not apply while an appeal runs, or applies again
    Stay(StayArgs),
    /// Record that a decision fell on appeal, or was replaced by a milder one
    Reverse(ReverseArgs),
    /// Record that an appeal was dismissed
    Uphold(AboutDecisionArgs),
    /// Record that two health personnel numbers are one person
    Merge(MergeArgs),
    /// Correct what was written wrongly of a person: a date of birth, a number, names
    Correct(CorrectArgs),
    /// Record that a death or a merge was recorded by mistake
    Retract(RetractArgs),
    /// Revoke a certificate that was lost with the register, for good, by what its holder shows
    RevokeLost(RevokeLostArgs),
    /// Delete a document by duty: its file goes with the approval, and a signed record remains
    DeleteDocument(DeleteDocumentArgs),
    /// Certify another title too, or one of yours by another row
    Title(TitleArgs),
    /// Pin the root keys that may appoint officers, of an office that has not, or other ones
    Roots(PinArgs),
    /// Make somebody an officer, or give an officer other roles or another period
    Enrol(EnrolArgs),
}

/// When it was decided, and from when on it counts.
#[derive(Args)]
struct Dates {
    /// The day of the decision; that of the approval if not given
    #[arg(long, value_name = "DATE")]
    decided: Option<CivilDate>,
    /// The first day on which it counts; the day of the decision if not given
    #[arg(long, value_name = "DATE")]
    effective: Option<CivilDate>,
    #[command(flatten)]
    papers: Papers,
}

/// What a proposal rests on.
#[derive(Args)]
struct Papers {
    /// A document that it rests on; the office keeps a copy, and both officers sign its hash. As
    /// often as needed
    #[arg(long, value_name = "FILE")]
    document: Vec<PathBuf>,
}

/// A sample application, as in docs/OFFICERS.md.
pub(super) const APPLICATION: &str = r#"An application:
  {
    "given_name": "Ingrid Sofie",
    "family_name": "Hætta Ødegård",
    "birthdate": "1990-02-28",
    "hpr_number": "9144900",
    "kind": "authorisation",
    "basis": "accredited_school_exam",
    "exam": { "school": "Fjordheim Perfusion School", "date": "2014-06-11" },
    "decided": "2026-11-20",
    "granted": "2026-11-25"
  }
docs/OFFICERS.md tells of every member, and which of them each basis needs."#;

#[derive(Args)]
#[command(after_help = APPLICATION)]
struct GrantArgs {
    /// The application, as JSON, see below; `-` for standard input
    application: PathBuf,
    #[command(flatten)]
    papers: Papers,
}

#[derive(Args)]
struct RenewArgs {
    /// The certificate's number
    number: CertificateNumber,
    /// What was counted, for each category and year, as in `clinical:2024=44`
    #[arg(long, value_name = "CATEGORY:YEAR=COUNT", value_parser = count)]
    count: Vec<Count>,
    /// For so many days the certificate before runs on, at most 30
    #[arg(long, value_name = "DAYS", default_value_t = 0)]
    runs_on: u8,
    #[command(flatten)]
    papers: Papers,
}

fn count(text: &str) -> Result<Count, String> {
    let parse = || {
        let (category, rest) = text.rsplit_once(':')?;
        let (year, count) = rest.split_once('=')?;
        let category = category.to_owned();
        Some(Count { category, year: year.parse().ok()?, count: count.parse().ok()? })
    };
    parse().ok_or_else(|| "expected CATEGORY:YEAR=COUNT, as in `clinical:2024=44`".into())
}

#[derive(Args)]
struct TitleArgs {
    /// The title, as certificates write it: `vernet-issuer rules` has those that the program brings
    title: Title,
    /// A file with its row, in the form of `professions.toml`; if not given, the row that the program
    /// brings
    #[arg(long, value_name = "FILE")]
    rows: Option<PathBuf>,
    #[command(flatten)]
    papers: Papers,
}

#[derive(Args)]
pub(super) struct EmergencyArgs {
    /// The certificate's number
    number: CertificateNumber,
    /// The first day after the suspension, if another officer confirms it in time
    #[arg(long, value_name = "DATE")]
    until: CivilDate,
    /// One officer alone, at once: it ends after a week unless another one approves it
    #[arg(long)]
    emergency: bool,
}

#[derive(Args)]
pub(super) struct TakeBackArgs {
    /// The certificate's number
    number: CertificateNumber,
}

#[derive(Args)]
pub(super) struct NotifiedArgs {
    /// The certificate's number
    number: CertificateNumber,
    /// The decision's number in `history`
    #[arg(long, value_name = "SEQ")]
    decision: u64,
    /// Who was told, and of what
    #[arg(long, value_enum, default_value = "eea_alert")]
    notice: NoticeArg,
    /// Nobody needs to be told any more: why
    #[arg(long, value_name = "TEXT")]
    withdrawn: Option<String>,
    /// The day on which they were told; today if not given
    #[arg(long, value_name = "DATE")]
    decided: Option<CivilDate>,
}

#[derive(Args)]
struct PinArgs {
    /// The office's `roots.json`
    #[arg(value_name = "FILE")]
    roots: PathBuf,
    #[command(flatten)]
    papers: Papers,
}

impl PinArgs {
    /// The roots in the file, which must be those of this office.
    fn roots(&self, state: &State) -> Result<Roots> {
        let reading = || format!("reading `{}`", self.roots.display());
        let bytes = std::fs::read(&self.roots).with_context(reading)?;
        let TrustAnchor { iss: found, roots, .. } =
            TrustAnchor::from_json(&bytes).with_context(reading)?;
        match state.iss() {
            Some(expected) if *expected != found => {
                let expected = expected.clone();
                Err(vernet_issuer::Error::RootsOfAnother { found, expected }.into())
            }
            _ => Ok(roots),
        }
    }
}

#[derive(Args)]
struct EnrolArgs {
    /// The officer's name
    name: String,
    /// The public half of the officer's key, a `.pub` file of `keys new --use officer`
    key: PathBuf,
    /// What the officer may do; as often as needed
    #[arg(long, value_enum, required = true)]
    role: Vec<RoleArg>,
    /// The first day in office; today if not given
    #[arg(long, value_name = "DATE")]
    from: Option<CivilDate>,
    /// The first day after it
    #[arg(long, value_name = "DATE")]
    until: CivilDate,
    #[command(flatten)]
    papers: Papers,
}

#[derive(Clone, Copy, ValueEnum)]
enum RoleArg {
    /// Grants, certificates issued anew, annulments
    Grant,
    /// Suspensions, limitations, revocations, and their end
    Supervise,
    /// Publications
    Publish,
    /// Officers, keys, trust lists
    Administer,
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::Grant => Self::Grant,
            RoleArg::Supervise => Self::Supervise,
            RoleArg::Publish => Self::Publish,
            RoleArg::Administer => Self::Administer,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum NoticeArg {
    /// The other EEA states, of the decision
    EeaAlert,
    /// The other EEA states, that it ended or fell
    EeaEnd,
    /// The employer
    Employer,
    /// The authorities of the other Nordic states
    Nordic,
    /// The register of health personnel
    Hpr,
    /// The employer, that it ended early or fell
    EmployerEnd,
    /// The authorities of the other Nordic states, that it ended early or fell
    NordicEnd,
    /// The register of health personnel, that it ended early or fell
    HprEnd,
}

impl From<NoticeArg> for Notice {
    fn from(notice: NoticeArg) -> Self {
        match notice {
            NoticeArg::EeaAlert => Self::EeaAlert,
            NoticeArg::EeaEnd => Self::EeaEnd,
            NoticeArg::Employer => Self::Employer,
            NoticeArg::Nordic => Self::Nordic,
            NoticeArg::Hpr => Self::Hpr,
            NoticeArg::EmployerEnd => Self::EmployerEnd,
            NoticeArg::NordicEnd => Self::NordicEnd,
            NoticeArg::HprEnd => Self::HprEnd,
        }
    }
}

#[derive(Args)]
struct RefuseArgs {
    /// The application, as JSON; `-` for standard input
    application: PathBuf,
    /// Why, in one line: the reference of the decision, or its ground
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    dates: Dates,
}

#[derive(Args)]
struct SuspendArgs {
    /// The certificate's number
    number: CertificateNumber,
    /// The first day after the suspension, under § 58
    #[arg(long, value_name = "DATE", required_unless_present = "because")]
    until: Option<CivilDate>,
    /// Why, if not because a revocation seems to be due
    #[arg(long, value_enum)]
    because: Option<GroundArg>,
    /// The person goes on working within limits: the reference of the decision that has them
    #[arg(long, value_name = "TEXT")]
    limits: Option<String>,
    #[command(flatten)]
    dates: Dates,
}

#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum GroundArg {
    /// Until information has been given (§ 58 a): it has no end of its own
    Information,
    /// Until an examination has been made (§ 60): it has no end of its own
    Examination,
}

impl From<GroundArg> for SuspensionGround {
    fn from(ground: GroundArg) -> Self {
        match ground {
            GroundArg::Information => Self::Information,
            GroundArg::Examination => Self::Examination,
        }
    }
}

#[derive(Args)]
struct ExtendArgs {
    /// The certificate's number
    number: CertificateNumber,
    /// The first day after the suspension
    #[arg(long, value_name = "DATE")]
    until: CivilDate,
    #[command(flatten)]
    dates: Dates,
}

#[derive(Args)]
struct MeasureArgs {
    /// The certificate's number
    number: CertificateNumber,
    /// The reference of the decision; never its reason
    #[arg(long, value_name = "TEXT")]
    reference: String,
    /// The first day after it, if it has an end
    #[arg(long, value_name = "DATE")]
    until: Option<CivilDate>,
    #[command(flatten)]
    dates: Dates,
}

#[derive(Args)]
struct AboutDecisionArgs {
    /// The certificate's number
    number: CertificateNumber,
    /// The decision's number in `history`
    #[arg(long, value_name = "SEQ")]
    decision: u64,
    #[command(flatten)]
    dates: Dates,
}

#[derive(Args)]
struct StayArgs {
    #[command(flatten)]
    about: AboutDecisionArgs,
    /// The stay ends, and the decision applies again
    #[arg(long)]
    ended: bool,
}

#[derive(Args)]
struct LiftArgs {
    /// The certificate's number
    number: CertificateNumber,
    /// Lift the limitation, not the suspension
    #[arg(long)]
    limitation: bool,
    #[command(flatten)]
    dates: Dates,
}

#[derive(Args)]
struct LimitArgs {
    /// The certificate's number
    number: CertificateNumber,
    /// The reference of the decision that has the conditions; never the conditions or their reason
    #[arg(long, value_name = "TEXT")]
    reference: String,
    /// The first day after the limitation, if it has an end
    #[arg(long, value_name = "DATE")]
    until: Option<CivilDate>,
    #[command(flatten)]
    dates: Dates,
}

#[derive(Args)]
struct RevokeArgs {
    /// The certificate's number
    number: CertificateNumber,
    /// One of the gravest cases (§ 57 second paragraph), with the long quarantine
    #[arg(long)]
    gravest: bool,
    #[command(flatten)]
    dates: Dates,
}

#[derive(Args)]
struct WaiveArgs {
    /// The certificate's number
    number: CertificateNumber,
    /// A supervisory case was open
    #[arg(long)]
    during_supervision: bool,
    #[command(flatten)]
    dates: Dates,
}

#[derive(Args)]
struct PlainArgs {
    /// The certificate's number
    number: CertificateNumber,
    #[command(flatten)]
    dates: Dates,
}

#[derive(Args)]
struct ReissueArgs {
    /// The certificate's number
    #[arg(required_unless_present = "all")]
    number: Option<CertificateNumber>,
    /// All live certificates of a key
    #[arg(long, requires = "of_key", conflicts_with_all = ["number", "given_name", "decided"])]
    all: bool,
    /// With `--all`: the key that signed them and signs no more
    #[arg(long, value_name = "KID", requires = "all")]
    of_key: Option<KeyId>,
    /// Why
    #[arg(long, value_enum)]
    because: Because,
    /// For so many days the certificate before runs on, at most 30, so that its holder has one until
    /// the new print has come by post; never if it was stolen
    #[arg(long, value_name = "DAYS", default_value_t = 0, conflicts_with = "all")]
    runs_on: u8,
    /// The new given names, after a change of name; `""` for somebody with a single name, which is
    /// the family name
    #[arg(long, value_name = "NAME", requires = "family_name")]
    given_name: Option<String>,
    /// The new family name, after a change of name
    #[arg(long, value_name = "NAME", requires = "given_name")]
    family_name: Option<String>,
    /// The day of the decision; that of the approval if not given
    #[arg(long, value_name = "DATE")]
    decided: Option<CivilDate>,
    #[command(flatten)]
    papers: Papers,
}

#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Because {
    /// The holder has a new name
    NameChange,
    /// The holder lost the print, or somebody copied it
    LostPrint,
    /// The key that signed is no longer used
    KeyRotation,
    /// The decision that ended the authorisation fell on appeal
    Appeal,
    /// What it says of the holder was wrong and is corrected, or a death or a merge that made it
    /// invalid was retracted
    Correction,
}

#[derive(Args)]
struct ReverseArgs {
    #[command(flatten)]
    about: AboutDecisionArgs,
    /// The milder decision that takes its place, from the same day
    #[arg(long, value_enum)]
    instead: Option<MilderArg>,
    /// Of the milder decision: the first day after it
    #[arg(long, value_name = "DATE", requires = "instead")]
    until: Option<CivilDate>,
    /// Of the milder decision: its reference
    #[arg(long, value_name = "TEXT", requires = "instead",
        required_if_eq_any([("instead", "limited_suspension"), ("instead", "limitation"), ("instead", "instruction")]))]
    reference: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum MilderArg {
    /// A revocation, but not one of the gravest cases
    Revocation,
    /// A suspension
    Suspension,
    /// A suspension within whose limits the holder works
    LimitedSuspension,
    /// A limitation by conditions
    Limitation,
    /// An instruction
    Instruction,
}

impl From<MilderArg> for Milder {
    fn from(milder: MilderArg) -> Self {
        match milder {
            MilderArg::Revocation => Self::Revocation,
            MilderArg::Suspension => Self::Suspension,
            MilderArg::LimitedSuspension => Self::LimitedSuspension,
            MilderArg::Limitation => Self::Limitation,
            MilderArg::Instruction => Self::Instruction,
        }
    }
}

impl ReverseArgs {
    fn event(&self) -> Event {
        let AboutDecisionArgs { number: certificate, decision, .. } = self.about;
        let reference = self.reference.clone().unwrap_or_default();
        let instead = self
            .instead
            .map(|milder| Box::new(Milder::from(milder).event(certificate, reference, self.until)));
        Event::Reversed { certificate, decision, instead }
    }
}

#[derive(Args)]
struct MergeArgs {
    /// The number that is no longer used
    from: HprNumber,
    /// Its successor
    into: HprNumber,
    #[command(flatten)]
    dates: Dates,
}

#[derive(Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true))]
struct CorrectArgs {
    /// A certificate of the person
    number: CertificateNumber,
    /// The date of birth as it is right, for all rights of the person
    #[arg(long, value_name = "DATE", group = "what")]
    birthdate: Option<CivilDate>,
    /// The health personnel number as it is right, for the right of this certificate alone
    #[arg(long, value_name = "NUMBER", group = "what")]
    hpr_number: Option<HprNumber>,
    /// The given names as they are right; `""` for somebody with a single name, which is the family
    /// name
    #[arg(long, value_name = "NAME", requires = "family_name", group = "what")]
    given_name: Option<String>,
    /// The family name as it is right
    #[arg(long, value_name = "NAME", requires = "given_name", group = "what")]
    family_name: Option<String>,
    /// The day of the decision; that of the approval if not given
    #[arg(long, value_name = "DATE")]
    decided: Option<CivilDate>,
    #[command(flatten)]
    papers: Papers,
}

#[derive(Args)]
struct RevokeLostArgs {
    /// A file with the certificate as text: the link of its code, the digits, or its transport; `-`
    /// for standard input
    certificate: PathBuf,
    #[command(flatten)]
    papers: Papers,
}

#[derive(Args)]
struct DeleteDocumentArgs {
    /// The hash of the document, as `documents list` shows it
    #[arg(value_name = "SHA256", value_parser = |text: &str| Digest::try_from(text.to_owned()))]
    sha256: Digest,
    /// Why, in one line
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    papers: Papers,
}

#[derive(Args)]
struct RetractArgs {
    /// The number of the death or of the merge in `history`
    statement: u64,
    /// The day of the decision; that of the approval if not given
    #[arg(long, value_name = "DATE")]
    decided: Option<CivilDate>,
    #[command(flatten)]
    papers: Papers,
}

/// Names as they are given: both or none.
fn names(given_name: Option<&String>, family_name: Option<&String>) -> Result<Option<Names>> {
    let both = given_name.zip(family_name);
    Ok(both.map(|(given_name, family_name)| Names::parse(given_name, family_name)).transpose()?)
}

impl ProposeCommand {
    /// The proposal, and the files that it rests on. `now` is the first day of an enrolment that
    /// names none.
    fn proposal(&self, office: &Office, now: NumericDate) -> Result<(Proposal, &[PathBuf])> {
        let state = office.register().state();
        let dated = |event, dates: &Dates| Proposal {
            decided_on: dates.decided,
            effective_on: dates.effective,
            ..Proposal::of(event)
        };
        Ok(match self {
            Self::Grant(args) => {
                (Proposal::to_grant(application(&args.application)?), &args.papers.document)
            }
            Self::Reissue(args) => {
                let names = names(args.given_name.as_ref(), args.family_name.as_ref())?;
                let number = args
                    .number
                    .context("which certificate? Give its number, or `--all --of-key KID`")?;
                let proposal = Proposal::to_reissue(number, args.because.into(), names)
                    .running_on(args.runs_on);
                (Proposal { decided_on: args.decided, ..proposal }, &args.papers.document)
            }
            Self::Renew(args) => {
                let proposal = Proposal::to_renew(args.number, args.count.clone());
                (proposal.running_on(args.runs_on), &args.papers.document)
            }
            Self::Import(_) => anyhow::bail!("an import is proposed by itself"),
            Self::Enrol(args) => {
                let enrolment = Enrolment {
                    name: args.name.parse()?,
                    key: public_key(&args.key)?,
                    roles: args.role.iter().map(|role| (*role).into()).collect(),
                    from: args.from.unwrap_or_else(|| now.civil_date()),
                    until: args.until,
                };
                (Proposal::of(Event::OfficerEnrolled(Box::new(enrolment))), &args.papers.document)
            }
            Self::Roots(args) => {
                let roots = Box::new(args.roots(state)?);
                (Proposal::of(Event::RootsPinned { roots }), &args.papers.document)
            }
            Self::Title(args) => {
                (Proposal::of(Event::TitleEntered(Box::new(args.row()?))), &args.papers.document)
            }
            Self::Refuse(RefuseArgs { application: file, reason, dates }) => {
                let refused = Refused { application: application(file)?, reason: reason.clone() };
                (dated(Event::Refused(Box::new(refused)), dates), &dates.papers.document)
            }
            Self::RevokeLost(args) => {
                let shown = String::from_utf8(read(&args.certificate)?).context(
                    "it is no text: give the link of the code, its digits, or the transport",
                )?;
                (office.revocation_of_lost(shown.trim())?, &args.papers.document)
            }
            Self::Suspend(SuspendArgs { number, until, because, limits, dates }) => {
                let event = Event::Suspended {
                    certificate: *number,
                    until: *until,
                    ground: because.map_or(SuspensionGround::Revocation, Into::into),
                    limits: limits.clone(),
                    unapproved_until: None,
                };
                (dated(event, dates), &dates.papers.document)
            }
            Self::Instruct(MeasureArgs { number, reference, until, dates }) => {
                let (certificate, reference) = (*number, reference.clone());
                let event = Event::Instructed { certificate, reference, until: *until };
                (dated(event, dates), &dates.papers.document)
            }
            Self::Ban(MeasureArgs { number, reference, until, dates }) => {
                let (certificate, reference) = (*number, reference.clone());
                let event = Event::Banned { certificate, reference, until: *until };
                (dated(event, dates), &dates.papers.document)
            }
            Self::End(AboutDecisionArgs { number: certificate, decision, dates }) => {
                let (certificate, decision) = (*certificate, *decision);
                let event = state.end_of_measure(certificate, decision)?;
                (dated(event, dates), &dates.papers.document)
            }
            Self::Extend(ExtendArgs { number, until, dates }) => (
                dated(Event::Extended { certificate: *number, until: *until }, dates),
                &dates.papers.document,
            ),
            Self::Lift(LiftArgs { number: certificate, limitation, dates }) => {
                let certificate = *certificate;
                let event = if *limitation {
                    Event::LimitationLifted { certificate }
                } else {
                    Event::Lifted { certificate }
                };
                (dated(event, dates), &dates.papers.document)
            }
            Self::Limit(LimitArgs { number, reference, until, dates }) => {
                let event = Event::Limited {
                    certificate: *number,
                    reference: reference.clone(),
                    until: *until,
                };
                (dated(event, dates), &dates.papers.document)
            }
            Self::Revoke(RevokeArgs { number, gravest, dates }) => (
                dated(Event::Revoked { certificate: *number, gravest: *gravest }, dates),
                &dates.papers.document,
            ),
            Self::Waive(WaiveArgs { number, during_supervision, dates }) => {
                let event =
                    Event::Waived { certificate: *number, during_supervision: *during_supervision };
                (dated(event, dates), &dates.papers.document)
            }
            Self::Annul(PlainArgs { number, dates }) => {
                (dated(Event::Annulled { certificate: *number }, dates), &dates.papers.document)
            }
            Self::Deceased(PlainArgs { number, dates }) => {
                (dated(Event::Deceased { certificate: *number }, dates), &dates.papers.document)
            }
            Self::Stay(StayArgs { about, ended }) => {
                let AboutDecisionArgs { number: certificate, decision, ref dates } = *about;
                let event = match ended {
                    false => Event::Stayed { certificate, decision },
                    true => Event::StayEnded { certificate, decision },
                };
                (dated(event, dates), &dates.papers.document)
            }
            Self::Reverse(args) => {
                (dated(args.event(), &args.about.dates), &args.about.dates.papers.document)
            }
            Self::Uphold(AboutDecisionArgs { number: certificate, decision, dates }) => {
                let event = Event::Upheld { certificate: *certificate, decision: *decision };
                (dated(event, dates), &dates.papers.document)
            }
            Self::Correct(args) => {
                let correction = Correction {
                    birthdate: args.birthdate,
                    hpr_number: args.hpr_number,
                    names: names(args.given_name.as_ref(), args.family_name.as_ref())?,
                    ..Correction::of(args.number)
                };
                let proposal = Proposal::of(Event::Corrected(Box::new(correction)));
                (Proposal { decided_on: args.decided, ..proposal }, &args.papers.document)
            }
            Self::DeleteDocument(DeleteDocumentArgs { sha256, reason, papers }) => {
                let event = Event::DocumentDeleted { sha256: *sha256, reason: reason.clone() };
                (Proposal::of(event), &papers.document)
            }
            Self::Retract(RetractArgs { statement, decided, papers }) => {
                let proposal = Proposal::of(Event::Retracted { statement: *statement });
                (Proposal { decided_on: *decided, ..proposal }, &papers.document)
            }
            Self::Merge(MergeArgs { from, into, dates }) => {
                (dated(Event::Merged { from: *from, into: *into }, dates), &dates.papers.document)
            }
        })
    }
}

impl TitleArgs {
    fn row(&self) -> Result<ProtectedTitle> {
        let rows = match &self.rows {
            Some(file) => titles(file)?,
            None => ProtectedTitle::shipped().to_vec(),
        };
        let known: Vec<_> = rows.iter().map(|row| row.title.to_string()).collect();
        rows.into_iter().find(|row| row.title == self.title).with_context(|| {
            format!(
                "there is no row for `{}`, only for {}: give one with `--rows FILE`",
                self.title,
                known.join(", ")
            )
        })
    }
}

impl From<Because> for ReissueReason {
    fn from(because: Because) -> Self {
        match because {
            Because::NameChange => Self::NameChange,
            Because::LostPrint => Self::LostPrint,
            Because::KeyRotation => Self::KeyRotation,
            Because::Appeal => Self::Appeal,
            Because::Correction => Self::Correction,
        }
    }
}

fn application(file: &Path) -> Result<Application> {
    Application::from_json(&read(file)?).with_context(|| format!("reading `{}`", file.display()))
}

/// What is in a file, or comes from standard input.
fn read(file: &Path) -> Result<Vec<u8>> {
    let bytes = if file.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut std::io::stdin(), &mut bytes).map(|_| bytes)
    } else {
        std::fs::read(file)
    };
    bytes.with_context(|| format!("reading `{}`", file.display()))
}

/// The rows of a file in the form of `professions.toml`.
pub(super) fn titles(file: &PathBuf) -> Result<Vec<ProtectedTitle>> {
    let reading = || format!("reading `{}`", file.display());
    let bytes = std::fs::read(file).with_context(reading)?;
    let text = String::from_utf8(to_utf8(&bytes).into_owned()).with_context(reading)?;
    ProtectedTitle::from_toml(&text).with_context(reading)
}

/// The public half of a key, as `keys new` or the console writes it: of an officer it may be a
/// passkey.
pub(super) fn public_key<K: DeserializeOwned>(file: &PathBuf) -> Result<K> {
    let read = || Ok::<_, anyhow::Error>(serde_json::from_slice(&std::fs::read(file)?)?);
    read().with_context(|| {
        format!(
            "reading the public key `{}`, expected a `.pub` file of `keys new`, or that of an officer's passkey",
            file.display()
        )
    })
}

pub(super) fn propose(session: &Session, args: &ProposeArgs) -> Result<()> {
    match &args.act {
        ProposeCommand::Import(args) => return import::propose(session, args),
        ProposeCommand::Reissue(ReissueArgs { of_key: Some(of_key), because, papers, .. }) => {
            return import::propose_reissue(
                session,
                (*of_key, (*because).into()),
                &papers.document,
            );
        }
        _ => {}
    }
    let mut office = session.open()?;
    let now = session.checked_clock(&office)?;
    let (proposal, files) = args.act.proposal(&office, now)?;
    let officer = session.officer()?;
    // Before anything is recorded: a grant whose alerts cannot be looked up is not proposed.
    let look = Look::at(&mut office, &proposal, now)?;
    let statement = session.as_of_now(&mut office, |office, now| {
        office.propose(proposal.clone(), files, &*officer, now)
    })?;
    answers::proposed(session, &office, &statement, &look)
}

pub(super) fn suspend(session: &Session, args: &EmergencyArgs) -> Result<()> {
    if !args.emergency {
        return Err(vernet_register::Error::NeedsTwo { event: "suspended" }.into());
    }
    let (mut office, officer) = (session.open()?, session.officer()?);
    let about = (args.number, args.until);
    let statement = session
        .as_of_now(&mut office, |office, now| office.suspend_in_emergency(about, &*officer, now))?;
    answers::recorded(session, office.register().state(), &statement)
}

pub(super) fn take_back(session: &Session, args: &TakeBackArgs) -> Result<()> {
    let (mut office, officer) = (session.open()?, session.officer()?);
    let statement = session.as_of_now(&mut office, |office, now| {
        office.take_back_suspension(args.number, &*officer, now)
    })?;
    answers::recorded(session, office.register().state(), &statement)
}

pub(super) fn notified(session: &Session, args: &NotifiedArgs) -> Result<()> {
    let (mut office, officer) = (session.open()?, session.officer()?);
    let event = Event::Notified {
        certificate: args.number,
        decision: args.decision,
        notice: args.notice.into(),
        withdrawn: args.withdrawn.clone(),
    };
    let statement = session.as_of_now(&mut office, |office, now| {
        let decided_on = args.decided.unwrap_or_else(|| now.civil_date());
        office.register_mut().record(
            event.clone(),
            &*officer,
            &Decision { decided_on, ..Decision::today(now) },
        )
    })?;
    answers::recorded(session, office.register().state(), &statement)
}
