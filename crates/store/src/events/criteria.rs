//! The filter of events as SQL. Its meaning is that of `EventFilter::matches`; a test holds the two together.

use sluice_wire::events::filter::{
    AnyResourceFilter, EventFilter, NameFilter, OneOrMany, RelatedFilter, ResourceFilter,
    ResourceSpecification, criterion,
};
use sluice_wire::ids::WorkspaceId;
use sluice_wire::text_search::TextSearch;

use crate::{Dialect, Sql};

/// The id of a resource in its labels.
const ID_LABEL: &str = " ->> 'prefect.resource.id'";
const ROLE_LABEL: &str = " ->> 'prefect.resource.role'";
/// One of the related resources, inside the `EXISTS` of [`push_any_related`].
const RELATED: &str = "involved.value";

/// Appends ` WHERE` with the conditions on table `event`.
pub(super) fn push_where(sql: &mut Sql, workspace: WorkspaceId, filter: &EventFilter) {
    let event = if is_found_by_id(filter) { found_by_id(sql.dialect()) } else { "event" };
    sql.push(" WHERE ").push(event).push(".workspace_id = ").bind(workspace);
    push_occurred(sql, event, filter);
    if let Some(ids) = criterion(&filter.id.id) {
        sql.push(" AND event.id IN (").bind_list(ids.iter().copied()).push(")");
    }
    if let Some(name) = &filter.event {
        push_name(sql, name);
    }
    if let Some(resource) = &filter.resource {
        push_resource(sql, resource);
    }
    for related in filter.related.iter().flat_map(OneOrMany::as_slice) {
        push_related(sql, workspace, filter, related);
    }
    for any_resource in filter.any_resource.iter().flat_map(OneOrMany::as_slice) {
        push_any_resource(sql, workspace, filter, any_resource);
    }
    if let Some(search) = &filter.text {
        push_text(sql, search);
    }
}

/// Whether a list of event ids, given or looked up, says which rows to look at.
fn is_found_by_id(filter: &EventFilter) -> bool {
    let mut related = filter.related.iter().flat_map(OneOrMany::as_slice);
    let mut any_resource = filter.any_resource.iter().flat_map(OneOrMany::as_slice);
    criterion(&filter.id.id).is_some()
        || related.any(|filter| criterion(&filter.id).is_some())
        || any_resource.any(|filter| criterion(&filter.id).is_some())
}

/// Without statistics SQLite believes in the index of the times, though the ids lead to far fewer rows; a plus
/// sign keeps it from using that index.
fn found_by_id(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => "+event",
        Dialect::Postgres => "event",
    }
}

fn push_occurred(sql: &mut Sql, table: &str, filter: &EventFilter) {
    if let Some(since) = filter.occurred.since {
        sql.push(" AND ").push(table).push(".occurred >= ").bind(since);
    }
    if let Some(until) = filter.occurred.until {
        sql.push(" AND ").push(table).push(".occurred <= ").bind(until);
    }
}

fn push_name(sql: &mut Sql, filter: &NameFilter) {
    if let Some(prefixes) = criterion(&filter.prefix) {
        sql.push(" AND ");
        push_alternatives(sql, prefixes, |sql, prefix| push_begins_with(sql, "event.event", prefix));
    }
    if let Some(prefixes) = criterion(&filter.exclude_prefix) {
        sql.push(" AND NOT ");
        push_alternatives(sql, prefixes, |sql, prefix| push_begins_with(sql, "event.event", prefix));
    }
    if let Some(names) = criterion(&filter.name) {
        push_is_one_of(sql.push(" AND "), "event.event", names);
    }
    if let Some(names) = criterion(&filter.exclude_name) {
        push_is_one_of(sql.push(" AND NOT "), "event.event", names);
    }
}

fn push_resource(sql: &mut Sql, filter: &ResourceFilter) {
    if let Some(ids) = criterion(&filter.id) {
        push_is_one_of(sql.push(" AND "), "event.resource_id", ids);
    }
    if let Some(prefixes) = criterion(&filter.id_prefix) {
        sql.push(" AND ");
        push_alternatives(sql, prefixes, |sql, prefix| push_begins_with(sql, "event.resource_id", prefix));
    }
    if let Some(specification) = &filter.labels {
        push_labels(sql, "event.resource", specification);
    }
}

