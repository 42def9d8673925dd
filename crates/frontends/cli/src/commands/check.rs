//! `evergreen check`: is everything there that a run leans on?

use evergreen_engine::{World, check};
use evergreen_model::Problem;

use super::print_json;
use crate::args::Args;
use crate::exit::Exit;

/// Under which id the portal's history shows our writes; without it nothing counts as ours.
async fn own_id(world: &World) -> check::Finding {
    let (ok, sentence) = match world.portal.own_source_id().await {
        Ok(Some(id)) => (true, format!("HubSpot's history shows our writes under the source id {id}")),
        Ok(None) => (
            true,
            "our id in HubSpot's history is learnt from the first write; until then nothing there counts as ours"
                .to_owned(),
        ),
        Err(error) => (false, error.into_problem().to_string()),
    };
    check::Finding { what: "source id".to_owned(), ok, blocks: false, sentence, fix: None }
}

pub(crate) async fn perform(world: &World, args: &Args, fix: bool) -> Result<Exit, Problem> {
    let mut findings = check::all(world, fix).await?;
    findings.push(own_id(world).await);
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
