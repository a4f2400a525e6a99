//! The shapes that filters are made of, and how each becomes a condition on a column.

use sluice_wire::filters::{
    AnyAndNullFilter, AnyFilter, AnyOrNotFilter, AnyOrNullFilter, AnyTagsFilter, BlockCapabilityFilter,
    EqualFilter, KeyFilter, LikeFilter, NameFilter, Operator, TagsFilter, TimeFilter, TimeOrNullFilter,
    WorkQueueNameFilter, WorkerStatusTerm,
};
use sluice_wire::ids;
use sluice_wire::incidents::{IncidentStatus, Severity};
use sluice_wire::states::StateType;
use sluice_wire::time::Timestamp;
use uuid::Uuid;

use crate::{Dialect, Json, Sql, Value};

/// Longer lists travel as one parameter: a statement has room for some tens of thousands.
const MOST_PARAMETERS: usize = 500;

/// Conditions in parentheses, combined with one operator. No conditions: true.
pub(super) struct Group<'s> {
    sql: &'s mut Sql,
    operator: Operator,
    is_empty: bool,
}

impl<'s> Group<'s> {
    /// Opens the parenthesis.
    pub(super) fn open(sql: &'s mut Sql, operator: Operator) -> Self {
        sql.push("(");
        Self { sql, operator, is_empty: true }
    }

    /// Where the next condition is to be written.
    pub(super) fn condition(&mut self) -> &mut Sql {
        if !self.is_empty {
            self.sql.push(if self.operator == Operator::And { " AND " } else { " OR " });
        }
        self.is_empty = false;
        self.sql
    }

    /// Closes the parenthesis.
    pub(super) fn close(self) {
        self.sql.push(if self.is_empty { "TRUE)" } else { ")" });
    }

    /// The criterion on `column`, when there is one.
    pub(super) fn add<C: Criterion>(&mut self, column: &str, criterion: Option<&C>) {
        if let Some(criterion) = criterion {
            criterion.push(self.condition(), column);
        }
    }

    /// `column` is one of the list; an empty list matches nothing.
    pub(super) fn any_of<T: Term>(&mut self, column: &str, terms: Option<&Vec<T>>) {
        if let Some(terms) = terms {
            push_in(self.condition(), column, terms);
        }
    }

    /// `column` is none of the list (and not null); an empty list matches everything.
    pub(super) fn none_of<T: Term>(&mut self, column: &str, terms: Option<&Vec<T>>) {
        if let Some(terms) = terms.filter(|terms| !terms.is_empty()) {
            push_not_in(self.condition(), column, terms);
        }
    }

    /// `column` contains the text, which may have wildcards.
    pub(super) fn like(&mut self, column: &str, text: Option<&String>) {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            push_like(self.condition(), column, format!("%{text}%"));
        }
    }

    /// `column` is null, or is not.
    pub(super) fn is_null(&mut self, column: &str, is_null: Option<bool>) {
        if let Some(is_null) = is_null {
            self.condition().push(column).push(if is_null { " IS NULL" } else { " IS NOT NULL" });
        }
    }

    fn within(&mut self, column: &str, before: Option<Timestamp>, after: Option<Timestamp>) {
        if let Some(before) = before {
            self.condition().push(column).push(" <= ").bind(before);
        }
        if let Some(after) = after {
            self.condition().push(column).push(" >= ").bind(after);
        }
    }

    fn tags_contain_all(&mut self, column: &str, tags: Option<&Vec<String>>) {
        let Some(tags) = tags.filter(|tags| !tags.is_empty()) else { return };
        let mut all = Group::open(self.condition(), Operator::And);
        for tag in tags {
            push_contains_tag(all.condition(), column, tag);
        }
        all.close();
    }

    fn tags_contain_one(&mut self, column: &str, tags: Option<&Vec<String>>) {
        let Some(tags) = tags else { return };
        if tags.is_empty() {
            self.condition().push("FALSE");
            return;
        }
        let mut one = Group::open(self.condition(), Operator::Or);
        for tag in tags {
            push_contains_tag(one.condition(), column, tag);
        }
        one.close();
    }

    fn tags_are_empty(&mut self, column: &str, are_empty: Option<bool>) {
        let Some(are_empty) = are_empty else { return };
        let empty_list = match self.sql.dialect() {
            Dialect::Sqlite => "'[]'",
            Dialect::Postgres => "CAST('[]' AS jsonb)",
        };
        self.condition().push(column).push(if are_empty { " = " } else { " <> " }).push(empty_list);
    }
}

/// Appends that `column` is one of `terms`.
pub(crate) fn push_in<T: Term>(sql: &mut Sql, column: &str, terms: &[T]) {
    sql.push(column);
    if terms.len() <= MOST_PARAMETERS {
        sql.push(" IN (").bind_list(terms.iter().map(Term::value)).push(")");
        return;
    }
    push_long_list(sql, " IN ", " = ANY ", terms);
}

