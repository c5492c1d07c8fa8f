//! A test for each verdict code, and for errors elsewhere that affect the verdict.

use vernet_common::{
    Algorithm, EncodedStatusList, Kind, QrPayload, Signed, Signer, Status, StatusList,
    StatusListClaims,
};
use vernet_verifier::{Code, Colour, VerdictRecord, verify};

use crate::office::{
    CERTIFICATE_KEY, DAY, HOUR, LOG_KEY, Office, ROOTS, STATUS_KEY, at, key, title, to_base_10,
};

#[test]
fn authorised() {
    let verdict = Office::new().verdict();
    assert_eq!((verdict.code(), verdict.colour()), (Code::Authorised, Colour::Accepted));
    assert_eq!(verdict.status_age_s(), Some(HOUR));
    assert_eq!(verdict.as_of(), at("2026-11-22T09:00:00Z"));
    let accepted = verdict.accepted().expect("accepted");
    assert_eq!(accepted.certificate().given_name.as_str(), "Åse");
    assert!(!accepted.conditions());
}

#[test]
fn authorised_with_conditions_by_the_status_list() {
    let mut office = Office::new();
    office.set_status(Status::Conditions);
    let verdict = office.verdict();
    assert_eq!(verdict.code(), Code::AuthorisedWithConditions);
    assert!(verdict.accepted().expect("accepted").conditions());
}

#[test]
fn authorised_with_conditions_by_the_kind() {
    for kind in Kind::ALL {
        let mut office = Office::new();
        office.certificate.authorisation.kind = kind;
        let expected = match kind {
            Kind::LimitedAuthorisation => Code::AuthorisedWithConditions,
            _ => Code::Authorised,
        };
        assert_eq!(office.verdict().code(), expected, "{kind:?}");
    }
}

#[test]
fn malformed() {
    let office = Office::new();
    let verdict = office.verdict_on("hello", &office.knowledge());
    assert_eq!(verdict.code(), Code::Malformed);
    assert_eq!(verdict.cause().expect("a cause").code(), "input_unrecognised");
    assert!(verdict.certificate().is_none() && verdict.accepted().is_none());
}

#[test]
fn untrusted_issuer_when_nobody_knows_the_key() {
    let office = Office::new();
    let verdict = office.verdict_on(&office.signed_by_a_stranger(), &office.knowledge());
    assert_eq!(verdict.code(), Code::UntrustedIssuer);
    assert!(verdict.certificate().is_none(), "claims under an unknown key are nobody's claims");
}

#[test]
fn untrusted_issuer_when_the_key_is_for_something_else() {
    let office = Office::new();
    for seed in [STATUS_KEY, LOG_KEY] {
        let signed =
            Signed::sign(&office.certificate, Algorithm::EdDsa, &key(seed)).expect("signs");
        let verdict = office.verdict_on(signed.as_str(), &office.knowledge());
        assert_eq!(verdict.code(), Code::UntrustedIssuer);
        assert_eq!(verdict.cause().expect("a cause").code(), "key_use");
    }
    let root = Signed::sign(&office.certificate, Algorithm::EdDsa, &key(ROOTS[0])).expect("signs");
    assert_eq!(office.verdict_on(root.as_str(), &office.knowledge()).code(), Code::UntrustedIssuer);
}

#[test]
fn untrusted_title() {
    // Whoever has the certificate key can sign for any title; the roots say which of them count.
    type Change = fn(&mut Office);
    let changes: [(&str, Change); 4] = [
        ("title", |o| o.certificate.title = "dentist".parse().expect("a title")),
        ("profession", |o| o.certificate.profession = "TL".parse().expect("a code")),
        ("number", |o| {
            o.certificate.certificate_number = "NO-TL-2026-000123".parse().expect("one")
        }),
        ("type", |o| {
            o.certificate.vct =
                "https://perfusionist.example.no/types/dentist/1".parse().expect("a URL");
        }),
    ];
    for (name, change) in changes {
        for in_titles in [true, false] {
            let mut office = Office::new();
            if !in_titles {
                // A list of the first version has titles in profiles only.
                office.trust_list.titles = [].into();
            }
            assert_eq!(office.verdict().code(), Code::Authorised);
            change(&mut office);
            let verdict = office.verdict_on(&office.text(), &office.knowledge());
            assert_eq!(verdict.code(), Code::UntrustedTitle, "{name}");
            assert!(verdict.certificate().is_none() && verdict.title().is_none());
            // A newer trust list may have it.
            office.now = office.trust_list.exp;
            let verdict = office.verdict_on(&office.text(), &office.knowledge());
            assert_eq!(verdict.code(), Code::TrustListExpired, "{name}");
        }
    }
}

