//! Rules of decisions about an authorisation, except suspensions.

use serde_json::json;

use super::*;

pub(super) fn cases() -> Vec<Case> {
    vec![
        (
            Rule::DocumentNotDeletable,
            "a document of a decided proposal, and of one that waits",
            |o| {
                let (sha256, seq) = with_document(o, b"a diploma");
                o.register.reject(seq, "2026/1", &ola(), o.now)?;
                ok(o.record(deletion(sha256)))
            },
            |o| {
                let (sha256, _) = with_document(o, b"a diploma");
                ok(o.record(deletion(sha256)))
            },
        ),
        (
            Rule::DocumentNotDeletable,
            "deleted once, and twice",
            |o| {
                let (sha256, seq) = with_document(o, b"a diploma");
                o.register.reject(seq, "2026/1", &ola(), o.now)?;
                o.did(deletion(sha256));
                // It came again, with another proposal.
                let (sha256, seq) = with_document(o, b"a diploma");
                o.register.reject(seq, "2026/2", &ola(), o.now)?;
                ok(o.record(deletion(sha256)))
            },
            |o| {
                let (sha256, seq) = with_document(o, b"a diploma");
                o.register.reject(seq, "2026/1", &ola(), o.now)?;
                o.did(deletion(sha256));
                ok(o.record(deletion(sha256)))
            },
        ),
        (
            Rule::DocumentNotDeletable,
            "a document, and what nobody knows",
            |o| {
                let (sha256, seq) = with_document(o, b"a diploma");
                o.register.reject(seq, "2026/1", &ola(), o.now)?;
                ok(o.record(deletion(sha256)))
            },
            |o| ok(o.record(deletion(crate::Digest::of(b"nothing")))),
        ),
        (
            Rule::DocumentNotDeletable,
            "a document, and the office's own data",
            |o| {
                let (sha256, seq) = with_document(o, b"a diploma");
                o.register.reject(seq, "2026/1", &ola(), o.now)?;
                ok(o.record(deletion(sha256)))
            },
            |o| {
                let (sha256, seq) = named_document(o, "data.json", b"{}");
                o.register.reject(seq, "2026/1", &ola(), o.now)?;
                ok(o.record(deletion(sha256)))
            },
        ),
        (
            Rule::DispatchedBeforeMade,
            "a letter on the day of its certificate, and on the day before",
            |o| {
                let number = o.granted();
                ok(o.dated(letter(number), "2026-01-15", "2026-01-15"))
            },
            |o| {
                let number = o.granted();
                ok(o.dated(letter(number), "2026-01-14", "2026-01-14"))
            },
        ),
        (
            Rule::AnnulledIsVoid,
            "annulled twice",
            |o| {
                let number = o.granted();
                o.did(revoked(number));
                ok(o.record(annulled(number)))
            },
            |o| {
                let number = o.granted();
                o.did(annulled(number));
                ok(o.record(annulled(number)))
            },
        ),
        (
            Rule::AnnulledIsVoid,
            "suspended after it was annulled; after annulment an ordinary grant is possible",
            |o| {
                let number = o.granted();
                o.did(annulled(number));
                ok(o.grant(json!({})))
            },
            |o| {
                let number = o.granted();
                o.did(annulled(number));
                ok(o.record(suspended(number, "2026-02-01")))
            },
        ),
        (
            Rule::AnnulledFromTheStart,
            "from the grant on, and from today on",
            |o| {
                let number = o.granted();
                ok(o.dated(annulled(number), "2026-01-15", "2020-01-01"))
            },
            |o| {
                let number = o.granted();
                ok(o.dated(annulled(number), "2026-01-15", "2026-01-15"))
            },
        ),
        (
            Rule::DeceasedIsFinal,
            "nothing is decided after a death, not even for days before",
            |o| {
                let number = o.granted();
                o.dated(revoked(number), "2026-01-01", "2026-01-01")?;
                ok(o.dated(deceased(number), "2026-01-15", "2026-01-10"))
            },
            |o| {
                let number = o.granted();
                o.dated(deceased(number), "2026-01-15", "2026-01-10")?;
                ok(o.dated(revoked(number), "2026-01-01", "2026-01-01"))
            },
        ),
        (
            Rule::DeceasedIsFinal,
            "a grant to the dead under the new number of a merge",
            |o| {
                let number = o.granted();
                o.did(annulled(number));
                o.did(merged("9144889", "9144900"));
                ok(o.grant(json!({"hpr_number": "9144900"})))
            },
            |o| {
                let number = o.granted();
                o.did(annulled(number));
                o.did(merged("9144889", "9144900"));
                o.did(deceased(number));
                ok(o.grant(json!({"hpr_number": "9144900"})))
            },
        ),
        (
            Rule::DeathInFuture,
            "dead today and tomorrow",
            |o| {
                let number = o.granted();
                ok(o.dated(deceased(number), "2026-01-15", "2026-01-15"))
            },
            |o| {
                let number = o.granted();
                ok(o.dated(deceased(number), "2026-01-15", "2026-01-16"))
            },
        ),
        (
            Rule::DeathBeforeBirth,
            "dead on the day of birth and the day before",
            |o| {
                let number = o.granted();
                ok(o.dated(deceased(number), "2026-01-15", "1980-02-29"))
            },
            |o| {
                let number = o.granted();
                ok(o.dated(deceased(number), "2026-01-15", "1980-02-28"))
            },
        ),
        (
            Rule::AuthorisationNotInForce,
            "the last day of a licence and the day after",
            |o| {
                let number = temporary(o);
                ok(o.on("2026-12-31").record(revoked(number)))
            },
            |o| {
                let number = temporary(o);
                ok(o.on("2027-01-01").record(revoked(number)))
            },
        ),
        (
            Rule::AuthorisationNotInForce,
            "the first day of an authorisation and the day before",
            |o| {
                let number = o.granted();
                ok(o.dated(revoked(number), "2020-01-01", "2020-01-01"))
            },
            |o| {
                let number = o.granted();
                ok(o.dated(revoked(number), "2019-12-31", "2019-12-31"))
            },
        ),
        (
            Rule::DecisionInFuture,
            "decided today and tomorrow",
            |o| {
                let number = o.granted();
                ok(o.dated(revoked(number), "2026-01-15", "2026-01-16"))
            },
            |o| {
                let number = o.granted();
                ok(o.dated(revoked(number), "2026-01-16", "2026-01-16"))
            },
        ),
        (
            Rule::EffectiveBeforeDecided,
            "backdated by a day",
            |o| {
                let number = o.granted();
                ok(o.dated(revoked(number), "2026-01-10", "2026-01-10"))
            },
            |o| {
                let number = o.granted();
                ok(o.dated(revoked(number), "2026-01-10", "2026-01-09"))
            },
        ),
        (
            Rule::ReissueNamesMismatch,
            "a name change with and without a new name",
            |o| {
                let number = o.granted();
                ok(o.reissue(number, ReissueReason::NameChange, Some(("Åse", "Østlyngen"))))
            },
            |o| {
                let number = o.granted();
                ok(o.reissue(
                    number,
                    ReissueReason::NameChange,
                    Some(("Åse", "Kjærstad Østlyngen-Bråthen")),
                ))
            },
        ),
        (
            Rule::ReissueNamesMismatch,
            "a lost print with new names",
            |o| {
                let number = o.granted();
                ok(o.reissue(number, ReissueReason::LostPrint, None))
            },
            |o| {
                let number = o.granted();
                ok(o.reissue(number, ReissueReason::LostPrint, Some(("Åse", "Østlyngen"))))
            },
        ),
        (
            Rule::ReissueReasonMismatch,
            "after an appeal the print was not just lost",
            |o| {
                let number = o.granted();
                let decision = o.did(revoked(number));
                o.did(reversed(number, decision));
                ok(o.reissue(number, ReissueReason::Appeal, None))
            },
            |o| {
                let number = o.granted();
                let decision = o.did(revoked(number));
                o.did(reversed(number, decision));
                ok(o.reissue(number, ReissueReason::LostPrint, None))
            },
        ),
        (
            Rule::ReissueReasonMismatch,
            "no appeal without one",
            |o| {
                let number = o.granted();
                ok(o.reissue(number, ReissueReason::KeyRotation, None))
            },
            |o| {
                let number = o.granted();
                ok(o.reissue(number, ReissueReason::Appeal, None))
            },
        ),
        (
            Rule::LimitationWithoutLength,
            "a limitation of a day and of none",
            |o| {
                let number = o.granted();
                ok(o.record(limited(number, Some("2026-01-16"))))
            },
            |o| {
                let number = o.granted();
                ok(o.record(limited(number, Some("2026-01-15"))))
            },
        ),
        (
            Rule::LimitationOverlaps,
            "one after the other and both at once",
            |o| {
                let number = o.granted();
                o.did(limited(number, None));
                o.on("2026-02-01").did(limitation_lifted(number));
                ok(o.record(limited(number, None)))
            },
            |o| {
                let number = o.granted();
                o.did(limited(number, None));
                ok(o.on("2026-02-01").record(limited(number, None)))
            },
        ),
        (
            Rule::LimitationOverlaps,
            "across a limitation that was lifted on its first day, and one that lasted a day",
            |o| {
                let number = o.granted();
                o.dated(limited(number, None), "2026-01-15", "2026-02-01")?;
                o.dated(limitation_lifted(number), "2026-01-15", "2026-02-01")?;
                ok(o.record(limited(number, None)))
            },
            |o| {
                let number = o.granted();
                o.dated(limited(number, None), "2026-01-15", "2026-02-01")?;
                o.dated(limitation_lifted(number), "2026-01-15", "2026-02-02")?;
                ok(o.record(limited(number, None)))
            },
        ),
        (
            Rule::LimitationNotInForce,
            "the last day of a limitation and the day after",
            |o| {
                let number = o.granted();
                o.did(limited(number, Some("2026-02-01")));
                ok(o.on("2026-01-31").record(limitation_lifted(number)))
            },
            |o| {
                let number = o.granted();
                o.did(limited(number, Some("2026-02-01")));
                ok(o.on("2026-02-01").record(limitation_lifted(number)))
            },
        ),
        (
            Rule::NoticeNotDue,
            "an alert is sent once",
            |o| {
                let number = o.granted();
                let decision = o.did(revoked(number));
                ok(o.record(Event::Notified {
                    certificate: number,
                    decision,
                    notice: Notice::EeaAlert,
                    withdrawn: None,
                }))
            },
            |o| {
                let number = o.granted();
                let decision = o.did(revoked(number));
                o.did(Event::Notified {
                    certificate: number,
                    decision,
                    notice: Notice::EeaAlert,
                    withdrawn: None,
                });
                ok(o.record(Event::Notified {
                    certificate: number,
                    decision,
                    notice: Notice::EeaAlert,
                    withdrawn: None,
                }))
            },
        ),
    ]
}

fn letter(number: CertificateNumber) -> Event {
    Event::Dispatched(Box::new(crate::Dispatched {
        what: crate::Paper::Letter,
        how: crate::Handling::Sent,
        certificates: vec![number],
        decision: None,
        to: None,
    }))
}

fn deletion(sha256: crate::Digest) -> Event {
    Event::DocumentDeleted { sha256, reason: "kept for ten years".to_owned() }
}

/// A proposal of a grant with a document: its hash, and the number of the proposal.
fn with_document(o: &mut Office, bytes: &[u8]) -> (crate::Digest, u64) {
    named_document(o, "diploma.pdf", bytes)
}

fn named_document(o: &mut Office, name: &str, bytes: &[u8]) -> (crate::Digest, u64) {
    let new = crate::NewDocument::new(name, bytes.to_vec());
    let sha256 = new.document().sha256;
    let proposal = Proposal::to_grant(application(json!({})));
    let documents = Documents::new(o.place.folder.path().join("documents"));
    let terms = Terms { data: &o.data, documents: &documents, max_age_days: 30 };
    let proposed = o.register.propose(proposal, &[new], &terms, &kari(), o.now);
    (sha256, proposed.expect("proposed").seq)
}
