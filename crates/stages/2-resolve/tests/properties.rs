//! What must hold for any list: order does not matter, copies change nothing, decisions and portal records are kept apart.

use std::collections::{BTreeMap, BTreeSet};

use evergreen_model::{Entity, Fields};
use evergreen_resolve::{Decided, Resolution, Settings, Subject, compare, keys, normalize, resolve};
use proptest::prelude::*;

/// Few values per field, so that agreement and contradiction are frequent.
fn contact() -> impl Strategy<Value = Fields> {
    (
        prop::sample::select(vec!["", "Anna", "Ana", "Anna Maria", "A.", "Bob", "Robert", "Mario", "Maria"]),
        prop::sample::select(vec!["", "Doe", "Deo", "Smith", "Müller", "Mueller", "D.", "Doe Smith"]),
        prop::sample::select(vec![
            "",
            "",
            "anna@acme.com",
            "a.doe@acme.com",
            "info@acme.com",
            "anna.doe@gmail.com",
            "bob@other.org",
            "none@none.com",
        ]),
        prop::sample::select(vec!["", "Acme GmbH", "ACME", "Other Inc.", "Acme Holding"]),
        prop::sample::select(vec!["", "acme.com", "acme.de", "other.org", "gmail.com"]),
        prop::sample::select(vec!["", "", "", "linkedin.com/in/anna", "linkedin.com/in/doe-1"]),
        prop::sample::select(vec!["", "", "+4930901820", "030 901820", "415 555 2671"]),
        prop::sample::select(vec!["", "Berlin", "Paris"]),
    )
        .prop_map(|(first, last, email, company, domain, linkedin, phone, city)| {
            let raw = [
                ("firstname", first),
                ("lastname", last),
                ("email", email),
                ("company", company),
                ("domain", domain),
                ("hs_linkedin_url", linkedin),
                ("phone", phone),
                ("city", city),
            ];
            normalize::tidy_fields(
                Entity::Contact,
                &raw.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            )
        })
}

fn company() -> impl Strategy<Value = Fields> {
    (
        prop::sample::select(vec![
            "",
            "Acme GmbH",
            "Acme",
            "Acme Inc",
            "Amce",
            "Acme Holding",
            "Next View Networks",
            "NVN",
            "Other",
        ]),
        prop::sample::select(vec!["", "", "acme.com", "acme.de", "nextviewnetworks.com"]),
        prop::sample::select(vec!["", "", "linkedin.com/company/acme", "linkedin.com/company/next-view-networks"]),
        prop::sample::select(vec!["", "", "+4930901820", "415 555 2671"]),
        prop::sample::select(vec!["", "Berlin", "Boston"]),
        prop::sample::select(vec!["", "Germany", "US"]),
    )
        .prop_map(|(name, domain, linkedin, phone, city, country)| {
            let raw = [
                ("name", name),
                ("domain", domain),
                ("linkedin_company_page", linkedin),
                ("phone", phone),
                ("city", city),
                ("country", country),
            ];
            normalize::tidy_fields(
                Entity::Company,
                &raw.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            )
        })
}

fn subjects() -> impl Strategy<Value = Vec<Subject>> {
    let one = prop_oneof![
        3 => contact().prop_map(|fields| (Entity::Contact, fields)),
        1 => company().prop_map(|fields| (Entity::Company, fields)),
    ];
    prop::collection::vec((one, prop::option::weighted(0.2, 0..4_u8), any::<bool>()), 1..14).prop_map(|rows| {
        rows.into_iter()
            .enumerate()
            .map(|(number, ((entity, fields), portal, existing))| Subject {
                id: number as u64,
                entity,
                fields,
                portal_id: portal.map(|portal| format!("{}{portal}", entity.as_str())),
                existing: existing || portal.is_some(),
            })
            .collect()
    })
}

fn decided(count: u64) -> impl Strategy<Value = Decided> {
    let pairs = || prop::collection::vec((0..count, 0..count), 0..4);
    (pairs(), pairs()).prop_map(|(same, different)| Decided { same, different })
}

/// Clusters as sets, whatever their order.
fn sets(resolution: &Resolution) -> BTreeSet<BTreeSet<u64>> {
    resolution.clusters.iter().map(|cluster| cluster.members.iter().copied().collect()).collect()
}

