//! The real program running the demo in a folder, killed with `kill -9` at a chosen moment.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// No single start of the demo takes longer than this, however busy the machine.
const PATIENCE: Duration = Duration::from_secs(240);

/// A line the program says when it has finished something, without its numbers, and how often it was said before.
pub type Landmark = (String, usize);

/// When to kill.
#[derive(Clone, Debug)]
pub enum Stop {
    /// So long after the start.
    AfterStart(Duration),
    /// So long after one of these was said. If an earlier start of the same folder said one of them, it need not be said
    /// again, and `from_start` counts.
    AfterLandmark {
        /// What to wait for: the one before the moment in an undisturbed run, and those that follow it there.
        any: Vec<Landmark>,
        /// How long after it.
        then: Duration,
        /// How long after the start, when an earlier start got that far.
        from_start: Duration,
    },
}

impl Stop {
    /// The same place, after half the wait.
    pub fn sooner(&self) -> Stop {
        match self {
            Stop::AfterStart(wait) => Stop::AfterStart(*wait / 2),
            Stop::AfterLandmark { any, then, from_start } => {
                Stop::AfterLandmark { any: any.clone(), then: *then / 2, from_start: *from_start / 2 }
            }
        }
    }
}

/// How a start of the program ended.
#[derive(Debug)]
pub enum Ending {
    /// It was killed in the middle.
    Killed,
    /// It ended well before the moment came.
    Done,
    /// It ended badly, or not at all.
    Failed(String),
}

/// One start of the program, from its beginning to its end.
pub struct Run {
    /// What it said, with the time since the start.
    pub said: Vec<(Duration, Landmark)>,
    /// Its own words.
    lines: Vec<String>,
    /// How long it lived.
    pub lived: Duration,
    /// How it ended.
    pub ending: Ending,
}

impl Run {
    /// Everything it said on stderr.
    pub fn words(&self) -> String {
        self.lines.join("\n")
    }
}

/// The demo in one folder.
pub struct Demo {
    folder: PathBuf,
    reached: BTreeSet<Landmark>,
}

impl Demo {
    /// A demo in a folder that need not be there yet.
    pub fn new(folder: &Path) -> Demo {
        Demo { folder: folder.to_owned(), reached: BTreeSet::new() }
    }

    /// Starts the program and lets it go on until it ends, or is killed at the moment given.
    pub fn run(&mut self, stop: Option<&Stop>) -> Run {
        let mut child = Command::new(env!("CARGO_BIN_EXE_evergreen"))
            .args(["demo", "--dir"])
            .arg(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let begun = Instant::now();
        let heard = listen(&mut child);
        let numbers = child.stdout.take().map(swallow);
        let mut run = Run { said: Vec::new(), lines: Vec::new(), lived: Duration::ZERO, ending: Ending::Done };
        let mut alarm = Alarm::of(stop, &self.reached);
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        run.ending = loop {
            let due = alarm.due.unwrap_or(PATIENCE);
            match heard.recv_timeout(due.saturating_sub(begun.elapsed())) {
                Ok(line) => {
                    let at = begun.elapsed();
                    if let Some(landmark) = landmark(&line, &mut counts) {
                        alarm.hear(&landmark, at);
                        self.reached.insert(landmark.clone());
                        run.said.push((at, landmark));
                    }
                    run.lines.push(line);
                }
                Err(RecvTimeoutError::Timeout) => {
                    child.kill().expect("the program can be killed"); // SIGKILL
                    break if alarm.due.is_some() { Ending::Killed } else { Ending::Failed("it hangs".to_owned()) };
                }
                Err(RecvTimeoutError::Disconnected) => break Ending::Done,
            }
        };
        let status = child.wait().expect("the program is gone");
        run.lived = begun.elapsed();
        run.lines.extend(heard.try_iter());
        drop(numbers.map(std::thread::JoinHandle::join));
        if !matches!(run.ending, Ending::Failed(_)) {
            // A kill that comes a moment after the end is none.
            run.ending = match status.code() {
                None => Ending::Killed,
                Some(0) => Ending::Done,
                Some(code) => Ending::Failed(format!("exit code {code}")),
            };
        }
        run
    }
}

/// When to kill, as far as is known while the program runs.
struct Alarm {
    due: Option<Duration>,
    any: Vec<Landmark>,
    then: Duration,
}

impl Alarm {
    fn of(stop: Option<&Stop>, reached: &BTreeSet<Landmark>) -> Alarm {
        match stop {
            None => Alarm { due: None, any: Vec::new(), then: Duration::ZERO },
            Some(Stop::AfterStart(delay)) => Alarm { due: Some(*delay), any: Vec::new(), then: Duration::ZERO },
            Some(Stop::AfterLandmark { any, then, from_start }) => {
                let before = any.iter().any(|landmark| reached.contains(landmark));
                Alarm { due: before.then_some(*from_start), any: any.clone(), then: *then }
            }
        }
    }

    fn hear(&mut self, landmark: &Landmark, at: Duration) {
        if self.due.is_none() && self.any.contains(landmark) {
            self.due = Some(at + self.then);
        }
    }
}

/// The program's own words as they come; the channel closes when it is gone.
fn listen(child: &mut Child) -> Receiver<String> {
    let (tell, heard) = channel();
    let words = child.stderr.take().expect("the program's words");
    std::thread::spawn(move || {
        for line in BufReader::new(words).lines().map_while(Result::ok) {
            if tell.send(line).is_err() {
                break;
            }
        }
    });
    heard
}

/// Reads stdout so that the program never waits for a reader.
fn swallow(mut out: ChildStdout) -> std::thread::JoinHandle<usize> {
    std::thread::spawn(move || out.read_to_end(&mut Vec::new()).unwrap_or_default())
}

/// Lines that tell of something finished, without their numbers; notes and the farewell are none.
fn landmark(line: &str, counts: &mut BTreeMap<String, usize>) -> Option<Landmark> {
    let sentence = line.strip_prefix("  ")?;
    if ["note:", "evergreen ", " "].iter().any(|start| sentence.starts_with(start)) {
        return None;
    }
    let bare: String = sentence.chars().filter(|letter| !letter.is_ascii_digit()).collect();
    let seen = counts.entry(bare.clone()).or_default();
    *seen += 1;
    Some((bare, *seen))
}
