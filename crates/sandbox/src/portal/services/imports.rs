//! File imports: a job that reads CSV rows a while after it was asked for, and lists what it could not write.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::super::errors::Refusal;
use super::super::record::Kind;
use super::super::{Portal, action};
use super::kind_of;
use crate::clock::{Millis, iso};
use crate::wire::{Call, Reply};

/// More running ones than this wait.
const RUNNING_MAX: usize = 3;
const ROWS_MAX: usize = 1_048_576;

#[derive(Debug, Clone)]
struct Fault {
    kind: &'static str,
    message: String,
    line: u64,
    row: Vec<String>,
    object: Kind,
    value: String,
    at: Millis,
}

#[derive(Debug, Clone)]
struct Import {
    id: u64,
    app: u64,
    request: Value,
    /// File name and text, until it was read.
    files: Vec<(String, String)>,
    state: &'static str,
    created: Millis,
    updated: Millis,
    ready: Millis,
    counters: BTreeMap<&'static str, u64>,
    faults: Vec<Fault>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Imports {
    all: BTreeMap<u64, Import>,
}

/// What one column feeds.
struct Column {
    name: String,
    property: String,
    is_id: bool,
}

impl Import {
    fn json(&self) -> Value {
        let kinds: Vec<&str> = operations(&self.request).iter().map(|(kind, _)| kind.type_id()).collect();
        json!({
            "id": self.id.to_string(), "state": self.state, "createdAt": iso(self.created),
            "updatedAt": iso(self.updated), "importName": self.request["name"], "importRequestJson": self.request,
            "importSource": "API", "mappedObjectTypeIds": kinds, "optOutImport": false,
            "metadata": {"counters": self.counters, "fileIds": [self.id.to_string()], "objectLists": []},
        })
    }

    fn running(&self) -> bool {
        matches!(self.state, "STARTED" | "PROCESSING")
    }

    fn count(&mut self, what: &'static str, by: u64) {
        *self.counters.entry(what).or_default() += by;
    }
}

fn operations(request: &Value) -> Vec<(Kind, String)> {
    let all = request["importOperations"].as_object().into_iter().flatten();
    all.filter_map(|(kind, verb)| Some((Kind::parse(kind)?, verb.as_str()?.to_owned()))).collect()
}

impl Portal {
    /// Everything below `/crm/imports/{version}`.
    pub(crate) fn imports(&mut self, call: &Call, rest: &[&str], at: Millis) -> Result<Reply, Refusal> {
        let mine = self.caller_app();
        match (call.method.as_str(), rest) {
            ("POST", []) => self.start_import(call, at),
            ("GET", []) => {
                let all = self.services.imports.all.values().rev().filter(|import| import.app == mine);
                let list: Vec<Value> = all.map(Import::json).collect();
                Ok(Reply::json(200, json!({"results": list})))
            }
            ("GET", [id]) => Ok(Reply::json(200, self.import(id)?.json())),
            ("POST", [id, "cancel"]) => {
                let import = self.import(id)?;
                if matches!(import.state, "STARTED" | "PROCESSING" | "DEFERRED") {
                    import.state = "CANCELED";
                    import.updated = at;
                    import.files.clear();
                }
                let mut body = action(at, Vec::new());
                if let Some(body) = body.as_object_mut() {
                    body.remove("results");
                }
                Ok(Reply::json(200, body).changed())
            }
            ("GET", [id, "errors"]) => {
                let list: Vec<Value> = self.import(id)?.faults.iter().enumerate().map(fault_json).collect();
                Ok(Reply::json(200, json!({"results": list})))
            }
            (_, [] | [_] | [_, "cancel" | "errors"]) => Err(Refusal::wrong_method()),
            _ => Err(Refusal::not_found()),
        }
    }

    fn import(&mut self, id: &str) -> Result<&mut Import, Refusal> {
        id.parse()
            .ok()
            .and_then(|id: u64| self.services.imports.all.get_mut(&id))
            .ok_or_else(|| Refusal::new(404, "OBJECT_NOT_FOUND", format!("There is no import with id {id}")))
    }

