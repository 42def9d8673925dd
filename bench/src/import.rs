//! `bench import`: one large list into a fresh project, beside the shortest script that puts the same file into SQLite.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use evergreen_engine::{Quiet, import_list};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::meter::per_second;
use crate::{Failure, memory, pipeline, project, raw_list, sandbox, show};

/// The peer, run by whatever `python3` is here.
const PEER: &str = include_str!("../peers/csv_to_sqlite.py");

/// What one of the two did.
#[derive(Serialize, Deserialize)]
struct Measured {
    rows: u64,
    seconds: f64,
    rows_per_second: f64,
    peak_mib: Option<f64>,
}

/// Imports the list, lets the peer do the same, prints both and their ratio.
pub async fn measure(rows: u64, as_json: bool) -> Result<(), Failure> {
    let home = tempfile::tempdir()?;
    let (folder, list) = (home.path().join("project"), home.path().join("list.csv"));
    eprintln!("writing a list of {} rows", show::count(rows));
    raw_list::write(&list, rows)?;
    project::make(&folder)?;
    eprintln!("importing it");
    let ours = import(&folder, &list).await?;
    if ours.rows != rows {
        return Err(format!("{rows} rows went in, {} are staged", ours.rows).into());
    }
    eprintln!("letting Python do the same");
    let peer = peer(&list, &home.path().join("peer.sqlite"))?;
    let ratio = peer.as_ref().map(|peer| ours.rows_per_second / peer.rows_per_second);

    if as_json {
        let list_mib = mib_of(&list);
        let store_mib = mib_of(&folder.join("evergreen.sqlite"));
        let told = json!({
            "bench": "import", "rows": rows, "cores": pipeline::cores(), "list_mib": list_mib, "store_mib": store_mib,
            "ours": ours, "peers": { "python csv + sqlite3": peer }, "ratio": ratio,
        });
        println!("{}", serde_json::to_string_pretty(&told)?);
        return Ok(());
    }
    let line = |who: &str, it: &Measured| {
        vec![
            who.to_owned(),
            show::count(it.rows),
            show::seconds(it.seconds),
            show::rate(it.rows_per_second),
            show::mib(it.peak_mib),
        ]
    };
    let mut lines = vec![line("evergreen import", &ours)];
    lines.extend(peer.as_ref().map(|peer| line("python csv + sqlite3", peer)));
    println!("{}\n", show::table(&["import", "rows", "seconds", "rows/s", "peak MiB"], &lines));
    match ratio {
        Some(ratio) => println!("ratio of rows/s, ours to the peer's: {ratio:.2}"),
        None => println!("no peer: there is no python3 here"),
    }
    Ok(())
}

async fn import(folder: &Path, list: &Path) -> Result<Measured, Failure> {
    // Nothing listens there, and an import asks nobody.
    let environment = sandbox::environment("http://127.0.0.1:9", "127.0.0.1:9");
    let world = project::open(folder, &environment, Arc::new(Quiet)).await?;
    memory::forget_peak();
    let start = Instant::now();
    let imported = import_list(&world, list, &[]).await?;
    let seconds = start.elapsed().as_secs_f64();
    if imported.quarantined > 0 {
        return Err(format!("{} rows of a clean list are quarantined", imported.quarantined).into());
    }
    let rows = imported.rows;
    Ok(Measured { rows, seconds, rows_per_second: per_second(rows, seconds), peak_mib: memory::peak_mib() })
}

/// Nothing when there is no Python.
fn peer(list: &Path, store: &Path) -> Result<Option<Measured>, Failure> {
    let Ok(told) = Command::new("python3").arg("-c").arg(PEER).arg(list).arg(store).output() else {
        return Ok(None);
    };
    if !told.status.success() {
        return Err(format!("the peer failed:\n{}", String::from_utf8_lossy(&told.stderr)).into());
    }
    Ok(Some(serde_json::from_slice(&told.stdout)?))
}

#[expect(clippy::cast_precision_loss, reason = "files are far below 2^52 bytes")]
fn mib_of(path: &Path) -> Option<f64> {
    let bytes = std::fs::metadata(path).ok()?.len();
    Some(bytes as f64 / f64::from(1 << 20))
}
