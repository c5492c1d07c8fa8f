use std::{fs, path::Path, process::Command};

use pkcs8::der::asn1::BitStringRef;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

use super::*;

const WORDS: &str = "blåbær og tyttebær";

fn passphrase() -> Passphrase {
    Passphrase::from_prompt(WORDS.to_owned()).expect("not empty")
}

fn key() -> SecretKey {
    SecretKey::from_seed(&[7; 32])
}

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(1)
}

fn encrypted() -> KeyFile {
    KeyFile::encrypt(&key(), &passphrase(), &mut rng()).expect("a long passphrase")
}

/// A file with the given plain structure under cheap encryption.
fn file_of(plain: &PrivateKeyInfoRef<'_>) -> KeyFile {
    let parameters =
        pbes2::Parameters::generate_pbkdf2_sha256_aes256cbc(1, b"saltsalt", [0; 16]).expect("fits");
    let document = plain.encrypt_with_params(parameters, WORDS).expect("fits");
    KeyFile::parse(&document.to_pem(ENCRYPTED, LineEnding::LF).expect("fits")).expect("a key file")
}

fn file_with_kdf(kdf: Kdf) -> Result<KeyFile, KeyFileError> {
    let parameters =
        pbes2::Parameters { kdf, encryption: pbes2::EncryptionScheme::Aes256Cbc { iv: [0; 16] } };
    let info = EncryptedPrivateKeyInfoRef {
        encryption_algorithm: parameters.into(),
        encrypted_data: OctetStringRef::new(&[0; 64]).expect("fits"),
    };
    let document = SecretDocument::try_from(info).expect("fits");
    KeyFile::parse(&document.to_pem(ENCRYPTED, LineEnding::LF).expect("fits"))
}

#[test]
fn a_written_key_is_read_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("certificate.pem");
    let key = KeyFile::generate(&mut rng());
    KeyFile::write_new(&path, &key, &passphrase(), &mut rng()).expect("written");
    assert_eq!(KeyFile::open(&path).expect("readable").kid(), Some(key.public_key().kid()));
    assert_eq!(*KeyFile::read(&path, &passphrase()).expect("readable").seed(), *key.seed());
    let before = fs::read(&path).expect("there");
    let error = KeyFile::write_new(&path, &key, &passphrase(), &mut rng()).expect_err("exists");
    assert_eq!(error.code(), "key_file_exists");
    assert_eq!(fs::read(&path).expect("there"), before);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_changed_passphrase_opens_the_same_key_and_the_old_one_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("officer.pem");
    KeyFile::write_new(&path, &key(), &passphrase(), &mut rng()).expect("written");
    let typed = |text: &str| Passphrase::from_prompt(text.to_owned()).expect("not empty");
    let (old, new) = (passphrase(), typed("multer og tyttebær"));
    let before = fs::read(&path).expect("there");
    let change = |old: &Passphrase, new: &Passphrase| {
        KeyFile::change_passphrase(&path, (old, new), &mut rng()).map_err(|error| error.code())
    };
    // Whatever is wrong, the old file stays to the byte, and nothing lies beside it.
    assert_eq!(change(&new, &typed("bringebær og blåbær")), Err("passphrase_wrong"));
    assert_eq!(change(&old, &typed("kort")), Err("passphrase_too_short"));
    assert_eq!(change(&old, &old), Err("passphrase_same"));
    assert_eq!(fs::read(&path).expect("there"), before);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("one's own file");
    }
    assert_eq!(change(&old, &new), Ok(()));
    assert_eq!(*KeyFile::read(&path, &new).expect("it opens").seed(), *key().seed());
    assert_eq!(KeyFile::read(&path, &old).expect_err("the old one").code(), "passphrase_wrong");
    assert_eq!(KeyFile::open(&path).expect("readable").kid(), Some(key().public_key().kid()));
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        // A link goes on naming the key.
        let link = folder.path().join("link.pem");
        std::os::unix::fs::symlink(&path, &link).expect("a link");
        KeyFile::change_passphrase(&link, (&new, &old), &mut rng()).expect("changed");
        assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
        assert!(KeyFile::read(&path, &old).is_ok());
    }
    let missing = folder.path().join("none.pem");
    let error = KeyFile::change_passphrase(&missing, (&old, &new), &mut rng());
    assert_eq!(error.expect_err("no file").code(), "key_file_unreadable");
}

