//! What a flow's Python file says of the flow, without running a line of it.
//!
//! [`analyze`] reads name, description, version and the schema of the parameters, the latter as the SDK makes it with
//! pydantic. Where a file does not say it plainly (imported models, computed names) the answer is
//! [`AnalysisError::Unclear`], and [`interpreter`] asks the SDK itself.

mod docstring;
pub(crate) mod entrypoint;
pub(crate) mod interpreter;
mod model;
mod module;
mod schema;
mod types;
mod values;

use md5::{Digest, Md5};
use ruff_python_ast::{Decorator, Expr, ExprCall, Stmt, StmtFunctionDef};
use ruff_text_size::Ranged;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::yaml::Place;
use module::Module;

/// What is known of a flow from its source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlowFacts {
    /// The name under which the server knows it.
    pub name: String,
    /// What the decorator or the docstring says.
    pub description: Option<String>,
    /// What the decorator says, or a hash of the file.
    pub version: Option<String>,
    /// The schema of its parameters, as the SDK sends it.
    pub parameter_openapi_schema: Map<String, Value>,
}

/// Why a file does not say what a flow is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnalysisError {
    /// It is not Python.
    #[error("line {}, column {}: {cause}", place.line, place.column)]
    Syntax {
        /// Where reading stopped.
        place: Place,
        /// Why.
        cause: String,
    },
    /// There is no such function in it.
    #[error("there is no function {function:?} in it; {}", known(.flows))]
    NoFunction {
        /// What was looked for.
        function: String,
        /// The flows that are there.
        flows: Vec<String>,
    },
    /// The function has no `@flow`.
    #[error("{function:?} is no flow: decorate it with `@flow`")]
    NotAFlow {
        /// What was looked for.
        function: String,
    },
    /// Only Python itself can tell.
    #[error("{0}")]
    Unclear(String),
}

fn known(flows: &[String]) -> String {
    match flows {
        [] => "it has no flows".to_owned(),
        flows => format!("its flows are {}", flows.join(", ")),
    }
}

pub(crate) type Result<T> = std::result::Result<T, AnalysisError>;

pub(crate) fn unclear<T>(reason: impl Into<String>) -> Result<T> {
    Err(AnalysisError::Unclear(reason.into()))
}

/// Reads of `source` what it says of the flow `function`, which may be a method: `Class.method`.
pub fn analyze(source: &str, function: &str) -> Result<FlowFacts> {
    let parsed = ruff_python_parser::parse_module(source).map_err(|error| AnalysisError::Syntax {
        place: place(source, error.location.start().to_usize()),
        cause: error.error.to_string(),
    })?;
    let module = Module::read(parsed.suite());
    let definition = find(&module, function)?;
    let decorator = flow_decorator(&module, definition, function)?;
    let own_docstring = docstring::of_body(&definition.body);
    let text = |name: &str| decorator.text(&module, name);
    Ok(FlowFacts {
        name: match text("name")? {
            Some(name) => name,
            None => definition.name.as_str().replace('_', "-"),
        },
        description: text("description")?.or_else(|| own_docstring.clone()),
        version: Some(text("version")?.unwrap_or_else(|| file_hash(source.as_bytes()))),
        parameter_openapi_schema: schema::of_function(&module, definition, own_docstring.as_deref())?,
    })
}

/// The version of a flow that gives none: a hash of its file's content.
pub(crate) fn file_hash(content: &[u8]) -> String {
    Md5::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn find<'m>(module: &Module<'m>, function: &str) -> Result<&'m StmtFunctionDef> {
    let missing = || AnalysisError::NoFunction { function: function.to_owned(), flows: flows(module) };
    let mut path: Vec<&str> = function.split('.').collect();
    let name = path.pop().unwrap_or_default();
    let mut of_class;
    let mut scope = module;
    let mut is_inheriting = false;
    for class in path {
        let Some(definition) = scope.class(class) else {
            if scope.is_bound(class) {
                return unclear(format!("{class} is not defined as a class in the file"));
            }
            return Err(missing());
        };
        is_inheriting =
            definition.bases().iter().any(|base| scope.qualified(base).as_deref() != Some("object"));
        of_class = Module::read(&definition.body);
        scope = &of_class;
    }
    match scope.function(name) {
        Some(definition) => Ok(definition),
        None if scope.is_bound(name) => {
            unclear(format!("{function} is bound by an assignment, an import or under a condition"))
        }
        None if scope.imports_everything() => unclear(format!("{function} may come from `import *`")),
        None if is_inheriting => unclear(format!("{function} may be inherited")),
        None => Err(missing()),
    }
}

/// The functions of a file that have the decorator.
fn flows(module: &Module<'_>) -> Vec<String> {
    let mut flows: Vec<String> = module
        .functions()
        .filter(|function| function.decorator_list.iter().any(|decorator| is_flow(module, decorator)))
        .map(|function| function.name.to_string())
        .collect();
    flows.sort();
    flows
}

/// The arguments of `@flow(...)`, if there are any.
struct FlowDecorator<'m>(Option<&'m ExprCall>);

impl FlowDecorator<'_> {
    /// A text among the arguments; `None` where it is absent, `None` or empty.
    fn text(&self, module: &Module<'_>, name: &str) -> Result<Option<String>> {
        let Some(argument) = self.0.and_then(|call| call.arguments.find_keyword(name)) else {
            return Ok(None);
        };
        match values::evaluate(module, &argument.value) {
            Ok(Value::String(text)) => Ok(Some(text).filter(|text| !text.is_empty())),
            Ok(Value::Null) => Ok(None),
            _ => unclear(format!("the flow's {name} is computed")),
        }
    }
}

