//! Checks what a run leans on: credentials, properties, owners, territories, providers, sequencer; `fix` creates missing properties.

use evergreen_model::{Entity, Problem, Remedy};
use evergreen_ports::PortalError;
use evergreen_route::{Rotation, Router};
use evergreen_sync::definitions;
use serde::Serialize;

use crate::apply;
use crate::route;
use crate::world::World;

/// One thing that was checked.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// What: `portal`, `properties`, `owners`, …
    pub what: String,
    /// Whether it is in order.
    pub ok: bool,
    /// Whether a run cannot go on without it.
    pub blocks: bool,
    /// One sentence.
    pub sentence: String,
    /// What to do, when it is not in order.
    pub fix: Option<String>,
}

impl Finding {
    fn good(what: &str, sentence: impl Into<String>) -> Self {
        Finding { what: what.to_owned(), ok: true, blocks: false, sentence: sentence.into(), fix: None }
    }

    fn bad(what: &str, problem: &Problem, blocks: bool) -> Self {
        let sentence = format!("{} ({})", problem.what, problem.why);
        Finding { what: what.to_owned(), ok: false, blocks, sentence, fix: Some(problem.fix.clone()) }
    }
}

/// Checks everything; asks the portal and the sequencer, buys nothing.
///
/// # Errors
/// Only when the store cannot be read: everything else is a finding.
pub async fn all(world: &World, fix: bool) -> Result<Vec<Finding>, Problem> {
    let mut findings =
        vec![Finding::good("config", format!("evergreen.yaml is valid, hash {}", short(&world.config_hash)))];
    match world.portal.account().await {
        Ok(account) => {
            findings.push(Finding::good("portal", format!("the token opens portal {}", account.portal_id)));
        }
        Err(error) => {
            findings.push(Finding::bad("portal", &error.into_problem(), true));
            return Ok(findings); // nothing else can be asked
        }
    }
    properties(world, fix, &mut findings).await;
    owners(world, &mut findings).await;
    for provider in &world.providers {
        let card = provider.card();
        let operations: Vec<&str> = card.operations.iter().map(|operation| operation.name.as_str()).collect();
        findings.push(Finding::good("provider", format!("{}: {}", card.title, operations.join(", "))));
    }
    if let (Some(sequencer), Some(campaign)) = (&world.sequencer, &world.config.handoff.campaign) {
        findings.push(match sequencer.campaign(campaign).await {
            Ok(name) => Finding::good("sequencer", format!("campaign {campaign} is \"{name}\"")),
            Err(error) => Finding::bad("sequencer", &error.0, false),
        });
    }
    Ok(findings)
}

async fn properties(world: &World, fix: bool, findings: &mut Vec<Finding>) {
    if fix && let Err(problem) = apply::provide_properties(world).await {
        findings.push(Finding::bad("properties", &problem, true));
        return;
    }
    for entity in [Entity::Contact, Entity::Company] {
        let there = match world.portal.properties(entity).await {
            Ok(there) => there,
            Err(error) => {
                findings.push(Finding::bad("properties", &error.into_problem(), true));
                continue;
            }
        };
        let missing: Vec<String> = definitions(&world.config.sync, entity)
            .into_iter()
            .map(|definition| definition.name)
            .filter(|name| !there.iter().any(|property| property.name == *name))
            .collect();
        findings.push(if missing.is_empty() {
            Finding::good("properties", format!("{} have all of Evergreen's properties", entity.object()))
        } else {
            let problem = Problem::new(
                "EG-SYNC-001",
                Remedy::FixSettings,
                format!("{} lack {}", entity.object(), missing.join(", ")),
                "they are created under the group of sync.group",
                "`evergreen check --fix` creates them; so does the first apply",
            );
            Finding::bad("properties", &problem, false)
        });
    }
    match crate::plan::planner(world).await {
        Ok(planner) => {
            findings.extend(
                planner
                    .findings()
                    .iter()
                    .filter(|problem| problem.code != "EG-SYNC-001")
                    .map(|problem| Finding::bad("sync", problem, false)),
            );
        }
        Err(problem) => findings.push(Finding::bad("sync", &problem, true)),
    }
}

async fn owners(world: &World, findings: &mut Vec<Finding>) {
    let owners = match world.portal.owners().await.map_err(PortalError::into_problem) {
        Ok(owners) => owners,
        Err(problem) => {
            findings.push(Finding::bad("owners", &problem, true));
            return;
        }
    };
    let active = owners.iter().filter(|owner| owner.active).count();
    findings.push(Finding::good("owners", format!("{active} of {} owners are active", owners.len())));
    match route::matrix(world) {
        Ok(matrix) => {
            let router = Router::new(matrix, &owners, &world.config.route, Rotation::default());
            let faults = router.findings();
            if faults.is_empty() {
                findings.push(Finding::good("territories", "every line leads to an active owner"));
            }
            findings.extend(faults.into_iter().map(|sentence| Finding {
                what: "territories".to_owned(),
                ok: false,
                blocks: false,
                sentence,
                fix: Some("correct the line, or let the fallback take it".to_owned()),
            }));
        }
        Err(problem) => findings.push(Finding::bad("territories", &problem, true)),
    }
}

fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}