#[test]
fn a_verdict_has_the_title_in_words() {
    let office = Office::new();
    let verdict = office.verdict();
    assert_eq!(verdict.title().map(|title| title.in_language(&["nb"])), Some("perfusjonist"));
    assert!(verdict.to_string().contains("\n  perfusionist, authorisation granted 2010-06-01"));
    let record: VerdictRecord =
        serde_json::from_value(serde_json::to_value(&verdict).expect("JSON")).expect("a record");
    assert_eq!(record.title.as_ref(), verdict.title());
}

#[test]
fn untrusted_issuer_when_the_certificate_names_another_issuer() {
    let mut office = Office::new();
    let knowledge = office.knowledge();
    office.certificate.iss = "https://other.example.no".parse().expect("a URL");
    office.certificate.vct = title(&office.certificate.iss).vct;
    let number = office.certificate.status.status_list.uri.number();
    office.certificate.status.status_list.uri =
        vernet_common::StatusListUri::new(&office.certificate.iss, number);
    assert_eq!(office.verdict_on(&office.text(), &knowledge).code(), Code::UntrustedIssuer);
}

#[test]
fn bad_signature() {
    let office = Office::new();
    let text = office.text();
    let genuine = office.signed_certificate();
    // The payload of one certificate under the signature of another: each part alone is authentic.
    let mut other = Office::new();
    other.certificate.given_name = "Ola".parse().expect("a name");
    let other = other.signed_certificate();
    let forged = format!(
        "{}.{}",
        other.as_str().rsplit_once('.').expect("three parts").0,
        genuine.as_str().rsplit_once('.').expect("three parts").1
    );
    assert_ne!(forged, text);
    let verdict = office.verdict_on(&forged, &office.knowledge());
    assert_eq!(verdict.code(), Code::BadSignature);
    assert!(verdict.certificate().is_none(), "forged claims are not shown");
}

#[test]
fn bad_signature_in_a_qr_code() {
    let office = Office::new();
    let link = office.link();
    let (page, digits) = link.split_once('#').expect("a link");
    let mut bytes = QrPayload::from_digits(digits).expect("digits").as_bytes().to_vec();
    // One letter of the given name.
    bytes[30] ^= 1;
    let digits = to_base_10(&bytes);
    assert_eq!(
        office.verdict_on(&format!("{page}#{digits}"), &office.knowledge()).code(),
        Code::BadSignature
    );
}

#[test]
fn key_compromised() {
    let mut office = Office::new();
    let link = office.link();
    office.trust_list.seq += 1;
    office.trust_list.keys[0].compromised_at = Some(office.now.plus_seconds(-HOUR));
    office.trust_list.keys[0].log_size = Some(0);
    // The certificate says that it was signed a day before the theft; but a thief would write that
    // too.
    assert_eq!(office.verdict_on(&link, &office.knowledge()).code(), Code::KeyCompromised);
}

#[test]
fn key_not_valid() {
    let mut office = Office::new();
    office.trust_list.keys[0].not_after = Some(office.certificate.iat);
    assert_eq!(office.verdict().code(), Code::KeyNotValid);
    office.trust_list.keys[0].not_after = Some(office.certificate.iat.plus_seconds(1));
    assert_eq!(office.verdict().code(), Code::Authorised, "a retired key's certificates stay good");
    office.trust_list.keys[0].not_before = office.certificate.iat.plus_seconds(1);
    office.trust_list.keys[0].not_after = None;
    assert_eq!(office.verdict().code(), Code::KeyNotValid);
}

#[test]
fn not_yet_valid() {
    let mut office = Office::new();
    office.certificate.iat = office.now.plus_seconds(300);
    assert_eq!(office.verdict().code(), Code::Authorised, "within the tolerance for clocks");
    office.certificate.iat = office.now.plus_seconds(301);
    assert_eq!(office.verdict().code(), Code::NotYetValid);
}

