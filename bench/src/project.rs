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

/// Writes a folder that buys nothing and hands nothing off: complete contacts go to the portal, at the pace of its tier. What a list
/// says of four properties is taken where we wrote last; whatever a person typed stays.
pub fn make_sync(folder: &Path, changing: &[&str], requests_per_10s: u32) -> Result<(), Failure> {
    make(folder)?;
    let path = folder.join("evergreen.yaml");
    let mut config: Value = serde_json::from_str(&fs::read_to_string(&path)?)?;
    config["portal"]["requests_per_10s"] = json!(requests_per_10s);
    config["handoff"]["enabled"] = json!(false);
    for entity in ["contact", "company"] {
        config["enrich"][entity]["sources"] = json!([]);
    }
    config["tables"] = json!({});
    config["providers"] = json!({});
    config["qualify"]["icp"]["unknown_after_enrich"] = json!("keep");
    for name in changing {
        config["resolve"]["survivorship"][*name] = json!("newest");
        config["sync"]["contact"]["properties"][*name] = json!({ "protect": "ours" });
    }
    Ok(fs::write(path, serde_json::to_string_pretty(&config)?)?)
}

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
    open_at(folder, environment, START, progress).await
}

/// The same on another day.
pub async fn open_at(
    folder: &Path,
    environment: &BTreeMap<String, String>,
    now: &str,
    progress: Arc<dyn Progress>,
) -> Result<World, Failure> {
    let place = Place {
        folder: folder.to_owned(),
        now: Some(now.parse()?),
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
