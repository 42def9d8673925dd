//! What a plan is made with: settings, the portal's properties, and under which names we write; checked once, used for every record.

use std::collections::{BTreeMap, BTreeSet};

use evergreen_model::{Entity, Owner, PortalRecord, Problem, Protection, Remedy};
use evergreen_rules::{Known, Rule};

use crate::own;
use crate::roster::Roster;
use crate::schema::Schema;
use crate::settings::{Settings, StageRule};
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
    stages: BTreeMap<(Entity, Direction), Vec<(String, Rule)>>,
    pub(crate) roster: Roster,
    owners: BTreeMap<String, Owner>,
}

/// Which way a lifecycle stage moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Direction {
    Forward,
    Backward,
}

const ENTITIES: [Entity; 2] = [Entity::Contact, Entity::Company];

impl Planner {
    /// A planner over the portal's properties of both objects and its owners (deactivated ones included), who tell whose edits are
    /// protected and who can be given a record.
    ///
    /// # Errors
    /// `EG-SYNC-005` for every condition that does not compile; the configuration check finds these earlier, with line and column.
    pub fn new(
        settings: &Settings,
        contact: Schema,
        company: Schema,
        ours: Ours,
        owners: &[Owner],
    ) -> Result<Planner, Vec<Problem>> {
        let known = Known::standard();
        let mut problems = Vec::new();
        let mut conditions = BTreeMap::new();
        let mut stages = BTreeMap::new();
        for entity in ENTITIES {
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
            let lifecycle = &settings.lifecycle;
            let ways =
                [(Direction::Forward, lifecycle.forward(entity)), (Direction::Backward, lifecycle.backward(entity))];
            for (direction, rules) in ways {
                stages.insert((entity, direction), compiled(rules, &known, &mut problems));
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let roster = Roster::new(&settings.people, owners);
        let owners = owners.iter().map(|owner| (owner.id.clone(), owner.clone())).collect();
        Ok(Planner { settings: settings.clone(), ours, contact, company, conditions, stages, roster, owners })
    }

    /// Whether we know under which name our own writes appear in the portal's history.
    #[must_use]
    pub fn knows_us(&self) -> bool {
        !self.ours.source_ids.is_empty()
    }

    /// What in the settings does not fit this portal; the rest works without it.
    #[must_use]
    pub fn findings(&self) -> Vec<Problem> {
        let mut findings = Vec::new();
        for entity in ENTITIES {
            self.property_findings(entity, &mut findings);
            self.stage_findings(entity, &mut findings);
        }
        self.people_findings(&mut findings);
        findings
    }

    fn stage_findings(&self, entity: Entity, findings: &mut Vec<Problem>) {
        let lifecycle = &self.settings.lifecycle;
        let rules = lifecycle.forward(entity).iter().chain(lifecycle.backward(entity));
        let recycle = lifecycle.recycle.as_deref().filter(|_| entity == Entity::Contact);
        let stages: BTreeSet<&str> = rules.map(|stage| stage.to.as_str()).chain(recycle).collect();
        for stage in stages {
            if self.schema(entity).rank("lifecyclestage", stage).is_some() {
                continue;
            }
            findings.push(Problem::new(
                "EG-SYNC-002",
                Remedy::FixSettings,
                format!("{} can not be moved to the lifecycle stage \"{stage}\"", entity.object()),
                "the portal has no lifecycle stage of that name",
                format!("add the stage in HubSpot, or name an existing one under sync.lifecycle; without it \"{stage}\" is skipped"),
            ));
        }
    }

    /// A misspelt group would protect everybody: safe, but not what was meant.
    fn people_findings(&self, findings: &mut Vec<Problem>) {
        let settings = &self.settings;
        let per_property = ENTITIES.iter().flat_map(|entity| settings.rules(*entity).values());
        let lists = per_property.filter_map(|rule| rule.last_modified_by.as_ref()).chain([&settings.last_modified_by]);
        let named: BTreeSet<&str> = lists.flat_map(|groups| groups.named()).collect();
        for group in named.into_iter().filter(|group| !settings.people.contains_key(*group)) {
            findings.push(Problem::new(
                "EG-SYNC-007",
                Remedy::FixSettings,
                format!("last_modified_by names the group \"{group}\", which does not exist"),
                "there is no group of that name under sync.people",
                format!("add sync.people.{group} with its users, teams or emails; until then everybody's edits are protected there"),
            ));
        }
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
        for (property, rule) in self.settings.rules(entity) {
            // What is never written need not be there.
            if rule.protect == Protection::Never || defined.iter().any(|definition| definition.name == *property) {
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
                roster: &self.roster,
                whose: self.settings.protected_people(portal.entity, property),
            },
        )
    }

    /// Why a person can not be given records, if so; nothing when the owners are not known.
    pub(crate) fn unfit_owner(&self, owner: &str) -> Option<String> {
        match self.owners.get(owner) {
            _ if self.owners.is_empty() => None,
            None => Some(format!("the portal has no owner with the id {owner}")),
            Some(found) if !found.active => {
                Some(format!("{} is deactivated in HubSpot and can not own records", found.name))
            }
            Some(_) => None,
        }
    }

    pub(crate) fn condition(&self, entity: Entity, property: &str) -> Option<&Rule> {
        self.conditions.get(&(entity, property.to_owned()))
    }

    /// Stage names with their compiled criteria.
    pub(crate) fn stages(&self, entity: Entity, direction: Direction) -> &[(String, Rule)] {
        self.stages.get(&(entity, direction)).map_or(&[], Vec::as_slice)
    }
}

fn compiled(rules: &[StageRule], known: &Known, problems: &mut Vec<Problem>) -> Vec<(String, Rule)> {
    let mut stages = Vec::new();
    for stage in rules {
        match stage.when.compile(known) {
            Ok(rule) => stages.push((stage.to.clone(), rule)),
            Err(problem) => problems.push(broken(&format!("of lifecycle stage {}", stage.to), &problem.to_string())),
        }
    }
    stages
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