#[test]
fn the_same_generator_gives_the_same_bytes() {
    assert_eq!(encrypted().as_pem(), encrypted().as_pem());
    let other =
        KeyFile::encrypt(&key(), &passphrase(), &mut ChaCha20Rng::seed_from_u64(2)).expect("fits");
    assert_ne!(encrypted().as_pem(), other.as_pem());
}

#[test]
fn a_passphrase_opens_the_key_however_its_letters_are_spelled() {
    // `å` as one character, as two, and with the mark that an editor has written before it.
    const COMPOSED: &str = "bl\u{e5}b\u{e6}r og tytteb\u{e6}r";
    const DECOMPOSED: &str = "bla\u{30a}b\u{e6}r og tytteb\u{e6}r";
    let folder = tempfile::tempdir().expect("a folder");
    let from_file = |text: &str| {
        let path = folder.path().join("passphrase");
        fs::write(&path, text).expect("written");
        Passphrase::from_file(&path).expect("not empty")
    };
    let marked = format!("\u{feff}{COMPOSED}");
    let file_of = |passphrase: &str| {
        let document = encrypt(&key(), passphrase.as_bytes(), &[1; 16], [2; 16]).expect("fits");
        KeyFile::parse(&document.to_pem(ENCRYPTED, LineEnding::LF).expect("fits")).expect("a file")
    };
    let typed = |text: &str| Passphrase::from_prompt(text.to_owned()).expect("not empty");
    let opens = |file: &KeyFile, passphrase: &Passphrase| {
        file.decrypt(passphrase).is_ok_and(|opened| *opened.seed() == *key().seed())
    };
    // Keys of earlier versions were encrypted byte for byte.
    for made_with in [COMPOSED, DECOMPOSED] {
        let file = file_of(made_with);
        for given in [COMPOSED, DECOMPOSED] {
            assert!(opens(&file, &typed(given)) && opens(&file, &from_file(given)), "{given:?}");
        }
        assert!(opens(&file, &from_file(&marked)));
    }
    assert!(opens(&file_of(&marked), &from_file(&marked)), "the mark was a part of it");
    assert!(!opens(&file_of(&marked), &typed(COMPOSED)));
    // New ones have one spelling, which keyboards give and openssl reads.
    for given in [typed(COMPOSED), typed(DECOMPOSED), from_file(&marked)] {
        let file = KeyFile::encrypt(&key(), &given, &mut rng()).expect("a long passphrase");
        assert!(file.decrypt_with(COMPOSED.as_bytes()).is_ok());
    }
    let wrong = typed("bla\u{30a}b\u{e6}r og tytteb\u{e6}");
    assert_eq!(file_of(COMPOSED).decrypt(&wrong).expect_err("wrong").code(), "passphrase_wrong");
}

#[test]
fn a_wrong_passphrase_is_told_from_a_damaged_file() {
    let file = encrypted();
    let wrong = Passphrase::from_prompt("multer og tyttebær".to_owned()).expect("not empty");
    assert_eq!(file.decrypt(&wrong).expect_err("wrong").code(), "passphrase_wrong");

    let pem = file.as_pem();
    let lines: Vec<_> = pem.lines().collect();
    let without_line = |skip: usize| {
        let rest: Vec<_> =
            lines.iter().enumerate().filter(|(i, _)| *i != skip).map(|(_, line)| *line).collect();
        rest.join("\n") + "\n"
    };
    for damaged in [
        String::new(),
        pem[..pem.len() / 2].to_owned(),
        without_line(1),
        without_line(2),
        without_line(lines.len() - 2),
        without_line(lines.len() - 1),
        pem.replace("kid: ", "kid: x"),
    ] {
        assert_eq!(
            KeyFile::parse(&damaged).expect_err("damaged").code(),
            "key_file_damaged",
            "{damaged}"
        );
    }
}

