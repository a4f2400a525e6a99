//! YAML as the reference's loader reads it, into JSON with the place of every key.
//!
//! The reference reads with PyYAML, which follows YAML 1.1: `yes` and `off` are truth values, `010` is eight, `1:30` is
//! ninety. Files are written for that, so the same is done here; parsing itself, anchors included, is the library's.

mod scalar;

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput, Tag};
use serde_json::{Map, Value};

/// The most values that a document may have once its aliases are written out, so that a small file cannot fill memory.
const MOST_VALUES: usize = 200_000;
/// How deep values may be nested.
const DEEPEST: usize = 64;

/// A document with the places of its keys and list items.
#[derive(Debug, Default)]
pub(crate) struct Document {
    /// What it says.
    pub(crate) value: Value,
    /// By JSON pointer: where the key of a mapping, or the item of a list, stands.
    pub(crate) places: HashMap<String, Place>,
    /// Keys that stand twice in one mapping; the last one counts.
    pub(crate) repeated: Vec<(Place, String)>,
}

/// A line and a column of a file, both counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// What is wrong with a text, and where.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("line {}, column {}: {cause}", place.line, place.column)]
pub(crate) struct YamlError {
    /// Where reading stopped.
    pub(crate) place: Place,
    /// Why.
    pub(crate) cause: String,
}

/// Reads the one document of a text.
pub(crate) fn read(text: &str) -> Result<Document, YamlError> {
    let mut reader = Reader {
        parser: Parser::new_from_str(text),
        anchors: HashMap::new(),
        repeated: Vec::new(),
        values: 0,
    };
    let mut root = None;
    loop {
        let (event, place) = reader.next()?;
        match event {
            Event::StreamEnd => break,
            Event::DocumentStart(_) if root.is_some() => {
                return Err(refuse(place, "a second document: there can be only one"));
            }
            Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing => {}
            other => root = Some(reader.node(other, place, 0)?),
        }
    }
    let mut document = Document { repeated: reader.repeated, ..Document::default() };
    if let Some(root) = root {
        document.value = root.into_value("", &mut document.places);
    }
    Ok(document)
}

/// A value with its places.
#[derive(Debug, Clone)]
enum Node {
    Scalar(Value),
    List(Vec<(Place, Node)>),
    Mapping(Vec<Entry>),
}

#[derive(Debug, Clone)]
struct Entry {
    key: String,
    place: Place,
    value: Node,
}

impl Node {
    fn into_value(self, pointer: &str, places: &mut HashMap<String, Place>) -> Value {
        match self {
            Self::Scalar(value) => value,
            Self::List(items) => Value::Array(
                items
                    .into_iter()
                    .enumerate()
                    .map(|(index, (place, item))| {
                        let pointer = format!("{pointer}/{index}");
                        places.insert(pointer.clone(), place);
                        item.into_value(&pointer, places)
                    })
                    .collect(),
            ),
            Self::Mapping(entries) => {
                let mut object = Map::new();
                for entry in entries {
                    let pointer = format!("{pointer}/{}", escape(&entry.key));
                    places.insert(pointer.clone(), entry.place);
                    object.insert(entry.key, entry.value.into_value(&pointer, places));
                }
                Value::Object(object)
            }
        }
    }
}

/// A key as a part of a JSON pointer.
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

struct Reader<'t> {
    parser: Parser<'t, StrInput<'t>>,
    anchors: HashMap<usize, Node>,
    repeated: Vec<(Place, String)>,
    values: usize,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<(Event<'t>, Place), YamlError> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => Ok((event, start_of(span))),
            Some(Err(error)) => {
                let marker = error.marker();
                let place = Place { line: marker.line(), column: marker.col() + 1 };
                Err(refuse(place, error.info()))
            }
            None => Ok((Event::StreamEnd, Place { line: 1, column: 1 })),
        }
    }

    fn node(&mut self, event: Event<'t>, place: Place, depth: usize) -> Result<Node, YamlError> {
        if depth > DEEPEST {
            return Err(refuse(place, "nested too deeply"));
        }
        self.count(1, place)?;
        let (anchor, node) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let value =
                    scalar_value(&text, style, tag.as_deref()).map_err(|cause| refuse(place, cause))?;
                (anchor, Node::Scalar(value))
            }
            Event::SequenceStart(anchor, _) => {
                let mut items = Vec::new();
                loop {
                    let (event, place) = self.next()?;
                    if event == Event::SequenceEnd {
                        break;
                    }
                    items.push((place, self.node(event, place, depth + 1)?));
                }
                (anchor, Node::List(items))
            }
            Event::MappingStart(anchor, _) => (anchor, Node::Mapping(self.mapping(depth)?)),
            Event::Alias(anchor) => {
                let node = self.anchors.get(&anchor).cloned();
                let node = node.ok_or_else(|| refuse(place, "an alias inside of what it names"))?;
                self.count(size(&node), place)?;
                return Ok(node);
            }
            _ => return Err(refuse(place, "a value was expected")),
        };
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn mapping(&mut self, depth: usize) -> Result<Vec<Entry>, YamlError> {
        let mut own: Vec<Entry> = Vec::new();
        let mut merged: Vec<Entry> = Vec::new();
        loop {
            let (event, place) = self.next()?;
            if event == Event::MappingEnd {
                break;
            }
            let (key, is_merge) = match &event {
                Event::Scalar(text, style, ..) => {
                    (text.clone().into_owned(), *style == ScalarStyle::Plain && text == "<<")
                }
                Event::Alias(anchor) => match self.anchors.get(anchor) {
                    Some(Node::Scalar(Value::String(text))) => (text.clone(), false),
                    _ => return Err(refuse(place, "a key must be a text")),
                },
                _ => {
                    let hint = "a key must be a text; quote a value that starts with `{{`: \"{{ ... }}\"";
                    return Err(refuse(place, hint));
                }
            };
            if let Event::Scalar(_, _, anchor, _) = &event
                && *anchor != 0
            {
                self.anchors.insert(*anchor, Node::Scalar(Value::String(key.clone())));
            }
            let (event, value_place) = self.next()?;
            let value = self.node(event, value_place, depth + 1)?;
            if is_merge {
                merge(&mut merged, value).map_err(|cause| refuse(place, cause))?;
                continue;
            }
            if let Some(previous) = own.iter_mut().find(|entry| entry.key == key) {
                self.repeated.push((place, key));
                (previous.place, previous.value) = (place, value);
            } else {
                own.push(Entry { key, place, value });
            }
        }
        merged.retain(|entry| !own.iter().any(|other| other.key == entry.key));
        merged.extend(own);
        Ok(merged)
    }

    fn count(&mut self, values: usize, place: Place) -> Result<(), YamlError> {
        self.values += values;
        if self.values > MOST_VALUES { Err(refuse(place, "too many values")) } else { Ok(()) }
    }
}

