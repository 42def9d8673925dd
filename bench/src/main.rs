//! Measures how fast and how large: the pipeline, the import and the sync at size, beside peers; `cargo xtask bench NAME` starts it.

mod admin;
mod contact_list;
mod hubspot;
mod import;
mod limits;
mod memory;
mod meter;
mod pipeline;
mod project;
mod python;
mod raw_list;
mod sandbox;
mod show;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Why a bench could not be finished.
type Failure = Box<dyn Error + Send + Sync>;

#[derive(Parser)]
#[command(name = "cargo xtask bench", bin_name = "cargo xtask bench")]
struct Args {
    #[command(subcommand)]
    bench: Bench,
}

#[derive(Subcommand)]
enum Bench {
    /// The whole pipeline on a made-up list against the sandbox with limits lifted: rows/s and peak memory, per step.
    Pipeline {
        /// Rows of the list.
        #[arg(long, default_value_t = 100_000)]
        rows: usize,
        /// Prints JSON instead of tables.
        #[arg(long)]
        json: bool,
    },
    /// One large list imported into a fresh project: rows/s and peak memory, beside Python's csv and sqlite3 modules.
    Import {
        /// Rows of the list.
        #[arg(long, default_value_t = 1_000_000)]
        rows: u64,
        /// Prints JSON instead of tables.
        #[arg(long)]
        json: bool,
    },
    /// Contacts synced to a portal of the Professional tier, half new, half changed: calls, use of the limit, beside the official Python client.
    Hubspot {
        /// Contacts of the second list; half of them are in the portal before.
        #[arg(long, default_value_t = 100_000)]
        contacts: usize,
        /// Leaves the Python client out.
        #[arg(long)]
        alone: bool,
        /// Prints JSON instead of tables.
        #[arg(long)]
        json: bool,
    },
    /// The sandbox in a process of its own, so that its memory is not counted as ours; started by `pipeline`.
    #[command(hide = true)]
    Sandbox {
        #[arg(long, required_unless_present = "firms", requires = "list")]
        rows: Option<usize>,
        #[arg(long)]
        list: Option<PathBuf>,
        /// An empty portal and the mail of so many firms instead.
        #[arg(long)]
        firms: Option<usize>,
    },
    /// One run of a project in a process of its own, so that its memory is that of the program; started by `hubspot`.
    #[command(hide = true)]
    HubspotRun {
        #[arg(long)]
        folder: PathBuf,
        #[arg(long)]
        list: PathBuf,
        #[arg(long)]
        environment: String,
        #[arg(long)]
        now: String,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    // As the program itself: EVERGREEN_LOG=debug tells where a slow step waits.
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_env("EVERGREEN_LOG").unwrap_or_else(|_| "warn".into()))
        .init();
    let done = match Args::parse().bench {
        Bench::Pipeline { rows, json } => pipeline::measure(rows, json).await,
        Bench::Import { rows, json } => import::measure(rows, json).await,
        Bench::Hubspot { contacts, alone, json } => hubspot::measure(contacts, alone, json).await,
        Bench::HubspotRun { folder, list, environment, now } => hubspot::run(&folder, list, &environment, &now).await,
        Bench::Sandbox { firms: Some(firms), .. } => sandbox::serve_empty(firms).await,
        Bench::Sandbox { rows, list, .. } => sandbox::serve(rows.unwrap_or_default(), &list.unwrap_or_default()).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}
