//! `page`: the scanning page as static files, for the web server to which printed QR codes lead.

use std::{
    fs::{self, File},
    io::{ErrorKind, Read, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use serde_json::json;
use vernet_host::printable_json;

use crate::{
    global::Global,
    page::{
        FOLDER, NOT_FOUND, NOT_FOUND_BEGINS, PageFile, Publication, WORKER, WORKER_BEGINS,
        content_security_policy, files, not_found,
    },
    store::read_anchor,
};

#[derive(Subcommand)]
pub(super) enum PageCommand {
    /// Write the page to a folder that any web server can serve
    Export {
        /// A new or empty folder, or one with an earlier export
        dir: PathBuf,
        /// The office's root keys, `roots.json`, which each phone pins at its first visit
        #[arg(long, value_name = "FILE")]
        roots: PathBuf,
        /// Where phones fetch the office's `bundle.json`: an https URL, or one relative to the
        /// page, such as `../publication/`
        #[arg(long, value_name = "URL")]
        publication: String,
    },
}

pub(super) fn run(global: &Global, command: PageCommand) -> Result<()> {
    let PageCommand::Export { dir, roots, publication } = command;
    let anchor = read_anchor(&roots)?;
    let place = Publication::parse(&publication)?;
    let policy = content_security_policy(&publication)?;
    let mut files = files(&anchor, &publication)?;
    check_folder(&dir, &files)?;
    let keeps_own = exists_but_does_not_begin(&dir.join(NOT_FOUND), NOT_FOUND_BEGINS);
    if !keeps_own {
        // Before the worker's script, which comes last.
        files.insert(files.len() - 1, not_found());
    }

    let mut size = 0;
    for file in &files {
        let path = dir.join(&file.path);
        write(&path, &file.bytes).with_context(|| format!("writing `{}`", path.display()))?;
        size += file.bytes.len();
    }
    if global.json {
        let object = json!({
            "dir": dir, "files": files.len(), "bytes": size, "iss": anchor.iss, "publication": place.url, "policy": policy,
            "not_found": (!keeps_own).then_some(NOT_FOUND), "redirects": serde_json::Map::from_iter(redirects()),
        });
        anstream::println!("{}", printable_json(&object));
        return Ok(());
    }
    let mut media_types: Vec<_> = files
        .iter()
        .filter_map(|file| {
            Some(format!("`{}` for .{}", file.media_type, file.path.rsplit_once('.')?.1))
        })
        .collect();
    media_types.sort();
    media_types.dedup();
    let media_types = media_types.join(", ");
    let cors = match &place.origin {
        Some(origin) => format!(
            "\n- unless `{origin}` is its own origin: there, `Access-Control-Allow-Origin: *` for the publication"
        ),
        None => String::new(),
    };
    let not_found = if keeps_own {
        format!(
            "`{NOT_FOUND}` is your own and was left alone, so this needs one of the rules below"
        )
    } else {
        format!(
            "`{NOT_FOUND}` leads them to the page, if the server shows it for what is not found (nginx: `error_page 404 /{NOT_FOUND};`, \
             Apache: `ErrorDocument 404 /{NOT_FOUND}`; Netlify, Cloudflare Pages, GitHub Pages and GitLab Pages do so by themselves). \
             One of these rules does it without a script, and for nginx keeps the digits out of the log:"
        )
    };
    let block = |(server, rule): &(&str, &str)| {
        format!("  {server}:\n    {}", rule.replace('\n', "\n    "))
    };
    let rules = RULES.iter().map(block).collect::<Vec<_>>().join("\n");
    anstream::println!(
        "wrote {} files, {} kB, to `{}`: the page for certificates of {}
Phones pin its roots at their first visit: serve the page over https only, from a place that only the office can change.
Serve the folder so that the QR codes' link is its `/v`, with these settings of the web server:
- `/v` is redirected to `/v/` (most servers do so by themselves), `/v/` is `v/index.html`
- media types: {media_types}
- compression, above all of .wasm
- `Cache-Control: no-cache` for `/v/` and `/{WORKER}`
- `Content-Security-Policy: {policy}`
- `Permissions-Policy: camera=(self)`, `Referrer-Policy: no-referrer`, `X-Content-Type-Options: nosniff`{cors}
- old scanners ask for `/v%23digits`: {not_found}
{rules}",
        files.len(),
        size.div_ceil(1000),
        dir.display(),
        anchor.iss,
    );
    Ok(())
}

/// Rules for web servers that move the digits of `/v%23digits` behind a `#`, and do nothing for any
/// other path. The base is spelt out, so that no path leads to another host or into a header.
const RULES: [(&str, &str); 3] = [
    (
        "nginx",
        r#"location ~ "^(?<base>(/[\w.-]+)*)/v/?(#|%23)(?<digits>[0-9]+)$" { access_log off; return 302 "$base/v/#$digits"; }"#,
    ),
    ("Apache", r#"RedirectMatch 302 "^((?:/[\w.-]+)*)/v/?(?:#|%23)([0-9]+)$" "$1/v/#$2""#),
    (
        "Caddy",
        r#"@digits path_regexp digits ^((?:/[\w.-]+)*)/v/?(?:#|%23)([0-9]+)$
redir @digits {re.digits.1}/v/#{re.digits.2} 302"#,
    ),
];

fn redirects() -> impl Iterator<Item = (String, serde_json::Value)> {
    RULES.iter().map(|(server, rule)| (server.to_lowercase(), (*rule).into()))
}

/// Refuses a folder with other files in it, so that none is overwritten by mistake.
fn check_folder(dir: &Path, files: &[PageFile]) -> Result<()> {
    let names = match names(dir) {
        Ok(names) => names,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error).with_context(|| format!("reading `{}`", dir.display())),
    };
    if !names.is_empty() && !is_export(dir) && !is_begun(dir, &names, files) {
        bail!(
            "`{}` holds something else: give a new or empty folder, or one with an earlier export",
            dir.display()
        );
    }
    Ok(())
}

/// The worker's script is written last, so it exists after every complete export. Anything that was
/// added since, for instance a publication, is left alone.
fn is_export(dir: &Path) -> bool {
    begins(&dir.join(WORKER), WORKER_BEGINS)
}

fn begins(file: &Path, expected: &str) -> bool {
    let mut begin = vec![0; expected.len()];
    let read = File::open(file).and_then(|mut file| file.read_exact(&mut begin));
    read.is_ok() && begin == expected.as_bytes()
}

/// Whether there is something else in the place of one of our files.
fn exists_but_does_not_begin(file: &Path, expected: &str) -> bool {
    file.symlink_metadata().is_ok() && !begins(file, expected)
}

/// A first export that was interrupted: files of the page, temporary files, and nothing else.
fn is_begun(dir: &Path, found: &[String], files: &[PageFile]) -> bool {
    let ours = |name: &String| {
        let path = format!("{FOLDER}{name}");
        name.starts_with(TEMPORARY)
            || files
                .iter()
                .any(|file| file.path == path || file.path.starts_with(&format!("{path}/")))
    };
    let folder = FOLDER.trim_end_matches('/');
    let ours_above = |name: &String| {
        name == folder
            || name.starts_with(TEMPORARY)
            || (name == NOT_FOUND && begins(&dir.join(NOT_FOUND), NOT_FOUND_BEGINS))
    };
    found.iter().all(ours_above)
        && names(&dir.join(folder)).is_ok_and(|names| names.iter().all(ours))
}

fn names(dir: &Path) -> std::io::Result<Vec<String>> {
    fs::read_dir(dir)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}

/// The prefix of temporary files.
const TEMPORARY: &str = ".new-";

/// Replaces a file atomically: even after a power failure, a browser gets either the old file or
/// the new one.
fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    // Temporary files are readable by their owner only; a web server must be able to read these, as
    // far as the umask allows.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.prefix(TEMPORARY).tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}
