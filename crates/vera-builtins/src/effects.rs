//! The built-in effects and abilities.

use vera_abi::host::HostFn;
use vera_abi::runtime::RtFn;

use crate::contracts::{Clause, Contract, Term, at_most, less_than};
use crate::signature::{Signature, Type, parse};

/// A built-in effect.
#[derive(Debug, Clone, Copy)]
pub struct Effect {
    pub name: &'static str,
    pub since: &'static str,
    pub type_params: &'static [&'static str],
    /// Sorted by name.
    pub ops: &'static [Op],
}

/// An operation of an effect or ability.
#[derive(Debug, Clone, Copy)]
pub struct Op {
    pub name: &'static str,
    /// `(A -> B)` over the type parameters of its owner.
    pub signature: &'static str,
    /// May be called without its effect's name, wherever it is allowed at all.
    pub bare: bool,
    /// It takes time and changes nothing, so `async` may begin it while the program goes
    /// on.
    pub overlaps: bool,
    pub contract: Contract,
    pub host: Host,
}

/// How a host performs an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// Arguments and result cross in parts, and the host knows the operation by its name.
    /// So does what handlers alone answer, where nobody does.
    InParts,
    /// By a host function of its own. Arguments are its parameters; a string or array of
    /// bytes is address and length.
    By(HostFn, Answer),
    /// The runtime asks the host.
    Runtime(RtFn),
}

/// How the answer of a host function becomes the result. Texts and bytes are pending: the
/// runtime fetches them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// What it yields, a number or nothing.
    AsItIs,
    /// It does not return.
    Never,
    /// The pending text.
    Text,
    /// 0 for `Ok` and 1 for `Err` of what is pending.
    TextOrError,
    /// 0 for `Ok(())`, 1 for `Err` of what is pending.
    DoneOrError,
    /// 1 for `Some` of what is pending, 0 for `None`.
    TextOrNone,
}

impl Op {
    const fn by(self, host: HostFn, answer: Answer) -> Op {
        Op { host: Host::By(host, answer), ..self }
    }

    const fn owes(self, requires: &'static [Clause], ensures: &'static [Clause]) -> Op {
        Op { contract: Contract { requires, ensures }, ..self }
    }

    /// The parsed signature, with the owner's type parameters.
    pub fn signature(&self, effect: &Effect) -> Signature {
        let mut signature = parse(self.signature);
        for ty in signature.params.iter_mut().chain([&mut signature.ret]) {
            bind(ty, effect.type_params);
        }
        signature.type_params = effect.type_params.to_vec();
        signature
    }
}

