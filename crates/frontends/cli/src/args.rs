//! The verbs and flags, with a working example in every help.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::house::SandboxTier;

/// Keeps a HubSpot CRM evergreen: import, dedupe, enrich, verify, route, sync and hand off, with every change shown first.
#[derive(Debug, Parser)]
#[command(
    name = "evergreen",
    version,
    after_help = "Example: evergreen demo   (the whole loop offline, in under a minute)"
)]
pub struct Args {
    /// Print JSON on stdout instead of text.
    #[arg(long, global = true)]
    pub json: bool,
    /// The project folder (the one with evergreen.yaml).
    #[arg(long, global = true, default_value = ".", value_name = "DIR")]
    pub project: PathBuf,
    /// Pretend it is this date (2026-12-31) or time (2026-12-31T08:00:00Z); for demos and tests.
    #[arg(long, global = true, value_name = "DATE")]
    pub now: Option<String>,
    /// Say nothing on stderr but errors.
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Make a project folder that runs: configuration, territories, an example list.
    #[command(after_help = "Example: evergreen init my-project")]
    Init {
        /// The folder to make.
        #[arg(default_value = ".")]
        dir: PathBuf,
    },
    /// Check configuration, credentials, properties, owners and territories.
    #[command(after_help = "Example: evergreen check --fix")]
    Check {
        /// Create Evergreen's missing properties in the portal.
        #[arg(long)]
        fix: bool,
    },
    /// Stage the rows of lists; shows the mapping and what was quarantined.
    #[command(after_help = "Example: evergreen import contacts.csv --map \"Work Tel=phone\"")]
    Import {
        /// CSV, TSV, XLSX or JSON lines.
        files: Vec<PathBuf>,
        /// Correct the guessed mapping: HEADER=FIELD (an empty FIELD leaves the column out).
        #[arg(long = "map", value_name = "HEADER=FIELD")]
        maps: Vec<String>,
        /// Read the contacts and companies of the portal instead.
        #[arg(long)]
        from_portal: bool,
    },
    /// Everything up to the change list: counts, examples, price, calls. Writes nothing to the portal.
    #[command(after_help = "Example: evergreen plan --out plan.json")]
    Plan {
        /// Take in at most this many rows.
        #[arg(long, value_name = "N")]
        pilot: Option<u64>,
        /// Also write the whole plan as JSON to this file.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Also write the plan as a page to this file: every change and every value left alone, to be filtered in a browser.
        #[arg(long, value_name = "FILE")]
        html: Option<PathBuf>,
        /// How many records to show field by field.
        #[arg(long, default_value_t = 10, value_name = "N")]
        examples: u32,
    },
    /// Perform that plan and nothing else; what changed in the portal since stops as stale.
    #[command(after_help = "Example: evergreen apply 3")]
    Apply {
        /// The plan's number, as `evergreen plan` prints it.
        plan: i64,
        /// Approve a plan that a guard stopped: who you are and why.
        #[arg(long, value_name = "NAME: WHY")]
        approve: Option<String>,
    },
    /// Take a run back where its values are still ours; shows the plan and asks first.
    #[command(after_help = "Example: evergreen undo 7 --approve \"Ana Ruiz: wrong list\"")]
    Undo {
        /// The run's number, as `evergreen report` prints it.
        run: i64,
        /// Take it back without asking; guards still stop it.
        #[arg(long, short)]
        yes: bool,
        /// Approve what a guard stops, such as records to the recycle bin: who you are and why.
        #[arg(long, value_name = "NAME: WHY")]
        approve: Option<String>,
        /// Also write the plan as a page to this file, before anything is asked.
        #[arg(long, value_name = "FILE")]
        html: Option<PathBuf>,
    },
    /// Find duplicates inside the portal and propose merges, field by field; only `apply --approve` performs them.
    #[command(after_help = "Example: evergreen dedupe --portal --entity company")]
    Dedupe {
        /// Look at the records of the portal.
        #[arg(long, required = true)]
        portal: bool,
        /// Contacts or companies.
        #[arg(long, value_enum, default_value_t = Kind::Contact)]
        entity: Kind,
        /// Also write the plan as a page to this file.
        #[arg(long, value_name = "FILE")]
        html: Option<PathBuf>,
    },
    /// Import what is new, take what is due, plan, guard, apply, hand off.
    #[command(after_help = "Example: evergreen run contacts.csv --pilot 200 --yes")]
    Run {
        /// Lists to import first.
        files: Vec<PathBuf>,
        /// Take in at most this many rows.
        #[arg(long, value_name = "N")]
        pilot: Option<u64>,
        /// Apply the plan without asking; guards still stop it.
        #[arg(long, short)]
        yes: bool,
        /// Approve what a guard stops: who you are and why.
        #[arg(long, value_name = "NAME: WHY")]
        approve: Option<String>,
    },
    /// Where every record is.
    #[command(after_help = "Example: evergreen status --json")]
    Status,
    /// What a run did, in numbers that add up.
    #[command(after_help = "Example: evergreen report --html report.html")]
    Report {
        /// The run's number; the newest when absent.
        run: Option<i64>,
        /// Write the page to this file.
        #[arg(long, value_name = "FILE")]
        html: Option<PathBuf>,
    },
    /// Why this value, owner, match or refusal.
    #[command(after_help = "Example: evergreen explain jane@acme.com jobtitle")]
    Explain {
        /// Number, evergreen id, HubSpot id, address, LinkedIn URL, domain or part of a name.
        who: String,
        /// One field, by its internal name.
        field: Option<String>,
    },
    /// The review board: what waits for a person.
    #[command(after_help = "Example: evergreen review same 12 --by \"Ana Ruiz\"")]
    Review {
        /// What to do; lists the board when absent.
        #[command(subcommand)]
        deed: Option<ReviewDeed>,
    },
    /// The refused, each with its reason and retry date.
    #[command(after_help = "Example: evergreen rejects retry")]
    Rejects {
        /// `retry` makes them due now.
        #[command(subcommand)]
        deed: Option<RejectsDeed>,
    },
    /// The suppression list: who must not be enriched, written or mailed.
    #[command(after_help = "Example: evergreen suppress add jane@acme.com --reason do-not-contact --by \"Ana Ruiz\"")]
    Suppress {
        /// What to do; lists when absent.
        #[command(subcommand)]
        deed: Option<SuppressDeed>,
    },
    /// Data providers as files: check a manifest against recorded answers, or begin one from a curl line.
    #[command(after_help = "Example: evergreen provider check providers/hunter.yaml")]
    Provider {
        /// What to do.
        #[command(subcommand)]
        deed: ProviderDeed,
    },
    /// The hash-chained log of every decision.
    #[command(after_help = "Example: evergreen ledger verify")]
    Ledger {
        /// `verify` walks the chain; shows the newest lines when absent.
        #[command(subcommand)]
        deed: Option<LedgerDeed>,
        /// How many lines to show.
        #[arg(long, default_value_t = 20)]
        last: u32,
    },
    /// The local portal, providers, sequencer and DNS, over real HTTP on loopback.
    #[command(after_help = "Example: evergreen sandbox --tier starter --lag 3000 --contacts 100000")]
    Sandbox {
        /// HTTP port.
        #[arg(long, default_value_t = 8765)]
        port: u16,
        /// DNS port (UDP).
        #[arg(long, default_value_t = 8853)]
        dns_port: u16,
        /// Seed of its chance.
        #[arg(long, default_value_t = 7)]
        seed: u64,
        /// File that keeps its state over restarts.
        #[arg(long, value_name = "FILE")]
        journal: Option<PathBuf>,
        /// The plan whose limits the portal has.
        #[arg(long, value_enum, default_value = "professional")]
        tier: SandboxTier,
        /// Without rate limits: the same as --tier unlimited.
        #[arg(long, conflicts_with = "tier")]
        unlimited: bool,
        /// How late search sees a change, in milliseconds.
        #[arg(long, value_name = "MS")]
        lag: Option<u64>,
        /// Load so many made-up contacts first.
        #[arg(long, value_name = "N")]
        contacts: Option<u64>,
        /// And so many companies; a tenth of the contacts unless said.
        #[arg(long, value_name = "N", requires = "contacts")]
        companies: Option<u64>,
    },
    /// Sandbox, pilot of 1,000 rows and report, offline in one command.
    #[command(after_help = "Example: evergreen demo --serve")]
    Demo {
        /// The folder to work in.
        #[arg(long, default_value = "./evergreen-demo")]
        dir: PathBuf,
        /// Keep the sandbox running and serve the report page afterwards.
        #[arg(long)]
        serve: bool,
        /// Port of the report page.
        #[arg(long, default_value_t = 8766)]
        port: u16,
        /// Seed of chance in sandbox and engine.
        #[arg(long, default_value_t = 7)]
        seed: u64,
    },
}

