//! What to do about an error: only the command line knows which commands there are.

use vernet_issuer::{Error, FileError, KeyFileError, QrCodeError};

use super::{
    Session,
    terminal::{note, printable, printable_json},
};

pub(super) fn report(session: &Session, error: &anyhow::Error) {
    let code = code(error);
    let hint = code.and_then(hint);
    if session.json {
        let object = serde_json::json!({ "error": { "code": code, "message": format!("{error:#}"), "hint": hint } });
        note(printable_json(&object));
        return;
    }
    let message = printable(&format!("{error:#}"));
    match code {
        Some(code) => note(format_args!("vernet-issuer: {message} [{code}]")),
        None => note(format_args!("vernet-issuer: {message}")),
    }
    if let Some(hint) = hint {
        note(format_args!("  → {hint}"));
    }
}

/// The stable name of what went wrong, whichever part of the library said so.
fn code(error: &anyhow::Error) -> Option<&'static str> {
    error
        .downcast_ref()
        .map(Error::code)
        .or_else(|| error.downcast_ref().map(KeyFileError::code))
        .or_else(|| error.downcast_ref().map(FileError::code))
        .or_else(|| error.downcast_ref().map(QrCodeError::code))
        .or_else(|| error.downcast_ref().map(vernet_common::Error::code))
}

fn hint(code: &str) -> Option<&'static str> {
    Some(match code {
        "no_office" => "give the office's folder with `--office DIR`, or make one with `vernet-issuer init`",
        "no_trust_list" => {
            "run `vernet-issuer trust-list draft`, have it signed with `trust-list sign`, then `trust-list accept`"
        }
        "trust_list_expired" => "draft, sign and accept a new trust list now: hospitals cannot verify anything",
        "no_key" => "see `vernet-issuer keys list`; a new key must be in a signed trust list before it may sign",
        "threshold_not_reached" => "have more root keys sign it: `vernet-issuer trust-list sign FILE --key ROOT.pem`",
        "trust_list_sequence" => "it was drafted before another one was accepted: draft it again",
        "trust_list_outdated" => "draft it again and have it signed: `vernet-issuer trust-list draft`",
        "roots_before_trust_list" => "draft it without `--roots`, and bring new roots with the next trust list",
        "register_behind_publication" => {
            "restore the newest copy of the register, with every decision in it, then publish"
        }
        "clock_ahead" => {
            "compare this machine's clock with another one, and set it; if it is right, give `--clock-is-right`"
        }
        "folder_not_ours" => "publish into a folder of its own",
        "withdrawn" => "export the certificate that took its place, or `reissue` if the authorisation is in force",
        "passphrase_wrong" => "give the passphrase with which the key was made",
        "passphrase_too_short" => "use at least 12 characters, for instance five random words",
        "clock_behind" => "set the clock of this machine; the register never goes back in time",
        "officer_unknown" => {
            "see `vernet-issuer officers list`; two administrators enrol an officer: `vernet-issuer propose enrol`"
        }
        "officer_not_in_office" => {
            "see `vernet-issuer officers list`; a new period takes `vernet-issuer propose enrol`"
        }
        "role_missing" => "somebody with that role must do it: see `vernet-issuer officers list`",
        "same_officer" => "have another officer review and approve it",
        "proposal_unknown" => "see `vernet-issuer proposals`",
        "proposal_too_old" => "propose it again, with what is known today",
        "document_changed" | "document_missing" => {
            "restore the document from the backup, or propose it again with the right one"
        }
        "emergency_over" => "`vernet-issuer propose suspend`, and have another officer approve it",
        "emergency_repeated" => "`vernet-issuer propose suspend`, and have another officer approve it",
        "founders_differ" => {
            "this is not the register that the office was founded with: restore it, and find out who put it there"
        }
        "chain" | "signature_invalid" => {
            "if it is about the register: run `vernet-issuer audit`, and restore the register from the backup"
        }
        "not_found" => "see `vernet-issuer list`",
        "already_authorised" => "a person holds one live certificate: `reissue` for a lost print or a new name",
        "key_file_exists" | "file_exists" => "nothing is ever overwritten: choose another name",
        _ => return None,
    })
}
