//! The task runs and subflows of a flow run and how they hang together (wire-protocol 7.18).

use std::collections::{BTreeMap, HashMap};

use sluice_wire::flow_runs::{Graph, GraphArtifact, GraphEdge, GraphNode, GraphState};
use sluice_wire::ids::{FlowRunId, TaskRunId, WorkspaceId};
use sluice_wire::states::StateType;
use sluice_wire::task_runs::TaskInput;
use sluice_wire::time::Timestamp;
use uuid::Uuid;

use super::task_run_dependencies::unreadable;
use crate::{Json, Result, Row, StoreError, Tx, params};

/// The key under which a task run names the task runs inside of which it ran.
const ENCAPSULATING: &str = "__parents__";

/// How large a graph may be.
#[derive(Debug, Clone, Copy)]
pub struct GraphLimits {
    /// A graph with more nodes is not given.
    pub nodes: usize,
    /// More artifacts are left out.
    pub artifacts: i64,
}

/// What became of the question for a graph.
#[derive(Debug, Clone, PartialEq)]
pub enum GraphOutcome {
    /// Here it is.
    Graph(Graph),
    /// There is no such flow run.
    NotFound,
    /// It has too many nodes.
    TooLarge,
}

/// The graph of a flow run, with the nodes that had not ended at `since`.
pub async fn graph(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: FlowRunId,
    since: Timestamp,
    limits: GraphLimits,
) -> Result<GraphOutcome> {
    let run = tx
        .query_first(
            "SELECT COALESCE(start_time, expected_start_time), end_time FROM flow_run
             WHERE workspace_id = ?1 AND id = ?2",
            params![workspace, id],
        )
        .await?;
    let Some(run) = run else { return Ok(GraphOutcome::NotFound) };
    let mut columns = run.columns();
    let (start_time, end_time) = (columns.take()?, columns.take()?);
    let members = members(tx, workspace, id).await?;
    let mut artifacts = artifacts(tx, workspace, id, limits.artifacts).await?;
    let mut nodes = connect(&members);
    nodes.retain(|node| node.end_time.is_none_or(|ended| ended >= since));
    if nodes.len() > limits.nodes {
        return Ok(GraphOutcome::TooLarge);
    }
    for node in &mut nodes {
        node.artifacts = artifacts.remove(&Some(node.id)).unwrap_or_default();
    }
    Ok(GraphOutcome::Graph(Graph {
        start_time,
        end_time,
        root_node_ids: nodes.iter().filter(|node| node.parents.is_empty()).map(|node| node.id).collect(),
        nodes: nodes.into_iter().map(|node| (node.id, node)).collect(),
        artifacts: artifacts.remove(&None).unwrap_or_default(),
        states: states(tx, workspace, id).await?,
    }))
}

/// A task run, or the subflow that it stands for, with the ids of what it used and what it ran inside of.
struct Member {
    node: GraphNode,
    parents: Vec<Uuid>,
    encapsulating: Vec<Uuid>,
}

async fn members(tx: &mut Tx, workspace: WorkspaceId, id: FlowRunId) -> Result<Vec<Member>> {
    let rows = tx
        .query(
            "SELECT task_run.id, task_run.name, task_run.state_type, task_run.start_time,
                task_run.expected_start_time, task_run.end_time, task_run.task_inputs, subflow.id, subflow.name,
                subflow.state_type, subflow.start_time, subflow.expected_start_time, subflow.end_time, flow.name
             FROM task_run
             LEFT JOIN flow_run AS subflow ON subflow.parent_task_run_id = task_run.id
             LEFT JOIN flow ON flow.id = subflow.flow_id
             WHERE task_run.workspace_id = ?1 AND task_run.flow_run_id = ?2",
            params![workspace, id],
        )
        .await?;
    let members = rows.into_iter().map(member).collect::<Result<Vec<_>>>()?;
    Ok(members.into_iter().flatten().collect())
}

