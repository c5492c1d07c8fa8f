//! Names of tokens and of keys in them: the PKCS #11 URI scheme (RFC 7512).

use std::{
    fmt::{self, Write},
    path::{Path, PathBuf},
    str::FromStr,
};

use vernet_common::quoted;

use super::TokenError;

/// The longest URI that is read. Labels have at most 32 bytes, and paths under 4 KiB.
const MAX_BYTES: usize = 8 << 10;

const SCHEME: &str = "pkcs11:";

/// Names a token, and a key in it:
/// `pkcs11:token=office;object=certificates;id=%01?module-path=/usr/lib/softhsm/libsofthsm2.so`.
///
/// It holds no secret: a `pin-value` is refused, because a URI appears in files, process lists and
/// shell histories. Attributes that this program does not compare are also refused, so that nobody
/// believes that they narrow the choice.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TokenUri {
    /// The token's label.
    pub token: Option<String>,
    /// The token's manufacturer.
    pub manufacturer: Option<String>,
    /// The token's model.
    pub model: Option<String>,
    /// The token's serial number.
    pub serial: Option<String>,
    /// The label of the key (`CKA_LABEL`).
    pub object: Option<String>,
    /// The id of the key (`CKA_ID`).
    pub id: Option<Vec<u8>>,
    /// The file whose first line is the PIN.
    pub pin_source: Option<PathBuf>,
    /// The token's library, which is loaded into this program.
    pub module_path: Option<PathBuf>,
}

impl TokenUri {
    /// Whether a text is meant as such a URI, valid or not, rather than as a file name.
    pub fn is_meant_by(text: &str) -> bool {
        text.get(..SCHEME.len()).is_some_and(|scheme| scheme.eq_ignore_ascii_case(SCHEME))
    }

    /// The URI without the query: the key, without the paths of the library and the PIN.
    pub fn key(&self) -> String {
        Self { pin_source: None, module_path: None, ..self.clone() }.to_string()
    }

    /// The URI without key and query: only the token.
    pub fn token_alone(&self) -> String {
        Self { object: None, id: None, pin_source: None, module_path: None, ..self.clone() }
            .to_string()
    }

    /// The name of the token to show to people: its label, or another attribute.
    pub fn token_name(&self) -> &str {
        let names = [&self.token, &self.serial, &self.model, &self.manufacturer];
        names.into_iter().find_map(Option::as_deref).unwrap_or("any")
    }

    fn set(&mut self, name: &str, value: Vec<u8>) -> Result<(), TokenError> {
        if value.is_empty() {
            return Err(wrong(format!("`{name}` is empty")));
        }
        let text =
            |value| String::from_utf8(value).map_err(|_| wrong(format!("`{name}` is not UTF-8")));
        let twice = || wrong(format!("`{name}` stands there twice"));
        let place = match name {
            "token" => &mut self.token,
            "manufacturer" => &mut self.manufacturer,
            "model" => &mut self.model,
            "serial" => &mut self.serial,
            "object" => &mut self.object,
            "id" => return self.id.replace(value).map_or(Ok(()), |_| Err(twice())),
            "type" if value == b"private" => return Ok(()),
            "type" => {
                return Err(wrong(
                    "`type` is another than `private`: only private keys sign".into(),
                ));
            }
            "pin-source" => {
                let file = absolute(name, strip_file(&text(value)?))?;
                return self.pin_source.replace(file).map_or(Ok(()), |_| Err(twice()));
            }
            "module-path" => {
                let file = absolute(name, &text(value)?)?;
                return self.module_path.replace(file).map_or(Ok(()), |_| Err(twice()));
            }
            "pin-value" => {
                return Err(wrong(
                    "it holds a `pin-value`, which would stand in files and process lists: name a file with `pin-source`"
                        .into(),
                ));
            }
            "module-name" => {
                return Err(wrong(
                    "`module-name` is not supported: give the library with `module-path`".into(),
                ));
            }
            _ => {
                return Err(wrong(format!(
                    "the attribute `{}` is not supported",
                    quoted(name, 80)
                )));
            }
        };
        place.replace(text(value)?).map_or(Ok(()), |_| Err(twice()))
    }
}

