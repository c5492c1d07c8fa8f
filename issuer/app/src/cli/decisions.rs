//! The decisions: what can be proposed, and the few that one officer makes alone.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, Subcommand, ValueEnum};
use vernet_common::{CertificateNumber, CivilDate, HprNumber, KeyId, NumericDate, PublicKey};
use vernet_register::{
    Application, Decision, Enrolment, Event, Names, Proposal, ReissueReason, Role,
};

use super::{Session, answers, import};

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
    /// Suspend an authorisation, up to 6 months
    Suspend(SuspendArgs),
    /// Extend the suspension in force, once, up to 6 months
    Extend(SuspendArgs),
    /// Lift the suspension (or the limitation) in force
    Lift(LiftArgs),
    /// Limit an authorisation by conditions
    Limit(LimitArgs),
    /// Revoke an authorisation, for good
    Revoke(RevokeArgs),
    /// Record that the holder waived the authorisation
    Waive(WaiveArgs),
    /// Annul a grant: it never was valid
    Annul(PlainArgs),
    /// Record the holder's death (`--effective` is the day of death)
    Deceased(PlainArgs),
    /// Sign another certificate for the same authorisation; the one before becomes invalid
    Reissue(ReissueArgs),
    /// Record that a decision fell on appeal
    Reverse(ReverseArgs),
    /// Record that two health personnel numbers are one person
    Merge(MergeArgs),
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
pub(super) struct AlertedArgs {
    /// The certificate's number
    number: CertificateNumber,
    /// The decision's number in `history`
    #[arg(long, value_name = "SEQ")]
    decision: u64,
    /// The day on which they were alerted; today if not given
    #[arg(long, value_name = "DATE")]
    decided: Option<CivilDate>,
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

#[derive(Args)]
struct SuspendArgs {
    /// The certificate's number
    number: CertificateNumber,
    /// The first day after the suspension
    #[arg(long, value_name = "DATE")]
    until: CivilDate,
    #[command(flatten)]
    dates: Dates,
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
    /// One of the gravest cases, with the long quarantine
    #[arg(long)]
    gravest: bool,
    #[command(flatten)]
    dates: Dates,
}

#[derive(Args)]
struct WaiveArgs {
    /// The certificate's number
    number: CertificateNumber,
    /// A supervisory case was open, so the quarantine of a revocation applies
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
    /// The new given names, after a change of name
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
}

#[derive(Args)]
struct ReverseArgs {
    /// The certificate's number
    number: CertificateNumber,
    /// The decision's number in `history`
    #[arg(long, value_name = "SEQ")]
    decision: u64,
    #[command(flatten)]
    dates: Dates,
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

impl ProposeCommand {
    /// The proposal, and the files that it rests on. `now` is the first day of an enrolment that
    /// names none.
    fn proposal(&self, now: NumericDate) -> Result<(Proposal, &[PathBuf])> {
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
                let names = match (&args.given_name, &args.family_name) {
                    (Some(given_name), Some(family_name)) => {
                        Some(Names::parse(given_name, family_name)?)
                    }
                    _ => None,
                };
                let number = args
                    .number
                    .context("which certificate? Give its number, or `--all --of-key KID`")?;
                let proposal = Proposal::to_reissue(number, args.because.into(), names);
                (Proposal { decided_on: args.decided, ..proposal }, &args.papers.document)
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
            Self::Suspend(SuspendArgs { number, until, dates }) => {
                let event = Event::Suspended {
                    certificate: *number,
                    until: *until,
                    unapproved_until: None,
                };
                (dated(event, dates), &dates.papers.document)
            }
            Self::Extend(SuspendArgs { number, until, dates }) => (
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
            Self::Reverse(ReverseArgs { number, decision, dates }) => (
                dated(Event::Reversed { certificate: *number, decision: *decision }, dates),
                &dates.papers.document,
            ),
            Self::Merge(MergeArgs { from, into, dates }) => {
                (dated(Event::Merged { from: *from, into: *into }, dates), &dates.papers.document)
            }
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
        }
    }
}

fn application(file: &PathBuf) -> Result<Application> {
    let json = if file.as_os_str() == "-" {
        std::io::read_to_string(std::io::stdin()).map(String::into_bytes)
    } else {
        std::fs::read(file)
    };
    let reading = || format!("reading `{}`", file.display());
    Application::from_json(&json.with_context(reading)?).with_context(reading)
}

/// The public half of a key, as `keys new` writes it.
pub(super) fn public_key(file: &PathBuf) -> Result<PublicKey> {
    let read = || Ok::<PublicKey, anyhow::Error>(serde_json::from_slice(&std::fs::read(file)?)?);
    read().with_context(|| {
        format!("reading the public key `{}`, expected a `.pub` file of `keys new`", file.display())
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
    let (proposal, files) = args.act.proposal(session.checked_clock(&office)?)?;
    let officer = session.officer()?;
    let statement = session.as_of_now(&mut office, |office, now| {
        office.propose(proposal.clone(), files, &*officer, now)
    })?;
    answers::proposed(session, &office, &statement)
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

pub(super) fn alerted(session: &Session, args: &AlertedArgs) -> Result<()> {
    let (mut office, officer) = (session.open()?, session.officer()?);
    let event = Event::Alerted { certificate: args.number, decision: args.decision };
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