    fn start_import(&mut self, call: &Call, at: Millis) -> Result<Reply, Refusal> {
        let request = call.body["importRequest"].clone();
        if !request.is_object() {
            return Err(Refusal::invalid("importRequest is missing or not JSON"));
        }
        let files: Vec<(String, String)> = call.body["files"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|file| Some((file["name"].as_str()?.to_owned(), file["text"].as_str()?.to_owned())))
            .collect();
        let described = request["files"].as_array().filter(|list| !list.is_empty());
        let described = described.ok_or_else(|| Refusal::invalid("importRequest.files is required"))?;
        if operations(&request).is_empty() {
            return Err(Refusal::invalid("importOperations must name an object type and CREATE, UPDATE or UPSERT"));
        }
        for file in described {
            let name = file["fileName"].as_str().unwrap_or_default();
            if !files.iter().any(|(own, _)| own == name) {
                return Err(Refusal::invalid(format!("There is no uploaded file named \"{name}\"")));
            }
            if file["fileFormat"] == "SPREADSHEET" {
                return Err(Refusal::invalid("The sandbox reads CSV files only"));
            }
            for mapping in file["fileImportPage"]["columnMappings"].as_array().into_iter().flatten() {
                kind_of(mapping["columnObjectTypeId"].as_str().unwrap_or_default())?;
            }
        }
        let running = self.services.imports.all.values().filter(|import| import.running()).count();
        let id = self.services.imports.all.keys().next_back().map_or(80_001, |last| last + 1);
        let import = Import {
            id,
            app: self.caller_app(),
            request,
            files,
            state: if running >= RUNNING_MAX { "DEFERRED" } else { "STARTED" },
            created: at,
            updated: at,
            ready: at + self.services.account.import_ms,
            counters: BTreeMap::new(),
            faults: Vec::new(),
        };
        let shown = import.json();
        self.services.imports.all.insert(id, import);
        Ok(Reply::json(200, shown).changed())
    }

    /// Moves every import as far as the clock says.
    pub(crate) fn run_imports(&mut self, at: Millis) {
        let wait = self.services.account.import_ms;
        let due: Vec<u64> = self
            .services
            .imports
            .all
            .values()
            .filter(|import| import.running() || import.state == "DEFERRED")
            .map(|import| import.id)
            .collect();
        for id in due {
            let Some(mut import) = self.services.imports.all.remove(&id) else {
                continue;
            };
            if import.state == "DEFERRED" {
                let running = self.services.imports.all.values().filter(|other| other.running()).count();
                if running < RUNNING_MAX {
                    import.state = "STARTED";
                    import.ready = at + wait;
                }
            }
            if import.running() && import.ready <= at {
                self.carry_out(&mut import);
            } else if import.state == "STARTED" && at > import.created {
                import.state = "PROCESSING";
            }
            self.services.imports.all.insert(id, import);
        }
    }

    fn carry_out(&mut self, import: &mut Import) {
        let (at, request) = (import.ready, import.request.clone());
        let files = std::mem::take(&mut import.files);
        for (kind, verb) in operations(&request) {
            for file in request["files"].as_array().into_iter().flatten() {
                let name = file["fileName"].as_str().unwrap_or_default();
                if let Some((_, text)) = files.iter().find(|(own, _)| own == name) {
                    self.read_file(import, kind, &verb, file, text, at);
                }
            }
        }
        import.state = "DONE";
        import.updated = at;
    }

    fn read_file(&mut self, import: &mut Import, kind: Kind, verb: &str, file: &Value, text: &str, at: Millis) {
        let page = &file["fileImportPage"];
        let columns: Vec<Column> = page["columnMappings"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|mapping| mapping["columnObjectTypeId"].as_str().and_then(Kind::parse) == Some(kind))
            .map(|mapping| Column {
                name: mapping["columnName"].as_str().unwrap_or_default().to_owned(),
                property: mapping["propertyName"].as_str().unwrap_or_default().to_owned(),
                is_id: mapping["columnType"] == "HUBSPOT_OBJECT_ID",
            })
            .collect();
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let header: Vec<String> =
            reader.headers().map(|row| row.iter().map(str::to_owned).collect()).unwrap_or_default();
        for (at_row, row) in reader.records().take(ROWS_MAX).enumerate() {
            let line = at_row as u64 + 2;
            import.count("TOTAL_ROWS", 1);
            let row: Vec<String> = match row {
                Ok(row) => row.iter().map(str::to_owned).collect(),
                Err(problem) => {
                    let fault = Fault {
                        kind: "COULD_NOT_PARSE_ROW",
                        message: problem.to_string(),
                        line,
                        row: Vec::new(),
                        object: kind,
                        value: String::new(),
                        at,
                    };
                    import.count("ERRORS", 1);
                    import.faults.push(fault);
                    continue;
                }
            };
            let mut properties = Map::new();
            let mut own_id = None;
            for column in &columns {
                let place = header.iter().position(|name| *name == column.name);
                let Some(value) = place.and_then(|place| row.get(place)).filter(|value| !value.is_empty()) else {
                    continue;
                };
                if column.is_id {
                    own_id = value.parse::<u64>().ok();
                } else {
                    properties.insert(column.property.clone(), json!(value));
                }
            }
            let outcome = self.import_one(import.id, kind, verb, own_id, &properties, at);
            match outcome {
                Ok(created) => {
                    import.count(if created { "CREATED_OBJECTS" } else { "UPDATED_OBJECTS" }, 1);
                    import.count("UNIQUE_OBJECTS_WRITTEN", 1);
                    import.count("PROPERTY_VALUES_EMITTED", properties.len() as u64);
                }
                Err((error, message, value)) => {
                    import.count("ERRORS", 1);
                    import.faults.push(Fault { kind: error, message, line, row, object: kind, value, at });
                }
            }
        }
    }