fn push_not_in<T: Term>(sql: &mut Sql, column: &str, terms: &[T]) {
    sql.push(column);
    if terms.len() <= MOST_PARAMETERS {
        sql.push(" NOT IN (").bind_list(terms.iter().map(Term::value)).push(")");
        return;
    }
    push_long_list(sql, " NOT IN ", " <> ALL ", terms);
}

fn push_long_list<T: Term>(sql: &mut Sql, sqlite: &str, postgres: &str, terms: &[T]) {
    let is_id = T::IS_ID;
    let words: Vec<String> = terms.iter().map(Term::word).collect();
    match sql.dialect() {
        Dialect::Sqlite => {
            let value = if is_id { "unhex(value)" } else { "value" };
            sql.push(sqlite)
                .push("(SELECT ")
                .push(value)
                .push(" FROM json_each(")
                .bind(Json(words))
                .push("))");
        }
        Dialect::Postgres => {
            let value = if is_id { "CAST(value AS uuid)" } else { "value" };
            sql.push(postgres).push("(ARRAY(SELECT ").push(value);
            sql.push(" FROM jsonb_array_elements_text(").bind(Json(words)).push(") AS listed (value)))");
        }
    }
}

/// Appends the criterion on the type of the current state. SQLite's planner takes every state for a rare one (see
/// `sqlite_statistics.sql`): walk the order of the page instead of sorting most of the table when one is common.
pub(super) fn push_state_type<C: Criterion>(
    sql: &mut Sql,
    column: &str,
    criterion: &C,
    types: Option<&Vec<StateType>>,
) {
    let is_common = |state_type: &StateType| matches!(state_type, StateType::Completed | StateType::Failed);
    let has_common = types.is_some_and(|types| types.iter().any(is_common));
    if !has_common || sql.dialect() == Dialect::Postgres {
        criterion.push(sql, column);
        return;
    }
    sql.push("likelihood(");
    criterion.push(sql, column);
    sql.push(", 0.9)");
}

/// Appends that `column` is like `pattern`, where upper and lower case are the same and `\` is a character like
/// any other.
pub(super) fn push_like(sql: &mut Sql, column: &str, pattern: String) {
    let (like, escape) = match sql.dialect() {
        Dialect::Sqlite => (" LIKE ", ""),
        Dialect::Postgres => (" ILIKE ", " ESCAPE ''"),
    };
    sql.push(column).push(like).bind(pattern).push(escape);
}

fn push_contains_tag(sql: &mut Sql, column: &str, tag: &String) {
    match sql.dialect() {
        Dialect::Sqlite => {
            sql.push("EXISTS (SELECT 1 FROM json_each(").push(column).push(") AS tag WHERE tag.value = ");
            sql.bind(tag).push(")");
        }
        Dialect::Postgres => {
            sql.push(column).push(" @> ").bind(Json([tag]));
        }
    }
}

/// What a column can be compared with.
pub(crate) trait Term {
    /// Whether the column holds ids.
    const IS_ID: bool;

    /// As a parameter.
    fn value(&self) -> Value;

    /// As a word of a list; ids without hyphens.
    fn word(&self) -> String;
}

macro_rules! id_terms {
    ($($name:ident),+ $(,)?) => {$(
        impl Term for ids::$name {
            const IS_ID: bool = true;

            fn value(&self) -> Value {
                Value::Uuid(self.0)
            }

            fn word(&self) -> String {
                self.0.simple().to_string()
            }
        }
    )+};
}

id_terms!(
    ArtifactId,
    AutomationId,
    BlockDocumentId,
    BlockSchemaId,
    BlockTypeId,
    DeploymentId,
    FlowId,
    FlowRunId,
    IncidentId,
    TaskRunId,
    VariableId,
    WorkPoolId,
    WorkQueueId,
);

impl Term for String {
    const IS_ID: bool = false;

    fn value(&self) -> Value {
        Value::Text(self.clone())
    }

    fn word(&self) -> String {
        self.clone()
    }
}

/// An id that is stored as text, inside JSON.
impl Term for Uuid {
    const IS_ID: bool = false;

    fn value(&self) -> Value {
        Value::Text(self.to_string())
    }

    fn word(&self) -> String {
        self.to_string()
    }
}

macro_rules! word_terms {
    ($($name:ty),+ $(,)?) => {$(
        impl Term for $name {
            const IS_ID: bool = false;

            fn value(&self) -> Value {
                Value::from(self.as_str())
            }

            fn word(&self) -> String {
                self.as_str().to_owned()
            }
        }
    )+};
}