fn cluster_of(resolution: &Resolution) -> BTreeMap<u64, usize> {
    let clusters = resolution.clusters.iter().enumerate();
    clusters.flat_map(|(number, cluster)| cluster.members.iter().map(move |member| (*member, number))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_rows_makes_no_difference((list, shuffled) in subjects().prop_flat_map(|list| (Just(list.clone()), Just(list).prop_shuffle())), decided in decided(14)) {
        let settings = Settings::default();
        prop_assert_eq!(resolve(&list, &decided, &settings), resolve(&shuffled, &decided, &settings));
    }

    #[test]
    fn every_subject_is_in_exactly_one_cluster(list in subjects(), decided in decided(14)) {
        let resolution = resolve(&list, &decided, &Settings::default());
        let mut members: Vec<u64> = resolution.clusters.iter().flat_map(|cluster| cluster.members.clone()).collect();
        members.sort_unstable();
        prop_assert_eq!(members, (0..list.len() as u64).collect::<Vec<_>>());
        let merged: usize = resolution.clusters.iter().map(|cluster| cluster.members.len() - 1).sum();
        prop_assert_eq!(resolution.links.len(), merged);
    }

    #[test]
    fn what_must_stay_apart_never_shares_a_cluster(list in subjects(), decided in decided(14)) {
        let resolution = resolve(&list, &decided, &Settings::default());
        for cluster in &resolution.clusters {
            let of = |id: &u64| &list[*id as usize];
            let portal: BTreeSet<_> = cluster.members.iter().filter_map(|id| of(id).portal_id.as_deref()).collect();
            prop_assert!(portal.len() <= 1, "{:?}", portal);
            let entities: BTreeSet<_> = cluster.members.iter().map(|id| of(id).entity).collect();
            prop_assert_eq!(entities.len(), 1);
        }
        let cluster = cluster_of(&resolution);
        let portal = |id: &u64| list.get(*id as usize).and_then(|subject| subject.portal_id.as_deref());
        for (left, right) in &decided.different {
            let one_portal_record = portal(left).is_some() && portal(left) == portal(right);
            if left != right && cluster.contains_key(left) && cluster.contains_key(right) && !one_portal_record {
                prop_assert!(cluster[left] != cluster[right] , "{} {}", left, right);
            }
        }
    }

    #[test]
    fn what_a_person_joined_stays_joined(list in subjects(), left in 0..14_u64, right in 0..14_u64) {
        let known = |id: u64| list.get(id as usize);
        if let (Some(a), Some(b)) = (known(left), known(right)) {
            let may = a.entity == b.entity && !(a.portal_id.is_some() && b.portal_id.is_some() && a.portal_id != b.portal_id);
            let cluster = cluster_of(&resolve(&list, &Decided { same: vec![(left, right)], different: vec![] }, &Settings::default()));
            prop_assert_eq!(cluster[&left] == cluster[&right], left == right || may);
        }
    }

    #[test]
    fn an_exact_copy_changes_no_other_cluster(list in subjects(), copied in 0..14_usize) {
        let settings = Settings::default();
        let mut longer = list.clone();
        let mut copy = list[copied % list.len()].clone();
        copy.id = list.len() as u64;
        longer.push(copy);
        let before = sets(&resolve(&list, &Decided::default(), &settings));
        let after = resolve(&longer, &Decided::default(), &settings);
        let without: BTreeSet<BTreeSet<u64>> = sets(&after)
            .into_iter()
            .map(|mut cluster| { cluster.remove(&(list.len() as u64)); cluster })
            .filter(|cluster| !cluster.is_empty())
            .collect();
        prop_assert_eq!(without, before);
    }

    #[test]
    fn a_pair_scores_the_same_from_both_sides_and_shares_a_key_if_it_matters(list in subjects()) {
        let settings = Settings::default();
        for a in &list {
            for b in &list {
                let pair = compare(a, b, &settings);
                prop_assert_eq!(&pair, &compare(b, a, &settings));
                prop_assert!((0.0..=1.0).contains(&pair.score));
                if a.id < b.id && pair.score >= settings.review && a.entity == b.entity {
                    let left = keys(a.entity, &a.fields);
                    prop_assert!(keys(b.entity, &b.fields).iter().any(|key| left.contains(key)), "{:?} {:?}", a, b);
                }
            }
        }
    }

    #[test]
    fn keys_are_few_and_different(list in subjects()) {
        for subject in &list {
            let found = keys(subject.entity, &subject.fields);
            prop_assert!(found.len() <= 11, "{:?}", found);
            prop_assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), found.len());
        }
    }
}
