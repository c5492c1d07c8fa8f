//! What to do about an error: only the command line knows which commands there are.

use std::error::Error;

use vernet_console::{AccessLogError, InboxError, ServeError, SettingsError};
use vernet_host::{FileError, KeyFileError, Report, SecretError};
use vernet_issuer::{DestinationError, QrCodeError, TokenError};

use super::{Session, serve::WithoutTls, session::OfficerKeyMissing};

pub(super) fn report(session: &Session, error: &anyhow::Error) {
    let known = |link: &(dyn Error + 'static)| code(link).map(|code| (code, hint(code)));
    Report::of(error.as_ref(), known).say("vernet-issuer", session.json);
}

/// The stable name of what went wrong: that of the first link that has one, as it is reported.
pub(super) fn code_of(error: &anyhow::Error) -> &'static str {
    error.chain().find_map(code).unwrap_or("error")
}

/// The stable name of an error, whichever part of the library it comes from.
fn code(link: &(dyn Error + 'static)) -> Option<&'static str> {
    link.downcast_ref()
        .map(vernet_issuer::Error::code)
        .or_else(|| link.downcast_ref().map(vernet_register::Error::code))
        .or_else(|| link.downcast_ref().map(vernet_applications::Error::code))
        .or_else(|| link.downcast_ref().map(InboxError::code))
        .or_else(|| link.downcast_ref().map(SettingsError::code))
        .or_else(|| link.downcast_ref().map(KeyFileError::code))
        .or_else(|| link.downcast_ref().map(SecretError::code))
        .or_else(|| link.downcast_ref().map(TokenError::code))
        .or_else(|| link.downcast_ref().map(FileError::code))
        .or_else(|| link.downcast_ref().map(DestinationError::code))
        .or_else(|| link.downcast_ref().map(QrCodeError::code))
        .or_else(|| link.downcast_ref().map(vernet_common::Error::code))
        .or_else(|| link.downcast_ref().map(ServeError::code))
        .or_else(|| link.downcast_ref().map(AccessLogError::code))
        .or_else(|| link.downcast_ref().map(|OfficerKeyMissing| OfficerKeyMissing::CODE))
        .or_else(|| link.downcast_ref().map(|_: &WithoutTls| WithoutTls::CODE))
}

fn hint(code: &str) -> Option<&'static str> {
    HINTS.iter().find(|(codes, _)| codes.contains(&code)).map(|(_, hint)| *hint)
}

/// Hints, each with the errors that it is for.
const HINTS: &[(&[&str], &str)] = &[
    (
        &["no_office"],
        "give the office's folder with `--office DIR`, or make one with `vernet-issuer init`",
    ),
    (
        &["no_trust_list"],
        "run `vernet-issuer trust-list draft`, have it signed with `trust-list sign`, then `trust-list accept`",
    ),
    (
        &["trust_list_expired"],
        "draft, sign and accept a new trust list now: hospitals cannot verify anything",
    ),
    (
        &["no_key"],
        "see `vernet-issuer keys list`; a new key must be in a signed trust list before it may sign",
    ),
    (
        &["threshold_not_reached"],
        "have more root keys sign it: `vernet-issuer trust-list sign FILE --key ROOT.pem`, or `officers appoint sign`; only those count that are pinned",
    ),
    (
        &["roots_not_pinned"],
        "two administrators pin them: `vernet-issuer propose roots FILE` with the office's `roots.json`",
    ),
    (
        &["appointment_elsewhere", "appointment_overtaken", "appointment_too_old"],
        "draft it anew, and have the roots sign that: `vernet-issuer officers appoint draft`",
    ),
    (&["appointment_of_another"], "give the appointment that was drafted at this office"),
    (
        &["not_appointed"],
        "give the key of one of the officers in the appointment with `--officer-key`: `vernet-issuer officers appoint show FILE` says whose they are",
    ),
    (
        &["too_few_administrators"],
        "enrol another administrator first, `vernet-issuer propose enrol`; if a key was stolen, pin the root keys, `vernet-issuer propose roots FILE`: then every key can be ended, and the roots can appoint officers",
    ),
    (&["no_inbox"], "add `inbox` with its `folder` and `url` to office.json: see docs/INBOX.md"),
    (
        &["receipt_unknown", "receipt_ambiguous"],
        "`vernet-issuer applications list` has the receipts; the first digits of one are enough",
    ),
    (
        &["sealed_for_another"],
        "is it the key whose public half the inbox has? `--inbox-key FILE`, or VERNET_INBOX_KEY",
    ),
    (
        &["mail_settings", "mail_not_sent"],
        "mend `mail` in the `inbox` of office.json, then `vernet-issuer applications notify RECEIPT`",
    ),
    (&["passphrase_same"], "choose another passphrase: nothing was changed"),
    (
        &["key_in_token"],
        "change the token's PIN with its own program, as in `pkcs11-tool --module FILE --login --change-pin`",
    ),
    (&["trust_list_sequence"], "it was drafted before another one was accepted: draft it again"),
    (
        &["title_unknown"],
        "two administrators enter it: `vernet-issuer propose title TITLE`; `vernet-issuer rules` shows which there are",
    ),
    (
        &["title_not_in_trust_list"],
        "draft a trust list that has it, sign and accept it: `vernet-issuer trust-list draft`",
    ),
    (
        &["titles_unreadable", "title_contradicts"],
        "compare with the rows in issuer/register/src/professions.toml, and docs/OFFICE.md, \"Other titles\"",
    ),
    (
        &["trust_list_outdated", "trust_list_log"],
        "draft it again and have it signed: `vernet-issuer trust-list draft`",
    ),
    (
        &["roots_before_trust_list"],
        "draft it without `--roots`, and bring new roots with the next trust list",
    ),
    (
        &["witnesses_missing"],
        "what was published is still there; publish again when they can be reached, or carry it to them: `publish --prepare DIR`, then `publish --cosignature FILE`, which counts only for the log as it is now and only of a witness in the trust list; see docs/OFFICE.md, \"Witnesses\"",
    ),
    (
        &["register_behind_publication"],
        "restore the newest copy of the register, with every decision in it, then publish; if that is lost: `vernet-issuer register restore --from-publication URL|DIR`",
    ),
    (
        &["register_behind", "register_forked"],
        "restore the newest copy of the register, with every decision in it; if that is lost, see docs/OFFICE.md, \"When decisions are lost\"",
    ),
    (
        &["nothing_lost"],
        "there is nothing to do, unless there is a newer publication: on the web server, in its archive, or at a hospital",
    ),
    (
        &["restore_forked"],
        "begin again from the backup, before any certificate was issued from it: see docs/OFFICE.md, \"When decisions are lost\"",
    ),
    (
        &["restore_pending"],
        "have another administrator run `vernet-issuer review`, then `approve`; if the newest register was found, `reject` it",
    ),
    (
        &["certificate_not_lost"],
        "revoke a certificate that the register has by its number: `vernet-issuer propose revoke NUMBER`",
    ),
    (&["lost_revoked_before"], "publish, if it was decided just now: `vernet-issuer publish`"),
    (
        &["restore_too_large", "restore_differs"],
        "reject it, and see docs/OFFICE.md, \"When decisions are lost\"",
    ),
    (
        &["publication_unreachable"],
        "compare the URL with that of `vernet-verifier sync`; a folder with a copy of the publication does too",
    ),
    (
        &["log_entries", "log_tile", "log_root"],
        "a file of the publication is damaged: take another copy of all of it",
    ),
    (
        &["register_exists"],
        "nothing is ever overwritten: choose a new file, or a data base without a schema `vernet`",
    ),
    (
        &["register_unfinished"],
        "find out who did it, then restore a backup, or `register copy` it to a new place: a copy has everything it should have",
    ),
    (
        &["register_busy"],
        "nothing was recorded: do it again, and see who keeps the register if it goes on",
    ),
    (
        &["register_unreachable"],
        "see whether the server runs, and that URL, user and password are right",
    ),
    (&["connection_lost"], "do it again"),
    (
        &["register_read_only"],
        "`list`, `show`, `history`, `due`, `review` and `audit` go on; to record something, work in the office's own folder with an account that may write there, or on the primary server: see docs/OFFICE.md, \"Two accounts, one office\"",
    ),
    (
        &["register_denied"],
        "the owner of the data base grants it: `GRANT USAGE ON SCHEMA vernet TO officers; GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA vernet TO officers;` (to read, `SELECT` alone; to delete alerts of other states, `GRANT DELETE ON vernet.incoming_alert TO officers;`), again after each update of the register: see docs/OFFICE.md, \"Several machines: PostgreSQL\"",
    ),
    (
        &["disk_full"],
        "make room on that disk (`df -h` shows which one is full), then do it again: what was there before is unchanged, and `list`, `show`, `due` and `audit` can be asked meanwhile",
    ),
    (
        &["commit_unknown"],
        "look with `vernet-issuer list` and `history` whether it was recorded, before you do it again",
    ),
    (
        &["create_unknown"],
        "do it again: if it is there, that is refused with `register_exists`, and nothing is lost",
    ),
    (&["postgres_not_built"], "build it with `cargo build --features postgres`, or use a release"),
    (
        &["clock_ahead"],
        "compare this machine's clock with another one, and set it; if it is right, give `--clock-is-right`",
    ),
    (
        &["publication_overtaken", "destination_contended"],
        "somebody else publishes there at the same time: if a decision of yours is missing, publish again",
    ),
    (
        &["destination_unsupported"],
        "use a program built with `--features object-store`, or publish into a folder",
    ),
    (
        &["object_store_denied"],
        "the publisher must be allowed to read, write and list there, and needs its credentials",
    ),
    (
        &["object_store_failed"],
        "compare the URL, and the settings in the environment (AWS_*, AZURE_*, GOOGLE_*); without credentials there, the machine's own role counts",
    ),
    (
        &["object_store_unconditional"],
        "publish to a store that knows `If-Match` and `If-None-Match`, or into a folder",
    ),
    (
        &["archive_differs"],
        "an old copy of the register published there: restore the newest register, then publish",
    ),
    (
        &["inside_publication"],
        "write it elsewhere, and hand it over yourself: see docs/OFFICE.md, \"Histories\"",
    ),
    (&["history_of_too_many"], "leave `--certificate` out for a history of all, or make several"),
    (&["folder_not_ours"], "give a folder of its own"),
    (
        &["withdrawn"],
        "export the certificate that took its place, or `reissue` if the authorisation is in force",
    ),
    (
        &["officer_key_missing"],
        "give the `.pem` file of your own key with `--officer-key FILE`, or set VERNET_OFFICER_KEY to it; if you have no key yet, `vernet-issuer keys new --use officer` makes one",
    ),
    (
        &["not_json"],
        "compare with the examples in docs/OFFICERS.md (an application, `data.json`) and docs/OFFICE.md (`office.json`), or give the file that `vernet-issuer` wrote itself",
    ),
    (
        &["transitional_not_configured"],
        "set `transitional_window` in the office's data.json: docs/OFFICERS.md has an example",
    ),
    (
        &["school_unknown"],
        "write it as in the office's data.json, or enter the school there, with its source: docs/OFFICERS.md has an example",
    ),
    (
        &["roots_of_another"],
        "give the URL that the roots were gathered for, or gather them anew: `vernet-issuer keys roots --iss URL`",
    ),
    (
        &["reissue_names_mismatch"],
        "give the names as they are now, with `--given-name` and `--family-name`; without a new name, `--because lost_print`",
    ),
    (
        &["officer_key_of_another"],
        "each officer has a key of their own: `vernet-issuer keys new --use officer`",
    ),
    (
        &["proposal_decided"],
        "see `vernet-issuer history NUMBER`, or `officers list` for an officer",
    ),
    (
        &["key_file_not_written", "file_not_written"],
        "see that the folder exists, that you may write there, and that the disk has room",
    ),
    (&["key_file_unreadable"], "give the file of the private key, as `keys new` wrote it"),
    (
        &["key_file_damaged", "key_file_not_a_key"],
        "give the private half, as in `root-1.pem`, not the public one (`.pub`); if it is that file, restore it from a copy",
    ),
    (
        &["passphrase_missing"],
        "give `--passphrase-file FILE` (for an officer's own, `--officer-passphrase-file FILE`), or set VERNET_PASSPHRASE",
    ),
    (
        &["name_not_printable"],
        "write the name as the population register does; if it is written so, report it",
    ),
    (
        &["no_status_statement"],
        "authorities of other states are told by the office of the state; whoever asks the board gets the letter (`--format pdf`)",
    ),
    (
        &["no_decision_letter"],
        "`vernet-issuer history NUMBER` and `list --refused` show the numbers of decisions; what another body decides, it tells itself",
    ),
    (&["feature_missing"], "build the program with cargo's default features"),
    (
        &["passphrase_wrong"],
        "give the command again, with the passphrase with which this key was made; a program gives that of an officer's key, if it is another one, with `--officer-passphrase-file FILE`",
    ),
    (&["passphrase_too_short"], "use at least 12 characters, for instance five random words"),
    (
        &["token_module_missing"],
        "give the token's library with `--pkcs11-module FILE` or `?module-path=` in the URI, as in /usr/lib/softhsm/libsofthsm2.so",
    ),
    (
        &["token_module_unusable"],
        "give the path of the token's PKCS #11 library, and see that it is for this kind of machine",
    ),
    (&["token_not_supported"], "use a build with the feature `pkcs11`"),
    (
        &["token_not_found"],
        "plug the token in; `pkcs11-tool --module FILE -L` shows the tokens that are there",
    ),
    (&["token_ambiguous"], "name the token by its `serial`, too"),
    (
        &["token_pin_missing"],
        "give `--pin-file FILE` or set VERNET_PIN; for an officer's token, `--officer-pin-file FILE`; or name a file by `pin-source` in the URI",
    ),
    (
        &["token_pin_wrong"],
        "it was tried once and is not tried again by itself: give the right one with `--pin-file` or VERNET_PIN; for an officer's token, with `--officer-pin-file`",
    ),
    (
        &["token_pin_last_try"],
        "leave `--pin-file`, VERNET_PIN and `pin-source` out, and type the PIN",
    ),
    (&["token_pin_locked"], "whoever has the token's security officer PIN can unlock it"),
    (
        &["token_pin_not_set"],
        "set it first: `pkcs11-tool --module FILE --init-pin --login --login-type so`",
    ),
    (&["token_pin_expired"], "set a new one with the token's own program"),
    (
        &["token_key_not_found"],
        "`pkcs11-tool --module FILE --login -O` shows the keys of the token",
    ),
    (&["token_key_ambiguous"], "name the key by its `id`, too"),
    (
        &["token_key_exists"],
        "give the new key another `object` in the URI, or take the old one with `--existing`",
    ),
    (
        &["token_key_not_ed25519", "token_key_unfit"],
        "have a key made in the token, by the same command without `--existing`",
    ),
    (
        &["token_no_ed25519"],
        "use a token that knows Ed25519, see docs/TOKENS.md; or a file, by leaving `--token` out",
    ),
    (
        &["token_key_extractable"],
        "have a key made in the token, by the same command without `--existing`: copies of this one may exist",
    ),
    (&["token_no_public_key"], "store the public key beside the private one, with the same `id`"),
    (
        &["token_another_key"],
        "find out who changed the token; its key is not the one that the office knows",
    ),
    (
        &["token_signature_wrong"],
        "nothing was signed. Use the token no more before its maker has looked at it",
    ),
    (
        &["token_message_too_long"],
        "small tokens sign two or three kilobytes at most: use a security module for this key, see docs/TOKENS.md",
    ),
    (&["token_removed"], "plug the token in again, and repeat: nothing was signed"),
    (&["clock_behind"], "set the clock of this machine; the register never goes back in time"),
    (&["key_hint"], "have another key made: one in 65,000 is like this"),
    (
        &["officer_unknown"],
        "see `vernet-issuer officers list`; two administrators enrol an officer: `vernet-issuer propose enrol`. A new office is founded with the key of one of its founders",
    ),
    (
        &["officer_not_in_office"],
        "see `vernet-issuer officers list`; a new period takes `vernet-issuer propose enrol`",
    ),
    (&["role_missing"], "somebody with that role must do it: see `vernet-issuer officers list`"),
    (
        &["needs_two_officers"],
        "propose it, and have another officer approve it: `vernet-issuer propose`; one officer alone suspends with `--emergency`",
    ),
    (&["same_officer"], "have another officer review and approve it"),
    (&["proposal_unknown"], "see `vernet-issuer proposals`"),
    (&["proposal_too_old", "proposal_overtaken"], "propose it again, with what is known today"),
    (
        &["document_changed", "document_missing"],
        "restore the document from the backup, or propose it again with the right one",
    ),
    (
        &["office_data_changed"],
        "find out who changed data.json, and why; then reject the proposal, and propose it again if it still stands",
    ),
    (&["emergency_over"], "`vernet-issuer propose suspend`, and have another officer approve it"),
    (
        &["emergency_repeated"],
        "`vernet-issuer propose suspend`, and have another officer approve it",
    ),
    (
        &["founders_differ"],
        "this is not the register that the office was founded with: restore it, and find out who put it there",
    ),
    (
        &["chain", "signature_invalid"],
        "if it is about the register: run `vernet-issuer audit`, and restore the register from the backup",
    ),
    (
        &["import_rows_refused"],
        "`vernet-issuer import FILE` shows every row: mend them and try again, or leave them out with `--each`",
    ),
    (
        &["import_column_unknown", "import_column_missing", "import_column_repeated"],
        "docs/IMPORT.md describes a table of people, docs/OFFICERS.md one of alerts, `vernet-issuer reconcile --help` those to compare with",
    ),
    (&["incoming_alert_unknown"], "see `vernet-issuer incoming list`"),
    (
        &["import_reads_differently"],
        "reject the proposal, and propose the table again with this version",
    ),
    (
        &["key_in_use"],
        "put a new key in force first: `vernet-issuer keys rotate`, then a trust list",
    ),
    (&["nothing_to_reissue"], "see `vernet-issuer keys list`"),
    (&["in_steps"], "`vernet-issuer approve` does that"),
    (&["not_found"], "see `vernet-issuer list`"),
    (
        &["statement_not_found"],
        "see `vernet-issuer history NUMBER`: the first column is what a decision is called by",
    ),
    (
        &["already_authorised"],
        "a person holds one live certificate of a title: `reissue` for a lost print or a new name; a licence that becomes an authorisation is named in the application as `previous_certificate`",
    ),
    (
        &["address_unusable"],
        "another program may listen there: choose another port with `--listen 127.0.0.1:PORT`",
    ),
    (
        &["access_log_unusable"],
        "the console writes who looks at whom into `access.sqlite` in the office's folder: see that this account may write there, and that the disk has room",
    ),
    (
        &["tls_unreadable"],
        "give a certificate and its key in PEM, which this account may read: `--tls-cert FILE --tls-key FILE`",
    ),
    (
        &["tls_missing"],
        "give `--tls-cert FILE --tls-key FILE`; or let a proxy on this machine have the certificate, and give `--behind-proxy`",
    ),
    (&["key_file_exists", "file_exists"], "nothing is ever overwritten: choose another name"),
];

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    /// The sources below a folder but for this file.
    fn sources(folder: &Path, text: &mut String) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                sources(&path, text);
            } else if path.extension().is_some_and(|extension| extension == "rs")
                && !path.ends_with("cli/hints.rs")
            {
                text.push_str(&fs::read_to_string(&path).expect("text"));
            }
        }
    }

    #[test]
    fn hints_are_for_codes_that_exist_and_each_code_has_one_hint() {
        let mut text = String::new();
        for folder in ["issuer", "common", "verifier/src"] {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
            sources(&folder, &mut text);
        }
        let mut codes: Vec<_> = HINTS.iter().flat_map(|(codes, _)| *codes).collect();
        for code in &codes {
            assert!(text.contains(&format!("\"{code}\"")), "nothing is called `{code}`");
        }
        codes.sort();
        let all = codes.len();
        codes.dedup();
        assert_eq!(codes.len(), all, "a code with two hints");
    }
}
