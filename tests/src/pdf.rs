//! PDFs as an office and a scanner write them: small, with a page, and with true tables.

/// A PDF with attachments, each a media type and its content.
pub fn letter(attachments: &[(&str, &str)]) -> Vec<u8> {
    let contents: Vec<(&str, &[u8])> =
        attachments.iter().map(|(kind, content)| (*kind, content.as_bytes())).collect();
    with_attachments(&contents)
}

/// As [`letter`], for contents that are no text.
pub fn with_attachments(attachments: &[(&str, &[u8])]) -> Vec<u8> {
    let mut pdf = Pdf::new();
    let names: Vec<String> = attachments
        .iter()
        .enumerate()
        .map(|(place, (media_type, content))| {
            let name = media_type.replace('/', "#2F");
            let file = pdf.stream(&format!("/Type /EmbeddedFile /Subtype /{name}"), content);
            let about = pdf.object(&format!(
                "<< /Type /Filespec /F ({place}) /UF ({place}) /EF << /F {file} 0 R >> >>"
            ));
            format!("({place}) {about} 0 R")
        })
        .collect();
    let page = pdf.page("/F1 12 Tf", "");
    pdf.end(&[page], &format!("/Names << /EmbeddedFiles << /Names [{}] >> >>", names.join(" ")))
}

/// A PDF with one page that consists of one picture.
pub fn scan(jpeg: &[u8]) -> Vec<u8> {
    scans(&[jpeg])
}

/// A PDF with a page for each of these pictures.
pub fn scans(jpegs: &[&[u8]]) -> Vec<u8> {
    let mut pdf = Pdf::new();
    let pages: Vec<usize> = jpegs
        .iter()
        .map(|jpeg| {
            let (width, height) = size(jpeg);
            let picture = pdf.stream(
                &format!(
                    "/Type /XObject /Subtype /Image /Width {width} /Height {height} /BitsPerComponent 8 /ColorSpace /DeviceRGB /Filter /DCTDecode"
                ),
                jpeg,
            );
            pdf.page("300 0 0 300 0 0 cm /P Do", &format!("/XObject << /P {picture} 0 R >>"))
        })
        .collect();
    pdf.end(&pages, "")
}

/// Width and height, from the frame header of a JPEG.
fn size(jpeg: &[u8]) -> (u16, u16) {
    let mut at = 2;
    while at + 9 < jpeg.len() {
        let number = |at: usize| u16::from_be_bytes([jpeg[at], jpeg[at + 1]]);
        if matches!(jpeg[at + 1], 0xc0..=0xc2) {
            return (number(at + 7), number(at + 5));
        }
        at += 2 + usize::from(number(at + 2));
    }
    (1, 1)
}

/// A PDF that is being written. Object 1 is the catalogue and object 2 the list of pages.
struct Pdf {
    bytes: Vec<u8>,
    offsets: Vec<usize>,
}

impl Pdf {
    fn new() -> Self {
        Self { bytes: b"%PDF-1.7\n%\x80\x80\x80\x80\n".to_vec(), offsets: vec![0, 0, 0] }
    }

    /// Writes an object and returns its number.
    fn object(&mut self, content: &str) -> usize {
        let number = self.offsets.len();
        self.offsets.push(0);
        self.write(number, content.as_bytes());
        number
    }

    fn stream(&mut self, entries: &str, content: &[u8]) -> usize {
        let head = format!("<< {entries} /Length {} >>\nstream\n", content.len());
        let number = self.offsets.len();
        self.offsets.push(0);
        self.write(number, &[head.as_bytes(), content, b"\nendstream"].concat());
        number
    }

    fn page(&mut self, drawing: &str, resources: &str) -> usize {
        let content = self.stream("", drawing.as_bytes());
        self.object(&format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents {content} 0 R /Resources << {resources} >> >>"
        ))
    }

    fn write(&mut self, number: usize, content: &[u8]) {
        self.offsets[number] = self.bytes.len();
        self.bytes.extend(format!("{number} 0 obj\n").bytes());
        self.bytes.extend(content);
        self.bytes.extend(b"\nendobj\n");
    }

    fn end(mut self, pages: &[usize], catalogue: &str) -> Vec<u8> {
        let kids: Vec<String> = pages.iter().map(|page| format!("{page} 0 R")).collect();
        let list = format!("<< /Type /Pages /Count {} /Kids [{}] >>", pages.len(), kids.join(" "));
        self.write(1, format!("<< /Type /Catalog /Pages 2 0 R {catalogue} >>").as_bytes());
        self.write(2, list.as_bytes());
        let table = self.bytes.len();
        self.bytes.extend(format!("xref\n0 {}\n0000000000 65535 f \n", self.offsets.len()).bytes());
        for offset in &self.offsets[1..] {
            self.bytes.extend(format!("{offset:010} 00000 n \n").bytes());
        }
        let trailer = format!(
            "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n",
            self.offsets.len()
        );
        self.bytes.extend(trailer.bytes());
        self.bytes
    }
}
