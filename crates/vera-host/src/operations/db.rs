//! `DB` (language reference, chapter 10.12.6): one SQLite connection for each run, opened
//! at the first operation. What is not committed when the run ends is rolled back.

use std::borrow::Cow;
use std::path::PathBuf;
use std::time::Duration;

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::types::{ToSqlOutput, Value as Sql, ValueRef};
use rusqlite::{CachedStatement, Connection, Error, ErrorCode, OpenFlags, ToSql};

use crate::permissions::Permissions;
use crate::value::Value;

/// How long an operation waits for a lock of another process.
const BUSY: Duration = Duration::from_secs(5);

/// Prepared statements that are kept.
const STATEMENTS: usize = 64;

/// A result larger than this is refused.
const MAX_RESULT: usize = 256 << 20;

/// The database of a run.
pub(crate) enum Database {
    Open(Session),
    /// Why it cannot be opened, which every operation tells.
    Unusable(String),
}

pub(crate) struct Session {
    connection: Connection,
    /// The program has begun a transaction and not ended it.
    explicit: bool,
}

impl Database {
    /// Opens what `VERA_DB_URL` names.
    pub fn open(url: Option<&str>, permissions: &Permissions) -> Database {
        let opened = Place::of(url.unwrap_or_default()).and_then(|place| place.open(permissions));
        match opened {
            Ok(connection) => Database::Open(Session { connection, explicit: false }),
            Err(why) if why.starts_with("permission denied") => Database::Unusable(why),
            Err(why) => Database::Unusable(format!("cannot open database: {why}")),
        }
    }

    /// Performs an operation of `DB`.
    pub fn perform(&mut self, op: &str, args: Vec<Value>) -> Value {
        let session = match self {
            Database::Open(session) => session,
            Database::Unusable(why) => return Value::err(why.clone()),
        };
        let mut args = args.into_iter();
        let text = match args.next() {
            Some(Value::String(text)) => text,
            _ => Vec::new(),
        };
        let (sql, params) = (readable(&text), args.next());
        let answer = match op {
            "begin" => session.begin().map(|()| Value::Unit),
            "commit" => session.end("COMMIT").map(|()| Value::Unit),
            "rollback" => session.end("ROLLBACK").map(|()| Value::Unit),
            "query" => session.query(&sql, params, texts),
            "query_rows" => session.query(&sql, params, columns),
            _ => session.execute(&sql, params).map(Value::Int),
        };
        match answer {
            Ok(value) => Value::ok(value),
            Err(why) => Value::err(why),
        }
    }
}

/// Where a database lies.
enum Place {
    Memory,
    File { path: PathBuf, read_only: bool },
}

impl Place {
    fn of(url: &str) -> Result<Place, String> {
        let url = url.trim();
        if matches!(
            url,
            "" | ":memory:" | "sqlite::memory:" | "sqlite://:memory:" | "sqlite:///:memory:"
        ) {
            return Ok(Place::Memory);
        }
        let rest = url.strip_prefix("sqlite:///").or_else(|| url.strip_prefix("sqlite://"));
        if rest.is_none()
            && let Some((scheme, _)) = url.split_once("://")
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
        {
            return Err(format!("unsupported scheme '{scheme}'"));
        }
        let file = |path: &str, read_only| Place::File { path: PathBuf::from(path), read_only };
        Ok(match rest {
            Some(rest) => match rest.strip_suffix("?mode=ro") {
                Some(path) => file(path, true),
                None => file(rest, false),
            },
            None => file(url, false),
        })
    }

    fn open(&self, permissions: &Permissions) -> Result<Connection, String> {
        let base = OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = match self {
            Place::Memory => Connection::open_in_memory(),
            Place::File { path, read_only } => {
                permissions.admit_db(path)?;
                let flags = match read_only {
                    true => OpenFlags::SQLITE_OPEN_READ_ONLY,
                    false => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
                };
                Connection::open_with_flags(path, base | flags)
            }
        };
        let connection = connection.map_err(|error| words(&error))?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        if let Place::File { .. } = self {
            // A file that is no database shows it when it is first read; one that is
            // locked may be one.
            connection.busy_timeout(Duration::ZERO).map_err(|error| words(&error))?;
            match connection.query_row("PRAGMA schema_version", [], |_| Ok(())) {
                Err(error) if error.sqlite_error_code() != Some(ErrorCode::DatabaseBusy) => {
                    return Err(words(&error));
                }
                _ => {}
            }
        }
        connection.busy_timeout(BUSY).map_err(|error| words(&error))?;
        let permissions = permissions.clone();
        let admit = move |context: AuthContext<'_>| match context.action {
            // Other files come in by name, also for `VACUUM INTO`.
            AuthAction::Attach { filename } if !matches!(filename, "" | ":memory:") => {
                match permissions.admit_db(filename.as_ref()) {
                    Ok(()) => Authorization::Allow,
                    Err(_) => Authorization::Deny,
                }
            }
            _ => Authorization::Allow,
        };
        connection.authorizer(Some(admit)).map_err(|error| words(&error))?;
        Ok(connection)
    }
}

