//! Trust lists: drafted by the office, signed with the root keys wherever these are, and accepted
//! by the office.

use std::{fs, path::Path};

use vernet_common::{
    Bundle, NumericDate, Profile, Roots, SignedTrustList, TrustAnchor, TrustList, TrustedKey,
    TrustedTitle,
};
use vernet_host::files::write_atomic;
use vernet_register::{Digest, Event, OfficerSigner};
use vernet_verifier::{Knowledge, Memory, Policy};

use super::{
    Office,
    files::{read, write_anchor},
    keys::OfficeKey,
};
use crate::{credentials::Credentials, error::Error, key_location::KeyLocation};

/// Adds a root key's signature to a trust list. It needs no office, because it runs where the root
/// key is.
///
/// # Errors
///
/// [`Error::Common`] if the list is not valid or this version does not know all that it says, which
/// is checked before anything is signed, or the key cannot sign it; as for [`KeyLocation::open`] if the key cannot be opened.
pub fn sign_trust_list(
    list: &mut SignedTrustList,
    key: &KeyLocation,
    credentials: &dyn Credentials,
) -> Result<(), Error> {
    list.unverified_claims_in_full()?;
    Ok(list.add_signature(&*key.open(credentials)?)?)
}

impl Office {
    /// The next trust list, unsigned: with the keys as now in the register, and with the present or
    /// the new roots.
    ///
    /// # Errors
    ///
    /// [`Error::RootsBeforeTrustList`] if there are new roots but no trust list yet;
    /// [`vernet_register::Error::ClockBehind`] if the list in force is later than `now`;
    /// [`Error::Common`] if the list would not be valid; as for [`Office::trust_list`].
    pub fn draft_trust_list(
        &self,
        new_roots: Option<Roots>,
        now: NumericDate,
    ) -> Result<SignedTrustList, Error> {
        self.bring_back_trust_lists()?;
        let before = self.trust_list()?;
        if before.is_none() && new_roots.is_some() {
            return Err(Error::RootsBeforeTrustList);
        }
        if let Some(before) = before.as_ref().filter(|before| now < before.iat) {
            return Err(vernet_register::Error::ClockBehind {
                found: now,
                what: "the trust list",
                known: before.iat,
            }
            .into());
        }
        let titles = self.trusted_titles()?;
        let mut profiles = before.as_ref().map_or_else(Vec::new, |list| list.profiles.to_vec());
        for title in &titles {
            let next = profiles.iter().map(|profile| profile.id).max().unwrap_or(0) + 1;
            let (algorithm, iss) = (self.config.algorithm, self.config.iss.clone());
            let profile = Profile::new(next, algorithm, iss, title);
            if !profiles.iter().any(|known| Profile { id: next, ..known.clone() } == profile) {
                profiles.push(profile);
            }
        }
        let roots = match (new_roots, &before) {
            (Some(roots), _) => roots,
            (None, Some(before)) => before.roots.clone(),
            (None, None) => self.anchor()?.roots,
        };
        // The roots vouch for the log up to here, which a thief of the log key cannot undo.
        let log = self.config.witnesses.trusted_log(self.register.state().log().head());
        let list = TrustList {
            iss: self.config.iss.clone(),
            seq: self.next_seq(before.as_ref()),
            iat: now,
            exp: now.plus_seconds(i64::from(self.config.trust_list_days) * 86_400),
            roots,
            keys: self.trusted_keys().into(),
            log,
            office: self.config.office.clone(),
            profiles: profiles.into(),
            titles: titles.into(),
        };
        Ok(SignedTrustList::unsigned(&list)?)
    }

    /// The office's keys, as a trust list lists them now.
    pub(super) fn trusted_keys(&self) -> Vec<TrustedKey> {
        let trusted = |key: OfficeKey| TrustedKey {
            key: key.key,
            r#use: key.r#use,
            not_before: key.not_before,
            not_after: Some(key.not_after),
            compromised_at: key.compromised_at,
            log_size: key.log_size,
        };
        self.keys().into_iter().map(trusted).collect()
    }

