//! What library functions believe of the prelude's objects is what the compiler makes.

use vera_abi::layout::HEADER_SIZE;
use vera_abi::prelude::{CTORS, Ctor};
use vera_check::NoModules;
use vera_diagnostics::SourceFile;
use vera_mir::ir::{Layout, Op};
use vera_mir::lower::{Options, lower};

/// The fields of a constructor as types, those of generic types at `String`.
fn fields(ctor: &Ctor) -> Vec<&'static str> {
    let text = vera_builtins::PRELUDE;
    let declared = text.find(&format!("public data {}", ctor.data)).expect("it is declared");
    let body = text[declared..].split_once('{').expect("a body").1;
    let body = body.split_once("\n}").expect("its end").0;
    let line = body.lines().map(|l| l.trim().trim_end_matches(','));
    let line = line.into_iter().find(|l| l.starts_with(&format!("{}(", ctor.name)));
    let inside =
        line.expect("a constructor with fields")[ctor.name.len() + 1..].trim_end_matches(')');
    let (mut out, mut depth, mut start) = (Vec::new(), 0, 0);
    for (i, c) in inside.char_indices() {
        match c {
            '<' => depth += 1,
            '>' => depth -= 1,
            ',' if depth == 0 => {
                out.push(inside[start..i].trim());
                start = i + 1;
            }
            _ => {}
        }
    }
    out.push(inside[start..].trim());
    out.into_iter().map(|t| if matches!(t, "T" | "E") { "String" } else { t }).collect()
}

/// The object that the compiler makes of a constructor.
fn layout(ctor: &Ctor) -> Layout {
    let fields = fields(ctor);
    assert_eq!(fields.len(), ctor.fields.len(), "{}", ctor.name);
    let params: Vec<String> = fields.iter().map(|t| format!("@{t}")).collect();
    let args: Vec<String> = fields.iter().map(|t| format!("@{t}.0")).collect();
    let data = match ctor.data {
        "Option" => "Option<String>",
        "Result" => "Result<String, String>",
        data => data,
    };
    let (params, args) = (params.join(", "), args.join(", "));
    let text = format!(
        "public fn f({params} -> @{data})\n  requires(true)\n  ensures(true)\n  effects(pure)\n{{ {}({args}) }}\n",
        ctor.name
    );
    let checked = vera_check::check(SourceFile::new("test.vera", &text), &mut NoModules);
    let program = checked.program.unwrap_or_else(|| panic!("{:?}", checked.diagnostics));
    let mir = lower(&program, &checked.sources, &Options::default()).expect("it has code");
    let made: Vec<_> = mir
        .funcs
        .iter()
        .flat_map(|f| &f.body.insts)
        .filter_map(|inst| match &inst.op {
            Op::MakeObject { layout, .. } => Some(*layout),
            _ => None,
        })
        .collect();
    let [made] = made.as_slice() else { panic!("{}: {mir}", ctor.name) };
    mir.layouts[made.0 as usize].clone()
}

#[test]
fn constructors_are_laid_out_as_the_table_says() {
    for ctor in CTORS {
        let layout = layout(ctor);
        let references =
            layout.refs.iter().fold(0, |bits, at| bits | 1 << ((at - HEADER_SIZE) / 4));
        assert_eq!(
            (layout.tag, layout.size, references),
            (ctor.tag, ctor.size(), ctor.references()),
            "{}",
            ctor.name
        );
    }
}
