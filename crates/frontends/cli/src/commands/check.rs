//! `evergreen check`: is everything there that a run leans on?

use evergreen_engine::{World, check};
use evergreen_model::Problem;

use super::print_json;
use crate::args::Args;
use crate::exit::Exit;

pub(crate) async fn perform(world: &World, args: &Args, fix: bool) -> Result<Exit, Problem> {
    let findings = check::all(world, fix).await?;
    if args.json {
        print_json(&findings)?;
    } else {
        for finding in &findings {
            let mark = match (finding.ok, finding.blocks) {
                (true, _) => "ok  ",
                (false, true) => "STOP",
                (false, false) => "warn",
            };
            println!("{mark}  {:<12} {}", finding.what, finding.sentence);
            if let Some(fix) = &finding.fix {
                println!("      {:<12} fix: {fix}", "");
            }
        }
    }
    let blocked = findings.iter().any(|finding| finding.blocks && !finding.ok);
    Ok(if blocked { Exit::Usage } else { Exit::Done })
}
