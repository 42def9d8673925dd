//! `evergreen review`: the board, from the terminal.

use evergreen_engine::{World, board};
use evergreen_model::{Problem, ReviewAnswer, ReviewId};

use super::print_json;
use crate::args::{Args, ReviewDeed};
use crate::exit::Exit;
use crate::views;

pub(crate) async fn perform(world: &World, args: &Args, deed: Option<&ReviewDeed>) -> Result<Exit, Problem> {
    let (answer, given) = match deed {
        None | Some(ReviewDeed::List) => {
            let items = board::list(world).await?;
            if args.json {
                print_json(&items)?;
            } else {
                print!("{}", views::review::list(&items));
            }
            return Ok(Exit::Done);
        }
        Some(ReviewDeed::Show { item }) => {
            let item = board::show(world, ReviewId(*item)).await?;
            if args.json {
                print_json(&item)?;
            } else {
                print!("{}", views::review::item(&item));
            }
            return Ok(Exit::Done);
        }
        Some(ReviewDeed::Approve(given)) => (ReviewAnswer::Approve, given),
        Some(ReviewDeed::Reject(given)) => (ReviewAnswer::Reject, given),
        Some(ReviewDeed::Same(given)) => (ReviewAnswer::Same, given),
        Some(ReviewDeed::Different(given)) => (ReviewAnswer::Different, given),
    };
    let review = board::answer(world, ReviewId(given.item), answer, &given.by).await?;
    if args.json {
        print_json(&review)?;
    } else {
        println!(
            "item {} is answered; the record goes on with the next `evergreen run` or `evergreen plan`",
            review.id.0
        );
    }
    Ok(Exit::Done)
}
