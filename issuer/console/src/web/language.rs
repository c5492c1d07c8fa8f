//! Which language a reader wants.

use axum::http::{HeaderMap, header};

/// A language of the pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Language {
    /// Norwegian, bokmål.
    Bokmal,
    /// Norwegian, nynorsk.
    Nynorsk,
    /// English.
    English,
}

impl Language {
    /// Every language, in the order in which they are offered.
    pub(crate) const ALL: [Self; 3] = [Self::Bokmal, Self::Nynorsk, Self::English];

    /// The cookie in which a choice is remembered.
    pub(crate) const COOKIE: &str = "language";

    /// The code of RFC 5646.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Bokmal => "nb",
            Self::Nynorsk => "nn",
            Self::English => "en",
        }
    }

    /// What its speakers call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bokmal => "Bokmål",
            Self::Nynorsk => "Nynorsk",
            Self::English => "English",
        }
    }

    /// The language with this code; regions and scripts do not matter, and `no` is bokmål.
    pub(crate) fn of_code(code: &str) -> Option<Self> {
        let base = code.trim().split('-').next().unwrap_or_default().to_ascii_lowercase();
        let base = if base == "no" { "nb" } else { &base };
        Self::ALL.into_iter().find(|language| language.code() == base)
    }

    /// What a browser was told to remember, else the first of its languages that there is, else
    /// bokmål.
    pub(crate) fn wanted(headers: &HeaderMap) -> Self {
        let chosen = cookie(headers, Self::COOKIE).and_then(Self::of_code);
        let accepted = || {
            let values = headers.get_all(header::ACCEPT_LANGUAGE).iter();
            let values = values.filter_map(|value| value.to_str().ok());
            // Browsers list the one that is liked best first.
            let mut codes = values.flat_map(|value| value.split(','));
            codes.find_map(|code| Self::of_code(code.split(';').next().unwrap_or_default()))
        };
        chosen.or_else(accepted).unwrap_or(Self::Bokmal)
    }
}

/// The value of a cookie, if the browser sent it once.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let values = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut found = values.flat_map(|value| value.split(';')).filter_map(|pair| {
        let (found, value) = pair.trim().split_once('=')?;
        (found == name).then_some(value)
    });
    let first = found.next()?;
    // Two cookies of one name: somebody else set one of them, and nobody knows which.
    found.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn wanted(accept: &'static str, cookie: Option<&'static str>) -> Language {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(accept));
        if let Some(cookie) = cookie {
            headers.insert(header::COOKIE, HeaderValue::from_static(cookie));
        }
        Language::wanted(&headers)
    }

    #[test]
    fn a_choice_counts_before_the_browser_and_bokmal_at_last() {
        assert_eq!(wanted("nn-NO,nb;q=0.9,en;q=0.8", None), Language::Nynorsk);
        assert_eq!(wanted("fr, en-GB;q=0.7, no;q=0.5", None), Language::English);
        assert_eq!(wanted("no", None), Language::Bokmal);
        assert_eq!(wanted("fi", None), Language::Bokmal);
        assert_eq!(wanted("en", Some("a=b; language=nn")), Language::Nynorsk);
        assert_eq!(wanted("en", Some("language=xx")), Language::English);
        assert_eq!(wanted("en", Some("language=nn; language=nb")), Language::English, "which?");
    }
}
