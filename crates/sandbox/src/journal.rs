//! The journal: every change is one line on disk before its answer leaves, so a killed sandbox comes back as it was.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use axum::http::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::SandboxProblem;
use crate::clock::Millis;
use crate::wire::Call;

/// One change, as asked for. Keys and tokens are not kept.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    at: Millis,
    method: String,
    path: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    query: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    body: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    idempotency_key: Option<String>,
    /// The portal and the app of the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    who: Option<(u64, u32)>,
}

/// The open journal, positioned after its last whole line.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
}

/// A change read back, with the moment it happened.
pub(crate) struct Replayed {
    pub at: Millis,
    pub call: Call,
}

impl Journal {
    /// Opens or creates the journal and reads back what it holds. A torn last line is cut off:
    /// its answer never left, so its change never happened for anybody.
    pub(crate) fn open(path: &Path) -> Result<(Journal, Vec<Replayed>), SandboxProblem> {
        let failed = |source| SandboxProblem::Journal { path: path.to_owned(), source };
        let mut file =
            OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path).map_err(failed)?;
        let mut reader = BufReader::new(&mut file);
        let mut replayed = Vec::new();
        let mut whole = 0u64;
        let mut line = Vec::new();
        loop {
            line.clear();
            let length = reader.read_until(b'\n', &mut line).map_err(failed)?;
            if length == 0 || line.last() != Some(&b'\n') {
                break;
            }
            replayed.push(parse(&line, replayed.len() + 1)?);
            whole += length as u64;
        }
        drop(reader);
        file.set_len(whole).map_err(failed)?;
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        let journal = Journal { path: path.to_owned(), file };
        Ok((journal, replayed))
    }

    /// Everything journaled so far, as it stands on disk.
    pub(crate) fn bytes(&self) -> Result<Vec<u8>, SandboxProblem> {
        std::fs::read(&self.path).map_err(|source| SandboxProblem::Journal { path: self.path.clone(), source })
    }

    /// Starts over with other lines. They are whole on disk before they take the old journal's place.
    pub(crate) fn replace(&mut self, lines: &[u8]) -> Result<(), SandboxProblem> {
        let failed = |source| SandboxProblem::Journal { path: self.path.clone(), source };
        let aside = self.path.with_extension("restoring");
        std::fs::write(&aside, lines).map_err(failed)?;
        std::fs::rename(&aside, &self.path).map_err(failed)?;
        self.file = OpenOptions::new().append(true).open(&self.path).map_err(failed)?;
        Ok(())
    }

    /// Adds one change. The kernel holds the line when this returns, which a killed process cannot undo.
    pub(crate) fn append(&mut self, call: &Call, at: Millis) -> Result<(), SandboxProblem> {
        let line = Line {
            at,
            method: call.method.to_string(),
            path: call.path.clone(),
            query: call.query.iter().filter(|(name, _)| name != "api_key").cloned().collect(),
            body: call.body.clone(),
            idempotency_key: call.idempotency_key.clone(),
            who: call.who.get().map(|who| (who.portal, who.app)),
        };
        let written = serde_json::to_vec(&line).map_err(std::io::Error::other).and_then(|mut bytes| {
            bytes.push(b'\n');
            self.file.write_all(&bytes)
        });
        written.map_err(|source| SandboxProblem::Journal { path: self.path.clone(), source })
    }
}

/// Reads one line back.
pub(crate) fn parse(bytes: &[u8], number: usize) -> Result<Replayed, SandboxProblem> {
    let damaged = |reason: String| SandboxProblem::JournalLine { line: number, reason };
    let line: Line = serde_json::from_slice(bytes).map_err(|e| damaged(e.to_string()))?;
    let method = Method::from_bytes(line.method.as_bytes()).map_err(|e| damaged(e.to_string()))?;
    let who = std::sync::OnceLock::new();
    if let Some((portal, app)) = line.who {
        let _ = who.set(crate::access::Who { portal, app });
    }
    Ok(Replayed {
        at: line.at,
        call: Call {
            method,
            path: line.path,
            query: line.query,
            body: line.body,
            body_problem: None,
            idempotency_key: line.idempotency_key,
            bearer: None,
            api_key: None,
            replayed: true,
            arrived: std::time::Instant::now(),
            who,
        },
    })
}
