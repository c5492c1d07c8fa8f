//! The sizes that the README promises.

use vernet_tests::figures as measure;

#[test]
fn a_qr_code_is_small_enough_for_any_phone() {
    let people = measure::people().expect("the names");
    let sizes =
        measure::qr_sizes(&people).expect("every certificate comes back from its code as it was");
    assert_eq!(people.len(), 400);
    let up_to_8: usize = sizes.versions.range(..=8).map(|(_, count)| count).sum();
    assert!(up_to_8 * 100 >= people.len() * 95, "{:?}", sizes.versions);
    assert!(sizes.versions.keys().all(|version| *version <= 9), "{:?}", sizes.versions);
    // 92 bytes and the names; 122 fit into version 8.
    assert!(sizes.bytes.0 >= 92 && sizes.bytes.1 <= 122, "{:?}", sizes.bytes);
}

#[test]
fn a_bundle_of_fifty_certificates_fits_in_ten_kilobytes() {
    let people = measure::people().expect("the names");
    let office = measure::office_of_50(&people).expect("an office of fifty");
    assert!(office.bundle_bytes <= 10_000, "{} bytes", office.bundle_bytes);
    assert_eq!(office.certificates.len(), 45, "five were revoked");
}
