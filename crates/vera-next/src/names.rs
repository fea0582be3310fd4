//! The names that can stand at the end of a text.

use vera_builtins::{ABILITIES, FUNCTIONS, PRIMITIVES, RESERVED_TYPES};
use vera_check::typed::{ModuleId, Program, Visibility};
use vera_check::types::{Printer, Ty};
use vera_syntax::ast::Decl;
use vera_syntax::{Continuation, Role, Tok};

use crate::scene::Scene;
use crate::{Item, Kind};

/// Adds names, and the classes of those that may come later in the program, or are not
/// known.
pub fn add(scene: &Scene<'_>, after: Continuation, items: &mut Vec<Item>) {
    let has = |role| after.roles.contains(role);
    let (mut upper, mut lower, mut number) = (false, false, false);
    if has(Role::Operand) {
        functions(scene, items);
        constructors(scene, items);
        qualifiers(scene, items);
        // What is declared further down can be used here.
        (upper, lower, number) = (true, true, true);
    }
    if has(Role::Type) {
        types(scene, items);
        upper = true;
    }
    if has(Role::Slot) {
        upper |= !slots(scene, items);
    }
    if has(Role::Index) {
        number |= !indices(scene, items);
    }
    if has(Role::Constructor) {
        constructors(scene, items);
        (upper, number) = (true, true);
    }
    if has(Role::Effect) {
        effects(scene, items);
        upper = true;
    }
    if has(Role::Ability) {
        items.extend(ABILITIES.iter().map(|a| plain(a.name, Kind::Type)));
        upper = true;
    }
    if has(Role::Operation) {
        let qualifier = scene.context.qualifier();
        lower |= !qualifier.is_some_and(|effect| operations(scene, effect, items));
    }
    if has(Role::Clause) {
        let handled = scene.context.handled();
        lower |= !handled.is_some_and(|effect| operations(scene, &effect, items));
    }
    if has(Role::Member) {
        lower |= !members(scene, items);
    }
    let free = [Role::New, Role::TypeVariable, Role::Module, Role::Imported];
    if free.into_iter().any(has) {
        (upper, lower) = (true, true);
    }
    for (tok, open) in [
        (Tok::Upper, upper),
        (Tok::Lower, lower),
        (Tok::Int, number),
        (Tok::Float, true),
        (Tok::Str, true),
    ] {
        if open && after.tokens.contains(tok) {
            items.push(plain(tok.describe(), Kind::Class));
        }
    }
}

fn plain(text: &str, kind: Kind) -> Item {
    Item { text: text.to_owned(), kind, detail: None, fits: None }
}

/// Whether what a module declares can be named in the text.
fn visible(program: &Program, module: ModuleId, visibility: Visibility) -> bool {
    module == ModuleId(0) || visibility == Visibility::Public && !program.is_prelude(module)
}

fn functions(scene: &Scene<'_>, items: &mut Vec<Item>) {
    if let Some(program) = scene.program() {
        for f in program.fns.iter().filter(|f| visible(program, f.module, f.visibility)) {
            // In a generic function's result its own types stand.
            let fits = if f.type_params.is_empty() { scene.fits(f.ret) } else { None };
            let (text, detail) = (f.name.to_string(), Some(f.signature.clone()));
            items.push(Item { text, kind: Kind::Function, detail, fits });
        }
    }
    items.extend(FUNCTIONS.iter().map(|f| Item {
        text: f.name.to_owned(),
        kind: Kind::Function,
        detail: Some(f.signature.to_owned()),
        fits: None,
    }));
}

fn constructors(scene: &Scene<'_>, items: &mut Vec<Item>) {
    let Some(program) = scene.program() else { return };
    let printer = Printer::message(program);
    for data in &program.datas {
        for ctor in &data.ctors {
            let fields: Vec<String> = ctor.fields.iter().map(|ty| printer.ty(*ty)).collect();
            let fields =
                if fields.is_empty() { String::new() } else { format!("({})", fields.join(", ")) };
            items.push(Item {
                text: ctor.name.to_string(),
                kind: Kind::Constructor,
                detail: Some(format!("{}{fields}: {}", ctor.name, data.name)),
                fits: scene.builds(data),
            });
        }
    }
    items.push(plain("Tuple", Kind::Constructor));
}

/// Before `.operation`: the effects that can be performed there, and the abilities.
fn qualifiers(scene: &Scene<'_>, items: &mut Vec<Item>) {
    items.extend(scene.effects().iter().map(|name| plain(name, Kind::Effect)));
    items.extend(ABILITIES.iter().map(|ability| plain(ability.name, Kind::Effect)));
}

