//! Stands where a door leads nowhere yet: a portal or sequencer whose key is not set. Verbs that do not need it go on.

use async_trait::async_trait;
use evergreen_model::portal::{Account, DailyUsage, Owner, PortalProperty};
use evergreen_model::{Entity, Problem};
use evergreen_ports::{
    EnrollOutcome, Lead, Page, Portal, PortalError, PropertyDefinition, Reading, Sequencer, SequencerError, Write,
    WriteOutcome, WriteResult,
};
use jiff::Timestamp;

/// Answers everything with the reason why it cannot be asked.
pub(crate) struct Absent(pub(crate) Problem);

impl Absent {
    fn denied<T>(&self) -> Result<T, PortalError> {
        Err(PortalError::Denied(self.0.clone()))
    }

    fn refused<T>(&self) -> Result<T, SequencerError> {
        Err(SequencerError(self.0.clone()))
    }
}

#[async_trait]
impl Portal for Absent {
    async fn account(&self) -> Result<Account, PortalError> {
        self.denied()
    }

    async fn usage(&self) -> Result<Option<DailyUsage>, PortalError> {
        self.denied()
    }

    async fn list(&self, _: Entity, _: &[String], _: &[String], _: Option<&str>) -> Result<Page, PortalError> {
        self.denied()
    }

    async fn changed(&self, _: Entity, _: Timestamp, _: &[String], _: Option<&str>) -> Result<Page, PortalError> {
        self.denied()
    }

    async fn read(
        &self,
        _: Entity,
        _: Option<&str>,
        _: &[String],
        _: &[String],
        _: &[String],
    ) -> Result<Reading, PortalError> {
        self.denied()
    }

    async fn write(&self, _: Entity, _: &[Write]) -> Result<WriteOutcome, PortalError> {
        self.denied()
    }

    async fn associate(&self, _: &[(String, String)]) -> Result<WriteOutcome, PortalError> {
        self.denied()
    }

    async fn dissociate(&self, _: &[(String, String)]) -> Result<WriteOutcome, PortalError> {
        self.denied()
    }

    async fn archive(&self, _: Entity, _: &[String]) -> Result<WriteOutcome, PortalError> {
        self.denied()
    }

    async fn merge(&self, _: Entity, _: &str, _: &str) -> Result<WriteResult, PortalError> {
        self.denied()
    }

    async fn owners(&self) -> Result<Vec<Owner>, PortalError> {
        self.denied()
    }

    async fn properties(&self, _: Entity) -> Result<Vec<PortalProperty>, PortalError> {
        self.denied()
    }

    async fn create_properties(&self, _: Entity, _: &str, _: &[PropertyDefinition]) -> Result<(), PortalError> {
        self.denied()
    }

    async fn own_source_id(&self) -> Result<Option<String>, PortalError> {
        self.denied()
    }

    fn calls(&self) -> u64 {
        0
    }
}

#[async_trait]
impl Sequencer for Absent {
    async fn campaign(&self, _: &str) -> Result<String, SequencerError> {
        self.refused()
    }

    async fn enrolled(&self, _: &[String]) -> Result<Vec<String>, SequencerError> {
        self.refused()
    }

    async fn enroll(&self, _: &str, _: &[Lead]) -> Result<Vec<EnrollOutcome>, SequencerError> {
        self.refused()
    }
}