    /// The titles that the office certifies, as a trust list lists them now.
    fn trusted_titles(&self) -> Result<Vec<TrustedTitle>, Error> {
        let rows = self.register.state().titles().iter();
        Ok(rows.map(|row| row.trusted(&self.config.iss)).collect::<Result<_, _>>()?)
    }

    /// Puts a signed trust list into force, if the office's roots signed it and it follows the
    /// previous one. If the machine crashes meanwhile, the same list can be accepted again, or the
    /// next one drafted.
    ///
    /// # Errors
    ///
    /// [`Error::RootsOfAnother`] if it is another issuer's; [`Error::TrustListSequence`] if its
    /// number is not the next one; [`Error::TrustListOutdated`] if the office's keys or titles
    /// have changed since it was drafted; [`Error::TrustListLog`] if it vouches for another log;
    /// [`Error::TrustListExpired`] if it has expired; [`Error::Common`] if this version does not
    /// know all that it says, or if the verifier refuses it, for too few signatures or a changed
    /// profile.
    pub fn accept_trust_list(
        &mut self,
        signed: &SignedTrustList,
        officer: &dyn OfficerSigner,
        now: NumericDate,
    ) -> Result<TrustList, Error> {
        self.register.refresh()?;
        self.bring_back_trust_lists()?;
        let claims = signed.unverified_claims_in_full()?;
        if claims.iss != self.config.iss {
            return Err(Error::RootsOfAnother {
                found: claims.iss,
                expected: self.config.iss.clone(),
            });
        }
        let sha256 = Digest::from(*signed.hash().as_bytes());
        let in_force = self.trust_list()?;
        let cut_short = in_force.as_ref().is_none_or(|list| claims.seq > list.seq)
            && self.recorded().is_some_and(|recorded| recorded == (claims.seq, sha256));
        let expected = self.next_seq(in_force.as_ref());
        if claims.seq != expected && !cut_short {
            return Err(Error::TrustListSequence { found: claims.seq, expected });
        }
        // If it was drafted before a key was compromised, for instance, hospitals would trust that
        // key for another quarter.
        if *claims.keys != self.trusted_keys() || *claims.titles != self.trusted_titles()? {
            return Err(Error::TrustListOutdated { seq: claims.seq });
        }
        if self.register.state().log().tree().head_at(claims.log.size) != Some(claims.log.head()) {
            return Err(Error::TrustListLog { seq: claims.seq, size: claims.log.size });
        }
        if claims.exp <= now {
            return Err(Error::TrustListExpired { exp: claims.exp });
        }
        // The verifier decides, as it will at every hospital: all accepted lists, then this one.
        let mut lists = self.accepted()?;
        lists.push(signed.clone());
        let list = self.follow(&of_trust_lists(lists))?.trust_list().clone();

        let mut json = serde_json::to_vec_pretty(signed).expect("a JWS of strings is JSON");
        json.push(b'\n');
        if !cut_short {
            let (seq, iat, exp) = (list.seq, list.iat, list.exp);
            let list = self.followed(signed, &list);
            self.record(Event::TrustListSigned { seq, iat, exp, sha256, list }, officer, now)?;
        }
        // The list is in force once its file exists; the anchor is only for new hospitals.
        write_atomic(&self.path(Self::TRUST_LISTS).join(format!("{:06}.json", list.seq)), &json)?;
        let anchor = self.anchor()?;
        if anchor.roots != list.roots {
            write_anchor(
                &self.path(Self::ROOTS),
                &TrustAnchor { roots: list.roots.clone(), seq: list.seq, ..anchor },
            )?;
        }
        Ok(list)
    }

    /// The list, if the register shall follow it to new roots: they are others than those that it
    /// pins, and these signed it. If they did not, because they were not pinned or are older still,
    /// the list is in force all the same, and two administrators pin the new ones.
    fn followed(&self, signed: &SignedTrustList, list: &TrustList) -> Option<Box<SignedTrustList>> {
        let pinned = self.register.state().pinned_roots()?;
        let follows = *pinned != list.roots && pinned.verify(signed).is_ok();
        follows.then(|| Box::new(signed.clone()))
    }

    /// The next number: no number is used for two lists, even if a crash came between the register
    /// and the list's file.
    fn next_seq(&self, in_force: Option<&TrustList>) -> u64 {
        let recorded = self.recorded().map_or(0, |(seq, _)| seq);
        in_force.map_or(0, |list| list.seq).max(recorded) + 1
    }

