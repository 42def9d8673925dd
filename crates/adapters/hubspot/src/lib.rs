//! The HubSpot client: objects, batches, history, properties, owners, associations, within the portal's limits.
