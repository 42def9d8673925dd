//! Every shipped manifest against every recorded sample of its vendor: outcome, charge, extraction.

use std::path::Path;

use evergreen_providers::{Manifest, check_samples, shipped, skipped_samples};
use serde_json::Value;

fn samples(vendor: &str) -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../providers/samples").join(vendor);
    let mut files: Vec<_> =
        std::fs::read_dir(&folder).expect("a folder of samples").map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    files.iter().map(|file| serde_json::from_slice(&std::fs::read(file).expect("a file")).expect("JSON")).collect()
}

#[test]
fn every_sample_of_a_shipped_operation_reads_as_expected() {
    let mut mismatches = Vec::new();
    for (file, text) in shipped() {
        let manifest = Manifest::parse(file, text).expect("a sound manifest");
        let samples = samples(manifest.name());
        let skipped = skipped_samples(&manifest, &samples);
        println!(
            "{file}: {} samples checked; skipped, because the manifest has no such operation: {}",
            samples.len() - skipped.len(),
            skipped.join(", ")
        );
        assert!(samples.len() > skipped.len() + 4, "{file}: hardly any sample was checked");
        mismatches.extend(check_samples(&manifest, &samples));
    }
    let lines: Vec<String> = mismatches.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "\n{}", lines.join("\n"));
}

#[test]
fn a_manifest_that_reads_wrongly_is_told_what_differs() {
    let (_, text) = shipped().iter().find(|(file, _)| *file == "hunter").expect("shipped");
    let wrong = text.replace("outcome: no_credits", "outcome: rate_limited").replace("credits: 1 }", "credits: 0.5 }");
    let manifest = Manifest::parse("hunter", &wrong).expect("sound, but wrong");
    let lines: Vec<String> = check_samples(&manifest, &samples("hunter")).iter().map(ToString::to_string).collect();
    assert!(
        lines.contains(&"no-credits-429: outcome: expected no_credits, found rate_limited".to_owned()),
        "{lines:#?}"
    );
    assert!(lines.contains(&"email-finder-found: charge: expected 1, found 0.5".to_owned()), "{lines:#?}");
}
