//! Settings of the import stage: how lists are looked at before they are read.

use std::collections::BTreeMap;

use evergreen_model::{Entity, field};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::mapping::FULL_NAME;

/// How lists are read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, garde::Validate)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Rows looked at to find delimiter, header and the meaning of columns without a telling header; 10 to 10,000.
    #[garde(range(min = 10, max = 10_000))]
    pub sample_rows: usize,
    /// What a list is about when it is not to be guessed: `contact` or `company`. Left out, it is guessed per file:
    /// a list without any column about a person is a list of companies.
    #[garde(skip)]
    pub default_entity: Option<Entity>,
    /// Further headers per field, e.g. `jobtitle: ["Rolle im Haus"]`. Case, spaces, punctuation and accents do not matter.
    /// Besides the fields of contacts and companies, `full_name` is a field that is split into first and last name.
    #[garde(custom(known_fields))]
    pub synonyms: BTreeMap<String, Vec<String>>,
    /// Longest cell that is read, in bytes; a row with a longer one is quarantined. 1,024 to 16,777,216.
    #[garde(range(min = 1_024, max = 16_777_216))]
    pub cell_bytes_max: usize,
    /// Most cells a workbook's sheet may hold before it is refused. Workbooks are held in memory, other lists are not.
    #[garde(range(min = 1_000, max = 200_000_000))]
    pub workbook_cells_max: u64,
    /// Most bytes a workbook may unpack to before it is refused: a small file can hide gigabytes.
    #[garde(range(min = 1_048_576))]
    pub workbook_bytes_max: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            sample_rows: 200,
            default_entity: None,
            synonyms: BTreeMap::new(),
            cell_bytes_max: 65_536,
            workbook_cells_max: 20_000_000,
            workbook_bytes_max: 1_073_741_824,
        }
    }
}

/// Names that are no field are refused at load, with the nearest one that is.
fn known_fields(synonyms: &BTreeMap<String, Vec<String>>, _: &()) -> garde::Result {
    for name in synonyms.keys() {
        if !is_target(name) {
            let hint = nearest_target(name).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            return Err(garde::Error::new(format!("`{name}` is no field{hint}")));
        }
    }
    Ok(())
}

/// Whether a column may be mapped to this name.
pub(crate) fn is_target(name: &str) -> bool {
    name == FULL_NAME || field::find(Entity::Contact, name).is_some() || field::find(Entity::Company, name).is_some()
}

/// The field whose name is most like this one.
pub(crate) fn nearest_target(name: &str) -> Option<&'static str> {
    field::CONTACT
        .iter()
        .chain(field::COMPANY)
        .map(|field| field.name)
        .chain([FULL_NAME])
        .map(|known| (strsim::jaro_winkler(known, name), known))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, known)| known)
}
