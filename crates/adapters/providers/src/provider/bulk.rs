//! Asking many questions in as few calls as the vendor allows.

use evergreen_model::{Answer, AnswerOutcome, Fields, Question};
use evergreen_ports::Provider;

use super::{ManifestProvider, received};
use crate::reading::Reading;

impl ManifestProvider {
    /// One answer per question, in their order.
    pub(super) async fn ask_together(&self, questions: &[Question], wanted: &[String]) -> Vec<Answer> {
        let mut answers: Vec<Option<Answer>> = vec![None; questions.len()];
        let mut operations: Vec<&str> = questions.iter().map(|question| question.operation.as_str()).collect();
        operations.sort_unstable();
        operations.dedup();
        for operation in operations {
            let of_it: Vec<usize> = (0..questions.len()).filter(|at| questions[*at].operation == operation).collect();
            let most = self.manifest.bulk_most(operation).max(1);
            // A part that is too large, or that one bad question spoils, is halved; a stack keeps the order of calls plain.
            let mut parts: Vec<Vec<usize>> = of_it.chunks(most).rev().map(<[usize]>::to_vec).collect();
            while let Some(part) = parts.pop() {
                if let [only] = part.as_slice() {
                    answers[*only] = Some(self.ask(&questions[*only], wanted).await);
                    continue;
                }
                let asked: Vec<&Question> = part.iter().map(|at| &questions[*at]).collect();
                match self.ask_part(operation, &asked, wanted).await {
                    Part::Answered(told) => {
                        for (at, answer) in part.iter().zip(told) {
                            answers[*at] = Some(answer);
                        }
                    }
                    Part::Refused => {
                        let (left, right) = part.split_at(part.len() / 2);
                        parts.push(right.to_vec());
                        parts.push(left.to_vec());
                    }
                }
            }
        }
        let silent = || self.answer(&Reading::unread(AnswerOutcome::Malformed, 0, "no answer".to_owned()), 0);
        answers.into_iter().map(|answer| answer.unwrap_or_else(silent)).collect()
    }

    async fn ask_part(&self, name: &str, asked: &[&Question], wanted: &[String]) -> Part {
        let all = |reading: &Reading, latency_ms: u64| {
            Part::Answered(asked.iter().map(|_| self.answer(reading, latency_ms)).collect())
        };
        let (Some(operation), Ok(parts)) =
            (self.manifest.operation(name), self.manifest.bulk_request(name, asked, wanted))
        else {
            return all(
                &Reading::unread(AnswerOutcome::InvalidInput, 0, "the bulk request does not come out".into()),
                0,
            );
        };
        // One key for the set, whatever its order: the same set asked again is the same question.
        let mut keys: Vec<&str> = asked.iter().map(|question| question.key.as_str()).collect();
        keys.sort_unstable();
        let key = blake3::hash(keys.concat().as_bytes()).to_hex().to_string();
        let waits = self.manifest.waits_out_429(operation);
        let got = match self.send(operation, parts, &key, waits).await {
            Ok(got) => got,
            Err(mut reading) => {
                self.may_have_been_billed(&mut reading, operation.price_max);
                return all(&reading, 0);
            }
        };
        let questions: Vec<(String, Fields)> =
            asked.iter().map(|question| (question.key.clone(), question.inputs.clone())).collect();
        let read = self.manifest.read_bulk(name, &questions, received(&got), wanted);
        if read.rows.is_empty() {
            if read.whole.outcome == AnswerOutcome::InvalidInput {
                return Part::Refused;
            }
            let whole = self.told_apart(read.whole).await;
            return all(&whole, got.latency_ms);
        }
        Part::Answered(read.rows.iter().map(|row| self.answer(row, got.latency_ms)).collect())
    }
}

/// What became of one call.
enum Part {
    /// An answer each.
    Answered(Vec<Answer>),
    /// The vendor dislikes the call, and says so free of charge.
    Refused,
}
