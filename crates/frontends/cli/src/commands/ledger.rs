//! `evergreen ledger`: the newest lines, or the whole chain verified.

use evergreen_engine::{World, chain};
use evergreen_model::Problem;
use serde_json::json;

use super::print_json;
use crate::args::{Args, LedgerDeed};
use crate::exit::Exit;

pub(crate) async fn perform(world: &World, args: &Args, deed: Option<&LedgerDeed>, last: u32) -> Result<Exit, Problem> {
    if let Some(LedgerDeed::Verify) = deed {
        let walked = chain::verify(world).await;
        if args.json {
            print_json(&json!({ "intact": walked.broken.is_none(), "lines": walked.lines, "broken": walked.broken }))?;
        }
        return match walked.broken {
            None => {
                if !args.json {
                    println!("{} lines, every one as it was written", walked.lines.unwrap_or_default());
                }
                Ok(Exit::Done)
            }
            Some(problem) => {
                if !args.json {
                    eprintln!("{problem}");
                }
                Ok(Exit::Failed)
            }
        };
    }
    let lines = chain::newest(world, last).await?;
    if args.json {
        print_json(&lines)?;
    } else {
        for line in &lines {
            let time = line.entry.at.strftime("%-d %b %Y %H:%M:%S UTC");
            let record = line.entry.record.map(|record| format!(" record {record}")).unwrap_or_default();
            println!("#{} {time} {}{record}: {}", line.seq, line.entry.kind.as_str(), line.entry.sentence);
        }
    }
    Ok(Exit::Done)
}
