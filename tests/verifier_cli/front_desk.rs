//! `check` on files as people send them.

use vernet_tests::front_desk::{NOW, cases, folder};

use crate::hospital::Hospital;

#[test]
fn every_file_that_people_send_gets_its_answer() {
    let hospital = Hospital::new();
    let office = folder().join("office");
    let path = |name: &str| office.join(name).display().to_string();
    let wrong: Vec<String> = cases()
        .iter()
        .filter_map(|case| {
            let file = folder().join(&case.file).display().to_string();
            let run = hospital.run(&[
                "check",
                "--json",
                "--at",
                NOW,
                "--roots",
                &path("roots.json"),
                "--publication",
                &path("publication"),
                &file,
            ]);
            let verdicts: Vec<serde_json::Value> = run
                .stdout
                .lines()
                .map(|line| serde_json::from_str(line).expect("an object on each line"))
                .collect();
            let accepted = verdicts.iter().all(|verdict| verdict["verdict"] == "accepted");
            match case.check(&verdicts) {
                Ok(()) if run.code == Some(i32::from(!accepted)) => None,
                Ok(()) => Some(format!("{}: exit status {:?}", case.file, run.code)),
                Err(told) => Some(format!("{told} {}", run.stderr)),
            }
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A PDF of a few kilobytes that inflates to gigabytes.
#[test]
fn what_is_too_much_work_is_not_known() {
    use std::io::Write;
    let hospital = Hospital::new();
    let mut bomb = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    let zeros = vec![b' '; 1 << 20];
    (0..3000).for_each(|_| bomb.write_all(&zeros).expect("memory can be written"));
    let bomb = bomb.finish().expect("memory can be written");
    let pdf = [
        b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Count 1 /Kids [3 0 R] >>\nendobj\n\
          3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>\nendobj\n\
          4 0 obj\n<< /Filter /FlateDecode /Length "
            .to_vec(),
        bomb.len().to_string().into_bytes(),
        b" >>\nstream\n".to_vec(),
        bomb,
        b"\nendstream\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n".to_vec(),
    ]
    .concat();
    hospital.write("bomb.pdf", pdf);
    assert_eq!(hospital.verdict("bomb.pdf"), "unreadable");
}