#[test]
fn not_yet_valid_before_the_day_of_the_grant_in_oslo() {
    let mut office = Office::new();
    office.certificate.authorisation.granted = "2026-11-23".parse().expect("a date");
    assert_eq!(office.verdict().code(), Code::NotYetValid);
    // Midnight in Oslo is 23:00 in UTC.
    office.now = at("2026-11-22T23:00:00Z");
    assert_eq!(office.verdict().code(), Code::Authorised);
}

#[test]
fn expired_from_the_first_instant_of_the_day_in_oslo() {
    let mut office = Office::new();
    office.certificate.exp =
        "2026-11-23".parse::<vernet_common::CivilDate>().expect("a date").start();
    office.now = at("2026-11-22T22:59:59Z");
    assert_eq!(office.verdict().code(), Code::Authorised);
    office.now = at("2026-11-22T23:00:00Z");
    let verdict = office.verdict();
    assert_eq!(verdict.code(), Code::Expired);
    assert!(verdict.certificate().is_some(), "the signature holds, so the claims may be shown");
}

#[test]
fn revoked() {
    let mut office = Office::new();
    office.set_status(Status::Invalid);
    let verdict = office.verdict();
    assert_eq!((verdict.code(), verdict.colour()), (Code::Revoked, Colour::Refused));
}

#[test]
fn suspended_is_not_revoked() {
    let mut office = Office::new();
    office.set_status(Status::Suspended);
    let verdict = office.verdict();
    assert_eq!((verdict.code(), verdict.colour()), (Code::Suspended, Colour::Refused));
}

#[test]
fn status_missing() {
    let office = Office::new();
    let mut bundle = office.bundle();
    bundle.status_lists.clear();
    let knowledge = office.learn(&bundle).expect("a trust list");
    let verdict = office.verdict_on(&office.link(), &knowledge);
    assert_eq!((verdict.code(), verdict.colour()), (Code::StatusMissing, Colour::Undetermined));
    assert_eq!((verdict.status_age_s(), verdict.as_of()), (None, office.now));
}

/// The verdict when the bundle's only status list is this one.
fn verdict_with_status_list(
    office: &Office,
    claims: &StatusListClaims,
    seed: u8,
) -> (Code, Option<&'static str>) {
    let mut bundle = office.bundle();
    bundle.status_lists = vec![office.signed_status_claims(claims, seed)];
    let knowledge = office.learn(&bundle).expect("a trust list");
    let verdict = office.verdict_on(&office.link(), &knowledge);
    (verdict.code(), verdict.cause().map(vernet_verifier::InputError::code))
}

#[test]
fn status_unusable_says_which_fault_and_never_revoked() {
    let office = Office::new();
    let good = office.status_claims.clone();
    let with = |change: fn(&mut StatusListClaims)| {
        let mut claims = good.clone();
        change(&mut claims);
        claims
    };
    let cases = [
        (
            "wrong `sub`",
            with(|c| c.sub = "https://other.example.no/status/1".parse().expect("a URI")),
            STATUS_KEY,
            "status_list_subject",
        ),
        ("another key's signature", good.clone(), CERTIFICATE_KEY, "key_use"),
        ("an unknown key's signature", good.clone(), 66, "key_unknown"),
        ("one bit per status", with(|c| c.status_list.bits = 1), STATUS_KEY, "status_list_bits"),
        ("not base64url", with(|c| c.status_list.lst.push('=')), STATUS_KEY, "not_base64url"),
        (
            "not zlib",
            with(|c| c.status_list.lst = "AAAA".into()),
            STATUS_KEY,
            "status_list_compression",
        ),
        (
            "a short list",
            with(|c| c.status_list.lst = "eNo76fITAAPfAgc".into()),
            STATUS_KEY,
            "status_list_size",
        ),
        (
            "signed before the key was listed",
            with(|c| c.iat = at("2020-01-01T00:00:00Z")),
            STATUS_KEY,
            "key_not_valid_at",
        ),
    ];
    for (name, claims, seed, cause) in cases {
        assert_eq!(
            verdict_with_status_list(&office, &claims, seed),
            (Code::StatusUnusable, Some(cause)),
            "{name}"
        );
    }
}

#[test]
fn status_unusable_when_the_status_key_was_stolen() {
    let mut office = Office::new();
    office.trust_list.keys[1].compromised_at = Some(office.now);
    assert_eq!(
        verdict_with_status_list(&office, &office.status_claims, STATUS_KEY),
        (Code::StatusUnusable, Some("key_compromised"))
    );
}