fn types(scene: &Scene<'_>, items: &mut Vec<Item>) {
    items.extend(PRIMITIVES.iter().chain(RESERVED_TYPES).map(|name| plain(name, Kind::Type)));
    if let Some(program) = scene.program() {
        items.extend(program.datas.iter().map(|data| plain(&data.name, Kind::Type)));
    }
    for decl in scene.tree().into_iter().flat_map(|tree| &tree.decls) {
        match &decl.decl {
            Decl::Alias(alias) => items.push(plain(&alias.name.text, Kind::Type)),
            Decl::Fn(f) => {
                let vars = f.forall.iter().flat_map(|forall| &forall.vars);
                items.extend(vars.map(|var| plain(&var.text, Kind::Type)));
            }
            Decl::Data(_) | Decl::Effect(_) | Decl::Ability(_) => {}
        }
    }
}

/// The heads of the slots in scope; whether these are all.
fn slots(scene: &Scene<'_>, items: &mut Vec<Item>) -> bool {
    let Some(slots) = &scene.slots else { return false };
    for slot in slots {
        let head = slot.name.split('<').next().unwrap_or_default();
        let known = items.iter_mut().find(|i| i.kind == Kind::Slot && i.text == head);
        match known {
            Some(item) if item.fits == Some(false) => item.fits = slot.fits,
            Some(_) => {}
            None => items.push(Item {
                text: head.to_owned(),
                kind: Kind::Slot,
                detail: Some(format!("@{}.{}: {}", slot.name, slot.index, slot.ty)),
                fits: slot.fits,
            }),
        }
    }
    items.extend(
        scene.result.iter().map(|head| Item {
            detail: Some(format!("@{head}.result")),
            ..plain(head, Kind::Slot)
        }),
    );
    true
}

/// The numbers of the slots that a reference begins with; whether these are all.
fn indices(scene: &Scene<'_>, items: &mut Vec<Item>) -> bool {
    let (Some(slots), Some((_, written))) = (&scene.slots, scene.context.reference()) else {
        return false;
    };
    let squeezed = |text: &str| text.replace(char::is_whitespace, "");
    let written = squeezed(written);
    let mut found = false;
    for slot in slots.iter().filter(|slot| squeezed(&slot.name) == written) {
        found = true;
        items.push(Item {
            text: slot.index.to_string(),
            kind: Kind::Index,
            detail: Some(slot.ty.clone()),
            fits: slot.fits,
        });
    }
    // Arguments of a type may be written through aliases.
    found || !written.contains('<')
}

fn effects(scene: &Scene<'_>, items: &mut Vec<Item>) {
    let Some(program) = scene.program() else { return };
    items.extend(program.effects.iter().map(|effect| plain(&effect.name, Kind::Effect)));
}

/// The operations of an effect or ability; whether it is known.
fn operations(scene: &Scene<'_>, effect: &str, items: &mut Vec<Item>) -> bool {
    let Some(program) = scene.program() else { return false };
    let printer = Printer::message(program);
    let mut known = false;
    for effect in program.effects.iter().filter(|e| e.name == effect) {
        // One that is named in a row and declared further on has none so far.
        known |= !effect.ops.is_empty();
        for op in &effect.ops {
            let params: Vec<String> = op.params.iter().map(|ty: &Ty| printer.ty(*ty)).collect();
            items.push(Item {
                text: op.name.to_string(),
                kind: Kind::Operation,
                detail: Some(format!("({} -> {})", params.join(", "), printer.ty(op.ret))),
                fits: None,
            });
        }
    }
    for ability in ABILITIES.iter().filter(|ability| ability.name == effect) {
        known = true;
        items.push(plain(ability.op, Kind::Operation));
    }
    known
}

/// The public functions of the module before `::`; whether it is known.
fn members(scene: &Scene<'_>, items: &mut Vec<Item>) -> bool {
    let (Some(program), Some(path)) = (scene.program(), scene.context.module()) else {
        return false;
    };
    let Some(module) = program.modules.iter().position(|m| m.path == path && !m.prelude) else {
        return false;
    };
    let module = ModuleId(module as u32);
    let public = program
        .fns
        .iter()
        .filter(|f| f.module == module && f.parent.is_none() && f.visibility == Visibility::Public);
    items.extend(
        public
            .map(|f| Item { detail: Some(f.signature.clone()), ..plain(&f.name, Kind::Function) }),
    );
    module != ModuleId(0)
}
