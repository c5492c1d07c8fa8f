use super::*;

/// As long as the median certificate: 105 bytes of payload.
fn url() -> String {
    let digits: String = (0..253u32).map(|i| char::from(b'0' + (i * i % 97 % 10) as u8)).collect();
    format!("https://verify.example.no/v#1{digits}")
}

#[test]
fn a_usual_certificate_takes_version_8() {
    let code = QrCode::new(&url()).expect("fits");
    assert_eq!((code.version(), code.modules().side()), (8, 49));
}

#[test]
fn every_rendering_reads_back() {
    let code = QrCode::new(&url()).expect("fits");
    code.to_svg().expect("readable");
    code.to_png().expect("readable");
    code.to_terminal(TerminalStyle::Coloured).expect("readable");
    code.to_terminal(TerminalStyle::Plain).expect("readable");
}

#[test]
fn codes_of_all_sizes_read_back() {
    for length in [1, 30, 100, 400, 700, 1200] {
        let text: String = url().chars().cycle().take(length).collect();
        let code = QrCode::new(&text).expect("fits");
        code.to_svg().unwrap_or_else(|e| panic!("{length}, version {}: {e}", code.version()));
    }
}

#[test]
fn the_renderings_hold_the_modules() {
    let code = QrCode::new(&url()).expect("fits");
    let framed = code.modules.framed();
    assert_eq!(framed.side(), 57);
    assert_eq!(parse_svg(&code.to_svg().expect("readable")).expect("parses"), framed);
    for style in [TerminalStyle::Coloured, TerminalStyle::Plain] {
        let text = code.to_terminal(style).expect("readable");
        assert_eq!(parse_terminal(&text, style).expect("parses"), framed);
        assert_eq!(text.lines().count(), 29);
    }
}

#[test]
fn what_does_not_read_as_the_text_is_not_handed_out() {
    let mut code = QrCode::new(&url()).expect("fits");
    code.text.push('0');
    for error in [
        code.to_svg().expect_err("another text"),
        code.to_png().map(|_| ()).expect_err("another text"),
        code.to_terminal(TerminalStyle::Plain).expect_err("another text"),
    ] {
        assert_eq!(error.code(), "qr_not_readable", "{error}");
    }
    code.modules.dark[..9 * 49].fill(false);
    assert_eq!(code.to_png().expect_err("finder patterns are gone").code(), "qr_not_readable");
}

#[test]
fn the_svg_is_large_enough_and_tells_nothing_else() {
    let code = QrCode::new("https://verify.example.no/a&b?<c>#123456789").expect("fits");
    let svg = code.to_svg().expect("readable");
    assert!(
        svg.contains(
            "verify the certificate at https://verify.example.no/a&amp;b?&lt;c&gt;</desc>"
        ),
        "{svg}"
    );
    assert!(!svg.contains("123456789"), "{svg}");
    // Version 3: 29 modules in 25 mm, 37 with the quiet zone.
    assert!(svg.contains("width=\"31.9mm\" height=\"31.9mm\" viewBox=\"0 0 37 37\""), "{svg}");
    // Version 16: 81 modules of half a millimetre, 89 with the quiet zone.
    let dense = QrCode::new(&url().repeat(2)).expect("fits");
    let svg = dense.to_svg().expect("readable");
    let side = dense.modules().side() + 8;
    assert!(svg.contains(&format!("width=\"{}mm\"", side as f64 / 2.0)), "{svg}");
}

#[test]
fn a_text_that_does_not_fit_is_refused() {
    let error = QrCode::new(&"x".repeat(2400)).expect_err("version 40 at level M holds 2331 bytes");
    assert_eq!(error.code(), "qr_too_long");
}
