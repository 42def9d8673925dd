//! Measures how fast and how large: the pipeline and the import at size, beside peers; `cargo xtask bench NAME` starts it.

mod import;
mod memory;
mod meter;
mod pipeline;
mod project;
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
    /// The sandbox in a process of its own, so that its memory is not counted as ours; started by `pipeline`.
    #[command(hide = true)]
    Sandbox {
        #[arg(long)]
        rows: usize,
        #[arg(long)]
        list: PathBuf,
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
        Bench::Sandbox { rows, list } => sandbox::serve(rows, &list).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}
