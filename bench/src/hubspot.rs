//! `bench hubspot`: half new, half changed contacts synced to a portal of the Professional tier: calls, use of the limit, memory,
//! and the same job by HubSpot's official Python client.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use evergreen_engine::{Request, pipeline};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::contact_list;
use crate::limits::Use;
use crate::meter::{Meter, Step, most, per_second};
use crate::python::{self, Done};
use crate::sandbox::{Neighbour, START};
use crate::{Failure, admin, limits, memory, project, show};

/// The days of the second and the third list.
const SECOND_DAY: &str = "2026-11-09T09:00:00Z";
const THIRD_DAY: &str = "2026-11-16T09:00:00Z";
/// What the second list says otherwise.
const CHANGED: [&str; 4] = ["jobtitle", "phone", "city", "hs_linkedin_url"];
/// People per firm. All firms are in the portal after the first run.
const CREW: usize = 50;
/// Calls the tier allows in any ten seconds.
const ALLOWED: u32 = 190;

/// What one run of ours told.
#[derive(Serialize, Deserialize)]
struct Ours {
    seconds: f64,
    peak_mib: Option<f64>,
    created: u64,
    updated: u64,
    imported: u64,
    counted_out: u64,
    steps: Vec<Step>,
}

/// Runs both, prints both and their ratios. Fails when a contact is missing: calls saved by not syncing are no achievement.
pub async fn measure(contacts: usize, alone: bool, as_json: bool) -> Result<(), Failure> {
    let known = contacts / 2;
    let home = tempfile::tempdir()?;
    let [first, second, third] = ["first.csv", "second.csv", "third.csv"].map(|name| home.path().join(name));
    let firms = contacts / CREW + 1;
    contact_list::write(&first, firms, known, 0, 0)?;
    contact_list::write(&second, firms, known, 1, 0)?;
    contact_list::write(&third, firms, known, 2, contacts - known)?;

    let (ours, stats) = evergreen(&home.path().join("project"), firms, [&first, &second, &third]).await?;
    let wanted = ((contacts - known) as u64, known as u64);
    // The firms' records name the new list among their sources, so they are updated too.
    let updated = wanted.1..=wanted.1 + firms as u64;
    if ours.created != wanted.0 || !updated.contains(&ours.updated) {
        return Err(
            format!("{wanted:?} were to be created and updated, {:?} were", (ours.created, ours.updated)).into()
        );
    }
    let calls = limits::calls(&stats);
    let total: u64 = calls.values().sum();
    let used = Use::of(&stats, &ours.steps);
    let peer = match python::installed().filter(|_| !alone) {
        Some(python) => Some(the_same_in_python(&python, firms, &second, &third).await?),
        None => None,
    };
    let ratios = peer.as_ref().map(|(peer, stats)| Ratios::of(&ours, total, peer, limits::calls(stats).values().sum()));

    if as_json {
        let told = json!({
            "bench": "hubspot", "contacts": contacts, "new": wanted.0, "changed": wanted.1, "ours": ours,
            "contacts_per_second": per_second(contacts as u64, ours.seconds), "calls": calls,
            "calls_per_100": per_100(total, contacts), "use": used, "refused_429": limits::refused(&stats),
            "python": peer.as_ref().map(|(done, stats)| json!({
                "done": done, "calls": limits::calls(stats), "refused_429": limits::refused(stats),
            })),
            "ratios": ratios,
        });
        println!("{}", serde_json::to_string_pretty(&told)?);
        return Ok(());
    }
    tell(contacts, &ours, &stats, &used);
    if let (Some((peer, stats)), Some(ratios)) = (peer, ratios) {
        tell_both(contacts, &ours, total, &peer, &stats, &ratios);
    }
    Ok(())
}

/// Two lists with limits lifted, so that the known contacts have been synced and synced again; then the third one at the tier.
async fn evergreen(folder: &Path, firms: usize, lists: [&Path; 3]) -> Result<(Ours, Value), Failure> {
    let [first, second, third] = lists;
    let neighbour = Neighbour::empty(firms)?;
    eprintln!("first run, with limits lifted");
    project::make_sync(folder, &CHANGED, 0)?;
    let _ = in_a_process_of_its_own(folder, first, &neighbour, START)?;
    eprintln!("second run, with limits lifted");
    let _ = in_a_process_of_its_own(folder, second, &neighbour, SECOND_DAY)?;
    admin::call(neighbour.base_url(), "POST", "limits", Some(json!({ "tier": "professional" }))).await?;
    let before = admin::call(neighbour.base_url(), "GET", "stats", None).await?;
    eprintln!("third run, at the Professional tier");
    project::make_sync(folder, &CHANGED, ALLOWED)?;
    let ours = in_a_process_of_its_own(folder, third, &neighbour, THIRD_DAY)?;
    let after = admin::call(neighbour.base_url(), "GET", "stats", None).await?;
    Ok((ours, limits::since(&before, after)))
}

