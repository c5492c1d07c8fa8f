//! What can go wrong with tokens: each error has its own code, and nothing is signed, recorded or
//! published.

use std::fs;

use super::Tokens;

/// The office's key cannot be used: no decision is recorded, and the publication does not change.
fn nothing_is_signed(tokens: &Tokens, code: &str) {
    let certificates = |tokens: &Tokens| {
        let list = tokens.place.issuer_json(&["list"]);
        list.as_array()
            .expect("a list")
            .iter()
            .map(|one| one["certificate_number"].clone())
            .collect::<Vec<_>>()
    };
    let (before, published) = (certificates(tokens), tokens.place.read("publication/bundle.json"));
    tokens.grant().refused(code);
    tokens.publish().refused(code);
    assert_eq!(certificates(tokens), before);
    assert_eq!(tokens.place.read("publication/bundle.json"), published);
}

#[test]
fn a_wrong_or_missing_pin_signs_nothing() {
    let Some(mut tokens) = Tokens::with_office() else { return };
    tokens.publish().done();
    tokens.place.set("VERNET_PIN", "00000");
    nothing_is_signed(&tokens, "token_pin_wrong");
    tokens.place.set("VERNET_PIN", "");
    nothing_is_signed(&tokens, "token_pin_missing");
    tokens.place.unset("VERNET_PIN");
    nothing_is_signed(&tokens, "token_pin_missing");
    tokens.place.set("VERNET_PIN_FILE", "pin.txt");
    nothing_is_signed(&tokens, "token_pin_unreadable");
    tokens.place.write("pin.txt", "90125\n");
    tokens.grant().done();
    tokens.publish().done();
    assert_eq!(tokens.verdict(), "authorised");
}

