//! What a plan is made with: settings, the portal's properties, and under which names we write; checked once, used for every record.

use std::collections::BTreeMap;

use evergreen_model::{Entity, PortalRecord, Problem, Remedy};
use evergreen_rules::{Known, Rule};

use crate::own;
use crate::schema::Schema;
use crate::settings::Settings;
use crate::writer::{Asked, Ours, Writer, last_writer};

/// Everything besides the record that a plan depends on.
#[derive(Debug)]
pub struct Planner {
    pub(crate) settings: Settings,
    pub(crate) ours: Ours,
    contact: Schema,
    company: Schema,
    /// Compiled `when` conditions by entity and property.
    conditions: BTreeMap<(Entity, String), Rule>,
    /// Compiled criteria of the lifecycle stages, in the order of the settings.
    stages: Vec<Rule>,
}

impl Planner {
    /// A planner over the portal's properties of both objects.
    ///
    /// # Errors
    /// `EG-SYNC-005` for every condition that does not compile; the configuration check finds these earlier, with line and column.
    pub fn new(settings: &Settings, contact: Schema, company: Schema, ours: Ours) -> Result<Planner, Vec<Problem>> {
        let known = Known::standard();
        let mut problems = Vec::new();
        let mut conditions = BTreeMap::new();
        for entity in [Entity::Contact, Entity::Company] {
            for (property, rule) in settings.rules(entity) {
                let Some(expression) = &rule.when else { continue };
                match expression.compile(&known) {
                    Ok(rule) => {
                        conditions.insert((entity, property.clone()), rule);
                    }
                    Err(problem) => problems
                        .push(broken(&format!("of {} property {property}", entity.as_str()), &problem.to_string())),
                }
            }
        }
        let mut stages = Vec::new();
        for stage in &settings.lifecycle.forward {
            match stage.when.compile(&known) {
                Ok(rule) => stages.push(rule),
                Err(problem) => {
                    problems.push(broken(&format!("of lifecycle stage {}", stage.to), &problem.to_string()))
                }
            }
        }
        if problems.is_empty() {
            Ok(Planner { settings: settings.clone(), ours, contact, company, conditions, stages })
        } else {
            Err(problems)
        }
    }

    /// What in the settings does not fit this portal; the rest works without it.
    #[must_use]
    pub fn findings(&self) -> Vec<Problem> {
        let mut findings = Vec::new();
        for entity in [Entity::Contact, Entity::Company] {
            self.property_findings(entity, &mut findings);
        }
        let lifecycle = &self.settings.lifecycle;
        let stages = lifecycle.forward.iter().map(|stage| stage.to.as_str()).chain(lifecycle.recycle.as_deref());
        for stage in stages.filter(|stage| self.contact.rank("lifecyclestage", stage).is_none()) {
            findings.push(Problem::new(
                "EG-SYNC-002",
                Remedy::FixSettings,
                format!("contacts can not be moved to the lifecycle stage \"{stage}\""),
                "the portal has no lifecycle stage of that name",
                format!("add the stage in HubSpot, or name an existing one under sync.lifecycle; without it \"{stage}\" is skipped"),
            ));
        }
        findings
    }

    fn property_findings(&self, entity: Entity, findings: &mut Vec<Problem>) {
        let schema = self.schema(entity);
        let defined = own::definitions(&self.settings, entity);
        for definition in &defined {
            match schema.get(&definition.name) {
                Some(found) if found.value_type == definition.value_type && found.unique == definition.unique => {}
                Some(found) => findings.push(Problem::new(
                    "EG-SYNC-006",
                    Remedy::FixSettings,
                    format!("the {} property \"{}\" is not as Evergreen needs it", entity.as_str(), definition.name),
                    format!(
                        "it is a {}{}, needed is a {}{}",
                        found.value_type,
                        unique_word(found.unique),
                        definition.value_type,
                        unique_word(definition.unique)
                    ),
                    "archive or rename that property in HubSpot and run `evergreen check --fix`",
                )),
                None => findings.push(missing(entity, &definition.name, "run `evergreen check --fix` to create it")),
            }
        }
        for property in self.settings.rules(entity).keys() {
            if defined.iter().any(|definition| definition.name == *property) {
                continue;
            }
            match schema.get(property) {
                None => {
                    findings.push(missing(entity, property, "create it in HubSpot, or take it out of sync.properties"))
                }
                Some(found) if found.read_only => findings.push(Problem::new(
                    "EG-SYNC-003",
                    Remedy::FixSettings,
                    format!("the {} property \"{property}\" can not be written", entity.as_str()),
                    "HubSpot computes it itself",
                    "take it out of sync.properties",
                )),
                Some(_) => {}
            }
        }
    }

    /// The portal's properties of an object.
    #[must_use]
    pub fn schema(&self, entity: Entity) -> &Schema {
        match entity {
            Entity::Contact => &self.contact,
            Entity::Company => &self.company,
        }
    }

    /// Who wrote a property of a portal record last; `written` is what our own store says we last wrote there.
    #[must_use]
    pub fn writer<'a>(&self, portal: &'a PortalRecord, property: &str, written: Option<&str>) -> Writer<'a> {
        last_writer(
            portal,
            &Asked {
                property,
                meaning: self.schema(portal.entity).meaning(portal.entity, property),
                written,
                ours: &self.ours,
                trusted: &self.settings.trusted_writers,
            },
        )
    }

    pub(crate) fn condition(&self, entity: Entity, property: &str) -> Option<&Rule> {
        self.conditions.get(&(entity, property.to_owned()))
    }

    /// Stage names with their compiled criteria.
    pub(crate) fn stages(&self) -> impl Iterator<Item = (&str, &Rule)> {
        self.settings.lifecycle.forward.iter().map(|stage| stage.to.as_str()).zip(&self.stages)
    }
}

fn broken(place: &str, why: &str) -> Problem {
    Problem::new(
        "EG-SYNC-005",
        Remedy::FixSettings,
        format!("the condition {place} can not be used"),
        why,
        "correct the condition in evergreen.yaml and run `evergreen check`",
    )
}

fn missing(entity: Entity, property: &str, fix: &str) -> Problem {
    Problem::new(
        "EG-SYNC-001",
        Remedy::FixSettings,
        format!("the {} property \"{property}\" is not written", entity.as_str()),
        "the portal has no property of that name",
        fix,
    )
}

const fn unique_word(unique: bool) -> &'static str {
    if unique { " with unique values" } else { "" }
}
