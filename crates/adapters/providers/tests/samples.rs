//! Every shipped manifest against every recorded sample of its vendor: outcome, charge, extraction.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

use std::path::{Path, PathBuf};

use evergreen_providers::{Manifest, check_sample, check_samples, shipped};
use serde_json::Value;

/// Samples of sequencers: they are asked by the hand-off, not by a waterfall, and have no manifest.
const SEQUENCERS: [&str; 4] = ["hubspot-sequences", "instantly", "lemlist", "smartlead"];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

/// Folders of samples: the repository's own, and the collection shared beside it where it is there.
fn collections() -> Vec<PathBuf> {
    let shared = std::fs::canonicalize(repository())
        .unwrap()
        .ancestors()
        .skip(1)
        .map(|above| above.join("shared/data/provider-samples"))
        .find(|folder| folder.is_dir());
    std::iter::once(repository().join("providers/samples")).chain(shared).collect()
}

fn folders(collection: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir(collection)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

fn samples(folder: &Path) -> Vec<Value> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()).collect()
}

fn manifest(name: &str) -> Option<Manifest> {
    let text = std::fs::read_to_string(repository().join(format!("providers/{name}.yaml"))).ok()?;
    Some(Manifest::parse(&format!("{name}.yaml"), &text).unwrap_or_else(|problem| panic!("{problem}")))
}

#[test]
fn every_manifest_of_the_folder_ships() {
    let mut files: Vec<String> = std::fs::read_dir(repository().join("providers"))
        .unwrap()
        .filter_map(|entry| Some(entry.unwrap().file_name().to_str()?.strip_suffix(".yaml")?.to_owned()))
        .collect();
    files.sort();
    let shipped: Vec<&str> = shipped().iter().map(|(name, _)| *name).collect();
    assert_eq!(files, shipped);
}

#[test]
fn every_sample_of_every_vendor_reads_as_expected() {
    let mut lines = Vec::new();
    for collection in collections() {
        let mut checked = 0;
        for folder in folders(&collection) {
            let vendor = folder.file_name().unwrap().to_string_lossy().into_owned();
            if SEQUENCERS.contains(&vendor.as_str()) {
                continue;
            }
            let Some(manifest) = manifest(&vendor) else {
                lines.push(format!("{vendor}: there are samples, but no manifest ships"));
                continue;
            };
            for sample in samples(&folder) {
                checked += 1;
                lines.extend(
                    check_sample(&manifest, &sample).mismatches.iter().map(|mismatch| format!("{vendor}/{mismatch}")),
                );
            }
        }
        println!("{}: {checked} samples", collection.display());
        assert!(checked >= 40, "{}: hardly a sample was found", collection.display());
    }
    assert!(lines.is_empty(), "{} disagreements\n{}", lines.len(), lines.join("\n"));
}

#[test]
fn every_shipped_manifest_has_samples_of_its_own() {
    let own = repository().join("providers/samples");
    for (name, _) in shipped() {
        assert!(own.join(name).is_dir() && !samples(&own.join(name)).is_empty(), "{name} ships without a sample");
    }
}

#[test]
fn every_question_goes_where_the_recorded_one_went() {
    let everything: Vec<(&str, &str)> = vec![
        ("email", "marta.velasco@northquay.example"),
        ("firstname", "Marta"),
        ("lastname", "Velasco"),
        ("domain", "northquay.example"),
        ("hs_linkedin_url", "https://www.linkedin.com/in/marta-velasco-nq"),
        ("phone", "+12025550147"),
        ("mobilephone", "+12025550147"),
    ];
    let inputs = everything.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let (mut compared, mut lines) = (0, Vec::new());
    for folder in folders(&repository().join("providers/samples")) {
        let vendor = folder.file_name().unwrap().to_string_lossy().into_owned();
        let manifest = manifest(&vendor).unwrap();
        for sample in samples(&folder) {
            let call = check_sample(&manifest, &sample).call;
            let (Ok(parts), Some(url)) = (manifest.request(&call, &inputs, &[]), sample["request"]["url"].as_str())
            else {
                continue; // polls, deliveries and bulk calls have tests of their own
            };
            let asked = url.split('?').next().unwrap().to_owned();
            // A recorded number or id differs from ours; its folder does not.
            let folder = |path: &str| path.rsplit_once('/').map(|(folder, _)| folder.to_owned()).unwrap_or_default();
            compared += 1;
            let same = asked.ends_with(&parts.path) || folder(&asked).ends_with(&folder(&parts.path));
            if !same || sample["request"]["method"] != parts.method {
                lines.push(format!("{vendor}/{}: {} {}", sample["case"], parts.method, parts.path));
            }
        }
    }
    assert!(compared > 100 && lines.is_empty(), "{compared} compared\n{}", lines.join("\n"));
}

#[test]
fn a_manifest_that_reads_wrongly_is_told_what_differs() {
    let (_, text) = shipped().iter().find(|(file, _)| *file == "hunter").unwrap();
    let wrong = text.replace("outcome: no_credits", "outcome: rate_limited").replace("credits: 1 }", "credits: 0.6 }");
    let manifest = Manifest::parse("hunter", &wrong).unwrap();
    let samples = samples(&repository().join("providers/samples/hunter"));
    let lines: Vec<String> = check_samples(&manifest, &samples).iter().map(ToString::to_string).collect();
    let said = |part: &str| lines.iter().any(|line| line.starts_with(part));
    assert!(
        said("no-credits-429: outcome: expected no_credits, got rate_limited (by rule 2 of hunter: status 429"),
        "{lines:#?}"
    );
    assert!(said("email-finder-found: charge: expected 1, got 0.6 (by charge rule 1)"), "{lines:#?}");
}
