//! The sandbox in a process of its own: one side serves a made-up world, the other starts and ends it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use evergreen_sandbox::{Mail, MailDomain, Sandbox, SandboxOptions, Tier, World};

use crate::{Failure, contact_list};

/// Always the same people at the same firms.
pub const SEED: u64 = 7;
/// When the bench plays; sandbox and program have the same day.
pub const START: &str = "2026-11-02T09:00:00Z";
/// The token of its portal.
pub const TOKEN: &str = "pat-bench-0001";
/// People per firm.
const CREW: usize = 20;

/// Serves a world with a tenth more people than the list has rows, writes the list, says where it answers, and stays until
/// its input ends: when the one who started it is gone, so is it.
pub async fn serve(rows: usize, list: &Path) -> Result<(), Failure> {
    let mut world = World::generated(SEED, rows + rows / 10 + 1, rows / CREW + 1);
    // The pilot's territories name the pilot's owners.
    world.owners.extend(World::pilot().owners);
    world.list_csv(rows, BufWriter::new(File::create(list)?))?;
    stay(world).await
}

/// Serves an empty portal with the pilot's owners, and the mail of that many firms of `bench hubspot`.
pub async fn serve_empty(firms: usize) -> Result<(), Failure> {
    let mail = |firm| MailDomain { domain: contact_list::domain(firm), mail: Mail::Google, spf: true, dmarc: true };
    let domains = (0..firms).map(mail).collect();
    stay(World { owners: World::pilot().owners, domains, ..World::default() }).await
}

async fn stay(world: World) -> Result<(), Failure> {
    let sandbox = Sandbox::start(SandboxOptions {
        seed: SEED,
        port: 0,
        dns_port: 0,
        world,
        tier: Tier::Unlimited,
        journal: None,
        start: START.parse()?,
        token: TOKEN.to_owned(),
    })
    .await?;
    println!("{}", serde_json::to_string(&environment(&sandbox.base_url(), &sandbox.dns_addr().to_string()))?);
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    sandbox.stop().await;
    Ok(())
}

/// The variables that point a project at a sandbox.
pub fn environment(base_url: &str, dns: &str) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::from([
        ("HUBSPOT_BASE_URL".to_owned(), base_url.to_owned()),
        ("HUBSPOT_TOKEN".to_owned(), TOKEN.to_owned()),
        ("EVERGREEN_ALLOW_PRIVATE_ADDRESSES".to_owned(), "true".to_owned()),
        ("EVERGREEN_DNS".to_owned(), dns.to_owned()),
    ]);
    let vendors =
        [("HUNTER", "hunter/v2"), ("APOLLO", "apollo/api/v1"), ("PDL", "pdl/v5"), ("SMARTLEAD", "smartlead/api/v1")];
    for (name, path) in vendors {
        variables.insert(format!("{name}_BASE_URL"), format!("{base_url}/{path}"));
        variables.insert(format!("{name}_API_KEY"), "sandbox".to_owned());
    }
    variables
}

/// A running sandbox next door; ended when dropped.
pub struct Neighbour {
    process: Child,
    /// The variables that point a project at it.
    pub environment: BTreeMap<String, String>,
}

impl Neighbour {
    /// Starts it and waits until it answers; its list then lies at `list`.
    pub fn start(rows: usize, list: &Path) -> Result<Neighbour, Failure> {
        Neighbour::begin(
            Command::new(std::env::current_exe()?)
                .arg("sandbox")
                .args(["--rows", &rows.to_string(), "--list"])
                .arg(list),
        )
    }

    /// Starts one with an empty portal and the mail of that many firms.
    pub fn empty(firms: usize) -> Result<Neighbour, Failure> {
        Neighbour::begin(Command::new(std::env::current_exe()?).arg("sandbox").args(["--firms", &firms.to_string()]))
    }

    /// Where its portal answers.
    pub fn base_url(&self) -> &str {
        self.environment.get("HUBSPOT_BASE_URL").map_or("", String::as_str)
    }

    fn begin(command: &mut Command) -> Result<Neighbour, Failure> {
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        if let Some(output) = process.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        match serde_json::from_str(&line) {
            Ok(environment) => Ok(Neighbour { process, environment }),
            Err(error) => {
                let _ = process.kill();
                Err(format!("the sandbox did not start: {error}").into())
            }
        }
    }
}

impl Drop for Neighbour {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
