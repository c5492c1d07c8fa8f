//! How fast the console's screens are in a large office: `cargo xtask measure console_speed
//! [PEOPLE]`.
//!
//! Whole answers of the router are measured, as a browser waits for them: the session, the refresh of
//! the register, the search, the access log and the page.

use std::{
    fmt::Write as _,
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, Response, StatusCode, header},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use tower::ServiceExt;
use vernet_common::{Algorithm, NumericDate, SecretKey, Signed, Signer};
use vernet_console::{Console, ConsoleAddress};
use vernet_register::{Documents, SignIn};
use vernet_tests::{
    figures::{self as measure, Person},
    founded::FoundedOffice,
};

const ORIGIN: &str = "http://localhost:8480";

/// How often each screen is asked for: the twentieth slowest of a hundred is p95 twice over.
const TIMES: usize = 40;

fn main() -> Result<()> {
    let rows = std::env::args().nth(1).map_or(Ok(100_000), |rows| rows.parse::<usize>())?;
    let people = measure::people()?;
    let mut desk = measure::open_office()?;
    import(&mut desk.founded, desk.folder.path(), &people, rows)?;
    let now = desk.founded.now;
    let FoundedOffice { officers: [kari, _], .. } = desk.founded;
    let began = Instant::now();
    // As a console that is started: what was checked before is not read.
    let office = vernet_issuer::Office::open(&desk.folder.path().join("office"))?;
    println!("{rows} people, opened in {:.1} s", began.elapsed().as_secs_f64());
    let address = ConsoleAddress { origins: vec![ORIGIN.to_owned()], secure: false };
    let log = desk.folder.path().join("access.sqlite");
    let router = Console::new(office, &log, address, Arc::new(move || now))?.router();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(screens(router, &kari, &people))
}

async fn screens(router: Router, kari: &SecretKey, people: &[Person]) -> Result<()> {
    let session = sign_in(&router, kari).await?;
    let name = |place: usize| {
        let Person { given_name, family_name, .. } = &people[place % people.len()];
        format!("{given_name} {family_name}").replace(' ', "%20")
    };
    for (what, path) in [
        ("today", Box::new(|_| "/".to_owned()) as Box<dyn Fn(usize) -> String>),
        ("search for a name", Box::new(|place| format!("/search?q={}", name(place)))),
        ("search for two letters", Box::new(|_| "/search?q=an".to_owned())),
        ("search for a number", Box::new(|place| format!("/search?q={}", 1_000_000 + place))),
        ("person", Box::new(|place| format!("/person/{}", 1_000_000 + place * 7))),
        ("figures", Box::new(|_| "/figures".to_owned())),
    ] {
        let mut times = Vec::new();
        for place in 0..TIMES {
            let began = Instant::now();
            let answer = send(&router, get(&path(place), &session)?).await?;
            ensure!(answer.status() == StatusCode::OK, "{}: {}", path(place), answer.status());
            to_bytes(answer.into_body(), 64 << 20).await?;
            times.push(began.elapsed());
        }
        let first = times[0];
        times.sort();
        let ms = |time: Duration| time.as_secs_f64() * 1000.0;
        println!(
            "{what}: median {:.0} ms, p95 {:.0} ms, the first {:.0} ms",
            ms(times[TIMES / 2]),
            ms(times[TIMES * 95 / 100]),
            ms(first)
        );
    }
    Ok(())
}

async fn send(router: &Router, request: Request<Body>) -> Result<Response<Body>> {
    Ok(router.clone().oneshot(request).await?)
}

fn get(path: &str, session: &str) -> Result<Request<Body>> {
    let request = Request::get(path).header(header::HOST, "localhost:8480");
    Ok(request.header(header::COOKIE, session).body(Body::empty())?)
}

async fn sign_in(router: &Router, key: &SecretKey) -> Result<String> {
    let page = send(router, get("/sign-in", "")?).await?;
    let page = String::from_utf8(to_bytes(page.into_body(), 1 << 20).await?.into())?;
    let value = |before: &str| {
        let after = page.split_once(before)?.1;
        after.split('"').next().map(ToOwned::to_owned)
    };
    let iat: i64 = value("data-iat=\"").context("a time")?.parse()?;
    let wish = SignIn {
        origin: ORIGIN.to_owned(),
        nonce: value("data-nonce=\"").context("a challenge")?,
        iat: NumericDate::from_seconds(iat)?,
    };
    let signed = Signed::sign(&wish, Algorithm::EdDsa, key)?;
    let form = format!(
        "kid={}&payload={}&signature={}",
        key.public_key().kid(),
        BASE64_URL_SAFE_NO_PAD.encode(signed.unverified_payload()),
        BASE64_URL_SAFE_NO_PAD.encode(signed.signature())
    );
    let request = Request::post("/sign-in")
        .header(header::HOST, "localhost:8480")
        .header(header::ORIGIN, ORIGIN)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let answer = send(router, request.body(Body::from(form))?).await?;
    let cookie = answer.headers().get(header::SET_COOKIE).context("nobody signed in")?;
    Ok(cookie.to_str()?.split(';').next().unwrap_or_default().to_owned())
}

fn import(
    founded: &mut FoundedOffice,
    folder: &Path,
    people: &[Person],
    rows: usize,
) -> Result<()> {
    let file = folder.join("people.csv");
    fs::write(&file, table(people, rows)?)?;
    let document = Documents::read(&file)?;
    let FoundedOffice { office, officers: [kari, ola], passphrase, rng, now, .. } = founded;
    let (proposed, _) = office.propose_import((&document, false), &[], kari, *now)?;
    let mut bulk = office.begin_bulk(proposed.seq, passphrase, (ola, *now))?;
    while office.bulk_step(&mut bulk, (ola, *now), rng)?.is_none() {}
    Ok(())
}

/// The people of `tests/names`, repeated under different numbers.
fn table(people: &[Person], rows: usize) -> Result<String> {
    let mut csv = String::from(
        "hpr_number,given_name,family_name,birthdate,kind,basis,granted,exam_school,exam_date\n",
    );
    for (row, person) in people.iter().cycle().take(rows).enumerate() {
        let Person { given_name, family_name, birthdate, granted, .. } = person;
        let hpr = 1_000_000 + row;
        writeln!(
            csv,
            "{hpr},{given_name},{family_name},{birthdate},1,norwegian_exam,{granted},A school,{granted}"
        )?;
    }
    Ok(csv)
}
