//! `evergreen explain`: why this value, owner, match, refusal, cost.

use evergreen_engine::{World, explain};
use evergreen_model::{Problem, Remedy};

use super::print_json;
use crate::args::Args;
use crate::exit::Exit;
use crate::views;

pub(crate) async fn perform(world: &World, args: &Args, who: &str, field: Option<&str>) -> Result<Exit, Problem> {
    let mut explanation = explain::who(world, who).await?;
    if let Some(field) = field {
        if !explanation.fields.contains_key(field) {
            let known: Vec<&str> = explanation.fields.keys().map(String::as_str).collect();
            return Err(Problem::new(
                "EG-EXPLAIN-003",
                Remedy::FixInput,
                format!("nobody has said anything about {field} of {}", explanation.record.title()),
                format!("fields with a word: {}", known.join(", ")),
                "use one of these, or leave the field out",
            ));
        }
        explanation.fields.retain(|name, _| name == field);
    }
    if args.json {
        print_json(&explanation)?;
    } else {
        print!("{}", views::explain::text(&explanation, field.is_some()));
    }
    Ok(Exit::Done)
}
