//! Documents grow: what a newer office adds, an older verifier passes over, unless it is critical.

use serde_json::{Value, json};
use vernet_common::{
    Bundle, CertificateClaims, QrPayload, Signed, Signer, Status, StatusListClaims, TrustAnchor,
    TrustList,
};
use vernet_verifier::{
    Code, Colour, InputError, Knowledge, Memory, Verdict, statement::verify_statement,
};

use crate::{
    newer::{self, add},
    office::{CERTIFICATE_KEY, DAY, Office, ROOTS, STATUS_KEY, issue, key, to_base_10},
};

/// What a newer office publishes: changes to today's documents.
struct Newer {
    office: Office,
    certificate: fn(&mut Value),
    status_list: fn(&mut Value),
    trust_list: fn(&mut Value),
}

impl Newer {
    fn new() -> Self {
        let same = |_: &mut Value| {};
        Self { office: Office::new(), certificate: same, status_list: same, trust_list: same }
    }

    fn signed_certificate(&self) -> Signed<CertificateClaims> {
        newer::signed(&self.office.certificate, CERTIFICATE_KEY, self.certificate)
    }

    fn bundle(&self) -> Bundle {
        let Office { trust_list, .. } = &self.office;
        issue(self.signed_certificate().as_str());
        let mut bundle = self.office.bundle();
        bundle.trust_lists = vec![newer::trust_list(trust_list, &ROOTS, self.trust_list)];
        let list = bundle.status_lists[0].unverified_claims().expect("it is of today");
        bundle.status_lists = vec![newer::signed(&list, STATUS_KEY, self.status_list)];
        bundle
    }

    fn knowledge(&self) -> Knowledge {
        self.office.learn(&self.bundle()).expect("an older verifier reads it")
    }

    fn verdict(&self) -> Verdict {
        let knowledge = self.knowledge();
        self.office.verdict_on(self.signed_certificate().as_str(), &knowledge)
    }

    fn outcome(&self) -> (Code, Option<&'static str>) {
        outcome(&self.verdict())
    }
}

fn outcome(verdict: &Verdict) -> (Code, Option<&'static str>) {
    assert_eq!(verdict.accepted().is_some(), verdict.colour() == Colour::Accepted);
    (verdict.code(), verdict.cause().map(InputError::code))
}

const OUTDATED: (Code, Option<&str>) = (Code::VerifierOutdated, Some("not_understood"));

#[test]
fn what_a_newer_office_adds_is_passed_over() {
    let mut newer = Newer::new();
    newer.certificate = |certificate| {
        add(certificate);
        add(&mut certificate["authorisation"]);
        add(&mut certificate["status"]["status_list"]);
    };
    newer.status_list = |list| {
        add(list);
        add(&mut list["log"]);
        add(&mut list["status_list"]);
    };
    newer.trust_list = |list| {
        add(list);
        add(&mut list["keys"][0]);
        add(&mut list["keys"][1]["key"]);
        add(&mut list["log"]);
        add(&mut list["profiles"][0]);
        add(&mut list["roots"]);
    };
    assert_eq!(newer.outcome(), (Code::Authorised, None));
    newer.office.set_status(Status::Suspended);
    assert_eq!(newer.outcome(), (Code::Suspended, None));
}

#[test]
fn what_is_critical_and_not_understood_is_never_accepted() {
    let changes: [fn(&mut Newer); 3] = [
        |newer| newer.certificate = newer::critical,
        |newer| newer.status_list = newer::critical,
        |newer| newer.trust_list = newer::critical,
    ];
    for (place, change) in changes.into_iter().enumerate() {
        let mut newer = Newer::new();
        change(&mut newer);
        assert_eq!(newer.outcome(), OUTDATED, "{place}");
        assert_eq!(newer.verdict().colour(), Colour::Undetermined);
        newer.office.set_status(Status::Conditions);
        assert_eq!(newer.outcome(), OUTDATED, "{place}");
        // A suspension may be over by what is not understood.
        newer.office.set_status(Status::Suspended);
        assert_eq!(newer.outcome(), OUTDATED, "{place}");
        // What is refused for ever stays refused: nothing that is added makes it good again.
        newer.office.set_status(Status::Invalid);
        assert_eq!(newer.outcome(), (Code::Revoked, None), "{place}");
        newer.office.set_status(Status::Valid);
        newer.office.certificate.exp = newer.office.now;
        assert_eq!(newer.outcome(), (Code::Expired, None), "{place}");
    }
}