#[test]
fn a_flipped_bit_never_gives_another_key() {
    let file = encrypted();
    let encrypted_part = file.document.as_bytes().len() - 64;
    let mut codes = Vec::new();
    // One bit in each of the four blocks; padding hides none of them.
    for block in 0..4 {
        let mut der = file.document.as_bytes().to_vec();
        der[encrypted_part + 16 * block + 5] ^= 1;
        let document = SecretDocument::try_from(der.as_slice()).expect("still DER");
        let damaged = KeyFile { kid: file.kid, document, pem: String::new() };
        codes.push(damaged.decrypt(&passphrase()).expect_err("damaged").code());
    }
    assert!(codes.contains(&"key_file_damaged"), "{codes:?}");
}

#[test]
fn keys_in_clear_and_other_files_are_refused() {
    let plain = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH\n-----END PRIVATE KEY-----\n";
    assert_eq!(KeyFile::parse(plain).expect_err("in clear").code(), "key_not_encrypted");
    let rsa = plain.replace("PRIVATE", "RSA PRIVATE");
    assert_eq!(KeyFile::parse(&rsa).expect_err("in clear").code(), "key_not_encrypted");
    let public = plain.replace("PRIVATE", "PUBLIC");
    assert_eq!(KeyFile::parse(&public).expect_err("public").code(), "key_file_not_a_key");
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(KeyFile::open(folder.path()).expect_err("a folder").code(), "key_file_unreadable");
    let large = folder.path().join("large");
    fs::write(&large, "x".repeat(20_000)).expect("written");
    assert_eq!(KeyFile::open(&large).expect_err("too large").code(), "key_file_unreadable");
}

#[test]
fn version_2_is_read_if_its_public_key_fits() {
    let mut inner = [7; 34];
    inner[..2].copy_from_slice(&[4, 32]);
    let algorithm = AlgorithmIdentifierRef { oid: ED25519, parameters: None };
    let mut info = PrivateKeyInfoRef::new(algorithm, OctetStringRef::new(&inner).expect("fits"));
    assert_eq!(*file_of(&info).decrypt(&passphrase()).expect("version 1").seed(), [7; 32]);
    let public = *key().public_key().as_bytes();
    info.public_key = Some(BitStringRef::from_bytes(&public).expect("fits"));
    assert_eq!(*file_of(&info).decrypt(&passphrase()).expect("version 2").seed(), [7; 32]);
    let other = [1; 32];
    info.public_key = Some(BitStringRef::from_bytes(&other).expect("fits"));
    assert_eq!(
        file_of(&info).decrypt(&passphrase()).expect_err("another key").code(),
        "key_file_damaged"
    );
}

#[test]
fn other_algorithms_and_lengths_are_refused() {
    let mut inner = [7; 34];
    inner[..2].copy_from_slice(&[4, 32]);
    let x25519 = AlgorithmIdentifierRef {
        oid: ObjectIdentifier::new_unwrap("1.3.101.110"),
        parameters: None,
    };
    let file = file_of(&PrivateKeyInfoRef::new(x25519, OctetStringRef::new(&inner).expect("fits")));
    assert_eq!(file.decrypt(&passphrase()).expect_err("X25519").code(), "key_not_ed25519");
    let ed25519 = AlgorithmIdentifierRef { oid: ED25519, parameters: None };
    let file =
        file_of(&PrivateKeyInfoRef::new(ed25519, OctetStringRef::new(&inner[2..]).expect("fits")));
    assert_eq!(file.decrypt(&passphrase()).expect_err("not wrapped").code(), "key_file_damaged");
}

