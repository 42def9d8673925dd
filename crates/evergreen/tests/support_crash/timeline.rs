//! How an undisturbed demo goes along, and moments drawn from it.

use std::time::Duration;

use evergreen_machine::SeededChance;
use evergreen_ports::Chance;

use super::demo::{Ending, Landmark, Run, Stop};

/// What was finished when.
pub struct Timeline {
    landmarks: Vec<(Duration, Landmark)>,
    length: Duration,
}

impl Timeline {
    /// The timeline of an undisturbed run.
    pub fn of(run: Run) -> Timeline {
        assert!(matches!(run.ending, Ending::Done), "the undisturbed demo fails: {:?}\n{}", run.ending, run.words());
        assert!(run.said.len() >= 8, "the demo hardly says how far it is: {:?}", run.said);
        Timeline { length: run.lived, landmarks: run.said }
    }

    /// How long an undisturbed demo takes.
    pub fn length(&self) -> Duration {
        self.length
    }

    /// How long the program takes until the first stage is done.
    fn start(&self) -> Duration {
        self.landmarks.first().map_or(self.length, |(at, _)| *at)
    }

    /// Random moments over the whole demo, in order; every `early`-th one falls into the start of the program instead.
    pub fn moments(&self, count: usize, early: usize, chance: &SeededChance) -> Vec<Stop> {
        let share = |chance: &SeededChance| (chance.draw() >> 11) as f64 / (1_u64 << 53) as f64;
        let spread = count - count / early;
        // One in each of so many equal parts, so that every stage is hit.
        let place = |number: usize| (number as f64 + share(chance)) / spread as f64;
        let mut moments: Vec<Stop> =
            (0..spread).map(|number| self.moment(self.length.mul_f64(place(number)))).collect();
        for number in 1..=count / early {
            moments.insert(number * early - 1, Stop::AfterStart(self.start().mul_f64(share(chance))));
        }
        moments
    }

    /// A moment of the undisturbed demo as something a disturbed one can wait for.
    fn moment(&self, at: Duration) -> Stop {
        let passed = self.landmarks.iter().filter(|(passed, _)| *passed <= at).count();
        let Some((reached, _)) = passed.checked_sub(1).and_then(|last| self.landmarks.get(last)) else {
            return Stop::AfterStart(at);
        };
        let then = at - *reached;
        let any = self.landmarks[passed - 1..].iter().map(|(_, landmark)| landmark.clone()).collect();
        // What is left of a stage after a restart is shorter than the whole of it.
        Stop::AfterLandmark { any, then, from_start: self.start() + then.min(self.length / 12) }
    }

    /// Where a killed run stood.
    pub fn describe(&self, run: &Run) -> String {
        let last = run.said.last().map_or("nothing", |(_, (sentence, _))| sentence.trim());
        format!("after {:.2} s; the last it said was \"{last}\"", run.lived.as_secs_f64())
    }
}
