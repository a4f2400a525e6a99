//! What values may hold. Values are shared, so a short template can make one that contains itself, or that doubles
//! with every line; whoever writes such a value out, compares it, or frees it, needs a stack or a time without end.
//! Therefore [`guard`](crate::guard) hands every value that a template makes, and every one that is read as a whole, to a
//! filter that looks at it first and pays for what it finds.

use minijinja::value::ValueKind;
use minijinja::{Environment, Error, ErrorKind, State, Value};

/// The name of the filter.
pub(crate) const FILTER: &str = "__bounded";
/// The name of the filter for what is written into a namespace.
pub(crate) const MEMBER_FILTER: &str = "__member";
/// How deep lists and mappings may stand in each other.
const DEEPEST: usize = 50;
/// One fuel pays for so many bytes of a text, as in the engine.
const BYTES: usize = 64;
const NAMESPACE: &str = "a namespace cannot be part of another value";

/// Adds the filters.
pub(crate) fn add_to_environment(environment: &mut Environment<'_>) {
    environment.add_filter(FILTER, bounded);
    environment.add_filter(MEMBER_FILTER, member);
}

fn bounded(state: &State<'_, '_>, value: Value) -> Result<Value, Error> {
    pay_for(state, &value)?;
    Ok(value)
}

/// A namespace that is part of another could come to contain itself.
fn member(state: &State<'_, '_>, value: Value) -> Result<Value, Error> {
    if is_namespace(&value) {
        return Err(refused(NAMESPACE));
    }
    bounded(state, value)
}

fn is_namespace(value: &Value) -> bool {
    value.as_object().is_some_and(|object| object.type_name().ends_with("::Namespace"))
}

/// Uses up fuel for every value inside this one; refuses what is too deep or could come to contain itself.
pub(crate) fn pay_for(state: &State<'_, '_>, value: &Value) -> Result<(), Error> {
    let mut waiting = vec![(value.clone(), 0)];
    while let Some((value, depth)) = waiting.pop() {
        let bytes = value.as_str().map_or(0, str::len);
        state.consume_fuel(1 + u64::try_from(bytes / BYTES).unwrap_or(u64::MAX))?;
        // A namespace in a list could be given the list.
        if depth > 0 && is_namespace(&value) {
            return Err(refused(NAMESPACE));
        }
        if !matches!(value.kind(), ValueKind::Seq | ValueKind::Map | ValueKind::Iterable) {
            continue;
        }
        if depth == DEEPEST {
            return Err(refused("values are nested too deeply"));
        }
        for item in value.try_iter()? {
            if value.kind() == ValueKind::Map {
                waiting.push((value.get_item(&item)?, depth + 1));
            }
            waiting.push((item, depth + 1));
        }
    }
    Ok(())
}

fn refused(why: &'static str) -> Error {
    Error::new(ErrorKind::InvalidOperation, why)
}
