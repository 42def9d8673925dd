//! `evergreen provider`: a manifest is held against recorded answers, and a curl line becomes one that passes.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

use std::path::{Path, PathBuf};

use evergreen::Wiring;
use evergreen_cli::{Exit, House};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

async fn evergreen(words: &[&str]) -> Exit {
    let words = ["evergreen", "provider"].iter().chain(words).map(std::ffi::OsString::from);
    evergreen_cli::main(&Wiring, words).await
}

#[tokio::test]
async fn a_manifest_that_agrees_with_every_sample_ends_with_0_and_one_that_does_not_with_1() {
    let hunter = repository().join("providers/hunter.yaml");
    assert_eq!(evergreen(&["check", hunter.to_str().unwrap()]).await, Exit::Done);
    assert_eq!(evergreen(&["check", "hunter"]).await, Exit::Done, "one that ships needs no file");

    let folder = tempfile::tempdir().unwrap();
    let wrong = folder.path().join("hunter.yaml");
    let text = std::fs::read_to_string(&hunter).unwrap();
    std::fs::write(&wrong, text.replace("outcome: no_credits", "outcome: rate_limited")).unwrap();
    let sample = repository().join("providers/samples/hunter/no-credits-429.json");
    let (wrong, sample) = (wrong.to_str().unwrap(), sample.to_str().unwrap());
    assert_eq!(evergreen(&["check", wrong, "--sample", sample]).await, Exit::Failed);
    let told = Wiring.check_provider(Path::new(wrong), &[PathBuf::from(sample)]).unwrap();
    let mismatch = &told.samples[0].mismatches[0];
    let said = [&mismatch.what, &mismatch.expected, &mismatch.got, &mismatch.rule].map(String::as_str);
    assert_eq!(said, ["outcome", "no_credits", "rate_limited", "rule 2 of hunter: status 429"]);
    assert_eq!(evergreen(&["check", "nowhere.yaml"]).await, Exit::Failed);
    assert_eq!(evergreen(&["check", wrong, "--sample", wrong]).await, Exit::Failed, "a sample is JSON");
}

#[tokio::test]
async fn a_curl_line_becomes_files_that_pass_the_check_and_nothing_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let answer = folder.path().join("answer.json");
    std::fs::write(&answer, r#"{"person":{"email":"ana@acme.com","title":"CEO"}}"#).unwrap();
    let (out, answer) = (folder.path().to_str().unwrap(), answer.to_str().unwrap());
    let line = "curl 'https://api.acme.com/v1/find?email=ana@acme.com' -H 'X-API-Key: hush'";
    let words = ["new", line, "--answer", answer, "--out", out];
    assert_eq!(evergreen(&words).await, Exit::Done);
    let manifest = folder.path().join("acme.yaml");
    assert!(!std::fs::read_to_string(&manifest).unwrap().contains("hush"), "a key never stays in a file");
    let told = Wiring.check_provider(&manifest, &[]).unwrap();
    assert_eq!((told.provider.as_str(), told.samples.len()), ("acme", 1));
    assert!(told.samples[0].mismatches.is_empty(), "{:?}", told.samples[0].mismatches);
    assert_eq!(evergreen(&["check", manifest.to_str().unwrap()]).await, Exit::Done);
    assert_eq!(evergreen(&words).await, Exit::Failed, "the files are there already");
    assert_eq!(evergreen(&["new", "curl https://acme.com/"]).await, Exit::Failed, "it asks about nobody");
}
