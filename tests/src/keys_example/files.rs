//! What an office leaves in its folder.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::Result;
use rand_chacha::ChaCha20Rng;
use vernet_common::{CertificateNumber, Roots, SecretKey, Signer, Status, TrustAnchor};
use vernet_issuer::{KeyFile, Office, Passphrase, new_key_pair};

use super::example::{PUBLISHED, at};

/// Makes the root keys, each in a file.
pub(super) fn make_roots(
    folder: &Path,
    passphrase: &Passphrase,
    rng: &mut ChaCha20Rng,
) -> Result<[SecretKey; 3]> {
    let roots = [1, 2, 3].map(|_| new_key_pair(rng));
    fs::create_dir_all(folder.join("root-keys"))?;
    for (n, root) in (1..).zip(&roots) {
        let file = folder.join(format!("root-keys/root-{n}.pem"));
        KeyFile::write_new(&file, root, passphrase, rng)?;
        let public = serde_json::to_vec(&root.public_key())?;
        fs::write(folder.join(format!("root-keys/root-{n}.pub")), public)?;
    }
    Ok(roots)
}

/// Writes what a verifier pins.
pub(super) fn write_anchor(folder: &Path, iss: &str, roots: &[SecretKey; 3]) -> Result<()> {
    let public = Roots { keys: roots.iter().map(Signer::public_key).collect(), threshold: 2 };
    let anchor = TrustAnchor { iss: iss.parse()?, roots: public, seq: 1 };
    let mut json = serde_json::to_vec_pretty(&anchor)?;
    json.push(b'\n');
    Ok(fs::write(folder.join("roots.json"), json)?)
}

/// Writes the register as one statement a line.
pub(super) fn write_statements(office: &Office, folder: &Path) -> Result<()> {
    let statements = office.register().state().statements();
    let lines: Vec<Vec<u8>> =
        statements.iter().map(|statement| statement.to_bytes()).collect::<Result<_, _>>()?;
    Ok(fs::write(folder.join("register.jsonl"), lines.join(&b"\n"[..]))?)
}

/// Every form of every certificate that may still be exported.
pub(super) fn write_certificates(office: &Office, folder: &Path) -> Result<()> {
    fs::create_dir(folder)?;
    let state = office.register().state();
    for certificate in state.certificates() {
        let number = certificate.claims.certificate_number;
        let status = state.certificate_status(number, at(PUBLISHED).civil_date(), at(PUBLISHED))?;
        if status == Status::Invalid || certificate.claims.exp <= at(PUBLISHED) {
            continue;
        }
        let release = office.release(number, at(PUBLISHED))?;
        let code = release.qr_code()?;
        fs::write(folder.join(format!("{number}.jwt")), format!("{}\n", release.text()))?;
        fs::write(folder.join(format!("{number}.url")), format!("{}\n", release.link()))?;
        fs::write(folder.join(format!("{number}.svg")), code.to_svg()?)?;
        fs::write(folder.join(format!("{number}.png")), code.to_png()?)?;
    }
    Ok(())
}

/// Every certificate as text.
pub(super) fn texts(office: &Office) -> BTreeMap<CertificateNumber, String> {
    let certificates = office.register().state().certificates();
    certificates
        .map(|certificate| (certificate.claims.certificate_number, format!("{}~", certificate.jws)))
        .collect()
}