/// Contacts or companies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// People.
    Contact,
    /// Firms.
    Company,
}

/// Deeds on the review board.
#[derive(Debug, Subcommand)]
pub enum ReviewDeed {
    /// List what is open.
    List,
    /// Show one item with its evidence.
    Show {
        /// Item number.
        item: i64,
    },
    /// The held record may go on.
    Approve(Answer),
    /// The held record is refused.
    Reject(Answer),
    /// The pair is one.
    Same(Answer),
    /// The pair is two.
    Different(Answer),
}

/// Which item, and who says so.
#[derive(Debug, clap::Args)]
pub struct Answer {
    /// Item number.
    pub item: i64,
    /// Who answers.
    #[arg(long, default_value = "someone at the terminal")]
    pub by: String,
}

/// Deeds on rejects.
#[derive(Debug, Subcommand)]
pub enum RejectsDeed {
    /// Try them again with the next run, without waiting for their date.
    Retry {
        /// Only this reason code.
        #[arg(long)]
        reason: Option<String>,
    },
}

/// Deeds on the suppression list.
#[derive(Debug, Subcommand)]
pub enum SuppressDeed {
    /// List it.
    List,
    /// Put somebody on it.
    Add {
        /// Address or domain.
        who: String,
        /// do-not-contact, unsubscribed, unqualified, competitor, customer, bounced.
        #[arg(long, default_value = "do-not-contact")]
        reason: String,
        /// Who says so.
        #[arg(long, default_value = "someone at the terminal")]
        by: String,
    },
    /// Take somebody off it.
    Remove {
        /// Address or domain.
        who: String,
        /// Who says so.
        #[arg(long, default_value = "someone at the terminal")]
        by: String,
    },
}

