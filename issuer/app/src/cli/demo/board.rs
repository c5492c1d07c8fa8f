//! `demo --board`: a board beside the state's office. It is no authority, and its certificates must
//! be renewed.

use std::fs;

use anyhow::{Context, Result};
use serde_json::json;
use vernet_common::{CertificateNumber, CivilDate};
use vernet_host::clock;
use vernet_issuer::write_atomic;
use vernet_verifier::Code;

use super::{Demo, TEST_HPR_NUMBER, say, settings, text};

const ISS: &str = "https://board.example.org";
const TITLE: &str = "board certified perfusionist";
const TITLES: &str = include_str!("board.toml");

/// What the board asks for in each of the last three years, and what the holder has.
const LEAST: u32 = 40;

impl Demo {
    /// The same person has a certificate of the board too, renews it, and loses it. `number` is that
    /// of the state's.
    pub(super) fn board(&mut self, number: CertificateNumber) -> Result<()> {
        self.title(
            "A board is no authority: an office of its own, with its own keys and its own title.",
        );
        let mut board = Demo::beside(self, "board", ISS)?;
        write_atomic(&board.folder.join("titles.toml"), TITLES.as_bytes())?;
        board.titles = Some(board.at("titles.toml"));
        board.make_roots()?;
        board.make_officers()?;
        board.make_office()?;
        board.sign_trust_list()?;
        let first = board.certify()?;
        board.refuse_renewal(&first)?;
        let renewed = board.renew(&first)?;
        board.publish()?;
        board.title("A hospital that knows both sees both, each by its issuer's name.");
        let texts = [self.text(&number.to_string())?, board.text(&renewed)?];
        self.check(&texts[0], clock()?, Code::Authorised)?;
        board.check(&texts[1], clock()?, Code::Authorised)?;
        board.title(
            "The board withdraws its certificate. The state's authorisation stays as it is.",
        );
        let seq = board.propose(&["revoke", &renewed])?;
        board.approve(&seq)?;
        board.publish()?;
        self.check(&texts[0], clock()?, Code::Authorised)?;
        board.check(&texts[1], clock()?, Code::Revoked)?;
        self.step = board.step;
        Ok(())
    }

    /// Another office in a folder within the demonstration.
    fn beside(demo: &Self, name: &str, iss: &'static str) -> Result<Self> {
        let folder = demo.folder.join(name);
        fs::create_dir(&folder).with_context(|| format!("creating `{}`", folder.display()))?;
        fs::copy(demo.folder.join("passphrase.txt"), folder.join("passphrase.txt"))?;
        let board = Self {
            settings: settings(&folder),
            folder,
            program: demo.program.clone(),
            step: demo.step,
            now: demo.now,
            passphrase: demo.passphrase.clone(),
            memory: None,
            published_at: demo.published_at,
            iss,
            titles: None,
        };
        board.say_settings();
        Ok(board)
    }

    fn certify(&mut self) -> Result<String> {
        self.title("A certificate of three calendar years ago: its cycle is in its last year.");
        let granted = self.first_year().to_string();
        let application = json!({
            "given_name": "Åse",
            "family_name": "Kjærstad Østlyngen-Bråthen",
            "birthdate": "1984-05-17",
            "hpr_number": TEST_HPR_NUMBER,
            "title": TITLE,
            "kind": "board_certificate",
            "basis": "board_examination",
            "decided": granted,
            "granted": granted,
        });
        let file = self.at("application.json");
        write_atomic(file.as_ref(), &serde_json::to_vec_pretty(&application)?)?;
        let seq = self.propose(&["grant", &file])?;
        let granted = self.approve(&seq)?;
        let number = text(&granted, "/certificate_number")?;
        say(&format!("   granted {number}, good until {}", text(&granted, "/exp")?));
        Ok(number.to_owned())
    }

    /// The first of January of the year before the last.
    fn first_year(&self) -> CivilDate {
        let year = self.now.civil_date().year() - 2;
        CivilDate::new(year, 1, 1).expect("every year begins with this day")
    }

    /// The options that say what was counted.
    fn counts(&self, of_last_year: u32) -> Vec<String> {
        let first = self.first_year().year();
        let years = (first..first + 3).zip([LEAST, LEAST, of_last_year]);
        let of = |category: &'static str| {
            years.clone().map(move |(year, count)| format!("{category}:{year}={count}"))
        };
        of("clinical").chain(of("cpd")).flat_map(|count| ["--count".to_owned(), count]).collect()
    }

    fn refuse_renewal(&mut self, number: &str) -> Result<()> {
        self.title("A renewal with too little: what is missing is told in numbers.");
        let counts = self.counts(LEAST - 2);
        let mut command = vec!["propose", "renew", number];
        command.extend(counts.iter().map(String::as_str));
        self.refused(&command, "renewal_too_little")
    }

    fn renew(&mut self, number: &str) -> Result<String> {
        self.title("A renewal with enough: a new certificate for the next three years.");
        let counts = self.counts(LEAST);
        let mut what = vec!["renew", number];
        what.extend(counts.iter().map(String::as_str));
        let seq = self.propose(&what)?;
        let renewed = self.approve(&seq)?;
        let number = text(&renewed, "/certificate_number")?;
        say(&format!("   renewed as {number}, good until {}", text(&renewed, "/exp")?));
        Ok(number.to_owned())
    }

    /// The certificate with this number.
    fn text(&self, number: &str) -> Result<String> {
        let office = self.office()?;
        let certificate = office.register().state().certificate(number.parse()?)?;
        Ok(format!("{}~", certificate.jws))
    }
}
