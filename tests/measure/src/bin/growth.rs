//! What the issued log costs as an office grows: `cargo xtask measure growth`.
//!
//! Real: trees, proofs, tiles, signatures, bundles, files on the disk. Made up: the certificates
//! (an entry of the log is only a hash), and the statuses: 2 % of the slots invalid, 0.5 %
//! suspended, at random. These figures do not include signing and checking the certificates
//! themselves: `bulk_speed` measures that.

use std::{fs, path::Path, time::Instant};

use anyhow::{Context, Result, ensure};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;
use vernet_common::{
    Algorithm, Bundle, BundledLog, CertificateHash, EncodedStatusList, LogHash, LogHead, LogTree,
    Signed, SignedCheckpoint, SignedTrustList, Status, StatusIndex, StatusList, StatusListClaims,
    StatusListNumber, StatusListUri, Tile,
};
use vernet_tests::office::{LOG_KEY, Office, ROOTS, STATUS_KEY, key};

const SIZES: [usize; 3] = [50, 10_000, 500_000];

/// How many certificates go into one status list: half of its slots.
const PER_LIST: usize = StatusIndex::COUNT as usize / 2;

fn main() -> Result<()> {
    println!(
        "certificates  status lists  bundle bytes  of it lists  inclusion  consistency  fold ms  tiles ms  files  written ms  linked ms  sync bytes"
    );
    for size in SIZES {
        let figures = measure(size)?;
        println!("{figures}");
    }
    println!("\ninclusion, consistency: bytes of the proofs (the largest of a hundred)");
    println!(
        "fold: the log out of the entries, once each time the office is opened; tiles: all files made in memory, for each publication"
    );
    println!(
        "written, linked: the files put on the disk and flushed, at the first publication and at the next"
    );
    println!(
        "sync: what a hospital that has the publication before fetches after one new certificate: the bundle, and the tiles that changed"
    );
    Ok(())
}

fn measure(size: usize) -> Result<String> {
    let mut rng = ChaCha20Rng::from_seed([7; 32]);
    let office = Growing::new();
    let entries: Vec<CertificateHash> =
        (0..=size).map(|n| CertificateHash::of_jws(&format!("made-up certificate {n}"))).collect();

    let began = Instant::now();
    let mut tree: LogTree = entries[..size].iter().map(CertificateHash::leaf).collect();
    let head = tree.head();
    let folded = began.elapsed().as_secs_f64() * 1000.0;

    let began = Instant::now();
    let files = files(&tree, &entries[..size]);
    let made = began.elapsed().as_secs_f64() * 1000.0;
    let bundle = office.bundle(&tree, size, &mut rng)?;
    let bytes = bundle.to_json()?.len();
    let lists: usize = bundle.status_lists.iter().map(|list| list.as_str().len()).sum();

    let folder = tempfile::tempdir_in(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target"))?;
    let (first, second) = (folder.path().join("first"), folder.path().join("second"));
    let began = Instant::now();
    for (name, content) in &files {
        write(&first.join(name), content)?;
    }
    let written = began.elapsed().as_secs_f64() * 1000.0;
    let began = Instant::now();
    for (name, content) in &files {
        link(&first.join(name), &second.join(name), content)?;
    }
    let linked = began.elapsed().as_secs_f64() * 1000.0;

    let (inclusion, consistency) = proofs(&tree, head, &mut rng)?;
    tree.push(entries[size].leaf());
    let next = office.bundle(&tree, size + 1, &mut rng)?;
    // The bundle of a small log contains all leaves.
    let whole = BundledLog::travels_in_bundle(tree.size());
    let fetched = next.to_json()?.len() + if whole { 0 } else { changed(&tree, size as u64) };
    Ok(format!(
        "{size:>12}  {:>12}  {bytes:>12}  {lists:>11}  {inclusion:>9}  {consistency:>11}  {folded:>7.1}  {made:>8.1}  {:>5}  {written:>10.1}  {linked:>9.1}  {fetched:>10}",
        bundle.status_lists.len(),
        files.len()
    ))
}

/// The tiles of leaves that a client must fetch if it has those of a log of `known` leaves.
fn changed(tree: &LogTree, known: u64) -> usize {
    Tile::leaves(known, tree.size()).map(|tile| usize::from(tile.width()) * 32).sum()
}

/// Every tile, and the entries, as they are published.
fn files(tree: &LogTree, entries: &[CertificateHash]) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for tile in Tile::all(tree.size()) {
        files.extend(tile.content(tree).map(|content| (tile.path(), content)));
        if tile.level() == 0 {
            let range = tile.range().start as usize..tile.range().end as usize;
            files.push((tile.entries_path(), Tile::entries_content(&entries[range])));
        }
    }
    files
}

