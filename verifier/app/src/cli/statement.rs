//! The statements of professional status that accompany a printed certificate for another state.

use serde_json::{Value, json};
use vernet_common::{NumericDate, ReactionKind, StatedStanding, StatusStatement};
use vernet_host::printable;
use vernet_verifier::{
    Input, Knowledge, Policy,
    statement::{StatementRefusal, verify_statement},
};

/// A reliable statement, or why it is not reliable.
pub(super) type Judged = Result<StatusStatement, Option<StatementRefusal>>;

/// Judges a statement as one about the certificate that it accompanies. Without a readable
/// certificate, nothing can be said about the statement.
pub(super) fn judge(
    statement: &str,
    certificate: &str,
    office: &Knowledge,
    policy: &Policy,
    now: NumericDate,
) -> Judged {
    let certificate = Input::parse(certificate)
        .ok()
        .and_then(|input| input.certificate(office.trust_list()).ok());
    let certificate = certificate.ok_or(None)?;
    verify_statement(statement, &certificate, office, policy, now).map_err(Some)
}

/// For programs: `code` is `genuine`, or a code of a verdict that is not *accepted*.
pub(super) fn object(judged: &Judged) -> Value {
    match judged {
        Ok(statement) => json!({ "code": "genuine", "statement": statement, "cause": null }),
        Err(refusal) => {
            let cause = refusal.as_ref().and_then(StatementRefusal::cause);
            let cause =
                cause.map(|cause| json!({ "code": cause.code(), "message": cause.to_string() }));
            json!({ "code": code(refusal.as_ref()), "statement": null, "cause": cause })
        }
    }
}

/// For people.
pub(super) fn in_words(judged: &Judged) -> String {
    match judged {
        Ok(statement) => {
            let mut lines = vec![format!(
                "  statement of professional status, genuine: on {} {}{}; to be relied on until {}",
                statement.iat,
                standing(statement.standing),
                statement
                    .standing_until
                    .map_or_else(String::new, |until| format!(" until {until}")),
                statement.exp
            )];
            if statement.reactions.is_empty() {
                lines.push("    no reactions on record".to_owned());
            }
            lines.push(
                "    not stated: professional instructions (§ 56), bans on practice (§ 57 a), pending cases"
                    .to_owned(),
            );
            lines.extend(statement.reactions.iter().map(|reaction| {
                let until =
                    reaction.until.map_or_else(String::new, |until| format!(" until {until}"));
                format!("    {} from {}{until}", kind(reaction.kind), reaction.from)
            }));
            lines.join("\n")
        }
        Err(refusal) => {
            let cause = refusal.as_ref().and_then(StatementRefusal::cause);
            let cause = cause.map_or_else(String::new, |cause| {
                format!("\n    because {} [{}]", printable(&cause.to_string()), cause.code())
            });
            format!(
                "  statement of professional status, NOT to be relied on  [{}]{cause}",
                code(refusal.as_ref())
            )
        }
    }
}

fn code(refusal: Option<&StatementRefusal>) -> String {
    refusal.map_or_else(|| "malformed".to_owned(), |refusal| refusal.code().to_string())
}

fn standing(standing: StatedStanding) -> &'static str {
    match standing {
        StatedStanding::Authorised => "entitled to practise",
        StatedStanding::WithConditions => "entitled to practise under conditions",
        StatedStanding::Suspended => "suspended",
    }
}

fn kind(kind: ReactionKind) -> &'static str {
    match kind {
        ReactionKind::Suspension => "suspended",
        ReactionKind::Limitation => "limited by conditions",
        ReactionKind::Revocation => "revoked",
        ReactionKind::Waiver => "waived by the holder",
    }
}
