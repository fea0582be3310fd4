//! The small language the table writes its types in: the type grammar of Vera
//! without refinements.

/// A parsed signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    pub type_params: Vec<&'static str>,
    pub params: Vec<Type>,
    pub ret: Type,
}

/// A type in a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// `type_params[i]`
    Param(usize),
    Named(&'static str, Vec<Type>),
    /// A pure function.
    Fn(Vec<Type>, Box<Type>),
}

impl Signature {
    /// A type of the signature, as programs write it.
    pub fn shown(&self, ty: &Type) -> String {
        let list = |types: &[Type]| {
            let shown: Vec<String> = types.iter().map(|ty| self.shown(ty)).collect();
            shown.join(", ")
        };
        match ty {
            Type::Param(index) => self.type_params[*index].to_owned(),
            Type::Named(name, args) if args.is_empty() => (*name).to_owned(),
            Type::Named(name, args) => format!("{name}<{}>", list(args)),
            Type::Fn(params, ret) => {
                format!("fn({} -> {}) effects(pure)", list(params), self.shown(ret))
            }
        }
    }
}

/// Parses a table entry. The table is constant and covered by a test, so a
/// malformed entry is a bug.
pub fn parse(text: &'static str) -> Signature {
    let mut p = Parser { rest: text, type_params: Vec::new() };
    if p.eat("forall<") {
        loop {
            let name = p.word();
            p.type_params.push(name);
            if !p.eat(",") {
                break;
            }
        }
        if p.eat("where") {
            p.constraints();
        }
        p.expect(">");
    }
    let (params, ret) = p.arrow();
    assert!(p.rest.trim().is_empty(), "trailing text in signature `{text}`");
    Signature { type_params: p.type_params, params, ret }
}

struct Parser {
    rest: &'static str,
    type_params: Vec<&'static str>,
}

impl Parser {
    fn eat(&mut self, token: &str) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, token: &str) {
        assert!(self.eat(token), "expected `{token}` at `{}`", self.rest);
    }

    fn word(&mut self) -> &'static str {
        self.rest = self.rest.trim_start();
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        assert!(!word.is_empty(), "expected a name at `{rest}`");
        self.rest = rest;
        word
    }

    /// `Eq<T>, Ord<U>`: the declaration in the prelude says it again.
    fn constraints(&mut self) {
        loop {
            self.word();
            self.expect("<");
            self.word();
            self.expect(">");
            if !self.eat(",") {
                return;
            }
        }
    }

    /// `(A, B -> C)`
    fn arrow(&mut self) -> (Vec<Type>, Type) {
        self.expect("(");
        let mut params = Vec::new();
        while !self.eat("->") {
            params.push(self.ty());
            self.eat(",");
        }
        let ret = self.ty();
        self.expect(")");
        (params, ret)
    }

    fn ty(&mut self) -> Type {
        let name = self.word();
        if name == "fn" {
            let (params, ret) = self.arrow();
            self.expect("effects(pure)");
            return Type::Fn(params, Box::new(ret));
        }
        if let Some(index) = self.type_params.iter().position(|p| *p == name) {
            return Type::Param(index);
        }
        let mut args = Vec::new();
        if self.eat("<") {
            loop {
                args.push(self.ty());
                if !self.eat(",") {
                    break;
                }
            }
            self.expect(">");
        }
        Type::Named(name, args)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_of_the_table_parses() {
        for function in crate::FUNCTIONS {
            parse(function.signature);
        }
        for effect in crate::EFFECTS {
            for op in effect.ops {
                op.signature(effect);
            }
        }
    }

    #[test]
    fn the_parts_of_a_generic_signature() {
        let s = parse("forall<A, B> (Array<A>, fn(A -> B) effects(pure) -> Array<B>)");
        assert_eq!(s.type_params, ["A", "B"]);
        assert_eq!(
            s.params,
            [
                Type::Named("Array", vec![Type::Param(0)]),
                Type::Fn(vec![Type::Param(0)], Box::new(Type::Param(1)))
            ]
        );
        assert_eq!(s.ret, Type::Named("Array", vec![Type::Param(1)]));
        assert_eq!(s.shown(&s.ret), "Array<B>");
        assert_eq!(s.shown(&s.params[1]), "fn(A -> B) effects(pure)");
    }

    #[test]
    fn the_table_is_sorted_by_name() {
        assert_eq!(crate::FUNCTIONS.len(), 248);
        assert!(crate::FUNCTIONS.windows(2).all(|w| w[0].name < w[1].name));
    }
}
