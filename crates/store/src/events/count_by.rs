use sluice_wire::events::counting::{Buckets, Countable, EventCount};
use sluice_wire::events::filter::EventFilter;
use sluice_wire::ids::WorkspaceId;

use super::criteria::push_where;
use crate::{Dialect, Result, Row, Sql, Tx};

/// Counts the events that meet the filter. `buckets` serves the kinds of counts that go by time.
pub async fn count_by(
    tx: &mut Tx,
    workspace: WorkspaceId,
    filter: &EventFilter,
    countable: Countable,
    buckets: Buckets,
) -> Result<Vec<EventCount>> {
    match countable {
        Countable::Day | Countable::Time => by_time(tx, workspace, filter, buckets).await,
        Countable::Event => by_value(tx, workspace, filter, "event.event", "event.event").await,
        Countable::Resource => {
            let label = "COALESCE(event.resource ->> 'prefect.resource.name', \
                         event.resource ->> 'prefect.name', event.resource_id)";
            by_value(tx, workspace, filter, "event.resource_id", label).await
        }
    }
}

async fn by_time(
    tx: &mut Tx,
    workspace: WorkspaceId,
    filter: &EventFilter,
    buckets: Buckets,
) -> Result<Vec<EventCount>> {
    let mut sql = Sql::new(tx.dialect(), "SELECT ");
    let length = buckets.length.as_micros();
    match tx.dialect() {
        Dialect::Sqlite => sql.push("(event.occurred - ").bind(buckets.start).push(") / ").bind(length),
        Dialect::Postgres => sql
            .push("CAST(floor(extract(epoch FROM event.occurred - ")
            .bind(buckets.start)
            .push(") * 1000000 / ")
            .bind(length)
            .push(") AS bigint)"),
    };
    sql.push(" AS bucket, count(*) FROM event");
    push_where(&mut sql, workspace, filter);
    sql.push(" GROUP BY bucket");
    let counts = tx.query_sql(sql).await?.into_iter().map(|row| {
        let mut columns = row.columns();
        Ok((columns.take()?, columns.take()?))
    });
    Ok(buckets.fill(&counts.collect::<Result<Vec<(i64, i64)>>>()?))
}

/// The label of a value is that of its latest event.
async fn by_value(
    tx: &mut Tx,
    workspace: WorkspaceId,
    filter: &EventFilter,
    value: &str,
    label: &str,
) -> Result<Vec<EventCount>> {
    let mut sql = Sql::new(tx.dialect(), "SELECT value, label, number, oldest, latest FROM (SELECT ");
    sql.push(value).push(" AS value, ").push(label).push(" AS label, count(*) OVER same AS number, ");
    sql.push("min(event.occurred) OVER same AS oldest, max(event.occurred) OVER same AS latest, ");
    sql.push("row_number() OVER (PARTITION BY ").push(value);
    sql.push(" ORDER BY event.occurred DESC, event.id DESC) AS place FROM event");
    push_where(&mut sql, workspace, filter);
    sql.push(" WINDOW same AS (PARTITION BY ").push(value);
    sql.push(")) AS ranked WHERE place = 1 ORDER BY number DESC, label ASC");
    tx.query_sql(sql).await?.into_iter().map(from_row).collect()
}

fn from_row(row: Row) -> Result<EventCount> {
    let mut columns = row.columns();
    Ok(EventCount {
        value: columns.take()?,
        label: columns.take()?,
        count: columns.take()?,
        start_time: columns.take()?,
        end_time: columns.take()?,
    })
}