    /// Writes one row; true when it made a record.
    fn import_one(
        &mut self,
        import: u64,
        kind: Kind,
        verb: &str,
        own_id: Option<u64>,
        properties: &Map<String, Value>,
        at: Millis,
    ) -> Result<bool, (&'static str, String, String)> {
        let value = |name: &str| properties.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let found = match (own_id, kind) {
            (Some(id), _) => match self.table(kind).live(id) {
                Some(_) => Some(id),
                None => return Err(("INVALID_OBJECT_ID", format!("There is no record {id}"), id.to_string())),
            },
            (None, Kind::Contact) => self.table(kind).by_email(&value("email")),
            (None, Kind::Company) if !value("domain").is_empty() => self.company_by_domain(&value("domain")),
            _ => None,
        };
        match (verb, found) {
            ("CREATE", Some(id)) => {
                return Err(("CREATE_ONLY_IMPORT", format!("Record {id} exists already"), id.to_string()));
            }
            ("UPDATE", None) => {
                return Err(("UPDATE_ONLY_IMPORT", "There is no such record".to_owned(), value("email")));
            }
            _ => {}
        }
        self.import_row(kind, found, properties, import, at).map(|_| found.is_none()).map_err(|refusal| {
            let first = refusal.details.first();
            let code = first.and_then(|one| one["code"].as_str()).unwrap_or_default();
            let name = first.and_then(|one| one["context"]["propertyName"][0].as_str()).unwrap_or_default();
            (error_type(code, &refusal.message), refusal.message.clone(), value(name))
        })
    }
}

/// A refusal of the record API in the words of imports.
fn error_type(code: &str, message: &str) -> &'static str {
    match code {
        "INVALID_EMAIL" => "INVALID_EMAIL",
        "INVALID_OPTION" => "INVALID_ENUMERATION_OPTION",
        "INVALID_DATE" => "COULD_NOT_PARSE_DATE",
        "INVALID_LONG" => "COULD_NOT_PARSE_NUMBER",
        "INVALID_OWNER_ID" | "INVALID_INTEGER" => "COULD_NOT_FIND_OWNER",
        "PROPERTY_DOESNT_EXIST" => "PROPERTY_DEFINITION_NOT_FOUND",
        "CONFLICTING_UNIQUE_VALUE" => "DUPLICATE_UNIQUE_PROPERTY_VALUE",
        "MISSING_REQUIRED_PROPERTY" => "MISSING_REQUIRED_PROPERTY",
        "" if message.contains("required properties") => "MISSING_REQUIRED_PROPERTY",
        "" if message.contains("already exists") => "DUPLICATE_RECORD_ID",
        _ => "FAILED_VALIDATION",
    }
}

fn fault_json((at, fault): (usize, &Fault)) -> Value {
    json!({
        "id": (at + 1).to_string(), "createdAt": fault.at / 1000, "errorType": fault.kind, "errorMessage": fault.message,
        "invalidValue": fault.value, "objectType": fault.object.upper(), "objectTypeId": fault.object.type_id(),
        "sourceData": {
            "additionalRowData": [], "containsEncryptedProperties": false, "fileId": 1, "lineNumber": fault.line,
            "rowData": fault.row,
        },
    })
}
