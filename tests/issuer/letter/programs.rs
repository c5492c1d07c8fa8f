//! What poppler and qpdf report about the pages.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use vernet_issuer::{Language, card, letter, status_letter};

use crate::office::PrintingOffice;

/// An authority of another state, with its address.
const ADDRESSEE: &str = "A made-up authority, Main Street 1, 12345 Elsewhere";

/// Whether a program is installed. In CI it must be.
pub(crate) fn present(program: &str, package: &str) -> bool {
    // All of them print their version, with one status or another.
    match Command::new(program).arg("-v").output() {
        Ok(_) => true,
        Err(reason) => {
            assert!(
                std::env::var_os("CI").is_none_or(|ci| ci != "true"),
                "{program} is missing: {reason}"
            );
            eprintln!("skipped: {program} is missing (Debian's package {package}): {reason}");
            false
        }
    }
}

fn run(program: &str, arguments: &[&str], file: &Path) -> Output {
    let output = Command::new(program)
        .args(arguments)
        .arg(file)
        .output()
        .expect("it was there a moment ago");
    assert!(output.status.success(), "{program} {arguments:?}: {output:?}");
    output
}

fn text(output: Output) -> String {
    String::from_utf8(output.stdout).expect("it prints UTF-8")
}

#[test]
fn other_programs_find_the_page_in_order_and_the_certificate_in_it() {
    if !["pdfinfo", "pdffonts", "pdftotext", "pdfdetach"]
        .iter()
        .all(|program| present(program, "poppler-utils"))
    {
        return;
    }
    let mut office = PrintingOffice::new();
    let number = office.grant(&[]).expect("a lawful grant");
    let certificate = office.release(number);
    let status = office.status(number).expect("a statement");
    let folder = tempfile::tempdir().expect("a folder");
    let pages = [
        (
            letter(&certificate, Language::Nynorsk, office.founded.now),
            "nn",
            "595.276 x 841.89 pts (A4)",
            1,
        ),
        (
            card(&certificate, Language::Nynorsk, office.founded.now),
            "nn",
            "242.646 x 153.071 pts",
            1,
        ),
        (status_letter(&status, Some(ADDRESSEE)), "en", "595.276 x 841.89 pts (A4)", 2),
    ];
    for (place, (pdf, language, size, attachments)) in pages.into_iter().enumerate() {
        let pdf = pdf.expect("a page");
        let file = folder.path().join(format!("{place}.pdf"));
        fs::write(&file, &pdf).expect("the folder can be written");

        let info = text(run("pdfinfo", &[], &file));
        for line in [
            "Tagged:          yes",
            "Encrypted:       no",
            "JavaScript:      no",
            "Pages:           1",
            "PDF version:     1.7",
        ] {
            assert!(info.contains(line), "{line} in {info}");
        }
        assert!(info.contains("Sárá-Ŋuoŋŋuid") && info.contains(size), "{info}");
        let metadata = text(run("pdfinfo", &["-meta"], &file));
        for claim in [
            "<pdfaid:part>3",
            "<pdfaid:conformance>A",
            "<pdfuaid:part>1",
            &format!("<rdf:li>{language}</rdf:li>"),
        ] {
            assert!(metadata.contains(claim), "{claim} in {metadata}");
        }
        let structure = text(run("pdfinfo", &["-struct-text"], &file));
        for part in ["H1", "Table", "TH", "TD", "Figure", "Link"] {
            assert!(structure.contains(part), "{part} in {structure}");
        }
        let fonts = text(run("pdffonts", &[], &file));
        let fonts: Vec<_> = fonts.lines().skip(2).collect();
        assert!(
            !fonts.is_empty() && fonts.iter().all(|font| font.contains("yes yes yes")),
            "embedded, subset, with Unicode: {fonts:?}"
        );
        let plain = folder.path().join("plain.txt");
        let done = Command::new("pdftotext")
            .args([&file, &plain])
            .output()
            .expect("it was there a moment ago");
        assert!(done.status.success(), "{done:?}");
        let words = fs::read_to_string(&plain).expect("it was written");
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in
            ["Máhtte Ánde Sárá-Ŋuoŋŋuid", "9144889", &number.to_string(), "17", "1984", "2064"]
        {
            assert!(words.contains(part), "{part} in {words}");
        }
        assert_eq!(words.contains(ADDRESSEE), attachments == 2, "{words}");

        let list = text(run("pdfdetach", &["-list"], &file));
        assert!(list.starts_with(&format!("{attachments} embedded files")), "{list}");
        let out = folder.path().join("attachment");
        run("pdfdetach", &["-save", "1", "-o", out.to_str().expect("UTF-8")], &file);
        assert_eq!(fs::read_to_string(&out).expect("it was saved"), certificate.text());
        if attachments == 2 {
            run("pdfdetach", &["-save", "2", "-o", out.to_str().expect("UTF-8")], &file);
            assert_eq!(fs::read_to_string(&out).expect("it was saved"), status.text());
        }
    }
}