fn push_related(sql: &mut Sql, workspace: WorkspaceId, whole: &EventFilter, filter: &RelatedFilter) {
    if filter.is_empty() {
        return;
    }
    if let Some(ids) = criterion(&filter.id) {
        sql.push(" AND event.id IN (");
        push_ids_by_related(sql, workspace, whole, ids);
        sql.push(")");
        let has_only_ids = (RelatedFilter { id: None, ..filter.clone() }).is_empty();
        if has_only_ids {
            return;
        }
    }
    sql.push(" AND ");
    push_any_related(sql, |sql| {
        if let Some(ids) = criterion(&filter.id) {
            push_is_one_of(sql.push(" AND "), &format!("({RELATED}{ID_LABEL})"), ids);
        }
        if let Some(roles) = criterion(&filter.role) {
            push_is_one_of(sql.push(" AND "), &format!("({RELATED}{ROLE_LABEL})"), roles);
        }
        if let Some(pairs) = criterion(&filter.resources_in_roles) {
            sql.push(" AND ");
            push_alternatives(sql, pairs, |sql, (id, role)| {
                sql.push("((").push(RELATED).push(ID_LABEL).push(") = ").bind(id);
                sql.push(" AND (").push(RELATED).push(ROLE_LABEL).push(") = ").bind(role).push(")");
            });
        }
        if let Some(specification) = &filter.labels {
            push_labels(sql, RELATED, specification);
        }
    });
}

fn push_any_resource(sql: &mut Sql, workspace: WorkspaceId, whole: &EventFilter, filter: &AnyResourceFilter) {
    if let Some(ids) = criterion(&filter.id) {
        sql.push(" AND event.id IN (SELECT own.id FROM event AS own WHERE own.workspace_id = ")
            .bind(workspace);
        push_is_one_of(sql.push(" AND "), "own.resource_id", ids);
        push_occurred(sql, "own", whole);
        sql.push(" UNION ALL ");
        push_ids_by_related(sql, workspace, whole, ids);
        sql.push(")");
        if criterion(&filter.id_prefix).is_none() && filter.labels.is_none() {
            return;
        }
    }
    let push_criteria = |sql: &mut Sql, id: &str, labels: &str| {
        if let Some(ids) = criterion(&filter.id) {
            push_is_one_of(sql.push(" AND "), id, ids);
        }
        if let Some(prefixes) = criterion(&filter.id_prefix) {
            sql.push(" AND ");
            push_alternatives(sql, prefixes, |sql, prefix| push_begins_with(sql, id, prefix));
        }
        if let Some(specification) = &filter.labels {
            push_labels(sql, labels, specification);
        }
    };
    sql.push(" AND ((1 = 1");
    push_criteria(sql, "event.resource_id", "event.resource");
    sql.push(") OR ");
    push_any_related(sql, |sql| push_criteria(sql, &format!("({RELATED}{ID_LABEL})"), RELATED));
    sql.push(")");
}

/// Appends a query for the ids of events to which one of the resources is related: an index of its own finds them.
fn push_ids_by_related(sql: &mut Sql, workspace: WorkspaceId, whole: &EventFilter, ids: &[String]) {
    sql.push("SELECT event_related.event_id FROM event_related WHERE event_related.workspace_id = ")
        .bind(workspace);
    push_is_one_of(sql.push(" AND "), "event_related.resource_id", ids);
    push_occurred(sql, "event_related", whole);
}

/// Appends a condition that some related resource, called [`RELATED`], meets what `criteria` append.
fn push_any_related(sql: &mut Sql, criteria: impl FnOnce(&mut Sql)) {
    let elements = match sql.dialect() {
        Dialect::Sqlite => "json_each(event.related) AS involved",
        Dialect::Postgres => "jsonb_array_elements(event.related) AS involved (value)",
    };
    sql.push("EXISTS (SELECT 1 FROM ").push(elements).push(" WHERE 1 = 1");
    criteria(sql);
    sql.push(")");
}

