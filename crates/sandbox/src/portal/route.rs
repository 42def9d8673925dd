//! Which part of the CRM API a path means, in the dated and in the older numbering.

/// A part of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Area {
    Objects,
    Associations,
    Properties,
    Validations,
    Owners,
}

/// A path with host, prefix and version taken off.
#[derive(Debug)]
pub(crate) struct Route<'a> {
    pub area: Area,
    /// The rules of 2026-09 hold: odd dates are normalised, the administrator's rules enforced.
    pub dated: bool,
    /// The version is a date, not a number.
    pub by_date: bool,
    pub rest: Vec<&'a str>,
}

impl<'a> Route<'a> {
    pub(crate) fn parse(segments: &[&'a str]) -> Option<Route<'a>> {
        let (area, version, rest) = match segments {
            ["crm", version @ ("v3" | "v4"), area, rest @ ..] => (*area, *version, rest),
            ["crm", area, version, rest @ ..] => (*area, *version, rest),
            _ => return None,
        };
        let dated = match version {
            "2026-09" | "2027-03-beta" => true,
            "2026-03" | "v3" | "v4" => false,
            _ => return None,
        };
        let area = match area {
            "objects" => Area::Objects,
            "associations" => Area::Associations,
            "properties" => Area::Properties,
            "property-validations" => Area::Validations,
            "owners" => Area::Owners,
            _ => return None,
        };
        Some(Route { area, dated, by_date: !version.starts_with('v'), rest: rest.to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dated_and_numbered_paths_mean_the_same() {
        for path in [
            "crm/objects/2026-09/contacts/batch/read",
            "crm/objects/2026-03/contacts/batch/read",
            "crm/v3/objects/contacts/batch/read",
        ] {
            let segments: Vec<&str> = path.split('/').collect();
            let route = Route::parse(&segments).unwrap();
            assert_eq!(route.area, Area::Objects);
            assert_eq!(route.rest, ["contacts", "batch", "read"]);
        }
        assert!(Route::parse(&["crm", "objects", "2031-01", "contacts"]).is_none());
    }
}
