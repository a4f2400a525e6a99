-- Every table carries workspace_id, and every unique key that users see includes it.
-- {uuid}, {time}, {json} and so on become the types of each database.

CREATE TABLE workspace (
    id {uuid} PRIMARY KEY,
    created {time} NOT NULL,
    updated {time} NOT NULL,
    handle text NOT NULL UNIQUE,
    name text NOT NULL
);

CREATE TABLE configuration (
    workspace_id {uuid} NOT NULL,
    key text NOT NULL,
    value {json} NOT NULL,
    created {time} NOT NULL,
    updated {time} NOT NULL,
    PRIMARY KEY (workspace_id, key)
);

CREATE TABLE csrf_token (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL,
    created {time} NOT NULL,
    updated {time} NOT NULL,
    client text NOT NULL,
    token text NOT NULL,
    expiration {time} NOT NULL
);
CREATE UNIQUE INDEX csrf_token_client ON csrf_token (workspace_id, client);

CREATE TABLE flow (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL,
    created {time} NOT NULL,
    updated {time} NOT NULL,
    name text NOT NULL,
    tags {json} NOT NULL,
    labels {json} NOT NULL
);
CREATE UNIQUE INDEX flow_name ON flow (workspace_id, name);
CREATE INDEX flow_created ON flow (workspace_id, created);

-- What kinds of blocks there are.
CREATE TABLE block_type (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL,
    created {time} NOT NULL,
    updated {time} NOT NULL,
    name text NOT NULL,
    slug text NOT NULL,
    logo_url text,
    documentation_url text,
    description text,
    code_example text,
    is_protected {bool} NOT NULL
);
CREATE UNIQUE INDEX block_type_slug ON block_type (workspace_id, slug);

