//! Puts [`bounded`](crate::bounded) into a template: a filter around every expression that may make a value larger than its
//! parts, and around everything that is read as a whole. A filter, because its name cannot be given another meaning by the
//! template. The tree is built anew, because its nodes cannot be changed.

use minijinja::machinery::ast::{self, BinOpKind, CallArg, Expr, Spanned, Stmt};

use crate::bounded::{FILTER, MEMBER_FILTER};

/// The statement, guarded.
pub(crate) fn statement<'t>(of: &Stmt<'t>) -> Stmt<'t> {
    match of {
        Stmt::Template(node) => {
            Stmt::Template(Spanned::new(ast::Template { children: statements(&node.children) }, node.span()))
        }
        Stmt::EmitExpr(node) => {
            Stmt::EmitExpr(Spanned::new(ast::EmitExpr { expr: expression(&node.expr) }, node.span()))
        }
        Stmt::EmitRaw(node) => Stmt::EmitRaw(Spanned::new(ast::EmitRaw { raw: node.raw }, node.span())),
        Stmt::ForLoop(node) => {
            let guarded = ast::ForLoop {
                target: target_of(&node.target),
                iter: expression(&node.iter),
                filter_expr: node.filter_expr.as_ref().map(expression),
                recursive: node.recursive,
                body: statements(&node.body),
                else_body: statements(&node.else_body),
            };
            Stmt::ForLoop(Spanned::new(guarded, node.span()))
        }
        Stmt::IfCond(node) => {
            let guarded = ast::IfCond {
                expr: expression(&node.expr),
                true_body: statements(&node.true_body),
                false_body: statements(&node.false_body),
            };
            Stmt::IfCond(Spanned::new(guarded, node.span()))
        }
        Stmt::WithBlock(node) => {
            let assignments = node.assignments.iter();
            let guarded = ast::WithBlock {
                assignments: assignments
                    .map(|(target, value)| (target_of(target), expression(value)))
                    .collect(),
                body: statements(&node.body),
            };
            Stmt::WithBlock(Spanned::new(guarded, node.span()))
        }
        Stmt::Set(node) => {
            let value = expression(&node.expr);
            let expr = if is_member(&node.target) { filtered(MEMBER_FILTER, value) } else { value };
            Stmt::Set(Spanned::new(ast::Set { target: target_of(&node.target), expr }, node.span()))
        }
        Stmt::SetBlock(node) => {
            let filter = node.filter.as_ref().map(expression);
            let filter = if is_member(&node.target) {
                filter.map(|filter| filtered(MEMBER_FILTER, filter))
            } else {
                filter
            };
            let guarded =
                ast::SetBlock { target: target_of(&node.target), filter, body: statements(&node.body) };
            Stmt::SetBlock(Spanned::new(guarded, node.span()))
        }
        Stmt::AutoEscape(node) => {
            let guarded =
                ast::AutoEscape { enabled: expression(&node.enabled), body: statements(&node.body) };
            Stmt::AutoEscape(Spanned::new(guarded, node.span()))
        }
        Stmt::FilterBlock(node) => {
            let guarded = ast::FilterBlock {
                filter: expression(&node.filter),
                filter_span: node.filter_span,
                body: statements(&node.body),
            };
            Stmt::FilterBlock(Spanned::new(guarded, node.span()))
        }
        Stmt::Macro(node) => Stmt::Macro(Spanned::new(macro_of(node), node.span())),
        Stmt::CallBlock(node) => {
            let guarded = ast::CallBlock {
                call: Spanned::new(call(&node.call), node.call.span()),
                call_expr_span: node.call_expr_span,
                macro_decl: Spanned::new(macro_of(&node.macro_decl), node.macro_decl.span()),
            };
            Stmt::CallBlock(Spanned::new(guarded, node.span()))
        }
        Stmt::Do(node) => {
            let guarded = ast::Do { call: Spanned::new(call(&node.call), node.call.span()) };
            Stmt::Do(Spanned::new(guarded, node.span()))
        }
    }
}

fn statements<'t>(of: &[Stmt<'t>]) -> Vec<Stmt<'t>> {
    of.iter().map(statement).collect()
}

fn macro_of<'t>(of: &ast::Macro<'t>) -> ast::Macro<'t> {
    ast::Macro {
        name: of.name,
        args: of.args.iter().map(target_of).collect(),
        defaults: of.defaults.iter().map(expression).collect(),
        body: statements(&of.body),
    }
}

/// Whether something is written into a namespace.
fn is_member(target: &Expr<'_>) -> bool {
    match target {
        Expr::GetAttr(_) => true,
        Expr::List(node) => node.items.iter().any(is_member),
        Expr::Tuple(node) => node.items.iter().any(is_member),
        _ => false,
    }
}

/// What is assigned to: a name, a member of a namespace, or several. Nothing is read.
fn target_of<'t>(target: &Expr<'t>) -> Expr<'t> {
    let all = |items: &[Expr<'t>]| items.iter().map(target_of).collect();
    match target {
        Expr::List(node) => Expr::List(Spanned::new(ast::List { items: all(&node.items) }, node.span())),
        Expr::Tuple(node) => Expr::Tuple(Spanned::new(ast::Tuple { items: all(&node.items) }, node.span())),
        other => plain(other),
    }
}

/// The expression; what it makes is paid for when it may be larger than what it is made of.
fn expression<'t>(of: &Expr<'t>) -> Expr<'t> {
    let guarded = plain(of);
    if makes_more(of) { filtered(FILTER, guarded) } else { guarded }
}

/// An expression whose value is read as a whole, however large: compared, written, given to a filter.
fn operand<'t>(of: &Expr<'t>) -> Expr<'t> {
    let guarded = expression(of);
    if may_be_large(of) { filtered(FILTER, guarded) } else { guarded }
}