#[test]
fn a_forgery_stays_one() {
    let mut newer = Newer::new();
    newer.trust_list = newer::critical;
    let knowledge = newer.knowledge();
    let verdict = |text: &str| outcome(&newer.office.verdict_on(text, &knowledge));
    // Whoever forges may write `crit`, too.
    let forged = newer::signed(&newer.office.certificate, 66, newer::critical);
    let genuine = newer.signed_certificate();
    let spliced = format!(
        "{}.{}",
        newer::signed(&newer.office.certificate, CERTIFICATE_KEY, newer::critical)
            .as_str()
            .rsplit_once('.')
            .expect("three parts")
            .0,
        genuine.as_str().rsplit_once('.').expect("three parts").1
    );
    assert_eq!(verdict(&spliced), (Code::BadSignature, Some("signature_invalid")));
    // By a key that the newer list may know.
    assert_eq!(verdict(forged.as_str()), (Code::VerifierOutdated, Some("key_unknown")));
    let today = Newer::new();
    let knowledge = today.knowledge();
    let verdict = today.office.verdict_on(forged.as_str(), &knowledge);
    assert_eq!(outcome(&verdict), (Code::UntrustedIssuer, Some("key_unknown")));
    // Under a stolen certificate key, and not in the log.
    let unlogged = newer::signed(&today.office.certificate, CERTIFICATE_KEY, newer::critical);
    let verdict = today.office.verdict_on(unlogged.as_str(), &knowledge);
    assert_eq!(outcome(&verdict), (Code::NotIssued, None));
}

#[test]
fn kinds_of_certificates_that_are_not_known_yet() {
    let changes: [fn(&mut Value); 5] = [
        |certificate| certificate["authorisation"]["kind"] = json!("23"),
        |certificate| certificate["authorisation"]["basis"] = json!("by_decree"),
        |certificate| certificate["profession"] = json!("SP2"),
        |certificate| {
            certificate["vct"] = json!("https://perfusionist.example.no/types/perfusionist/2");
        },
        // Not even the shape is that of today.
        |certificate| {
            certificate["birthdate"] = json!({ "year": 1980 });
            newer::critical(certificate);
        },
    ];
    for (place, change) in changes.into_iter().enumerate() {
        let newer = Newer { certificate: change, ..Newer::new() };
        assert_eq!(newer.outcome(), OUTDATED, "{place}");
        assert!(newer.verdict().certificate().is_none(), "{place}");
    }
    // A title is no code: the list says which there are.
    let nurse: fn(&mut Value) = |certificate| certificate["title"] = json!("nurse");
    let newer = Newer { certificate: nurse, ..Newer::new() };
    assert_eq!(newer.outcome(), (Code::UntrustedTitle, Some("title_untrusted")));
    // A fault is a fault, also under the office's key.
    let faults: [fn(&mut Value); 4] = [
        |certificate| certificate["authorisation"]["kind"] = json!(1),
        |certificate| certificate["authorisation"]["kind"] = json!("a kind"),
        |certificate| certificate["birthdate"] = json!("1980-02-30"),
        |certificate| certificate["vct"] = json!("https://other.example.no/types/perfusionist/1"),
    ];
    for (place, change) in faults.into_iter().enumerate() {
        let newer = Newer { certificate: change, ..Newer::new() };
        assert_eq!(newer.outcome().0, Code::Malformed, "{place}");
    }
}

