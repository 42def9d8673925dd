//! What happens in one seed: a list is imported and synced, people work on, a second list comes, a run is taken back, perhaps twice.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;

use evergreen_engine::{Request, World, apply_plan, pipeline, propose, report};
use evergreen_model::{Entity, Plan, Problem, RunId};
use evergreen_ports::Store;
use evergreen_sandbox::{Offline, SandboxOptions, Tier};
use jiff::Timestamp;

use crate::book::Book;
use crate::checks::{self, Allowed};
use crate::dice::Dice;
use crate::fate::{Diary, Fate};
use crate::machine::JumpingClock;
use crate::people::{self, Person};
use crate::program::{FOLDER, Remains};
use crate::town::{TOKEN, Town, Weather};

const START: &str = "2026-12-01T08:00:00Z";
/// After so many failed tries of one deed the weather clears, so that every story ends.
const PATIENCE: usize = 6;

/// What a seed was about, for the summary.
pub struct Told {
    pub mishaps: Vec<(&'static str, u64)>,
    pub calls: u64,
    pub crashes: u64,
    pub undone: u64,
}

pub struct Story {
    pub town: Arc<Town>,
    remains: Remains,
    dice: Dice,
    lives: u64,
    pub crashes: u64,
    pub undone: u64,
    pub allowed: Allowed,
}

/// Plays a seed; `Err` says what was hurt.
pub async fn play(seed: u64, diary: Arc<Diary>) -> Result<Told, String> {
    let mut dice = Dice::new(seed, 1);
    let with_firms = dice.permille(400);
    let people: Vec<Person> = (0..dice.between(3, 10)).map(|at| Person { at }).collect();
    let known: Vec<Person> = people.iter().filter(|_| dice.permille(400)).cloned().collect();
    let start: Timestamp = START.parse().unwrap();
    let offline = Offline::new(SandboxOptions {
        seed,
        port: 0,
        dns_port: 0,
        world: people::portal(&known, with_firms, &mut dice),
        tier: Tier::Professional,
        journal: None,
        start,
        token: TOKEN.to_owned(),
    })
    .unwrap();
    let clock = Arc::new(JumpingClock::new(start));
    let town = Arc::new(Town::new(offline, clock, Dice::new(seed, 2), diary));
    let mut story =
        Story { town, remains: Remains::new(seed), dice, lives: 0, crashes: 0, undone: 0, allowed: Allowed::default() };

    let weather = Weather {
        acts: *story.dice.pick(&[0, 30, 80, 200]),
        slips: *story.dice.pick(&[0, 200, 500]),
        storms: *story.dice.pick(&[0, 20, 80]),
    };
    story
        .town
        .diary
        .write(|| format!("{} people, {} known, firms {with_firms}, {weather:?}", people.len(), known.len()));

    let rows: Vec<(Person, usize)> = people.iter().map(|person| (person.clone(), 0)).collect();
    let first = story.run(Some((&rows, with_firms)), weather).await?;
    story.between_runs(weather);
    let mut last = first;
    if story.dice.permille(600) {
        let mut rows: Vec<(Person, usize)> =
            people.iter().map(|person| (person.clone(), usize::from(story.dice.permille(600)))).collect();
        rows.extend((10..10 + story.dice.below(3)).map(|at| (Person { at }, 0)));
        last = story.run(Some((&rows, with_firms)), weather).await?;
        story.between_runs(weather);
    }
    if story.dice.permille(500) {
        let undo = story.undo(last, weather).await?;
        if story.dice.permille(400) {
            story.between_runs(weather);
            story.undo(undo, weather).await?;
        }
    }
    checks::at_the_end(&story)?;
    let book = story.book();
    Ok(Told {
        mishaps: book.mishaps.iter().map(|(name, times)| (*name, *times)).collect(),
        calls: book.calls,
        crashes: story.crashes,
        undone: story.undone,
    })
}

impl Story {
    pub fn book(&self) -> std::sync::MutexGuard<'_, Book> {
        self.town.book.lock().unwrap()
    }

    /// Time passes, and people work in the portal.
    fn between_runs(&mut self, weather: Weather) {
        self.town.clock.pass_ms(i64::try_from(self.dice.between(1, 30)).unwrap() * 86_400_000);
        self.town.diary.write(|| "── days later".to_owned());
        if weather.acts > 0 {
            let mut dice = self.town.dice.lock().unwrap();
            for _ in 0..dice.below(8) {
                self.town.somebody_acts(&mut dice);
            }
        }
    }

