//! Forms with documents: fields by name, and files whose content is looked at.

use std::sync::Arc;

use axum::{
    extract::{
        FromRequest, FromRequestParts, Multipart, Request,
        multipart::{Field, MultipartError},
    },
    http::StatusCode,
    response::Response,
};
use vernet_common::CivilDate;
use vernet_register::{Documents, NewDocument, Proposal, Typed};

use super::{console::Console, guard::Desk};
use crate::web::refusal::Refusal;

/// The largest form with documents: as many as a proposal may have, as a scanner makes them.
pub(super) const MAX_FORM: usize = 64 << 20;

/// The longest text of one field: nobody types more.
const MAX_TEXT: usize = 16 * 1024;

/// How many fields and files a form has at most: many times those of the longest one.
const MAX_PARTS: usize = 200;

/// What documents may be: what every officer's browser opens in place.
const TYPES: [&str; 3] = ["application/pdf", "image/jpeg", "image/png"];

/// A form that was sent from a page of the officer's own session.
pub(super) struct Filed {
    pub(super) desk: Desk,
    pub(super) fields: Fields,
    pub(super) documents: Vec<NewDocument>,
    /// The file in the field `upload`, which is no document: its name and its bytes. Who asks for it
    /// knows what it must be.
    pub(super) upload: Option<(String, Vec<u8>)>,
}

/// The texts of a form, without spaces around them.
#[derive(Default, Debug)]
pub(super) struct Fields(Typed);

impl From<Typed> for Fields {
    fn from(typed: Typed) -> Self {
        Self(typed)
    }
}

impl Fields {
    /// All of them.
    pub(super) fn typed(&self) -> &Typed {
        &self.0
    }

    /// What was typed; empty if nothing was.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// Puts something in, as if it had been typed.
    pub(super) fn put(&mut self, name: &str, text: String) {
        self.0.insert(name.to_owned(), text);
    }

    /// What was typed, if anything.
    pub(super) fn some(&self, name: &str) -> Option<&str> {
        Some(self.get(name)).filter(|text| !text.is_empty())
    }

    /// Whether a box is ticked.
    pub(super) fn is_ticked(&self, name: &str) -> bool {
        self.some(name).is_some()
    }

    /// A day as people write it in Norway, if one was typed.
    ///
    /// # Errors
    ///
    /// [`vernet_common::Error::FieldInvalid`] if it is none.
    pub(super) fn day(
        &self,
        name: &'static str,
    ) -> Result<Option<CivilDate>, vernet_common::Error> {
        let Some(text) = self.some(name) else { return Ok(None) };
        let found = vernet_text::date(text).map(Some);
        found.ok_or_else(|| vernet_common::Error::field(name, text, "a day, as in `31.12.2026`"))
    }
}

impl FromRequest<Arc<Console>> for Filed {
    type Rejection = Response;

    async fn from_request(request: Request, console: &Arc<Console>) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let desk = Desk::from_request_parts(&mut parts, console).await?;
        let language = desk.page.language();
        let refused = |status, code| Refusal::new(status, code).answer(language);
        let unreadable = || refused(StatusCode::BAD_REQUEST, "form_unreadable");
        let request = Request::from_parts(parts, body);
        let Ok(mut form) = Multipart::from_request(request, &()).await else {
            return Err(unreadable());
        };
        let (mut fields, mut documents) = (Typed::new(), Vec::new());
        let has_token =
            |fields: &Typed| fields.get("token").is_some_and(|token| desk.who.form_token.is(token));
        let mut parts = 0;
        let mut upload = None;
        while let Some(field) = form.next_field().await.map_err(|_| unreadable())? {
            parts += 1;
            if parts > MAX_PARTS {
                return Err(unreadable());
            }
            let name = field.name().unwrap_or_default().to_owned();
            // The token comes first, so nothing of a foreign form is read.
            if name != "token" && !has_token(&fields) {
                return Err(refused(StatusCode::FORBIDDEN, "foreign_form"));
            }
            match field.file_name().map(ToOwned::to_owned) {
                Some(file) if !file.is_empty() && name == "upload" => {
                    let read = read(field, MAX_FORM).await.map_err(|_| unreadable())?;
                    upload = Some((own_name(&file), read.ok_or_else(unreadable)?));
                }
                Some(file) if !file.is_empty() => {
                    let most = Documents::MAX_BYTES as usize;
                    let read = read(field, most).await.map_err(|_| unreadable())?;
                    let is_known = |bytes: &Vec<u8>| {
                        infer::get(bytes).is_some_and(|kind| TYPES.contains(&kind.mime_type()))
                    };
                    let Some(bytes) = read.filter(is_known) else {
                        return Err(refused(StatusCode::UNPROCESSABLE_ENTITY, "document_refused"));
                    };
                    if documents.len() == Proposal::MAX_DOCUMENTS {
                        return Err(refused(
                            StatusCode::UNPROCESSABLE_ENTITY,
                            "too_many_documents",
                        ));
                    }
                    documents.push(NewDocument::new(&own_name(&file), bytes));
                }
                // A field for files in which none was chosen.
                Some(_) => {}
                None => {
                    let bytes = read(field, MAX_TEXT).await.ok().flatten();
                    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
                    let text = text.ok_or_else(unreadable)?;
                    fields.insert(name, text.trim().to_owned());
                }
            }
        }
        match has_token(&fields) {
            true => Ok(Self { desk, fields: Fields(fields), documents, upload }),
            false => Err(refused(StatusCode::FORBIDDEN, "foreign_form")),
        }
    }
}

/// What a field holds; none if it is more than so many bytes. Then the rest is not read.
async fn read(mut field: Field<'_>, most: usize) -> Result<Option<Vec<u8>>, MultipartError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await? {
        if bytes.len() + chunk.len() > most {
            return Ok(None);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Some(bytes))
}

/// The name of the file alone, in one line: browsers may send a path.
fn own_name(file: &str) -> String {
    let name = file.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = name.chars().filter(|c| !c.is_control()).take(100).collect();
    match name.trim() {
        "" => "document".to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_no_path() {
        for (sent, kept) in [
            ("exam.pdf", "exam.pdf"),
            ("C:\\fakepath\\exam.pdf", "exam.pdf"),
            ("../../etc/passwd", "passwd"),
            ("a\nb.pdf", "ab.pdf"),
            ("..", ".."),
            ("/", "document"),
        ] {
            assert_eq!(own_name(sent), kept, "{sent:?}");
        }
    }

    #[test]
    fn days_are_written_as_people_do() {
        let fields = Fields(
            [("a", "31.12.2026"), ("b", "2026-12-31"), ("c", "32.12.2026")]
                .map(|(name, day)| (name.to_owned(), day.to_owned()))
                .into(),
        );
        let last: CivilDate = "2026-12-31".parse().expect("a day");
        assert_eq!(fields.day("a").expect("a day"), Some(last));
        assert_eq!(fields.day("b").expect("a day"), Some(last));
        assert_eq!(fields.day("none").expect("nothing"), None);
        assert!(fields.day("c").is_err());
    }
}
