//! Calls of library functions that are written in Vera or read formats, and claims
//! about maps, sets and arrays.

use super::types::Ty;
use super::{Gen, Needs};

impl Gen {
    /// A call of such a function with a result of the type; `None` where there is none.
    pub(super) fn library_call(&mut self, ty: &Ty, d: usize) -> Option<String> {
        Some(match ty {
            Ty::Int => self.library_int(d),
            Ty::Nat => self.library_nat(d),
            Ty::Bool => self.library_bool(d),
            Ty::Float => {
                let which = self.rng.pick(&["float_min", "float_max"]);
                let a = format!("float_abs({})", self.expr(&Ty::Float, d));
                format!("{which}({a}, {})", self.expr(&Ty::Float, d))
            }
            Ty::Str => self.library_string(d),
            Ty::Array(of) => self.library_array(of, d),
            Ty::Option(of) => self.library_option(of, d)?,
            Ty::Result(of, error) => self.library_result(of, error, d),
            Ty::Map(k, v) => self.library_map(k, v, d),
            Ty::Set(_) => {
                let which = self.rng.pick(&["set_union", "set_intersection", "set_difference"]);
                format!("{which}({}, {})", self.expr(ty, d), self.expr(ty, d))
            }
            Ty::Byte
            | Ty::Small
            | Ty::Refined(_)
            | Ty::Tuple(_)
            | Ty::Data(..)
            | Ty::Fn(_)
            | Ty::Param(_) => return None,
        })
    }

    fn library_int(&mut self, d: usize) -> String {
        match self.rng.below(9) {
            0 => format!("array_sum({})", self.expr(&Ty::array(Ty::Int), d)),
            1 => format!("date_weekday({})", self.expr(&Ty::Int, d)),
            2 => {
                let (k, v) = (self.key(), self.ty(1));
                let map = self.expr(&Ty::Map(Box::new(k.clone()), Box::new(v.clone())), d);
                let start = self.expr(&Ty::Int, d);
                let step = self.lambda(&[Ty::Int, k, v], &Ty::Int, Vec::new(), d.min(2));
                format!("map_fold({map}, {start}, {step})")
            }
            3 => {
                let (a, b) = (Ty::array(self.ty(1)), Ty::array(self.ty(1)));
                format!("array_length(array_zip({}, {}))", self.expr(&a, d), self.expr(&b, d))
            }
            4 => {
                let of = self.ty(1);
                let n = self.rng.below(4) + usize::from(self.rng.chance(95));
                let items = self.expr(&Ty::array(of), d);
                format!("array_length(array_chunks({items}, {n}))")
            }
            5 => {
                let set = Ty::Set(Box::new(self.key()));
                let which = self.rng.pick(&["set_union", "set_intersection", "set_difference"]);
                format!("set_size({which}({}, {}))", self.expr(&set, d), self.expr(&set, d))
            }
            6 => {
                let text = self.rng.pick(&["2024-02-29", "1970-01-02", "2023-02-29", "x"]);
                format!(
                    "option_unwrap_or(result_to_option(date_parse(\"{text}\")), {})",
                    self.expr(&Ty::Int, d)
                )
            }
            7 => format!("array_length({})", self.csv(d)),
            _ => format!(
                "option_unwrap_or({}, {})",
                self.checked_arithmetic(d),
                self.expr(&Ty::Int, d)
            ),
        }
    }

    fn library_nat(&mut self, d: usize) -> String {
        match self.rng.below(4) {
            0 => format!("string_codepoint_length({})", self.expr(&Ty::Str, d)),
            1 => {
                let at = self.library_index(d);
                format!("option_unwrap_or({at}, {})", self.expr(&Ty::Nat, d))
            }
            _ => {
                let which = self.rng.pick(&["nat_min", "nat_max"]);
                format!("{which}({}, {})", self.expr(&Ty::Nat, d), self.expr(&Ty::Nat, d))
            }
        }
    }

