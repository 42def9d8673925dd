//! The timeline: notes, e-mails, tasks and messages logged on records, each once.

mod kinds;
mod log;

pub use kinds::{Activity, Channel, Direction, EmailStatus, Person, Priority, TaskStatus, TaskType, What};
pub use log::{Activities, Logged, OnRecord};
