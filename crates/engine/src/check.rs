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
            let kind = account.account_type.to_lowercase().replace('_', " ");
            let sentence =
                format!("the token opens portal {} ({kind} account, {})", account.portal_id, account.time_zone);
            findings.push(Finding::good("portal", sentence));
            findings.push(scopes(account.scopes.as_deref()));
        }
        Err(error) => {
            findings.push(Finding::bad("portal", &error.into_problem(), true));
            return Ok(findings); // nothing else can be asked
        }
    }
    findings.extend(usage(world).await);
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

/// What the token must be allowed to do, and what for.
const SCOPES: [(&str, &str); 9] = [
    ("crm.objects.contacts.read", "reading contacts"),
    ("crm.objects.contacts.write", "writing contacts"),
    ("crm.objects.companies.read", "reading companies"),
    ("crm.objects.companies.write", "writing companies"),
    ("crm.objects.owners.read", "reading owners"),
    ("crm.schemas.contacts.read", "reading the properties of contacts"),
    ("crm.schemas.companies.read", "reading the properties of companies"),
    ("crm.schemas.contacts.write", "creating Evergreen's properties of contacts"),
    ("crm.schemas.companies.write", "creating Evergreen's properties of companies"),
];

fn scopes(granted: Option<&[String]>) -> Finding {
    let Some(granted) = granted else {
        return Finding::good(
            "scopes",
            "HubSpot does not tell what this token may do; a missing scope shows when it is needed",
        );
    };
    let lacking: Vec<&(&str, &str)> =
        SCOPES.iter().filter(|(scope, _)| !granted.iter().any(|granted| granted == scope)).collect();
    let missing: Vec<String> = lacking.iter().map(|(scope, what)| format!("{scope} ({what})")).collect();
    if missing.is_empty() {
        return Finding::good("scopes", "the token has every scope it needs");
    }
    Finding {
        what: "scopes".to_owned(),
        ok: false,
        // Properties can be made by hand; records can not.
        blocks: lacking.iter().any(|(scope, _)| scope.starts_with("crm.objects.")),
        sentence: format!("the token lacks {}", missing.join(", ")),
        fix: Some(
            "add the scopes to the app in HubSpot under Settings, Integrations, and use its new token".to_owned(),
        ),
    }
}

/// Less than this share of the day's calls left is told.
const LOW: f64 = 0.1;

async fn usage(world: &World) -> Option<Finding> {
    let usage = match world.portal.usage().await {
        Ok(usage) => usage?,
        Err(error) => return Some(Finding::bad("calls", &error.into_problem(), false)),
    };
    let left = usage.limit.saturating_sub(usage.used);
    let resets = usage.resets_at.map(|at| format!(", the count starts anew at {at:.0}")).unwrap_or_default();
    let sentence =
        format!("{} of {} calls of today are used by all apps of the account{resets}", usage.used, usage.limit);
    let low = usage.limit > 0 && (left as f64) < usage.limit as f64 * LOW;
    Some(Finding {
        ok: !low,
        fix: low.then(|| {
            "wait for the count to start anew, or stop another app; a run that meets the limit waits".to_owned()
        }),
        ..Finding::good("calls", sentence)
    })
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
