//! Lists that are verified while the leaves of their log may still have to be fetched.

use alloc::vec::Vec;

use vernet_common::{Bundle, Error, LogHash, NumericDate};

use crate::{
    knowledge::Knowledge,
    leaves::LeavesPlan,
    lists::VerifiedLists,
    memory::Memory,
    policy::Policy,
    update::{Leaves, UpdateError},
};

/// The lists of a bundle, verified once, whatever is done with them afterwards.
///
/// A log of more than 1024 certificates is not in the bundle: its leaves are fetched from the
/// publication's tiles, with [`FetchedLists::fetch_leaves`]. [`FetchedLists::learn`] and
/// [`FetchedLists::update`] report what is wrong with the lists.
///
/// Whoever delays the tiles must not delay what is known about people. So a caller that fetches
/// begins with [`FetchedLists::start`] and [`FetchedLists::update_before_leaves`].
///
/// ```no_run
/// # fn fetch(path: &str) -> Result<Vec<u8>, Box<dyn std::error::Error>> { unimplemented!() }
/// # fn example(memory: &mut vernet_verifier::Memory, kept_file: &[u8])
/// # -> Result<(), Box<dyn std::error::Error>> {
/// use vernet_verifier::{Bundle, FetchedLists, NumericDate, Policy, leaves};
///
/// let kept = leaves::from_bytes(kept_file);
/// let bundle = Bundle::from_json(&fetch("bundle.json")?)?;
/// let mut lists = FetchedLists::new(bundle, memory);
/// lists.fetch_leaves(&kept, |path| fetch(&format!("log/{path}")))?;
/// let now: NumericDate = "2026-11-22T10:00:00Z".parse()?;
/// let knowledge = lists.update(memory, &Policy::default(), now)?;
/// // To be stored: the memory, the bundle (`to_json`), and for the next time the leaves. At the next
/// // start: `FetchedLists::new` with both, `use_kept_leaves`, `learn`.
/// let kept_file = leaves::to_bytes(lists.leaves_to_keep());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct FetchedLists {
    bundle: Bundle,
    /// The memory with which they were read.
    memory: Memory,
    /// `None` once it has become knowledge.
    read: Option<Result<VerifiedLists, Error>>,
    /// Leaves of an earlier log, for as long as those of this one are missing.
    earlier: Vec<LogHash>,
}

impl FetchedLists {
    /// Verifies the lists of a bundle against this memory.
    pub fn new(bundle: Bundle, memory: &Memory) -> Self {
        let read = VerifiedLists::read(&bundle, memory);
        Self { bundle, memory: memory.clone(), read: Some(read), earlier: Vec::new() }
    }

    /// The bundle, with the leaves that were added.
    pub fn bundle(&self) -> &Bundle {
        &self.bundle
    }

    /// The bundle, for the caller to keep.
    pub fn into_bundle(self) -> Bundle {
        self.bundle
    }

    /// The leaves that are to be kept beside the bundle: those of a log that is too large for the
    /// bundle's file.
    pub fn leaves_to_keep(&self) -> &[LogHash] {
        self.bundle.leaves_outside().unwrap_or_default()
    }

    /// Starts with the leaves that are kept. If they are those of the log, they are used, and the
    /// result is `None`, as when no leaves are needed. Otherwise it is the plan for the rest, and
    /// [`FetchedLists::update_before_leaves`] is possible meanwhile.
    pub fn start(&mut self, kept: Vec<LogHash>) -> Option<LeavesPlan> {
        let plan = self.leaves_plan(&kept)?;
        match plan.with_kept(&kept) {
            Some(whole) => {
                self.complete(whole);
                None
            }
            None => {
                self.earlier = kept;
                Some(plan)
            }
        }
    }

    /// The leaves to keep if the fetch of a plan ended early, so that the next one goes on from
    /// there. What is fetched is unchecked. So it never takes the place of leaves by which
    /// certificates are judged meanwhile.
    pub fn leaves_so_far(&self, plan: LeavesPlan) -> Vec<LogHash> {
        let seen = self.memory.log().map(|seen| seen.checkpoint().head());
        let seen = seen.and_then(|head| LeavesPlan::new(head, &[]).with_kept(&self.earlier));
        let seen = seen.map(LeavesPlan::into_leaves).unwrap_or_default();
        let fetched = plan.into_leaves();
        if fetched.len() > seen.len() && fetched.starts_with(&seen) { fetched } else { seen }
    }

