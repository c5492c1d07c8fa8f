//! Tests of the search for circles, on made-up crates and on this workspace.

use std::{fs, path::Path};

use tempfile::TempDir;

use super::{Allowed, Found, find, find_in};
use crate::workspace::packages;

/// Makes a crate of these files, the first of which is the root.
fn crate_of(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("in the folder")).expect("a new folder");
        fs::write(path, text).expect("a new file");
    }
    folder
}

fn look(files: &[(&str, &str)], allowed: &'static [Allowed]) -> Found {
    let folder = crate_of(files);
    let root = folder.path().join(files[0].0);
    find_in(folder.path(), [root.as_path()], allowed).expect("it can be read")
}

#[track_caller]
fn assert_told(found: &Found, told: &str) {
    let text = found.to_string();
    assert!(text.contains(told), "expected `{told}` in:\n{text}");
}

#[track_caller]
fn assert_no_circle(files: &[(&str, &str)]) {
    let found = look(files, &[]);
    assert!(found.knots.is_empty() && found.is_sound(), "{found}");
}

#[test]
fn two_files_that_import_each_other_are_a_circle() {
    let found = look(
        &[
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "use crate::b::{B, self}; pub struct A(B);"),
            ("b.rs", "pub struct B; fn f(_: &super::a::A) {}"),
        ],
        &[],
    );
    assert!(!found.is_sound());
    assert_told(&found, "a.rs imports B of b.rs");
    assert_told(&found, "b.rs imports A of a.rs");
    assert_told(&found, "3 files, 1 circles, and 0 that are allowed");
}

#[test]
fn a_way_round_over_three_files_is_a_circle() {
    let mut found = look(
        &[
            ("lib.rs", "mod a; mod b; mod c; mod d;"),
            ("a.rs", "use crate::b::B; pub struct A; fn f(_: B) {}"),
            ("b.rs", "use crate::c::c; pub struct B; fn f() { c() }"),
            ("c.rs", "use crate::d::D; pub fn c() -> Option<(D, crate::a::A)> { None }"),
            ("d.rs", "pub struct D;"),
        ],
        &[],
    );
    assert_eq!(found.knots[0].files.len(), 3, "{found}");
    assert_eq!(found.knots[0].round.len(), 3, "{found}");
    found.in_full = true;
    assert_told(&found, "b.rs imports c of c.rs");
}

#[test]
fn a_name_is_followed_to_the_file_that_defines_it() {
    // Through `pub use` in the root, through a `*`, and under another name.
    let found = look(
        &[
            ("lib.rs", "mod a; mod b; pub use b::*; pub use crate::a::A as First;"),
            ("a.rs", "use crate::B; pub struct A(B);"),
            ("b/mod.rs", "mod inner; pub use self::inner::B;"),
            ("b/inner.rs", "pub enum B { One(crate::First) }"),
        ],
        &[],
    );
    assert_told(&found, "a.rs imports B of b/inner.rs");
    assert_told(&found, "b/inner.rs imports A of a.rs");
    assert_eq!(found.knots[0].files.len(), 2, "{found}");
}

#[test]
fn a_parent_that_only_declares_and_passes_on_imports_nothing() {
    assert_no_circle(&[
        ("lib.rs", "mod parts; pub use parts::{One, Two};"),
        (
            "parts/mod.rs",
            "mod one; mod two; pub use self::{one::One, two::Two}; pub const SIZE: u8 = 1;",
        ),
        ("parts/one.rs", "use super::SIZE; pub struct One([u8; SIZE as usize]);"),
        ("parts/two.rs", "use super::One; pub struct Two(One);"),
    ]);
}

#[test]
fn a_parent_that_uses_what_it_passes_on_imports_it() {
    let found = look(
        &[
            ("lib.rs", "mod one; pub use one::One; pub const SIZE: u8 = 1; fn f() -> One { One }"),
            ("one.rs", "pub struct One; fn f() -> u8 { crate::SIZE }"),
        ],
        &[],
    );
    assert_told(&found, "lib.rs imports One of one.rs");
}