/// Deeds on provider manifests.
#[derive(Debug, Subcommand)]
pub enum ProviderDeed {
    /// Read a manifest and run it against recorded answers; explains every disagreement, and ends with 0 only when there is none.
    #[command(after_help = "Example: evergreen provider check acme.yaml --sample found.json")]
    Check {
        /// The manifest, or the name of one that comes with Evergreen.
        file: PathBuf,
        /// A recorded answer, or a folder of them; the folder samples/NAME beside the manifest when absent. May be given several times.
        #[arg(long = "sample", value_name = "FILE")]
        samples: Vec<PathBuf>,
    },
    /// Begin a manifest from a curl line; prints it, or writes it with its first sample.
    #[command(
        after_help = "Example: evergreen provider new \"curl 'https://api.acme.com/v1/find?email=a@b.co&key=KEY'\" --out ."
    )]
    New {
        /// The curl line, or `-` to read it from stdin.
        curl: String,
        /// The provider's short name; taken from the address when absent.
        #[arg(long)]
        name: Option<String>,
        /// A recorded answer (JSON), to see where the values stand.
        #[arg(long, value_name = "FILE")]
        answer: Option<PathBuf>,
        /// Write NAME.yaml and its sample into this folder; nothing is overwritten.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
}

/// Deeds on the ledger.
#[derive(Debug, Subcommand)]
pub enum LedgerDeed {
    /// Walk the chain and find an edited line.
    Verify,
}
