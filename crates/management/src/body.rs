//! What a body or a query takes: one list of fields says what is read, what is refused and what the document says.
//!
//! **Owns** [`Input`], which reads one kind of value and describes it, and [`body!`], which makes an [`Input`] of a list of
//! fields. Kinds that several families take are in [`fields`](crate::fields), the others in the families' `bodies`.
//!
//! **Invariants**
//! * Every wrong field is named, and all of them at once, in the order of the list.
//! * A default is read as if it had been sent.
//! * Unknown fields are dropped, unless that would mislead.

pub mod numbers;

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use crate::error::ManagementError;
use crate::issue::{Issue, PathPart};
use crate::misplaced_fields;
use domain::gateway::route_host::RouteHost;
use domain::token::lifetime::TtlCeiling;

/// What may be said here and now, beyond what the kinds of the fields know.
#[derive(Clone, Copy)]
pub struct Circumstances<'c> {
    /// The longest TTL that the operator allows.
    pub ttl_ceiling: TtlCeiling,
    /// Whether a request to this path of this host is one for the gateway.
    pub reaches_gateway: &'c dyn Fn(&str, &RouteHost) -> bool,
}

impl Circumstances<'_> {
    /// Those in which everything may be said.
    pub const ANY: Self = Self::under(TtlCeiling::NONE);

    /// Those in which no TTL may be longer than this.
    pub const fn under(ttl_ceiling: TtlCeiling) -> Self {
        Self { ttl_ceiling, reaches_gateway: &|_, _| true }
    }
}

/// Where in a body reading has come to, and what was wrong so far.
pub struct Reader<'c> {
    /// What may be said here and now.
    pub circumstances: Circumstances<'c>,
    /// How many values were read of which there may be only so many.
    pub values: usize,
    path: Vec<PathPart>,
    issues: Vec<Issue>,
}

impl Reader<'_> {
    /// The path of the value that is being read.
    pub fn path(&self) -> Vec<PathPart> {
        self.path.clone()
    }

    /// Goes on with what is at `part` of this value.
    pub fn at<T>(&mut self, part: impl Into<PathPart>, read: impl FnOnce(&mut Self) -> T) -> T {
        self.enter(part.into());
        let value = read(self);
        self.leave();
        value
    }

    // Each field of each body goes through here; inlined it would be kilobytes.
    #[inline(never)]
    fn enter(&mut self, part: PathPart) {
        self.path.push(part);
    }

    #[inline(never)]
    fn leave(&mut self) {
        self.path.pop();
    }

    /// Notes an issue.
    pub fn refuse<T>(&mut self, issue: Issue) -> Option<T> {
        self.issues.push(issue);
        None
    }

    /// Notes that this value breaks a rule that is not about a type or a size.
    pub fn refuse_because<T>(&mut self, message: impl Into<String>) -> Option<T> {
        self.refuse(Issue::custom(message, self.path()))
    }

    /// Notes that this value has another type, or is missing.
    pub fn expected<T>(&mut self, expected: &'static str, sent: Option<&Value>) -> Option<T> {
        self.refuse(Issue::invalid_type(expected, sent, self.path()))
    }

    /// Ends reading: an issue for each field that must not be dropped in silence, and all issues, if there are any.
    fn finish(
        mut self,
        object: Option<&Map<String, Value>>,
        is_known: fn(&str) -> bool,
    ) -> Result<(), ManagementError> {
        let unknown = object.into_iter().flatten().filter(|(name, _)| !is_known(name));
        for (name, _) in unknown.filter(|(name, value)| misplaced_fields::misleads(name, value)) {
            self.at(name.as_str(), |reader| reader.refuse::<()>(Issue::misplaced(reader.path())));
        }
        if self.issues.is_empty() { Ok(()) } else { Err(ManagementError::Invalid(self.issues)) }
    }

    /// Whether the text has no more characters than this; if not, that is noted.
    pub fn has_at_most(&mut self, maximum: usize, text: &str) -> bool {
        let fits = text.chars().count() <= maximum;
        if !fits {
            self.refuse::<()>(Issue::too_big("string", maximum as u64, self.path()));
        }
        fits
    }
}

/// A kind of value: what is read, what is refused and what the document says of it.
pub trait Input {
    /// What is made of it.
    type Value;

    /// Its type, as issues name it.
    const EXPECTED: &'static str;

    /// Reads what was sent. `None` after an issue.
    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<Self::Value>;

    /// What a field of this kind is when it is left out: an issue, for most of them.
    fn left_out(reader: &mut Reader<'_>) -> Option<Self::Value> {
        reader.expected(Self::EXPECTED, None)
    }

