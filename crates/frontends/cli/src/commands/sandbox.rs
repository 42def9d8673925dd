//! `evergreen sandbox`: the local portal, vendors, sequencer and DNS, until interrupted.

use evergreen_model::Problem;

use super::print_json;
use crate::args::{Args, Verb};
use crate::exit::Exit;
use crate::house::{House, SandboxRequest};

pub(crate) async fn perform(house: &dyn House, args: &Args) -> Result<Exit, Problem> {
    let Verb::Sandbox { port, dns_port, seed, journal, unlimited } = &args.verb else { return Ok(Exit::Usage) };
    let start = match super::place(args, &args.project, Default::default())?.now {
        Some(now) => now,
        None => house.now(),
    };
    let sandbox = house
        .sandbox(SandboxRequest {
            port: *port,
            dns_port: *dns_port,
            seed: *seed,
            journal: journal.clone(),
            start,
            unlimited: *unlimited,
        })
        .await?;
    let environment = sandbox.environment();
    if args.json {
        print_json(&environment)?;
    } else {
        for (name, value) in &environment {
            println!("{name}={value}");
        }
    }
    eprintln!("the sandbox runs; put these lines into the project's .env. Ctrl-C stops it.");
    house.interrupted().await;
    sandbox.stop().await;
    Ok(Exit::Done)
}
