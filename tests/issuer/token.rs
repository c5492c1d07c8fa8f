//! Keys in a token, within one process: tests that the command line does not allow, because it ends
//! after each signature.
#![cfg(all(unix, feature = "pkcs11"))]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use vernet_common::Signer;
use vernet_issuer::{
    Credentials, KeyFileError, KeyLocation, Passphrase, Pin, TokenError, TokenKey, TokenUri,
};
use vernet_tests::softhsm;

const PIN: &str = "90125";

/// The library reads its settings from the environment when it is loaded, so each test runs in a
/// separate process: this program again, with one of the tests that are otherwise ignored.
fn in_own_process(test: &str) {
    let Some(module) = softhsm::library(&["softhsm2-util"]) else { return };
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))
        .expect("the target folder can be written");
    let (conf, tokens) = (folder.path().join("softhsm2.conf"), folder.path().join("tokens"));
    fs::create_dir(&tokens).expect("a new folder can be made");
    fs::write(&conf, format!("directories.tokendir = {}\nlog.level = ERROR\n", tokens.display()))
        .expect("written");
    let init =
        ["--init-token", "--free", "--label", "office", "--so-pin", "1234567890", "--pin", PIN];
    let made = Command::new("softhsm2-util")
        .args(init)
        .env("SOFTHSM2_CONF", &conf)
        .output()
        .expect("it is there");
    assert!(made.status.success(), "{made:?}");
    let run = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", test, "--ignored", "--nocapture"])
        .envs([
            ("SOFTHSM2_CONF", conf.as_path()),
            ("TEST_TOKENS", &tokens),
            ("TEST_MODULE", module.as_ref()),
        ])
        .output()
        .expect("this program runs");
    let text = String::from_utf8_lossy(&run.stdout) + String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success() && text.contains("1 passed"), "{text}");
    text.lines().filter(|line| line.starts_with("figure: ")).for_each(|line| println!("{line}"));
}

fn uri(key: &str) -> TokenUri {
    let module = std::env::var("TEST_MODULE").expect("set by the outer test");
    format!("pkcs11:token=office;{key}?module-path={module}").parse().expect("a URI")
}

fn pin() -> Pin {
    Pin::from_prompt(PIN.to_owned()).expect("not empty")
}

fn generate(label: &str) -> TokenKey {
    let mut rng = getrandom::rand_core::UnwrapErr(getrandom::SysRng);
    TokenKey::generate(&uri(&format!("object={label}")), &|_| true, &pin(), &mut rng)
        .expect("a new key")
}

/// Has no credentials, and fails the test if it is asked for any.
struct Nobody;

impl Credentials for Nobody {
    fn passphrase(&self, file: &Path) -> Result<Passphrase, KeyFileError> {
        panic!("asked for the passphrase of {}", file.display());
    }

    fn pin(&self, token: &TokenUri) -> Result<Pin, TokenError> {
        panic!("asked for the PIN of {token}");
    }
}

#[test]
fn a_token_that_is_pulled_out_signs_nothing() {
    in_own_process("pulled_out");
}

#[test]
#[ignore = "run by a_token_that_is_pulled_out_signs_nothing"]
fn pulled_out() {
    let key = generate("a");
    let signature = key.sign(b"before").expect("a signature");
    key.public_key().verify(b"before", &signature).expect("it holds");
    let tokens = PathBuf::from(std::env::var_os("TEST_TOKENS").expect("set by the outer test"));
    fs::rename(&tokens, tokens.with_extension("pulled-out")).expect("renamed");
    let error = key.sign(b"after").expect_err("there is no token");
    assert_eq!(error.code(), "token_removed", "{error}");
}

#[test]
fn two_keys_of_one_token_are_opened_with_one_pin() {
    in_own_process("two_keys");
}

#[test]
#[ignore = "run by two_keys_of_one_token_are_opened_with_one_pin"]
fn two_keys() {
    let first = generate("a");
    let mut debug = format!("{first:?}");
    let second = generate("b");
    assert_ne!(first.public_key(), second.public_key());
    let again = TokenKey::open(&uri("object=a"), &Nobody).expect("the token is open already");
    assert_eq!(again.public_key(), first.public_key());
    assert!(again.was_always_inside());
    debug += &format!("{:?}", KeyLocation::Token(uri("object=a")));
    assert!(!debug.contains(PIN), "{debug}");
    drop((first, second, again));
    let error =
        TokenKey::open(&uri("object=a"), &Pin::from_prompt("00000".to_owned()).expect("not empty"));
    assert_eq!(error.expect_err("whoever leaves is logged out").code(), "token_pin_wrong");

    // A key that is not wanted leaves nothing behind that could be mistaken for the wanted one.
    let tries = std::cell::Cell::new(0);
    let third = |_: &_| tries.replace(tries.get() + 1) == 2;
    let mut rng = getrandom::rand_core::UnwrapErr(getrandom::SysRng);
    let made =
        TokenKey::generate(&uri("object=c"), &third, &pin(), &mut rng).expect("the third key");
    let found = TokenKey::open(&uri("object=c"), &Nobody).expect("only one");
    assert_eq!((tries.get(), found.public_key()), (3, made.public_key()));
    let never = TokenKey::generate(&uri("object=d"), &|_| false, &pin(), &mut rng);
    assert_eq!(never.expect_err("no key fits").code(), "token_key_unfit");
    assert_eq!(
        TokenKey::open(&uri("object=d"), &Nobody).expect_err("none").code(),
        "token_key_not_found"
    );

    let key = TokenKey::open(&uri("object=b"), &pin()).expect("the right PIN");
    let (start, count) = (Instant::now(), 200);
    for n in 0..count {
        key.sign(&i32::to_be_bytes(n)).expect("a signature");
    }
    println!(
        "figure: {:.0} signatures a second by SoftHSM, each verified",
        f64::from(count) / start.elapsed().as_secs_f64()
    );
}
