//! Says why a line of the matrix did not win: less specific, beaten by a smaller region, or a column that does not hold.

use crate::assign::{Router, TRIED_MAX};
use crate::band::Band;
use crate::subject::Profile;

/// The columns of the matrix that are conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    Region,
    Country,
    State,
    Industry,
    Headcount,
    LeadSource,
}

impl Router {
    /// The columns of a line that do not hold.
    pub(crate) fn misses(&self, index: usize, profile: &Profile<'_>) -> Vec<Column> {
        let line = &self.matrix.lines[index];
        let [region, industry, source] = &self.folded[index];
        let checks = [
            (
                Column::Region,
                line.region.is_none() || profile.country.is_some_and(|code| self.regions.contains(region, code)),
            ),
            (Column::Country, line.country.as_ref().is_none_or(|country| profile.country == Some(country.code))),
            (Column::State, line.state.as_deref().is_none_or(|state| profile.is_state(state))),
            (Column::Industry, line.industry.is_none() || profile.is_industry(industry)),
            (
                Column::Headcount,
                line.headcount.is_none_or(|band| profile.headcount.is_some_and(|size| band.holds(size))),
            ),
            (Column::LeadSource, line.lead_source.is_none() || profile.is_from(source)),
        ];
        checks.into_iter().filter(|(_, holds)| !holds).map(|(column, _)| column).collect()
    }

    /// Why a column of a line does not hold.
    fn describe(&self, index: usize, column: Column, profile: &Profile<'_>) -> String {
        let line = &self.matrix.lines[index];
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let band = |band: Option<Band>| band.map(|band| band.to_string());
        let own = |text: Option<&str>| text.map(str::to_owned);
        let (what, wanted, found) = match column {
            Column::Region => ("country", format!("in {}", text(&line.region)), own(profile.country_text)),
            Column::Country => {
                let country = line.country.as_ref().map(|country| country.name.clone());
                ("country", country.unwrap_or_default(), own(profile.country_text))
            }
            Column::State => ("state", text(&line.state), own(profile.state_text)),
            Column::Industry => ("industry", text(&line.industry), own(profile.industry)),
            Column::Headcount => ("headcount", band(line.headcount).unwrap_or_default(), band(profile.headcount)),
            Column::LeadSource => ("lead source", text(&line.lead_source), own(profile.lead_source)),
        };
        match found {
            Some(found) => format!("the {what} is {found}, not {wanted}"),
            None => format!("the {what} is not known, so it is not {wanted}"),
        }
    }

    /// Fills `tried` with the lines that lost: those that match, then those that miss by the fewest columns.
    pub(crate) fn explain(&self, profile: &Profile<'_>, lost: &[usize], matching: &[usize], tried: &mut Vec<String>) {
        tried.extend(lost.iter().map(|index| format!("{}: less specific", self.matrix.lines[*index])));
        let others = (0..self.matrix.lines.len()).filter(|index| !matching.contains(index));
        let mut near: Vec<(usize, Vec<Column>)> = others.map(|index| (index, self.misses(index, profile))).collect();
        near.sort_by_key(|(index, misses)| (misses.len(), *index));
        for (index, misses) in near.into_iter().take(TRIED_MAX) {
            let why: Vec<String> = misses.into_iter().map(|column| self.describe(index, column, profile)).collect();
            let why = if why.is_empty() { "a line of a smaller region matches".to_owned() } else { why.join(", ") };
            tried.push(format!("{}: {why}", self.matrix.lines[index]));
        }
        tried.truncate(TRIED_MAX);
    }
}