#[test]
fn paths_in_macros_and_attributes_count() {
    let found = look(
        &[
            ("lib.rs", "mod a; mod b; mod c;"),
            ("a.rs", "pub fn a() { println!(\"{}\", [super::b::b()].len()) }"),
            (
                "b.rs",
                "#[derive(Serialize)] pub struct B { #[serde(with = \"crate::c::words\")] b: u8 } pub fn b() {}",
            ),
            ("c.rs", "use super::a; pub mod words { use super::*; pub fn serialize() { a::a() } }"),
        ],
        &[],
    );
    assert_eq!(found.knots[0].files.len(), 3, "{found}");
}

#[test]
fn tests_and_other_crates_and_a_files_own_modules_do_not_count() {
    assert_no_circle(&[
        (
            "lib.rs",
            "mod a; mod log; mod inside { pub use super::*; pub fn f() { g() } } pub fn g() { inside::f() }",
        ),
        (
            "a.rs",
            "pub struct A; #[cfg(test)] mod tests { use crate::log::Log; } #[cfg(test)] fn f(_: crate::log::Log) {}",
        ),
        (
            "log.rs",
            "use log::Level; use ::a::Other; use crate::a::A; pub struct Log(A, Level, Other);",
        ),
    ]);
}

#[test]
fn files_in_folders_and_at_given_paths_are_found() {
    let found = look(
        &[
            ("src/main.rs", "#[path = \"other/place.rs\"] mod a; mod b;"),
            ("src/other/place.rs", "use crate::b::c::C; pub struct A(C);"),
            ("src/b.rs", "pub mod c;"),
            ("src/b/c.rs", "pub struct C; fn f(_: &super::super::a::A) {}"),
        ],
        &[],
    );
    assert_told(&found, "src/other/place.rs imports C of src/b/c.rs");
}

const PAIR: &[Allowed] = &[Allowed { files: &["a.rs", "b.rs"], why: "one contains the other" }];

#[test]
fn an_allowed_circle_passes_and_a_wider_one_does_not() {
    let a = ("a.rs", "pub struct A(Vec<crate::b::B>);");
    let b = ("b.rs", "pub struct B(Option<crate::a::A>);");
    let found = look(&[("lib.rs", "mod a; mod b;"), a, b], PAIR);
    assert!(found.is_sound(), "{found}");
    assert_told(&found, "which is allowed: one contains the other");

    let b = ("b.rs", "pub struct B(Option<crate::a::A>, crate::c::C);");
    let c = ("c.rs", "pub struct C(Option<crate::a::A>);");
    let found = look(&[("lib.rs", "mod a; mod b; mod c;"), a, b, c], PAIR);
    assert!(!found.is_sound(), "{found}");
}

#[test]
fn an_entry_whose_circle_is_gone_is_reported() {
    let found = look(
        &[
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "pub struct A;"),
            ("b.rs", "use crate::a::A; pub struct B(A);"),
        ],
        PAIR,
    );
    assert!(!found.is_sound(), "{found}");
    assert_told(&found, "a.rs is in no circle of its entry any more");
}

#[test]
fn a_module_without_a_file_is_an_error() {
    let folder = crate_of(&[("lib.rs", "mod gone;")]);
    let error = find_in(folder.path(), [folder.path().join("lib.rs").as_path()], &[]);
    let error = error.err().expect("there is no such file").to_string();
    assert!(error.contains("lib.rs declares `gone`, which has no file"), "{error}");
}

#[test]
fn this_workspace_has_no_circle_but_the_allowed_ones() {
    let packages = packages().expect("cargo lists the packages");
    let found = find(&packages).expect("every file can be read");
    assert!(found.is_sound(), "{found}");
    let is_read =
        |package: &str| packages.iter().any(|read| read.name == package && !read.roots.is_empty());
    assert!(
        is_read("vernet-common") && is_read("vernet-issuer") && Path::new(file!()).is_relative()
    );
    let wrong = crate::arrows::check(&packages);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
