//! Whose turn it is in a team: weighted, evenly mixed, and the same every time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How far each member of each team is from the next turn. Saved with the assignments it led to, so a crash repeats no turn.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rotation {
    /// Team (folded name) to member address to credit.
    teams: BTreeMap<String, BTreeMap<String, i64>>,
}

impl Rotation {
    /// The next of the members (address and weight, each weight above 0); `None` when there are none.
    ///
    /// Smooth weighted round robin: everyone earns its weight, the richest takes the turn and pays what all earned. With
    /// weights 2 and 1 that gives A, B, A and not A, A, B. Members who left are forgotten, so that they owe nothing on return.
    pub(crate) fn next<'a>(&mut self, team: &str, members: &[(&'a str, u32)]) -> Option<&'a str> {
        let credits = self.teams.entry(team.to_owned()).or_default();
        credits.retain(|member, _| members.iter().any(|(email, _)| email == member));
        let total: i64 = members.iter().map(|(_, weight)| i64::from(*weight)).sum();
        let mut richest: Option<(&str, i64)> = None;
        for (email, weight) in members {
            let credit = credits.entry((*email).to_owned()).or_default();
            *credit = credit.saturating_add(i64::from(*weight));
            if richest.is_none_or(|(_, most)| *credit > most) {
                richest = Some((email, *credit));
            }
        }
        let (winner, _) = richest?;
        if let Some(credit) = credits.get_mut(winner) {
            *credit = credit.saturating_sub(total);
        }
        Some(winner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_follow_the_weights_and_are_mixed() {
        let mut rotation = Rotation::default();
        let members = [("a", 2), ("b", 1)];
        let turns: String = (0..9).filter_map(|_| rotation.next("team", &members)).collect();
        assert_eq!(turns, "abaabaaba");
    }

    #[test]
    fn a_saved_rotation_goes_on_where_it_was() {
        let members = [("a", 3), ("b", 2), ("c", 1)];
        let mut whole = Rotation::default();
        let expected: Vec<_> = (0..12).filter_map(|_| whole.next("team", &members)).collect();
        let mut saved = Rotation::default();
        let mut turns = Vec::new();
        for _ in 0..12 {
            let text = serde_json::to_string(&saved).unwrap();
            saved = serde_json::from_str(&text).unwrap();
            turns.extend(saved.next("team", &members));
        }
        assert_eq!(turns, expected);
    }

    #[test]
    fn an_empty_team_has_no_turn() {
        assert_eq!(Rotation::default().next("team", &[]), None);
    }
}
