//! The official Python client beside us: installed into an environment of its own under `target/`, then given the same job.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

use crate::Failure;
use crate::sandbox::TOKEN;

/// What it is and in which version.
pub const CLIENT: &str = "hubspot-api-client==12.0.0";
const PEER: &str = include_str!("../peers/hubspot_python.py");

/// What the client did.
#[derive(Serialize, Deserialize)]
pub struct Done {
    /// Whole job.
    pub seconds: f64,
    /// Calls by kind.
    pub calls: BTreeMap<String, u64>,
    /// Times it was refused for haste, which its `Retry` waited out.
    pub refused_429: u64,
    /// Most memory held.
    pub peak_mib: Option<f64>,
    /// Contacts made.
    #[serde(default)]
    pub created: u64,
    /// Contacts changed.
    #[serde(default)]
    pub updated: u64,
}

/// The Python that has the client; none when there is no Python or no way to install it, which is told.
pub fn installed() -> Option<PathBuf> {
    let home = environment();
    let python = home.join("bin/python");
    let has_it = |python: &Path| {
        let asked = Command::new(python).args(["-c", "import hubspot"]).stderr(Stdio::null()).status();
        asked.is_ok_and(|status| status.success())
    };
    if has_it(&python) {
        return Some(python);
    }
    eprintln!("installing {CLIENT} into {}", home.display());
    let made = Command::new("python3").args(["-m", "venv"]).arg(&home).status();
    if !made.is_ok_and(|status| status.success()) {
        eprintln!("no peer: python3 cannot make an environment here");
        return None;
    }
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", CLIENT];
    let _ = Command::new(&python).args(pip).stdout(Stdio::null()).status();
    if has_it(&python) {
        return Some(python);
    }
    eprintln!("no peer: {CLIENT} cannot be installed here");
    None
}

/// Beside the bench itself, which cargo put under its target folder.
fn environment() -> PathBuf {
    let bench = std::env::current_exe().unwrap_or_default();
    bench.parent().and_then(Path::parent).unwrap_or(Path::new("target")).join("peers/hubspot")
}

/// Lets it `load` or `sync` a list.
pub fn run(python: &Path, deed: &str, base_url: &str, list: &Path) -> Result<Done, Failure> {
    let told = Command::new(python).args(["-c", PEER, deed, base_url, TOKEN]).arg(list).output()?;
    if !told.status.success() {
        return Err(format!("the Python client failed:\n{}", String::from_utf8_lossy(&told.stderr)).into());
    }
    Ok(serde_json::from_slice(&told.stdout)?)
}
