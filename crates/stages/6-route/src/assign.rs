//! Chooses the owner of a record and says why, and why the other lines did not win.

use std::collections::BTreeMap;

use evergreen_model::{Entity, Owner, OwnerChoice, Reason, Record};

use crate::matrix::{Matrix, Target};
use crate::place::{Regions, fold};
use crate::roster::Roster;
use crate::rotation::Rotation;
use crate::settings::{Settings, WhenInactive};
use crate::subject::{Profile, Subject};

/// Most lines named in [`Assignment::tried`].
pub(crate) const TRIED_MAX: usize = 10;

/// What became of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The owner, who is active.
    pub choice: Option<OwnerChoice>,
    /// Why others did not win, closest first, at most ten sentences.
    pub tried: Vec<String>,
    /// Set when nobody can own it and a person must decide. Both this and `choice` are empty for a company when the
    /// settings give companies no owner.
    pub hold: Option<Reason>,
}

/// Gives owners to records, one after the other.
#[derive(Clone, Debug)]
pub struct Router {
    pub(crate) matrix: Matrix,
    /// For each line of the matrix, in its order: folded region, industry and lead source.
    pub(crate) folded: Vec<[String; 3]>,
    /// Indices of the lines, most specific first.
    order: Vec<usize>,
    pub(crate) regions: Regions,
    roster: Roster,
    rotation: Rotation,
    fallback: Vec<(String, Option<Target>)>,
    companies: bool,
    when_inactive: WhenInactive,
}

impl Router {
    /// A router over a matrix and the portal's owners (deactivated ones included), going on from a saved rotation.
    #[must_use]
    pub fn new(matrix: Matrix, owners: &[Owner], settings: &Settings, rotation: Rotation) -> Router {
        let folded = |text: &Option<String>| text.as_deref().map(fold).unwrap_or_default();
        let mut order: Vec<usize> = (0..matrix.lines.len()).collect();
        // Stable, so that the earlier line stays first among equals.
        order.sort_by_key(|index| std::cmp::Reverse(matrix.lines[*index].rank()));
        Router {
            folded: matrix
                .lines
                .iter()
                .map(|line| [folded(&line.region), folded(&line.industry), folded(&line.lead_source)])
                .collect(),
            order,
            regions: Regions::new(&settings.regions),
            roster: Roster::new(owners, settings),
            rotation,
            fallback: settings.fallback.iter().map(|text| (text.clone(), Target::parse(text))).collect(),
            companies: settings.companies,
            when_inactive: settings.when_inactive,
            matrix,
        }
    }

    /// What is wrong with matrix and settings beside this portal: inactive or unknown owners, empty teams, unknown regions,
    /// lines that can never win.
    #[must_use]
    pub fn findings(&self) -> Vec<String> {
        let mut findings = Vec::new();
        let mut seen: BTreeMap<String, u32> = BTreeMap::new();
        for (line, [region, industry, source]) in self.matrix.lines.iter().zip(&self.folded) {
            let place = format!("{} line {}", self.matrix.name, line.number);
            if line.region.is_some() && !self.regions.has(region) {
                findings.push(format!(
                    "{place}: the region \"{}\" is not known, so the line never matches",
                    line.conditions()
                ));
            }
            findings.extend(self.fault(&line.target).map(|fault| format!("{place}: {fault}")));
            let country = line.country.as_ref().map_or("", |country| country.code);
            let state = line.state.as_deref().map(fold).unwrap_or_default();
            let band = line.headcount.map(|band| band.to_string()).unwrap_or_default();
            let key = [region, country, &state, industry, &band, source].join("\u{1f}");
            match seen.get(&key) {
                Some(earlier) => {
                    findings.push(format!("{place}: line {earlier} has the same conditions, so this line never wins"))
                }
                None => _ = seen.insert(key, line.number),
            }
        }
        for (text, target) in &self.fallback {
            let fault = match target {
                Some(target) => self.fault(target),
                None => Some("is neither an address nor team:NAME".to_owned()),
            };
            findings.extend(fault.map(|fault| format!("fallback {text}: {fault}")));
        }
        findings.extend(self.regions.findings.iter().chain(&self.roster.findings).cloned());
        findings
    }

    /// Why a target cannot own records, if so.
    fn fault(&self, target: &Target) -> Option<String> {
        match target {
            Target::Owner(email) => match self.roster.by_email(email) {
                None => Some(format!("{email} is no owner of the portal")),
                Some(owner) if !owner.active => Some(format!("{email} is deactivated")),
                Some(_) => None,
            },
            Target::Team(name) => match self.roster.members(name) {
                None => Some(format!("the portal has no team {name}")),
                Some(members) if members.is_empty() => Some(format!("team {name} has no active member")),
                Some(_) => None,
            },
        }
    }