    fn library_bool(&mut self, d: usize) -> String {
        if self.rng.chance(40)
            && let Some(test) = self.about_collection()
        {
            return test;
        }
        match self.rng.below(6) {
            0 => {
                let value = self.ty(1);
                format!("option_is_some({})", self.expr(&Ty::option(value), d))
            }
            1 => {
                let ty = Ty::Result(Box::new(self.ty(1)), Box::new(self.ty(1)));
                format!("result_is_ok({})", self.expr(&ty, d))
            }
            2 => {
                let of = self.argument(Needs::Equality);
                let items = self.expr(&Ty::array(of.clone()), d);
                format!("array_contains({items}, {})", self.expr(&of, d))
            }
            3 => {
                let set = Ty::Set(Box::new(self.key()));
                format!("set_is_subset({}, {})", self.expr(&set, d), self.expr(&set, d))
            }
            4 => format!("year_is_leap({})", self.expr(&Ty::Int, d)),
            _ => {
                format!("constant_time_eq({}, {})", self.expr(&Ty::Str, d), self.expr(&Ty::Str, d))
            }
        }
    }

    fn library_string(&mut self, d: usize) -> String {
        match self.rng.below(7) {
            0 => format!("hex_encode({})", self.expr(&Ty::Str, d)),
            1 => format!("string_slice(sha256({}), 0, 9)", self.expr(&Ty::Str, d)),
            2 => format!(
                "string_slice(hmac_sha256({}, {}), 3, 9)",
                self.expr(&Ty::Str, d),
                self.expr(&Ty::Str, d)
            ),
            3 => format!(
                "option_unwrap_or(string_from_codepoint({}), {})",
                self.expr(&Ty::Nat, d),
                self.expr(&Ty::Str, d)
            ),
            4 => {
                let date = self.date(d);
                format!("option_unwrap_or(date_to_string({date}), {})", self.expr(&Ty::Str, d))
            }
            5 => format!("csv_write({})", self.expr(&Ty::array(Ty::array(Ty::Str)), d)),
            _ => format!(
                "option_unwrap_or(result_to_option(hex_decode({})), {})",
                self.expr(&Ty::Str, d),
                self.expr(&Ty::Str, d)
            ),
        }
    }

    fn library_array(&mut self, of: &Ty, d: usize) -> String {
        let whole = Ty::array(of.clone());
        let special = match of {
            Ty::Array(t) if **t == Ty::Str && self.rng.chance(40) => Some(self.csv(d)),
            Ty::Array(t) => {
                let items = self.expr(&Ty::Array(t.clone()), d);
                let n = self.rng.below(3) + usize::from(self.rng.chance(95));
                Some(format!("array_chunks({items}, {n})"))
            }
            Ty::Tuple(parts) if parts.len() == 2 => {
                let (a, b) = (Ty::array(parts[0].clone()), Ty::array(parts[1].clone()));
                Some(format!("array_zip({}, {})", self.expr(&a, d), self.expr(&b, d)))
            }
            Ty::Nat if self.rng.chance(50) => Some(match self.rng.chance(50) {
                true => format!("string_codepoints({})", self.expr(&Ty::Str, d)),
                false => format!(
                    "string_find_all({}, {})",
                    self.expr(&Ty::Str, d),
                    self.expr(&Ty::Str, 0)
                ),
            }),
            Ty::Str if self.rng.chance(40) => {
                Some(format!("string_lines({})", self.expr(&Ty::Str, d)))
            }
            _ => None,
        };
        if let Some(special) = special.filter(|_| self.rng.chance(60)) {
            return special;
        }
        let items = self.expr(&whole, d);
        match self.rng.below(6) {
            0 if is_ordered(of) => format!("array_sort({items})"),
            0 | 1 => {
                let which = self.rng.pick(&["array_take", "array_drop"]);
                format!("{which}({items}, {})", self.expr(&Ty::Nat, d))
            }
            2 => {
                let step = self.lambda(std::slice::from_ref(of), of, Vec::new(), d.min(2));
                self.at_an_index(&whole, &items, |at, items| {
                    format!("array_update({items}, {at}, {step})")
                })
            }
            _ => {
                let item = self.expr(of, d);
                self.at_an_index(&whole, &items, |at, items| {
                    format!("array_set({items}, {at}, {item})")
                })
            }
        }
    }

