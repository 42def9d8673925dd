//! `evergreen provider`: checks a manifest against recorded answers, or begins one from a curl line.

use evergreen_model::{Problem, Remedy};

use super::print_json;
use crate::args::{Args, ProviderDeed};
use crate::exit::Exit;
use crate::house::{House, NewProvider, ProviderCheck};
use crate::views::provider;

pub(crate) fn perform(house: &dyn House, args: &Args, deed: &ProviderDeed) -> Result<Exit, Problem> {
    match deed {
        ProviderDeed::Check { file, samples } => shown(args, &house.check_provider(file, samples)?),
        ProviderDeed::New { curl, name, answer, out } => {
            let line = if curl == "-" { from_stdin()? } else { curl.clone() };
            told(args, &house.new_provider(&line, name.as_deref(), answer.as_deref(), out.as_deref())?)
        }
    }
}

fn shown(args: &Args, check: &ProviderCheck) -> Result<Exit, Problem> {
    let agree = check.samples.iter().all(|sample| sample.mismatches.is_empty());
    if args.json {
        print_json(check)?;
    } else {
        println!("{}", provider::check(check));
    }
    Ok(if agree { Exit::Done } else { Exit::Failed })
}

fn told(args: &Args, new: &NewProvider) -> Result<Exit, Problem> {
    if args.json {
        print_json(new)?;
        return Ok(Exit::Done);
    }
    if new.written.is_empty() {
        print!("{}", new.manifest);
    }
    eprintln!("{}", provider::new(new));
    Ok(Exit::Done)
}

fn from_stdin() -> Result<String, Problem> {
    std::io::read_to_string(std::io::stdin()).map_err(|error| {
        Problem::new(
            "EG-PROVIDER-005",
            Remedy::FixInput,
            "the curl line cannot be read from stdin",
            error.to_string(),
            "paste the line, or name it as an argument",
        )
    })
}