    /// Gives a record its owner. Uses up a turn of a team's rotation when a team wins.
    pub fn assign(&mut self, subject: &Subject<'_>) -> Assignment {
        if subject.record.entity == Entity::Company && !self.companies {
            let tried = vec!["companies get no owner by the settings".to_owned()];
            return Assignment { choice: None, tried, hold: None };
        }
        let mut tried = Vec::new();
        if let Some(choice) = self.owner_already(subject, &mut tried) {
            return Assignment { choice: Some(choice), tried, hold: None };
        }
        let profile = Profile::new(subject);
        let matching = self.matching(&profile);
        let mut why_not = String::new();
        for (position, index) in matching.iter().enumerate() {
            let line = &self.matrix.lines[*index];
            let (number, sentence, target) = (line.number, line.to_string(), line.target.clone());
            match self.take(&target) {
                Ok(owner) => {
                    let turn = if matches!(target, Target::Team(_)) {
                        format!(", turn of {}", owner.email)
                    } else {
                        String::new()
                    };
                    let choice = choice(&owner, format!("{sentence}{turn}{why_not}"), Some(number));
                    self.explain(&profile, &matching[position + 1..], &matching, &mut tried);
                    return Assignment { choice: Some(choice), tried, hold: None };
                }
                Err(fault) => {
                    tried.push(format!("{sentence}: {fault}"));
                    why_not = format!(" (line {number} is more specific, but {fault})");
                    if self.when_inactive == WhenInactive::Fallback {
                        break;
                    }
                }
            }
        }
        let cause = match tried.last().filter(|_| !why_not.is_empty()) {
            Some(failed) => failed.clone(),
            None => format!(
                "no line of {} matches",
                if self.matrix.name.is_empty() { "the matrix" } else { &self.matrix.name }
            ),
        };
        let rest = matching.get(1..).unwrap_or_default();
        self.explain(&profile, rest, &matching, &mut tried);
        self.fall_back(&cause, tried)
    }

    /// The rotation as it stands after all assignments so far.
    #[must_use]
    pub fn rotation(&self) -> &Rotation {
        &self.rotation
    }

    /// The owner the CRM already has: of the record itself, then of its company.
    fn owner_already(&self, subject: &Subject<'_>, tried: &mut Vec<String>) -> Option<OwnerChoice> {
        let own = subject.record.value("hubspot_owner_id");
        let account = subject.company.and_then(account_owner);
        let noun = subject.record.entity.as_str();
        for (id, whose) in
            [(own, format!("the {noun}'s owner in the CRM")), (account, "the company's owner".to_owned())]
        {
            let Some(id) = id.filter(|id| !id.trim().is_empty()) else {
                continue;
            };
            match self.roster.by_id(id) {
                Some(owner) if owner.active => {
                    return Some(choice(owner, format!("{whose}, {}, stays", owner.email), None));
                }
                Some(owner) => tried.push(format!("{whose}, {}, is deactivated", owner.email)),
                None => tried.push(format!("{whose} ({id}) is no owner of the portal any more")),
            }
        }
        None
    }

    /// Indices of the lines that match, the winner first.
    fn matching(&self, profile: &Profile<'_>) -> Vec<usize> {
        let mut matching: Vec<usize> =
            self.order.iter().copied().filter(|index| self.misses(*index, profile).is_empty()).collect();
        let regions: Vec<&str> =
            matching.iter().map(|index| self.folded[*index][0].as_str()).filter(|region| !region.is_empty()).collect();
        let beaten: Vec<bool> = matching
            .iter()
            .map(|index| {
                // A line that names the country itself is not beaten by a region.
                self.matrix.lines[*index].country.is_none()
                    && regions.iter().any(|inner| self.regions.is_inside(inner, &self.folded[*index][0]))
            })
            .collect();
        let mut beaten = beaten.into_iter();
        matching.retain(|_| !beaten.next().unwrap_or(false));
        matching
    }

    fn fall_back(&mut self, cause: &str, mut tried: Vec<String>) -> Assignment {
        for (text, target) in self.fallback.clone() {
            let taken = target
                .ok_or_else(|| "is neither an address nor team:NAME".to_owned())
                .and_then(|target| self.take(&target));
            match taken {
                Ok(owner) => {
                    let choice = choice(&owner, format!("fallback {text}, {}, because {cause}", owner.email), None);
                    return Assignment { choice: Some(choice), tried, hold: None };
                }
                Err(fault) => {
                    tried.insert(0, format!("fallback {text}: {fault}"));
                    tried.truncate(TRIED_MAX);
                }
            }
        }
        tried.truncate(TRIED_MAX);
        let also = if self.fallback.is_empty() { "there is no fallback" } else { "nobody of the fallback is active" };
        let reason = Reason::new("no-owner", format!("Held: {cause}, and {also}, so nobody owns it."));
        Assignment { choice: None, tried, hold: Some(reason) }
    }

    /// The owner a target means: the person, or whose turn it is in the team.
    fn take(&mut self, target: &Target) -> Result<Owner, String> {
        if let Some(fault) = self.fault(target) {
            return Err(fault);
        }
        let email = match target {
            Target::Owner(email) => Some(email.as_str()),
            Target::Team(name) => {
                let members = self.roster.members(name).unwrap_or_default();
                self.rotation.next(&fold(name), &members)
            }
        };
        email.and_then(|email| self.roster.by_email(email)).cloned().ok_or_else(|| format!("{target} has nobody"))
    }
}

/// The owner of a company: the CRM's, else the one routing gave it.
fn account_owner(company: &Record) -> Option<&str> {
    company
        .value("hubspot_owner_id")
        .filter(|id| !id.trim().is_empty())
        .or_else(|| company.owner.as_ref().map(|owner| owner.owner_id.as_str()))
}

fn choice(owner: &Owner, why: String, line: Option<u32>) -> OwnerChoice {
    OwnerChoice { owner_id: owner.id.clone(), owner_email: owner.email.clone(), why, line }
}