    /// Reads the default of a field, which is written as the document shows it.
    fn read_default(default: &Value, reader: &mut Reader<'_>) -> Option<Self::Value> {
        Self::read(default, reader)
    }

    /// Reads the field `name` of an object.
    fn take(object: &Map<String, Value>, name: &'static str, reader: &mut Reader<'_>) -> Option<Self::Value> {
        reader.at(name, |reader| match object.get(name) {
            Some(sent) => Self::read(sent, reader),
            None => Self::left_out(reader),
        })
    }

    /// Whether a field of this kind that is called `name` is the one that was sent as `sent`.
    fn is_called(name: &'static str, sent: &str) -> bool {
        name == sent
    }

    /// What the document says of it.
    fn schema(generator: &mut SchemaGenerator) -> Schema;

    /// Whether a field of this kind has to be there.
    const IS_REQUIRED: bool = true;

    /// Adds the field `name` to what the document says of an object.
    fn describe(name: &str, about: &str, default: Option<Value>, object: &mut Schema, generator: &mut SchemaGenerator) {
        describe_field(name, about, default, Self::IS_REQUIRED, Self::schema(generator), object);
    }
}

/// Adds a field to the schema of an object.
fn describe_field(
    name: &str,
    about: &str,
    default: Option<Value>,
    is_required: bool,
    mut schema: Schema,
    object: &mut Schema,
) {
    let about = as_written(about);
    if !about.is_empty() {
        schema.insert("description".to_owned(), about.into());
    }
    let is_required = is_required && default.is_none();
    if let Some(default) = default {
        schema.insert("default".to_owned(), default);
    }
    let properties = object.ensure_object().entry("properties").or_insert_with(|| json!({}));
    if let Some(properties) = properties.as_object_mut() {
        properties.insert(name.to_owned(), schema.to_value());
    }
    if is_required
        && let Some(required) = object.ensure_object().entry("required").or_insert_with(|| json!([])).as_array_mut()
    {
        required.push(name.into());
    }
}

/// A comment without the space that each of its lines begins with.
pub fn as_written(comment: &str) -> String {
    let lines: Vec<&str> = comment.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    lines.join("\n")
}

/// The fields of an object.
pub trait Fields {
    /// What is made of them.
    type Value;

    /// Reads them. `None` after an issue.
    fn read_fields(object: &Map<String, Value>, reader: &mut Reader<'_>) -> Option<Self::Value>;

    /// Whether there is a field that is called so.
    fn have(name: &str) -> bool;

    /// Adds them to what the document says of an object.
    fn describe_fields(object: &mut Schema, generator: &mut SchemaGenerator);

    /// A reference to the schema of an object of these fields, which becomes a component.
    fn reference(generator: &mut SchemaGenerator) -> Schema;
}

/// Reads a whole body or query.
///
/// # Errors
/// [`ManagementError::Invalid`] with every issue.
pub fn read<Body: Fields>(sent: &Value, circumstances: Circumstances<'_>) -> Result<Body::Value, ManagementError> {
    let mut reader = Reader { circumstances, values: 0, path: Vec::new(), issues: Vec::new() };
    let object = match sent {
        Value::Object(object) => Some(object),
        other => reader.expected("object", Some(other)),
    };
    let value = object.and_then(|object| Body::read_fields(object, &mut reader));
    reader.finish(object, Body::have)?;
    value.ok_or(ManagementError::Invalid(Vec::new()))
}

impl<Object: Fields> Input for Object {
    type Value = Object::Value;

    const EXPECTED: &'static str = "object";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<Self::Value> {
        match sent {
            Value::Object(object) => Self::read_fields(object, reader),
            other => reader.expected(Self::EXPECTED, Some(other)),
        }
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        Self::reference(generator)
    }
}

/// Fields that belong together, in the same object as those around them.
pub struct Flat<Group>(std::marker::PhantomData<Group>);

impl<Group: Fields> Input for Flat<Group> {
    type Value = Group::Value;

    const EXPECTED: &'static str = "object";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<Self::Value> {
        Group::read(sent, reader)
    }

    fn take(object: &Map<String, Value>, _: &'static str, reader: &mut Reader<'_>) -> Option<Self::Value> {
        Group::read_fields(object, reader)
    }

    fn is_called(_: &'static str, sent: &str) -> bool {
        Group::have(sent)
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        Group::reference(generator)
    }

    fn describe(_: &str, _: &str, _: Option<Value>, object: &mut Schema, generator: &mut SchemaGenerator) {
        Group::describe_fields(object, generator);
    }
}