    /// A change of an array where it has an index, mostly; else the array.
    fn at_an_index(
        &mut self,
        whole: &Ty,
        items: &str,
        change: impl FnOnce(usize, &str) -> String,
    ) -> String {
        let at = self.rng.below(3);
        if self.rng.chance(5) {
            return change(at, items);
        }
        // The change is written where nothing is bound that is not bound here.
        let length = self.typed(whole, items);
        format!(
            "if array_length({length}) > {at} then {{ {} }} else {{ {items} }}",
            change(at, items)
        )
    }

    fn library_option(&mut self, of: &Ty, d: usize) -> Option<String> {
        let whole = Ty::array(of.clone());
        Some(match self.rng.below(6) {
            0 if is_ordered(of) => {
                let which = self.rng.pick(&["array_min", "array_max"]);
                format!("{which}({})", self.expr(&whole, d))
            }
            1 => {
                let option = Ty::option(of.clone());
                format!("option_or_else({}, {})", self.expr(&option, d), self.expr(&option, d))
            }
            2 => {
                let ty = Ty::Result(Box::new(of.clone()), Box::new(self.ty(1)));
                format!("result_to_option({})", self.expr(&ty, d))
            }
            3 | 4 if *of == Ty::Int => match self.rng.below(3) {
                0 => format!("date_add_months({}, {})", self.date(d), self.expr(&Ty::Int, d)),
                1 => format!(
                    "date_from_parts({}, {}, {})",
                    self.rng.pick(&["2024", "1900", "0", "10000"]),
                    self.expr(&Ty::Nat, d),
                    self.expr(&Ty::Nat, d)
                ),
                _ => self.checked_arithmetic(d),
            },
            3 if *of == Ty::Nat => self.library_index(d),
            3 if *of == Ty::Str => format!("date_to_string({})", self.date(d)),
            3 if *of == Ty::Tuple(vec![Ty::Int, Ty::Int, Ty::Int]) => {
                format!("date_parts({})", self.date(d))
            }
            _ => format!("array_get({}, {})", self.expr(&whole, d), self.expr(&Ty::Int, d)),
        })
    }

    fn library_result(&mut self, of: &Ty, error: &Ty, d: usize) -> String {
        let result =
            |of: &Ty, error: &Ty| Ty::Result(Box::new(of.clone()), Box::new(error.clone()));
        let from = self.ty(1);
        match self.rng.below(3) {
            0 => format!(
                "option_to_result({}, {})",
                self.expr(&Ty::option(of.clone()), d),
                self.expr(error, d)
            ),
            1 => {
                let value = self.expr(&result(&from, error), d);
                let ty = result(of, error);
                let next = self.lambda(&[from], &ty, Vec::new(), d.min(2));
                format!("result_and_then({value}, {next})")
            }
            _ => {
                let value = self.expr(&result(of, &from), d);
                let next = self.lambda(&[from], error, Vec::new(), d.min(2));
                format!("result_map_err({value}, {next})")
            }
        }
    }

    fn library_map(&mut self, k: &Ty, v: &Ty, d: usize) -> String {
        let pair = Ty::Tuple(vec![k.clone(), v.clone()]);
        let whole = Ty::Map(Box::new(k.clone()), Box::new(v.clone()));
        match self.rng.below(3) {
            0 => format!("map_from_entries({})", self.expr(&Ty::array(pair), d)),
            1 => format!("map_from_entries(map_entries({}))", self.expr(&whole, d)),
            _ => {
                let (map, key) = (self.expr(&whole, d), self.expr(k, d));
                let step = self.lambda(&[Ty::option(v.clone())], v, Vec::new(), d.min(2));
                format!("map_update({map}, {key}, {step})")
            }
        }
    }

