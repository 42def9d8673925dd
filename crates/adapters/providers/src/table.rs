//! A table of the user's own as a source: a CSV file whose columns are field names, looked up by one of them, free of charge.

use std::collections::BTreeMap;

use async_trait::async_trait;
use evergreen_model::field;
use evergreen_model::{
    Answer, AnswerOutcome, Charge, Credits, Entity, Fields, Money, OperationCard, Problem, ProviderCard, Question,
    Remedy,
};
use evergreen_ports::Provider;
use serde_json::Value;

use crate::question;
use crate::reading::Reading;
use crate::value::{self, Kind};

/// The only thing a table can be asked.
const LOOKUP: &str = "lookup";

/// A table, read into memory.
pub struct TableProvider {
    card: ProviderCard,
    key_field: String,
    rows: BTreeMap<String, Fields>,
}

impl TableProvider {
    /// Reads a table. Columns are named as fields (`email`, `jobtitle`); other columns are left alone. Where several rows have the same
    /// key, the first value of each field counts. The source is called `table.NAME`.
    ///
    /// # Errors
    /// `EG-PROVIDER-003` where the text is no CSV, the key column is missing or no column is a field.
    pub fn new(
        name: &str,
        text: &str,
        entity: Entity,
        key_field: &str,
        fresh_days: u32,
    ) -> Result<TableProvider, Problem> {
        let wrong = |why: String, fix: &str| {
            Problem::new("EG-PROVIDER-003", Remedy::FixInput, format!("the table {name} cannot be used"), why, fix)
        };
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let header: Vec<String> = reader
            .headers()
            .map_err(|error| wrong(error.to_string(), "save it as CSV in UTF-8, with a header line"))?
            .iter()
            .map(str::to_lowercase)
            .collect();
        let is_field = |column: &String| field::find(entity, column).is_some();
        if !header.iter().any(|column| column == key_field) || field::find(entity, key_field).is_none() {
            let columns = header.join(", ");
            return Err(wrong(
                format!("it has no column `{key_field}` to look up by; it has {columns}"),
                "name the column, or choose another key",
            ));
        }
        let gives: Vec<String> =
            header.iter().filter(|column| is_field(column) && *column != key_field).cloned().collect();
        if gives.is_empty() {
            return Err(wrong(
                format!("no other column of it is a field of a {}", entity.as_str()),
                "name the columns as fields: jobtitle, phone",
            ));
        }
        let mut rows: BTreeMap<String, Fields> = BTreeMap::new();
        for record in reader.records() {
            let record = record.map_err(|error| wrong(error.to_string(), "correct the line"))?;
            let values: Fields = header
                .iter()
                .zip(&record)
                .filter(|(column, _)| is_field(column))
                .filter_map(|(column, raw)| Some((column.clone(), cell(entity, column, raw)?)))
                .collect();
            let Some(key) = values.get(key_field).map(|key| key.to_lowercase()) else {
                continue;
            };
            let row = rows.entry(key).or_default();
            for (column, value) in values.into_iter().filter(|(column, _)| column != key_field) {
                row.entry(column).or_insert(value);
            }
        }
        let card = ProviderCard {
            name: format!("table.{name}"),
            title: format!("table {name}"),
            money_per_credit: Money::ZERO,
            repeats_free: true,
            operations: vec![OperationCard {
                name: LOOKUP.to_owned(),
                entity,
                needs: vec![vec![key_field.to_owned()]],
                accepts: Vec::new(),
                gives,
                price_max: Credits::ZERO,
                fresh_days,
            }],
        };
        Ok(TableProvider { card, key_field: key_field.to_owned(), rows })
    }
}

/// A cell in the form of its field; empty cells and placeholders are no values.
fn cell(entity: Entity, column: &str, raw: &str) -> Option<String> {
    let text = value::read(&Value::String(raw.to_owned()), Kind::Text).ok()?;
    question::normal(entity, column, &text)
}

#[async_trait]
impl Provider for TableProvider {
    fn card(&self) -> &ProviderCard {
        &self.card
    }

    fn question(&self, operation: &str, known: &Fields) -> Option<Question> {
        let operation = self.card.operations.iter().find(|card| card.name == operation)?;
        question::question(&self.card.name, operation, &[], known)
    }

    async fn ask(&self, question: &Question, wanted: &[String]) -> Answer {
        let row = question.inputs.get(&self.key_field).and_then(|key| self.rows.get(&key.to_lowercase()));
        let Some(fields) = row.filter(|fields| !fields.is_empty()) else {
            return Reading::unread(AnswerOutcome::Miss, 0, "no row has this key".to_owned()).answer(Money::ZERO, 0);
        };
        let outcome = if wanted.iter().all(|name| fields.contains_key(name)) {
            AnswerOutcome::Hit
        } else {
            AnswerOutcome::Partial
        };
        Answer {
            outcome,
            fields: fields.clone(),
            charge: Charge::default(),
            confidence: 100,
            note: String::new(),
            status: 0,
            latency_ms: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_table_answers_by_its_key_whatever_its_form_and_costs_nothing() {
        let text = "\u{feff}Email,JobTitle,Phone,shoe size\nJane@ACME.com, CEO ,n/a,44\njane@acme.com,CFO,+1 202 555 0143,\n,nobody,,\n";
        let table = TableProvider::new("people", text, Entity::Contact, "email", 365).expect("a table");
        assert_eq!(
            (table.card().name.as_str(), table.card().operations[0].gives.join(" ")),
            ("table.people", "jobtitle phone".into())
        );
        let known = Fields::from([("email".to_owned(), "JANE@acme.com ".to_owned())]);
        let question = table.question("lookup", &known).expect("complete");
        let answer = table.ask(&question, &["jobtitle".to_owned()]).await;
        assert_eq!(answer.outcome, AnswerOutcome::Hit);
        assert_eq!(answer.fields["jobtitle"], "CEO", "the first row counts");
        assert_eq!(answer.fields["phone"], "+12025550143", "a later row fills what the first left open");
        assert_eq!(answer.charge, Charge::default());
        let other =
            table.question("lookup", &Fields::from([("email".to_owned(), "x@y.com".to_owned())])).expect("complete");
        assert_eq!(table.ask(&other, &[]).await.outcome, AnswerOutcome::Miss);
    }

    #[test]
    fn a_table_without_its_key_or_without_fields_is_refused() {
        for (text, part) in [
            ("name,jobtitle\na,b\n", "no column `email`"),
            ("email,shoe\na@b.c,44\n", "no other column"),
            ("", "no column `email`"),
        ] {
            let problem = TableProvider::new("people", text, Entity::Contact, "email", 1).err().expect("refused");
            assert!(problem.code == "EG-PROVIDER-003" && problem.why.contains(part), "{problem}");
        }
    }
}
