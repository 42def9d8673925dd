//! Promise 9: the program is killed at thirty random moments of the demo and started again until it is done; the portal, the
//! report and every payment are those of a run that nobody disturbed.

#![cfg(unix)]

mod support_crash;

use std::collections::VecDeque;
use std::path::Path;

use evergreen_machine::SeededChance;
use support_crash::demo::{Demo, Ending, Stop};
use support_crash::outcome::Outcome;
use support_crash::timeline::Timeline;

/// How often the program is killed.
const KILLS: usize = 30;
/// Every so many kills one comes while the program is still starting.
const EARLY: usize = 6;
/// Decides the moments; another one can be given to look for trouble.
const SEED: &str = "EVERGREEN_CRASH_SEED";
/// Keeps the folders of a failed test in this place.
const KEEP: &str = "EVERGREEN_CRASH_KEEP";

#[test]
fn thirty_kills_at_random_moments_change_nothing() {
    let seed = std::env::var(SEED).ok().and_then(|text| text.parse().ok()).unwrap_or(20_261_125);
    let chance = SeededChance::new(seed);
    let temporary = tempfile::tempdir().expect("a temporary folder");
    let place = std::env::var_os(KEEP).map_or_else(|| temporary.path().to_owned(), Into::into);

    let undisturbed = place.join("undisturbed");
    let timeline = Timeline::of(Demo::new(&undisturbed).run(None));
    let expected = Outcome::of(&undisturbed);
    expected.is_sound();

    let mut stops = VecDeque::from(timeline.moments(KILLS, EARLY, &chance));
    let mut kills = Vec::new();
    let mut number = 0;
    // A folder that is done before all kills are used is followed by another one.
    while !stops.is_empty() {
        number += 1;
        let before = kills.len();
        let folder = place.join(format!("killed-{number}"));
        let told = |kills: &[String]| format!("seed {seed}, folder {number}, kills so far:\n  {}", kills.join("\n  "));
        disturb(&folder, &timeline, &mut stops, &mut kills)
            .unwrap_or_else(|problem| panic!("{problem}\n{}", told(&kills)));
        let differences = expected.differences(&Outcome::of(&folder));
        assert!(differences.is_empty(), "{}\n{}", differences.join("\n"), told(&kills));
        // The machine was busier when the moments were measured: what was never reached is tried sooner.
        if let (true, Some(next)) = (kills.len() == before, stops.front_mut()) {
            *next = next.sooner();
        }
    }
    assert_eq!(kills.len(), KILLS);
    println!(
        "{number} demos survived {KILLS} kills (seed {seed}, {:.1} s undisturbed):",
        timeline.length().as_secs_f64()
    );
    println!("  {}", kills.join("\n  "));
}

/// Starts the demo in a folder again and again, killing it at the next moments, until it ends by itself.
fn disturb(
    folder: &Path,
    timeline: &Timeline,
    stops: &mut VecDeque<Stop>,
    kills: &mut Vec<String>,
) -> Result<(), String> {
    let mut demo = Demo::new(folder);
    loop {
        let run = demo.run(stops.front());
        match &run.ending {
            Ending::Killed => {
                stops.pop_front();
                kills.push(timeline.describe(&run));
            }
            Ending::Done => return Ok(()),
            Ending::Failed(why) => return Err(format!("the demo ended by itself: {why}\n{}", run.words())),
        }
    }
}
