//! The judges one after the other: what each runs against which sandbox, and how its word is taken.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use super::install::Tools;
use super::process::{self, Server, TOKEN};
use super::{Line, Verdict};
use crate::call::{Call, root};

/// The 2026-09 documents that our client and the sandbox speak.
const BETA: &[&str] = &[
    "contacts",
    "companies",
    "deals",
    "leads",
    "notes",
    "emails",
    "tasks",
    "calls",
    "meetings",
    "communications",
    "associations",
    "lists",
    "pipelines",
];
const RELEASED: &[&str] = &[
    "crmOwners",
    "properties",
    "propertyValidations",
    "associationsSchema",
    "imports",
    "schemas",
    "limitsTracking",
    "accountInfo",
    "subscriptions",
    "webhooks",
    "appUninstalls",
];
/// What the fuzzer asks.
const FUZZED: &str = r"^/crm/(objects/2026-09/(contacts|companies)(/\{contactId\}|/\{companyId\}|/search|/batch/(read|upsert))?|properties/2026-09/\{objectType\}(/\{propertyName\}|/groups)?|owners/2026-09(/\{ownerId\})?)/?$";

type Judged = Result<String, Objection>;

/// Why a judge is not content.
enum Objection {
    Fault(String),
    NotRun(String),
}

impl From<String> for Objection {
    fn from(text: String) -> Objection {
        Objection::Fault(text)
    }
}

/// Runs every judge, also after one objected.
pub fn all(tools: &Tools, lines: &mut Vec<Line>) {
    let mut judge = |judge, checks, work: &mut dyn FnMut() -> Judged| {
        eprintln!("\n── judge: {judge}: {checks} ──");
        let start = Instant::now();
        let verdict = match work() {
            Ok(text) => Verdict::Passed(text),
            Err(Objection::Fault(text)) => Verdict::Failed(text),
            Err(Objection::NotRun(text)) => Verdict::NotJudged(text),
        };
        lines.push(Line { judge, checks, verdict, seconds: start.elapsed().as_secs_f64() });
    };
    judge("build", "sandbox and client", &mut build);
    judge("signature helpers", "our check of webhook signatures", &mut || signatures(tools));
    let mut states = Vec::new();
    judge("our client", "the scenario", &mut || {
        scenario(tools, "ours", &mut states, &mut Command::new(process::built("examples/scenario")))
    });
    judge("npm client", "the scenario", &mut || {
        scenario(tools, "npm", &mut states, Command::new("node").arg(tools.js.join("scenario.mjs")))
    });
    judge("PyPI client", "the scenario", &mut || {
        scenario(tools, "pypi", &mut states, Command::new(&tools.python).arg(script("scenario.py")))
    });
    judge("alpha SDK", "the scenario", &mut || {
        scenario(tools, "sdk", &mut states, Command::new(&tools.python).arg(script("scenario_sdk.py")))
    });
    judge("states", "the portals that the clients left", &mut || {
        if states.len() < 2 || !states.first().is_some_and(|path| path.ends_with("ours.state.json")) {
            return Err(Objection::Fault("too few scenarios came to their end".to_owned()));
        }
        heard(Command::new(&tools.python).arg(script("states.py")).args(&states))
    });
    judge("validating proxy", "our client's suite, calls and answers", &mut || proxy(tools));
    judge("schemathesis", "contacts, companies, properties, owners", &mut || fuzz(tools));
}

fn build() -> Judged {
    let client = |word: &str| Call::cargo(&[word, "--quiet", "--package", "evergreen-hubspot"]);
    // The suite too, or its compiling would count as the proxy's time.
    let built = Call::cargo(&["build", "--quiet", "--package", "evergreen"]).succeeds()
        && client("build").with("--example").with("scenario").succeeds()
        && client("test").with("--no-run").with("--test").with("conformance").succeeds();
    if built { Ok("built".to_owned()) } else { Err(Objection::Fault("it does not build".to_owned())) }
}

fn signatures(tools: &Tools) -> Judged {
    let ours = process::built("examples/scenario");
    heard(Command::new(&tools.python).arg(script("signatures.py")).arg(ours).arg(tools.js.join("signatures.mjs")))
}

