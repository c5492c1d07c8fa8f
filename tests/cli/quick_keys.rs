//! The demonstration's keys in files that open at once.
//!
//! Deriving a key from a passphrase takes a quarter of a second, on purpose, and most tests run
//! commands that open several. The demonstration and the tests of keys open the files that the
//! programs wrote, at full cost.

use std::{fs, path::Path};

use pkcs8::{
    AlgorithmIdentifierRef, LineEnding, ObjectIdentifier, PrivateKeyInfoRef,
    der::asn1::OctetStringRef,
    pkcs5::pbes2::{EncryptionScheme, Kdf, Parameters, Salt, ScryptParams},
};
use vernet_issuer::{KeyFile, Passphrase};

const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// Encrypts every private key of a demonstration again, with the same passphrase.
pub(crate) fn quicken(demo: &Path) {
    let file = demo.join("passphrase.txt");
    let word = fs::read_to_string(&file).expect("the demonstration's passphrase");
    let passphrase = Passphrase::from_file(&file).expect("the demonstration's passphrase");
    for folder in ["office/keys", "officers", "root-keys"] {
        for entry in fs::read_dir(demo.join(folder)).expect("the demonstration has keys") {
            let path = entry.expect("the folder can be listed").path();
            if path.extension().is_some_and(|extension| extension == "pem") {
                let key = KeyFile::read(&path, &passphrase).expect("a key of the demonstration");
                let pem = fs::read_to_string(&path).expect("it was read a moment ago");
                let kid = pem.split("-----BEGIN").next().expect("the key's id stands first");
                let block = encrypted(&key.seed()[..], word.trim_end());
                fs::write(&path, format!("{kid}{block}")).expect("the file can be written");
            }
        }
    }
}

fn encrypted(seed: &[u8], passphrase: &str) -> String {
    let mut inner = vec![0x04, 0x20];
    inner.extend_from_slice(seed);
    let scrypt = ScryptParams {
        salt: Salt::new(b"of the tests").expect("short enough"),
        cost_parameter: 2,
        block_size: 1,
        parallelization: 1,
        key_length: None,
    };
    let parameters = Parameters {
        kdf: Kdf::Scrypt(scrypt),
        encryption: EncryptionScheme::Aes256Cbc { iv: [7; 16] },
    };
    let key = PrivateKeyInfoRef::new(
        AlgorithmIdentifierRef { oid: ED25519, parameters: None },
        OctetStringRef::new(&inner).expect("34 bytes"),
    );
    let document = key.encrypt_with_params(parameters, passphrase.as_bytes()).expect("encrypted");
    let pem = document.to_pem("ENCRYPTED PRIVATE KEY", LineEnding::LF).expect("a PEM block");
    pem.to_string()
}