/// `None` for a task run without a time.
fn member(row: Row) -> Result<Option<Member>> {
    let mut columns = row.columns();
    let (task_run_id, name): (TaskRunId, String) = (columns.take()?, columns.take()?);
    let state_type: Option<StateType> = columns.take()?;
    let (start, expected, end): (Option<Timestamp>, Option<Timestamp>, Option<Timestamp>) =
        (columns.take()?, columns.take()?, columns.take()?);
    let Json(inputs): Json<BTreeMap<String, Vec<TaskInput>>> = columns.take()?;
    let (subflow_id, subflow_name): (Option<FlowRunId>, Option<String>) = (columns.take()?, columns.take()?);
    let subflow_state_type: Option<StateType> = columns.take()?;
    let (subflow_start, subflow_expected, subflow_end): (
        Option<Timestamp>,
        Option<Timestamp>,
        Option<Timestamp>,
    ) = (columns.take()?, columns.take()?, columns.take()?);
    let flow_name: Option<String> = columns.take()?;

    let ended_at_once = if state_type == Some(StateType::Completed) { expected } else { None };
    let Some(start_time) = subflow_start.or(subflow_expected).or(start).or(expected) else { return Ok(None) };
    let label = match (flow_name, subflow_name) {
        (Some(flow), Some(subflow)) => format!("{flow} / {subflow}"),
        _ => name,
    };
    let node = GraphNode {
        kind: if subflow_id.is_some() { "flow-run" } else { "task-run" }.to_owned(),
        id: subflow_id.map_or(task_run_id.0, |subflow| subflow.0),
        label,
        state_type: subflow_state_type.or(state_type),
        start_time,
        end_time: subflow_end.or(end).or(ended_at_once),
        parents: Vec::new(),
        children: Vec::new(),
        encapsulating: Vec::new(),
        artifacts: Vec::new(),
    };
    let (mut parents, mut encapsulating) = (Vec::new(), Vec::new());
    for (key, values) in &inputs {
        let ids = if key == ENCAPSULATING { &mut encapsulating } else { &mut parents };
        for value in values {
            match value {
                TaskInput::TaskRun { id } | TaskInput::FlowRun { id } if !ids.contains(id) => ids.push(*id),
                _ => {}
            }
        }
    }
    Ok(Some(Member { node, parents, encapsulating }))
}

/// The nodes by their start, with edges to those that are there, by their start.
fn connect(members: &[Member]) -> Vec<GraphNode> {
    let mut order: Vec<usize> = (0..members.len()).collect();
    order.sort_by_key(|position| {
        let node = &members[*position].node;
        (node.start_time, node.end_time.is_none(), node.end_time, node.id)
    });
    let by_id: HashMap<Uuid, usize> =
        order.iter().enumerate().map(|(rank, position)| (members[*position].node.id, rank)).collect();
    let mut nodes: Vec<GraphNode> = order.iter().map(|position| members[*position].node.clone()).collect();
    for (rank, position) in order.iter().enumerate() {
        let member = &members[*position];
        let mut parents: Vec<usize> = member.parents.iter().filter_map(|id| by_id.get(id).copied()).collect();
        parents.sort_unstable();
        for parent in parents {
            let (parent_id, child_id) = (nodes[parent].id, nodes[rank].id);
            nodes[rank].parents.push(GraphEdge { id: parent_id });
            nodes[parent].children.push(GraphEdge { id: child_id });
        }
        let mut around: Vec<usize> =
            member.encapsulating.iter().filter_map(|id| by_id.get(id).copied()).collect();
        around.sort_unstable();
        nodes[rank].encapsulating =
            around.into_iter().map(|around| GraphEdge { id: nodes[around].id }).collect();
    }
    nodes
}

async fn artifacts(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: FlowRunId,
    limit: i64,
) -> Result<HashMap<Option<Uuid>, Vec<GraphArtifact>>> {
    let rows = tx
        .query(
            "SELECT artifact.task_run_id, artifact.id, artifact.created, artifact.key, artifact.type,
                artifact_collection.id, artifact.data
             FROM artifact
             LEFT JOIN artifact_collection ON artifact_collection.workspace_id = artifact.workspace_id
                AND artifact_collection.key = artifact.key AND artifact_collection.latest_id = artifact.id
             WHERE artifact.workspace_id = ?1 AND artifact.flow_run_id = ?2 AND artifact.type <> 'result'
             ORDER BY artifact.created, artifact.id LIMIT ?3",
            params![workspace, id, limit],
        )
        .await?;
    let mut artifacts: HashMap<Option<Uuid>, Vec<GraphArtifact>> = HashMap::new();
    for row in rows {
        let mut columns = row.columns();
        let task_run_id = columns.take()?;
        let (id, created, key, r#type): (_, _, Option<String>, Option<String>) =
            (columns.take()?, columns.take()?, columns.take()?, columns.take()?);
        let collection: Option<Uuid> = columns.take()?;
        let data = columns.take()?;
        let is_latest = key.is_none() || collection.is_some();
        let data = if r#type.as_deref() == Some("progress") { data } else { None };
        let artifact = GraphArtifact { id, created, key, r#type, is_latest, data };
        artifacts.entry(task_run_id).or_default().push(artifact);
    }
    Ok(artifacts)
}

async fn states(tx: &mut Tx, workspace: WorkspaceId, id: FlowRunId) -> Result<Vec<GraphState>> {
    let states = super::read_states(tx, workspace, id).await?;
    let read = |state: sluice_wire::json::RawJson| state.parse::<GraphState>().map_err(unreadable);
    states.into_iter().map(read).collect::<Result<_, StoreError>>()
}
