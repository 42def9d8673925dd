//! What the tests need beyond cargo and git, and how it is installed when it is missing.

use crate::call::Call;

/// One thing the tests need.
struct Need {
    what: &'static str,
    /// Succeeds when it is there.
    probe: &'static [&'static str],
    /// Brings it here.
    install: &'static [&'static str],
}

/// A browser for tests that look at pages would be the next line; no test looks at pages yet, so nothing downloads one.
const NEEDS: &[Need] = &[
    Need {
        what: "rustfmt",
        probe: &["cargo", "fmt", "--version"],
        install: &["rustup", "component", "add", "rustfmt"],
    },
    Need {
        what: "clippy",
        probe: &["cargo", "clippy", "--version"],
        install: &["rustup", "component", "add", "clippy"],
    },
];

/// Installs what is missing; says what cannot be installed.
pub fn install() -> bool {
    let mut complete = true;
    for need in NEEDS {
        if call(need.probe).succeeds_silently() {
            continue;
        }
        let install = call(need.install);
        eprintln!("{} is missing: {install}", need.what);
        if !install.succeeds() || !call(need.probe).succeeds_silently() {
            eprintln!("{} could not be installed; install it by hand as your system does, then start again", need.what);
            complete = false;
        }
    }
    complete
}

/// Whether cargo-nextest is here. It runs the same tests faster, but nobody has to have it.
pub fn nextest() -> bool {
    Call::cargo(&["nextest", "--version"]).succeeds_silently()
}

fn call(words: &[&str]) -> Call {
    let (program, arguments) = words.split_first().unwrap_or((&"true", &[]));
    Call::program(program, arguments)
}
