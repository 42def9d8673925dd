//! A YAML file as a tree that remembers where everything stands, and that typed settings are read from.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer};
use serde::de::{self, Deserialize, DeserializeOwned, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Location, Spanned};

use crate::error::Spot;

/// One value of the file.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// `qualify.icp.rules[2].when`, empty for the whole file.
    pub(crate) path: String,
    /// Where the value stands.
    pub(crate) at: Spot,
    /// Where its key stands; the value's place for an item of a list.
    pub(crate) key: Spot,
    /// The value.
    pub(crate) value: Value,
}

/// A value without its place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Flag(bool),
    Integer(i64),
    Number(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path && self.value == other.value
    }
}

impl Node {
    /// Reads a file.
    pub(crate) fn parse(text: &str) -> Result<Node, (String, Spot)> {
        let options = serde_saphyr::options! {
            // `NO` is Norway, `0123` a postal code.
            strict_booleans: true,
            leading_zero_numbers_as_strings: true,
            with_snippet: false,
        };
        if text.lines().all(|line| matches!(line.trim_start().chars().next(), None | Some('#'))) {
            let value = Value::Map(Vec::new());
            return Ok(Node { path: String::new(), at: Spot::default(), key: Spot::default(), value });
        }
        let raw: Spanned<Raw> = serde_saphyr::from_str_with_options(text, options).map_err(|error| {
            let message = error.render_with_formatter(&serde_saphyr::UserMessageFormatter);
            // The place is told beside it already.
            let message =
                message.lines().next().unwrap_or_default().split(" at line ").next().unwrap_or_default().to_owned();
            (message, error.location().map_or_else(Spot::default, |location| spot(&location)))
        })?;
        let at = spot(&raw.referenced);
        Ok(raw.value.placed(String::new(), at, at))
    }

    /// Its kind as people say it.
    pub(crate) fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Flag(_) => "true or false",
            Value::Integer(_) | Value::Number(_) => "a number",
            Value::Text(_) => "a text",
            Value::List(_) => "a list",
            Value::Map(_) => "a section",
        }
    }

    /// The settings in it.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Unreadable> {
        T::deserialize(self)
    }

    /// The node at a path, or the nearest one above it.
    pub(crate) fn nearest(&self, path: &str) -> &Node {
        let children: Box<dyn Iterator<Item = &Node>> = match &self.value {
            Value::List(items) => Box::new(items.iter()),
            Value::Map(entries) => Box::new(entries.iter().map(|(_, node)| node)),
            _ => return self,
        };
        let leads = |node: &&Node| match path.strip_prefix(node.path.as_str()) {
            Some(rest) => rest.is_empty() || rest.starts_with(['.', '[']),
            None => false,
        };
        // A key may itself hold a dot; the longer path is then the right one.
        children.filter(leads).max_by_key(|node| node.path.len()).map_or(self, |node| node.nearest(path))
    }
}

fn spot(location: &Location) -> Spot {
    let span = location.span();
    let number = |number: u64| usize::try_from(number).unwrap_or(0);
    Spot {
        line: number(location.line()).max(1),
        column: number(location.column()).max(1),
        length: number(span.len()).max(1),
        byte: span.byte_offset().map_or(0, number),
    }
}

/// A value as the parser gives it, before it knows its path.
enum Raw {
    Scalar(Value),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

impl Raw {
    fn placed(self, path: String, at: Spot, key: Spot) -> Node {
        let value = match self {
            Raw::Scalar(value) => value,
            Raw::List(items) => {
                let item = |(index, item): (usize, Spanned<Raw>)| {
                    let at = spot(&item.referenced);
                    item.value.placed(format!("{path}[{index}]"), at, at)
                };
                Value::List(items.into_iter().enumerate().map(item).collect())
            }
            Raw::Map(entries) => {
                let entry = |(key, value): (Spanned<String>, Spanned<Raw>)| {
                    let inner = if path.is_empty() { key.value.clone() } else { format!("{path}.{}", key.value) };
                    let node = value.value.placed(inner, spot(&value.referenced), spot(&key.referenced));
                    (key.value, node)
                };
                Value::Map(entries.into_iter().map(entry).collect())
            }
        };
        Node { path, at, key, value }
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Scalar(Value::Null))
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Scalar(Value::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        Raw::deserialize(deserializer)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Raw, E> {
        Ok(Raw::Scalar(Value::Flag(flag)))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Raw, E> {
        Ok(Raw::Scalar(Value::Integer(number)))
    }

    #[expect(clippy::cast_precision_loss, reason = "a number this large is out of every range anyway")]
    fn visit_u64<E>(self, number: u64) -> Result<Raw, E> {
        Ok(Raw::Scalar(i64::try_from(number).map_or(Value::Number(number as f64), Value::Integer)))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Raw, E> {
        Ok(Raw::Scalar(Value::Number(number)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Scalar(Value::Text(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key()? {
            entries.push((key, map.next_value()?));
        }
        Ok(Raw::Map(entries))
    }
}

/// Why a value could not be read as a setting.
#[derive(Clone, Debug)]
pub(crate) struct Unreadable {
    pub(crate) message: String,
    /// Path and place of the innermost value concerned.
    pub(crate) place: Option<(String, Spot)>,
}

impl Unreadable {
    fn at(mut self, node: &Node) -> Self {
        self.place.get_or_insert_with(|| (node.path.clone(), node.at));
        self
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Unreadable {}

impl de::Error for Unreadable {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Unreadable { message: message.to_string(), place: None }
    }
}

impl<'de> Deserializer<'de> for &'de Node {
    type Error = Unreadable;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        let read = match &self.value {
            Value::Null => visitor.visit_unit(),
            Value::Flag(flag) => visitor.visit_bool(*flag),
            Value::Integer(number) => visitor.visit_i64(*number),
            Value::Number(number) => visitor.visit_f64(*number),
            Value::Text(text) => visitor.visit_borrowed_str(text),
            Value::List(items) => visitor.visit_seq(SeqDeserializer::new(items.iter())),
            Value::Map(entries) => {
                visitor.visit_map(MapDeserializer::new(entries.iter().map(|(key, node)| (key.as_str(), node))))
            }
        };
        read.map_err(|error| error.at(self))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_newtype_struct(self).map_err(|error| error.at(self))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        let read = match &self.value {
            Value::Text(word) => word.as_str().into_deserializer().deserialize_enum(name, variants, visitor),
            Value::Map(entries) => {
                let map = MapDeserializer::new(entries.iter().map(|(key, node)| (key.as_str(), node)));
                visitor.visit_enum(MapAccessDeserializer::new(map))
            }
            _ => Err(de::Error::custom(format!("this must be a word, not {}", self.kind()))),
        };
        read.map_err(|error: Unreadable| error.at(self))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, Unreadable> for &'de Node {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}