    /// The newest trust list in the register: its number and the hash of the signed payload.
    fn recorded(&self) -> Option<(u64, Digest)> {
        let signed = self.register.state().trust_lists();
        signed.last().map(|(_, seq, sha256)| (seq, sha256))
    }

    /// The trust list in force, if there is one.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the trust lists or `roots.json` cannot be read; [`Error::Common`] if they
    /// are not valid: the signatures are checked again. A list that a newer program made, and of
    /// which this one does not know everything, is an error too: what is not known here would be
    /// missing in the next list.
    pub fn trust_list(&self) -> Result<Option<TrustList>, Error> {
        let accepted = self.accepted()?;
        let Some(last) = accepted.last() else { return Ok(None) };
        last.unverified_claims_in_full()?;
        Ok(Some(self.follow(&of_trust_lists(accepted))?.trust_list().clone()))
    }

    /// The trust lists that a verifier needs: those that brought new roots, and the current one.
    pub(super) fn chain(&self) -> Result<Vec<SignedTrustList>, Error> {
        let accepted = self.accepted()?;
        let roots = accepted
            .iter()
            .map(|list| Ok(list.unverified_claims()?.roots))
            .collect::<Result<Vec<_>, Error>>()?;
        let last = accepted.len().saturating_sub(1);
        let needed =
            |place: usize| place == last || (place > 0 && roots[place] != roots[place - 1]);
        let mut chain: Vec<_> = accepted
            .into_iter()
            .enumerate()
            .filter(|(place, _)| needed(*place))
            .map(|(_, list)| list)
            .collect();
        // A bundle holds only so many. A hospital that pinned roots from before all these changes
        // must pin new ones.
        chain.drain(..chain.len().saturating_sub(Bundle::MAX_TRUST_LISTS));
        Ok(chain)
    }

    /// What a verifier knows from the trust lists alone.
    pub(super) fn knowledge(&self) -> Result<Knowledge, Error> {
        let bundle = of_trust_lists(self.chain()?);
        if bundle.trust_lists.is_empty() {
            return Err(Error::NoTrustList);
        }
        self.follow(&bundle)
    }

    /// What a verifier that has pinned the office's roots learns from a bundle.
    pub(super) fn follow(&self, bundle: &Bundle) -> Result<Knowledge, Error> {
        let anchor = self.anchor()?;
        // The time only affects what is remembered, and this memory is discarded.
        let now = NumericDate::from_seconds(0)?;
        Ok(Knowledge::learn(bundle, &mut Memory::new(&anchor), &Policy::default(), now)?)
    }

    /// What the accepted trust list with a number says.
    pub(super) fn accepted_with(&self, seq: u64) -> Result<Option<TrustList>, Error> {
        for list in self.accepted()? {
            let list = list.unverified_claims()?;
            if list.seq == seq {
                return Ok(Some(list));
            }
        }
        Ok(None)
    }

    /// Every trust list that was accepted, oldest first.
    pub(super) fn accepted(&self) -> Result<Vec<SignedTrustList>, Error> {
        accepted(&self.path(Self::TRUST_LISTS))
    }
}

/// A bundle of trust lists alone.
pub(super) fn of_trust_lists(trust_lists: Vec<SignedTrustList>) -> Bundle {
    Bundle { trust_lists, status_lists: Vec::new(), log: None }
}

/// Every trust list in a folder, oldest first.
pub(super) fn accepted(folder: &Path) -> Result<Vec<SignedTrustList>, Error> {
    let io = |source| Error::Io { action: "list", path: folder.to_owned(), source };
    let mut paths = fs::read_dir(folder)
        .and_then(|files| files.map(|file| Ok(file?.path())).collect::<Result<Vec<_>, _>>())
        .map_err(io)?;
    paths.retain(|path| {
        path.file_stem()
            .is_some_and(|stem| stem.to_string_lossy().bytes().all(|b| b.is_ascii_digit()))
    });
    paths.sort();
    paths.iter().map(|path| Ok(SignedTrustList::from_json(&read(path)?)?)).collect()
}
