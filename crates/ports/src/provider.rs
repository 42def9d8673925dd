//! A provider: one vendor as its manifest describes it, or a table of the user's own.

use async_trait::async_trait;
use evergreen_model::evidence::Fields;
use evergreen_model::{Answer, ProviderCard, Question};

/// Answers questions about people and companies.
#[async_trait]
pub trait Provider: Send + Sync {
    /// What it can do and at what price.
    fn card(&self) -> &ProviderCard;

    /// The question that `known` values make for an operation, or `None` when inputs are missing.
    /// Pure: the same values give the same question and key.
    fn question(&self, operation: &str, known: &Fields) -> Option<Question>;

    /// Asks. Never fails: what goes wrong is an outcome of the answer (`transient`, `auth`, …).
    /// `wanted` are the fields whose presence makes a hit.
    async fn ask(&self, question: &Question, wanted: &[String]) -> Answer;

    /// How many questions of an operation one call carries; 1 where there is no bulk form.
    fn most_at_once(&self, _operation: &str) -> usize {
        1
    }

    /// Asks several questions, in as few calls as the provider allows. One answer per question, in their order.
    async fn ask_many(&self, questions: &[Question], wanted: &[String]) -> Vec<Answer> {
        let mut answers = Vec::with_capacity(questions.len());
        for question in questions {
            answers.push(self.ask(question, wanted).await);
        }
        answers
    }
}
