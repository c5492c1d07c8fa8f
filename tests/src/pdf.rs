//! PDFs as an office and a scanner write them, with only the parts that a verifier reads.

/// A PDF with attachments, each a media type and its content.
pub fn letter(attachments: &[(&str, &str)]) -> Vec<u8> {
    let mut pdf =
        b"%PDF-1.7\n%\x80\x80\x80\x80\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n\
        2 0 obj\n<< /Length 24 >>\nstream\nBT /F1 12 Tf (Hei) Tj ET\nendstream\nendobj\n"
            .to_vec();
    for (place, (media_type, content)) in attachments.iter().enumerate() {
        let name = media_type.replace('/', "#2F");
        let head = format!(
            "{} 0 obj\n<<\n  /Length {}\n  /Type /EmbeddedFile\n  /Subtype /{name}\n>>\nstream\n",
            place + 3,
            content.len()
        );
        pdf.extend(head.as_bytes());
        pdf.extend(content.as_bytes());
        pdf.extend(b"\nendstream\nendobj\n");
    }
    pdf.extend(b"trailer\n<< /Root 1 0 R >>\n%%EOF\n");
    pdf
}

/// A PDF with one page that consists of one picture.
pub fn scan(jpeg: &[u8]) -> Vec<u8> {
    let mut pdf =
        b"%PDF-1.4\n1 0 obj\n<</Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray\
        /Filter/DCTDecode/Length 9 0 R>>\nstream\r\n"
            .to_vec();
    pdf.extend(jpeg);
    pdf.extend(format!("\nendstream\nendobj\n9 0 obj\n{}\nendobj\n%%EOF\n", jpeg.len()).as_bytes());
    pdf
}