/// A forged code opens a page elsewhere, so every print says where the true one is.
#[test]
fn every_print_names_the_host_of_the_page() {
    if !present("pdftotext", "poppler-utils") {
        return;
    }
    let mut office = PrintingOffice::new();
    let number = office.grant(&[]).expect("a lawful grant");
    let certificate = office.release(number);
    let (folder, now) = (tempfile::tempdir().expect("a folder"), office.founded.now);
    let file = folder.path().join("page.pdf");
    let mut pages =
        vec![status_letter(&office.status(number).expect("a statement"), None).expect("a page")];
    for language in Language::ALL {
        pages.extend([letter, card].map(|draw| draw(&certificate, language, now).expect("a page")));
    }
    assert!(certificate.link().starts_with(&format!("https://{}/", certificate.host())));
    for pdf in pages {
        fs::write(&file, pdf).expect("the folder can be written");
        let printed = Command::new("pdftotext").args([&file, Path::new("-")]).output();
        let printed = text(printed.expect("it was there a moment ago"));
        // A long name may be broken where a line ends.
        let printed = printed.split_whitespace().collect::<String>();
        assert!(printed.contains(certificate.host()), "{printed}");
    }
}

#[test]
fn qpdf_finds_no_fault_and_what_it_rewrites_is_still_read() {
    if !present("qpdf", "qpdf") {
        return;
    }
    let mut office = PrintingOffice::new();
    let number = office.grant(&[]).expect("a lawful grant");
    let certificate = office.release(number);
    let folder = tempfile::tempdir().expect("a folder");
    let pages = [
        letter(&certificate, Language::Bokmal, office.founded.now),
        card(&certificate, Language::Bokmal, office.founded.now),
        status_letter(&office.status(number).expect("a statement"), None),
    ];
    for pdf in pages {
        let file = folder.path().join("page.pdf");
        fs::write(&file, pdf.expect("a page")).expect("the folder can be written");
        let found = text(run("qpdf", &["--check"], &file));
        assert!(found.contains("No syntax or stream encoding errors found"), "{found}");
        // As mail gateways and archives do: everything compressed again, dictionaries in object
        // streams, other object numbers.
        let other = folder.path().join("other.pdf");
        let other_name = other.to_str().expect("UTF-8");
        let rewrite = |options: &[&str]| {
            let all = [options, &[file.to_str().expect("UTF-8"), other_name]].concat();
            let output =
                Command::new("qpdf").args(all).output().expect("it was there a moment ago");
            assert!(output.status.success(), "{output:?}");
            vernet_verifier::documents::attached(&fs::read(&other).expect("it was written"))
        };
        for options in [
            &["--object-streams=generate", "--recompress-flate", "--compress-streams=y"][..],
            &["--linearize"],
            &["--qdf", "--stream-data=uncompress"],
            // Anybody may open it, but not change it.
            &["--encrypt", "", "owner", "256", "--"],
        ] {
            assert_eq!(
                rewrite(options).expect("a letter").certificates,
                [certificate.text()],
                "{options:?}"
            );
        }
        let encrypted =
            rewrite(&["--encrypt", "user", "owner", "256", "--"]).expect_err("nobody can read it");
        assert_eq!(encrypted.code(), "pdf_encrypted");
    }
}
