//! As much of JSON Schema (2020-12) as the schemas of docs/schema use; a keyword beyond that is a
//! panic.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::{Map, Value};

/// A schema of docs/schema.
pub struct JsonSchema(Value);

impl JsonSchema {
    /// Reads `docs/schema/NAME.schema.json`.
    pub fn read(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/schema/{name}.schema.json"));
        Self(serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap())
    }

    /// What is wrong with a document: where it breaks the schema, and the fields that the schema
    /// does not name. (The schema lets them pass, so that a field can be added without breaking a
    /// reader; a test must not.)
    pub fn problems(&self, document: &Value) -> Vec<String> {
        let mut problems = self.violations(&self.0, document, "");
        self.strangers(&[&self.0], document, "", &mut problems);
        problems
    }

    fn violations(&self, schema: &Value, value: &Value, at: &str) -> Vec<String> {
        let mut found = Vec::new();
        for (keyword, rule) in schema.as_object().expect("a schema is an object") {
            let broken = match keyword.as_str() {
                "$schema" | "$defs" | "title" | "description" => continue,
                "$ref" => {
                    found.extend(self.violations(self.definition(rule), value, at));
                    continue;
                }
                "properties" => {
                    let fields = rule.as_object().unwrap().iter();
                    let present = fields.filter_map(|(name, rule)| Some((name, rule, value.get(name)?)));
                    let inside = present.flat_map(|(name, rule, v)| self.violations(rule, v, &format!("{at}/{name}")));
                    found.extend(inside);
                    continue;
                }
                "additionalProperties" if rule.is_boolean() => continue,
                "additionalProperties" => {
                    let fields = value.as_object().into_iter().flatten();
                    found.extend(fields.flat_map(|(name, v)| self.violations(rule, v, &format!("{at}/{name}"))));
                    continue;
                }
                "items" => {
                    let items = value.as_array().into_iter().flatten().enumerate();
                    found.extend(items.flat_map(|(k, v)| self.violations(rule, v, &format!("{at}/{k}"))));
                    continue;
                }
                "type" => match rule {
                    Value::Array(names) => !names.iter().any(|name| is(value, name)),
                    name => !is(value, name),
                },
                "required" => {
                    let lacks = |name: &&Value| value.is_object() && value.get(name.as_str().unwrap()).is_none();
                    rule.as_array().unwrap().iter().any(|name| lacks(&name))
                }
                "enum" => !rule.as_array().unwrap().contains(value),
                "const" => rule != value,
                "minimum" => value.as_f64().is_some_and(|x| x < rule.as_f64().unwrap()),
                "oneOf" => {
                    let fits = |schema: &&Value| self.violations(schema, value, at).is_empty();
                    rule.as_array().unwrap().iter().filter(fits).count() != 1
                }
                other => panic!("the keyword {other} is not understood"),
            };
            if broken {
                found.push(format!("{at}: {value} breaks {keyword} {rule}"));
            }
        }
        found
    }

    /// The fields of `value` that none of the schemas for it names.
    fn strangers(&self, schemas: &[&Value], value: &Value, at: &str, found: &mut Vec<String>) {
        let mut all = Vec::new();
        schemas.iter().for_each(|schema| self.unfold(schema, &mut all));
        match value {
            Value::Object(fields) => {
                let open = all.iter().any(|schema| schema.contains_key("additionalProperties"));
                let named = |name: &str| -> Vec<&Value> {
                    all.iter().filter_map(|schema| schema.get("properties")?.get(name)).collect()
                };
                for (name, value) in fields.iter().filter(|_| !open) {
                    match &named(name)[..] {
                        [] => found.push(format!("{at}: the field `{name}` is not in the schema")),
                        rules => self.strangers(rules, value, &format!("{at}/{name}"), found),
                    }
                }
            }
            Value::Array(items) => {
                let rules: Vec<&Value> = all.iter().filter_map(|schema| schema.get("items")).collect();
                for (k, item) in items.iter().enumerate().filter(|_| !rules.is_empty()) {
                    self.strangers(&rules, item, &format!("{at}/{k}"), found);
                }
            }
            _ => {}
        }
    }

    /// A schema, what it refers to, and its alternatives.
    fn unfold<'a>(&'a self, schema: &'a Value, all: &mut Vec<&'a Map<String, Value>>) {
        let fields = schema.as_object().unwrap();
        all.push(fields);
        fields.get("$ref").into_iter().for_each(|name| self.unfold(self.definition(name), all));
        fields.get("oneOf").and_then(Value::as_array).into_iter().flatten().for_each(|other| self.unfold(other, all));
    }

    fn definition(&self, name: &Value) -> &Value {
        let pointer = name.as_str().unwrap().strip_prefix('#').expect("a reference within the file");
        self.0.pointer(pointer).unwrap_or_else(|| panic!("no definition {pointer}"))
    }

    /// The pointers of every field that the schema requires in `document`.
    pub fn required(&self, document: &Value) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        self.collect_required(&self.0, document, "", &mut found);
        found
    }

    fn collect_required(&self, schema: &Value, value: &Value, at: &str, found: &mut BTreeSet<String>) {
        let mut all = Vec::new();
        self.unfold(schema, &mut all);
        for schema in all {
            let names = schema.get("required").and_then(Value::as_array).into_iter().flatten();
            let present = names.map(|name| name.as_str().unwrap()).filter(|name| value.get(name).is_some());
            found.extend(present.map(|name| format!("{at}/{name}")));
            let fields = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
            for (name, rule) in fields {
                if let Some(inner) = value.get(name) {
                    self.collect_required(rule, inner, &format!("{at}/{name}"), found);
                }
            }
            if let (Some(rule), Some(first)) = (schema.get("items"), value.get(0)) {
                self.collect_required(rule, first, &format!("{at}/0"), found);
            }
        }
    }
}

/// Whether a value has the type of that name.
fn is(value: &Value, name: &Value) -> bool {
    match name.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.is_u64() || value.is_i64(),
        other => panic!("the type {other} is not understood"),
    }
}