/// Appends, for each label, a condition that the labels of a resource have a value that one pattern matches.
fn push_labels(sql: &mut Sql, labels: &str, specification: &ResourceSpecification) {
    let each = each_label(sql.dialect());
    for (label, patterns) in &specification.0 {
        sql.push(" AND EXISTS (SELECT 1 FROM ").push(each).push("(").push(labels);
        sql.push(") AS label WHERE label.key = ").bind(label).push(" AND ");
        push_alternatives(sql, patterns.as_slice(), |sql, pattern| {
            push_pattern(sql, "label.value", pattern);
        });
        sql.push(")");
    }
}

fn each_label(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => "json_each",
        Dialect::Postgres => "jsonb_each_text",
    }
}

/// Appends the conditions with OR between them; none at all is never met.
fn push_alternatives<T>(sql: &mut Sql, alternatives: &[T], push: impl Fn(&mut Sql, &T)) {
    sql.push("(");
    for (position, alternative) in alternatives.iter().enumerate() {
        if position > 0 {
            sql.push(" OR ");
        }
        push(sql, alternative);
    }
    if alternatives.is_empty() {
        sql.push("1 = 0");
    }
    sql.push(")");
}

fn push_is_one_of(sql: &mut Sql, expression: &str, values: &[String]) {
    sql.push("(").push(expression).push(" IN (").bind_list(values).push("))");
}

fn push_begins_with(sql: &mut Sql, expression: &str, prefix: &str) {
    match sql.dialect() {
        // With a range around it, an index can find the few that begin so.
        Dialect::Sqlite => {
            sql.push("(").push(expression).push(" >= ").bind(prefix);
            sql.push(" AND ").push(expression).push(" GLOB ").bind(glob(prefix, "*")).push(")")
        }
        Dialect::Postgres => sql.push("starts_with(").push(expression).push(", ").bind(prefix).push(")"),
    };
}

/// The text with nothing special in it but what is appended.
fn glob(text: &str, appended: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + appended.len());
    for character in text.chars() {
        match character {
            '*' | '?' | '[' => pattern.extend(['[', character, ']']),
            other => pattern.push(other),
        }
    }
    pattern + appended
}

/// Appends the condition that a pattern of labels matches: `*` any text, `?` one character, `!` in front: not.
fn push_pattern(sql: &mut Sql, expression: &str, pattern: &str) {
    let (is_negated, pattern) = match pattern.strip_prefix('!') {
        Some(rest) => (true, rest),
        None => (false, pattern),
    };
    sql.push(if is_negated { "NOT (" } else { "(" }).push(expression);
    match sql.dialect() {
        Dialect::Sqlite => sql.push(" GLOB ").bind(pattern.replace('[', "[[]")),
        Dialect::Postgres => {
            let mut like = String::with_capacity(pattern.len());
            for character in pattern.chars() {
                match character {
                    '*' => like.push('%'),
                    '?' => like.push('_'),
                    '\\' | '%' | '_' => like.extend(['\\', character]),
                    other => like.push(other),
                }
            }
            sql.push(" LIKE ").bind(like)
        }
    };
    sql.push(")");
}

fn push_text(sql: &mut Sql, search: &TextSearch) {
    if !search.include.is_empty() {
        sql.push(" AND ");
        push_alternatives(sql, &search.include, |sql, word| push_occurs(sql, word));
    }
    for word in &search.required {
        push_occurs(sql.push(" AND "), word);
    }
    for word in &search.exclude {
        push_occurs(sql.push(" AND NOT "), word);
    }
}

/// Appends the condition that a word occurs in the name, the value of a label, or the payload.
fn push_occurs(sql: &mut Sql, word: &str) {
    let position = match sql.dialect() {
        Dialect::Sqlite => "instr",
        Dialect::Postgres => "strpos",
    };
    let push_in = |sql: &mut Sql, expression: &str| {
        sql.push(position).push("(lower(").push(expression).push("), ").bind(word).push(") > 0");
    };
    let each = each_label(sql.dialect());
    sql.push("(");
    push_in(sql, "event.event");
    sql.push(" OR ");
    push_in(sql, "event.payload");
    sql.push(" OR EXISTS (SELECT 1 FROM ").push(each).push("(event.resource) AS label WHERE ");
    push_in(sql, "label.value");
    sql.push(") OR ");
    push_any_related(sql, |sql| {
        sql.push(" AND EXISTS (SELECT 1 FROM ").push(each).push("(").push(RELATED).push(") AS label WHERE ");
        push_in(sql, "label.value");
        sql.push(")");
    });
    sql.push(")");
}
