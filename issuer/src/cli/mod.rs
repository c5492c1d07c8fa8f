//! The command line reads files, the clock and passphrases; what it decides, the library decides.
//!
//! Results go to standard output, everything else to standard error. Exit status: 0 done, 1 refused by a rule or an error, 2 wrong usage.

mod credentials;
mod decisions;
mod demo;
mod export;
mod hints;
mod init;
mod keys;
mod publish;
mod records;
mod session;
mod terminal;
mod trust_list;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use session::Session;
use terminal::{note, printable_lines};

/// Grant authorisations, supervise them, and publish what hospitals need to verify certificates.
#[derive(Parser)]
#[command(name = "vernet-issuer", version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    session: Session,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// See everything work in a minute: a demonstration office, a certificate, a publication, verdicts
    Demo(demo::DemoArgs),
    /// Make an office in a new folder, with fresh working keys
    Init(init::InitArgs),
    /// Grant an authorisation or a licence, and sign its certificate
    Grant(decisions::GrantArgs),
    /// Suspend an authorisation, up to 6 months
    Suspend(decisions::SuspendArgs),
    /// Extend the suspension in force, once, up to 6 months
    Extend(decisions::SuspendArgs),
    /// Lift the suspension (or the limitation) in force
    Lift(decisions::LiftArgs),
    /// Limit an authorisation by conditions
    Limit(decisions::LimitArgs),
    /// Revoke an authorisation, for good
    Revoke(decisions::RevokeArgs),
    /// Record that the holder waived the authorisation
    Waive(decisions::WaiveArgs),
    /// Annul a grant: it never was valid
    Annul(decisions::PlainArgs),
    /// Record the holder's death (`--effective` is the day of death)
    Deceased(decisions::PlainArgs),
    /// Sign another certificate for the same authorisation; the one before becomes invalid
    Reissue(decisions::ReissueArgs),
    /// Record that a decision fell on appeal
    Reverse(decisions::ReverseArgs),
    /// Record that two health personnel numbers are one person
    Merge(decisions::MergeArgs),
    /// Record that the other EEA states were alerted of a decision
    Alerted(decisions::ReverseArgs),
    /// Show a certificate and what its authorisation is worth
    Show(records::ShowArgs),
    /// List all certificates
    List(records::ListArgs),
    /// Show every statement about an authorisation
    History(records::HistoryArgs),
    /// Show what is due: what expires, what must be alerted, renewed or published
    Due(records::DueArgs),
    /// Write a certificate as text, link or QR code
    Export(export::ExportArgs),
    /// Sign fresh status lists and replace the published folder
    Publish(publish::PublishArgs),
    /// Make and manage keys
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Draft, sign and accept trust lists
    #[command(subcommand)]
    TrustList(trust_list::TrustListCommand),
}

pub(crate) fn run() -> ExitCode {
    let Cli { session, command } = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let text = error.render().to_string();
            // clap repeats what was typed as it is.
            if printable_lines(&text) == text {
                let _ = error.print();
            } else {
                note(printable_lines(&text));
            }
            return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    let done = match command {
        Command::Demo(args) => demo::run(&args),
        Command::Init(args) => init::run(&session, &args),
        Command::Grant(args) => decisions::grant(&session, &args),
        Command::Suspend(args) => decisions::suspend(&session, &args),
        Command::Extend(args) => decisions::extend(&session, &args),
        Command::Lift(args) => decisions::lift(&session, &args),
        Command::Limit(args) => decisions::limit(&session, &args),
        Command::Revoke(args) => decisions::revoke(&session, &args),
        Command::Waive(args) => decisions::waive(&session, &args),
        Command::Annul(args) => decisions::annul(&session, &args),
        Command::Deceased(args) => decisions::deceased(&session, &args),
        Command::Reissue(args) => decisions::reissue(&session, &args),
        Command::Reverse(args) => decisions::reverse(&session, &args),
        Command::Merge(args) => decisions::merge(&session, &args),
        Command::Alerted(args) => decisions::alerted(&session, &args),
        Command::Show(args) => records::show(&session, &args),
        Command::List(args) => records::list(&session, &args),
        Command::History(args) => records::history(&session, &args),
        Command::Due(args) => records::due(&session, &args),
        Command::Export(args) => export::run(&session, &args),
        Command::Publish(args) => publish::run(&session, &args),
        Command::Keys(command) => keys::run(&session, &command),
        Command::TrustList(command) => trust_list::run(&session, &command),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            hints::report(&session, &error);
            ExitCode::FAILURE
        }
    }
}
