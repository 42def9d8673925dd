//! Many questions in one call: the request, and the rows of the answer joined to their questions by identity, never by position.

use evergreen_model::{AnswerOutcome, Credits, Fields, Question};

use crate::charge::{self, Cost};
use crate::document::{Bulk, Operation};
use crate::expression::Body;
use crate::manifest::Manifest;
use crate::reading::{Reading, Received};
use crate::request::{Parts, bulk_parts};
use crate::value;

/// The answer to a bulk call.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkReading {
    /// How the call as a whole reads: all, some or none of its rows, or what went wrong.
    pub whole: Reading,
    /// One reading per question, in the order of the questions; empty where the call as a whole failed.
    pub rows: Vec<Reading>,
    /// How many rows of the answer belong to none of the questions.
    pub strangers: usize,
}

impl Manifest {
    /// The most questions one call of this operation carries; 1 where it has no bulk form.
    #[must_use]
    pub fn bulk_most(&self, operation: &str) -> usize {
        self.operation(operation).and_then(|operation| operation.bulk.as_ref()).map_or(1, |bulk| bulk.most)
    }

    /// The request that asks several questions at once.
    ///
    /// # Errors
    /// A sentence, when the operation has no bulk form or a template does not come out.
    pub fn bulk_request(&self, operation: &str, questions: &[&Question], wanted: &[String]) -> Result<Parts, String> {
        let (operation, bulk) = self.bulk_of(operation).ok_or_else(|| format!("{operation} has no bulk form"))?;
        bulk_parts(&self.document, operation, &bulk.request, questions, wanted)
    }

    pub(crate) fn bulk_of(&self, operation: &str) -> Option<(&Operation, &Bulk)> {
        let operation = self.operation(operation)?;
        Some((operation, operation.bulk.as_ref()?))
    }

    /// Reads the answer to a bulk call. `questions` are what was asked: the mark each was sent under, and its inputs.
    #[must_use]
    pub fn read_bulk(
        &self,
        name: &str,
        questions: &[(String, Fields)],
        got: Received<'_>,
        wanted: &[String],
    ) -> BulkReading {
        let Some((operation, bulk)) = self.bulk_of(name) else {
            let note = format!("{name} has no bulk form");
            return failed(Reading::unread(AnswerOutcome::Malformed, got.status, note));
        };
        let mut view = self.view(name, operation);
        let json = Body::parse(got.body);
        let whole = {
            let (empty_fields, empty_unpack) = Default::default();
            let mut over = self.view(name, operation);
            over.rules =
                vec![(format!("{name}'s bulk form"), &bulk.rules), (self.name().to_owned(), &self.document.rules)];
            (over.fields, over.unpack) = (&empty_fields, &empty_unpack);
            over.finds = &[];
            (over.columns, over.rows, over.envelope, over.ticket, over.charge) = (None, None, None, None, &bulk.charge);
            self.reading_of(&over, got, json.as_ref(), &Fields::new(), &[])
        };
        // Without fields a well-formed 2xx reads as a miss; anything else is the call's own failure.
        let passed = (200..300).contains(&got.status)
            && matches!(whole.outcome, AnswerOutcome::Miss | AnswerOutcome::Hit | AnswerOutcome::Partial);
        let Some(json) = json.filter(|_| passed) else {
            return failed(whole);
        };
        view.ticket = None;
        let answers = bulk.rows.list(&json);
        let joined = join(self, &view, bulk, questions, &answers, got.status, wanted);
        let strangers = answers.iter().filter(|row| !row.is_null()).count().saturating_sub(joined.used);
        let mut rows = joined.readings;
        let total = charge::cost(&bulk.charge, AnswerOutcome::Hit, got.headers, Some(&json));
        let metered = bulk.charge.iter().any(|rule| rule.meter.is_some()) && total.basis == "the vendor's own meter";
        let mut whole = whole;
        whole.rule = format!("the {} rows of the answer", answers.len());
        whole.outcome = together(&rows);
        whole.cost = if metered { share(total, &mut rows) } else { sum(&rows) };
        if strangers > 0 {
            whole.notes.push(format!("{strangers} rows belong to nobody who was asked about"));
        }
        BulkReading { whole, rows, strangers }
    }
}

fn failed(whole: Reading) -> BulkReading {
    BulkReading { whole, rows: Vec::new(), strangers: 0 }
}

struct Joined {
    readings: Vec<Reading>,
    used: usize,
}

/// Finds the row of every question.
fn join(
    manifest: &Manifest,
    view: &crate::view::View<'_>,
    bulk: &Bulk,
    questions: &[(String, Fields)],
    answers: &[Body],
    status: u16,
    wanted: &[String],
) -> Joined {
    let read = |row: &Body, asked: &Fields| {
        let own = bulk.row.status.as_ref().and_then(|place| place.number(row));
        let status = own.filter(|own| (100.0..600.0).contains(own)).map_or(status, |own| own as u16);
        let body = bulk.row.answer.as_ref().map_or_else(|| Some(row.clone()), |place| place.made_of(row));
        let body = body.map(|body| body.unpacked(view.unpack.iter()));
        let bytes = body.as_ref().map(Body::to_bytes).unwrap_or_default();
        // The call's headers count once, for the whole call.
        manifest.reading_of(view, Received { status, headers: &[], body: &bytes }, body.as_ref(), asked, wanted)
    };
    let nobody = Fields::new();
    let known: Vec<Option<Known>> = answers
        .iter()
        .map(|row| {
            if row.is_null() {
                return None;
            }
            let echo = bulk.echo.as_ref().and_then(|place| place.word(row));
            let said = bulk.asked.as_ref().and_then(|place| place.word(row));
            Some(Known { echo, said, reading: read(row, &nobody) })
        })
        .collect();
    let mut taken = vec![0_usize; answers.len()];
    let matched: Vec<Vec<usize>> = questions.iter().map(|(mark, asked)| rows_about(mark, asked, &known)).collect();
    for found in &matched {
        if let [only] = found.as_slice() {
            taken[*only] += 1;
        }
    }
    let readings = questions
        .iter()
        .zip(&matched)
        .map(|((_, asked), found)| match found.as_slice() {
            [] => {
                Reading::unread(AnswerOutcome::Miss, status, "no row of the answer is about this question".to_owned())
            }
            [only] => read(&answers[*only], asked),
            several => {
                let note = format!("{} rows of the answer fit this question equally well", several.len());
                Reading::unread(AnswerOutcome::Ambiguous, status, note)
            }
        })
        .collect();
    Joined { readings, used: taken.iter().filter(|count| **count > 0).count() }
}

