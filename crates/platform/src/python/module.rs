//! What the names of a file stand for, as far as the file alone says it.

use std::collections::{HashMap, HashSet};

use ruff_python_ast::{CmpOp, Expr, Stmt, StmtClassDef, StmtFunctionDef};

/// The names that statements bind at their own level.
#[derive(Default)]
pub(crate) struct Module<'m> {
    /// Local name -> dotted path.
    imports: HashMap<&'m str, String>,
    classes: HashMap<&'m str, &'m StmtClassDef>,
    functions: HashMap<&'m str, &'m StmtFunctionDef>,
    assignments: HashMap<&'m str, &'m Expr>,
    /// Bound more than once, under a condition, or in a way that is not followed.
    uncertain: HashSet<&'m str>,
    /// Something may have been put into what was assigned to them.
    changed: HashSet<&'m str>,
    imports_everything: bool,
}

/// The built-in names that annotations, bases and decorators use.
const BUILTINS: &[&str] = &[
    "bool",
    "bytes",
    "classmethod",
    "complex",
    "dict",
    "float",
    "frozenset",
    "int",
    "list",
    "object",
    "property",
    "set",
    "staticmethod",
    "str",
    "tuple",
    "type",
];

impl<'m> Module<'m> {
    /// Looks at the statements of a module, or of the body of a class.
    pub(crate) fn read(statements: &'m [Stmt]) -> Self {
        let mut module = Self::default();
        for statement in statements {
            module.bind(statement);
        }
        module
    }

