//! The requests of the page, and the answers.

use serde::{Deserialize, Serialize};
use vernet_common::{Bundle, CertificateHash, LogHash, NumericDate, Tile, TrustAnchor, shortened};
use vernet_verifier::{
    FetchedLists, Knowledge, Memory, OfficeInWords, Policy, Verdict,
    documents::{certificates_among, read_text},
    verify,
};

use crate::typed::as_it_was_meant;

/// One call from JavaScript. `now` is the device's clock, in seconds since 1970.
#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// Starts from what is stored; on the first visit, from the roots that the page was installed
    /// with.
    Open {
        /// `roots.json` as it came with the page. Once something is stored it has no effect: new
        /// roots count only if the old ones signed.
        roots: String,
        /// What the last [`Answer::Opened`] or [`Answer::Learnt`] returned to be stored.
        stored: Option<String>,
        /// The device's clock.
        now: i64,
    },
    /// Which tiles of the log must be fetched before a newer bundle can be learnt from: none,
    /// unless the log is too large for the bundle.
    Tiles {
        /// `bundle.json` as it was fetched.
        bundle: String,
        /// What is stored.
        stored: Option<String>,
        /// Whether to ignore what is stored of the log.
        afresh: bool,
        /// The device's clock.
        now: i64,
    },
    /// Verifies a newer bundle, and continues with it if it is good.
    Learn {
        /// `bundle.json` as it was fetched.
        bundle: String,
        /// How many leaves of the log to take from those that are stored.
        #[serde(default)]
        kept: usize,
        /// The leaves after them, from the tiles. `None` before the tiles are fetched: what the new
        /// lists refuse is refused at once, and who was in the log before is judged by them.
        #[serde(default)]
        leaves: Option<Vec<LogHash>>,
        /// What is stored at this moment: another tab may have stored something newer.
        stored: Option<String>,
        /// The device's clock.
        now: i64,
    },
    /// The verdict on a link, digits or the text of a certificate.
    Verify {
        /// What was scanned or pasted.
        input: String,
        /// The device's clock.
        now: i64,
    },
    /// Which of the texts in one picture count; for browsers that detect codes themselves.
    /// [`memory::scan`](crate::memory::scan) has already chosen.
    Among {
        /// The texts of all QR codes in the picture.
        texts: Vec<String>,
    },
    /// The certificates in a text that somebody chose as a file: a mail, a web page, a shortcut.
    Read {
        /// The whole text.
        text: String,
    },
    /// How old the knowledge is by now.
    Age {
        /// The device's clock.
        now: i64,
    },
}

/// The answer to a [`Request`].
#[derive(Debug, Serialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// To [`Request::Open`].
    Opened {
        /// Whose certificates this page verifies.
        office: Office,
        /// What to store.
        stored: String,
        /// What is known. `None` before the first bundle.
        news: Option<News>,
        /// Why what was stored could not be used: the page then knows nothing until it has fetched
        /// a bundle.
        problem: Option<Problem>,
    },
    /// To [`Request::Tiles`].
    Tiles {
        /// How many leaves need not be fetched: they are stored.
        kept: usize,
        /// What is to be fetched, in this order.
        tiles: Vec<TileToFetch>,
    },
    /// To [`Request::Learn`], if the bundle was good.
    Learnt {
        /// What to store.
        stored: String,
        /// What is known now.
        news: News,
    },
    /// To [`Request::Verify`]: the same object as on the command line and over HTTP.
    Verdict {
        /// The verdict.
        verdict: Box<Verdict>,
        /// Which certificate was shown, if it can be read as one: the code and the attachment of a
        /// letter are the same one.
        certificate_sha256: Option<CertificateHash>,
    },
    /// To [`Request::Among`].
    Among {
        /// Those that are certificates, or else the first.
        texts: Vec<String>,
    },
    /// To [`Request::Read`].
    Read {
        /// The certificates, or else the text itself; none if it is the source of a document without
        /// any.
        texts: Vec<String>,
        /// Whether there is more in it than text, which may show another certificate.
        unexamined: bool,
    },
    /// To [`Request::Age`].
    Age {
        /// What is known. `None` before the first bundle.
        news: Option<News>,
    },
    /// The request failed; nothing has changed.
    Failed {
        /// Why.
        problem: Problem,
    },
}

/// A tile of the log's leaves.
#[derive(Debug, Serialize)]
pub struct TileToFetch {
    /// Its path, relative to the publication.
    path: String,
    /// Its path when the log has grown.
    full: String,
    /// How many bytes of it count: 32 for each leaf.
    bytes: u32,
}

impl From<Tile> for TileToFetch {
    fn from(tile: Tile) -> Self {
        let below_the_publication = |tile: Tile| format!("log/{}", tile.path());
        Self {
            path: below_the_publication(tile),
            full: below_the_publication(tile.full()),
            bytes: u32::from(tile.width()) * 32,
        }
    }
}

