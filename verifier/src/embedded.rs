//! Tells whether there is more in a text than text: pictures in a web page, what is attached to a
//! mail. They may show another certificate than the text has.

use alloc::string::{String, ToString};

use crate::{
    kind::{Kind, OtherKind},
    unexamined::Unexamined,
};

/// What embeds something in a text of any kind, in small letters and without white space: a mail may
/// begin with any of its headers, and a web page with any of its elements. What only refers to a
/// picture elsewhere does not count: that one was not shown. Nor do the parts of a mail that are text,
/// which is searched.
const ANYWHERE: &[&str] = &[
    "content-type:application/",
    "content-type:image/",
    "content-type:message/",
    "content-disposition:attachment",
    "content-transfer-encoding:base64",
    ";base64,",
    ";encoding=b",
    "<svg",
    "srcdoc=",
];

/// What embeds something in a web page; in another text it means nothing.
const IN_HTML: &[&str] = &["=data:", "\"data:", "'data:", "url(data:"];

/// What embeds something in rich text, and digits that are not written as such.
const IN_RTF: &[&str] = &["\\pict", "\\object", "\\'3"];

/// The pictures and files in a text of this kind, if there are any.
pub(crate) fn embedded_in(kind: Kind, text: &str) -> Option<Unexamined> {
    let own = match kind {
        Kind::Other(OtherKind::Html) => IN_HTML,
        Kind::Other(OtherKind::Rtf) => IN_RTF,
        _ => &[],
    };
    let text: String = text.split_whitespace().collect();
    let text = text.to_ascii_lowercase();
    let is_there = ANYWHERE.iter().chain(own).any(|mark| text.contains(mark));
    is_there.then(|| Unexamined::Embedded { within: kind.to_string() })
}
