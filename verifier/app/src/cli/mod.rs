//! The command line reads files and the clock; every decision is made in the library.
//!
//! Results go to standard output, everything else to standard error. Exit status: 0 accepted or
//! done, 1 refused or undetermined, 2 could not run.

mod archive;
mod check;
mod colour;
mod inspect;
mod keys;
mod page;
mod past;
mod receipt;
mod receipts;
mod roster;
mod source;
mod statement;
mod sync;
mod trust;
mod warnings;
mod witness;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::global::Global;

/// Verify certificates of protected titles, with or without a network.
#[derive(Parser)]
#[command(name = "vernet-verifier", version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check certificates: files with text, a picture of the QR code or a letter as PDF, links,
    /// digits, or `-` for standard input
    Check(check::CheckArgs),
    /// Check a whole staff's certificates against the lists at hand, and tell what has changed
    #[command(subcommand)]
    Roster(roster::RosterCommand),
    /// Fetch an office's newest lists, verify them and keep them for offline use
    Sync(sync::SyncArgs),
    /// Show what a certificate claims, without verifying anything
    Inspect(inspect::InspectArgs),
    /// Serve the API for programs and the scanning page for phones
    #[cfg(feature = "serve")]
    Serve(Box<crate::serve::ServeArgs>),
    /// Pin, show or forget the root keys of an office
    #[command(subcommand)]
    Trust(trust::TrustCommand),
    /// Make a key of your own, for receipts or as a witness
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Make the check of a receipt again, years later
    #[command(subcommand)]
    Receipt(receipt::ReceiptCommand),
    /// Watch an office's log of certificates, and sign that it only grew
    #[command(subcommand)]
    Witness(witness::WitnessCommand),
    /// Write the scanning page for a web server
    #[command(subcommand)]
    Page(page::PageCommand),
    /// Read one file; the other commands start it
    #[command(name = crate::reader::COMMAND, hide = true)]
    Read(crate::reader::ReadArgs),
}

pub(crate) fn run() -> ExitCode {
    let Cli { global, command } = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    let done = match command {
        Command::Check(args) => check::run(&global, &args),
        Command::Roster(command) => roster::run(&global, command),
        Command::Sync(args) => sync::run(&global, &args).map(|()| ExitCode::SUCCESS),
        Command::Inspect(args) => inspect::run(&global, &args).map(|()| ExitCode::SUCCESS),
        #[cfg(feature = "serve")]
        Command::Serve(args) => crate::serve::run(&global, *args),
        Command::Keys(command) => keys::run(&global, &command).map(|()| ExitCode::SUCCESS),
        Command::Receipt(command) => receipt::run(&global, &command),
        Command::Witness(command) => witness::run(&global, command),
        Command::Page(command) => page::run(&global, command).map(|()| ExitCode::SUCCESS),
        Command::Read(args) => crate::reader::run(&args),
        Command::Trust(command) => trust::run(&global, command).map(|()| ExitCode::SUCCESS),
    };
    done.unwrap_or_else(|error| {
        global.complain(&error);
        ExitCode::from(2)
    })
}