fn bind(ty: &mut Type, params: &[&'static str]) {
    match ty {
        Type::Param(_) => {}
        Type::Named(name, args) => {
            if let Some(index) = params.iter().position(|p| p == name) {
                *ty = Type::Param(index);
                return;
            }
            args.iter_mut().for_each(|a| bind(a, params));
        }
        Type::Fn(args, ret) => {
            args.iter_mut().for_each(|a| bind(a, params));
            bind(ret, params);
        }
    }
}

const fn op(name: &'static str, signature: &'static str) -> Op {
    let contract = Contract { requires: &[], ensures: &[] };
    Op { name, signature, bare: false, overlaps: false, contract, host: Host::InParts }
}

const fn overlapping(name: &'static str, signature: &'static str) -> Op {
    Op { overlaps: true, ..op(name, signature) }
}

const fn bare(name: &'static str, signature: &'static str) -> Op {
    Op { bare: true, ..op(name, signature) }
}

/// All built-in effects, sorted by name.
pub const EFFECTS: &[Effect] = &[
    Effect { name: "Async", since: "0.0.82", type_params: &[], ops: &[] },
    Effect {
        name: "DB",
        since: "0.1.7",
        type_params: &[],
        ops: &[
            op("begin", "(Unit -> Result<Unit, String>)"),
            op("commit", "(Unit -> Result<Unit, String>)"),
            op("execute", "(String, Array<Option<String>> -> Result<Int, String>)"),
            op(
                "query",
                "(String, Array<Option<String>> -> Result<Array<Array<Option<String>>>, String>)",
            ),
            op(
                "query_rows",
                "(String, Array<DbValue> -> Result<Array<Map<String, DbValue>>, String>)",
            ),
            op("rollback", "(Unit -> Result<Unit, String>)"),
            op("run", "(String, Array<DbValue> -> Result<Int, String>)"),
        ],
    },
    Effect { name: "Diverge", since: "0.0.49", type_params: &[], ops: &[] },
    Effect {
        name: "Exn",
        since: "0.0.62",
        type_params: &["E"],
        ops: &[bare("throw", "(E -> Never)")],
    },
    Effect {
        name: "Http",
        since: "0.0.99",
        type_params: &[],
        ops: &[
            overlapping("delete", "(String -> Result<String, String>)"),
            overlapping("get", "(String -> Result<String, String>)"),
            overlapping("patch", "(String, String -> Result<String, String>)"),
            overlapping("post", "(String, String -> Result<String, String>)"),
            overlapping("put", "(String, String -> Result<String, String>)"),
            overlapping(
                "request",
                "(String, String, Map<String, String>, String, Nat -> Result<HttpReply, String>)",
            ),
        ],
    },
    Effect {
        name: "HttpServer",
        since: "0.0.193",
        type_params: &[],
        ops: &[
            op("respond", "(Int, Map<String, String> -> Result<Unit, String>)"),
            op("write", "(String -> Result<Unit, String>)"),
            op("write_bytes", "(Array<Byte> -> Result<Unit, String>)"),
        ],
    },
    Effect {
        name: "IO",
        since: "0.0.5",
        type_params: &[],
        ops: &[
            op("append_bytes", "(String, Array<Byte> -> Result<Unit, String>)"),
            op("append_file", "(String, String -> Result<Unit, String>)"),
            Op { host: Host::Runtime(RtFn::HostArgs), ..op("args", "(Unit -> Array<String>)") },
            op("clock", "(Unit -> Nat)"),
            op("create_dir", "(String -> Result<Unit, String>)"),
            op("delete", "(String -> Result<Unit, String>)"),
            op("exists", "(String -> Bool)"),
            op("exit", "(Int -> Never)").by(HostFn::Exit, Answer::Never),
            op("file_size", "(String -> Result<Nat, String>)"),
            op("get_env", "(String -> Option<String>)").by(HostFn::GetEnv, Answer::TextOrNone),
            op("is_dir", "(String -> Bool)"),
            op("list_dir", "(String -> Result<Array<String>, String>)"),
            op("next_line", "(Unit -> Option<String>)"),
            op("print", "(String -> Unit)").by(HostFn::Print, Answer::AsItIs),
            op("read_all", "(Unit -> String)"),
            op("read_bytes", "(String -> Result<Array<Byte>, String>)")
                .by(HostFn::ReadBytes, Answer::TextOrError),
            op("read_char", "(Unit -> Result<String, String>)")
                .by(HostFn::ReadChar, Answer::TextOrError),
            op("read_char_timeout", "(Nat -> Result<Option<String>, String>)"),
            op("read_chunk", "(String, Nat, Nat -> Result<Array<Byte>, String>)"),
            op("read_file", "(String -> Result<String, String>)")
                .by(HostFn::ReadFile, Answer::TextOrError),
            op("read_key", "(Unit -> Result<String, String>)"),
            op("read_line", "(Unit -> String)").by(HostFn::ReadLine, Answer::Text),
            op("rename", "(String, String -> Result<Unit, String>)"),
            overlapping("sleep", "(Nat -> Unit)").by(HostFn::Sleep, Answer::AsItIs),
            op("stderr", "(String -> Unit)").by(HostFn::Stderr, Answer::AsItIs),
            op("temp_dir", "(Unit -> Result<String, String>)"),
            op("temp_file", "(Unit -> Result<String, String>)"),
            op("terminal_size", "(Unit -> Option<Tuple<Nat, Nat>>)"),
            op("time", "(Unit -> Nat)").by(HostFn::Time, Answer::AsItIs),
            op("write_bytes", "(String, Array<Byte> -> Result<Unit, String>)")
                .by(HostFn::WriteBytes, Answer::DoneOrError),
            op("write_file", "(String, String -> Result<Unit, String>)")
                .by(HostFn::WriteFile, Answer::DoneOrError),
        ],
    },
    Effect {
        name: "Inference",
        since: "0.0.101",
        type_params: &[],
        ops: &[
            overlapping("complete", "(String -> Result<String, String>)"),
            overlapping("complete_with", "(String, InferenceOptions -> Result<String, String>)"),
            overlapping("embed", "(String -> Result<Array<Float64>, String>)"),
        ],
    },
    Effect {
        name: "Random",
        since: "0.0.115",
        type_params: &[],
        ops: &[
            op("random_bool", "(Unit -> Bool)").by(HostFn::RandomBool, Answer::AsItIs),
            op("random_float", "(Unit -> Float64)").by(HostFn::RandomFloat, Answer::AsItIs).owes(
                &[],
                &[at_most(Term::Number(0), Term::Result), less_than(Term::Result, Term::Number(1))],
            ),
            op("random_int", "(Int, Int -> Int)").by(HostFn::RandomInt, Answer::AsItIs).owes(
                &[at_most(Term::Param(0), Term::Param(1))],
                &[at_most(Term::Param(0), Term::Result), at_most(Term::Result, Term::Param(1))],
            ),
        ],
    },
    Effect {
        name: "State",
        since: "0.0.5",
        type_params: &["T"],
        ops: &[bare("get", "(Unit -> T)"), bare("put", "(T -> Unit)")],
    },
];

/// The built-in effect of this name.
pub fn effect(name: &str) -> Option<&'static Effect> {
    EFFECTS.iter().find(|e| e.name == name)
}