/// `<<`: takes over the entries of a mapping, or of several, of which the first ones win.
fn merge(into: &mut Vec<Entry>, value: Node) -> Result<(), &'static str> {
    match value {
        Node::Mapping(entries) => {
            for entry in entries {
                if !into.iter().any(|other| other.key == entry.key) {
                    into.push(entry);
                }
            }
            Ok(())
        }
        Node::List(items) => items.into_iter().try_for_each(|(_, item)| match item {
            Node::Mapping(_) => merge(into, item),
            _ => Err("only mappings can be merged"),
        }),
        Node::Scalar(_) => Err("only mappings can be merged"),
    }
}

fn size(node: &Node) -> usize {
    match node {
        Node::Scalar(_) => 1,
        Node::List(items) => 1 + items.iter().map(|(_, item)| size(item)).sum::<usize>(),
        Node::Mapping(entries) => 1 + entries.iter().map(|entry| size(&entry.value)).sum::<usize>(),
    }
}

fn scalar_value(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, String> {
    match tag {
        Some(tag) if tag.is_yaml_core_schema() && tag.suffix == "str" => Ok(Value::String(text.to_owned())),
        Some(tag) if tag.is_yaml_core_schema() => Ok(scalar::resolve(text)),
        Some(tag) => Err(format!("the tag {tag} has no meaning here")),
        None if style == ScalarStyle::Plain => Ok(scalar::resolve(text)),
        None => Ok(Value::String(text.to_owned())),
    }
}

fn start_of(span: Span) -> Place {
    Place { line: span.start.line(), column: span.start.col() + 1 }
}

fn refuse(place: Place, cause: impl Into<String>) -> YamlError {
    YamlError { place, cause: cause.into() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Place, read};

    #[test]
    fn anchors_and_merge_keys_are_written_out() {
        let text = "\
base: &base {pool: a, tags: &tags [x, y]}
second: &second
  pool: b
  more: 1
one:
  <<: *base
  pool: c
two:
  <<: [*second, *base]
tags: *tags
";
        let value = read(text).unwrap().value;
        assert_eq!(value["one"], json!({ "pool": "c", "tags": ["x", "y"] }));
        assert_eq!(value["two"], json!({ "pool": "b", "more": 1, "tags": ["x", "y"] }));
        assert_eq!(value["tags"], json!(["x", "y"]));
    }

    #[test]
    fn keys_and_items_have_places() {
        let places = read("a:\n  b/c:\n    - 1\n    -  2\n").unwrap().places;
        assert_eq!(places["/a/b~1c"], Place { line: 2, column: 3 });
        assert_eq!(places["/a/b~1c/1"], Place { line: 4, column: 8 });
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (text, expected) in [
            ("a:\n  b: [1\nc: 2\n", "line 3"),
            ("a: !custom 1", "line 1, column 4: the tag !custom"),
            ("a: *nothing", "line 1"),
            ("a: {{ image }}", "quote a value that starts with `{{`"),
            ("a: 1\n---\nb: 2\n", "line 2, column 1: a second document"),
            ("<<: 1", "line 1, column 1: only mappings can be merged"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn a_small_text_cannot_fill_memory() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..8 {
            let names = vec![format!("*a{}", level - 1); 10].join(", ");
            text.push_str(&format!("a{level}: &a{level} [{names}]\n"));
        }
        assert!(read(&text).unwrap_err().to_string().ends_with("too many values"));
        assert!(read(&"[".repeat(500)).is_err());
    }

    #[test]
    fn an_empty_text_is_null_and_a_repeated_key_is_told() {
        assert_eq!(read("# nothing\n").unwrap().value, json!(null));
        let document = read("a: 1\na: 2\n").unwrap();
        assert_eq!(document.value, json!({ "a": 2 }));
        assert_eq!(document.repeated, [(Place { line: 2, column: 1 }, "a".to_owned())]);
    }
}