/// The fields of a group of which exactly one has to be there. The group itself says so of others.
pub struct ExactlyOne<Group>(std::marker::PhantomData<Group>);

impl<Group: Fields> Input for ExactlyOne<Group> {
    type Value = Group::Value;

    const EXPECTED: &'static str = "object";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<Self::Value> {
        Group::read(sent, reader)
    }

    fn take(object: &Map<String, Value>, _: &'static str, reader: &mut Reader<'_>) -> Option<Self::Value> {
        Group::read_fields(object, reader)
    }

    fn is_called(_: &'static str, sent: &str) -> bool {
        Group::have(sent)
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        Group::reference(generator)
    }

    fn describe(_: &str, _: &str, _: Option<Value>, object: &mut Schema, generator: &mut SchemaGenerator) {
        let mut alone = json_schema!({});
        Group::describe_fields(&mut alone, generator);
        let names = alone.get("properties").and_then(Value::as_object).into_iter().flat_map(Map::keys);
        let alternatives: Vec<Value> = names.map(|name| json!({ "required": [name] })).collect();
        Group::describe_fields(object, generator);
        object.insert("oneOf".to_owned(), alternatives.into());
    }
}

/// A field that may be left out. Null is a value like any other, and a wrong one.
impl<Sent: Input> Input for Option<Sent> {
    type Value = Option<Sent::Value>;

    const EXPECTED: &'static str = Sent::EXPECTED;

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<Self::Value> {
        Sent::read(sent, reader).map(Some)
    }

    fn left_out(_: &mut Reader<'_>) -> Option<Self::Value> {
        Some(None)
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        Sent::schema(generator)
    }

    const IS_REQUIRED: bool = false;
}

/// A value, or null.
pub struct Nullable<Sent>(std::marker::PhantomData<Sent>);

impl<Sent: Input> Input for Nullable<Sent> {
    type Value = Option<Sent::Value>;

    const EXPECTED: &'static str = Sent::EXPECTED;

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<Self::Value> {
        match sent {
            Value::Null => Some(None),
            other => Sent::read(other, reader).map(Some),
        }
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Sent::schema(generator);
        let kind = schema.remove("type");
        schema.insert("type".to_owned(), json!([kind, "null"]));
        schema.insert("x-nullable".to_owned(), true.into());
        schema
    }
}

impl Input for bool {
    type Value = Self;

    const EXPECTED: &'static str = "boolean";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<Self> {
        match sent {
            Value::Bool(truth) => Some(*truth),
            other => reader.expected(Self::EXPECTED, Some(other)),
        }
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "boolean" })
    }
}

/// Any text, as it was sent.
impl Input for String {
    type Value = Self;

    const EXPECTED: &'static str = "string";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<Self> {
        text(sent, reader).map(str::to_owned)
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}

/// The text that was sent.
pub fn text<'v>(sent: &'v Value, reader: &mut Reader<'_>) -> Option<&'v str> {
    match sent {
        Value::String(text) => Some(text),
        other => reader.expected("string", Some(other)),
    }
}

pub struct List<Element, const MINIMUM: usize, const MAXIMUM: usize>(std::marker::PhantomData<Element>);

impl<Element: Input, const MINIMUM: usize, const MAXIMUM: usize> Input for List<Element, MINIMUM, MAXIMUM> {
    type Value = Vec<Element::Value>;

    const EXPECTED: &'static str = "array";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<Self::Value> {
        let elements = elements(sent, MINIMUM, MAXIMUM, reader)?;
        let mut values = Vec::with_capacity(elements.len());
        for (index, element) in elements.iter().enumerate() {
            values.extend(reader.at(index, |reader| Element::read(element, reader)));
        }
        (values.len() == elements.len()).then_some(values)
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = json_schema!({ "type": "array", "items": Element::schema(generator) });
        if MINIMUM > 0 {
            schema.insert("minItems".to_owned(), MINIMUM.into());
        }
        if MAXIMUM < usize::MAX {
            schema.insert("maxItems".to_owned(), MAXIMUM.into());
        }
        schema
    }
}

/// The elements of a list that was sent, if there are neither too few nor too many of them.
pub fn elements<'v>(
    sent: &'v Value,
    minimum: usize,
    maximum: usize,
    reader: &mut Reader<'_>,
) -> Option<&'v Vec<Value>> {
    match sent {
        Value::Array(elements) if elements.len() < minimum => {
            reader.refuse(Issue::too_small("array", minimum as u64, reader.path()))
        }
        Value::Array(elements) if elements.len() > maximum => {
            reader.refuse(Issue::too_big("array", maximum as u64, reader.path()))
        }
        Value::Array(elements) => Some(elements),
        other => reader.expected("array", Some(other)),
    }
}

