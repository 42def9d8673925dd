//! Stage 1 performed: reads a list file, stages its rows, quarantines what cannot be read.

use std::io::Read;
use std::path::{Path, PathBuf};

use evergreen_import::{Format, List, Mapping, Parsed};
use evergreen_model::{FileId, LedgerKind, ListFile, Problem, Remedy, Row, RowId, RowState};
use evergreen_ports::Transition;
use evergreen_ports::store::IdKind;
use serde::Serialize;
use serde_json::json;

use crate::ledger;
use crate::world::World;

/// Rows are staged by this many in one transaction.
const BATCH: usize = 5_000;

/// What an import did.
#[derive(Clone, Debug, Serialize)]
pub struct Imported {
    /// File name.
    pub file: String,
    /// True when these very bytes were imported before: nothing changed.
    pub already: bool,
    /// How the file reads: kind, delimiter, encoding, dialect.
    pub format: Format,
    /// Which column became which field, and how that was found out.
    pub mapping: Mapping,
    /// Rows staged, quarantined included.
    pub rows: u64,
    /// Rows that could not be read.
    pub quarantined: u64,
    /// Where those were written, each with its reason.
    pub quarantine_file: Option<PathBuf>,
}

/// Stages the rows of a list; with `by_hand` as header → field corrections of the guessed mapping.
///
/// # Errors
/// When the file cannot be opened or has no header; a bad row is quarantined instead.
pub async fn import_list(
    world: &World,
    path: &Path,
    by_hand: &[(String, Option<String>)],
) -> Result<Imported, Problem> {
    let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    let hash = hash_of(world, path)?;
    let known = world.store.file_by_hash(&hash).await?;
    let input = open(world, path)?;
    let mut list = evergreen_import::open(&name, input, &world.config.import, None).map_err(Problem::from)?;
    let remembered_key = format!("mapping:{}", list.mapping.header_key);
    if let Some(text) = world.store.remembered(&remembered_key).await?
        && let Ok(mapping) = serde_json::from_str::<Mapping>(&text)
    {
        list = evergreen_import::open(&name, open(world, path)?, &world.config.import, Some(&mapping))
            .map_err(Problem::from)?;
    }
    correct(&mut list, by_hand)?;
    let mut report = Imported {
        file: name.clone(),
        already: known.as_ref().is_some_and(|file| file.complete),
        format: list.format.clone(),
        mapping: list.mapping.clone(),
        rows: known.as_ref().map_or(0, |file| file.rows),
        quarantined: known.as_ref().map_or(0, |file| file.quarantined),
        quarantine_file: None,
    };
    if report.already {
        return Ok(report);
    }

    let now = world.clock.now();
    let mut file = match known {
        Some(file) => {
            list.skip_to_line(world.store.last_line(file.id).await?); // a crash stopped it here
            file
        }
        None => ListFile {
            id: FileId(world.store.allocate(IdKind::File, 1).await?),
            name: name.clone(),
            hash,
            entity: list.entity,
            imported_at: now,
            rows: 0,
            quarantined: 0,
            complete: false,
        },
    };
    let quarantine = quarantine_path(world, &file);
    world.progress.begin(&format!("importing {name}"), None);
    loop {
        let batch = list.next_batch(BATCH).map_err(Problem::from)?;
        if batch.is_empty() {
            break;
        }
        let count = batch.len() as u64;
        let quarantined = stage(world, &mut file, batch, &list.header(), &quarantine).await?;
        report.rows += count;
        report.quarantined += quarantined;
        world.progress.advance(count);
    }
    file.complete = true;
    let line = ledger::general(
        now,
        None,
        LedgerKind::Imported,
        format!("{name}: {} rows staged, {} quarantined", file.rows, file.quarantined),
        json!({ "file": file.id.0, "hash": file.hash, "rows": file.rows, "quarantined": file.quarantined }),
    );
    let mapping = serde_json::to_string(&list.mapping).unwrap_or_default();
    world
        .store
        .commit(Transition {
            files: vec![file],
            remember: vec![(remembered_key, mapping)],
            ledger: vec![line],
            ..Transition::default()
        })
        .await?;
    report.mapping = list.mapping.clone();
    report.quarantine_file = (report.quarantined > 0).then_some(quarantine);
    world.progress.end(&format!("{name}: {} rows, {} quarantined", report.rows, report.quarantined));
    Ok(report)
}

