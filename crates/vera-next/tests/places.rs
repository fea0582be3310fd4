//! What can continue single texts.

use vera_check::NoModules;
use vera_next::{Inside, Kind, Next, next};

const HEAD: &str = "private data Shape {\n  Dot,\n  Box(Int)\n}\n\npublic fn area(@Shape, @Int, @Bool -> @Int)\n  requires(true)\n  ensures(true)\n  effects(<IO>)\n{\n  ";

fn after(text: &str) -> Next {
    next(&format!("{HEAD}{text}"), &mut NoModules)
}

/// The tokens of a kind, with whether they fit.
fn of(found: &Next, kind: Kind) -> String {
    let items = found.tokens.iter().filter(|item| item.kind == kind);
    let said = |item: &vera_next::Item| {
        let fits = match item.fits {
            Some(true) => "+",
            Some(false) => "-",
            None => "",
        };
        format!("{}{fits}", item.text)
    };
    items.map(said).collect::<Vec<_>>().join(" ")
}

#[test]
fn slots_exist_and_fit() {
    assert_eq!(of(&after("@"), Kind::Slot), "Int+ Bool- Shape-");
    assert_eq!(of(&after("if @"), Kind::Slot), "Bool+ Int- Shape-");
    assert_eq!(of(&after("let @Int = 1;\n  @Int."), Kind::Index), "0+ 1+");
    assert_eq!(of(&after("@Bool."), Kind::Index), "0-");
    // No such binding.
    assert_eq!(
        after("@String.").tokens.iter().map(|i| i.text.as_str()).collect::<Vec<_>>(),
        ["result"]
    );
    // The result has a name in `ensures`.
    let head = "public fn f(@Bool -> @Int)\n  requires(true)\n  ensures(@";
    assert_eq!(of(&next(head, &mut NoModules), Kind::Slot), "Bool+ Int");
}

#[test]
fn names_are_those_that_exist() {
    let found = after("match @Shape.0 { ");
    let ctors = of(&found, Kind::Constructor);
    assert!(ctors.contains("Dot") && ctors.contains("Box"), "{ctors}");
    assert_eq!(of(&found, Kind::Class), "INT_LIT STRING_LIT UPPER_IDENT");
    let operations = of(&after("IO."), Kind::Operation);
    assert!(operations.contains("print") && operations.contains("read_line"), "{operations}");
    assert_eq!(of(&after("IO."), Kind::Class), "");
    assert_eq!(of(&after("handle[State<Int>](@Int = 0) { "), Kind::Operation), "get put");
    let effects = of(&after(""), Kind::Effect);
    assert!(effects.contains("IO") && !effects.contains("Http"), "{effects}");
    let functions = of(&after(""), Kind::Function);
    assert!(functions.starts_with("area+ "), "{functions}");
    assert_eq!(
        of(&after("Box("), Kind::Class),
        "INT_LIT+ FLOAT_LIT- LOWER_IDENT STRING_LIT- UPPER_IDENT"
    );
}

#[test]
fn what_is_declared_further_on_may_be_named() {
    let text = "private fn f(@Unit -> @Unit)\n  requires(true)\n  ensures(true)\n  effects(<Note>)\n{\n  Note.";
    assert_eq!(of(&next(text, &mut NoModules), Kind::Class), "LOWER_IDENT");
}

#[test]
fn a_token_that_is_begun_goes_on() {
    let found = after("@In");
    assert_eq!(found.partial, "In");
    assert_eq!(found.completes.iter().map(|i| i.text.as_str()).collect::<Vec<_>>(), ["Int"]);
    let found = after("@Int.0 =");
    assert_eq!(found.completes.iter().map(|i| i.text.as_str()).collect::<Vec<_>>(), ["==", "==>"]);
}

#[test]
fn what_is_no_token_is_told() {
    assert_eq!(after("-- a comm").inside, Some(Inside::Comment));
    assert_eq!(after("{- a").inside, Some(Inside::Comment));
    assert_eq!(after("\"a").inside, Some(Inside::Literal));
    assert_eq!(after("@Int.0 }").inside, None);
    assert!(after("@Int.0\n}\n").complete);
    let nothing = after(") ");
    assert_eq!((nothing.tokens.len(), nothing.complete), (0, false));
    let start = next("", &mut NoModules);
    assert!(start.complete);
    let words = "ability data effect fn forall import module private public type";
    assert_eq!(of(&start, Kind::Keyword), words);
}
