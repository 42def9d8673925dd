//! Whose edits are protected: the portal's users held against the groups of the settings.

use std::collections::BTreeMap;

use evergreen_model::{HistoryEntry, Owner};

use crate::settings::{Groups, People};

/// The groups of the settings and the users of the portal.
#[derive(Clone, Debug, Default)]
pub(crate) struct Roster {
    groups: BTreeMap<String, People>,
    users: BTreeMap<String, User>,
}

#[derive(Clone, Debug)]
struct User {
    email: String,
    teams: Vec<String>,
}

impl Roster {
    pub(crate) fn new(groups: &BTreeMap<String, People>, owners: &[Owner]) -> Roster {
        let mut users = BTreeMap::new();
        for owner in owners {
            let Some(id) = &owner.user_id else { continue };
            let user = User { email: owner.email.clone(), teams: owner.teams.clone() };
            users.insert(id.clone(), user);
        }
        Roster { groups: groups.clone(), users }
    }

    /// Whether an edit is protected. Who can not be placed is: a wrong guess would cost somebody's work.
    pub(crate) fn protects(&self, whose: &Groups, entry: &HistoryEntry) -> bool {
        if whose.0.is_empty() {
            return true;
        }
        let Some(user) = user_id(entry) else { return true };
        if whose.excluded().any(|group| self.belongs(group, user) == Some(true)) {
            return false;
        }
        let mut included = whose.included().map(|group| self.belongs(group, user)).peekable();
        included.peek().is_none() || included.any(|belongs| belongs != Some(false))
    }

    /// Whether a user belongs to a group; not known when the group goes by team or address and the portal does not tell the user's.
    fn belongs(&self, group: &str, id: &str) -> Option<bool> {
        let people = self.groups.get(group)?;
        if people.users.contains(id) {
            return Some(true);
        }
        if people.teams.is_empty() && people.emails.is_empty() {
            return Some(false);
        }
        let user = self.users.get(id)?;
        let in_team = people.teams.iter().any(|team| user.teams.iter().any(|his| same_word(team, his)));
        Some(in_team || people.emails.iter().any(|email| same_word(email, &user.email)))
    }
}

fn same_word(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// The user behind an entry: named as such, or inside the source id (`userId:28604240`).
pub(crate) fn user_id(entry: &HistoryEntry) -> Option<&str> {
    entry.user_id.as_deref().or_else(|| entry.source_id.as_deref()?.strip_prefix("userId:")).filter(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roster() -> Roster {
        let groups = BTreeMap::from([
            ("sales".to_owned(), People { teams: ["Field Sales".to_owned()].into(), ..People::default() }),
            ("ops".to_owned(), People { users: ["7".to_owned()].into(), ..People::default() }),
        ]);
        let owner = |user: &str, team: &str| Owner {
            id: format!("o{user}"),
            email: format!("{user}@acme.com"),
            name: String::new(),
            user_id: Some(user.to_owned()),
            teams: vec![team.to_owned()],
            active: true,
        };
        Roster::new(&groups, &[owner("1", "field sales"), owner("2", "Finance")])
    }

    fn by(user: Option<&str>) -> HistoryEntry {
        HistoryEntry {
            value: "CTO".to_owned(),
            at: jiff::Timestamp::UNIX_EPOCH,
            source_type: "CRM_UI".to_owned(),
            source_id: user.map(|user| format!("userId:{user}")),
            user_id: None,
        }
    }

    #[test]
    fn only_the_named_people_are_protected_and_whoever_can_not_be_placed() {
        let table = [
            (&[][..], Some("2"), true),
            (&["sales"][..], Some("1"), true),
            (&["sales"][..], Some("2"), false),
            (&["sales"][..], Some("99"), true),
            (&["sales"][..], None, true),
            (&["!ops"][..], Some("7"), false),
            (&["!ops"][..], Some("1"), true),
            (&["ops"][..], Some("99"), false),
            (&["sales", "!ops"][..], Some("7"), false),
            (&["marketing"][..], Some("1"), true),
        ];
        for (groups, user, expected) in table {
            let whose = Groups(groups.iter().map(|name| (*name).to_owned()).collect());
            assert_eq!(roster().protects(&whose, &by(user)), expected, "{groups:?} and {user:?}");
        }
    }
}