fn write(path: &Path, content: &[u8]) -> Result<()> {
    fs::create_dir_all(path.parent().context("a file is in a folder")?)?;
    fs::write(path, content)?;
    Ok(fs::File::open(path)?.sync_all()?)
}

/// Links an unchanged file to that of the previous publication, as a publication does.
fn link(old: &Path, new: &Path, content: &[u8]) -> Result<()> {
    ensure!(fs::read(old)? == content);
    fs::create_dir_all(new.parent().context("a file is in a folder")?)?;
    fs::hard_link(old, new)?;
    Ok(fs::File::open(new)?.sync_all()?)
}

/// The largest of a hundred proofs of each kind, each of them checked.
fn proofs(tree: &LogTree, head: LogHead, rng: &mut ChaCha20Rng) -> Result<(usize, usize)> {
    let (mut inclusion, mut consistency) = (0, 0);
    for _ in 0..100 {
        let place = rng.random_range(0..head.size);
        let proof = tree.inclusion(place, head.size).context("in the tree")?;
        head.check_inclusion(&tree.leaves()[place as usize], place, &proof)?;
        inclusion = inclusion.max(proof.len() * 32);
        let old = tree.head_at(rng.random_range(1..=head.size)).context("it was so once")?;
        let proof = tree.consistency(old.size, head.size).context("it grew")?;
        head.check_extends(&old, &proof)?;
        consistency = consistency.max(proof.len() * 32);
    }
    Ok((inclusion, consistency))
}

/// The office, and its trust list.
struct Growing {
    office: Office,
    trust_list: SignedTrustList,
}

impl Growing {
    fn new() -> Self {
        let mut office = Office::new();
        for trusted in office.trust_list.keys.iter_mut() {
            trusted.not_after = Some(office.now.plus_seconds(1000 * 86_400));
        }
        Self { trust_list: office.signed_trust_list(&ROOTS[..2]), office }
    }

    fn bundle(&self, tree: &LogTree, size: usize, rng: &mut ChaCha20Rng) -> Result<Bundle> {
        let (now, iss) = (self.office.now, &self.office.trust_list.iss);
        let mut status_lists = Vec::new();
        for (number, first) in (1..).zip((0..size).step_by(PER_LIST)) {
            let mut statuses = StatusList::new();
            let here = PER_LIST.min(size - first);
            // In addition, as many decoys as an office has today.
            for (count, status) in
                [(here / 50 + 150, Status::Invalid), (here / 200 + 150, Status::Suspended)]
            {
                for _ in 0..count {
                    statuses
                        .set(StatusIndex::new(rng.random_range(0..StatusIndex::COUNT))?, status);
                }
            }
            let claims = StatusListClaims {
                exp: now.plus_seconds(72 * 3600),
                iat: now,
                log: tree.head(),
                status_list: EncodedStatusList::from(&statuses),
                sub: StatusListUri::new(iss, StatusListNumber::new(number)?),
                trust_list_seq: self.office.trust_list.seq,
                ttl: 3600,
            };
            status_lists.push(Signed::sign(&claims, Algorithm::EdDsa, &key(STATUS_KEY))?);
        }
        let checkpoint = SignedCheckpoint::sign(iss, tree.head(), &key(LOG_KEY))?;
        let leaves: Vec<LogHash> = tree.leaves().to_vec();
        let log = Some(BundledLog { checkpoint, leaves: Some(leaves) });
        Ok(Bundle { trust_lists: vec![self.trust_list.clone()], status_lists, log })
    }
}