#[test]
fn an_oversized_list_is_refused_and_not_silently_cut() {
    let office = Office::new();
    // 2 MiB of zeros, compressed by Python's zlib.
    let lst = include_str!("bomb.txt").trim().to_owned();
    let claims = StatusListClaims {
        status_list: EncodedStatusList { bits: 2, lst },
        ..office.status_claims.clone()
    };
    assert_eq!(
        verdict_with_status_list(&office, &claims, STATUS_KEY),
        (Code::StatusUnusable, Some("status_list_inflates"))
    );
}

#[test]
fn status_stale_by_policy_and_by_the_lists_own_end() {
    let mut office = Office::new();
    office.status_claims.iat = office.now.plus_seconds(-DAY);
    assert_eq!(office.verdict().code(), Code::Authorised);
    office.status_claims.iat = office.now.plus_seconds(-DAY - 1);
    let verdict = office.verdict();
    assert_eq!((verdict.code(), verdict.colour()), (Code::StatusStale, Colour::Undetermined));
    assert_eq!(verdict.status_age_s(), Some(DAY + 1));

    let mut office = Office::new();
    office.status_claims.exp = office.now.plus_seconds(1);
    assert_eq!(office.verdict().code(), Code::Authorised);
    office.status_claims.exp = office.now;
    assert_eq!(office.verdict().code(), Code::StatusStale);
}

#[test]
fn trust_list_expired() {
    let mut office = Office::new();
    office.trust_list.exp = office.now.plus_seconds(1);
    assert_eq!(office.verdict().code(), Code::Authorised);
    office.trust_list.exp = office.now;
    let verdict = office.verdict();
    assert_eq!((verdict.code(), verdict.colour()), (Code::TrustListExpired, Colour::Undetermined));
}

#[test]
fn trust_list_stale() {
    let mut office = Office::new();
    office.trust_list.iat = office.now.plus_seconds(-100 * DAY);
    assert_eq!(office.verdict().code(), Code::Authorised);
    office.trust_list.iat = office.now.plus_seconds(-100 * DAY - 1);
    assert_eq!(office.verdict().code(), Code::TrustListStale);
}

#[test]
fn clock_behind() {
    let mut office = Office::new();
    office.now = office.status_claims.iat.plus_seconds(-300);
    assert_eq!(office.verdict().code(), Code::Authorised, "within the tolerance");
    office.now = office.status_claims.iat.plus_seconds(-301);
    let verdict = office.verdict();
    assert_eq!((verdict.code(), verdict.colour()), (Code::ClockBehind, Colour::Undetermined));
}

#[test]
fn a_clock_set_back_does_not_revive_an_expired_certificate() {
    let mut office = Office::new();
    office.certificate.exp = office.now.plus_seconds(-2 * HOUR);
    office.certificate.iat = office.now.plus_seconds(-3 * HOUR);
    assert_eq!(office.verdict().code(), Code::Expired);
    // The status list was signed after the certificate's end: one of the two clocks is wrong, and
    // nobody can tell which.
    office.now = office.certificate.exp.plus_seconds(-60);
    assert_eq!(office.verdict().code(), Code::ClockBehind);
    // A clock that is wrong by less than the tolerance is overruled.
    office.certificate.exp = office.status_claims.iat;
    office.now = office.certificate.exp.plus_seconds(-60);
    assert_eq!(office.verdict().code(), Code::Expired);
}

#[test]
fn a_list_of_the_far_future_does_not_expire_honest_certificates() {
    let mut office = Office::new();
    office.status_claims.iat = office.certificate.exp;
    office.status_claims.exp = office.certificate.exp.plus_seconds(DAY);
    assert_eq!(office.verdict().code(), Code::ClockBehind);
}

#[test]
fn what_is_final_is_refused_even_from_a_stale_list() {
    let mut office = Office::new();
    office.set_status(Status::Invalid);
    let knowledge = office.knowledge();
    let link = office.link();
    office.now = office.now.plus_seconds(1000 * DAY);
    assert_eq!(
        office.verdict_on(&link, &knowledge).code(),
        Code::Revoked,
        "withdrawn for good stays withdrawn"
    );
    office.set_status(Status::Suspended);
    office.now = office.now.plus_seconds(-1000 * DAY);
    let knowledge = office.knowledge();
    office.now = office.now.plus_seconds(1000 * DAY);
    assert_eq!(
        office.verdict_on(&link, &knowledge).code(),
        Code::TrustListExpired,
        "a suspension may have ended since"
    );
}