/// The built-in operation of this name.
pub fn operation(effect: &str, op: &str) -> Option<&'static Op> {
    self::effect(effect)?.ops.iter().find(|o| o.name == op)
}

/// The contract of an operation; `None` for one that is not built in.
pub fn contract(effect: &str, op: &str) -> Option<Contract> {
    operation(effect, op).map(|op| op.contract)
}

/// Whether `async` may begin a built-in operation while the program goes on.
pub fn overlaps(effect: &str, op: &str) -> bool {
    operation(effect, op).is_some_and(|op| op.overlaps)
}

/// A built-in ability and its one operation.
#[derive(Debug, Clone, Copy)]
pub struct AbilityInfo {
    pub name: &'static str,
    pub since: &'static str,
    pub type_params: &'static [&'static str],
    pub op: &'static str,
}

/// The built-in abilities, sorted by name.
pub const ABILITIES: &[AbilityInfo] = &[
    AbilityInfo { name: "Eq", since: "0.0.90", type_params: &["A"], op: "eq" },
    AbilityInfo { name: "Hash", since: "0.0.90", type_params: &["A"], op: "hash" },
    AbilityInfo { name: "Ord", since: "0.0.90", type_params: &["A"], op: "compare" },
    AbilityInfo { name: "Show", since: "0.0.90", type_params: &["A"], op: "show" },
];

/// The built-in type names a program may not declare, beyond the primitives.
pub const RESERVED_TYPES: &[&str] = &[
    "Array", "Decimal", "Future", "HtmlNode", "Json", "Map", "MdBlock", "MdInline", "Option",
    "Ordering", "Request", "Response", "Result", "Set", "Tuple", "UrlParts",
];

/// The primitive type names.
pub const PRIMITIVES: &[&str] =
    &["Bool", "Byte", "Float64", "Int", "Nat", "Never", "String", "Unit"];

/// Whether a type name belongs to the language, so that no program declares it.
pub fn is_reserved_type(name: &str) -> bool {
    PRIMITIVES.contains(&name) || RESERVED_TYPES.contains(&name)
}
