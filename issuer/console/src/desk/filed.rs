//! Forms with documents: fields by name, and files whose content is looked at.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::{FromRequest, FromRequestParts, Multipart, Request},
    http::StatusCode,
    response::Response,
};
use vernet_common::CivilDate;
use vernet_register::{Documents, NewDocument, Proposal};

use super::{console::Console, guard::Desk};
use crate::web::refusal::Refusal;

/// The largest form with documents: as many as a proposal may have, as a scanner makes them.
pub(super) const MAX_FORM: usize = 64 << 20;

/// What documents may be: what every officer's browser opens in place.
const TYPES: [&str; 3] = ["application/pdf", "image/jpeg", "image/png"];

/// A form that was sent from a page of the officer's own session.
pub(super) struct Filed {
    pub(super) desk: Desk,
    pub(super) fields: Fields,
    pub(super) documents: Vec<NewDocument>,
}

/// The texts of a form, without spaces around them.
#[derive(Default, Debug)]
pub(super) struct Fields(BTreeMap<String, String>);

impl Fields {
    /// What was typed; empty if nothing was.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
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
        let (mut fields, mut documents) = (BTreeMap::<String, String>::new(), Vec::new());
        while let Some(field) = form.next_field().await.map_err(|_| unreadable())? {
            let name = field.name().unwrap_or_default().to_owned();
            let file = field.file_name().map(ToOwned::to_owned);
            let bytes = field.bytes().await.map_err(|_| unreadable())?;
            // The token comes first, so nothing of a foreign form is kept.
            let is_own = fields.get("token").is_some_and(|token| desk.who.form_token.is(token));
            if name != "token" && !is_own {
                return Err(refused(StatusCode::FORBIDDEN, "foreign_form"));
            }
            match file {
                Some(file) if !file.is_empty() => {
                    let is_known =
                        infer::get(&bytes).is_some_and(|kind| TYPES.contains(&kind.mime_type()));
                    if !is_known || bytes.len() as u64 > Documents::MAX_BYTES {
                        return Err(refused(StatusCode::UNPROCESSABLE_ENTITY, "document_refused"));
                    }
                    if documents.len() == Proposal::MAX_DOCUMENTS {
                        return Err(refused(
                            StatusCode::UNPROCESSABLE_ENTITY,
                            "too_many_documents",
                        ));
                    }
                    documents.push(NewDocument::new(&own_name(&file), bytes.into()));
                }
                // A field for files in which none was chosen.
                Some(_) => {}
                None => {
                    let Ok(text) = String::from_utf8(bytes.into()) else {
                        return Err(unreadable());
                    };
                    fields.insert(name, text.trim().to_owned());
                }
            }
        }
        match fields.contains_key("token") {
            true => Ok(Self { desk, fields: Fields(fields), documents }),
            false => Err(refused(StatusCode::FORBIDDEN, "foreign_form")),
        }
    }
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