word_terms!(StateType, WorkerStatusTerm, Severity, IncidentStatus);

/// A shape of criteria on one column.
pub(super) trait Criterion {
    /// Appends the condition.
    fn push(&self, sql: &mut Sql, column: &str);
}

impl<T: Term> Criterion for AnyFilter<T> {
    fn push(&self, sql: &mut Sql, column: &str) {
        let mut group = Group::open(sql, Operator::And);
        group.any_of(column, self.any_.as_ref());
        group.close();
    }
}

impl<T: Term> Criterion for AnyOrNotFilter<T> {
    fn push(&self, sql: &mut Sql, column: &str) {
        let mut group = Group::open(sql, Operator::And);
        group.any_of(column, self.any_.as_ref());
        group.none_of(column, self.not_any_.as_ref());
        group.close();
    }
}

impl<T: Term> Criterion for AnyOrNullFilter<T> {
    fn push(&self, sql: &mut Sql, column: &str) {
        let mut group = Group::open(sql, self.operator);
        group.any_of(column, self.any_.as_ref());
        group.is_null(column, self.is_null_);
        group.close();
    }
}

impl<T: Term> Criterion for AnyAndNullFilter<T> {
    fn push(&self, sql: &mut Sql, column: &str) {
        let mut group = Group::open(sql, Operator::And);
        group.any_of(column, self.any_.as_ref());
        group.is_null(column, self.is_null_);
        group.close();
    }
}

impl Criterion for NameFilter {
    fn push(&self, sql: &mut Sql, column: &str) {
        let mut group = Group::open(sql, Operator::And);
        group.any_of(column, self.any_.as_ref());
        group.like(column, self.like_.as_ref());
        group.close();
    }
}

impl Criterion for LikeFilter {
    fn push(&self, sql: &mut Sql, column: &str) {
        let mut group = Group::open(sql, Operator::And);
        group.like(column, self.like_.as_ref());
        group.close();
    }
}

impl Criterion for KeyFilter {
    fn push(&self, sql: &mut Sql, column: &str) {
        let mut group = Group::open(sql, Operator::And);
        group.any_of(column, self.any_.as_ref());
        group.like(column, self.like_.as_ref());
        group.is_null(column, self.exists_.map(|exists| !exists));
        group.close();
    }
}

impl Criterion for WorkQueueNameFilter {
    fn push(&self, sql: &mut Sql, column: &str) {
        let mut group = Group::open(sql, Operator::And);
        group.any_of(column, self.any_.as_ref());
        if let Some(beginnings) = &self.startswith_ {
            let mut one = Group::open(group.condition(), Operator::Or);
            for beginning in beginnings {
                push_like(one.condition(), column, format!("{beginning}%"));
            }
            one.close();
        }
        group.close();
    }
}

impl Criterion for TagsFilter {
    fn push(&self, sql: &mut Sql, column: &str) {
        let mut group = Group::open(sql, self.operator);
        group.tags_contain_all(column, self.all_.as_ref());
        group.tags_are_empty(column, self.is_null_);
        group.close();
    }
}

impl Criterion for BlockCapabilityFilter {
    fn push(&self, sql: &mut Sql, column: &str) {
        let mut group = Group::open(sql, Operator::And);
        group.tags_contain_all(column, self.all_.as_ref());
        group.close();
    }
}

impl Criterion for AnyTagsFilter {
    fn push(&self, sql: &mut Sql, column: &str) {
        let mut group = Group::open(sql, self.operator);
        group.tags_contain_all(column, self.all_.as_ref());
        group.tags_contain_one(column, self.any_.as_ref());
        group.tags_are_empty(column, self.is_null_);
        group.close();
    }
}

impl Criterion for TimeFilter {
    fn push(&self, sql: &mut Sql, column: &str) {
        let mut group = Group::open(sql, Operator::And);
        group.within(column, self.before_, self.after_);
        group.close();
    }
}

impl Criterion for TimeOrNullFilter {
    fn push(&self, sql: &mut Sql, column: &str) {
        push_time_or_null(sql, self, column, column);
    }
}

/// As the criterion of [`TimeOrNullFilter`], with the range on one expression and the question for null on another.
pub(super) fn push_time_or_null(sql: &mut Sql, filter: &TimeOrNullFilter, range: &str, null: &str) {
    let mut group = Group::open(sql, Operator::And);
    group.within(range, filter.before_, filter.after_);
    group.is_null(null, filter.is_null_);
    group.close();
}

impl Criterion for EqualFilter {
    fn push(&self, sql: &mut Sql, column: &str) {
        let mut group = Group::open(sql, Operator::And);
        if let Some(expected) = self.eq_ {
            group.condition().push(column).push(" = ").bind(expected);
        }
        group.close();
    }
}
