-- Events and logs: much written, read by time, deleted in bulk.

CREATE TABLE event (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL,
    occurred {time} NOT NULL,
    event text NOT NULL,
    resource_id text NOT NULL,
    resource {json} NOT NULL,
    related {json} NOT NULL,
    payload {json} NOT NULL,
    received {time} NOT NULL,
    follows {uuid}
);
CREATE INDEX event_occurred ON event (workspace_id, occurred, id);
CREATE INDEX event_name ON event (workspace_id, event, occurred);
CREATE INDEX event_resource ON event (workspace_id, resource_id, occurred);

-- The related resources of an event, one a row; the event's own resource stands in its row.
CREATE TABLE event_related (
    event_id {uuid} NOT NULL,
    workspace_id {uuid} NOT NULL,
    occurred {time} NOT NULL,
    resource_id text NOT NULL,
    role text NOT NULL
);
CREATE INDEX event_related_event ON event_related (event_id);
CREATE INDEX event_related_resource ON event_related (workspace_id, resource_id, occurred);

CREATE TABLE log (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL,
    created {time} NOT NULL,
    name text NOT NULL,
    level {int} NOT NULL,
    flow_run_id {uuid},
    task_run_id {uuid},
    message text NOT NULL,
    timestamp {time} NOT NULL
);
CREATE INDEX log_flow_run ON log (flow_run_id, timestamp);
CREATE INDEX log_task_run ON log (task_run_id, timestamp);
CREATE INDEX log_timestamp ON log (workspace_id, timestamp, id);
