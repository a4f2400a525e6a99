//! A transition while rules look at it.

use sluice_wire::orchestration_results::{SetStateStatus, StateResponseDetails};
use sluice_wire::states::{State, StateDetails, StateType};

use crate::effects::Effect;
use crate::environment::Environment;
use crate::facts::{FlowFacts, FlowRun, RunColumns, TaskFacts, TaskRun};
use crate::needs::{FlowNeeds, TaskNeeds};

/// The two kinds of runs, as far as rules that govern both care.
pub trait Run: Clone + PartialEq {
    /// What rules may ask the store for.
    type Facts;
    /// Which of it.
    type Needs: Default;

    /// The columns that both kinds share.
    fn columns(&self) -> &RunColumns;
    /// As [`Run::columns`], to change them.
    fn columns_mut(&mut self) -> &mut RunColumns;
    /// Makes the details of a state point at the run.
    fn claim(&self, details: &mut StateDetails);
}

impl Run for FlowRun {
    type Facts = FlowFacts;
    type Needs = FlowNeeds;

    fn columns(&self) -> &RunColumns {
        &self.columns
    }

    fn columns_mut(&mut self) -> &mut RunColumns {
        &mut self.columns
    }

    fn claim(&self, details: &mut StateDetails) {
        details.flow_run_id = Some(self.id);
    }
}

impl Run for TaskRun {
    type Facts = TaskFacts;
    type Needs = TaskNeeds;

    fn columns(&self) -> &RunColumns {
        &self.columns
    }

    fn columns_mut(&mut self) -> &mut RunColumns {
        &mut self.columns
    }

    fn claim(&self, details: &mut StateDetails) {
        details.flow_run_id = self.flow_run_id;
        details.task_run_id = Some(self.id);
    }
}

/// What a rule sees and may change. Rules look at `initial`, `facts` and `environment`; they change `proposed` and
/// `run`, and ask for effects.
pub struct Context<'a, R: Run> {
    /// The run's current state; `None` before its first.
    pub initial: Option<&'a State>,
    /// The state that is about to be written; `None` once a rule decided that none is.
    pub proposed: Option<State>,
    /// The run as the rules so far left it.
    pub run: R,
    /// The run as it was.
    pub original: &'a R,
    /// What the store loaded for this transition.
    pub facts: &'a R::Facts,
    /// Time, client, settings and chance.
    pub environment: &'a Environment,
    /// What the client will be told so far.
    pub status: SetStateStatus,
    /// Why.
    pub details: StateResponseDetails,
    /// Whether the flow run of a task run turned out to be gone.
    pub(crate) flow_run_missing: bool,
    effects: Vec<(&'static str, Effect)>,
    current_rule: &'static str,
}

impl<'a, R: Run> Context<'a, R> {
    pub(crate) fn new(
        initial: Option<&'a State>,
        proposed: State,
        original: &'a R,
        facts: &'a R::Facts,
        environment: &'a Environment,
    ) -> Self {
        Self {
            initial,
            proposed: Some(proposed),
            run: original.clone(),
            original,
            facts,
            environment,
            status: SetStateStatus::Accept,
            details: StateResponseDetails::Accept {},
            flow_run_missing: false,
            effects: Vec::new(),
            current_rule: "",
        }
    }

    /// Type of the current state.
    pub fn initial_type(&self) -> Option<StateType> {
        self.initial.map(|state| state.r#type)
    }

    /// Type of the state that is about to be written.
    pub fn proposed_type(&self) -> Option<StateType> {
        self.proposed.as_ref().map(|state| state.r#type)
    }

    /// Asks for an effect in the name of the rule that runs.
    pub fn effect(&mut self, effect: Effect) {
        self.effects.push((self.current_rule, effect));
    }

    /// Takes back every effect that the rule that runs has asked for.
    pub fn withdraw_effects(&mut self) {
        let rule = self.current_rule;
        self.effects.retain(|(owner, _)| *owner != rule);
    }

    /// Takes back every effect of the rule that runs which takes a slot.
    pub fn withdraw_slots(&mut self) {
        let rule = self.current_rule;
        self.effects.retain(|(owner, effect)| *owner != rule || !effect.takes_a_slot());
    }

    /// A new state of this type, stamped now, to take the place of the proposed one.
    pub fn replacement(&self, state_type: StateType) -> State {
        State::new(state_type, self.environment.dice.replacement_state_id, self.environment.now)
    }

    pub(crate) fn enter(&mut self, rule: &'static str) {
        self.current_rule = rule;
    }

    pub(crate) fn into_effects(self) -> Vec<Effect> {
        self.effects.into_iter().map(|(_, effect)| effect).collect()
    }
}