    /// The function with this name, if exactly one statement binds it.
    pub(crate) fn function(&self, name: &str) -> Option<&'m StmtFunctionDef> {
        self.certain(name).then(|| self.functions.get(name).copied()).flatten()
    }

    /// All functions.
    pub(crate) fn functions(&self) -> impl Iterator<Item = &'m StmtFunctionDef> {
        self.functions.values().copied()
    }

    /// The class with this name, if exactly one statement binds it.
    pub(crate) fn class(&self, name: &str) -> Option<&'m StmtClassDef> {
        self.certain(name).then(|| self.classes.get(name).copied()).flatten()
    }

    /// What is assigned to this name, if exactly one statement binds it and none changes it afterwards.
    pub(crate) fn assignment(&self, name: &str) -> Option<&'m Expr> {
        let is_as_assigned = self.certain(name) && !self.changed.contains(name);
        is_as_assigned.then(|| self.assignments.get(name).copied()).flatten()
    }

    /// Whether some statement binds the name.
    pub(crate) fn is_bound(&self, name: &str) -> bool {
        self.uncertain.contains(name)
            || self.imports.contains_key(name)
            || self.classes.contains_key(name)
            || self.functions.contains_key(name)
            || self.assignments.contains_key(name)
    }

    /// Whether names come from a `from ... import *`.
    pub(crate) fn imports_everything(&self) -> bool {
        self.imports_everything
    }

    /// The dotted path of what an expression names: `typing.Optional`, `int`. Names of the file itself have none.
    pub(crate) fn qualified(&self, expression: &Expr) -> Option<String> {
        match expression {
            Expr::Name(name) => {
                let name = name.id.as_str();
                if let Some(path) = self.imports.get(name) {
                    return self.certain(name).then(|| path.clone());
                }
                let is_builtin = BUILTINS.contains(&name) && !self.is_bound(name) && !self.imports_everything;
                is_builtin.then(|| name.to_owned())
            }
            Expr::Attribute(attribute) => {
                let value = self.qualified(&attribute.value)?;
                Some(format!("{value}.{}", attribute.attr))
            }
            _ => None,
        }
    }

    fn certain(&self, name: &str) -> bool {
        !self.uncertain.contains(name)
    }

    fn bind(&mut self, statement: &'m Stmt) {
        match statement {
            Stmt::Import(import) => {
                for alias in &import.names {
                    let path = alias.name.as_str();
                    match &alias.asname {
                        Some(name) => self.import(name.as_str(), path.to_owned()),
                        // `import a.b` binds `a`.
                        None => {
                            let first = path.split('.').next().unwrap_or(path);
                            if self.imports.get(first).map(String::as_str) != Some(first) {
                                self.import(first, first.to_owned());
                            }
                        }
                    }
                }
            }
            Stmt::ImportFrom(import) => {
                let dots = ".".repeat(usize::try_from(import.level).unwrap_or(1));
                let source = import.module.as_ref().map_or("", |module| module.as_str());
                for alias in &import.names {
                    if alias.name.as_str() == "*" {
                        self.imports_everything = true;
                        // What has a name already may get another meaning.
                        self.doubt_everything();
                        continue;
                    }
                    let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                    self.import(name, format!("{dots}{source}.{}", alias.name));
                }
            }
            Stmt::ClassDef(class) => {
                self.note(class.name.as_str());
                self.classes.insert(class.name.as_str(), class);
            }
            Stmt::FunctionDef(function) => {
                self.note(function.name.as_str());
                self.functions.insert(function.name.as_str(), function);
            }
            Stmt::Assign(assign) => {
                if let [Expr::Name(name)] = assign.targets.as_slice() {
                    self.note(name.id.as_str());
                    self.assignments.insert(name.id.as_str(), &assign.value);
                } else {
                    assign.targets.iter().for_each(|target| self.doubt(target));
                }
            }
            Stmt::AnnAssign(assign) => {
                if let (Expr::Name(name), Some(value)) = (&*assign.target, &assign.value) {
                    self.note(name.id.as_str());
                    self.assignments.insert(name.id.as_str(), value);
                }
            }
            Stmt::AugAssign(assign) => self.doubt(&assign.target),
            Stmt::Expr(expression) => {
                // `NAMES.append("x")`
                if let Expr::Call(call) = &*expression.value
                    && let Expr::Attribute(method) = &*call.func
                {
                    self.changed.extend(root(&method.value));
                }
            }
            // What a script does when it is run is not done when its flows are loaded.
            Stmt::If(condition) if is_main_guard(&condition.test) => {
                condition.elif_else_clauses.iter().for_each(|clause| self.bind_in_doubt(&clause.body));
            }
            Stmt::If(condition) => {
                self.bind_in_doubt(&condition.body);
                condition.elif_else_clauses.iter().for_each(|clause| self.bind_in_doubt(&clause.body));
            }
            Stmt::Try(attempt) => {
                self.bind_in_doubt(&attempt.body);
                for handler in &attempt.handlers {
                    let ruff_python_ast::ExceptHandler::ExceptHandler(handler) = handler;
                    self.bind_in_doubt(&handler.body);
                }
                self.bind_in_doubt(&attempt.orelse);
                self.bind_in_doubt(&attempt.finalbody);
            }
            Stmt::With(with) => {
                for item in &with.items {
                    item.optional_vars.iter().for_each(|target| self.doubt(target));
                }
                self.bind_in_doubt(&with.body);
            }
            Stmt::For(repeat) => {
                self.doubt(&repeat.target);
                self.bind_in_doubt(&repeat.body);
            }
            Stmt::While(repeat) => self.bind_in_doubt(&repeat.body),
            Stmt::Match(choice) => choice.cases.iter().for_each(|case| self.bind_in_doubt(&case.body)),
            Stmt::TypeAlias(alias) => self.doubt(&alias.name),
            _ => {}
        }
    }

    /// Names that are bound only if something else is true.
    fn bind_in_doubt(&mut self, statements: &'m [Stmt]) {
        let inner = Self::read(statements);
        self.imports_everything |= inner.imports_everything;
        if inner.imports_everything {
            self.doubt_everything();
        }
        self.uncertain.extend(inner.names().chain(inner.uncertain.iter().copied()));
        self.changed.extend(&inner.changed);
    }

    fn doubt_everything(&mut self) {
        let names: Vec<_> = self.names().collect();
        self.uncertain.extend(names);
    }

    fn names(&self) -> impl Iterator<Item = &'m str> {
        let names = self.imports.keys().chain(self.classes.keys()).chain(self.functions.keys());
        names.chain(self.assignments.keys()).copied()
    }

    fn import(&mut self, name: &'m str, path: String) {
        if self.imports.get(name) != Some(&path) {
            self.note(name);
        }
        self.imports.insert(name, path);
    }

    /// Remembers that a name is bound more than once.
    fn note(&mut self, name: &'m str) {
        if self.is_bound(name) {
            self.uncertain.insert(name);
        }
    }

    fn doubt(&mut self, target: &'m Expr) {
        match target {
            Expr::Name(name) => {
                self.uncertain.insert(name.id.as_str());
            }
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|element| self.doubt(element)),
            Expr::List(list) => list.elts.iter().for_each(|element| self.doubt(element)),
            Expr::Starred(starred) => self.doubt(&starred.value),
            // `flow.name = "x"` and `NAMES["a"] = 1` change what the name stands for.
            Expr::Attribute(_) | Expr::Subscript(_) => self.uncertain.extend(root(target)),
            _ => {}
        }
    }
}

/// The name at the beginning of `name.a["b"]`.
fn root(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Name(name) => Some(name.id.as_str()),
        Expr::Attribute(attribute) => root(&attribute.value),
        Expr::Subscript(subscript) => root(&subscript.value),
        _ => None,
    }
}

/// Whether it is `__name__ == "__main__"`.
fn is_main_guard(test: &Expr) -> bool {
    let Expr::Compare(compare) = test else { return false };
    let is_name = matches!(&*compare.left, Expr::Name(name) if name.id.as_str() == "__name__");
    let is_equal = matches!(&*compare.ops, [CmpOp::Eq]);
    let is_main =
        matches!(&*compare.comparators, [Expr::StringLiteral(text)] if text.value.to_str() == "__main__");
    is_name && is_equal && is_main
}
