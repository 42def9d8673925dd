//! `evergreen suppress`: the untouchable.

use evergreen_engine::{World, suppress};
use evergreen_model::{Problem, Remedy, SuppressionReason};
use serde_json::json;

use super::print_json;
use crate::args::{Args, SuppressDeed};
use crate::exit::Exit;
use crate::views::table::table;

pub(crate) async fn perform(world: &World, args: &Args, deed: Option<&SuppressDeed>) -> Result<Exit, Problem> {
    match deed {
        None | Some(SuppressDeed::List) => {
            let entries = world.store.suppressions().await?;
            if args.json {
                print_json(&entries)?;
            } else {
                let rows: Vec<Vec<String>> = entries
                    .iter()
                    .map(|entry| {
                        let day = entry.at.strftime("%-d %b %Y").to_string();
                        vec![entry.key.clone(), entry.reason.as_str().to_owned(), entry.by.clone(), day]
                    })
                    .collect();
                println!("{}", table(&["who", "why", "by", "since"], &rows));
            }
        }
        Some(SuppressDeed::Add { who, reason, by }) => {
            let Some(reason) = SuppressionReason::parse(reason) else {
                return Err(Problem::new(
                    "EG-SUPPRESS-003",
                    Remedy::FixSettings,
                    format!("\"{reason}\" is no suppression reason"),
                    "reasons are do-not-contact, unsubscribed, unqualified, competitor, customer, bounced",
                    "use one of these",
                ));
            };
            let entry = suppress::add(world, who, reason, by).await?;
            say(args, &json!(entry), &format!("{} is suppressed", entry.key))?;
        }
        Some(SuppressDeed::Remove { who, by }) => {
            suppress::remove(world, who, by).await?;
            say(args, &json!({ "removed": who }), &format!("{who} is off the list"))?;
        }
    }
    Ok(Exit::Done)
}

fn say(args: &Args, json: &serde_json::Value, text: &str) -> Result<(), Problem> {
    if args.json {
        return print_json(json);
    }
    println!("{text}");
    Ok(())
}
