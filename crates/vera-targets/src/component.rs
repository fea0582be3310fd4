//! WASI components.
//!
//! A module whose runtime stands in for its host (`vera_wasm::HostLink::Wasi`) imports and
//! exports what WASI 0.2.0 says already; here its types are added and checked.

use vera_abi::interface::HostTy;
use vera_abi::wasi::World;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::{Resolve, SourceMap, WorldId};

macro_rules! package {
    ($name:literal: $($file:literal)*) => {
        &[$((
            concat!($name, "/", $file, ".wit"),
            include_str!(concat!("../../../targets/wasi/wit/deps/", $name, "/", $file, ".wit")),
        )),*]
    };
}

/// The interfaces of WASI 0.2.0, each package after those it refers to.
const PACKAGES: &[&[(&str, &str)]] = &[
    package!("io": "error" "poll" "streams" "world"),
    package!("clocks": "monotonic-clock" "wall-clock" "world"),
    package!("random": "insecure-seed" "insecure" "random" "world"),
    package!("filesystem": "preopens" "types" "world"),
    package!("sockets": "instance-network" "ip-name-lookup" "network" "tcp-create-socket" "tcp" "udp-create-socket" "udp" "world"),
    package!("cli": "command" "environment" "exit" "imports" "run" "stdio" "terminal"),
    package!("http": "handler" "proxy" "types"),
];

/// What a component may import; of these it has those that it uses.
const IMPORTS: &str = "\
  import wasi:io/error@0.2.0;
  import wasi:io/poll@0.2.0;
  import wasi:io/streams@0.2.0;
  import wasi:clocks/monotonic-clock@0.2.0;
  import wasi:clocks/wall-clock@0.2.0;
  import wasi:random/random@0.2.0;
  import wasi:cli/stdin@0.2.0;
  import wasi:cli/stdout@0.2.0;
  import wasi:cli/stderr@0.2.0;
  import wasi:http/types@0.2.0;
  import wasi:http/outgoing-handler@0.2.0;
";

/// What a command may import besides.
const COMMAND: &str = "\
  import wasi:cli/environment@0.2.0;
  import wasi:cli/exit@0.2.0;
  import wasi:filesystem/types@0.2.0;
  import wasi:filesystem/preopens@0.2.0;
  export wasi:cli/run@0.2.0;
";

const SERVER: &str = "  export wasi:http/incoming-handler@0.2.0;\n";

/// Makes a component of a module.
///
/// `main`: of a command, the type of its result, which is exported where the component
/// model has it as it is.
///
/// # Errors
/// What the encoder says of the module; a defect.
pub fn encode(wasm: &[u8], world: World, main: &HostTy) -> Result<Vec<u8>, String> {
    let defect = |error: &dyn std::fmt::Display| format!("the component cannot be made: {error:#}");
    let (resolve, world) = resolved(world, main).map_err(|e| defect(&e))?;
    let mut module = wasm.to_vec();
    let embedded = embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8);
    embedded.map_err(|e| defect(&format_args!("{e:#}")))?;
    let encoder = ComponentEncoder::default().validate(true).module(&module);
    let mut encoder = encoder.map_err(|e| defect(&format_args!("{e:#}")))?;
    encoder.encode().map_err(|e| defect(&format_args!("{e:#}")))
}

fn resolved(world: World, main: &HostTy) -> Result<(Resolve, WorldId), String> {
    let text = match world {
        World::Cli => format!("{IMPORTS}{COMMAND}{}", main_export(main)),
        World::Server => format!("{IMPORTS}{SERVER}"),
    };
    let own = format!("package vera:program;\nworld component {{\n{text}}}\n");
    let mut resolve = Resolve::default();
    let own = [("component.wit", own.as_str())];
    let mut last = None;
    for files in PACKAGES.iter().copied().chain([&own[..]]) {
        let mut map = SourceMap::new();
        for (name, text) in files {
            map.push_str(name, *text);
        }
        let group = map.parse().map_err(|(map, e)| e.render(&map))?;
        let pushed = resolve.push_group(group).map_err(|e| format!("{e:#}"))?;
        last = Some(pushed);
    }
    let package = last.ok_or("there are packages")?;
    let world =
        resolve.select_world(&[package], Some("component")).map_err(|e| format!("{e:#}"))?;
    Ok((resolve, world))
}

fn main_export(main: &HostTy) -> &'static str {
    match main {
        HostTy::Unit => "  export main: func();\n",
        HostTy::Int | HostTy::Nat => "  export main: func() -> s64;\n",
        HostTy::Float64 => "  export main: func() -> f64;\n",
        HostTy::Byte
        | HostTy::Bool
        | HostTy::String
        | HostTy::Decimal
        | HostTy::Enum(_)
        | HostTy::Compound(_)
        | HostTy::Opaque(_) => "",
    }
}
