//! The project folder of a bench: the pilot's, with every limit lifted that would have us measure waiting.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use evergreen::Wiring;
use evergreen_cli::{House, Place};
use evergreen_engine::{Progress, World};
use evergreen_hubspot::HubSpot;
use evergreen_outbound::{HttpOutbound, Options};
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
    let mut world = Wiring.open(place).await?;
    let variable = |name: &str| environment.get(name).cloned().unwrap_or_default();
    let options = Options { allow_private: true, ..Options::default() };
    let outbound = HttpOutbound::new(options, Arc::clone(&world.clock), Arc::clone(&world.chance))?;
    // The settings know no portal without a limit, because there is none; the sandbox is one.
    let unlimited = evergreen_hubspot::Options { tier_limit: 0, share_percent: 100 };
    world.portal = Arc::new(HubSpot::new(
        Arc::new(outbound),
        &variable("HUBSPOT_BASE_URL"),
        variable("HUBSPOT_TOKEN").into(),
        unlimited,
        Arc::clone(&world.clock),
    ));
    Ok(world)
}

/// The configuration without budget and guards, its vendors without pace. JSON is YAML too.
fn lifted(yaml: &str) -> Result<String, Failure> {
    let mut config: Value = serde_saphyr::from_str(yaml)?;
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
