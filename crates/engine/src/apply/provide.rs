//! Our own property group and properties, made in the portal where they are missing.

use std::collections::BTreeSet;

use evergreen_model::{Entity, Problem};
use evergreen_ports::PortalError;
use evergreen_sync::definitions;

use crate::world::World;

/// Creates our property group and properties where they are missing.
pub(crate) async fn provide_properties(world: &World) -> Result<(), Problem> {
    for entity in [Entity::Contact, Entity::Company] {
        let there: BTreeSet<String> = world
            .portal
            .properties(entity)
            .await
            .map_err(PortalError::into_problem)?
            .into_iter()
            .map(|property| property.name)
            .collect();
        let missing: Vec<_> = definitions(&world.config.sync, entity)
            .into_iter()
            .filter(|property| !there.contains(&property.name))
            .collect();
        if !missing.is_empty() {
            world
                .portal
                .create_properties(entity, &world.config.sync.group, &missing)
                .await
                .map_err(PortalError::into_problem)?;
        }
    }
    Ok(())
}