fn flow_decorator<'m>(
    module: &Module<'_>,
    definition: &'m StmtFunctionDef,
    function: &str,
) -> Result<FlowDecorator<'m>> {
    let mut found = None;
    for decorator in &definition.decorator_list {
        if is_flow(module, decorator) {
            found = Some(decorator);
        } else if module.qualified(&decorator.expression).as_deref() != Some("staticmethod") {
            return unclear(format!("{function} has another decorator, which may change it"));
        }
    }
    let Some(decorator) = found else {
        return Err(AnalysisError::NotAFlow { function: function.to_owned() });
    };
    match &decorator.expression {
        Expr::Call(call) => {
            let is_plain = call.arguments.args.is_empty()
                && call.arguments.keywords.iter().all(|keyword| keyword.arg.is_some());
            if is_plain {
                Ok(FlowDecorator(Some(call)))
            } else {
                unclear("the arguments of `@flow` are computed")
            }
        }
        _ => Ok(FlowDecorator(None)),
    }
}

fn is_flow(module: &Module<'_>, decorator: &Decorator) -> bool {
    let expression = match &decorator.expression {
        Expr::Call(call) => &call.func,
        expression => expression,
    };
    matches!(module.qualified(expression).as_deref(), Some("prefect.flow" | "prefect.flows.flow"))
}

fn place(source: &str, offset: usize) -> Place {
    let before = source.get(..offset).unwrap_or(source);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    Place {
        line: before.matches('\n').count() + 1,
        column: before.get(line_start..).unwrap_or("").chars().count() + 1,
    }
}

/// The text of a piece of source, for messages.
pub(crate) fn snippet(expression: &Expr) -> String {
    match expression {
        Expr::Name(name) => name.id.to_string(),
        Expr::Attribute(attribute) => format!("{}.{}", snippet(&attribute.value), attribute.attr),
        Expr::Subscript(subscript) => format!("{}[...]", snippet(&subscript.value)),
        Expr::Call(call) => format!("{}(...)", snippet(&call.func)),
        other => format!("the expression at byte {}", other.start().to_usize()),
    }
}

/// Whether a statement is only a text.
pub(crate) fn is_text(statement: &Stmt) -> bool {
    matches!(statement, Stmt::Expr(expression) if expression.value.is_string_literal_expr())
}

#[cfg(test)]
mod tests {
    use super::{AnalysisError, analyze};

    const FILE: &str = r#"
import prefect
from prefect import flow as workflow, task
from elsewhere import imported

NAME = "named by a constant"

@workflow
def plain_one():
    """Says what it does.

        Indented more.
    """

@prefect.flow(name="Other name", description="Given.", version="7", log_prints=True)
async def decorated(a: int): ...

@workflow(name=NAME)
def by_constant(): ...

@workflow(name=f"{NAME}!")
def computed(): ...

@task
@workflow
def twice(): ...

@task
def only_a_task(): ...

later = workflow(only_a_task)

class Group:
    @workflow
    def method(self, a: int): ...

    @staticmethod
    @workflow
    def fixed(): ...

    class Inner:
        @workflow
        def deep(self): ...

class Heir(Group): ...

PLACES = ["a"]
PLACES.append("b")
TABLE = {}
TABLE["a"] = 1
KEPT = ["a"]

@workflow
def changed_list(a: list = PLACES): ...

@workflow
def changed_table(a: dict = TABLE): ...

@workflow
def kept(a: list = KEPT): ...

@workflow
def renamed(): ...
renamed.name = "Something else"

if __name__ == "__main__":
    KEPT.append("b")
    kept = kept.with_options(name="when it is run")
"#;

    #[test]
    fn names_descriptions_and_versions_are_read() {
        let hash = super::file_hash(FILE.as_bytes());
        let cases = [
            ("plain_one", "plain-one", Some("Says what it does.\n\nIndented more."), hash.as_str()),
            ("decorated", "Other name", Some("Given."), "7"),
            ("by_constant", "named by a constant", None, hash.as_str()),
            ("Group.method", "method", None, hash.as_str()),
            ("Group.fixed", "fixed", None, hash.as_str()),
            ("Group.Inner.deep", "deep", None, hash.as_str()),
            ("kept", "kept", None, hash.as_str()),
        ];
        for (function, name, description, version) in cases {
            let facts = analyze(FILE, function).unwrap();
            assert_eq!(facts.name, name);
            assert_eq!(facts.description.as_deref(), description);
            assert_eq!(facts.version.as_deref(), Some(version));
        }
    }

    #[test]
    fn what_only_python_can_tell_is_unclear() {
        let of_names =
            ["computed", "twice", "later", "imported", "imported.method", "Heir.method", "renamed"];
        for function in of_names.into_iter().chain(["changed_list", "changed_table"]) {
            assert!(matches!(analyze(FILE, function), Err(AnalysisError::Unclear(_))), "{function}");
        }
        let hidden = FILE.replace("@task\ndef only", "from elsewhere import *\n@task\ndef only");
        assert!(matches!(analyze(&hidden, "plain_one"), Err(AnalysisError::Unclear(_))));
    }

    #[test]
    fn what_is_no_flow_is_told() {
        let error = |function: &str| analyze(FILE, function).unwrap_err().to_string();
        assert_eq!(error("only_a_task"), "only_a_task has another decorator, which may change it");
        assert_eq!(
            error("nothing"),
            "there is no function \"nothing\" in it; its flows are by_constant, \
             changed_list, changed_table, computed, decorated, kept, plain_one, renamed, twice"
        );
        assert_eq!(
            analyze("def f(): ...", "f").unwrap_err().to_string(),
            "\"f\" is no flow: decorate it with `@flow`"
        );
        assert!(analyze("def f(:", "f").unwrap_err().to_string().starts_with("line 1, column 7: "));
    }
}
