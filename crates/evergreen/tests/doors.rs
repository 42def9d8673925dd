//! The real program from outside: every verb in text and JSON, the exit codes, the help, and a ledger that notices an edit.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use sqlx::Connection;

const VERBS: [&str; 17] = [
    "init", "check", "import", "plan", "apply", "undo", "dedupe", "run", "status", "report", "explain", "review",
    "rejects", "suppress", "ledger", "sandbox", "demo",
];

/// How a command ended and what it said.
struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Said {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("no JSON ({error}):\n{}\n{}", self.out, self.err))
    }

    fn ends(self, code: i32) -> Said {
        assert_eq!(self.code, code, "{}\n{}", self.out, self.err);
        self
    }
}

fn evergreen(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_evergreen"));
    command.args(arguments).stdin(Stdio::null());
    for (name, _) in std::env::vars() {
        if ["HUBSPOT_", "HUNTER_", "APOLLO_", "PDL_", "SMARTLEAD_", "EVERGREEN_"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
        {
            command.env_remove(name);
        }
    }
    command
}

fn say(mut command: Command) -> Said {
    let output = command.output().expect("the program starts");
    Said {
        code: output.status.code().expect("it ends by itself"),
        out: String::from_utf8(output.stdout).expect("text"),
        err: String::from_utf8(output.stderr).expect("text"),
    }
}

/// A sandbox in a process of its own, ended when dropped.
struct Sandbox {
    child: Child,
    environment: BTreeMap<String, String>,
}

impl Sandbox {
    /// Reads the lines that a person would put into `.env`.
    fn start() -> Sandbox {
        let mut command = evergreen(&["sandbox", "--port", "0", "--dns-port", "0", "--unlimited"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the sandbox starts");
        let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let mut environment = BTreeMap::new();
        for line in lines {
            let line = line.expect("text");
            let (name, value) = line.split_once('=').unwrap_or_else(|| panic!("no variable: {line}"));
            environment.insert(name.to_owned(), value.to_owned());
            if environment.len() == 12 {
                break;
            }
        }
        Sandbox { child, environment }
    }

    fn dotenv(&self) -> String {
        self.environment.iter().map(|(name, value)| format!("{name}={value}\n")).collect()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A project folder made by `init`, pointed at a sandbox.
struct Project {
    folder: tempfile::TempDir,
    sandbox: Sandbox,
}

impl Project {
    fn new() -> Project {
        let folder = tempfile::tempdir().expect("a folder");
        let sandbox = Sandbox::start();
        say(evergreen(&["init", &folder.path().display().to_string()])).ends(0);
        std::fs::write(folder.path().join(".env"), sandbox.dotenv()).expect("written");
        Project { folder, sandbox }
    }

    /// The first rows of the pilot's list, as a file of the user.
    fn list(&self, name: &str, rows: usize) -> String {
        let pilot = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/pilot/contacts.csv");
        let text = std::fs::read_to_string(pilot).expect("the pilot's list");
        let lines: Vec<&str> = text.lines().take(rows + 1).collect();
        let path = self.path(name);
        std::fs::write(&path, lines.join("\n") + "\n").expect("written");
        path.display().to_string()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn configure(&self, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.path("evergreen.yaml")).expect("settings");
        assert!(text.contains(from), "no \"{from}\" in evergreen.yaml");
        std::fs::write(self.path("evergreen.yaml"), text.replacen(from, to, 1)).expect("written");
    }

    fn call(&self, arguments: &[&str]) -> Said {
        let mut command = evergreen(arguments);
        command.args(["--project", &self.folder.path().display().to_string()]);
        let said = say(command);
        let secret = &self.sandbox.environment["HUBSPOT_TOKEN"];
        assert!(
            !said.out.contains(secret) && !said.err.contains(secret),
            "a secret in {arguments:?}:\n{}\n{}",
            said.out,
            said.err
        );
        said
    }

    fn json(&self, arguments: &[&str]) -> Said {
        let said = self.call(&[arguments, &["--json"]].concat());
        said.json();
        said
    }
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[test]
fn from_an_empty_folder_to_a_written_portal_every_verb_speaks_json() {
    let project = Project::new();
    let again = say(evergreen(&["init", &project.folder.path().display().to_string(), "--json"])).ends(0).json();
    assert_eq!(again["written"], serde_json::json!([]), "init replaces no file of the user");

    let before = project.json(&["check"]).ends(0).json();
    assert!(
        before.as_array().unwrap().iter().any(|finding| finding["ok"] == false && finding["what"] == "properties"),
        "{before:#}"
    );
    let fixed = project.json(&["check", "--fix"]).ends(0).json();
    assert!(
        fixed.as_array().unwrap().iter().all(|finding| finding["what"] != "properties" || finding["ok"] == true),
        "{fixed:#}"
    );

    let list = project.list("mine.csv", 30);
    let imported = project.json(&["import", &list]).ends(0).json();
    assert_eq!(imported["lists"][0]["rows"], 30);
    assert_eq!(project.json(&["import", &list]).ends(0).json()["lists"][0]["already"], true);

    let out = project.path("plan.json").display().to_string();
    let plan = project.json(&["plan", "--out", &out]).ends(0).json();
    let number = plan["plan"]["id"].to_string();
    assert!(plan["creates"].as_u64().unwrap() > 0, "{plan:#}");
    let whole: Value = serde_json::from_str(&std::fs::read_to_string(&out).unwrap()).unwrap();
    let counted = |action: &str| {
        whole["steps"].as_array().unwrap().iter().filter(|step| step["action"]["do"] == action).count() as u64
    };
    assert_eq!(plan["creates"].as_u64(), Some(counted("create")), "the file holds the whole plan");

    let report = project.json(&["apply", &number]).ends(0).json();
    assert_eq!(report, project.json(&["report"]).ends(0).json(), "the report of an applied run stays as it was");
    is_the_contract(&report);
    let html = project.path("report.html");
    project.call(&["report", "--html", &html.display().to_string()]).ends(0);
    assert!(std::fs::read_to_string(html).unwrap().contains("<svg"), "the page has charts");

    let status = project.json(&["status"]).ends(0).json();
    assert_eq!(status["open_run"], Value::Null);
    let held = project.json(&["review"]).ends(0).json();
    let held = held.as_array().unwrap();
    if let Some(item) = held.first() {
        let number = item["review"]["id"].to_string();
        project.json(&["review", "show", &number]).ends(0);
        assert!(project.call(&["review", "show", &number]).ends(0).out.len() > 40);
    }
    assert_eq!(project.json(&["review", "show", "4711"]).ends(1).json()["error"]["code"], "EG-REVIEW-001");
    project.json(&["rejects"]).ends(0);
    project.json(&["rejects", "retry"]).ends(0);
    project.json(&["suppress", "add", "jane@acme.com", "--by", "Ana Ruiz"]).ends(0);
    assert!(project.json(&["suppress"]).ends(0).out.contains("email:jane@acme.com"));
    project.json(&["suppress", "remove", "jane@acme.com"]).ends(0);
    let who = whole["steps"]
        .as_array()
        .unwrap()
        .iter()
        .find(|step| step["action"]["do"] == "create" && step["entity"] == "contact")
        .unwrap()["record"]
        .to_string();
    let explained = project.json(&["explain", &who]).ends(0).json();
    assert!(
        explained["fields"]["email"]["golden"]["source"].is_object()
            || explained["fields"]["email"]["golden"]["source"].is_string(),
        "{explained:#}"
    );
    project.json(&["explain", &who, "email"]).ends(0);
    assert!(project.json(&["ledger"]).ends(0).json().as_array().unwrap().len() == 20);
    assert_eq!(project.json(&["ledger", "verify"]).ends(0).json()["intact"], true);

    // The second list through the one verb that does it all.
    let more = project.list("more.csv", 40);
    let second = project.json(&["run", &more, "--yes"]).ends(0).json();
    // Forty rows, and the rejects that were made due above.
    let rejected = report["outcome"]["rejected"].as_u64().unwrap();
    assert!(
        second["imported"].as_u64().unwrap() >= 40 && second["imported"].as_u64().unwrap() <= 40 + rejected,
        "{second:#}"
    );
    is_the_contract(&second);
    project.json(&["import", "--from-portal"]).ends(0);
}

/// Exactly the fields that others rely on, and sums that add up.
fn is_the_contract(report: &Value) {
    for name in ["imported", "outcome", "fill", "duplicates", "verdicts", "spend", "sync", "handoff"] {
        assert!(!report[name].is_null(), "{name} is missing");
    }
    let outcome = ["synced", "unchanged", "held", "rejected", "suppressed", "merged", "waiting", "quarantined"];
    assert_eq!(keys(&report["outcome"]), BTreeSet::from(outcome));
    let sum: u64 = outcome.iter().map(|name| report["outcome"][name].as_u64().expect("a count")).sum();
    assert_eq!(report["imported"].as_u64(), Some(sum));
    for (container, wanted) in [
        (&report["duplicates"], vec!["in_list", "with_portal", "rate_after"]),
        (&report["sync"], vec!["created", "updated", "protected", "stale", "calls"]),
        (&report["handoff"], vec!["enrolled", "gated"]),
        (&report["fill"]["email"], vec!["before", "after"]),
    ] {
        let present = keys(container);
        assert!(wanted.iter().all(|name| present.contains(name)), "{wanted:?} in {present:?}");
    }
    for (provider, spend) in report["spend"].as_object().expect("providers") {
        let present = keys(spend);
        for name in ["calls", "hits", "misses", "credits", "money"] {
            assert!(present.contains(name), "{name} of {provider}");
        }
    }
}

#[test]
fn exit_codes_say_how_a_command_ended() {
    let project = Project::new();
    // 2: usage and settings.
    assert!(
        say(evergreen(&["plan", "--pilott"])).ends(2).err.contains("--pilot"),
        "a wrong flag is told with the right one"
    );
    say(evergreen(&["status", "--project", "/nowhere/at/all"])).ends(2);
    project.call(&["status", "--now", "tomorrow"]).ends(2);
    // 1: it failed, and the settings are not to blame.
    let missing = project.json(&["import", "/nowhere/list.csv"]).ends(1);
    assert_eq!(missing.json()["error"]["code"], "EG-IMPORT-001");
    assert!(missing.err.contains("error[EG-IMPORT-001]") && missing.err.contains("fix:"), "{}", missing.err);
    project.json(&["apply", "4711"]).ends(1);
    // 3: a person must say yes.
    let list = project.list("mine.csv", 12);
    project.configure("max_creates: 5000", "max_creates: 1");
    project.call(&["import", &list]).ends(0);
    let plan = project.json(&["plan"]).ends(3).json();
    let number = plan["plan"]["id"].to_string();
    assert!(project.call(&["apply", &number]).ends(3).err.contains("EG-PLAN-003"));
    assert!(project.call(&["run"]).ends(3).err.contains("EG-RUN-001"), "without a terminal nobody said yes");
    // 4: the portal took everything, the sequencer refused it all.
    project.configure("  enabled: false ", "  enabled: true ");
    project.configure("  campaign: null ", "  campaign: \"1001\" ");
    let dotenv = project.sandbox.dotenv().replace("SMARTLEAD_API_KEY=sandbox", "SMARTLEAD_API_KEY=wrong");
    std::fs::write(project.path(".env"), dotenv).unwrap();
    let report = project.json(&["run", "--yes", "--approve", "Ana Ruiz: a test"]).ends(4).json();
    assert!(
        report["handoff"]["refused"].as_u64().unwrap() > 0 && report["outcome"]["synced"].as_u64().unwrap() > 0,
        "{report:#}"
    );
}

#[test]
fn a_run_is_taken_back_and_given_again_only_on_a_word_with_a_name() {
    let project = Project::new();
    let list = project.list("mine.csv", 12);
    let first = project.json(&["run", &list, "--yes"]).ends(0).json();
    let (run, created) = (first["run"].to_string(), first["sync"]["created"].as_u64().unwrap());
    assert!(created > 0, "{first:#}");

    // Without a yes: the inverse plan, nothing else. Its deletions wait for a name, whatever is said.
    let page = project.path("undo.html");
    let shown = project.json(&["undo", &run, "--html", &page.display().to_string()]).ends(3).json();
    assert_eq!((shown["archives"].as_u64(), shown["nothing"].as_u64()), (Some(created), Some(0)), "{shown:#}");
    assert_eq!(shown["plan"]["state"], "guarded");
    assert!(std::fs::read_to_string(page).unwrap().contains("To delete"));
    let text = project.call(&["undo", &run]).ends(3);
    assert!(text.out.contains(&format!("- {created:>2}  to delete")), "{}", text.out);
    assert!(text.out.contains("STOPS  deletions") && text.err.contains("--approve"), "{}\n{}", text.out, text.err);
    assert_eq!(project.json(&["undo", &run, "--yes"]).ends(3).json()["error"]["code"], "EG-PLAN-003");

    let approved = ["undo", &run, "--yes", "--approve", "Ana Ruiz: wrong list"];
    let undone = project.json(&approved).ends(0).json();
    assert_eq!((undone["archived"].as_u64(), &undone["left"]), (Some(created), &serde_json::json!([])), "{undone:#}");
    let number = undone["plan"].to_string();
    assert_eq!(project.json(&["apply", &number]).ends(0).json(), undone, "applied twice it changes nothing");

    // The undo is a run like any other: nothing is deleted by taking it back, so a yes is enough.
    let back = project.json(&["status"]).ends(0).json()["runs"][0]["id"].to_string();
    assert!(project.call(&["undo", &back]).ends(3).err.contains("EG-RUN-001"), "without a terminal nobody said yes");
    let again = project.json(&["undo", &back, "--yes"]).ends(0).json();
    assert_eq!(again["made_again"].as_u64(), Some(created), "{again:#}");
    assert!(project.call(&["status"]).ends(0).out.contains(&format!("takes run {back} back")));
    let told = project.call(&["report", &back]).ends(0).out;
    assert!(told.starts_with(&format!("Run {run} undone by plan {number}: ")), "{told}");
    assert_eq!(project.json(&["undo", "4711", "--yes"]).ends(1).json()["error"]["code"], "EG-UNDO-001");
}

#[test]
fn duplicates_of_the_portal_are_merged_only_on_a_word_with_a_name() {
    let project = Project::new();
    let page = project.path("merges.html");
    let plan = project.json(&["dedupe", "--portal", "--html", &page.display().to_string()]).ends(3).json();
    let merges = plan["steps"].as_array().unwrap().len();
    assert!(merges > 0 && plan["steps"][0]["action"]["do"] == "merge", "{plan:#}");
    assert!(std::fs::read_to_string(page).unwrap().contains("To merge"));
    let number = plan["plan"]["id"].to_string();
    assert_eq!(project.json(&["apply", &number]).ends(3).json()["error"]["code"], "EG-PLAN-003");
    let shown = project.call(&["apply", &number]).ends(3);
    assert!(shown.out.contains("to merge") && !shown.out.contains("already right"), "{}", shown.out);
    assert!(shown.err.contains(&format!("evergreen apply {number} --approve")), "{}", shown.err);

    let approve = ["apply", &number, "--approve", "Ana Ruiz: looked at them"];
    let done = project.json(&approve).ends(0).json();
    assert!(done["steps"].as_array().unwrap().iter().all(|step| step["state"] == "done"), "{done:#}");
    let text = project.call(&["apply", &number]).ends(0).out;
    assert!(text.starts_with(&format!("Plan {number}: {merges} duplicate")), "{text}");
    assert!(text.contains("approved by Ana Ruiz: looked at them"), "{text}");
    // What is left are the pairs nobody is sure about.
    let rest = project.json(&["dedupe", "--portal"]).json();
    assert!(rest["steps"].as_array().unwrap().len() < merges, "{rest:#}");
    // A merge is final: an undo finds nothing that it could do and says why.
    let run = plan["plan"]["run"].to_string();
    let undone = project.json(&["undo", &run, "--yes"]).ends(4).json();
    assert_eq!(undone["left"].as_array().unwrap().len(), merges, "{undone:#}");
}

#[test]
fn every_help_has_an_example_and_talk_stays_off_stdout() {
    for verb in VERBS {
        let help = say(evergreen(&[verb, "--help"])).ends(0);
        assert!(help.out.contains(&format!("Example: evergreen {verb}")), "{verb}:\n{}", help.out);
        assert!(help.err.is_empty(), "{verb}");
    }
    let overview = say(evergreen(&["--help"])).ends(0).out;
    for verb in VERBS {
        assert!(overview.contains(&format!("  {verb} ")), "{verb} is in the overview");
    }
}

#[test]
fn the_demo_speaks_json_and_its_ledger_notices_an_edited_line() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("demo").display().to_string();
    let report = say(evergreen(&["demo", "--dir", &dir, "--json", "--quiet"])).ends(0).json();
    is_the_contract(&report);
    assert_eq!(report["imported"], 1_000);
    for name in ["report.html", "report.json"] {
        assert!(folder.path().join("demo").join(name).exists(), "{name}");
    }
    // Shown again, not run twice.
    let again = say(evergreen(&["demo", "--dir", &dir, "--json", "--quiet"])).ends(0).json();
    assert_eq!(again, report);

    let verify = || say(evergreen(&["ledger", "verify", "--json", "--project", &dir]));
    let intact = verify().ends(0).json();
    assert!(intact["lines"].as_u64().unwrap() > 3_000, "{intact}");
    let file = format!("sqlite://{dir}/evergreen.sqlite");
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let mut database = sqlx::SqliteConnection::connect(&file).await.unwrap();
        let statement = "UPDATE ledger SET sentence = 'nothing happened here' WHERE seq = 777";
        assert_eq!(sqlx::query(statement).execute(&mut database).await.unwrap().rows_affected(), 1);
        database.close().await.unwrap();
    });
    let broken = verify().ends(1).json();
    assert_eq!(broken["intact"], false);
    assert!(broken["broken"].to_string().contains("777"), "{broken}");
}