impl FromStr for TokenUri {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        if text.len() > MAX_BYTES {
            return Err(wrong(format!(
                "it has {} bytes, at most {MAX_BYTES} are allowed",
                text.len()
            )));
        }
        if !Self::is_meant_by(text) {
            return Err(wrong(format!("it does not begin with `{SCHEME}`")));
        }
        let rest = &text[SCHEME.len()..];
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut uri = Self::default();
        // RFC 7512 section 2.3. Path and query each have their own separator; the other one may
        // occur in a value.
        for (part, separator, others) in [(path, ';', b"&" as &[u8]), (query, '&', b"/?|;")] {
            for attribute in part.split(separator).filter(|_| !part.is_empty()) {
                let (name, value) = attribute
                    .split_once('=')
                    .ok_or_else(|| wrong("an attribute has no `=`".into()))?;
                let is_query =
                    matches!(name, "pin-source" | "pin-value" | "module-name" | "module-path");
                if is_query != (separator == '&') {
                    return Err(wrong(format!(
                        "`{}` stands on the wrong side of the `?`",
                        quoted(name, 80)
                    )));
                }
                uri.set(name, decode(name, value, others)?)?;
            }
        }
        Ok(uri)
    }
}

impl fmt::Display for TokenUri {
    /// Each URI has one spelling: the attributes are in a fixed order, and every byte that is not
    /// allowed literally is written as `%XX`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SCHEME)?;
        let path = [
            ("token", &self.token),
            ("manufacturer", &self.manufacturer),
            ("model", &self.model),
            ("serial", &self.serial),
            ("object", &self.object),
        ];
        let mut separator = "";
        for (name, value) in path {
            let Some(value) = value else { continue };
            write!(f, "{separator}{name}=")?;
            encode(f, value.as_bytes(), is_unreserved)?;
            separator = ";";
        }
        if let Some(id) = &self.id {
            write!(f, "{separator}id=")?;
            encode(f, id, |_| false)?;
        }
        let mut separator = "?";
        for (name, value) in [("module-path", &self.module_path), ("pin-source", &self.pin_source)]
        {
            let Some(value) = value else { continue };
            write!(f, "{separator}{name}={}", if name == "pin-source" { "file:" } else { "" })?;
            // The path was parsed from text, so this is lossless.
            encode(f, value.to_string_lossy().as_bytes(), |byte| {
                byte == b'/' || is_unreserved(byte)
            })?;
            separator = "&";
        }
        Ok(())
    }
}

fn wrong(reason: String) -> TokenError {
    TokenError::UriInvalid { reason }
}

fn absolute(name: &str, path: &str) -> Result<PathBuf, TokenError> {
    let path = Path::new(path);
    if !path.is_absolute() {
        return Err(wrong(format!("`{name}` is not an absolute path")));
    }
    Ok(path.to_owned())
}

/// Accepts `file:/etc/pin` and `file:///etc/pin` (RFC 8089) as well as the path alone.
fn strip_file(source: &str) -> &str {
    let path = source.strip_prefix("file:").unwrap_or(source);
    match path.strip_prefix("//") {
        Some(rest) if rest.starts_with('/') => rest,
        _ => path,
    }
}

/// RFC 3986 section 2.3.
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

fn decode(name: &str, value: &str, others: &[u8]) -> Result<Vec<u8>, TokenError> {
    let mut decoded = Vec::with_capacity(value.len());
    let mut bytes = value.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let mut digit = || bytes.next().and_then(|digit| char::from(digit).to_digit(16));
            let (Some(high), Some(low)) = (digit(), digit()) else {
                return Err(wrong(format!("`{name}` has a `%` without two hexadecimal digits")));
            };
            decoded.push(u8::try_from(high << 4 | low).expect("two hexadecimal digits are a byte"));
        } else if is_unreserved(byte) || b":[]@!$'()*+,=".contains(&byte) || others.contains(&byte)
        {
            decoded.push(byte);
        } else {
            return Err(wrong(format!(
                "`{name}` holds `{}`, which must be written as `%{byte:02X}`",
                quoted(char::from(byte).encode_utf8(&mut [0; 2]), 1)
            )));
        }
    }
    Ok(decoded)
}

