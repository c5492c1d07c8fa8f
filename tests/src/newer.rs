//! Documents of a newer office: those of today with changes to their JSON, signed as those are.

use serde_json::{Value, json};
use vernet_common::{
    Algorithm, Payload, Signed, SignedTrustList, Signer, TrustList, to_canonical_json,
};

use crate::office::key;

/// A document under a key, after a change to its JSON.
pub fn signed<T: Payload>(claims: &T, seed: u8, change: impl FnOnce(&mut Value)) -> Signed<T> {
    signed_by(claims, &key(seed), change)
}

/// As [`signed`], under any key.
pub fn signed_by<T: Payload>(
    claims: &T,
    signer: &dyn Signer,
    change: impl FnOnce(&mut Value),
) -> Signed<T> {
    sign(canonical(claims, change), signer)
}

/// A trust list under root keys, after a change to its JSON.
pub fn trust_list(
    list: &TrustList,
    roots: &[u8],
    change: impl FnOnce(&mut Value),
) -> SignedTrustList {
    let roots: Vec<_> = roots.iter().map(|seed| key(*seed)).collect();
    let roots: Vec<&dyn Signer> = roots.iter().map(|root| root as &dyn Signer).collect();
    trust_list_by(list, &roots, change)
}

/// As [`trust_list`], under any keys.
pub fn trust_list_by(
    list: &TrustList,
    roots: &[&dyn Signer],
    change: impl FnOnce(&mut Value),
) -> SignedTrustList {
    let payload = canonical(list, change);
    let mut encoded = String::new();
    let mut signatures = Vec::new();
    for root in roots {
        let signed: Signed<TrustList> = sign(payload.clone(), *root);
        let parts: Vec<&str> = signed.as_str().split('.').collect();
        encoded = parts[1].to_owned();
        signatures.push(json!({ "protected": parts[0], "signature": parts[2] }));
    }
    let json = json!({ "payload": encoded, "signatures": signatures });
    SignedTrustList::from_json(json.to_string().as_bytes()).expect("an envelope")
}

/// A member that nobody knows yet.
pub fn add(document: &mut Value) {
    document["later"] = json!({ "some": ["thing", 1, true] });
}

/// A member that nobody knows yet, and that whoever does not know it must not pass over.
pub fn critical(document: &mut Value) {
    add(document);
    document["crit"] = json!(["later"]);
}

fn canonical<T: Payload>(claims: &T, change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut value = serde_json::to_value(claims).expect("claims are JSON");
    change(&mut value);
    to_canonical_json("a newer document", &value).expect("a value is JSON")
}

fn sign<T: Payload>(payload: Vec<u8>, signer: &dyn Signer) -> Signed<T> {
    let kid = signer.public_key().kid();
    let assemble = |signature| {
        Signed::assemble(Algorithm::EdDsa, kid, payload.clone(), signature)
            .expect("it is small enough")
    };
    let unsigned: Signed<T> = assemble([0; 64]);
    let input = unsigned.as_str().rsplit_once('.').expect("three parts").0;
    assemble(signer.sign(input.as_bytes()).expect("the key signs"))
}