fn in_a_process_of_its_own(folder: &Path, list: &Path, neighbour: &Neighbour, now: &str) -> Result<Ours, Failure> {
    let told = Command::new(std::env::current_exe()?)
        .args(["hubspot-run", "--now", now, "--environment", &serde_json::to_string(&neighbour.environment)?])
        .arg("--folder")
        .arg(folder)
        .arg("--list")
        .arg(list)
        .stderr(Stdio::inherit())
        .output()?;
    if !told.status.success() {
        return Err("the run failed".into());
    }
    let ours: Ours = serde_json::from_slice(&told.stdout)?;
    if ours.imported != ours.counted_out {
        return Err(format!("{} rows in, {} counted out", ours.imported, ours.counted_out).into());
    }
    Ok(ours)
}

/// One run, in the process that [`measure`] started for it; tells what came out as JSON.
pub async fn run(folder: &Path, list: PathBuf, environment: &str, now: &str) -> Result<(), Failure> {
    let environment: BTreeMap<String, String> = serde_json::from_str(environment)?;
    let meter = Arc::new(Meter::start());
    let start = Instant::now();
    let world = project::open_at(folder, &environment, now, Arc::clone(&meter) as _).await?;
    let request = Request { lists: vec![list], approved_by: Some("the bench".to_owned()), ..Request::default() };
    let report = pipeline::run(&world, &request).await?;
    let seconds = start.elapsed().as_secs_f64();
    let steps = meter.steps();
    let ours = Ours {
        seconds,
        peak_mib: steps.iter().map(|step| step.peak_mib).fold(memory::peak_mib(), most),
        created: report.sync.created,
        updated: report.sync.updated,
        imported: report.imported,
        counted_out: report.outcome.sum(),
        steps,
    };
    println!("{}", serde_json::to_string(&ours)?);
    Ok(())
}

/// A fresh portal with the contacts of the first list, then the second list at the tier.
async fn the_same_in_python(
    python: &Path,
    firms: usize,
    first: &Path,
    second: &Path,
) -> Result<(Done, Value), Failure> {
    let neighbour = Neighbour::empty(firms)?;
    eprintln!("letting the official Python client do the same");
    python::run(python, "load", neighbour.base_url(), first)?;
    admin::call(neighbour.base_url(), "POST", "limits", Some(json!({ "tier": "professional" }))).await?;
    let before = admin::call(neighbour.base_url(), "GET", "stats", None).await?;
    let done = python::run(python, "sync", neighbour.base_url(), second)?;
    let after = admin::call(neighbour.base_url(), "GET", "stats", None).await?;
    Ok((done, limits::since(&before, after)))
}

/// Ours to the client's.
#[derive(Serialize)]
struct Ratios {
    wall: f64,
    calls: f64,
    peak_memory: Option<f64>,
}

impl Ratios {
    #[expect(clippy::cast_precision_loss, reason = "counts of calls are far below 2^52")]
    fn of(ours: &Ours, calls: u64, peer: &Done, peer_calls: u64) -> Ratios {
        Ratios {
            wall: ours.seconds / peer.seconds,
            calls: calls as f64 / peer_calls as f64,
            peak_memory: ours.peak_mib.zip(peer.peak_mib).map(|(ours, peer)| ours / peer),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of calls are far below 2^52")]
fn per_100(calls: u64, contacts: usize) -> f64 {
    calls as f64 * 100.0 / contacts as f64
}

fn tell(contacts: usize, ours: &Ours, stats: &Value, used: &Use) {
    let step = |step: &Step| {
        vec![step.stage.clone(), show::count(step.rows), show::seconds(step.seconds), show::rate(step.rows_per_second)]
    };
    let steps: Vec<Vec<String>> = ours.steps.iter().map(step).collect();
    println!("{}\n", show::table(&["step", "rows", "seconds", "rows/s"], &steps));
    let calls = limits::calls(stats);
    let lines: Vec<Vec<String>> = calls.iter().map(|(kind, count)| vec![kind.clone(), show::count(*count)]).collect();
    println!("{}\n", show::table(&["call", "times"], &lines));
    println!(
        "{} contacts in {} s: {} contacts/s, {:.2} calls per 100 contacts, {} refused for haste",
        show::count(contacts as u64),
        show::seconds(ours.seconds),
        show::rate(per_second(contacts as u64, ours.seconds)),
        per_100(calls.values().sum(), contacts),
        limits::refused(stats),
    );
    println!("{used}");
}

fn tell_both(contacts: usize, ours: &Ours, calls: u64, peer: &Done, stats: &Value, ratios: &Ratios) {
    let peer_calls: u64 = limits::calls(stats).values().sum();
    let line = |who: &str, seconds: f64, calls: u64, refused: u64, peak: Option<f64>| {
        vec![
            who.to_owned(),
            show::seconds(seconds),
            show::rate(per_second(contacts as u64, seconds)),
            show::count(calls),
            show::count(refused),
            show::mib(peak),
        ]
    };
    let lines = [
        line("evergreen, the whole run", ours.seconds, calls, 0, ours.peak_mib),
        line(python::CLIENT, peer.seconds, peer_calls, limits::refused(stats), peer.peak_mib),
    ];
    println!("\n{}\n", show::table(&["sync", "seconds", "contacts/s", "calls", "429", "peak MiB"], &lines));
    println!(
        "ours to the client's: wall {:.2}, calls {:.2}, peak memory {}",
        ratios.wall,
        ratios.calls,
        ratios.peak_memory.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.2}")),
    );
}