#[test]
fn a_pin_file_that_others_can_read_is_warned_of() {
    use std::os::unix::fs::PermissionsExt;
    let Some(tokens) = Tokens::with_office() else { return };
    tokens.place.write("pin.txt", "90125\n");
    let warned = |mode| {
        fs::set_permissions(tokens.place.path("pin.txt"), fs::Permissions::from_mode(mode))
            .expect("set");
        let run = tokens
            .place
            .issuer(&["publish", "--out", "publication", "--pin-file", "pin.txt"])
            .done();
        run.stderr.contains("pin.txt` can be read by other users")
    };
    assert!(warned(0o644) && !warned(0o600));
    // The same for the file that a URI names.
    let source = format!("&pin-source=file:{}\n", tokens.place.path("pin.txt").display());
    for r#use in ["status", "log"] {
        tokens.edit(&tokens.reference(r#use), ".so\n", &format!(".so{source}"));
    }
    fs::set_permissions(tokens.place.path("pin.txt"), fs::Permissions::from_mode(0o644))
        .expect("set");
    let run =
        tokens.place.issuer(&["publish", "--out", "publication", "--pin-file", "none"]).done();
    assert!(run.stderr.contains("pin.txt` can be read by other users"), "{run:?}");
}

#[test]
fn without_the_token_or_its_library_nothing_is_signed() {
    let Some(mut tokens) = Tokens::with_office() else { return };
    tokens.publish().done();
    fs::rename(tokens.place.path("tokens"), tokens.place.path("in-a-drawer")).expect("renamed");
    fs::create_dir(tokens.place.path("tokens")).expect("made");
    nothing_is_signed(&tokens, "token_not_found");
    fs::remove_dir(tokens.place.path("tokens")).expect("removed");
    fs::rename(tokens.place.path("in-a-drawer"), tokens.place.path("tokens")).expect("renamed");
    tokens.publish().done();

    let (certificate, status) = (tokens.reference("certificate"), tokens.reference("status"));
    let library = format!("module-path={}", tokens.module());
    for reference in [&certificate, &status] {
        tokens.edit(reference, &library, "module-path=/nowhere/lib.so");
    }
    nothing_is_signed(&tokens, "token_module_unusable");
    for reference in [&certificate, &status] {
        tokens.edit(reference, "?module-path=/nowhere/lib.so", "");
    }
    nothing_is_signed(&tokens, "token_module_missing");
    let module = tokens.module();
    tokens.place.set("VERNET_PKCS11_MODULE", module);
    tokens.publish().done();
    for reference in [&certificate, &status] {
        tokens.place.write(reference, "nonsense");
    }
    nothing_is_signed(&tokens, "token_reference_invalid");
}

#[test]
fn a_key_that_is_gone_from_the_token_or_changed_signs_nothing() {
    let Some(tokens) = Tokens::with_office() else { return };
    tokens.publish().done();
    // The references are swapped, as by somebody who wants the status key to sign certificates.
    let (certificate, status) = (tokens.reference("certificate"), tokens.reference("status"));
    let [certificate_text, status_text] =
        [&certificate, &status].map(|reference| tokens.place.read(reference));
    tokens.place.write(&certificate, &status_text);
    tokens.place.write(&status, &certificate_text);
    nothing_is_signed(&tokens, "key_file_of_another");
    // Only their targets are swapped.
    let uri = |text: &str| text.lines().nth(1).expect("a URI").to_owned();
    tokens
        .place
        .write(&certificate, certificate_text.replace(&uri(&certificate_text), &uri(&status_text)));
    tokens.place.write(&status, status_text.replace(&uri(&status_text), &uri(&certificate_text)));
    nothing_is_signed(&tokens, "token_another_key");
    tokens.place.write(&certificate, certificate_text);
    tokens.place.write(&status, status_text);
    tokens.grant().done();

    for label in ["vernet-certificate", "vernet-status"] {
        tokens.pkcs11_tool(&["--delete-object", "--type", "pubkey", "--label", label]);
    }
    nothing_is_signed(&tokens, "token_no_public_key");
    for label in ["vernet-certificate", "vernet-status"] {
        tokens.pkcs11_tool(&["--delete-object", "--type", "privkey", "--label", label]);
    }
    nothing_is_signed(&tokens, "token_key_not_found");
}

#[test]
fn keys_that_are_unfit_are_not_adopted() {
    let Some(tokens) = Tokens::with_office() else { return };
    let generate = |kind: &str, label: &str, id: &str, more: &[&str]| {
        let common = ["--keypairgen", "--key-type", kind, "--label", label, "--id", id];
        tokens.pkcs11_tool(&[&common[..], more].concat());
    };
    generate("RSA:2048", "rsa", "01", &[]);
    generate("EC:prime256v1", "p-256", "02", &[]);
    generate("EC:edwards25519", "extractable", "03", &["--extractable"]);
    generate("EC:edwards25519", "twice", "04", &[]);
    generate("EC:edwards25519", "twice", "05", &[]);
    let before = tokens.place.issuer_json(&["keys", "list"]);
    let adopt = |name: &str| {
        let uri = tokens.uri(&format!("token=office;{name}"));
        tokens.place.issuer(&["keys", "new", "--use", "certificate", "--token", &uri, "--existing"])
    };
    adopt("object=rsa").refused("token_key_not_ed25519");
    adopt("object=p-256").refused("token_key_not_ed25519");
    adopt("object=extractable").refused("token_key_extractable");
    adopt("object=twice").refused("token_key_ambiguous");
    adopt("object=none").refused("token_key_not_found");
    assert_eq!(tokens.place.issuer_json(&["keys", "list"]), before, "nothing is entered");

    // A private key with the public key of another: the first signature shows it.
    tokens.pkcs11_tool(&["--delete-object", "--type", "pubkey", "--id", "04"]);
    tokens.pkcs11_tool(&["--set-id", "04", "--type", "pubkey", "--id", "05"]);
    adopt("object=twice;id=%04").refused("token_signature_wrong");
    assert_eq!(tokens.place.issuer_json(&["keys", "list"]), before, "nothing is entered");
    adopt("id=%05").refused("token_no_public_key");
}

#[test]
fn no_key_is_made_where_it_could_be_mistaken_for_another() {
    let Some(tokens) = Tokens::new() else { return };
    let root = |out: &str, uri: &str| {
        tokens.place.issuer(&["keys", "new", "--use", "root", "--out", out, "--token", uri])
    };
    root("a.pkcs11", &tokens.uri("token=office;object=root")).done();
    root("b.pkcs11", &tokens.uri("token=office;object=root")).refused("token_key_exists");
    root("a.pkcs11", &tokens.uri("token=office;object=other")).refused("file_exists");
    let run = root("b.pem", &tokens.uri("token=office;object=other"));
    assert!(run.code == Some(1) && run.stderr.contains("`.pkcs11`"), "{run:?}");
    assert!(!tokens.place.path("b.pkcs11").exists() && !tokens.place.path("b.pem").exists());

    tokens.plug_in("office");
    let run = root("c.pkcs11", &tokens.uri("token=office;object=other"));
    run.refused("token_ambiguous");
    let serial = run
        .stderr
        .split("serial ")
        .nth(1)
        .and_then(|rest| rest.split(')').next())
        .expect("a serial number");
    root("c.pkcs11", &tokens.uri(&format!("token=office;serial={serial};object=other"))).done();
    root("d.pkcs11", &tokens.uri("token=none")).refused("token_not_found");
}

#[test]
fn a_uri_with_a_pin_in_it_is_wrong_usage() {
    let Some(tokens) = Tokens::new() else { return };
    let uri = format!("{}&pin-value=1234", tokens.uri("token=office"));
    let run = tokens
        .place
        .issuer(&["keys", "new", "--use", "root", "--out", "a.pkcs11", "--token", &uri]);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stderr.contains("`pin-value`") && run.stderr.contains("`pin-source`"), "{run:?}");
}