/// An elliptic curve key, as RFC 7518 section 6.2 has it, in the place of one of ours.
fn another_kind_of_key() -> Value {
    json!({ "crv": "P-256", "kid": "AAECAwQF", "kty": "EC", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0" })
}

fn add_keys(list: &mut Value) {
    let keys = list["keys"].as_array_mut().expect("keys");
    let mut later = keys[0].clone();
    later["use"] = json!("wallet");
    later["key"] = serde_json::to_value(key(77).public_key()).expect("JSON");
    let mut curve = keys[0].clone();
    curve["key"] = another_kind_of_key();
    let mut bound = keys[0].clone();
    bound["key"] = serde_json::to_value(key(78).public_key()).expect("JSON");
    newer::critical(&mut bound);
    keys.insert(0, later);
    keys.push(curve);
    keys.push(bound);
}

#[test]
fn keys_of_newer_kinds_are_passed_over_and_what_they_signed_is_not_known() {
    let newer = Newer { trust_list: add_keys, ..Newer::new() };
    assert_eq!(newer.outcome(), (Code::Authorised, None));
    let knowledge = newer.knowledge();
    for seed in [77, 78] {
        let signed = newer::signed(&newer.office.certificate, seed, |_| {});
        let verdict = newer.office.verdict_on(signed.as_str(), &knowledge);
        assert_eq!(outcome(&verdict), OUTDATED, "{seed}");
    }
    let stranger = newer.office.signed_by_a_stranger();
    assert_eq!(newer.office.verdict_on(&stranger, &knowledge).code(), Code::UntrustedIssuer);
    // In a code, the key is named by two bytes of its thumbprint.
    let with_hint = |hint: [u8; 2]| {
        let link = newer.office.link();
        let digits = link.split_once('#').expect("a link").1;
        let mut bytes = QrPayload::from_digits(digits).expect("digits").as_bytes().to_vec();
        bytes[2..4].copy_from_slice(&hint);
        outcome(&newer.office.verdict_on(&to_base_10(&bytes), &knowledge))
    };
    assert_eq!(with_hint([0, 1]), OUTDATED);
    assert_eq!(with_hint(key(77).public_key().hint()), OUTDATED);
    assert_eq!(with_hint([0, 2]), (Code::UntrustedIssuer, Some("key_unknown")));
    // A known kind of key in another form is a fault of the list, as before.
    let list = newer::trust_list(&newer.office.trust_list, &ROOTS, |list| {
        list["keys"][0].as_object_mut().expect("an object").remove("not_before");
    });
    let bundle = Bundle { trust_lists: vec![list], ..newer.bundle() };
    assert_eq!(newer.office.learn(&bundle).expect_err("a fault").code(), "not_json");
}

#[test]
fn status_lists_that_only_a_newer_verifier_can_use() {
    let newer = Newer { trust_list: add_keys, ..Newer::new() };
    let list = newer.office.signed_status_list().unverified_claims().expect("it is of today");
    let with = |list: Signed<StatusListClaims>| {
        let bundle = Bundle { status_lists: vec![list], ..newer.bundle() };
        let knowledge = newer.office.learn(&bundle).expect("an older verifier reads it");
        outcome(&newer.office.verdict_on(newer.signed_certificate().as_str(), &knowledge))
    };
    assert_eq!(with(newer::signed(&list, 77, |_| {})), OUTDATED);
    let reshaped = newer::signed(&list, STATUS_KEY, |list| {
        list["ttl"] = json!({ "seconds": 3600 });
        newer::critical(list);
    });
    assert_eq!(with(reshaped), OUTDATED);
    // More bits are more than this verifier reads, and no list is one too few.
    let bits = newer::signed(&list, STATUS_KEY, |list| list["status_list"]["bits"] = json!(4));
    assert_eq!(with(bits), (Code::StatusUnusable, Some("status_list_bits")));
}

#[test]
fn codes_of_newer_forms() {
    let mut newer = Newer::new();
    newer.trust_list = |list| {
        let profiles = list["profiles"].as_array_mut().expect("profiles");
        let mut later = profiles[0].clone();
        later["id"] = json!(2);
        later["profession"] = json!("SP2");
        later["certificate_number_prefix"] = json!("NO-SP2-");
        profiles.push(later);
    };
    let knowledge = newer.knowledge();
    let link = newer.office.link();
    let digits = link.split_once('#').expect("a link").1;
    let with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = QrPayload::from_digits(digits).expect("digits").as_bytes().to_vec();
        change(&mut bytes);
        outcome(&newer.office.verdict_on(&to_base_10(&bytes), &knowledge))
    };
    assert_eq!(with(&|bytes| bytes[1] = 2), OUTDATED);
    assert_eq!(with(&|bytes| bytes[1] = 3), (Code::UntrustedIssuer, Some("qr_profile_unknown")));
    for format in [3, 15] {
        assert_eq!(with(&|bytes| bytes[..2].copy_from_slice(&[format, !format])), OUTDATED);
    }
    // Other numbers, and codes with another digit, are no codes of newer forms.
    for wrong in [[16, !16], [3, 1], [4, !3], [0x99, 0x99]] {
        let verdict = with(&|bytes| bytes[..2].copy_from_slice(&wrong));
        assert_eq!(verdict, (Code::Malformed, Some("qr_format")), "{wrong:?}");
    }
    let short = |bytes: &mut Vec<u8>| *bytes = [&[3, !3][..], &[1; 63]].concat();
    assert_eq!(with(&short), (Code::Malformed, Some("qr_format")));
    for codes in [0x51, 0x17, 0x01, 0x10] {
        let verdict = with(&|bytes| bytes[23] = codes);
        assert_eq!(verdict, (Code::Malformed, Some("qr_payload")), "{codes:x}");
    }
}

#[test]
fn a_code_carries_what_the_template_cannot() {
    let newer = Newer { certificate: add, ..Newer::new() };
    let signed = newer.signed_certificate();
    let verified = signed.verify(&key(CERTIFICATE_KEY).public_key()).expect("it holds");
    let code = QrPayload::encode(&signed, &verified, &newer.office.trust_list).expect("encodes");
    assert_eq!(code.as_bytes()[0], 2);
    let knowledge = newer.knowledge();
    assert_eq!(newer.office.verdict_on(&code.to_digits(), &knowledge).code(), Code::Authorised);
}

#[test]
fn lists_that_are_not_understood_replace_older_ones_and_are_remembered() {
    let newer = Newer { trust_list: newer::critical, ..Newer::new() };
    let office = &newer.office;
    let mut memory = Memory::new(&office.anchor());
    let knowledge = Knowledge::update(&newer.bundle(), &mut memory, &office.policy, office.now)
        .expect("it is in force");
    assert_eq!(knowledge.understood().expect_err("not by this version").code(), "not_understood");
    assert_eq!(knowledge.doubt(&office.policy, office.now), Some(Code::VerifierOutdated));
    // Nobody can go back to what was understood.
    let mut older = Office::new();
    older.trust_list.seq -= 1;
    older.status_claims.trust_list_seq -= 1;
    let refused = Knowledge::update(&older.bundle(), &mut memory, &older.policy, older.now);
    assert_eq!(refused.expect_err("it is older").code(), "trust_list_rolled_back");
    // A list of which not even the known part can be read is refused, and the older ones stay.
    let reshaped = newer::trust_list(&office.trust_list, &ROOTS, |list| {
        list["iat"] = json!([]);
        newer::critical(list);
    });
    let bundle = Bundle { trust_lists: vec![reshaped], ..newer.bundle() };
    assert_eq!(office.learn(&bundle).expect_err("not by this version").code(), "not_understood");
}

#[test]
fn statements_and_histories_of_newer_forms() {
    let office = Office::new();
    let certificate = office.signed_certificate();
    let knowledge = office.knowledge();
    let judge = |change: fn(&mut Value)| {
        let statement = newer::signed(&office.statement(), STATUS_KEY, change);
        verify_statement(statement.as_str(), &certificate, &knowledge, &office.policy, office.now)
            .map(|_| ())
            .map_err(|refusal| (refusal.code(), refusal.cause().map(vernet_common::Error::code)))
    };
    assert_eq!(judge(add), Ok(()));
    let outdated = Err(OUTDATED);
    assert_eq!(judge(newer::critical), outdated);
    assert_eq!(judge(|statement| statement["standing"] = json!("on_leave")), outdated);
    assert_eq!(judge(|statement| statement["reactions"][0]["kind"] = json!("warning")), outdated);

    let history = vernet_common::SignedHistory::sign(
        (office.trust_list.iss.clone(), 7),
        office.now.plus_seconds(-DAY),
        &[],
        vernet_common::Algorithm::EdDsa,
        &key(STATUS_KEY),
    )
    .expect("it signs");
    let head = std::str::from_utf8(history.as_bytes()).expect("ASCII").trim_end();
    let claims =
        Signed::<vernet_common::HistoryHead>::parse(head).expect("a line").unverified_claims();
    let claims = claims.expect("it is of today");
    let read = |change: fn(&mut Value)| {
        let line = newer::signed(&claims, STATUS_KEY, change);
        let file = format!("{}\n", line.as_str()).into_bytes();
        let signed = vernet_common::SignedHistory::from_bytes(file).expect("a file");
        knowledge.read_history(signed).map(|_| ()).map_err(|error| error.code())
    };
    assert_eq!(read(add), Ok(()));
    assert_eq!(read(newer::critical), Err("not_understood"));
}

#[test]
fn carriers_and_roots_grow_too() {
    let office = Office::new();
    let mut bundle: Value =
        serde_json::from_slice(&office.bundle().to_json().expect("JSON")).expect("JSON");
    let read = |bundle: &Value| {
        Bundle::from_json(bundle.to_string().as_bytes()).map_err(|error| error.code())
    };
    let good = read(&bundle).expect("it is of today");
    add(&mut bundle);
    add(&mut bundle["log"]);
    add(&mut bundle["trust_lists"][0]);
    add(&mut bundle["trust_lists"][0]["signatures"][0]);
    assert_eq!(read(&bundle), Ok(good), "what nobody signs adds nothing");
    newer::critical(&mut bundle);
    assert_eq!(read(&bundle), Err("not_understood"));

    let anchor = office.anchor();
    let mut roots = serde_json::to_value(&anchor).expect("JSON");
    add(&mut roots);
    add(&mut roots["roots"]);
    let read = |roots: &Value| TrustAnchor::from_json(roots.to_string().as_bytes());
    let read_again = read(&roots).expect("an older verifier reads it");
    assert_eq!(read_again.fingerprint(), anchor.fingerprint(), "people compare it");
    newer::critical(&mut roots);
    assert_eq!(read(&roots).expect_err("not by this version").code(), "not_understood");
}

#[test]
fn root_keys_and_witnesses_of_newer_kinds_do_not_count_and_do_not_harm() {
    let mut office = Office::new();
    let mut value = serde_json::to_value(office.anchor()).expect("JSON");
    let keys = value["roots"]["keys"].as_array_mut().expect("keys");
    keys.insert(1, json!({ "alg": "ML-DSA-44", "kid": "AAECAwQG", "kty": "AKP", "pub": "AA" }));
    let anchor = TrustAnchor::from_json(value.to_string().as_bytes()).expect("it is read");
    assert_ne!(anchor.fingerprint(), office.anchor().fingerprint(), "it is part of the roots");
    assert_eq!(serde_json::to_value(&anchor).expect("JSON"), value, "all of it is kept");
    office.trust_list.roots = anchor.roots.clone();
    let list = newer::trust_list(&office.trust_list, &ROOTS, |list| {
        let witness = json!({ "key": another_kind_of_key(), "name": "later.example.no" });
        list["log"]["witnesses"] = json!([witness]);
    });
    // A signature of the newer kind stands beside the others.
    let mut json = serde_json::to_value(&list).expect("JSON");
    let signatures = json["signatures"].as_array_mut().expect("signatures");
    // {"alg":"ML-DSA-44","kid":"AAECAwQG","typ":"vernet-trust-list"}
    signatures.insert(0, json!({ "protected": "eyJhbGciOiJNTC1EU0EtNDQiLCJraWQiOiJBQUVDQXdRRyIsInR5cCI6InZlcm5ldC10cnVzdC1saXN0In0", "signature": "AAAA" }));
    let list: vernet_common::SignedTrustList =
        serde_json::from_value(json.clone()).expect("it is passed over");
    assert_eq!(serde_json::to_value(&list).expect("JSON"), json, "and kept");
    assert_eq!(list.signers().count(), 3);
    let bundle = Bundle { trust_lists: vec![list], ..office.bundle() };
    let mut memory = Memory::new(&anchor);
    let knowledge = Knowledge::learn(&bundle, &mut memory, &office.policy, office.now)
        .expect("enough of the known roots signed");
    assert_eq!(office.verdict_on(&office.text(), &knowledge).code(), Code::Authorised);
    // If more must sign than are known here, nobody has.
    let mut list: TrustList = office.trust_list.clone();
    list.roots.threshold = 4;
    list.log.threshold = 0;
    assert!(list.roots.check().is_ok(), "a newer verifier can reach it");
}
