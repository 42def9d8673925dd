//! HubSpot's association types: which kinds can be joined, and the type id of each direction.

use super::kind::Kind;

/// A type id with the space it is numbered in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Label {
    /// Made in this portal; HubSpot's own otherwise.
    pub custom: bool,
    pub id: u16,
}

impl Label {
    pub(crate) fn own(id: u16) -> Label {
        Label { custom: false, id }
    }

    pub(crate) fn category(self) -> &'static str {
        if self.custom { "USER_DEFINED" } else { "HUBSPOT_DEFINED" }
    }
}

/// A type that HubSpot defines, with the same thing seen from the other end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Defined {
    pub id: u16,
    pub inverse: u16,
    pub label: Option<&'static str>,
    /// At most one of these per record on the `from` side.
    pub primary: bool,
}

type Row = (Kind, Kind, u16, u16, Option<&'static str>, Option<&'static str>, bool);

use Kind::{Call, Communication, Company, Contact, Deal, Email, Lead, Meeting, Note, Task, Ticket};

/// From, to, id, id of the other direction, label there, label back, whether it is the one primary.
const TABLE: &[Row] = &[
    (Contact, Company, 279, 280, None, None, false),
    (Contact, Company, 1, 2, Some("Primary"), Some("Primary"), true),
    (Contact, Contact, 449, 449, None, None, false),
    (Contact, Deal, 4, 3, None, None, false),
    (Contact, Ticket, 15, 16, None, None, false),
    (Company, Company, 450, 450, None, None, false),
    (Company, Company, 13, 14, Some("Child Company"), Some("Parent Company"), false),
    (Deal, Company, 341, 342, None, None, false),
    (Deal, Company, 5, 6, Some("Primary"), Some("Primary"), true),
    (Deal, Deal, 451, 451, None, None, false),
    (Deal, Ticket, 27, 28, None, None, false),
    (Ticket, Company, 339, 340, None, None, false),
    (Ticket, Company, 26, 25, Some("Primary"), Some("Primary"), true),
    (Note, Contact, 202, 201, None, None, false),
    (Note, Company, 190, 189, None, None, false),
    (Note, Deal, 214, 213, None, None, false),
    (Note, Ticket, 228, 227, None, None, false),
    (Email, Contact, 198, 197, None, None, false),
    (Email, Company, 186, 185, None, None, false),
    (Email, Deal, 210, 209, None, None, false),
    (Email, Ticket, 224, 223, None, None, false),
    (Task, Contact, 204, 203, None, None, false),
    (Task, Company, 192, 191, None, None, false),
    (Task, Deal, 216, 215, None, None, false),
    (Task, Ticket, 230, 229, None, None, false),
    (Call, Contact, 194, 193, None, None, false),
    (Call, Company, 182, 181, None, None, false),
    (Call, Deal, 206, 205, None, None, false),
    (Call, Ticket, 220, 219, None, None, false),
    (Meeting, Contact, 200, 199, None, None, false),
    (Meeting, Company, 188, 187, None, None, false),
    (Meeting, Deal, 212, 211, None, None, false),
    (Meeting, Ticket, 226, 225, None, None, false),
    (Communication, Contact, 81, 82, None, None, false),
    (Communication, Company, 87, 88, None, None, false),
    (Communication, Deal, 85, 86, None, None, false),
    (Communication, Ticket, 83, 84, None, None, false),
    (Lead, Contact, 608, 609, None, None, false),
    (Lead, Contact, 578, 579, Some("Primary"), Some("Primary"), true),
    (Lead, Company, 610, 611, None, None, false),
];

/// The types from one kind to another, the unlabelled one first.
pub(crate) fn defined(from: Kind, to: Kind) -> impl Iterator<Item = Defined> {
    TABLE.iter().flat_map(move |(a, b, there, back, label, label_back, primary)| {
        let forth = (*a == from && *b == to).then_some(Defined {
            id: *there,
            inverse: *back,
            label: *label,
            primary: *primary,
        });
        let reverse = (*b == from && *a == to && there != back).then_some(Defined {
            id: *back,
            inverse: *there,
            label: *label_back,
            // One primary company per contact, but many contacts per company.
            primary: false,
        });
        forth.into_iter().chain(reverse)
    })
}

/// The type two kinds are joined by when nobody names one.
pub(crate) fn unlabelled(from: Kind, to: Kind) -> Option<u16> {
    defined(from, to).find(|one| one.label.is_none()).map(|one| one.id)
}

/// The "Primary" type of a direction, where there is one.
pub(crate) fn primary(from: Kind, to: Kind) -> Option<u16> {
    defined(from, to).find(|one| one.label == Some("Primary")).map(|one| one.id)
}

/// Whether a record of `from` has at most one primary record of `to`.
pub(crate) fn one_primary(from: Kind, to: Kind) -> bool {
    defined(from, to).any(|one| one.primary)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_ids_are_those_hubspot_documents() {
        for (from, to, id) in [
            (Contact, Company, 279),
            (Company, Contact, 280),
            (Contact, Deal, 4),
            (Deal, Contact, 3),
            (Company, Deal, 342),
            (Deal, Company, 341),
            (Contact, Contact, 449),
            (Note, Contact, 202),
            (Contact, Note, 201),
            (Note, Company, 190),
            (Email, Contact, 198),
            (Contact, Email, 197),
            (Email, Company, 186),
            (Task, Contact, 204),
            (Call, Contact, 194),
            (Meeting, Contact, 200),
            (Communication, Contact, 81),
            (Contact, Communication, 82),
            (Communication, Company, 87),
            (Lead, Contact, 608),
        ] {
            assert_eq!(unlabelled(from, to), Some(id), "{from:?} to {to:?}");
        }
        assert_eq!((primary(Contact, Company), primary(Company, Contact)), (Some(1), Some(2)));
        assert_eq!((primary(Company, Deal), primary(Deal, Company)), (Some(6), Some(5)));
        assert!(one_primary(Contact, Company) && !one_primary(Company, Contact));
        assert_eq!(unlabelled(Note, Task), None);
        assert_eq!(defined(Company, Company).map(|one| one.id).collect::<Vec<_>>(), [450, 13, 14]);
    }
}