#[test]
fn parameters_that_would_exhaust_the_machine_are_refused_unused() {
    let scrypt = |cost_parameter, block_size, parallelization| {
        let salt = Salt::new(b"saltsalt").expect("fits");
        file_with_kdf(Kdf::Scrypt(ScryptParams {
            salt,
            cost_parameter,
            block_size,
            parallelization,
            key_length: None,
        }))
        .map(|_| ())
        .map_err(|e| e.code())
    };
    assert_eq!(scrypt(1 << 17, 8, 1), Ok(()), "OWASP's first choice");
    for (n, r, p) in
        [(1 << 18, 8, 1), (1 << 63, 8, 1), (2, u16::MAX, u16::MAX), (2, 1, 64), (1 << 17, 8, 8)]
    {
        assert_eq!(scrypt(n, r, p), Err("key_cost_too_high"), "{n} {r} {p}");
    }
    for (n, r, p) in [(0, 8, 1), (1, 8, 1), (1000, 8, 1), (16, 0, 1), (16, 8, 0)] {
        assert_eq!(scrypt(n, r, p), Err("key_file_damaged"), "{n} {r} {p}");
    }
    let pbkdf2 = |rounds| {
        let parameters = pbes2::Pbkdf2Params::hmac_sha256(rounds, b"saltsalt").expect("fits");
        file_with_kdf(Kdf::Pbkdf2(parameters)).map(|_| ()).map_err(|e| e.code())
    };
    assert_eq!(pbkdf2(600_000), Ok(()));
    assert_eq!(pbkdf2(100_000_000), Err("key_cost_too_high"));
    assert_eq!(pbkdf2(0), Err("key_file_damaged"));
}

#[test]
fn passphrases_are_long_enough_and_never_shown() {
    let short = Passphrase::from_prompt("ærlighet11".to_owned()).expect("not empty");
    let error = KeyFile::encrypt(&key(), &short, &mut rng()).expect_err("10 characters");
    assert_eq!(
        (error.code(), error.to_string().contains("ærlig")),
        ("passphrase_too_short", false)
    );
    assert_eq!(
        Passphrase::from_prompt(String::new()).expect_err("empty").code(),
        "passphrase_missing"
    );
    assert_eq!(format!("{short:?}"), "Passphrase(…)");
    assert!(!format!("{:?}", encrypted()).contains("BEGIN"));
}

/// Runs openssl with the passphrase in `VERNET_TEST`. `None` if there is no openssl, which only a
/// developer's machine may lack.
fn openssl(arguments: &[&str]) -> Option<Vec<u8>> {
    match Command::new("openssl").args(arguments).env("VERNET_TEST", WORDS).output() {
        Ok(output) => {
            assert!(
                output.status.success(),
                "{arguments:?}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
            Some(output.stdout)
        }
        Err(error) => {
            assert_ne!(
                std::env::var("CI").as_deref(),
                Ok("true"),
                "openssl is needed in CI: {error}"
            );
            eprintln!("skipped: cannot run openssl: {error}");
            None
        }
    }
}

#[test]
fn openssl_reads_our_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("key.pem");
    KeyFile::write_new(&path, &key(), &passphrase(), &mut rng()).expect("written");
    let file = path.to_str().expect("UTF-8");
    let arguments =
        ["pkey", "-in", file, "-passin", "env:VERNET_TEST", "-pubout", "-outform", "DER"];
    if let Some(public) = openssl(&arguments) {
        // SubjectPublicKeyInfo (RFC 8410 section 4): 12 bytes and the key.
        assert_eq!(public[12..], *key().public_key().as_bytes());
    }
}

#[test]
fn we_read_the_files_of_openssl() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).into_os_string().into_string().expect("UTF-8");
    let (plain, pbkdf2, scrypt) = (path("plain"), path("pbkdf2"), path("scrypt"));
    let secret = "env:VERNET_TEST";
    if openssl(&["genpkey", "-algorithm", "ed25519", "-aes256", "-pass", secret, "-out", &pbkdf2])
        .is_none()
    {
        return;
    }
    openssl(&["pkey", "-in", &pbkdf2, "-passin", secret, "-out", &plain]);
    openssl(&["pkcs8", "-topk8", "-scrypt", "-in", &plain, "-passout", secret, "-out", &scrypt]);
    let public =
        openssl(&["pkey", "-in", &plain, "-pubout", "-outform", "DER"]).expect("openssl is there");
    for file in [pbkdf2, scrypt] {
        let read = KeyFile::read(Path::new(&file), &passphrase()).expect("readable");
        assert_eq!(*read.public_key().as_bytes(), public[12..], "{file}");
    }
    assert_eq!(KeyFile::open(Path::new(&plain)).expect_err("in clear").code(), "key_not_encrypted");
}
