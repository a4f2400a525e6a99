use sluice_wire::ids::{WorkPoolId, WorkQueueId};

use crate::{Result, Tx, params};

/// Makes the priorities of a pool's queues unique again with the fewest changes. `moved`: a queue and the
/// priority that it shall have; those that stand there move back.
pub(crate) async fn arrange(tx: &mut Tx, pool: WorkPoolId, moved: Option<(WorkQueueId, i64)>) -> Result<()> {
    let rows = tx
        .query(
            "SELECT id, priority FROM work_queue WHERE work_pool_id = ?1 ORDER BY priority, created, id",
            params![pool],
        )
        .await?;
    let mut queues = Vec::with_capacity(rows.len());
    for row in rows {
        let mut columns = row.columns();
        queues.push((columns.take::<WorkQueueId>()?, columns.take::<i64>()?));
    }
    let changed =
        rearranged(&queues, moved).into_iter().map(|(id, priority)| params![id, priority]).collect();
    tx.execute_many("UPDATE work_queue SET priority = ?2 WHERE id = ?1", changed).await?;
    Ok(())
}

/// The queues whose priority changes. `queues`: all of them, by priority.
fn rearranged<Id: Copy + PartialEq>(queues: &[(Id, i64)], moved: Option<(Id, i64)>) -> Vec<(Id, i64)> {
    let mut order: Vec<(Id, i64)> =
        queues.iter().copied().filter(|(id, _)| moved.is_none_or(|(moved, _)| moved != *id)).collect();
    if let Some((id, priority)) = moved {
        let place = order.iter().position(|(_, other)| *other >= priority).unwrap_or(order.len());
        order.insert(place, (id, priority));
    }
    let mut last = 0;
    let mut changed = Vec::new();
    for (id, priority) in order {
        last = if priority <= last { last + 1 } else { priority };
        if !queues.contains(&(id, last)) {
            changed.push((id, last));
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::rearranged;

    #[test]
    fn only_the_queues_in_the_way_move() {
        type Queues = Vec<(char, i64)>;
        type Case = (Queues, Option<(char, i64)>, Queues);
        let cases: [Case; 5] = [
            (vec![('a', 1), ('b', 2)], None, vec![]),
            (vec![('a', 1), ('b', 2), ('c', 3)], Some(('c', 1)), vec![('c', 1), ('a', 2), ('b', 3)]),
            (vec![('a', 1), ('b', 2)], Some(('a', 5)), vec![('a', 5)]),
            (vec![('a', 1), ('b', 1), ('c', 7)], Some(('b', 1)), vec![('a', 2)]),
            (vec![('a', 1), ('c', 3)], Some(('c', 2)), vec![('c', 2)]),
        ];
        for (queues, moved, expected) in cases {
            assert_eq!(rearranged(&queues, moved), expected, "{queues:?} {moved:?}");
        }
    }
}