/// One of a few texts, each of which stands for something.
pub trait Choice {
    /// What it stands for.
    type Value;

    /// Each text with what it stands for.
    fn choices() -> impl Iterator<Item = (&'static str, Self::Value)>;

    /// What is said of any other text.
    fn refusal() -> String {
        let names: Vec<&str> = Self::choices().map(|(name, _)| name).collect();
        format!("Expected one of {}", names.join(", "))
    }
}

/// A field that takes one of a few texts.
pub struct OneOf<Texts>(std::marker::PhantomData<Texts>);

impl<Texts: Choice> Input for OneOf<Texts> {
    type Value = Texts::Value;

    const EXPECTED: &'static str = "string";

    fn read(sent: &Value, reader: &mut Reader<'_>) -> Option<Self::Value> {
        let text = text(sent, reader)?;
        match Texts::choices().find(|(name, _)| *name == text) {
            Some((_, value)) => Some(value),
            None => reader.refuse_because(Texts::refusal()),
        }
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> = Texts::choices().map(|(name, _)| name).collect();
        json_schema!({ "type": "string", "enum": names })
    }
}

/// Makes [`Fields`] of a list: `name: kind`, or `name ["nameOnTheWire"]: kind`, perhaps with `= default`, written as JSON.
///
/// What is behind the arrow is made of the values: a struct with fields of the same names, or whatever stands behind `=>`,
/// which may find them wrong together and is asked only if each alone is right.
macro_rules! body {
    ($(
        $(#[doc = $about:literal])*
        $visibility:vis $body:ident $(<$(const $bound:ident: $number:ty),+>)? -> $value:ty {
            $(
                $(#[doc = $comment:literal])*
                $field:ident $([$wire:literal])? : $kind:ty $(= $default:tt)?
            ),* $(,)?
        } $(=> |$reader:ident| $make:expr;)?
    )*) => {$(
        $(#[doc = $about])*
        $visibility struct $body $(<$(const $bound: $number),+>)?;

        impl $(<$(const $bound: $number),+>)? $crate::body::Fields for $body $(<$($bound),+>)? {
            type Value = $value;

            fn read_fields(
                object: &serde_json::Map<String, serde_json::Value>,
                reader: &mut $crate::body::Reader<'_>,
            ) -> Option<$value> {
                // All of them are read before the first that is wrong ends it.
                $(let $field = body!(@take $kind, body!(@name $field $($wire)?), object, reader $(, $default)?);)*
                $(let $field = $field?;)*
                body!(@make $value, reader, [$($field)*] $(, $reader, $make)?)
            }

            fn have(name: &str) -> bool {
                $(<$kind as $crate::body::Input>::is_called(body!(@name $field $($wire)?), name))||*
            }

            fn describe_fields(object: &mut schemars::Schema, generator: &mut schemars::SchemaGenerator) {
                $(<$kind as $crate::body::Input>::describe(
                    body!(@name $field $($wire)?),
                    concat!($($comment, "\n"),*),
                    body!(@default $($default)?),
                    object,
                    generator,
                );)*
            }

            fn reference(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                generator.subschema_for::<Self>()
            }
        }

        impl $(<$(const $bound: $number),+>)? schemars::JsonSchema for $body $(<$($bound),+>)? {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($body).into()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let about = $crate::body::as_written(concat!($($about, "\n"),*));
                let mut object = schemars::json_schema!({ "type": "object", "description": about });
                <Self as $crate::body::Fields>::describe_fields(&mut object, generator);
                object
            }
        }
    )*};
    (@name $field:ident) => { stringify!($field) };
    (@name $field:ident $wire:literal) => { $wire };
    (@take $kind:ty, $name:expr, $object:ident, $reader:ident) => {
        <$kind as $crate::body::Input>::take($object, $name, $reader)
    };
    (@take $kind:ty, $name:expr, $object:ident, $reader:ident, $default:tt) => {
        $reader.at($name, |reader| match $object.get($name) {
            Some(sent) => <$kind as $crate::body::Input>::read(sent, reader),
            None => <$kind as $crate::body::Input>::read_default(&serde_json::json!($default), reader),
        })
    };
    (@default) => { None };
    (@default $default:tt) => { Some(serde_json::json!($default)) };
    (@make $value:ty, $given:ident, [$($field:ident)*]) => {{
        type Made = $value;
        Some(Made { $($field),* })
    }};
    (@make $value:ty, $given:ident, [$($field:ident)*], $reader:ident, $make:expr) => {{
        let $reader = $given;
        $make
    }};
}
pub(crate) use body;

#[cfg(test)]
mod tests;
