//! `evergreen ledger`: the newest lines, or the whole chain verified.

use evergreen_engine::{World, chain};
use evergreen_model::Problem;
use serde_json::json;

use super::print_json;
use crate::args::{Args, LedgerDeed};
use crate::exit::Exit;

pub(crate) async fn perform(world: &World, args: &Args, deed: Option<&LedgerDeed>, last: u32) -> Result<Exit, Problem> {
    if let Some(LedgerDeed::Verify) = deed {
        let walked = chain::verify(world).await?;
        if args.json {
            print_json(&json!({ "lines": walked.lines, "intact": walked.broken.is_none(), "broken_at": walked.broken }))?;
        } else {
            match &walked.broken {
                None => println!("{} lines, every one as it was written", walked.lines),
                Some(broken) => println!("line {} was changed after it was written: {}", broken.seq, broken.why),
            }
        }
        return Ok(if walked.broken.is_none() { Exit::Done } else { Exit::Failed });
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