#[test]
fn a_stale_trust_list_cannot_tell_that_a_key_is_unknown() {
    let mut office = Office::new();
    let knowledge = office.knowledge();
    let stranger = office.signed_by_a_stranger();
    office.now = office.trust_list.exp;
    assert_eq!(office.verdict_on(&stranger, &knowledge).code(), Code::TrustListExpired);
}

#[test]
fn every_code_has_a_colour_a_name_and_advice() {
    let mut names: Vec<String> = Code::ALL.iter().map(ToString::to_string).collect();
    assert!(Code::ALL.iter().all(|code| code.advice().len() > 20));
    for code in Code::ALL {
        let json = serde_json::to_value(code).expect("JSON");
        assert_eq!(
            (json.as_str(), code.to_string().as_str()),
            (Some(code.as_str()), code.as_str())
        );
    }
    names.sort();
    names.dedup();
    assert_eq!(names.len(), Code::ALL.len());
    // Renaming one of these breaks other people's programs.
    assert_eq!(
        names.join(" "),
        "authorised authorised_with_conditions bad_signature clock_behind expired key_compromised key_not_valid log_behind \
         log_missing log_unusable malformed not_issued not_yet_valid revoked status_missing status_stale status_unusable suspended trust_list_expired trust_list_stale \
         unreadable untrusted_issuer untrusted_title verifier_outdated"
    );
}

