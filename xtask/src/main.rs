//! The door to tests, benches and generated docs: `cargo xtask test`, `cargo xtask docs`, `cargo xtask bench`.

mod call;
mod judges;
mod needs;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::call::Call;

/// What people and CI type.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Passes all tests: format, lints, unit and integration tests, examples in the docs. `.ci/run` calls exactly this.
    Test,
    /// Lets HubSpot's own clients, its API description and a fuzzer judge our client and sandbox; installs them first.
    Judges,
    /// Writes the pages of docs/reference/ that are made from the code.
    Docs {
        /// Writes nothing; fails when a page differs from the code.
        #[arg(long)]
        check: bool,
    },
    /// Runs a bench in release mode, such as `cargo xtask bench pipeline --rows 20000 --json`.
    Bench {
        /// `pipeline`, `import` or `hubspot`; `help` tells about each.
        name: String,
        /// What the bench itself takes.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<String>,
    },
}

fn main() -> ExitCode {
    let done = match Args::parse().task {
        Task::Test => test::everything(),
        Task::Judges => {
            let outcome = judges::everything();
            outcome.not_judged.iter().for_each(|line| eprintln!("{line}"));
            outcome.passed
        }
        Task::Docs { check } => {
            let call = Call::cargo(&["run", "--quiet", "--package", "xtask", "--example", "reference", "--"]);
            if check { call.with("--check").succeeds() } else { call.succeeds() }
        }
        Task::Bench { name, options } => {
            let call = Call::cargo(&["run", "--quiet", "--release", "--package", "evergreen-bench", "--"]).with(&name);
            options.iter().fold(call, |call, option| call.with(option)).succeeds()
        }
    };
    if done { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