-- The fields of a kind of block; text, because the order of the fields is that of forms. Schemas of nested blocks
-- are rows of their own.
CREATE TABLE block_schema (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL,
    created {time} NOT NULL,
    updated {time} NOT NULL,
    checksum text NOT NULL,
    fields text NOT NULL,
    capabilities {json} NOT NULL,
    version text NOT NULL,
    block_type_id {uuid} NOT NULL REFERENCES block_type (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX block_schema_checksum ON block_schema (workspace_id, checksum, version);
CREATE INDEX block_schema_created ON block_schema (workspace_id, created, id);
CREATE INDEX block_schema_type ON block_schema (block_type_id);

CREATE TABLE block_schema_reference (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL,
    created {time} NOT NULL,
    parent_block_schema_id {uuid} NOT NULL REFERENCES block_schema (id) ON DELETE CASCADE,
    reference_block_schema_id {uuid} NOT NULL REFERENCES block_schema (id) ON DELETE CASCADE,
    name text NOT NULL
);
CREATE UNIQUE INDEX block_schema_reference_name
    ON block_schema_reference (parent_block_schema_id, name, reference_block_schema_id);
CREATE INDEX block_schema_reference_reference ON block_schema_reference (reference_block_schema_id);

-- The values of a block, encrypted as a whole with the key that key_id names.
CREATE TABLE block_document (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL,
    created {time} NOT NULL,
    updated {time} NOT NULL,
    name text NOT NULL,
    key_id text NOT NULL,
    data {bytes} NOT NULL,
    is_anonymous {bool} NOT NULL,
    block_type_name text,
    block_type_id {uuid} NOT NULL REFERENCES block_type (id) ON DELETE CASCADE,
    block_schema_id {uuid} NOT NULL REFERENCES block_schema (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX block_document_type_name ON block_document (block_type_id, name);
CREATE INDEX block_document_name ON block_document (workspace_id, name, id);
CREATE INDEX block_document_type_name_order ON block_document (workspace_id, block_type_name, name, id);
CREATE INDEX block_document_schema ON block_document (block_schema_id);
CREATE INDEX block_document_key ON block_document (key_id, id);

CREATE TABLE block_document_reference (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL,
    created {time} NOT NULL,
    parent_block_document_id {uuid} NOT NULL REFERENCES block_document (id) ON DELETE CASCADE,
    reference_block_document_id {uuid} NOT NULL REFERENCES block_document (id) ON DELETE CASCADE,
    name text NOT NULL,
    CHECK (parent_block_document_id <> reference_block_document_id)
);
CREATE UNIQUE INDEX block_document_reference_name
    ON block_document_reference (parent_block_document_id, name, reference_block_document_id);
CREATE INDEX block_document_reference_reference ON block_document_reference (reference_block_document_id);

-- Limits of every kind: global, by tag ("tag:<tag>") and of a deployment ("deployment:<id>").
CREATE TABLE concurrency_limit (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL,
    created {time} NOT NULL,
    updated {time} NOT NULL,
    active {bool} NOT NULL,
    name text NOT NULL,
    slot_limit {int} NOT NULL,
    active_slots {int} NOT NULL,
    denied_slots {int} NOT NULL,
    slot_decay_per_second {float} NOT NULL,
    avg_slot_occupancy_seconds {float} NOT NULL
);
CREATE UNIQUE INDEX concurrency_limit_name ON concurrency_limit (workspace_id, name);

-- A held slot is a row here: a restart leaks nothing.
CREATE TABLE concurrency_lease (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL,
    created {time} NOT NULL,
    expires {time} NOT NULL,
    slots {int} NOT NULL,
    holder_type text,
    holder_id {uuid}
);
CREATE INDEX concurrency_lease_expires ON concurrency_lease (expires);
CREATE INDEX concurrency_lease_holder ON concurrency_lease (holder_id) WHERE holder_id IS NOT NULL;

CREATE TABLE concurrency_lease_limit (
    lease_id {uuid} NOT NULL REFERENCES concurrency_lease (id) ON DELETE CASCADE,
    limit_id {uuid} NOT NULL REFERENCES concurrency_limit (id) ON DELETE CASCADE,
    PRIMARY KEY (lease_id, limit_id)
);
CREATE INDEX concurrency_lease_limit_limit ON concurrency_lease_limit (limit_id);

CREATE TABLE work_pool (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL,
    created {time} NOT NULL,
    updated {time} NOT NULL,
    name text NOT NULL,
    description text,
    type text NOT NULL,
    base_job_template {json} NOT NULL,
    is_paused {bool} NOT NULL,
    concurrency_limit {int},
    default_queue_id {uuid},
    status text NOT NULL,
    last_transitioned_status_at {time},
    last_status_event_id {uuid},
    storage_configuration {json} NOT NULL
);
CREATE UNIQUE INDEX work_pool_name ON work_pool (workspace_id, name);

CREATE TABLE work_queue (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL,
    created {time} NOT NULL,
    updated {time} NOT NULL,
    name text NOT NULL,
    filter {json},
    description text NOT NULL,
    is_paused {bool} NOT NULL,
    concurrency_limit {int},
    last_polled {time},
    priority {int} NOT NULL,
    work_pool_id {uuid} NOT NULL REFERENCES work_pool (id) ON DELETE CASCADE,
    status text NOT NULL
);
CREATE UNIQUE INDEX work_queue_name ON work_queue (work_pool_id, name);
CREATE INDEX work_queue_priority ON work_queue (work_pool_id, priority);
CREATE INDEX work_queue_workspace ON work_queue (workspace_id, name);

CREATE TABLE worker (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL,
    created {time} NOT NULL,
    updated {time} NOT NULL,
    name text NOT NULL,
    last_heartbeat_time {time} NOT NULL,
    work_pool_id {uuid} NOT NULL REFERENCES work_pool (id) ON DELETE CASCADE,
    heartbeat_interval_seconds {int},
    status text NOT NULL
);
CREATE UNIQUE INDEX worker_name ON worker (work_pool_id, name);
CREATE INDEX worker_heartbeat ON worker (status, last_heartbeat_time);

CREATE TABLE deployment (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL,
    created {time} NOT NULL,
    updated {time} NOT NULL,
    name text NOT NULL,
    version text,
    version_id {uuid},
    description text,
    flow_id {uuid} NOT NULL REFERENCES flow (id) ON DELETE CASCADE,
    paused {bool} NOT NULL,
    concurrency_limit_id {uuid} REFERENCES concurrency_limit (id) ON DELETE SET NULL,
    concurrency_options {json},
    job_variables {json} NOT NULL,
    parameters {json} NOT NULL,
    pull_steps {json},
    tags {json} NOT NULL,
    labels {json} NOT NULL,
    work_queue_name text,
    work_queue_id {uuid} REFERENCES work_queue (id) ON DELETE SET NULL,
    last_polled {time},
    status text NOT NULL,
    parameter_openapi_schema {json},
    path text,
    entrypoint text,
    storage_document_id {uuid} REFERENCES block_document (id) ON DELETE CASCADE,
    infrastructure_document_id {uuid} REFERENCES block_document (id) ON DELETE CASCADE,
    created_by {json},
    updated_by {json},
    enforce_parameter_schema {bool} NOT NULL
);
CREATE UNIQUE INDEX deployment_flow_name ON deployment (flow_id, name);
CREATE INDEX deployment_workspace_name ON deployment (workspace_id, name);
CREATE INDEX deployment_created ON deployment (workspace_id, created);
CREATE INDEX deployment_work_queue ON deployment (work_queue_id);
CREATE INDEX deployment_limit ON deployment (concurrency_limit_id);
CREATE INDEX deployment_storage ON deployment (storage_document_id) WHERE storage_document_id IS NOT NULL;
CREATE INDEX deployment_infrastructure ON deployment (infrastructure_document_id)
    WHERE infrastructure_document_id IS NOT NULL;
CREATE INDEX deployment_polled ON deployment (status, last_polled);

CREATE TABLE deployment_schedule (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL,
    created {time} NOT NULL,
    updated {time} NOT NULL,
    deployment_id {uuid} NOT NULL REFERENCES deployment (id) ON DELETE CASCADE,
    schedule {json} NOT NULL,
    active {bool} NOT NULL,
    max_scheduled_runs {int},
    parameters {json} NOT NULL,
    slug text,
    -- Runs exist for every date of the schedule up to here.
    scheduled_through {time},
    -- When the scheduler has to look at this schedule again; null: never.
    next_scheduling_at {time}
);
CREATE UNIQUE INDEX deployment_schedule_slug ON deployment_schedule (deployment_id, slug);
CREATE INDEX deployment_schedule_due ON deployment_schedule (next_scheduling_at) WHERE next_scheduling_at IS NOT NULL;

-- The current state stands in the run's row (state: the whole object as clients read it), its history in
-- flow_run_state. The key is an index with a name, flow_run_id: the one that SQLite makes for a primary key would win
-- over the indexes that give the order of a page.
CREATE TABLE flow_run (
    id {uuid} NOT NULL,
    workspace_id {uuid} NOT NULL,
    created {time} NOT NULL,
    updated {time} NOT NULL,
    name text NOT NULL,
    flow_id {uuid} NOT NULL REFERENCES flow (id) ON DELETE CASCADE,
    deployment_id {uuid},
    deployment_version text,
    work_queue_name text,
    work_queue_id {uuid} REFERENCES work_queue (id) ON DELETE SET NULL,
    flow_version text,
    parameters {json} NOT NULL,
    idempotency_key text,
    context {json} NOT NULL,
    empirical_policy {json} NOT NULL,
    tags {json} NOT NULL,
    labels {json} NOT NULL,
    parent_task_run_id {uuid},
    run_count {int} NOT NULL,
    expected_start_time {time},
    next_scheduled_start_time {time},
    start_time {time},
    end_time {time},
    total_run_time {int} NOT NULL,
    auto_scheduled {bool} NOT NULL,
    infrastructure_document_id {uuid} REFERENCES block_document (id) ON DELETE CASCADE,
    infrastructure_pid text,
    -- How often the run was handed out again because its claim had died; null: never.
    hand_outs {int},
    job_variables {json},
    created_by {json},
    state_id {uuid},
    state_type text,
    state_name text,
    state_timestamp {time},
    state {json}
);
CREATE UNIQUE INDEX flow_run_idempotency ON flow_run (flow_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE UNIQUE INDEX flow_run_id ON flow_run (workspace_id, id);
CREATE INDEX flow_run_flow ON flow_run (flow_id);
CREATE INDEX flow_run_expected ON flow_run (workspace_id, expected_start_time, id);
CREATE INDEX flow_run_started ON flow_run (workspace_id, COALESCE(start_time, expected_start_time), id);
CREATE INDEX flow_run_ended ON flow_run (workspace_id, end_time, id);
CREATE INDEX flow_run_name ON flow_run (workspace_id, name, id);
CREATE INDEX flow_run_state_type ON flow_run (workspace_id, state_type, expected_start_time, id);
CREATE INDEX flow_run_deployment ON flow_run (deployment_id, next_scheduled_start_time) WHERE deployment_id IS NOT NULL;
CREATE INDEX flow_run_queue ON flow_run (work_queue_id, state_type, next_scheduled_start_time, id) WHERE work_queue_id IS NOT NULL;
CREATE INDEX flow_run_due ON flow_run (state_name, next_scheduled_start_time) WHERE state_type = 'SCHEDULED';
CREATE INDEX flow_run_changed ON flow_run (state_type, state_timestamp)
    WHERE state_type IN ('PAUSED', 'CANCELLING', 'CANCELLED');
CREATE INDEX flow_run_claimed ON flow_run (state_timestamp, id)
    WHERE state_type = 'PENDING' AND deployment_id IS NOT NULL;
CREATE INDEX flow_run_infrastructure ON flow_run (infrastructure_document_id)
    WHERE infrastructure_document_id IS NOT NULL;
CREATE INDEX flow_run_parent ON flow_run (parent_task_run_id) WHERE parent_task_run_id IS NOT NULL;

-- Who runs a flow says so now and then. The newest heartbeats of each run that is RUNNING: no foreign key, because a
-- heartbeat must not wait for a transaction that changes the run. Rows of runs that are over go when they are checked.
CREATE TABLE flow_run_heartbeat (
    flow_run_id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL,
    -- The RUNNING state in which these heartbeats came.
    state_id {uuid},
    -- When the newest came, by the server's clock.
    last_seen {time} NOT NULL,
    -- When the newest three were sent, by the client's clock.
    occurred {time} NOT NULL,
    previous_occurred {time},
    earlier_occurred {time},
    -- When somebody has to look whether the run is still alive.
    check_at {time} NOT NULL
);
CREATE INDEX flow_run_heartbeat_check ON flow_run_heartbeat (check_at);

CREATE TABLE flow_run_state (
    id {uuid} NOT NULL,
    workspace_id {uuid} NOT NULL,
    flow_run_id {uuid} NOT NULL,
    timestamp {time} NOT NULL,
    type text NOT NULL,
    state {json} NOT NULL,
    PRIMARY KEY (workspace_id, flow_run_id, timestamp),
    FOREIGN KEY (workspace_id, flow_run_id) REFERENCES flow_run (workspace_id, id) ON DELETE CASCADE
){clustered};
CREATE UNIQUE INDEX flow_run_state_id ON flow_run_state (workspace_id, id);

CREATE TABLE flow_run_input (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL,
    created {time} NOT NULL,
    updated {time} NOT NULL,
    flow_run_id {uuid} NOT NULL,
    key text NOT NULL,
    value text NOT NULL,
    sender text,
    FOREIGN KEY (workspace_id, flow_run_id) REFERENCES flow_run (workspace_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX flow_run_input_key ON flow_run_input (flow_run_id, key);

-- No foreign key to flow_run: task runs come as events, possibly after their flow run was deleted.
CREATE TABLE task_run (
    id {uuid} NOT NULL,
    workspace_id {uuid} NOT NULL,
    created {time} NOT NULL,
    updated {time} NOT NULL,
    name text NOT NULL,
    flow_run_id {uuid},
    task_key text NOT NULL,
    dynamic_key text NOT NULL,
    cache_key text,
    cache_expiration {time},
    task_version text,
    empirical_policy {json} NOT NULL,
    tags {json} NOT NULL,
    labels {json} NOT NULL,
    task_inputs {json} NOT NULL,
    run_count {int} NOT NULL,
    flow_run_run_count {int} NOT NULL,
    expected_start_time {time},
    next_scheduled_start_time {time},
    start_time {time},
    end_time {time},
    total_run_time {int} NOT NULL,
    state_id {uuid},
    state_type text,
    state_name text,
    state_timestamp {time},
    state {json},
    PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX task_run_key ON task_run (flow_run_id, task_key, dynamic_key) WHERE flow_run_id IS NOT NULL;
CREATE INDEX task_run_free_key ON task_run (workspace_id, task_key, dynamic_key) WHERE flow_run_id IS NULL;
CREATE INDEX task_run_expected ON task_run (workspace_id, expected_start_time, id);
CREATE INDEX task_run_state_type ON task_run (workspace_id, state_type, expected_start_time);
CREATE INDEX task_run_ended ON task_run (workspace_id, end_time, id);

CREATE TABLE task_run_state (
    id {uuid} NOT NULL,
    workspace_id {uuid} NOT NULL,
    task_run_id {uuid} NOT NULL,
    timestamp {time} NOT NULL,
    type text NOT NULL,
    state {json} NOT NULL,
    PRIMARY KEY (workspace_id, task_run_id, timestamp, id)
){clustered};
CREATE UNIQUE INDEX task_run_state_id ON task_run_state (workspace_id, id);

CREATE TABLE task_run_state_cache (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL,
    created {time} NOT NULL,
    cache_key text NOT NULL,
    cache_expiration {time},
    task_run_state_id {uuid} NOT NULL
);
CREATE INDEX task_run_state_cache_key ON task_run_state_cache (workspace_id, cache_key, created);

-- Background task runs that wait for a task worker.
CREATE TABLE task_run_queue (
    position {serial},
    workspace_id {uuid} NOT NULL,
    task_run_id {uuid} NOT NULL UNIQUE,
    task_key text NOT NULL,
    is_retry {bool} NOT NULL,
    queued {time} NOT NULL,
    -- Who holds the item until it acknowledges it, and until when at most.
    client_id text,
    delivery_expires {time}
);
CREATE INDEX task_run_queue_key ON task_run_queue (workspace_id, task_key, is_retry, position);

CREATE TABLE artifact (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL,
    created {time} NOT NULL,
    updated {time} NOT NULL,
    key text,
    type text,
    description text,
    data {json},
    metadata {json},
    flow_run_id {uuid},
    task_run_id {uuid}
);
CREATE INDEX artifact_key ON artifact (workspace_id, key, created);
CREATE INDEX artifact_flow_run ON artifact (flow_run_id) WHERE flow_run_id IS NOT NULL;
CREATE INDEX artifact_task_run ON artifact (task_run_id) WHERE task_run_id IS NOT NULL;
CREATE INDEX artifact_updated ON artifact (workspace_id, updated, id);

-- The newest artifact of each key.
CREATE TABLE artifact_collection (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL,
    created {time} NOT NULL,
    updated {time} NOT NULL,
    key text NOT NULL,
    latest_id {uuid} NOT NULL,
    type text,
    description text,
    data {json},
    metadata {json},
    flow_run_id {uuid},
    task_run_id {uuid}
);
CREATE UNIQUE INDEX artifact_collection_key ON artifact_collection (workspace_id, key);
CREATE INDEX artifact_collection_latest ON artifact_collection (latest_id);

CREATE TABLE variable (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL,
    created {time} NOT NULL,
    updated {time} NOT NULL,
    name text NOT NULL,
    value {json},
    tags {json} NOT NULL
);
CREATE UNIQUE INDEX variable_name ON variable (workspace_id, name);

CREATE TABLE saved_search (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL,
    created {time} NOT NULL,
    updated {time} NOT NULL,
    name text NOT NULL,
    filters {json} NOT NULL
);
CREATE UNIQUE INDEX saved_search_name ON saved_search (workspace_id, name);

-- Messages of the worker channel that tell a worker to tear something down.
CREATE TABLE cleanup_message (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL,
    created {time} NOT NULL,
    work_pool_id {uuid} NOT NULL REFERENCES work_pool (id) ON DELETE CASCADE,
    work_queue_id {uuid},
    flow_run_id {uuid} NOT NULL,
    kind text NOT NULL,
    idempotency_key text NOT NULL,
    payload {json} NOT NULL,
    delivery_count {int} NOT NULL,
    reservation_token {uuid},
    reserved_by text,
    lease_expires {time},
    is_dead {bool} NOT NULL
);
CREATE UNIQUE INDEX cleanup_message_key ON cleanup_message (workspace_id, idempotency_key);
CREATE INDEX cleanup_message_pool ON cleanup_message (work_pool_id, is_dead, created);
CREATE INDEX cleanup_message_lease ON cleanup_message (lease_expires) WHERE lease_expires IS NOT NULL;

-- Events that were committed with a change and are not yet with the telemetry.
CREATE TABLE outbox (
    -- Larger than that of every row that is here; used again when they are gone, which on SQLite saves a page with
    -- every event.
    position {reused_serial},
    workspace_id {uuid} NOT NULL,
    event {json} NOT NULL
);

-- Which replica runs a service; the epoch grows with every change of hands.
CREATE TABLE service_lease (
    service text PRIMARY KEY,
    holder {uuid} NOT NULL,
    epoch {int} NOT NULL,
    expires {time} NOT NULL
);

-- Trigger and actions are text on both databases: PostgreSQL would reorder the keys of parameters.
CREATE TABLE automation (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL,
    created {time} NOT NULL,
    updated {time} NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    enabled {bool} NOT NULL,
    tags {json} NOT NULL,
    trigger_definition text NOT NULL,
    actions text NOT NULL,
    actions_on_trigger text NOT NULL,
    actions_on_resolve text NOT NULL
);
CREATE INDEX automation_name ON automation (workspace_id, name);
CREATE INDEX automation_created ON automation (workspace_id, created);

CREATE TABLE automation_related_resource (
    automation_id {uuid} NOT NULL REFERENCES automation (id) ON DELETE CASCADE,
    workspace_id {uuid} NOT NULL,
    resource_id text NOT NULL,
    -- Whether the automation belongs to the resource and goes with it.
    is_owner {bool} NOT NULL,
    PRIMARY KEY (automation_id, resource_id)
);
CREATE INDEX automation_related_resource_resource ON automation_related_resource (workspace_id, resource_id);

-- What an event trigger has counted in its present window, for each value of its labels.
CREATE TABLE automation_bucket (
    automation_id {uuid} NOT NULL REFERENCES automation (id) ON DELETE CASCADE,
    workspace_id {uuid} NOT NULL,
    trigger_id {uuid} NOT NULL,
    bucketing_key text NOT NULL,
    bucket_start {time} NOT NULL,
    bucket_end {time} NOT NULL,
    event_count {int} NOT NULL,
    last_event text,
    PRIMARY KEY (automation_id, trigger_id, bucketing_key)
);
CREATE INDEX automation_bucket_end ON automation_bucket (automation_id, trigger_id, bucket_end);
CREATE INDEX automation_bucket_closed ON automation_bucket (bucket_end);

-- When a trigger that waits for the absence of events, or measures, is looked at next, and what it knows.
CREATE TABLE automation_trigger_schedule (
    automation_id {uuid} NOT NULL REFERENCES automation (id) ON DELETE CASCADE,
    workspace_id {uuid} NOT NULL,
    trigger_id {uuid} NOT NULL,
    next_evaluation {time} NOT NULL,
    state text,
    PRIMARY KEY (automation_id, trigger_id)
);

-- Firings of the parts of compound and sequence triggers that are still of use.
CREATE TABLE automation_child_firing (
    automation_id {uuid} NOT NULL REFERENCES automation (id) ON DELETE CASCADE,
    workspace_id {uuid} NOT NULL,
    parent_trigger_id {uuid} NOT NULL,
    child_trigger_id {uuid} NOT NULL,
    fired_at {time} NOT NULL,
    firing text NOT NULL,
    PRIMARY KEY (automation_id, parent_trigger_id, child_trigger_id)
);

-- Events that arrived before the event that they follow.
CREATE TABLE automation_event_follower (
    follower_event_id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL,
    leader_event_id {uuid} NOT NULL,
    received {time} NOT NULL,
    follower text NOT NULL
);
CREATE INDEX automation_event_follower_leader ON automation_event_follower (leader_event_id);
CREATE INDEX automation_event_follower_received ON automation_event_follower (received);

-- What is to be done because an automation fired; a row goes when it is done.
CREATE TABLE automation_action (
    position {serial},
    id {uuid} NOT NULL UNIQUE,
    workspace_id {uuid} NOT NULL,
    created {time} NOT NULL,
    automation_id {uuid} NOT NULL,
    -- Messages to others are brought out by a service of their own.
    is_message {bool} NOT NULL,
    attempts {int} NOT NULL,
    next_attempt {time} NOT NULL,
    -- What has become of the parts of a message, while others wait for another try.
    progress text,
    action text NOT NULL
);
CREATE INDEX automation_action_next ON automation_action (is_message, next_attempt, position);

CREATE TABLE incident (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL,
    created {time} NOT NULL,
    updated {time} NOT NULL,
    name text NOT NULL,
    summary text NOT NULL,
    severity text NOT NULL,
    status text NOT NULL,
    automation_id {uuid},
    -- What it is about: the resources of the event, with their labels.
    resources {json} NOT NULL,
    triggering_event_id {uuid}
);
CREATE INDEX incident_created ON incident (workspace_id, created);

-- How far a service has read something that grows.
CREATE TABLE service_cursor (
    name text PRIMARY KEY,
    position {int} NOT NULL
);
