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
    page::{FOLDER, PageFile, Publication, WORKER, WORKER_BEGINS, content_security_policy, files},
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
    let files = files(&anchor, &publication)?;
    check_folder(&dir, &files)?;

    let mut size = 0;
    for file in &files {
        let path = dir.join(&file.path);
        write(&path, &file.bytes).with_context(|| format!("writing `{}`", path.display()))?;
        size += file.bytes.len();
    }
    if global.json {
        let object = json!({
            "dir": dir, "files": files.len(), "bytes": size, "iss": anchor.iss, "publication": place.url, "policy": policy,
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
    anstream::println!(
        "wrote {} files, {} kB, to `{}`: the page for certificates of {}
Phones pin its roots at their first visit: serve the page over https only, from a place that only the office can change.
Serve the folder so that the QR codes' link is its `/v`, with these settings of the web server:
- `/v` is redirected to `/v/` (most servers do so by themselves), `/v/` is `v/index.html`
- media types: {media_types}
- compression, above all of .wasm
- `Cache-Control: no-cache` for `/v/` and `/{WORKER}`
- `Content-Security-Policy: {policy}`
- `Permissions-Policy: camera=(self)`, `Referrer-Policy: no-referrer`, `X-Content-Type-Options: nosniff`{cors}",
        files.len(),
        size.div_ceil(1000),
        dir.display(),
        anchor.iss,
    );
    Ok(())
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
    let mut begin = vec![0; WORKER_BEGINS.len()];
    let read = File::open(dir.join(WORKER)).and_then(|mut file| file.read_exact(&mut begin));
    read.is_ok() && begin == WORKER_BEGINS.as_bytes()
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
    found.iter().all(|name| name == folder || name.starts_with(TEMPORARY))
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
