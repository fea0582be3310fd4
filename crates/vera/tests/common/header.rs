//! The first lines of a conformance program (`tests/conformance/README.md`).

/// The deepest stage a program passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    None,
    Parse,
    Check,
    Run,
}

/// What a program's first lines promise.
pub struct Header {
    pub stage: Stage,
    pub codes: Vec<String>,
    pub compile_codes: Vec<String>,
    pub proof: Option<Vec<String>>,
    pub tested: Option<String>,
    pub layout_free: bool,
    pub function: Option<String>,
    pub args: Vec<String>,
    pub stdin: String,
    pub stdout: String,
    pub stderr: Option<String>,
    pub exit: Option<i32>,
    pub trap: Option<String>,
    pub message: Option<String>,
    pub high_water: Option<u64>,
    pub max_memory: Option<String>,
    pub eager: bool,
    pub eager_args: Option<Vec<String>>,
    pub eager_stdout: Option<String>,
    pub known: Option<String>,
}

impl Header {
    /// Reads the first lines of a program.
    pub fn parse(text: &str) -> Result<Header, String> {
        let mut header = Header {
            stage: Stage::None,
            codes: Vec::new(),
            compile_codes: Vec::new(),
            proof: None,
            tested: None,
            layout_free: false,
            function: None,
            args: Vec::new(),
            stdin: String::new(),
            stdout: String::new(),
            stderr: None,
            exit: None,
            trap: None,
            message: None,
            high_water: None,
            max_memory: None,
            eager: true,
            eager_args: None,
            eager_stdout: None,
            known: None,
        };
        let mut stage = None;
        for line in text.lines() {
            let Some(line) = line.strip_prefix("-- ") else { break };
            let Some((key, value)) = line.split_once(':') else { continue };
            if key.contains(' ') {
                continue; // prose
            }
            let value = value.strip_prefix(' ').unwrap_or(value);
            let words = || value.split_whitespace().map(str::to_owned);
            match key {
                "stage" => {
                    stage = Some(match value {
                        "none" => Stage::None,
                        "parse" => Stage::Parse,
                        "check" => Stage::Check,
                        "run" => Stage::Run,
                        other => return Err(format!("unknown stage {other}")),
                    });
                }
                "codes" => header.codes.extend(words()),
                "compile-codes" => header.compile_codes.extend(words()),
                "proof" => header.proof.get_or_insert_default().extend(words()),
                "tested" => push_line(header.tested.get_or_insert_default(), value),
                "layout" if value == "free" => header.layout_free = true,
                "fn" => header.function = Some(value.to_owned()),
                "args" => header.args.extend(words()),
                "stdin" => push_line(&mut header.stdin, value),
                "stdout" => push_line(&mut header.stdout, value),
                "stderr" => push_line(header.stderr.get_or_insert_default(), value),
                "exit" => header.exit = Some(number(value)?),
                "trap" => header.trap = Some(value.to_owned()),
                "message" => push_line(header.message.get_or_insert_default(), value),
                "high-water" => header.high_water = Some(number(value)?),
                "max-memory" => header.max_memory = Some(value.to_owned()),
                "eager" if value == "no" => header.eager = false,
                "eager-args" => header.eager_args = Some(words().collect()),
                "eager-stdout" => push_line(header.eager_stdout.get_or_insert_default(), value),
                "known" => header.known = Some(value.to_owned()),
                _ => return Err(format!("unknown header line `{key}: {value}`")),
            }
        }
        header.stage = stage.ok_or("no `-- stage:` line")?;
        header.codes.sort();
        header.compile_codes.sort();
        header.proof.iter_mut().for_each(|codes| codes.sort());
        Ok(header)
    }
}

pub fn push_line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

pub fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("not a number: {text}"))
}
