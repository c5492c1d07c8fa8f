//! The page that opens when a phone's camera reads the QR code, as files: the server serves them,
//! and `page export` writes them to a folder.
//!
//! A QR code leads to `<base>/v#digits`. The page is in `<base>/v/`. Its service worker is beside
//! that folder, as `<base>/v-worker.js`, so that it may also answer `<base>/v`. The page does not
//! depend on `<base>`: the same files work under any path of any web server.

use std::borrow::Cow;

use anyhow::{Context, Result, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use vernet_common::TrustAnchor;

use crate::publication_source::Source;

/// One file of the page.
#[derive(Clone, Debug)]
pub(crate) struct PageFile {
    /// Below `<base>/`: `v/index.html`, `v-worker.js`.
    pub(crate) path: String,
    pub(crate) media_type: &'static str,
    pub(crate) bytes: Cow<'static, [u8]>,
}

/// The folder of the page below `<base>/`.
pub(crate) const FOLDER: &str = "v/";

/// The service worker's script, below `<base>/`.
pub(crate) const WORKER: &str = "v-worker.js";

/// The first bytes of the service worker's script, which identify an earlier export.
pub(crate) const WORKER_BEGINS: &str =
    "// The service worker: keeps every file of one version of the page";

macro_rules! assets {
    ($(#[doc = $doc:literal])+ $list:ident: $($name:literal)*) => {
        $(#[doc = $doc])+
        const $list: &[(&str, &[u8])] = &[$(($name, include_bytes!(concat!("../../web/page/", $name)))),*];
    };
}

assets! {
    /// The files that are the same for every office.
    ASSETS:
    "camera.js"
    "early.js"
    "engine.js"
    "files.js"
    "forward.js"
    "icons/apple-touch-icon.png"
    "icons/icon-192.png"
    "icons/icon-512.png"
    "icons/icon.svg"
    "icons/maskable-192.png"
    "icons/maskable-512.png"
    "kind.js"
    "kiosk.js"
    "knowledge.js"
    "lang/da.json"
    "lang/en.json"
    "lang/nb.json"
    "lang/nn.json"
    "lang/sv.json"
    "language.js"
    "main.js"
    "manifest.webmanifest"
    "picture.js"
    "reader.js"
    "scan-worker.js"
    "scanner.js"
    "style.css"
    "update.js"
    "vernet.wasm"
    "view.js"
}

assets! {
    /// Those that a browser fetches only when it needs them, and then keeps: what reads PDFs weighs
    /// more than all the rest.
    LATER:
    "documents-worker.js"
    "documents.js"
    "documents.wasm"
}

const INDEX: &str = include_str!("../../web/page/index.html");
const WORKER_SCRIPT: &str = include_str!("../../web/page/worker.js");

/// The placeholders in `index.html` and in the service worker's script.
const POLICY_PLACE: &str = "{{content-security-policy}}";
const RELEASE_PLACE: &str = r#"const RELEASE = { version: "", files: {}, later: {} };"#;

/// What a web server shows for a path that it does not know, below `<base>/`.
pub(crate) const NOT_FOUND: &str = "404.html";

/// The first bytes of that file, which identify an earlier export.
pub(crate) const NOT_FOUND_BEGINS: &str = "<!doctype html>\n<!-- Vernet:";

/// The page for what is not found, on web servers other than ours: it leads those who ask for
/// `/v%23digits` to the page.
pub(crate) fn not_found() -> PageFile {
    PageFile {
        path: NOT_FOUND.to_owned(),
        media_type: media_type(NOT_FOUND),
        bytes: Cow::Borrowed(include_bytes!("../../web/page/404.html")),
    }
}

/// Every file of the page for an office, in an order that allows replacing them one by one: the
/// script that leads browsers to a new version comes last.
///
/// `publication` is where the page fetches `bundle.json`: an absolute URL, or one relative to the
/// page, `../v1/publication/`.
///
/// # Errors
///
/// If `publication` is neither an `https` URL nor a relative one.
pub(crate) fn files(anchor: &TrustAnchor, publication: &str) -> Result<Vec<PageFile>> {
    let publication = Publication::parse(publication)?;
    let roots = serde_json::to_vec(anchor).context("writing the roots as JSON")?;
    let index = INDEX.replace(POLICY_PLACE, &publication.policy());

    let mut files: Vec<(&str, Cow<'static, [u8]>)> =
        LATER.iter().chain(ASSETS).map(|&(name, bytes)| (name, Cow::Borrowed(bytes))).collect();
    files.push(("roots.json", roots.into()));
    files.push(("index.html", index.into_bytes().into()));

    let version = version(&files, &publication);
    let config = serde_json::json!({ "publication": publication.url, "version": version });
    let config = serde_json::to_vec(&config).context("writing the configuration as JSON")?;
    files.insert(files.len() - 1, ("config.json", config.into()));

    let worker = worker(&files, &version)?;
    let in_folder = files.into_iter().map(|(name, bytes)| (format!("{FOLDER}{name}"), bytes));
    let with_worker = in_folder.chain([(WORKER.to_owned(), worker.into_bytes().into())]);
    Ok(with_worker
        .map(|(path, bytes)| PageFile { media_type: media_type(&path), path, bytes })
        .collect())
}

/// The policy for the header `Content-Security-Policy`. The page contains it too, for web servers
/// that cannot set the header, but only a header can say who may frame the page.
pub(crate) fn content_security_policy(publication: &str) -> Result<String> {
    Ok(Publication::parse(publication)?.policy() + "; frame-ancestors 'none'")
}

/// Where the page fetches its lists.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Publication {
    /// With a slash at the end, so that `bundle.json` can follow.
    pub(crate) url: String,
    /// `https://host:port`, if it is absolute.
    pub(crate) origin: Option<String>,
}

impl Publication {
    /// # Errors
    ///
    /// If the text is neither an `https` URL nor a relative one, or if it has parts or characters
    /// that such a URL must not have. `http` is allowed only for trials on this machine.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let shown = Source::from(text);
        let expected = "an `https` URL, or one relative to the page such as `../publication/`";
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/:[]%+@!$&()*=".contains(c);
        if text.is_empty() || !text.chars().all(plain) {
            bail!(
                "`{shown}` is not a place of a publication: expected {expected}, without query and fragment"
            );
        }
        let url = format!("{}/", text.trim_end_matches('/'));
        let Some((scheme, rest)) = text.split_once("://") else {
            // `javascript:`, `//other-host`, `C:\`.
            if text.contains(':') || text.starts_with("//") {
                bail!("`{shown}` is not a place of a publication: expected {expected}");
            }
            return Ok(Self { url, origin: None });
        };
        let authority = rest.split('/').next().unwrap_or_default();
        let host = match authority.rsplit_once(':') {
            Some((host, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => {
                host
            }
            _ => authority,
        };
        let is_name = |host: &str| {
            !host.is_empty()
                && host.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
        };
        if !is_name(host) && host != "[::1]" {
            bail!("`{shown}` is not a place of a publication: it names no host, or more than one");
        }
        match scheme {
            "https" => {}
            "http" if matches!(host, "localhost" | "127.0.0.1" | "[::1]") => {}
            "http" => bail!(
                "`{shown}` is not encrypted: expected `https` (`http` is for `localhost` only)"
            ),
            _ => bail!("`{shown}` is not a place of a publication: expected {expected}"),
        }
        Ok(Self { url, origin: Some(format!("{scheme}://{}", authority.to_ascii_lowercase())) })
    }

    /// Allows only what the page needs: its own files, WebAssembly, and the lists.
    fn policy(&self) -> String {
        let lists = self.origin.as_ref().map(|origin| format!(" {origin}")).unwrap_or_default();
        format!(
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; connect-src 'self'{lists}; \
             worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'"
        )
    }
}

/// A name for exactly these files, under which browsers cache one version together.
fn version(files: &[(&str, Cow<'_, [u8]>)], publication: &Publication) -> String {
    let mut hash = Sha256::new();
    let more = [(WORKER, WORKER_SCRIPT.as_bytes()), ("publication", publication.url.as_bytes())];
    for (name, bytes) in files.iter().map(|(name, bytes)| (*name, bytes.as_ref())).chain(more) {
        hash.update(name);
        hash.update([0]);
        hash.update(Sha256::digest(bytes));
    }
    vernet_host::hex(&hash.finalize())[..16].to_owned()
}

/// The service worker's script, with the names and hashes of the files that it caches.
fn worker(files: &[(&str, Cow<'_, [u8]>)], version: &str) -> Result<String> {
    let entry = |(name, bytes): &(&str, Cow<'_, [u8]>)| {
        // Some web servers redirect `index.html` to the folder, so the folder is named.
        let name = if *name == "index.html" { "./" } else { name };
        (name.to_owned(), format!("sha256-{}", STANDARD.encode(Sha256::digest(bytes))).into())
    };
    let (later, files): (Vec<_>, Vec<_>) =
        files.iter().partition(|(name, _)| LATER.iter().any(|(later, _)| later == name));
    let entries = |files: Vec<_>| files.into_iter().map(entry).collect::<serde_json::Map<_, _>>();
    let release = serde_json::json!({
        "version": version, "files": entries(files), "later": entries(later),
    });
    let release = serde_json::to_string(&release).context("writing the list of files as JSON")?;
    Ok(WORKER_SCRIPT.replace(RELEASE_PLACE, &format!("const RELEASE = {release};")))
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use serde_json::Value;
    use vernet_common::Kind;
    use vernet_verifier::Code;

    use super::*;

    const LANGUAGES: [&str; 5] = ["nb", "nn", "en", "sv", "da"];

    fn anchor() -> TrustAnchor {
        TrustAnchor::from_json(include_bytes!("../../../keys-example/roots.json"))
            .expect("the example is good")
    }

    fn page(publication: &str) -> Vec<PageFile> {
        files(&anchor(), publication).expect("a good place")
    }

    fn text(files: &[PageFile], path: &str) -> String {
        let file = files.iter().find(|file| file.path == path).expect(path);
        String::from_utf8(file.bytes.to_vec()).expect("text")
    }

    fn language(name: &str) -> Value {
        let (_, json) =
            ASSETS.iter().find(|(asset, _)| *asset == format!("lang/{name}.json")).expect(name);
        serde_json::from_slice(json).expect(name)
    }

    /// `a.b.c` for every text.
    fn keys(value: &Value, path: &str, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                members.iter().for_each(|(key, value)| keys(value, &format!("{path}.{key}"), found))
            }
            Value::String(text) => {
                assert!(!text.trim().is_empty(), "{path}");
                found.insert(path.to_owned());
            }
            other => panic!("{path}: {other}"),
        }
    }

    /// `{name}` in a text.
    fn places(text: &str) -> BTreeSet<&str> {
        text.split('{')
            .skip(1)
            .filter_map(|rest| rest.split_once('}'))
            .map(|(name, _)| name)
            .collect()
    }

    #[test]
    fn every_file_of_the_folder_is_part_of_the_page() {
        fn walk(folder: &Path, below: &str, found: &mut BTreeSet<String>) {
            for entry in fs::read_dir(folder).expect("a folder") {
                let entry = entry.expect("it can be listed");
                let name = format!("{below}{}", entry.file_name().to_string_lossy());
                match entry.file_type().expect("a type").is_dir() {
                    true => walk(&entry.path(), &format!("{name}/"), found),
                    false => drop(found.insert(name)),
                }
            }
        }
        let mut found = BTreeSet::new();
        walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/page"), "", &mut found);
        let embedded: BTreeSet<_> =
            ASSETS.iter().chain(LATER).map(|(name, _)| (*name).to_owned()).collect();
        // The drawing from which the maskable icons are made, the page for what is not found, and
        // the two files with placeholders.
        let others = ["404.html", "icons/maskable.svg", "index.html", "worker.js"];
        let others = others.map(ToOwned::to_owned);
        assert_eq!(found, embedded.into_iter().chain(others).collect());
    }

    #[test]
    fn the_page_speaks_every_language_completely() {
        let mut english = BTreeSet::new();
        keys(&language("en"), "", &mut english);
        for name in LANGUAGES {
            let mut found = BTreeSet::new();
            keys(&language(name), "", &mut found);
            assert_eq!(found, english, "{name}");
            for key in &found {
                let pointer = key.replace('.', "/");
                let text = |language: &Value| {
                    language.pointer(&pointer).and_then(Value::as_str).map(ToOwned::to_owned)
                };
                let (theirs, ours) =
                    (text(&language(name)).expect(key), text(&language("en")).expect(key));
                assert_eq!(places(&theirs), places(&ours), "{name} {key}");
            }
        }
    }

    #[test]
    fn every_kind_of_right_has_words() {
        for name in LANGUAGES {
            let language = language(name);
            let known = language["kinds"].as_object().expect("an object").keys();
            let known: BTreeSet<_> = known.map(String::as_str).collect();
            assert_eq!(known, Kind::ALL.map(Kind::code).into(), "{name}");
        }
    }

    #[test]
    fn every_code_has_words_and_the_english_ones_are_the_library_s() {
        for name in LANGUAGES {
            let verdicts = language(name)["verdicts"].clone();
            assert_eq!(
                verdicts.as_object().map(|codes| codes.len()),
                Some(Code::ALL.len()),
                "{name}"
            );
            for code in Code::ALL.iter().copied() {
                let (headline, advice) = (
                    &verdicts[code.to_string()]["headline"],
                    &verdicts[code.to_string()]["advice"],
                );
                let sign = |text: &str| text.chars().next();
                assert_eq!(
                    headline.as_str().and_then(sign),
                    sign(code.headline()),
                    "{name} {code}"
                );
                if name == "en" {
                    assert_eq!(
                        (headline, advice),
                        (&code.headline().into(), &code.advice().into()),
                        "{code}"
                    );
                }
            }
        }
    }

    #[test]
    fn whatever_the_page_says_is_among_its_words() {
        let english = language("en");
        let has = |key: &str| {
            english.pointer(&format!("/{}", key.replace('.', "/"))).is_some_and(Value::is_string)
        };
        for part in INDEX.split("data-text=\"").chain(INDEX.split("data-label=\"")).skip(1) {
            let key = part.split('"').next().unwrap_or_default();
            assert!(part.starts_with("<!doctype") || has(key), "{key}");
        }
        let scripts = ASSETS.iter().chain(LATER).filter(|(name, _)| name.ends_with(".js"));
        for (name, script) in scripts {
            let script = std::str::from_utf8(script).expect("text");
            for key in script.split("say(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
                assert!(has(key), "{name}: {key}");
            }
        }
    }

    #[test]
    fn no_script_or_style_stands_in_the_page_and_nothing_comes_from_elsewhere() {
        let not_found = not_found();
        let not_found = std::str::from_utf8(&not_found.bytes).expect("text");
        assert!(not_found.starts_with(NOT_FOUND_BEGINS));
        for part in INDEX.split("<script").skip(1).chain(not_found.split("<script").skip(1)) {
            assert!(
                part.contains("></script>")
                    && part.split('>').next().is_some_and(|tag| tag.contains("src="))
            );
        }
        assert!(
            !INDEX.contains("<style") && !INDEX.contains(" style=") && !INDEX.contains(" on"),
            "inline"
        );
        for file in
            page("../v1/publication/").iter().filter(|file| !file.path.ends_with("roots.json"))
        {
            let Ok(text) = std::str::from_utf8(&file.bytes) else { continue };
            for (at, _) in text.match_indices("://") {
                let names_only = ["/^https:", "\"http:"];
                let known = names_only.iter().any(|known| text[..at + 1].ends_with(known));
                assert!(
                    known || text[at..].starts_with("://www.w3.org/2000/svg"),
                    "{}: {}",
                    file.path,
                    &text[at..at + 20]
                );
            }
        }
    }

    #[test]
    fn places_are_filled_in() {
        let files = page("https://office.example.no/publication");
        let index = text(&files, "v/index.html");
        assert!(index.contains("connect-src 'self' https://office.example.no;"), "{index}");
        assert!(!index.contains("{{") && !index.contains("frame-ancestors"), "{index}");
        let config: Value = serde_json::from_str(&text(&files, "v/config.json")).expect("JSON");
        assert_eq!(config["publication"], "https://office.example.no/publication/");
        assert_eq!(
            TrustAnchor::from_json(text(&files, "v/roots.json").as_bytes()).expect("roots"),
            anchor()
        );

        let worker = text(&files, "v-worker.js");
        assert!(worker.starts_with(WORKER_BEGINS), "{worker}");
        assert!(worker.contains(config["version"].as_str().expect("a version")), "{worker}");
        for file in files.iter().filter(|file| file.path != WORKER) {
            let name = file.path.replace("index.html", "./").replacen(FOLDER, "", 1);
            let entry =
                format!("\"{name}\":\"sha256-{}\"", STANDARD.encode(Sha256::digest(&file.bytes)));
            assert!(worker.contains(&entry), "{name}");
            assert_ne!(file.media_type, "application/octet-stream", "{name}");
        }
        assert_eq!(files.last().map(|file| file.path.as_str()), Some(WORKER));

        let release =
            worker.split_once("const RELEASE = ").and_then(|(_, rest)| rest.split_once(";\n"));
        let release: Value =
            serde_json::from_str(release.expect("it is filled in").0).expect("JSON");
        for (name, _) in LATER {
            assert!(
                release["later"][name].is_string() && release["files"][name].is_null(),
                "{name}"
            );
        }
    }

    #[test]
    fn another_content_is_another_version() {
        let version = |files: &[PageFile]| text(files, "v/config.json");
        let relative = page("../v1/publication/");
        assert_eq!(version(&relative), version(&page("../v1/publication")));
        assert_ne!(version(&relative), version(&page("../publication")));
    }

    #[test]
    fn publications_are_encrypted_or_relative() {
        let origin = |text: &str| Publication::parse(text).map(|place| place.origin).ok();
        assert_eq!(origin("../v1/publication/"), Some(None));
        assert_eq!(origin("/publication"), Some(None));
        assert_eq!(
            origin("https://Office.example.no:8443/p"),
            Some(Some("https://office.example.no:8443".into()))
        );
        assert_eq!(origin("http://127.0.0.1:8000/"), Some(Some("http://127.0.0.1:8000".into())));
        assert_eq!(origin("http://[::1]:8000/"), Some(Some("http://[::1]:8000".into())));
        for wrong in [
            "",
            "http://office.example.no/",
            "ftp://office.example.no/",
            "//office.example.no/",
            "javascript:alert(1)",
            "https://",
            "https:///publication",
            "https://a:b@office.example.no/",
            "https://office.example.no:port/",
            "https://office.example.no;script-src/",
            "https://office.example.no/ *",
            "https://office.example.no/?list=1",
            "https://office.example.no/#1",
            "\"><script>",
        ] {
            assert_eq!(origin(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_header_says_who_may_frame_the_page() {
        let policy = content_security_policy("../v1/publication/").expect("a good place");
        assert!(
            policy.ends_with("; frame-ancestors 'none'") && policy.contains("connect-src 'self';"),
            "{policy}"
        );
    }
}