fn encode(f: &mut fmt::Formatter<'_>, bytes: &[u8], is_plain: impl Fn(u8) -> bool) -> fmt::Result {
    for byte in bytes {
        if is_plain(*byte) {
            f.write_char(char::from(*byte))?;
        } else {
            write!(f, "%{byte:02X}")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_is_read_and_written_back_in_one_spelling() {
        let uri: TokenUri =
            "PKCS11:object=status%20key;id=%01a;token=Office%20HSM;type=private;serial=12\
                             ?pin-source=file:///etc/p%69n&module-path=/usr/lib/lib(x).so"
                .parse()
                .expect("valid");
        let expected = TokenUri {
            token: Some("Office HSM".into()),
            serial: Some("12".into()),
            object: Some("status key".into()),
            id: Some(vec![1, b'a']),
            pin_source: Some("/etc/pin".into()),
            module_path: Some("/usr/lib/lib(x).so".into()),
            ..TokenUri::default()
        };
        assert_eq!(uri, expected);
        let text = uri.to_string();
        assert_eq!(
            text,
            "pkcs11:token=Office%20HSM;serial=12;object=status%20key;id=%01%61?module-path=/usr/lib/lib%28x%29.so&pin-source=file:/etc/pin"
        );
        assert_eq!(text.parse::<TokenUri>().expect("its own text"), expected);
        assert_eq!(uri.key(), "pkcs11:token=Office%20HSM;serial=12;object=status%20key;id=%01%61");
        assert_eq!(uri.token_alone(), "pkcs11:token=Office%20HSM;serial=12");
        assert_eq!("pkcs11:".parse::<TokenUri>().expect("any token"), TokenUri::default());
    }

    #[test]
    fn what_p11tool_prints_is_read() {
        let uri = "pkcs11:model=SoftHSM%20v2;manufacturer=SoftHSM%20project;serial=8d1f;token=office;id=%A1;object=x;type=private";
        let uri: TokenUri = uri.parse().expect("valid");
        assert_eq!((uri.model.as_deref(), uri.id), (Some("SoftHSM v2"), Some(vec![0xa1])));
    }

    #[test]
    fn what_is_not_understood_is_refused_with_its_reason() {
        for (text, reason) in [
            ("pkcs1:token=a", "does not begin with"),
            ("pkcs11:token", "no `=`"),
            ("pkcs11:token=a;token=b", "`token` stands there twice"),
            ("pkcs11:id=%01;id=%01", "`id` stands there twice"),
            ("pkcs11:token=", "`token` is empty"),
            ("pkcs11:token=a;", "no `=`"),
            ("pkcs11:token=a?", ""),
            ("pkcs11:token=%zz", "two hexadecimal digits"),
            ("pkcs11:token=%4", "two hexadecimal digits"),
            ("pkcs11:token=%ff", "not UTF-8"),
            ("pkcs11:token=My HSM", "must be written as `%20`"),
            ("pkcs11:token=Å", "must be written as `%C3`"),
            ("pkcs11:type=public", "only private keys sign"),
            ("pkcs11:slot-id=1", "`slot-id` is not supported"),
            ("pkcs11:x-mine=1", "`x-mine` is not supported"),
            ("pkcs11:token=a?pin-value=1234", "pin-value"),
            ("pkcs11:token=a?module-name=softhsm2", "give the library with `module-path`"),
            ("pkcs11:token=a?module-path=libx.so", "not an absolute path"),
            ("pkcs11:token=a?pin-source=file:pin.txt", "not an absolute path"),
            ("pkcs11:token=a?pin-source=%7Cget-pin", "not an absolute path"),
            ("pkcs11:pin-source=/pin", "wrong side of the `?`"),
            ("pkcs11:?token=a", "wrong side of the `?`"),
        ] {
            if reason.is_empty() {
                assert!(text.parse::<TokenUri>().is_ok(), "{text}");
                continue;
            }
            let error = text.parse::<TokenUri>().expect_err(text);
            assert_eq!(error.code(), "token_uri_invalid");
            assert!(error.to_string().contains(reason), "{text}: {error}");
        }
        let long = format!("pkcs11:token={}", "a".repeat(MAX_BYTES));
        assert_eq!(long.parse::<TokenUri>().expect_err("too long").code(), "token_uri_invalid");
    }

    #[test]
    fn an_error_does_not_repeat_a_pin() {
        let error =
            "pkcs11:token=a?pin-value=90125".parse::<TokenUri>().expect_err("a PIN in the open");
        assert!(!error.to_string().contains("90125"), "{error}");
    }
}