/// Whose certificates the page verifies.
#[derive(Debug, Serialize)]
pub struct Office {
    /// The issuer.
    pub iss: String,
    /// The fingerprint of the roots that were pinned, in hexadecimal.
    pub fingerprint: String,
}

/// What is known, and how old it is.
#[derive(Debug, Serialize)]
pub struct News {
    /// When the oldest of the status lists was signed, in seconds since 1970.
    pub as_of: i64,
    /// Its age in seconds.
    pub age_s: i64,
    /// When to ask for newer lists, in seconds since 1970.
    pub next_update: i64,
    /// The number of the trust list.
    pub trust_list_seq: u64,
    /// When the trust list expires, in seconds since 1970.
    pub trust_list_exp: i64,
    /// The office in words, and whom to call.
    pub office: OfficeInWords,
}

/// Why a request failed.
#[derive(Debug, Serialize)]
pub struct Problem {
    /// The stable name.
    pub code: &'static str,
    /// For people.
    pub message: String,
}

impl Problem {
    fn new(code: &'static str, error: impl ToString) -> Self {
        /// Messages quote what others wrote, each of them a little; this holds for whatever was
        /// forgotten.
        const MAX_MESSAGE: usize = 1000;
        Self { code, message: shortened(&error.to_string(), MAX_MESSAGE) }
    }
}

impl From<vernet_common::Error> for Problem {
    fn from(error: vernet_common::Error) -> Self {
        Self::new(error.code(), error)
    }
}

impl From<vernet_verifier::UpdateError> for Problem {
    fn from(error: vernet_verifier::UpdateError) -> Self {
        Self::new(error.code(), error)
    }
}

/// What the page keeps between two visits.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    /// The roots that the page was installed with.
    anchor: TrustAnchor,
    memory: Memory,
    bundle: Option<Bundle>,
    /// The leaves of a log that is too large for the bundle.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    leaves: Vec<LogHash>,
}

impl Stored {
    fn new(anchor: TrustAnchor) -> Self {
        Self { memory: Memory::new(&anchor), anchor, bundle: None, leaves: Vec::new() }
    }

    fn from_json(json: &str) -> Result<Self, Problem> {
        serde_json::from_str(json).map_err(|error| Problem::new("stored_unreadable", error))
    }

    fn to_json(&self) -> Result<String, Problem> {
        serde_json::to_string(self).map_err(|error| Problem::new("stored_unreadable", error))
    }

    /// The bundle, with the leaves of its log.
    fn lists(&self) -> Option<FetchedLists> {
        let mut lists = FetchedLists::new(self.bundle.clone()?, &self.memory);
        lists.use_kept_leaves(|| self.leaves.clone());
        Some(lists)
    }

    /// The leaves of the log that was seen before, wherever they are.
    fn leaves_at_hand(&self) -> Vec<LogHash> {
        let in_bundle = self.bundle.as_ref().and_then(|bundle| bundle.log.as_ref()?.leaves.clone());
        in_bundle.unwrap_or_else(|| self.leaves.clone())
    }

    fn office(&self) -> Office {
        let fingerprint =
            self.anchor.fingerprint().iter().map(|byte| format!("{byte:02x}")).collect();
        Office { iss: self.anchor.iss.to_string(), fingerprint }
    }
}

/// The page, between two calls.
#[derive(Debug, Default)]
pub struct Page {
    policy: Policy,
    knowledge: Option<Knowledge>,
}

impl Page {
    /// Answers one call. Whatever the message contains, the answer is JSON.
    pub fn call(&mut self, message: &[u8]) -> Vec<u8> {
        let answer = serde_json::from_slice(message)
            .map_err(|error| Problem::new("request_unreadable", error))
            .and_then(|request| self.answer(request))
            .unwrap_or_else(|problem| Answer::Failed { problem });
        // Strings and numbers cannot fail to serialise. If they did, the page would see that there
        // is no verdict.
        serde_json::to_vec(&answer).unwrap_or_default()
    }