    fn library_index(&mut self, d: usize) -> String {
        let of = self.ty(1);
        let items = self.expr(&Ty::array(of.clone()), d);
        let test = self.lambda(&[of], &Ty::Bool, Vec::new(), d.min(2));
        format!("array_find_index({items}, {test})")
    }

    fn checked_arithmetic(&mut self, d: usize) -> String {
        let which = self.rng.pick(&["checked_add", "checked_sub", "checked_mul"]);
        format!("{which}({}, {})", self.expr(&Ty::Int, d), self.expr(&Ty::Int, d))
    }

    /// A number that is mostly a date's.
    fn date(&mut self, d: usize) -> String {
        let start = self.rng.pick(&["19782", "0", "(-719528)", "2932896"]);
        match self.rng.chance(70) {
            true => format!("({start} + {})", self.expr(&Ty::Small, d)),
            false => self.expr(&Ty::Int, d),
        }
    }

    /// Records that are written and read again, or read from any text.
    fn csv(&mut self, d: usize) -> String {
        let records = Ty::array(Ty::array(Ty::Str));
        let text = match self.rng.chance(60) {
            true => format!("csv_write({})", self.expr(&records, d)),
            false => self.expr(&Ty::Str, d),
        };
        format!("option_unwrap_or(result_to_option(csv_parse({text})), {})", self.expr(&records, 0))
    }

    /// A test of a map, set, array or text in scope.
    pub(super) fn about_collection(&mut self) -> Option<String> {
        let is_one = |t: &Ty| matches!(t, Ty::Map(..) | Ty::Set(_) | Ty::Array(_) | Ty::Str);
        let all: Vec<usize> = (0..self.scope.len()).filter(|at| is_one(&self.scope[*at])).collect();
        if all.is_empty() {
            return None;
        }
        let at = self.rng.pick(&all);
        let (slot, ty) = (self.slot(at), self.scope[at].clone());
        let like: Vec<usize> = all.into_iter().filter(|b| self.scope[*b] == ty).collect();
        let other = self.rng.pick(&like);
        let other = self.slot(other);
        let (op, n) = (self.rng.pick(&["<", "<=", "==", ">", "!="]), self.rng.below(4));
        Some(match ty {
            Ty::Map(k, v) => match self.rng.below(5) {
                0 => format!("(map_size({slot}) {op} {n})"),
                1 => format!("(map_size({slot}) {op} map_size({other}))"),
                2 => {
                    let key = self.leaf(&k, 0);
                    let with = format!("map_insert({slot}, {key}, {})", self.leaf(&v, 0));
                    format!("(map_size({with}) {op} map_size({slot}))")
                }
                3 => {
                    let key = self.leaf(&k, 0);
                    format!(
                        "(option_is_some(map_get({slot}, {key})) == map_contains({other}, {key}))"
                    )
                }
                _ => format!("map_contains({slot}, {})", self.leaf(&k, 0)),
            },
            Ty::Set(k) => match self.rng.below(5) {
                0 => format!("(set_size({slot}) {op} {n})"),
                1 => format!("(set_size({slot}) {op} set_size({other}))"),
                2 => {
                    let which = self.rng.pick(&["set_add", "set_remove"]);
                    format!(
                        "(set_size({which}({slot}, {})) {op} set_size({slot}))",
                        self.leaf(&k, 0)
                    )
                }
                3 => format!("set_is_subset({slot}, {other})"),
                _ => format!("set_contains({slot}, {})", self.leaf(&k, 0)),
            },
            Ty::Array(_) => format!("(array_length({slot}) {op} array_length({other}))"),
            _ => match self.rng.chance(50) {
                true => format!("(string_length({slot}) {op} {n})"),
                false => format!(
                    "(string_length(string_concat({slot}, {other})) {op} string_length({other}))"
                ),
            },
        })
    }
}

/// Whether `compare` tells values of the type apart without more.
fn is_ordered(ty: &Ty) -> bool {
    matches!(ty, Ty::Int | Ty::Nat | Ty::Byte | Ty::Float | Ty::Str)
}