/// A row of the answer before it has a question.
struct Known {
    /// The mark it repeats.
    echo: Option<String>,
    /// The input it repeats.
    said: Option<String>,
    reading: Reading,
}

/// The rows that are about a question: those with its mark, else those that resemble it most.
fn rows_about(mark: &str, asked: &Fields, known: &[Option<Known>]) -> Vec<usize> {
    let there = || known.iter().enumerate().filter_map(|(at, row)| Some((at, row.as_ref()?)));
    let by_mark: Vec<usize> = there().filter(|(_, row)| row.echo.as_deref() == Some(mark)).map(|(at, _)| at).collect();
    if !by_mark.is_empty() {
        return by_mark;
    }
    let likeness: Vec<(usize, u8)> = there()
        .filter(|(_, row)| row.echo.is_none())
        .map(|(at, row)| (at, if repeats(asked, row.said.as_deref()) { 3 } else { alike(asked, &row.reading) }))
        .collect();
    let best = likeness.iter().map(|(_, points)| *points).max().unwrap_or(0);
    likeness.into_iter().filter(|(_, points)| *points == best && best > 0).map(|(at, _)| at).collect()
}

/// Whether a row repeats an input that belongs to one alone: an address, a profile, a domain.
fn repeats(asked: &Fields, said: Option<&str>) -> bool {
    let own = ["email", "hs_linkedin_url", "linkedin_company_page", "domain"];
    let plain =
        |text: &str| text.trim().trim_end_matches('/').replace("https://", "").replace("www.", "").to_lowercase();
    said.is_some_and(|said| own.iter().any(|name| asked.get(*name).is_some_and(|ours| plain(ours) == plain(said))))
}

/// How surely a row is about a question: an address or profile proves it, name and company suffice, a name alone is not enough.
fn alike(asked: &Fields, row: &Reading) -> u8 {
    let same = |name: &str| {
        asked.get(name).zip(row.value(name)).is_some_and(|(ours, theirs)| ours.trim().eq_ignore_ascii_case(theirs))
    };
    let folded = |text: &str| evergreen_model::country::fold(text);
    let name =
        |name: &str| asked.get(name).zip(row.value(name)).is_some_and(|(ours, theirs)| folded(ours) == folded(theirs));
    if same("email") || same("hs_linkedin_url") {
        return 3;
    }
    let host = row.value("email").and_then(value::domain);
    let site = same("domain") || asked.get("domain").is_some_and(|domain| host.as_ref() == Some(domain));
    let firm = name("company") || name("name");
    match (name("firstname") && name("lastname"), site, firm) {
        (true, true, _) | (true, _, true) => 2,
        // A company is known by its domain alone; a person is not.
        (_, true, _) if !asked.contains_key("lastname") && row.value("lastname").is_none() => 2,
        (_, _, true) if asked.contains_key("name") => 1,
        _ => 0,
    }
}

fn together(rows: &[Reading]) -> AnswerOutcome {
    let all = |outcome| !rows.is_empty() && rows.iter().all(|row| row.outcome == outcome);
    let found = rows.iter().any(|row| matches!(row.outcome, AnswerOutcome::Hit | AnswerOutcome::Partial));
    match rows.first() {
        Some(first) if all(first.outcome) => first.outcome,
        _ if found => AnswerOutcome::Partial,
        _ => AnswerOutcome::Miss,
    }
}

fn sum(rows: &[Reading]) -> Cost {
    let credits = rows.iter().fold(Credits::ZERO, |sum, row| sum + row.cost.credits);
    Cost { credits, basis: "what its rows cost".to_owned(), ..Cost::default() }
}

/// Shares what the vendor's meter says among the rows: as each costs by rule where that adds up, else evenly among those that found
/// something. Not a millionth is lost.
fn share(total: Cost, rows: &mut [Reading]) -> Cost {
    if sum(rows).credits == total.credits {
        return total;
    }
    let paying: Vec<usize> = {
        let found = |row: &Reading| matches!(row.outcome, AnswerOutcome::Hit | AnswerOutcome::Partial);
        let found: Vec<usize> = (0..rows.len()).filter(|at| found(&rows[*at])).collect();
        if found.is_empty() { (0..rows.len()).collect() } else { found }
    };
    let count = i64::try_from(paying.len()).unwrap_or(i64::MAX);
    for row in rows.iter_mut() {
        row.cost.credits = Credits::ZERO;
    }
    for (at, row) in paying.iter().enumerate() {
        let rest = i64::from((at as i64) < total.credits.micros % count);
        rows[*row].cost.credits = Credits::from_micros(total.credits.micros / count + rest);
        rows[*row].cost.basis.clone_from(&total.basis);
    }
    total
}
