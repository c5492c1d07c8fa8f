//! The command line reads files, the clock and passphrases; every decision is made in the library.
//!
//! Results go to standard output, everything else to standard error. Exit status: 0 done, 1 refused
//! by a rule or an error, 2 wrong usage; of `reconcile` alone 3, if something differs.

mod activity;
mod answers;
mod applications;
mod appointments;
mod audit;
mod credentials;
mod decision_letter;
mod decisions;
mod demo;
mod dispatches;
mod documents;
mod drill;
mod ends;
mod environment;
mod export;
mod export_all;
mod export_together;
mod figures;
mod hints;
mod history;
mod import;
mod inbox;
mod incoming;
mod init;
mod keys;
mod look;
#[cfg(test)]
mod manual;
mod officers;
mod particulars;
mod passphrases;
mod person;
mod proposals;
mod publish;
mod publish_metrics;
mod reconcile;
mod records;
mod register;
mod restored;
mod rules;
mod serve;
mod session;
mod shortage;
mod terminal;
mod trust_list;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use session::Session;
use vernet_host::{note, printable_lines};

/// Grant authorisations, supervise them, and publish what hospitals need to verify certificates.
#[derive(Parser)]
#[command(name = "vernet-issuer", version, max_term_width = 100)]
struct Cli {
    // The command's own options stand first in its help, under "Options"; these follow.
    #[command(flatten, next_help_heading = "Options of every command")]
    session: Session,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// See everything work in a minute: a demonstration office, a certificate, a publication,
    /// verdicts
    Demo(demo::DemoArgs),
    /// Make an office in a new folder, with fresh working keys
    Init(init::InitArgs),
    /// Propose a decision; it counts once another officer has approved it
    Propose(decisions::ProposeArgs),
    /// Show what would become of each row of a table of people; `propose import` is the import
    /// itself
    Import(import::ImportArgs),
    /// List the proposals that wait for another officer
    Proposals,
    /// Show exactly what one signs by approving a proposal, and what to compare it with
    Review(proposals::SeqArgs),
    /// Approve what another officer proposed, or confirm a suspension in an emergency
    Approve(proposals::ApproveArgs),
    /// Turn a proposal down, or take it back
    Reject(proposals::RejectArgs),
    /// Suspend at once, in an emergency, by one officer
    Suspend(decisions::EmergencyArgs),
    /// Take back your own suspension in an emergency, before another officer has confirmed it
    TakeBack(decisions::TakeBackArgs),
    /// Record that somebody was told of a decision, or need not be
    #[command(alias = "alerted")]
    Notified(decisions::NotifiedArgs),
    /// Show a certificate and what its authorisation is worth
    Show(records::ShowArgs),
    /// List all certificates
    List(records::ListArgs),
    /// Show every statement about an authorisation; with `--out`, sign a history for those who are
    /// entitled to it
    History(records::HistoryArgs),
    /// Find a person, and show everything that is held about them
    Person(person::PersonArgs),
    /// List documents and from when on each may be deleted; `propose delete-document` deletes one
    #[command(subcommand)]
    Documents(documents::DocumentsCommand),
    /// Count for statistics: who is authorised on a day, what happened in a period, how long it took
    Figures(figures::FiguresArgs),
    /// Show what is due: what expires, what must be alerted, renewed or published
    Due(records::DueArgs),
    /// Open the inbox in which people apply: a public server that holds no key and no register
    Inbox(inbox::InboxArgs),
    /// Look into a file that a stranger sent
    #[command(name = inbox::EXAMINE, hide = true)]
    Examine,
    /// List, open and answer what applicants send through the inbox
    Applications(applications::ApplicationsArgs),
    /// Keep, list and delete the alerts of other states, which are looked up at a grant
    #[command(subcommand)]
    Incoming(incoming::IncomingCommand),
    /// Print the rules, code lists and bodies that this program applies, with paragraph and period
    Rules(rules::RulesArgs),
    /// Check the whole register: every signature, every rule, every certificate and publication
    Audit(audit::AuditArgs),
    /// Compare who is authorised with an export of the national register, and with a hospital's
    /// roster; changes nothing
    Reconcile(reconcile::ReconcileArgs),
    /// Write a certificate, or those of everybody, as text, link, QR code, letter or card, or a
    /// statement for other states
    Export(export::ExportArgs),
    /// Record that letters, cards or statements were printed or sent
    Sent(dispatches::SentArgs),
    /// Write the letter that tells a person of a decision, with paragraph and ways to appeal
    DecisionLetter(decision_letter::DecisionLetterArgs),
    /// Sign fresh status lists and replace the published folder
    Publish(publish::PublishArgs),
    /// Open the office in a browser: the same register, rules and words, for those who work at a desk
    Serve(serve::ServeArgs),
    /// Play what might happen, in an office that is thrown away
    #[command(subcommand)]
    Drill(drill::DrillCommand),
    /// List officers, end their keys, have the root keys appoint others, look at what one signed
    #[command(subcommand)]
    Officers(officers::OfficersCommand),
    /// Back up the register, move it to another data base, or take back what was lost
    #[command(subcommand)]
    Register(register::RegisterCommand),
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
            // clap repeats the arguments unescaped.
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
        Command::Propose(args) => decisions::propose(&session, &args),
        Command::Import(args) => import::check(&session, &args),
        Command::Proposals => proposals::list(&session),
        Command::Review(args) => proposals::review(&session, &args),
        Command::Approve(args) => proposals::approve(&session, &args),
        Command::Reject(args) => proposals::reject(&session, &args),
        Command::Suspend(args) => decisions::suspend(&session, &args),
        Command::TakeBack(args) => decisions::take_back(&session, &args),
        Command::Notified(args) => decisions::notified(&session, &args),
        Command::Show(args) => records::show(&session, &args),
        Command::List(args) => records::list(&session, &args),
        Command::History(args) => records::history(&session, &args),
        Command::Person(args) => person::run(&session, &args),
        Command::Documents(command) => documents::run(&session, &command),
        Command::Figures(args) => figures::run(&session, &args),
        Command::Due(args) => records::due(&session, &args),
        Command::Inbox(args) => inbox::run(&session, &args),
        Command::Examine => inbox::examine_here(),
        Command::Applications(args) => applications::run(&session, &args),
        Command::Incoming(command) => incoming::run(&session, &command),
        Command::Rules(args) => rules::run(&session, &args),
        Command::Audit(args) => audit::run(&session, &args),
        Command::Reconcile(args) => match reconcile::run(&session, &args) {
            Ok(status) => return status,
            Err(error) => Err(error),
        },
        Command::Export(args) => export::run(&session, &args),
        Command::Sent(args) => dispatches::run(&session, &args),
        Command::DecisionLetter(args) => decision_letter::run(&session, &args),
        Command::Publish(args) => publish::run(&session, &args),
        Command::Serve(args) => serve::run(&session, &args),
        Command::Drill(command) => drill::run(&session, &command),
        Command::Officers(command) => officers::run(&session, &command),
        Command::Register(command) => register::run(&session, &command),
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
