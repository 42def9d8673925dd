//! `evergreen rejects`: the refused, and trying them again.

use evergreen_engine::{World, rejects};
use evergreen_model::Problem;
use serde_json::json;

use super::print_json;
use crate::args::{Args, RejectsDeed};
use crate::exit::Exit;
use crate::views::table::table;

pub(crate) async fn perform(world: &World, args: &Args, deed: Option<&RejectsDeed>) -> Result<Exit, Problem> {
    if let Some(RejectsDeed::Retry { reason }) = deed {
        let count = rejects::retry(world, reason.as_deref()).await?;
        if args.json {
            print_json(&json!({ "due_now": count }))?;
        } else {
            println!("{count} rejects are due now; the next `evergreen run` or `evergreen plan` takes them in");
        }
        return Ok(Exit::Done);
    }
    let records = rejects::list(world).await?;
    if args.json {
        print_json(&records)?;
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = records
        .iter()
        .map(|record| {
            let (code, sentence) =
                record.reason.as_ref().map(|reason| (reason.code.clone(), reason.sentence.clone())).unwrap_or_default();
            vec![record.id.to_string(), record.title(), code, sentence, record.due.strftime("%-d %b %Y").to_string()]
        })
        .collect();
    println!("{}", table(&["record", "who", "code", "why", "next try"], &rows));
    println!("{} refused", records.len());
    Ok(Exit::Done)
}