    /// Imports a list and runs everything, through whatever comes.
    async fn run(&mut self, list: Option<(&[(Person, usize)], bool)>, weather: Weather) -> Result<RunId, String> {
        let lists = match list {
            Some((rows, with_firms)) => {
                let path = PathBuf::from(FOLDER).join(format!("list-{}.csv", self.lives));
                let text = people::list(rows, with_firms, &mut self.dice);
                self.town.diary.write(|| format!("the list:\n{text}"));
                self.remains.shelf.put(&path, &text);
                vec![path]
            }
            None => Vec::new(),
        };
        let request = Request { lists, pilot: None, approved_by: Some("the simulation: tried out".to_owned()) };
        let request = &request;
        let (run, plan) =
            self.persist("propose", weather, 150, |world| async move { propose(&world, request).await }).await?;
        let plan = plan.ok_or("there is no plan")?;
        self.apply(&plan, weather).await?;
        let told = self.calmly(|world| async move { report::of(&world, run.id).await }).await?;
        if told.imported != told.outcome.sum() {
            return Err(format!("{} rows in, {} counted out: {told:?}", told.imported, told.outcome.sum()));
        }
        Ok(run.id)
    }

    /// Takes a run back, through whatever comes; tells the run that did so.
    async fn undo(&mut self, run: RunId, weather: Weather) -> Result<RunId, String> {
        self.town.diary.write(|| format!("── run {} is taken back", run.0));
        let (run, plan) =
            self.persist("undo", weather, 20, |world| async move { pipeline::undo(&world, run).await }).await?;
        let before = self.town.state();
        let call = self.book().calls;
        self.apply(&plan, weather).await?;
        checks::undo_did_what_it_claims(self, &plan, &before, call).await?;
        self.undone += 1;
        Ok(run.id)
    }

    async fn apply(&mut self, plan: &Plan, weather: Weather) -> Result<(), String> {
        self.allowed.add(&self.remains.store, plan).await;
        self.town.diary.write(|| format!("── plan {} is applied", plan.id.0));
        let id = plan.id;
        let approved = "the simulation: tried out";
        self.persist("apply", weather, 60, |world| async move { apply_plan(&world, id, Some(approved)).await }).await?;
        checks::nobody_is_hurt(self).await?;
        let (sent, state) = (self.book().sent.len(), self.town.state());
        self.calmly(|world| async move { apply_plan(&world, id, Some(approved)).await }).await?;
        if self.book().sent.len() != sent || self.town.state() != state {
            return Err("applying the plan twice changed something".to_owned());
        }
        Ok(())
    }

    /// Does something with a program that may die and be started again, until it is done.
    async fn persist<T, F, Fut>(&mut self, what: &str, weather: Weather, length: usize, deed: F) -> Result<T, String>
    where
        F: Fn(World) -> Fut,
        Fut: Future<Output = Result<T, Problem>>,
    {
        let deaths = if weather.storms == 0 { 0 } else { self.dice.below(4) };
        let mut failures: Vec<String> = Vec::new();
        for attempt in 0..PATIENCE * 2 {
            let calm = attempt >= PATIENCE;
            *self.town.weather.lock().unwrap() = if calm { Weather { storms: 0, ..weather } } else { weather };
            let dies = (attempt < deaths && !calm).then(|| self.dice.below(length));
            match self.live(dies, &deed).await {
                Some(Ok(done)) => {
                    *self.town.weather.lock().unwrap() = Weather::CALM;
                    return Ok(done);
                }
                Some(Err(problem)) => {
                    self.town.diary.write(|| format!("   {what} failed: {problem}"));
                    if self.town.diary.aloud {
                        self.tell_records().await;
                    }
                    failures.push(problem.to_string());
                    self.town.clock.pass_ms(60_000);
                }
                None => self.crashes += 1,
            }
        }
        Err(format!("{what} never ends:\n{}", failures.join("\n")))
    }

    /// Writes down what the store knows of whom.
    async fn tell_records(&self) {
        for entity in [Entity::Company, Entity::Contact] {
            for record in self.remains.store.scan(entity, None, None, 1_000).await.unwrap_or_default() {
                let title = record.value("email").or(record.value("domain")).unwrap_or_default();
                self.town.diary.write(|| {
                    let (id, stage) = (record.portal_id.as_deref().unwrap_or("-"), record.stage);
                    format!("     record {} {} portal {id} {stage:?} {title}", record.id.0, record.evergreen_id)
                });
            }
        }
    }

    /// One life of the program without weather.
    pub async fn calmly<T, F, Fut>(&mut self, deed: F) -> Result<T, String>
    where
        F: Fn(World) -> Fut,
        Fut: Future<Output = Result<T, Problem>>,
    {
        match self.live(None, &deed).await {
            Some(done) => done.map_err(|problem| problem.to_string()),
            None => Err("it died in calm weather".to_owned()),
        }
    }

    async fn live<T, F, Fut>(&mut self, dies: Option<usize>, deed: &F) -> Option<Result<T, Problem>>
    where
        F: Fn(World) -> Fut,
        Fut: Future<Output = Result<T, Problem>>,
    {
        self.lives += 1;
        let fate = Arc::new(Fate::new(dies, Arc::clone(&self.town.diary)));
        let world = self.remains.open(&self.town, &fate, self.lives);
        tokio::select! {
            biased;
            () = fate.died() => None,
            done = deed(world) => Some(done),
        }
    }

    pub fn store(&self) -> &Arc<evergreen_store::SqliteStore> {
        &self.remains.store
    }
}