fn makes_more(of: &Expr<'_>) -> bool {
    match of {
        Expr::List(_) | Expr::Tuple(_) | Expr::Map(_) | Expr::Filter(_) => true,
        Expr::BinOp(node) => matches!(node.op, BinOpKind::Add | BinOpKind::Mul),
        // What these two make is text, which is paid for when it is written, and they are no functions.
        Expr::Call(node) => !matches!(&node.expr, Expr::Var(name) if matches!(name.id, "loop" | "caller")),
        _ => false,
    }
}

fn may_be_large(of: &Expr<'_>) -> bool {
    match of {
        Expr::Var(node) => node.id != "loop",
        Expr::GetAttr(_) | Expr::GetItem(_) | Expr::Slice(_) | Expr::IfExpr(_) => true,
        Expr::BinOp(node) => matches!(node.op, BinOpKind::ScAnd | BinOpKind::ScOr),
        _ => false,
    }
}

fn filtered<'t>(name: &'static str, expr: Expr<'t>) -> Expr<'t> {
    let span = expr.span();
    Expr::Filter(Spanned::new(ast::Filter { name, expr: Some(expr), args: Vec::new() }, span))
}

/// The expression with its parts guarded.
fn plain<'t>(of: &Expr<'t>) -> Expr<'t> {
    let all = |items: &[Expr<'t>]| items.iter().map(expression).collect();
    let span = of.span();
    match of {
        Expr::Var(node) => Expr::Var(Spanned::new(ast::Var { id: node.id }, span)),
        Expr::Const(node) => Expr::Const(Spanned::new(ast::Const { value: node.value.clone() }, span)),
        Expr::Slice(node) => {
            let guarded = ast::Slice {
                expr: expression(&node.expr),
                start: node.start.as_ref().map(expression),
                stop: node.stop.as_ref().map(expression),
                step: node.step.as_ref().map(expression),
            };
            Expr::Slice(Spanned::new(guarded, span))
        }
        Expr::UnaryOp(node) => {
            let is_not = matches!(node.op, ast::UnaryOpKind::Not);
            let op = if is_not { ast::UnaryOpKind::Not } else { ast::UnaryOpKind::Neg };
            Expr::UnaryOp(Spanned::new(ast::UnaryOp { op, expr: expression(&node.expr) }, span))
        }
        Expr::BinOp(node) => {
            let guard = match node.op {
                BinOpKind::ScAnd | BinOpKind::ScOr => expression,
                _ => operand,
            };
            let guarded = ast::BinOp { op: node.op, left: guard(&node.left), right: guard(&node.right) };
            Expr::BinOp(Spanned::new(guarded, span))
        }
        Expr::Compare(node) => {
            let ops = node.ops.iter().map(|op| ast::CompareOp { op: op.op, expr: operand(&op.expr) });
            let guarded = ast::Compare { expr: operand(&node.expr), ops: ops.collect() };
            Expr::Compare(Spanned::new(guarded, span))
        }
        Expr::IfExpr(node) => {
            let guarded = ast::IfExpr {
                test_expr: expression(&node.test_expr),
                true_expr: expression(&node.true_expr),
                false_expr: node.false_expr.as_ref().map(expression),
            };
            Expr::IfExpr(Spanned::new(guarded, span))
        }
        Expr::Filter(node) => {
            let guarded = ast::Filter {
                name: node.name,
                expr: node.expr.as_ref().map(operand),
                args: arguments(&node.args),
            };
            Expr::Filter(Spanned::new(guarded, span))
        }
        Expr::Test(node) => {
            let guarded =
                ast::Test { name: node.name, expr: operand(&node.expr), args: arguments(&node.args) };
            Expr::Test(Spanned::new(guarded, span))
        }
        Expr::GetAttr(node) => {
            let guarded = ast::GetAttr { expr: expression(&node.expr), name: node.name };
            Expr::GetAttr(Spanned::new(guarded, span))
        }
        Expr::GetItem(node) => {
            let guarded =
                ast::GetItem { expr: expression(&node.expr), subscript_expr: operand(&node.subscript_expr) };
            Expr::GetItem(Spanned::new(guarded, span))
        }
        Expr::Call(node) => Expr::Call(Spanned::new(call(node), span)),
        Expr::List(node) => Expr::List(Spanned::new(ast::List { items: all(&node.items) }, span)),
        Expr::Tuple(node) => Expr::Tuple(Spanned::new(ast::Tuple { items: all(&node.items) }, span)),
        Expr::Map(node) => {
            // Keys are hashed and compared.
            let guarded =
                ast::Map { keys: node.keys.iter().map(operand).collect(), values: all(&node.values) };
            Expr::Map(Spanned::new(guarded, span))
        }
    }
}

fn call<'t>(of: &ast::Call<'t>) -> ast::Call<'t> {
    let expr = match &of.expr {
        // A method reads the whole value.
        Expr::GetAttr(node) => {
            let method = ast::GetAttr { expr: operand(&node.expr), name: node.name };
            Expr::GetAttr(Spanned::new(method, node.span()))
        }
        other => expression(other),
    };
    ast::Call { expr, args: arguments(&of.args) }
}

fn arguments<'t>(of: &[CallArg<'t>]) -> Vec<CallArg<'t>> {
    let guard = |argument: &CallArg<'t>| match argument {
        CallArg::Pos(value) => CallArg::Pos(operand(value)),
        CallArg::Kwarg(name, value) => CallArg::Kwarg(name, operand(value)),
        CallArg::PosSplat(value) => CallArg::PosSplat(operand(value)),
        CallArg::KwargSplat(value) => CallArg::KwargSplat(operand(value)),
    };
    of.iter().map(guard).collect()
}