    /// Answers one request.
    ///
    /// # Errors
    ///
    /// [`Problem`] if the request, the bundle or what is stored cannot be read or used; nothing has
    /// changed then.
    pub fn answer(&mut self, request: Request) -> Result<Answer, Problem> {
        match request {
            Request::Open { roots, stored, now } => {
                self.open(&roots, stored.as_deref(), instant(now)?)
            }
            Request::Tiles { bundle, stored, afresh, now } => {
                instant(now)?;
                Self::tiles(&bundle, stored.as_deref(), afresh)
            }
            Request::Learn { bundle, kept, leaves, stored, now } => {
                let leaves = leaves.as_deref().map(|leaves| (kept, leaves));
                self.learn(&bundle, leaves, stored.as_deref(), instant(now)?)
            }
            Request::Verify { input, now } => {
                let now = instant(now)?;
                let input = as_it_was_meant(&input);
                let verdict = match &self.knowledge {
                    Some(knowledge) => verify(&input, knowledge, &self.policy, now),
                    None => Verdict::lists_missing(now),
                };
                let certificate_sha256 = verdict.certificate_sha256();
                Ok(Answer::Verdict { verdict: Box::new(verdict), certificate_sha256 })
            }
            Request::Among { texts } => Ok(Answer::Among { texts: certificates_among(texts) }),
            Request::Read { text } => {
                let found = read_text(&text).unwrap_or_default();
                let unexamined = !found.unexamined.is_empty();
                Ok(Answer::Read { texts: found.certificates, unexamined })
            }
            Request::Age { now } => Ok(Answer::Age { news: self.news(instant(now)?) }),
        }
    }

    fn open(
        &mut self,
        roots: &str,
        stored: Option<&str>,
        now: NumericDate,
    ) -> Result<Answer, Problem> {
        self.knowledge = None;
        // What cannot be read is not silently replaced: an attacker who damages the memory could
        // otherwise show old lists as new. A person decides.
        let stored = match stored {
            Some(json) => Stored::from_json(json)?,
            None => Stored::new(TrustAnchor::from_json(roots.as_bytes())?),
        };
        let mut memory = stored.memory.clone();
        let learnt = stored.lists().map(|mut lists| lists.learn(&mut memory, &self.policy, now));
        let problem = match learnt.transpose() {
            Ok(knowledge) => {
                self.knowledge = knowledge;
                None
            }
            Err(error) => Some(error.into()),
        };
        Ok(Answer::Opened {
            office: stored.office(),
            stored: stored.to_json()?,
            news: self.news(now),
            problem,
        })
    }

    /// Nothing is fetched for a log that would be rejected anyway: its size may be forged.
    fn tiles(bundle: &str, stored: Option<&str>, afresh: bool) -> Result<Answer, Problem> {
        let Stored { memory, leaves, .. } = opened(stored)?;
        let lists = FetchedLists::new(Bundle::from_json(bundle.as_bytes())?, &memory);
        let kept = if afresh { &[] } else { leaves.as_slice() };
        Ok(match lists.leaves_plan(kept) {
            None => Answer::Tiles { kept: 0, tiles: Vec::new() },
            Some(plan) => Answer::Tiles {
                kept: plan.kept(),
                tiles: plan.tiles().map(TileToFetch::from).collect(),
            },
        })
    }

    fn learn(
        &mut self,
        bundle: &str,
        leaves: Option<(usize, &[LogHash])>,
        stored: Option<&str>,
        now: NumericDate,
    ) -> Result<Answer, Problem> {
        let mut stored = opened(stored)?;
        let bundle = Bundle::from_json(bundle.as_bytes())?;
        let mut lists = FetchedLists::new(bundle, &stored.memory);
        let knowledge = match leaves {
            Some((kept, fetched)) => {
                let kept = stored.leaves.get(..kept).unwrap_or_default();
                if let Some(mut plan) = lists.leaves_plan(kept) {
                    plan.add_leaves(fetched);
                    lists.complete(plan);
                }
                let knowledge = lists.update(&mut stored.memory, &self.policy, now)?;
                stored.leaves = lists.leaves_to_keep().to_vec();
                knowledge
            }
            None => {
                stored.leaves = stored.leaves_at_hand();
                lists.start(stored.leaves.clone());
                lists.update_before_leaves(&mut stored.memory, &self.policy, now)?
            }
        };
        stored.bundle = Some(lists.into_bundle());
        let json = stored.to_json()?;
        let news = news(&knowledge, now);
        self.knowledge = Some(knowledge);
        Ok(Answer::Learnt { stored: json, news })
    }

    fn news(&self, now: NumericDate) -> Option<News> {
        self.knowledge.as_ref().map(|knowledge| news(knowledge, now))
    }
}

fn opened(stored: Option<&str>) -> Result<Stored, Problem> {
    Stored::from_json(
        stored
            .ok_or_else(|| Problem::new("not_opened", "nothing is stored: open the page first"))?,
    )
}

fn news(knowledge: &Knowledge, now: NumericDate) -> News {
    let as_of =
        knowledge.status_lists().map(|list| list.iat).min().unwrap_or(knowledge.trust_list().iat);
    News {
        as_of: as_of.seconds(),
        age_s: now.seconds_since(as_of),
        next_update: knowledge.next_update().seconds(),
        trust_list_seq: knowledge.trust_list().seq,
        trust_list_exp: knowledge.trust_list().exp.seconds(),
        office: knowledge.office(),
    }
}

fn instant(seconds: i64) -> Result<NumericDate, Problem> {
    Ok(NumericDate::from_seconds(seconds)?)
}

#[cfg(test)]
mod tests;
