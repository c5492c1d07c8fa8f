//! What cargo reports about the workspace.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// A package of the workspace.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) name: String,
    /// The root files of its library and its programs, but not of tests and examples.
    pub(crate) roots: Vec<PathBuf>,
    /// The names of its dependencies, including those that only a feature enables, but without
    /// those of its tests.
    pub(crate) dependencies: Vec<String>,
}

/// The folder of the workspace.
pub(crate) fn folder() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("this package is in `tests/xtask`").to_owned()
}

/// The packages of the workspace.
///
/// # Errors
/// If cargo fails, or if its answer lacks an expected member.
pub(crate) fn packages() -> Result<Vec<Package>> {
    list(&metadata()?["packages"]).iter().map(package).collect()
}

/// Where cargo puts its build output.
///
/// # Errors
/// As for [`packages`].
pub(crate) fn target_folder() -> Result<PathBuf> {
    Ok(text(&metadata()?["target_directory"])?.into())
}

fn metadata() -> Result<Value> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--format-version=1", "--locked"])
        .current_dir(folder())
        .output()
        .context("cargo cannot be run")?;
    ensure!(output.status.success(), "cargo: {}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn package(package: &Value) -> Result<Package> {
    let code = |target: &&Value| {
        list(&target["kind"])
            .iter()
            .any(|kind| ["bin", "cdylib", "lib", "rlib"].iter().any(|code| kind == code))
    };
    let roots =
        list(&package["targets"]).iter().filter(code).map(|target| text(&target["src_path"]));
    let built_with = |dependency: &&Value| dependency["kind"] != "dev";
    let dependencies = list(&package["dependencies"]).iter().filter(built_with);
    Ok(Package {
        name: text(&package["name"])?,
        roots: roots.map(|root| Ok(root?.into())).collect::<Result<_>>()?,
        dependencies: dependencies
            .map(|dependency| text(&dependency["name"]))
            .collect::<Result<_>>()?,
    })
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> Result<String> {
    Ok(value.as_str().context("cargo's answer lacks a text")?.to_owned())
}
