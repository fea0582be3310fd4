//! Types as schemas.

use std::collections::HashMap;

use serde_json::{Map, Value as Json, json};
use vera_check::typed::{ExprId, ExprKind, LocalId, Program, RefinementId};
use vera_check::types::{Printer, Ty, TyKind, Types};

use crate::constraints::{Subject, constrain};
use crate::describe_with;

/// Types that grow with every step into them have more definitions than this.
const MAX_DEFINITIONS: usize = 200;

/// The schemas of types, with the definitions that they share.
pub(crate) struct Schemas<'p> {
    program: &'p Program,
    types: Types,
    /// The names of definitions.
    names: HashMap<Ty, String>,
    definitions: Map<String, Json>,
}

impl<'p> Schemas<'p> {
    pub fn new(program: &'p Program) -> Schemas<'p> {
        Schemas {
            program,
            types: program.types.clone(),
            names: HashMap::new(),
            definitions: Map::new(),
        }
    }

    /// Adds the definitions to the schema that refers to them.
    pub fn define_in(self, schema: &mut Json) {
        if !self.definitions.is_empty() {
            schema["$defs"] = Json::Object(self.definitions);
        }
    }

    /// The schema of a closed type.
    ///
    /// # Errors
    /// Why values of the type are no JSON, to stand behind what the type is of.
    pub fn of(&mut self, ty: Ty) -> Result<Json, String> {
        Ok(match self.types.kind(ty).clone() {
            TyKind::Int => json!({ "type": "integer" }),
            TyKind::Nat => json!({ "type": "integer", "minimum": 0 }),
            TyKind::Byte => json!({ "type": "integer", "minimum": 0, "maximum": 255 }),
            TyKind::Bool => json!({ "type": "boolean" }),
            TyKind::Float64 => json!({
                "anyOf": [{ "type": "number" }, { "enum": ["NaN", "Infinity", "-Infinity"] }],
            }),
            TyKind::String => json!({ "type": "string" }),
            TyKind::Decimal => json!({ "type": "string", "description": "a decimal number" }),
            TyKind::Unit => json!({ "type": "null" }),
            TyKind::Array(element) => json!({ "type": "array", "items": self.of(element)? }),
            TyKind::Set(element) => {
                json!({ "type": "array", "items": self.of(element)?, "uniqueItems": true })
            }
            TyKind::Map(key, value) => self.map(key, value)?,
            TyKind::Tuple(parts) => self.row(&parts)?,
            TyKind::Future(inner) => self.of(inner)?,
            TyKind::Refined(base, id, args) => {
                let base = self.of(base)?;
                self.refined(base, id, &args)
            }
            TyKind::Data(..) => self.data(ty)?,
            TyKind::Fn { .. } => return Err("is or holds a function".to_owned()),
            TyKind::Never
            | TyKind::Param(..)
            | TyKind::Meta(_)
            | TyKind::Undeclared(_)
            | TyKind::Unknown => return Err("has a type without values".to_owned()),
        })
    }

    fn map(&mut self, key: Ty, value: Ty) -> Result<Json, String> {
        if matches!(self.types.value_kind(key), TyKind::String) {
            return Ok(json!({ "type": "object", "additionalProperties": self.of(value)? }));
        }
        let pair = self.row(&[key, value])?;
        Ok(json!({ "type": "array", "items": pair, "description": "pairs of key and value" }))
    }

    /// An array of these elements.
    fn row(&mut self, parts: &[Ty]) -> Result<Json, String> {
        let parts: Result<Vec<Json>, String> = parts.iter().map(|ty| self.of(*ty)).collect();
        let parts = parts?;
        let count = parts.len();
        Ok(json!({ "type": "array", "prefixItems": parts, "minItems": count, "maxItems": count }))
    }

    /// A schema with what a refinement or an invariant adds.
    fn refined(&self, mut schema: Json, id: RefinementId, _args: &[Ty]) -> Json {
        let refinement = &self.program.refinements[id.index()];
        let value: LocalId = refinement.binder;
        let subject = |e: ExprId| match refinement.body[e].kind {
            ExprKind::Local(local) if local == value => Some(Subject(0)),
            _ => None,
        };
        let schemas = std::slice::from_mut(&mut schema);
        let body = &refinement.body;
        if !constrain(self.program, body, refinement.predicate, &subject, schemas) {
            let text = match &refinement.name {
                Some(name) => format!("{name}: {}", refinement.text),
                None => refinement.text.clone(),
            };
            describe_with(&mut schema, &text);
        }
        schema
    }

    /// A data type: an enumeration stands where it is used, others are defined once.
    fn data(&mut self, ty: Ty) -> Result<Json, String> {
        let TyKind::Data(id, args) = self.types.kind(ty).clone() else {
            return Err("has a type without values".to_owned());
        };
        let program = self.program;
        let data = program.data(id);
        if data.is_enum() {
            let names: Vec<&str> = data.ctors.iter().map(|ctor| ctor.name.as_str()).collect();
            return Ok(json!({ "enum": names }));
        }
        if let Some(name) = self.names.get(&ty) {
            return Ok(reference(name));
        }
        if self.names.len() >= MAX_DEFINITIONS {
            return Err("has a type that is made of too many types".to_owned());
        }
        let name = self.name(ty);
        self.names.insert(ty, name.clone());
        // Its place among the definitions is before those of its parts.
        self.definitions.insert(name.clone(), Json::Null);
        let mut cases = Vec::new();
        for ctor in &data.ctors {
            if ctor.fields.is_empty() {
                cases.push(json!({ "const": ctor.name.as_str() }));
                continue;
            }
            let fields: Vec<Ty> =
                ctor.fields.iter().map(|field| self.types.subst(*field, &args)).collect();
            let inside = match fields.as_slice() {
                [field] => self.of(*field)?,
                fields => self.row(fields)?,
            };
            cases.push(json!({
                "type": "object",
                "properties": { ctor.name.as_str(): inside },
                "required": [ctor.name.as_str()],
                "additionalProperties": false,
            }));
        }
        let mut schema = match cases.len() {
            1 => cases.remove(0),
            _ => json!({ "oneOf": cases }),
        };
        if let Some((invariant, args)) = program.invariant(&self.types, ty) {
            schema = self.refined(schema, invariant, &args);
        }
        self.definitions.insert(name.clone(), schema);
        Ok(reference(&name))
    }

    /// A name for a definition that needs no escapes in a reference.
    fn name(&self, ty: Ty) -> String {
        let printed = Printer::with_types(self.program, &self.types).ty(ty);
        let mut name = String::new();
        for c in printed.chars() {
            match c {
                c if c.is_ascii_alphanumeric() => name.push(c),
                _ if name.ends_with('_') => {}
                _ => name.push('_'),
            }
        }
        let name = name.trim_end_matches('_').to_owned();
        match self.definitions.contains_key(&name) {
            true => format!("{name}_{}", self.definitions.len()),
            false => name,
        }
    }
}

fn reference(name: &str) -> Json {
    json!({ "$ref": format!("#/$defs/{name}") })
}
