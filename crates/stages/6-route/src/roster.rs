//! Who can own records: the portal's owners, who of them is active, and the teams they form.

use std::collections::{BTreeMap, HashMap};

use evergreen_model::Owner;

use crate::place::fold;
use crate::settings::Settings;

/// The owners and teams.
#[derive(Clone, Debug)]
pub(crate) struct Roster {
    by_id: HashMap<String, usize>,
    by_email: HashMap<String, usize>,
    owners: Vec<Owner>,
    /// Folded team name to members in order of address, each with its weight.
    teams: BTreeMap<String, Vec<(String, u32)>>,
    /// What is wrong with the settings' teams and weights, in sentences.
    pub(crate) findings: Vec<String>,
}

impl Roster {
    pub(crate) fn new(owners: &[Owner], settings: &Settings) -> Roster {
        let mut owners = owners.to_vec();
        for owner in &mut owners {
            owner.email = owner.email.trim().to_lowercase();
        }
        let by_id = owners.iter().enumerate().map(|(index, owner)| (owner.id.clone(), index)).collect();
        let mut by_email: HashMap<String, usize> = HashMap::new();
        for (index, owner) in owners.iter().enumerate() {
            // A person who was deactivated and invited again is in the list twice; the active one counts.
            let known = by_email.entry(owner.email.clone()).or_insert(index);
            if owner.active && !owners[*known].active {
                *known = index;
            }
        }
        let weights: BTreeMap<String, u32> =
            settings.weights.iter().map(|(email, weight)| (email.trim().to_lowercase(), *weight)).collect();
        let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for owner in &owners {
            for team in &owner.teams {
                names.entry(fold(team)).or_default().push(owner.email.clone());
            }
        }
        for (team, members) in &settings.teams {
            names.insert(fold(team), members.iter().map(|email| email.trim().to_lowercase()).collect());
        }
        let unknown_members = settings
            .teams
            .iter()
            .flat_map(|(team, members)| members.iter().map(move |email| (format!("team {team}"), email)));
        let unknown_weights = settings.weights.keys().map(|email| ("weights".to_owned(), email));
        let findings = unknown_members
            .chain(unknown_weights)
            .filter(|(_, email)| !by_email.contains_key(&email.trim().to_lowercase()))
            .map(|(place, email)| format!("{place}: {email} is no owner of the portal"))
            .collect();
        let teams = names
            .into_iter()
            .map(|(team, mut members)| {
                members.sort_unstable();
                members.dedup();
                let members = members.into_iter().map(|email| (weights.get(&email).copied().unwrap_or(1), email));
                (team, members.map(|(weight, email)| (email, weight)).collect())
            })
            .collect();
        Roster { by_id, by_email, owners, teams, findings }
    }

    /// The owner with that id.
    pub(crate) fn by_id(&self, id: &str) -> Option<&Owner> {
        self.by_id.get(id.trim()).map(|index| &self.owners[*index])
    }

    /// The owner with that address, lower case.
    pub(crate) fn by_email(&self, email: &str) -> Option<&Owner> {
        self.by_email.get(email).map(|index| &self.owners[*index])
    }

    /// Active members of a team with a weight above 0; `None` when there is no such team.
    pub(crate) fn members(&self, team: &str) -> Option<Vec<(&str, u32)>> {
        let members = self.teams.get(&fold(team))?;
        let active = |email: &str| self.by_email(email).is_some_and(|owner| owner.active);
        Some(
            members
                .iter()
                .filter(|(email, weight)| *weight > 0 && active(email))
                .map(|(email, weight)| (email.as_str(), *weight))
                .collect(),
        )
    }
}