    /// Which tiles to fetch. `None` if the leaves are already there, or if the log would be
    /// rejected anyway: its size may then be forged.
    ///
    /// `kept` are leaves from before.
    pub fn leaves_plan(&self, kept: &[LogHash]) -> Option<LeavesPlan> {
        let log = self.bundle.log.as_ref().filter(|log| log.leaves.is_none())?;
        let wanted = matches!(&self.read, Some(Ok(lists)) if lists.want_leaves());
        wanted.then(|| LeavesPlan::new(log.checkpoint.head(), kept))
    }

    /// Adds the fetched leaves to the log, if their number is its size. [`FetchedLists::learn`] and
    /// [`FetchedLists::update`] check whether they are the leaves of the log.
    pub fn complete(&mut self, plan: LeavesPlan) {
        if let Some(log) = &mut self.bundle.log
            && plan.head() == log.checkpoint.head()
            && plan.has_all()
        {
            log.leaves = Some(plan.into_leaves());
        }
    }

    /// Fetches the leaves of the log, if they are missing: [`LeavesPlan::fetch`].
    ///
    /// # Errors
    ///
    /// As for [`LeavesPlan::fetch`].
    pub fn fetch_leaves<E: From<Error>>(
        &mut self,
        kept: &[LogHash],
        get: impl FnMut(&str) -> Result<Vec<u8>, E>,
    ) -> Result<(), E> {
        let Some(mut plan) = self.leaves_plan(kept) else { return Ok(()) };
        plan.fetch(get)?;
        self.complete(plan);
        Ok(())
    }

    /// Adds leaves that are kept beside the bundle, if the bundle needs them and there are as many
    /// as the log has. Nothing is fetched. If there are fewer, certificates that were in the earlier
    /// log are judged by them.
    pub fn use_kept_leaves(&mut self, kept: impl FnOnce() -> Vec<LogHash>) {
        let Some(size) = self.bundle.leaves_to_fetch().and_then(|size| usize::try_from(size).ok())
        else {
            return;
        };
        let mut leaves = kept();
        if leaves.len() >= size {
            leaves.truncate(size);
            self.bundle
                .log
                .iter_mut()
                .for_each(|log| log.leaves = Some(core::mem::take(&mut leaves)));
        } else {
            self.earlier = leaves;
        }
    }

    /// As [`Knowledge::learn`]. Nothing is verified again if the memory is the one with which the
    /// lists were read; if it has moved forward since, everything is verified again.
    ///
    /// # Errors
    ///
    /// As for [`Knowledge::learn`].
    pub fn learn(
        &mut self,
        memory: &mut Memory,
        policy: &Policy,
        now: NumericDate,
    ) -> Result<Knowledge, Error> {
        let lists = match self.read.take() {
            Some(read) if *memory == self.memory => read?,
            _ => VerifiedLists::read(&self.bundle, memory)?,
        };
        Knowledge::of(lists, (&self.bundle, &self.earlier), memory, policy, now)
    }

    /// As [`Knowledge::update`].
    ///
    /// # Errors
    ///
    /// As for [`Knowledge::update`].
    pub fn update(
        &mut self,
        memory: &mut Memory,
        policy: &Policy,
        now: NumericDate,
    ) -> Result<Knowledge, UpdateError> {
        self.update_if(Leaves::AtHand, memory, policy, now)
    }

    /// As [`Knowledge::update`], while the leaves of the log are still to be fetched: its signed
    /// checkpoint is enough. What the new status lists refuse is refused at once. Certificates that
    /// are in the log that was seen before (its leaves come with [`FetchedLists::start`]) are judged
    /// by the new status lists, for as long as the policy lets the list count that dates it. All
    /// others are `log_missing`.
    ///
    /// # Errors
    ///
    /// As for [`Knowledge::update`], but for leaves that are missing.
    pub fn update_before_leaves(
        &mut self,
        memory: &mut Memory,
        policy: &Policy,
        now: NumericDate,
    ) -> Result<Knowledge, UpdateError> {
        self.update_if(Leaves::MayFollow, memory, policy, now)
    }

    fn update_if(
        &mut self,
        leaves: Leaves,
        memory: &mut Memory,
        policy: &Policy,
        now: NumericDate,
    ) -> Result<Knowledge, UpdateError> {
        let mut learnt = memory.clone();
        let knowledge = self.learn(&mut learnt, policy, now)?;
        knowledge.check_replacement(leaves, &learnt, policy, now)?;
        *memory = learnt;
        Ok(knowledge)
    }
}
