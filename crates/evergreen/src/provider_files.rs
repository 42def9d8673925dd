//! Manifests and recorded answers on disk: reads them for a check, writes what was begun from a curl line.

use std::path::{Path, PathBuf};

use evergreen_cli::{NewProvider, ProviderCheck, SampleCheck, SampleMismatch};
use evergreen_model::{Problem, Remedy};
use evergreen_providers::{Manifest, check_sample, scaffold, shipped};
use serde_json::Value;

/// Holds a manifest against samples.
pub(crate) fn check(file: &Path, samples: &[PathBuf]) -> Result<ProviderCheck, Problem> {
    let (text, beside) = manifest_text(file)?;
    let manifest = Manifest::parse(&file.display().to_string(), &text)?;
    let mut files = Vec::new();
    for named in samples {
        if named.is_dir() { files.extend(json_files(named)?) } else { files.push(named.clone()) }
    }
    let own = beside.join("samples").join(manifest.name());
    if samples.is_empty() && own.is_dir() {
        files = json_files(&own)?;
    }
    let mut checked = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, &error.to_string()))?;
        let sample: Value =
            serde_json::from_str(&text).map_err(|error| unreadable(&path, &format!("it is no JSON: {error}")))?;
        if sample.get("expect").is_none() || (sample.get("response").is_none() && sample.get("webhook").is_none()) {
            return Err(unreadable(&path, "it has no `expect`, or neither a `response` nor a `webhook`"));
        }
        let found = check_sample(&manifest, &sample);
        let mismatches = found.mismatches.into_iter().map(|one| SampleMismatch {
            what: one.what,
            expected: one.expected,
            got: one.found,
            rule: one.rule,
        });
        checked.push(SampleCheck {
            file: path,
            call: found.call,
            reads: found.reads,
            mismatches: mismatches.collect(),
        });
    }
    let card = manifest.card();
    Ok(ProviderCheck {
        provider: card.name,
        operations: card.operations.into_iter().map(|operation| operation.name).collect(),
        samples: checked,
    })
}

/// The text of a manifest and the folder it lies in; a bare name may be one that comes with the program.
fn manifest_text(file: &Path) -> Result<(String, PathBuf), Problem> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok((text, file.parent().map(Path::to_path_buf).unwrap_or_default())),
        Err(error) => match shipped().iter().find(|(name, _)| Path::new(name) == file) {
            Some((_, text)) => Ok(((*text).to_owned(), PathBuf::from("providers"))),
            None => Err(unreadable(file, &error.to_string())),
        },
    }
}

fn json_files(folder: &Path) -> Result<Vec<PathBuf>, Problem> {
    let entries = std::fs::read_dir(folder).map_err(|error| unreadable(folder, &error.to_string()))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .collect();
    files.sort();
    Ok(files)
}

fn unreadable(path: &Path, why: &str) -> Problem {
    Problem::new(
        "EG-PROVIDER-005",
        Remedy::FixInput,
        format!("{} cannot be read", path.display()),
        why,
        "name a manifest (YAML) and samples of the form of providers/samples/",
    )
}

/// Begins a manifest; writes it and its sample where a folder is named.
pub(crate) fn begin(
    curl: &str,
    name: Option<&str>,
    answer: Option<&Path>,
    out: Option<&Path>,
) -> Result<NewProvider, Problem> {
    let recorded = answer
        .map(|path| std::fs::read_to_string(path).map_err(|error| unreadable(path, &error.to_string())))
        .transpose()?;
    let begun = scaffold(curl, name, recorded.as_deref())?;
    let mut written = Vec::new();
    if let Some(folder) = out {
        written.push(write(&folder.join(format!("{}.yaml", begun.name)), &begun.manifest)?);
        if let Some(sample) = &begun.sample {
            written.push(write(&folder.join("samples").join(&begun.name).join("first-answer.json"), sample)?);
        }
    }
    Ok(NewProvider { name: begun.name, manifest: begun.manifest, sample: begun.sample, open: begun.open, written })
}

fn write(path: &Path, text: &str) -> Result<PathBuf, Problem> {
    let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    let written = made.and_then(|()| {
        use std::io::Write;
        std::fs::OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
    });
    match written {
        Ok(()) => Ok(path.to_owned()),
        Err(error) => Err(Problem::new(
            "EG-PROVIDER-006",
            Remedy::FixInput,
            format!("{} cannot be written", path.display()),
            error.to_string(),
            "remove the file that is there, or choose another name or folder",
        )),
    }
}