/// Plays the scenario against a fresh sandbox and keeps the state it leaves.
fn scenario(tools: &Tools, name: &str, states: &mut Vec<PathBuf>, player: &mut Command) -> Judged {
    let sandbox = process::sandbox(tools, name)?;
    let refresh = output(Command::new(&tools.python).arg(script("prepare.py")).arg(sandbox.url()))?;
    let said = heard(player.args([&sandbox.url(), TOKEN, refresh.trim()]))?;
    let path = tools.home.join(format!("{name}.state.json"));
    let state = sandbox.get("/__sandbox/state?ids=false&times=false").map_err(|error| error.to_string())?;
    std::fs::write(&path, state).map_err(|error| error.to_string())?;
    states.push(path);
    Ok(said)
}

fn proxy(tools: &Tools) -> Judged {
    let document = merged(tools)?;
    let sandbox = process::sandbox(tools, "proxy")?;
    prepared(tools, &sandbox)?;
    let proxy = process::proxy(tools, &document, &sandbox)?;
    let log = tools.home.join("violations.jsonl");
    let _ = std::fs::remove_file(&log);
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut suite = Command::new(cargo);
    suite
        .args(["test", "--quiet", "--package", "evergreen-hubspot", "--test", "conformance"])
        .current_dir(root())
        .env("EVERGREEN_JUDGE_URL", proxy.url())
        .env("EVERGREEN_JUDGE_TOKEN", TOKEN)
        .env("EVERGREEN_JUDGE_LOG", &log);
    let passed = suite.status().is_ok_and(|status| status.success());
    let told = std::fs::read_to_string(tools.home.join("prism.log")).unwrap_or_default();
    let requests = told.lines().filter(|line| line.contains("Request received")).count();
    let said = heard(
        Command::new(&tools.python)
            .arg(script("violations.py"))
            .arg(&log)
            .arg(script("allowed.toml"))
            .arg(requests.to_string()),
    );
    if passed { said } else { Err(Objection::Fault("the client's suite fails behind the proxy".to_owned())) }
}

fn fuzz(tools: &Tools) -> Judged {
    let document = merged(tools)?;
    let sandbox = process::sandbox(tools, "schemathesis")?;
    prepared(tools, &sandbox)?;
    let log = tools.home.join("schemathesis.log");
    let mut fuzzer = Command::new(&tools.python);
    fuzzer
        .arg(script("fuzz.py"))
        .arg(&tools.schemathesis)
        .arg(&document)
        .args([&sandbox.url(), TOKEN, FUZZED])
        .arg(&log)
        .current_dir(&tools.home);
    heard(&mut fuzzer)
}

fn prepared(tools: &Tools, sandbox: &Server) -> Result<(), Objection> {
    output(Command::new(&tools.python).arg(script("prepare.py")).arg(sandbox.url()))?;
    Ok(())
}

/// HubSpot's documents as one, made by the script that lies beside them.
fn merged(tools: &Tools) -> Result<PathBuf, Objection> {
    let specs = tools.specs.as_ref().map_err(|reason| Objection::NotRun(reason.clone()))?;
    let document = tools.home.join("judge-2026-09.json");
    let mut merge = Command::new(&tools.python);
    merge.arg(script("describe.py")).arg(specs.join("merge_specs.py")).arg(&document);
    merge.args(["--rename", "2026-09-beta=2026-09", "--rename", "2026-03=2026-09"]);
    merge.args(BETA.iter().map(|name| specs.join("2026-09-beta").join(format!("{name}.json"))));
    merge.args(RELEASED.iter().map(|name| specs.join("2026-09").join(format!("{name}.json"))));
    // The released document declares no successful answer of the token calls.
    merge.arg(specs.join("2026-03/oauth.json"));
    output(&mut merge)?;
    Ok(document)
}

fn script(name: &str) -> PathBuf {
    let path: &Path = &root().join("judges").join(name);
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

/// Runs a judge, shows what it says, and takes its last word: `judged: …`.
fn heard(command: &mut Command) -> Judged {
    let text = output(command)?;
    let word = text.lines().rev().find_map(|line| line.strip_prefix("judged: "));
    word.map(str::to_owned).ok_or_else(|| Objection::Fault(format!("{command:?} ended without a word")))
}

fn output(command: &mut Command) -> Result<String, Objection> {
    let told = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let told = told.map_err(|error| format!("{command:?}: {error}"))?;
    let text = String::from_utf8_lossy(&told.stdout).into_owned();
    if told.status.success() {
        return Ok(text);
    }
    eprint!("{text}");
    Err(Objection::Fault("see above".to_owned()))
}