/// What a statement's first word says of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Tells how many rows it changed.
    Changes,
    Other,
}

impl Session {
    fn begin(&mut self) -> Result<(), String> {
        if self.explicit {
            return Err("transaction already open".to_owned());
        }
        self.commit_pending()?;
        self.direct("BEGIN")?;
        self.explicit = true;
        Ok(())
    }

    fn end(&mut self, sql: &str) -> Result<(), String> {
        if !self.explicit || self.connection.is_autocommit() {
            self.explicit = false;
            return Err("no transaction is open".to_owned());
        }
        self.direct(sql)?;
        self.explicit = false;
        Ok(())
    }

    fn direct(&self, sql: &str) -> Result<(), String> {
        self.connection.execute_batch(sql).map_err(|error| words(&error))
    }

    /// Commits what no `begin` started.
    fn commit_pending(&self) -> Result<(), String> {
        if self.connection.is_autocommit() { Ok(()) } else { self.direct("COMMIT") }
    }

    /// Runs a statement to its end, and commits unless a transaction is open. The number
    /// of rows it changed; -1 where that says nothing.
    fn execute(&mut self, sql: &str, params: Option<Value>) -> Result<i64, String> {
        let mut changed = -1;
        let code = code(sql);
        if !code.is_empty() {
            let mut statement = prepare(&self.connection, sql, params)?;
            let mut rows = statement.raw_query();
            while rows.next().map_err(|error| words(&error))?.is_some() {}
            drop(rows);
            drop(statement);
            if kind_of(code) == Kind::Changes {
                changed = self.connection.changes() as i64;
            }
        }
        // A statement may itself have ended the transaction.
        self.explicit &= !self.connection.is_autocommit();
        if !self.explicit {
            self.commit_pending()?;
        }
        Ok(changed)
    }

    /// All rows of a statement. One that changes rows is not committed by this.
    fn query(
        &mut self,
        sql: &str,
        params: Option<Value>,
        row: fn(&[String], Vec<Sql>) -> Value,
    ) -> Result<Value, String> {
        if is_empty(sql) {
            return Ok(Value::Array([].into()));
        }
        if kind(sql) == Kind::Changes && self.connection.is_autocommit() {
            self.direct("BEGIN")?;
        }
        let mut statement = prepare(&self.connection, sql, params)?;
        let names: Vec<String> = statement.column_names().iter().map(|n| (*n).to_owned()).collect();
        let mut rows = statement.raw_query();
        let (mut out, mut size) = (Vec::new(), 0);
        while let Some(found) = rows.next().map_err(|error| words(&error))? {
            let mut cells = Vec::with_capacity(names.len());
            for column in 0..names.len() {
                let cell = found.get_ref(column).map_err(|error| words(&error))?;
                size += size_of::<Value>() + cell_size(cell);
                cells.push(owned(cell));
            }
            if size > MAX_RESULT {
                return Err(format!("the result is larger than {MAX_RESULT} bytes"));
            }
            out.push(row(&names, cells));
        }
        drop(rows);
        drop(statement);
        self.explicit &= !self.connection.is_autocommit();
        Ok(Value::Array(out.into()))
    }
}

/// A cell of its own; text that is no UTF-8 is replaced.
fn owned(cell: ValueRef<'_>) -> Sql {
    match cell {
        ValueRef::Null => Sql::Null,
        ValueRef::Integer(n) => Sql::Integer(n),
        ValueRef::Real(x) => Sql::Real(x),
        ValueRef::Text(bytes) => Sql::Text(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Blob(bytes) => Sql::Blob(bytes.to_vec()),
    }
}

fn cell_size(cell: ValueRef<'_>) -> usize {
    match cell {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.len(),
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => 0,
    }
}

/// A row of `query`: texts, where there are any.
fn texts(_names: &[String], cells: Vec<Sql>) -> Value {
    let text = |cell| match cell {
        Sql::Null => None,
        Sql::Integer(n) => Some(n.to_string()),
        Sql::Real(x) => Some(decimal(x)),
        Sql::Text(text) => Some(text),
        Sql::Blob(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
    };
    let cells = cells.into_iter().map(|cell| Value::option(text(cell).map(Value::text)));
    Value::Array(cells.collect())
}

/// A float in digits, with a point.
fn decimal(x: f64) -> String {
    let text = x.to_string();
    if x.is_finite() && !text.contains('.') { format!("{text}.0") } else { text }
}

/// The constructors of `DbValue`.
const DB_NULL: u32 = 0;
const DB_INT: u32 = 1;
const DB_REAL: u32 = 2;
const DB_TEXT: u32 = 3;
const DB_BLOB: u32 = 4;

/// A row of `query_rows`: typed cells under their columns' names.
fn columns(names: &[String], cells: Vec<Sql>) -> Value {
    let typed = |cell| match cell {
        Sql::Null => Value::data(DB_NULL, []),
        Sql::Integer(n) => Value::data(DB_INT, [Value::Int(n)]),
        Sql::Real(x) => Value::data(DB_REAL, [Value::Float64(x)]),
        Sql::Text(text) => Value::data(DB_TEXT, [Value::text(text)]),
        Sql::Blob(bytes) => Value::data(DB_BLOB, [Value::Bytes(bytes)]),
    };
    Value::Map {
        keys: names.iter().map(|name| Value::text(name.clone())).collect(),
        values: cells.into_iter().map(typed).collect(),
    }
}

/// A parameter of a statement.
struct Param<'v>(&'v Value);

impl ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Value::String(text) => match readable(text) {
                Cow::Borrowed(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
                Cow::Owned(text) => ToSqlOutput::Owned(Sql::Text(text)),
            },
            Value::Int(n) => ToSqlOutput::Owned(Sql::Integer(*n)),
            Value::Float64(x) => ToSqlOutput::Owned(Sql::Real(*x)),
            Value::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
            // `None`, and `DbNull`.
            _ => ToSqlOutput::Owned(Sql::Null),
        })
    }
}

