-- Events and logs: much written, read by time, deleted in bulk. Each index costs every insert: there are few.

CREATE TABLE event (
    -- On SQLite also a position that grows with every event, for who reads them in the order of arrival.
    {event_key},
    workspace_id {uuid} NOT NULL,
    occurred {time} NOT NULL,
    event text NOT NULL,
    resource_id text NOT NULL,
    resource {json} NOT NULL,
    related {json} NOT NULL,
    -- Text on both databases: it is passed on, never looked into.
    payload text NOT NULL,
    received {time} NOT NULL,
    follows {uuid},
    -- Which process stored it, so that the other replicas can tell what is new to them.
    origin {int},
    -- The transaction that stored it, in the order in which transactions begin (PostgreSQL).
    commit_xid {xid}
);
CREATE INDEX event_occurred ON event (workspace_id, occurred, id);
CREATE INDEX event_name ON event (workspace_id, event, occurred);
CREATE INDEX event_resource ON event (workspace_id, resource_id, occurred);
CREATE INDEX event_commit ON event (commit_xid) WHERE commit_xid IS NOT NULL;

-- Finds events by their related resources, which stand in the event's row; this is an index and nothing else.
CREATE TABLE event_related (
    workspace_id {uuid} NOT NULL,
    resource_id text NOT NULL,
    occurred {time} NOT NULL,
    event_id {uuid} NOT NULL,
    PRIMARY KEY (workspace_id, resource_id, occurred, event_id)
){clustered};

-- Nobody looks a log line up by its id.
CREATE TABLE log (
    id {uuid} NOT NULL,
    workspace_id {uuid} NOT NULL,
    created {time} NOT NULL,
    name text NOT NULL,
    level {int} NOT NULL,
    flow_run_id {uuid},
    task_run_id {uuid},
    message text NOT NULL,
    timestamp {time} NOT NULL
);
CREATE INDEX log_flow_run ON log (flow_run_id, timestamp) WHERE flow_run_id IS NOT NULL;
CREATE INDEX log_task_run ON log (task_run_id, timestamp) WHERE task_run_id IS NOT NULL;
CREATE INDEX log_timestamp ON log (workspace_id, timestamp, id);
