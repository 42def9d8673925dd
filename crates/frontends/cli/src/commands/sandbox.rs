//! `evergreen sandbox`: the local portal, vendors, sequencer and DNS, until interrupted.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use evergreen_model::Problem;

use super::print_json;
use crate::args::{Args, Verb};
use crate::exit::Exit;
use crate::house::{House, SandboxRequest, SandboxTier};

pub(crate) async fn perform(house: &dyn House, args: &Args) -> Result<Exit, Problem> {
    let Verb::Sandbox { port, dns_port, seed, journal, tier, unlimited, lag, contacts, companies } = &args.verb else {
        return Ok(Exit::Usage);
    };
    let start = match super::place(args, &args.project, Default::default())?.now {
        Some(now) => now,
        None => house.now(),
    };
    let tier = if *unlimited { SandboxTier::Unlimited } else { *tier };
    let sandbox = house
        .sandbox(SandboxRequest {
            port: *port,
            dns_port: *dns_port,
            seed: *seed,
            journal: journal.clone(),
            start,
            tier,
            lag_ms: *lag,
            contacts: *contacts,
            companies: *companies,
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
    if !args.quiet {
        eprint!("{}", summary(&environment, tier, *seed, &sandbox.notes()));
    }
    house.interrupted().await;
    sandbox.stop().await;
    Ok(Exit::Done)
}

/// Where everything is and how to try it. It goes to stderr, so that stdout can be a project's `.env`.
fn summary(environment: &BTreeMap<String, String>, tier: SandboxTier, seed: u64, notes: &[String]) -> String {
    let of = |name: &str| environment.get(name).map_or("", String::as_str);
    let (base, token) = (of("HUBSPOT_BASE_URL"), of("HUBSPOT_TOKEN"));
    let plan = match tier {
        SandboxTier::Starter => "Starter: 100 calls in 10 seconds, 250,000 a day",
        SandboxTier::Professional => "Professional: 190 calls in 10 seconds, 625,000 a day",
        SandboxTier::Enterprise => "Enterprise: 190 calls in 10 seconds, 1,000,000 a day",
        SandboxTier::Unlimited => "no limits",
    };
    let mut text = format!(
        "\nThe sandbox runs; the lines above belong into the project's .env.\n\n  \
         API    {base}\n  page   {base}/__sandbox/ui\n  admin  {base}/__sandbox/health\n  DNS    {}\n  \
         token  {token}\n  plan   {plan}\n  seed   {seed}\n",
        of("EVERGREEN_DNS")
    );
    for note in notes {
        let _ = writeln!(text, "  note   {note}");
    }
    let _ = write!(
        text,
        "\nTry it:\n  curl -H 'Authorization: Bearer {token}' '{base}/crm/objects/2026-09/contacts?limit=3'\n\nCtrl-C stops it.\n"
    );
    text
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    fn parsed(line: &str) -> Result<Args, clap::Error> {
        Args::try_parse_from(line.split(' '))
    }

    #[test]
    fn the_summary_names_every_address_the_token_and_a_call_to_try() {
        let pairs =
            [("HUBSPOT_BASE_URL", "http://127.0.0.1:1"), ("HUBSPOT_TOKEN", "pat-x"), ("EVERGREEN_DNS", "127.0.0.1:2")];
        let environment = pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let text = summary(&environment, SandboxTier::Starter, 7, &["10 contacts were loaded".to_owned()]);
        for part in [
            "API    http://127.0.0.1:1\n",
            "page   http://127.0.0.1:1/__sandbox/ui\n",
            "admin  http://127.0.0.1:1/__sandbox/",
            "DNS    127.0.0.1:2\n",
            "token  pat-x\n",
            "plan   Starter: 100",
            "note   10 contacts were loaded\n",
            "curl -H 'Authorization: Bearer pat-x' 'http://127.0.0.1:1/crm/",
        ] {
            assert!(text.contains(part), "no {part:?} in {text}");
        }
    }

    #[test]
    fn the_flags_are_read_and_contradictions_refused() {
        let args =
            parsed("evergreen sandbox --tier enterprise --lag 500 --contacts 20 --companies 3 --seed 9").unwrap();
        let Verb::Sandbox { tier, lag, contacts, companies, seed, unlimited, .. } = args.verb else {
            panic!("{args:?}")
        };
        assert_eq!((tier, lag, contacts, companies), (SandboxTier::Enterprise, Some(500), Some(20), Some(3)));
        assert_eq!((seed, unlimited), (9, false));
        assert!(matches!(
            parsed("evergreen sandbox").unwrap().verb,
            Verb::Sandbox { tier: SandboxTier::Professional, lag: None, contacts: None, .. }
        ));
        assert!(matches!(parsed("evergreen sandbox --unlimited").unwrap().verb, Verb::Sandbox { unlimited: true, .. }));
        for line in ["--unlimited --tier starter", "--tier free", "--companies 3", "--lag soon"] {
            assert!(parsed(&format!("evergreen sandbox {line}")).is_err(), "{line}");
        }
    }
}