/// The text; what is no UTF-8 is replaced.
fn readable(text: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(text) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(text),
    }
}

fn prepare<'c>(
    connection: &'c Connection,
    sql: &str,
    params: Option<Value>,
) -> Result<CachedStatement<'c>, String> {
    let mut statement = connection.prepare_cached(sql).map_err(|error| words(&error))?;
    let params: &[Value] = match &params {
        Some(Value::Array(params)) => params,
        _ => &[],
    };
    let wanted = statement.parameter_count();
    if wanted != params.len() {
        return Err(format!("expected {wanted} parameter(s), got {}", params.len()));
    }
    for (i, param) in params.iter().enumerate() {
        // What `Some`, `DbInt` and their like hold.
        let held = match param {
            Value::Data { fields, .. } => fields.last().unwrap_or(&Value::Unit),
            other => other,
        };
        statement.raw_bind_parameter(i + 1, Param(held)).map_err(|error| words(&error))?;
    }
    Ok(statement)
}

/// The text behind white space and comments.
fn code(sql: &str) -> &str {
    let mut rest = sql.trim_start_matches(|c: char| c.is_whitespace() || c == ';');
    loop {
        let behind = if let Some(comment) = rest.strip_prefix("--") {
            comment.split_once('\n').map_or("", |(_, behind)| behind)
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.split_once("*/").map_or("", |(_, behind)| behind)
        } else {
            return rest;
        };
        rest = behind.trim_start_matches(|c: char| c.is_whitespace() || c == ';');
    }
}

fn is_empty(sql: &str) -> bool {
    code(sql).is_empty()
}

fn kind(sql: &str) -> Kind {
    kind_of(code(sql))
}

/// The kind of what begins with its code.
fn kind_of(code: &str) -> Kind {
    let length = code.bytes().take_while(u8::is_ascii_alphabetic).count();
    let word = &code[..length];
    let changes = ["insert", "update", "delete", "replace"];
    match changes.iter().any(|change| word.eq_ignore_ascii_case(change)) {
        true => Kind::Changes,
        false => Kind::Other,
    }
}

/// SQLite's own message.
fn words(error: &Error) -> String {
    match error {
        Error::SqliteFailure(_, Some(message)) => message.clone(),
        Error::SqliteFailure(code, None) => code.to_string(),
        Error::SqlInputError { msg, .. } => msg.clone(),
        Error::MultipleStatement => "only one statement per call".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_decides() {
        for (sql, changes) in [
            ("INSERT INTO t VALUES (1)", true),
            (" -- a\n/* b */ ; delete from t", true),
            ("SELECT 1", false),
            ("inserted", false),
            ("-- insert", false),
        ] {
            assert_eq!(kind(sql) == Kind::Changes, changes, "{sql}");
        }
        assert!(is_empty(" ; -- nothing") && is_empty("/* open") && !is_empty("SELECT 1"));
    }

    #[test]
    fn urls_name_files_or_memory() {
        let path = |url| match Place::of(url).expect("a place") {
            Place::Memory => None,
            Place::File { path, read_only } => Some((path.display().to_string(), read_only)),
        };
        for url in ["", " ", ":memory:", "sqlite::memory:", "sqlite://:memory:"] {
            assert_eq!(path(url), None, "{url}");
        }
        for (url, wanted, read_only) in [
            ("sqlite:///a.db", "a.db", false),
            ("sqlite:////tmp/a.db", "/tmp/a.db", false),
            ("sqlite://a.db?mode=ro", "a.db", true),
            ("a b.db", "a b.db", false),
        ] {
            assert_eq!(path(url), Some((wanted.to_owned(), read_only)), "{url}");
        }
        let refused = Place::of("postgres://h/d").err();
        assert_eq!(refused.as_deref(), Some("unsupported scheme 'postgres'"));
    }
}