#[test]
fn what_was_written_of_a_verdict_is_read_again_as_a_record() {
    let mut office = Office::new();
    let mut verdicts = vec![office.verdict(), office.verdict_on("hello", &office.knowledge())];
    office.set_status(Status::Suspended);
    verdicts.push(office.verdict());
    for verdict in &verdicts {
        let json = serde_json::to_string(verdict).expect("JSON");
        let record: VerdictRecord = serde_json::from_str(&json).expect("our own");
        assert_eq!(record, VerdictRecord::from(verdict));
        assert_eq!(serde_json::to_string(&record).expect("JSON"), json);
        assert_eq!(serde_json::to_string(&verdict.clone()).expect("JSON"), json);
        assert_eq!((record.code, record.as_of), (verdict.code(), verdict.as_of()));
    }
    // No verifier wrote this.
    let json = serde_json::to_string(&verdicts[1]).expect("JSON");
    let green = json.replace(r#""verdict":"refused""#, r#""verdict":"accepted""#);
    assert_ne!(green, json);
    assert!(serde_json::from_str::<VerdictRecord>(&green).is_err());
    // A later version may add members.
    let longer = json.replacen('{', r#"{"more":1,"#, 1);
    assert!(serde_json::from_str::<VerdictRecord>(&longer).is_ok());
}

#[test]
fn the_json_of_a_verdict() {
    let verdict = serde_json::to_value(Office::new().verdict()).expect("JSON");
    let keys: Vec<&String> = verdict.as_object().expect("an object").keys().collect();
    assert_eq!(
        keys,
        [
            "advice",
            "as_of",
            "cause",
            "certificate",
            "checked_at",
            "code",
            "office",
            "status_age_s",
            "title",
            "verdict"
        ]
    );
    assert_eq!(verdict["verdict"], "accepted");
    assert_eq!(verdict["code"], "authorised");
    assert_eq!(verdict["as_of"], "2026-11-22T09:00:00Z");
    assert_eq!(verdict["status_age_s"], 3600);
    assert_eq!(verdict["certificate"]["family_name"], "Kjærstad Østlyngen-Bråthen");
}

/// An office that says what it is called, and whom to call.
fn office_in_words() -> Office {
    let mut office = Office::new();
    office.trust_list.office = serde_json::from_value(serde_json::json!({
        "name": { "nb": "Eksempeldirektoratet", "en": "Example Directorate" },
        "contacts": [
            { "later": "a way that this version does not know" },
            { "phone": "+441632960002", "when": { "nb": "hele døgnet" }, "always": true },
        ],
    }))
    .expect("an office");
    office
}

#[test]
fn a_verdict_names_the_office_and_whom_to_call_unless_it_accepts() {
    let mut office = office_in_words();
    let green = office.verdict();
    let named = green.office().expect("its lists were consulted");
    assert_eq!(named.iss, office.trust_list.iss);
    let name = named.name.as_ref().expect("a name");
    assert_eq!(name.in_language(&["sv", "en"]), "Example Directorate");
    assert!(named.contacts.is_empty(), "nobody needs to be called");
    assert!(
        green.to_string().ends_with("\n  Example Directorate, https://perfusionist.example.no")
    );

    let contact = "  call +441632960002: hele døgnet";
    office.set_status(Status::Suspended);
    let red = office.verdict();
    assert_eq!(
        (red.colour(), red.office().expect("an office").contacts.len()),
        (Colour::Refused, 1)
    );
    assert!(red.to_string().ends_with(contact), "{red}");
    let json = serde_json::to_value(&red).expect("JSON");
    assert_eq!(json["office"]["name"]["nb"], "Eksempeldirektoratet");
    assert_eq!(
        json["office"]["contacts"],
        serde_json::json!([{ "phone": "+441632960002", "when": { "nb": "hele døgnet" }, "always": true }])
    );
    // Also when the lists are too old to accept anything, and of what is no certificate.
    let knowledge = office.knowledge();
    let late = office.now.plus_seconds(200 * DAY);
    let amber = verify(&office.text(), &knowledge, &office.policy, late);
    assert_eq!(amber.code(), Code::TrustListExpired);
    assert!(amber.to_string().ends_with(contact), "{amber}");
    assert!(office.verdict_on("hello", &knowledge).to_string().ends_with(contact));
    // Without lists there is nobody whose word it would be.
    assert!(vernet_verifier::Verdict::lists_missing(office.now).office().is_none());
    // An office that says nothing about itself is named by its URL alone.
    let silent = Office::new().verdict();
    assert!(silent.office().expect("an office").name.is_none());
    assert!(silent.to_string().ends_with("\n  https://perfusionist.example.no"), "{silent}");
}

#[test]
fn of_several_offices_the_one_that_signed_is_named() {
    let office = office_in_words();
    let mut other = office_in_words();
    other.trust_list.iss = "https://other.example.no".parse().expect("a URL");
    other.status_claims.sub = "https://other.example.no/status/1".parse().expect("a URI");
    other.trust_list.profiles = [].into();
    other.trust_list.titles = [].into();
    let known =
        |office: &Office| vernet_verifier::Office::new(office.anchor(), Some(office.knowledge()));
    let offices = vernet_verifier::Offices::new(vec![known(&office), known(&other)]);
    let named = |input: &str| {
        let verdict = offices.check(input, &office.policy, office.now).into_verdict();
        verdict.office().map(|office| office.iss.to_string())
    };
    assert_eq!(named(&office.text()).as_deref(), Some("https://perfusionist.example.no"));
    assert_eq!(named(&office.signed_by_a_stranger()), None, "it may be anybody's");
    assert_eq!(named("hello"), None);
    let alone = vernet_verifier::Offices::new(vec![known(&office)]);
    let verdict = alone.check("hello", &office.policy, office.now).into_verdict();
    assert!(verdict.office().is_some());
}

#[test]
fn nobody_can_be_accepted_by_a_changed_digit() {
    let office = Office::new();
    let knowledge = office.knowledge();
    let link = office.link();
    let start = link.find('#').expect("a link") + 1;
    for position in start..link.len() {
        let mut bytes = link.clone().into_bytes();
        bytes[position] = if bytes[position] == b'9' { b'8' } else { bytes[position] + 1 };
        let changed = String::from_utf8(bytes).expect("ASCII");
        assert_eq!(
            verify(&changed, &knowledge, &office.policy, office.now).colour(),
            Colour::Refused,
            "digit {position}"
        );
    }
}

#[test]
fn both_names_of_the_algorithm_are_accepted_for_a_pinned_key() {
    let mut office = Office::new();
    let signed = Signed::sign(&office.certificate, Algorithm::Ed25519, &key(CERTIFICATE_KEY))
        .expect("signs");
    office.after.push(signed.as_str().to_owned());
    assert_eq!(office.verdict_on(signed.as_str(), &office.knowledge()).code(), Code::Authorised);
    assert_eq!(key(CERTIFICATE_KEY).public_key().kid(), signed.kid());
    assert_eq!(StatusList::BYTES, 32_768);
}
