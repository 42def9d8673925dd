//! The machine itself behind the ports: its clock, its chance, its disk.

mod chance;
mod clock;
mod disk;

pub use chance::{OsChance, SeededChance};
pub use clock::{MachineClock, now};
pub use disk::Disk;
