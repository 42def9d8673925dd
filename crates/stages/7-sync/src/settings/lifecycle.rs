//! The settings of lifecycle stages: who moves forward, who moves back, and where contacts with a dead address go.

use evergreen_model::{Entity, Protection};
use evergreen_rules::Expression;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// When the lifecycle stage of a record moves, in the portal's own order of stages. The lists here are for contacts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, garde::Validate)]
#[serde(default, deny_unknown_fields)]
pub struct Lifecycle {
    /// Which stage values may be moved: `ours` moves empty ones and those we set, `always` also those a person set.
    #[garde(skip)]
    pub protect: Protection,
    /// Stages to reach and their criteria; of those that hold, the furthest stage counts.
    #[garde(dive)]
    pub forward: Vec<StageRule>,
    /// Stages to fall back to and their criteria; of those that hold, the furthest counts, and only where no criterion of `forward`
    /// asks for more. HubSpot ignores a move backward, so the stage is emptied first and then set; the plan shows that.
    #[garde(dive)]
    pub backward: Vec<StageRule>,
    /// Stage (value or label) for contacts whose address turned invalid; absent switches it off. Ignored where the portal has no such stage.
    #[garde(skip)]
    pub recycle: Option<String>,
    /// The same for companies.
    #[garde(dive)]
    pub company: CompanyLifecycle,
}

/// When the lifecycle stage of a company moves.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema, garde::Validate)]
#[serde(default, deny_unknown_fields)]
pub struct CompanyLifecycle {
    /// Which stage values may be moved; as for contacts when absent.
    #[garde(skip)]
    pub protect: Option<Protection>,
    /// Stages to reach and their criteria, over the company's fields.
    #[garde(dive)]
    pub forward: Vec<StageRule>,
    /// Stages to fall back to and their criteria.
    #[garde(dive)]
    pub backward: Vec<StageRule>,
}

/// One stage and who belongs into it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
pub struct StageRule {
    /// Stage, by the portal's internal value or label, e.g. `marketingqualifiedlead`.
    #[garde(length(min = 1))]
    pub to: String,
    /// Condition over the record's fields.
    #[garde(skip)]
    pub when: Expression,
}

impl Lifecycle {
    /// The stages to reach.
    #[must_use]
    pub fn forward(&self, entity: Entity) -> &[StageRule] {
        match entity {
            Entity::Contact => &self.forward,
            Entity::Company => &self.company.forward,
        }
    }

    /// The stages to fall back to.
    #[must_use]
    pub fn backward(&self, entity: Entity) -> &[StageRule] {
        match entity {
            Entity::Contact => &self.backward,
            Entity::Company => &self.company.backward,
        }
    }

    /// Which stage values may be moved.
    #[must_use]
    pub fn protect(&self, entity: Entity) -> Protection {
        match entity {
            Entity::Contact => self.protect,
            Entity::Company => self.company.protect.unwrap_or(self.protect),
        }
    }
}

impl Default for Lifecycle {
    fn default() -> Self {
        Lifecycle {
            protect: Protection::Ours,
            forward: Vec::new(),
            backward: Vec::new(),
            recycle: Some("Recycle".to_owned()),
            company: CompanyLifecycle::default(),
        }
    }
}
