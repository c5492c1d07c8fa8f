use super::*;

const WORDS: &str = "blåbær og tyttebær";

#[test]
fn secrets_are_never_empty_and_never_shown() {
    let passphrase = Passphrase::from_prompt(WORDS.to_owned()).expect("not empty");
    let pin = Pin::from_prompt("90125".to_owned()).expect("not empty");
    assert_eq!(format!("{passphrase:?} {pin:?}"), "Passphrase(…) Pin(…)");
    assert!(passphrase.is_typed() && pin.is_typed());
    let empty = Passphrase::from_prompt(String::new()).expect_err("empty");
    assert_eq!(
        (empty.code(), empty.to_string().as_str()),
        ("passphrase_missing", "there is no passphrase in the answer")
    );
    let empty = Pin::from_prompt(String::new()).expect_err("empty");
    assert_eq!(
        (empty.code(), empty.to_string().as_str()),
        ("token_pin_missing", "there is no PIN in the answer")
    );
}

#[test]
fn a_variable_gives_its_value() {
    assert_eq!(
        Passphrase::from_env("VERNET_NO_SUCH_VARIABLE").expect_err("not set").code(),
        "passphrase_missing"
    );
    // Set by cargo for every test.
    let found = Passphrase::from_env("CARGO_MANIFEST_DIR").expect("set");
    assert!(!found.is_typed());
}

#[cfg(feature = "files")]
#[test]
fn a_passphrase_file_gives_its_first_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("passphrase");
    for content in [
        WORDS.to_owned(),
        format!("{WORDS}\n"),
        format!("{WORDS}\r\n"),
        format!("{WORDS}\nsecond\n"),
    ] {
        std::fs::write(&path, content).expect("written");
        assert_eq!(Passphrase::from_file(&path).expect("read").expose(), WORDS);
    }
    // The byte order mark of an editor is no part of it.
    std::fs::write(&path, format!("\u{feff}{WORDS}\r\n")).expect("written");
    assert_eq!(Passphrase::from_file(&path).expect("read").expose(), WORDS);
    for empty in ["\nsecond", "\u{feff}\n", "\u{feff}"] {
        std::fs::write(&path, empty).expect("written");
        assert_eq!(Passphrase::from_file(&path).expect_err("empty").code(), "passphrase_missing");
    }
    std::fs::write(&path, [0xff, 0xfe]).expect("written");
    assert_eq!(
        Passphrase::from_file(&path).expect_err("not UTF-8").code(),
        "passphrase_unreadable"
    );
}

#[test]
fn a_passphrase_is_as_long_as_it_looks() {
    let of = |text: &str| Passphrase::from_prompt(text.to_owned()).expect("not empty");
    // Eleven letters, of which six are written as two characters.
    let decomposed = "a\u{30a}".repeat(6) + "abcde";
    assert_eq!(
        of(&decomposed).check_for_new_key().expect_err("eleven").code(),
        "passphrase_too_short"
    );
    assert!(of(&(decomposed + "f")).check_for_new_key().is_ok());
}

#[cfg(feature = "files")]
#[test]
fn a_pin_is_the_first_line_and_is_never_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("pin");
    std::fs::write(&file, "90125\r\nsecond line\n").expect("written");
    let pin = Pin::from_file(&file).expect("a PIN");
    assert_eq!((pin.expose(), format!("{pin:?}").as_str()), ("90125", "Pin(…)"));
    assert!(!pin.is_typed());

    std::fs::write(&file, "\n").expect("written");
    assert_eq!(Pin::from_file(&file).expect_err("empty").code(), "token_pin_missing");
    assert_eq!(Pin::from_file(folder.path()).expect_err("a folder").code(), "token_pin_unreadable");
    assert_eq!(Pin::from_prompt(String::new()).expect_err("empty").code(), "token_pin_missing");
}
