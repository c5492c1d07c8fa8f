//! The options of every command: where the program keeps its state, and how it prints output.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use crate::{refusal::report, store::Store};

// No doc comment on the type: `--help` would show it as the description of the program.
#[derive(Args)]
pub(crate) struct Global {
    /// Folder that remembers pinned roots, synchronised lists and the newest ever seen
    #[arg(long, global = true, value_name = "DIR", env = "VERNET_VERIFIER_STATE")]
    state: Option<PathBuf>,
    /// Print JSON, one object per line, for programs
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

impl Global {
    /// Reports why something could not be done. The reason may quote text from strangers.
    pub(crate) fn complain(&self, error: &anyhow::Error) {
        report(error).say("vernet-verifier", self.json);
    }

    pub(crate) fn store(&self) -> Result<Store> {
        let folder = match &self.state {
            Some(folder) => folder.clone(),
            None => directories::ProjectDirs::from("", "", "vernet-verifier")
                .map(|folders| folders.state_dir().unwrap_or_else(|| folders.data_local_dir()).to_owned())
                .context("this user has no home folder to remember things in: give one with `--state DIR`")?,
        };
        Ok(Store::new(folder))
    }
}