/// Where the rows of a file that cannot be read are kept: always CSV, whatever the list was.
fn quarantine_path(world: &World, file: &ListFile) -> PathBuf {
    let stem =
        Path::new(&file.name).file_stem().map_or_else(|| file.name.clone(), |stem| stem.to_string_lossy().into_owned());
    world.folder.join("quarantine").join(format!("{}-{stem}.csv", file.id.0))
}

/// Maps columns as a person says, over what was guessed.
fn correct(list: &mut List, by_hand: &[(String, Option<String>)]) -> Result<(), Problem> {
    if by_hand.is_empty() {
        return Ok(());
    }
    let mut mapping = list.mapping.clone();
    for (header, field) in by_hand {
        mapping.set(header, field.as_deref()).map_err(Problem::from)?;
    }
    list.use_mapping(&mapping);
    Ok(())
}

/// Stages one batch; returns how many of it were quarantined.
async fn stage(
    world: &World,
    file: &mut ListFile,
    batch: Vec<Parsed>,
    header: &[String],
    quarantine: &Path,
) -> Result<u64, Problem> {
    let mut id = world.store.allocate(IdKind::Row, batch.len() as u64).await?;
    let mut rows = Vec::with_capacity(batch.len());
    let mut refused = Vec::new();
    for parsed in batch {
        let (state, fields, extra, reason) = match &parsed.reading {
            Ok(reading) => (RowState::Staged, reading.fields.clone(), reading.extra.clone(), None),
            Err(reason) => (RowState::Quarantined, Default::default(), Default::default(), Some(reason.clone())),
        };
        rows.push(Row {
            id: RowId(id),
            file: file.id,
            line: parsed.line,
            entity: file.entity,
            state,
            run: None,
            record: None,
            fields,
            extra,
            reason,
        });
        id += 1;
        if state == RowState::Quarantined {
            refused.push(parsed);
        }
    }
    file.rows += rows.len() as u64;
    file.quarantined += refused.len() as u64;
    // The quarantine file is for people and is written before the rows commit: after a crash a row may stand in it twice, never not at all.
    write_quarantine(world, quarantine, header, &refused)?;
    world.store.commit(Transition { files: vec![file.clone()], rows, ..Transition::default() }).await?;
    Ok(refused.len() as u64)
}

fn write_quarantine(world: &World, path: &Path, header: &[String], refused: &[Parsed]) -> Result<(), Problem> {
    if refused.is_empty() {
        return Ok(());
    }
    let failed = |why: String| {
        Problem::new(
            "EG-IMPORT-020",
            Remedy::FixSettings,
            format!("{} rows could not be written to {}", refused.len(), path.display()),
            why,
            "make room or make the folder writable, then import the file again; it goes on where it stopped",
        )
    };
    let fresh = !world.files.exists(path);
    let mut out = world.files.append(path).map_err(|error| failed(error.to_string()))?;
    if fresh {
        evergreen_import::quarantine_header(&mut out, header).map_err(|error| failed(Problem::from(error).why))?;
    }
    evergreen_import::write_quarantine(&mut out, header, refused).map_err(|error| failed(Problem::from(error).why))?;
    Ok(())
}

fn open(world: &World, path: &Path) -> Result<Box<dyn evergreen_ports::ReadSeek>, Problem> {
    world.files.open(path).map_err(|error| {
        Problem::new(
            "EG-IMPORT-001",
            Remedy::FixInput,
            format!("the list {} cannot be opened", path.display()),
            error.to_string(),
            "check the path and that the file may be read",
        )
    })
}

fn hash_of(world: &World, path: &Path) -> Result<String, Problem> {
    let mut input = open(world, path)?;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match input.read(&mut buffer) {
            Ok(0) => return Ok(hasher.finalize().to_hex().to_string()),
            Ok(count) => {
                hasher.update(&buffer[..count]);
            }
            Err(error) => {
                return Err(Problem::new(
                    "EG-IMPORT-002",
                    Remedy::FixInput,
                    format!("the list {} cannot be read to its end", path.display()),
                    error.to_string(),
                    "copy the file again and import the copy",
                ));
            }
        }
    }
}
