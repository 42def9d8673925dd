//! Brings the judges here: Node and Python by the system's package manager, their packages into `target/judges/`, once per version.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::call::{Call, root};

/// Where everything is.
pub struct Tools {
    /// `target/judges/`.
    pub home: PathBuf,
    /// The Python that has the packages.
    pub python: PathBuf,
    /// The fuzzer.
    pub schemathesis: PathBuf,
    /// The validating proxy, started by node.
    pub prism: PathBuf,
    /// Where the packages for Node are; scripts are copied here because Node looks for packages beside the script.
    pub js: PathBuf,
    /// HubSpot's own API description, when it is here.
    pub specs: Result<PathBuf, String>,
}

/// A program, and the system packages that bring it.
const PROGRAMS: &[(&[&str], &str)] = &[
    (&["node", "--version"], "nodejs"),
    (&["npm", "--version"], "npm"),
    (&["python3", "-c", "import ensurepip, venv, tomllib"], "python3-venv"),
];

/// Installs what is missing; says in one sentence why it could not.
pub fn tools() -> Result<Tools, String> {
    let missing: Vec<&str> =
        PROGRAMS.iter().filter(|(probe, _)| !answers(probe)).map(|(_, package)| *package).collect();
    if !missing.is_empty() {
        system_packages(&missing)?;
        if let Some((probe, package)) = PROGRAMS.iter().find(|(probe, _)| !answers(probe)) {
            return Err(format!("{} does not work, although {package} was installed", probe.join(" ")));
        }
    }
    let home = target().join("judges");
    let (js, py) = (home.join("js"), home.join("py"));
    let judges = root().join("judges");
    make(&js)?;
    for name in ["package.json", "package-lock.json", "scenario.mjs", "signatures.mjs"] {
        std::fs::copy(judges.join(name), js.join(name)).map_err(|error| format!("judges/{name}: {error}"))?;
    }
    once(&home.join("js.installed"), &judges.join("package-lock.json"), || {
        run(Command::new("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&js))
    })?;
    once(&home.join("py.installed"), &judges.join("requirements.txt"), || {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&py))?;
        run(Command::new(py.join("bin/python"))
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-cache-dir", "--requirement"])
            .arg(judges.join("requirements.txt")))
    })?;
    Ok(Tools {
        python: py.join("bin/python"),
        schemathesis: py.join("bin/st"),
        prism: js.join("node_modules/@stoplight/prism-cli/dist/index.js"),
        specs: specs(),
        home,
        js,
    })
}

/// HubSpot's files belong to HubSpot: they are read where they lie, and never copied into the project.
fn specs() -> Result<PathBuf, String> {
    let given = std::env::var_os("HUBSPOT_SPEC_DIR").filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = given.unwrap_or_else(|| root().join("../shared/reference/hubspot-openapi"));
    if folder.join("2026-09-beta/contacts.json").is_file() && folder.join("merge_specs.py").is_file() {
        Ok(folder)
    } else {
        Err(format!("HubSpot's API description is not at {}; set HUBSPOT_SPEC_DIR to where it lies", folder.display()))
    }
}

/// Does the work unless it was done for this very list of versions.
fn once(stamp: &Path, versions: &Path, work: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    let wanted = std::fs::read(versions).map_err(|error| format!("{}: {error}", versions.display()))?;
    if std::fs::read(stamp).is_ok_and(|have| have == wanted) {
        return Ok(());
    }
    work()?;
    std::fs::write(stamp, wanted).map_err(|error| format!("{}: {error}", stamp.display()))
}

fn system_packages(packages: &[&str]) -> Result<(), String> {
    let admin = Command::new("id").arg("-u").output().is_ok_and(|told| told.stdout.starts_with(b"0\n"));
    let apt = |words: &[&str]| {
        let call = if admin { Call::program("apt-get", words) } else { Call::program("sudo", &["-n", "apt-get"]) };
        let call = if admin { call } else { words.iter().fold(call, |call, word| call.with(word)) };
        eprintln!("{call}");
        call.succeeds()
    };
    let mut install = vec!["install", "--yes", "--no-install-recommends"];
    install.extend(packages);
    if apt(&["update", "--quiet"]) && apt(&install) {
        Ok(())
    } else {
        Err(format!("{} could not be installed; install it by hand as your system does", packages.join(", ")))
    }
}

fn answers(probe: &[&str]) -> bool {
    let (program, arguments) = probe.split_first().unwrap_or((&"true", &[]));
    Call::program(program, arguments).succeeds_silently()
}

fn run(command: &mut Command) -> Result<(), String> {
    eprintln!("{command:?}");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(format!("{command:?} failed; without network the judges cannot be installed")),
        Err(error) => Err(format!("{command:?}: {error}")),
    }
}

pub(super) fn make(folder: &Path) -> Result<(), String> {
    std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))
}

/// Where cargo builds.
pub(super) fn target() -> PathBuf {
    let given = std::env::var_os("CARGO_TARGET_DIR").filter(|value| !value.is_empty());
    let folder = given.map_or_else(|| root().join("target"), PathBuf::from);
    let folder = if folder.is_relative() { root().join(folder) } else { folder };
    std::path::absolute(&folder).unwrap_or(folder)
}
