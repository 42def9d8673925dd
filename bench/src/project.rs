//! The project folder of a bench: the pilot's, with every limit lifted that would have us measure waiting.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use evergreen::Wiring;
use evergreen_cli::{House, Place};
use evergreen_engine::{Progress, World};
use serde_json::{Value, json};

use crate::Failure;
use crate::sandbox::{SEED, START};

/// Questions on their way at the same time, over all vendors and at each.
const CONCURRENCY: u32 = 64;

/// Writes the folder.
pub fn make(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder)?;
    for (name, text) in Wiring.project(true) {
        match name {
            "evergreen.yaml" => fs::write(folder.join(name), lifted(text)?)?,
            "contacts.csv" => {} // a bench has its own list
            _ => fs::write(folder.join(name), text)?,
        }
    }
    for (name, text) in evergreen_providers::shipped() {
        fs::write(folder.join(unhurried(name)), without_limits(text)?)?;
    }
    Ok(())
}

/// Opens it against the sandbox of those variables.
pub async fn open(
    folder: &Path,
    environment: &BTreeMap<String, String>,
    progress: Arc<dyn Progress>,
) -> Result<World, Failure> {
    let place = Place {
        folder: folder.to_owned(),
        now: Some(START.parse()?),
        seed: Some(SEED),
        environment: environment.clone(),
        progress,
    };
    Ok(Wiring.open(place).await?)
}

/// The configuration without budget and guards, its portal and vendors without pace. JSON is YAML too.
fn lifted(yaml: &str) -> Result<String, Failure> {
    let mut config: Value = serde_saphyr::from_str(yaml)?;
    config["portal"]["requests_per_10s"] = json!(0);
    config["enrich"]["budget"] = json!({ "per_run": null, "per_record": null, "per_month": null });
    config["enrich"]["concurrency"] = json!(CONCURRENCY);
    config["sync"]["guards"] = json!({
        "max_share_touched": 1.0,
        "max_creates": u32::MAX,
        "max_owner_changes": u32::MAX,
        "max_lifecycle_moves": u32::MAX,
    });
    if let Some(providers) = config["providers"].as_object_mut() {
        for (name, provider) in providers {
            provider["manifest"] = json!(unhurried(name));
            if let Some(provider) = provider.as_object_mut() {
                provider.remove("calls_per_second"); // would stand above the manifest's own pace
            }
        }
    }
    Ok(serde_json::to_string_pretty(&config)?)
}

fn without_limits(manifest: &str) -> Result<String, Failure> {
    let mut manifest: Value = serde_saphyr::from_str(manifest)?;
    manifest["limits"] = json!({ "windows": [], "concurrency": CONCURRENCY });
    Ok(serde_json::to_string_pretty(&manifest)?)
}

fn unhurried(provider: &str) -> String {
    format!("{provider}-unhurried.yaml")
}
