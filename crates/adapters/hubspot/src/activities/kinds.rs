//! What can be logged, and how HubSpot writes it.

use evergreen_model::Fields;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::object_type::ObjectType;

/// Something that happened, or is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    /// When; for a task, when it is due.
    pub at: Timestamp,
    /// The owner id of whom it belongs to.
    pub owner: Option<String>,
    /// What it is.
    pub what: What,
}

/// What an activity is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Free text; simple HTML is fine.
    Note {
        /// The text.
        body: String,
    },
    /// A one-to-one e-mail.
    Email {
        /// Who wrote it.
        direction: Direction,
        /// Whether it arrived.
        status: EmailStatus,
        /// Its subject.
        subject: String,
        /// Its text.
        text: String,
        /// From whom.
        from: Person,
        /// To whom.
        to: Vec<Person>,
    },
    /// Something to do.
    Task {
        /// In a line.
        subject: String,
        /// In full.
        body: String,
        /// Done or not.
        status: TaskStatus,
        /// How urgent.
        priority: Priority,
        /// What kind of work.
        kind: TaskType,
    },
    /// A message outside of e-mail.
    Communication {
        /// By which channel.
        channel: Channel,
        /// The text.
        body: String,
    },
}

/// Somebody in an e-mail's header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// Address.
    pub email: String,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
}

/// Who wrote an e-mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// We did.
    Sent,
    /// The contact did.
    Received,
}

/// Whether an e-mail arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmailStatus {
    /// It left.
    Sent,
    /// It came back.
    Bounced,
    /// It did not leave.
    Failed,
}

/// Whether a task is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskStatus {
    /// Not yet.
    Open,
    /// Yes.
    Done,
}

/// How urgent a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// Not at all.
    Low,
    /// Somewhat.
    Medium,
    /// Very.
    High,
}

/// What kind of work a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskType {
    /// Telephone somebody.
    Call,
    /// Write somebody.
    Email,
    /// Anything.
    Todo,
}

/// A way of writing besides e-mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// LinkedIn.
    LinkedIn,
    /// Text message.
    Sms,
    /// WhatsApp.
    WhatsApp,
}

impl Activity {
    /// As which object it is kept.
    #[must_use]
    pub fn kind(&self) -> ObjectType {
        match self.what {
            What::Note { .. } => ObjectType::Notes,
            What::Email { .. } => ObjectType::Emails,
            What::Task { .. } => ObjectType::Tasks,
            What::Communication { .. } => ObjectType::Communications,
        }
    }

    /// The property whose text people read, in which the marker stands.
    pub(crate) fn body_property(&self) -> &'static str {
        match self.what {
            What::Note { .. } => "hs_note_body",
            What::Email { .. } => "hs_email_text",
            What::Task { .. } => "hs_task_body",
            What::Communication { .. } => "hs_communication_body",
        }
    }

    /// HubSpot's number for the unlabelled link from this to a contact or company.
    pub(crate) fn link_type(&self, to: &ObjectType) -> Option<u32> {
        let (contact, company, deal) = match self.what {
            What::Note { .. } => (202, 190, Some(214)),
            What::Email { .. } => (198, 186, Some(210)),
            What::Task { .. } => (204, 192, Some(216)),
            What::Communication { .. } => (81, 87, None),
        };
        match to {
            ObjectType::Contacts => Some(contact),
            ObjectType::Companies => Some(company),
            ObjectType::Deals => deal,
            _ => None,
        }
    }

    /// All of it as properties, with the marker at the end of the text.
    pub(crate) fn properties(&self, marker: &str) -> Fields {
        let mut all = Fields::new();
        let mut set = |name: &str, value: String| {
            all.insert(name.to_owned(), value);
        };
        set("hs_timestamp", self.at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string());
        if let Some(owner) = &self.owner {
            set("hubspot_owner_id", owner.clone());
        }
        let marked = |text: &str| if text.is_empty() { marker.to_owned() } else { format!("{text}\n\n{marker}") };
        match &self.what {
            What::Note { body } => set("hs_note_body", marked(body)),
            What::Email { direction, status, subject, text, from, to } => {
                set("hs_email_direction", word(*direction == Direction::Sent, "EMAIL", "INCOMING_EMAIL"));
                let status = match status {
                    EmailStatus::Sent => "SENT",
                    EmailStatus::Bounced => "BOUNCED",
                    EmailStatus::Failed => "FAILED",
                };
                set("hs_email_status", status.to_owned());
                set("hs_email_subject", subject.clone());
                set("hs_email_text", marked(text));
                let to: Vec<Value> = to.iter().map(Person::header).collect();
                set("hs_email_headers", json!({"from": from.header(), "to": to, "cc": [], "bcc": []}).to_string());
            }
            What::Task { subject, body, status, priority, kind } => {
                set("hs_task_subject", subject.clone());
                set("hs_task_body", marked(body));
                set("hs_task_status", word(*status == TaskStatus::Done, "COMPLETED", "NOT_STARTED"));
                let priority = match priority {
                    Priority::Low => "LOW",
                    Priority::Medium => "MEDIUM",
                    Priority::High => "HIGH",
                };
                set("hs_task_priority", priority.to_owned());
                let kind = match kind {
                    TaskType::Call => "CALL",
                    TaskType::Email => "EMAIL",
                    TaskType::Todo => "TODO",
                };
                set("hs_task_type", kind.to_owned());
            }
            What::Communication { channel, body } => {
                let channel = match channel {
                    Channel::LinkedIn => "LINKEDIN_MESSAGE",
                    Channel::Sms => "SMS",
                    Channel::WhatsApp => "WHATS_APP",
                };
                set("hs_communication_channel_type", channel.to_owned());
                set("hs_communication_logged_from", "CRM".to_owned());
                set("hs_communication_body", marked(body));
            }
        }
        all
    }
}

impl Person {
    fn header(&self) -> Value {
        json!({"email": self.email, "firstName": self.first_name, "lastName": self.last_name})
    }
}

fn word(yes: bool, one: &str, other: &str) -> String {
    (if yes { one } else { other }).to_owned()
}
