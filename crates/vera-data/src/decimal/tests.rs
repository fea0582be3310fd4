//! The rules of chapter 13.3. `scripts/compare_decimal.py` compares with Python.

use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use core::cmp::Ordering::{self, Equal, Greater, Less};

use proptest::prelude::*;

use super::*;

#[track_caller]
fn number(text: &str) -> Decimal {
    match text {
        "NaN" | "Infinity" | "-Infinity" => Decimal::from_float(text.parse().expect("a float")),
        _ => Decimal::from_text(text.as_bytes()).expect("a decimal"),
    }
}

fn show(number: &Decimal) -> String {
    let back = Decimal::from_bytes(&number.to_bytes()).expect("bytes come back");
    let text = |number: &Decimal| String::from_utf8(number.to_text()).expect("ASCII");
    assert_eq!(text(&back), text(number));
    text(number)
}

#[track_caller]
fn shows(number: Decimal, text: &str) {
    assert_eq!(show(&number), text);
}

fn add(a: &str, b: &str) -> Decimal {
    number(a).add(&number(b)).expect("defined")
}

fn sub(a: &str, b: &str) -> Decimal {
    number(a).sub(&number(b)).expect("defined")
}

fn mul(a: &str, b: &str) -> Decimal {
    number(a).mul(&number(b)).expect("defined")
}

fn div(a: &str, b: &str) -> Decimal {
    number(a).div(&number(b)).expect("defined").expect("no zero")
}

fn compare(a: &str, b: &str) -> Ordering {
    let order = number(a).compare(&number(b)).expect("ordered");
    assert_eq!(number(b).compare(&number(a)), Ok(order.reverse()));
    assert_eq!(number(a).equals(&number(b)), order == Equal);
    let canonical = |text| number(text).canonical().to_bytes().to_vec();
    assert_eq!(canonical(a) == canonical(b), order == Equal);
    order
}

fn nearest(text: &[u8]) -> f64 {
    core::str::from_utf8(text).expect("ASCII").parse().expect("a float")
}

#[test]
fn texts_read() {
    let long = "123456789".repeat(12);
    for (text, shown) in [
        ("-0", "-0"),
        ("+1", "1"),
        ("00012.500", "12.500"),
        ("1.", "1"),
        (".5", "0.5"),
        ("0e5", "0E+5"),
        ("0.00e3", "0E+1"),
        ("\t\n\x0b\x0c\r 1 \r\x0c\x0b\n\t", "1"),
        ("1E+000000000999999", "1E+999999"),
        ("1e-999999", "1E-999999"),
        ("0.000001", "0.000001"),
        ("-0.0005", "-0.0005"),
        ("0.00", "0.00"),
        ("0.0000001", "1E-7"),
        ("1e5", "1E+5"),
        ("1.5e5", "1.5E+5"),
        ("123e-2", "1.23"),
        (&long, &long),
        (&format!("-0.{long}"), &format!("-0.{long}")),
        (&format!("000{}.{}", "9".repeat(38), "0"), &format!("{}.0", "9".repeat(38))),
    ] {
        shows(number(text), shown);
    }
    for text in [
        "",
        " ",
        ".",
        "-",
        "+-1",
        "1e",
        "1e+",
        "e5",
        ".e5",
        "1.2.3",
        "NaN",
        "Infinity",
        "inf",
        "1_000",
        "0x1",
        "1e1000000",
        "1e-1000000",
        "1e99999999999999999999",
        "1 2",
        "- 1",
        "\u{a0}1",
        "\x1f1",
        "١",
        "1\0",
    ] {
        assert!(Decimal::from_text(text.as_bytes()).is_none(), "{text:?}");
    }
}

#[test]
fn from_machine_numbers() {
    shows(Decimal::from_int(0), "0");
    shows(Decimal::from_int(i64::MIN), "-9223372036854775808");
    for (value, text) in [
        (100.0, "100.0"),
        (0.1, "0.1"),
        (0.0001, "0.0001"),
        (0.00001, "0.00001"),
        (1e-7, "1E-7"),
        (-0.0, "-0.0"),
        (0.0, "0.0"),
        (1e15, "1000000000000000.0"),
        (9999999999999998.0, "9999999999999998.0"),
        (1e16, "1E+16"),
        (123456789012345680.0, "1.2345678901234568E+17"),
        (5e-324, "5E-324"),
        (f64::NAN, "NaN"),
        (f64::INFINITY, "Infinity"),
        (f64::NEG_INFINITY, "-Infinity"),
    ] {
        shows(Decimal::from_float(value), text);
    }
}

#[test]
fn sums_and_products_keep_scale() {
    shows(add("0.1", "0.20"), "0.30");
    shows(sub("1.00", "1"), "0.00");
    shows(add("1e30", "1"), "1.000000000000000000000000000E+30");
    shows(sub("1e30", "1"), "1.000000000000000000000000000E+30");
    shows(sub("1e28", "1e-9"), "1.000000000000000000000000000E+28");
    shows(sub("1e27", "1"), "999999999999999999999999999");
    shows(add("1e999999", "1e-999999"), &format!("1.{}E+999999", "0".repeat(27)));
    shows(add("12345678901234567890123456785123456", "0"), "1.234567890123456789012345679E+34");
    shows(add("9999999999999999999999999999", "0.5"), "1.000000000000000000000000000E+28");
    shows(add("0e-3", "1e2"), "100.000");
    shows(mul("1.10", "2.0"), "2.200");
    shows(mul("1234567890123456789", "1234567890123456789"), "1.524157875323883675019051999E+36");
    shows(mul("1e999999", "1e999999"), "1E+1999998");
    let square = mul("1e999999", "1e999999").add(&number("1")).expect("defined");
    shows(square, "1.000000000000000000000000000E+1999998");
    let long = format!("1{}1", "0".repeat(60));
    shows(mul(&long, "5e-1"), "5.000000000000000000000000000E+60");
    shows(mul(&format!("{long}5"), &long), "1.000000000000000000000000000E+123");
    shows(sub(&long, &long), "0");
    shows(sub(&format!("1{}", "0".repeat(61)), &long), "-1");
}

#[test]
fn quotients() {
    for (a, b, result) in [
        ("10", "4", "2.5"),
        ("2.400", "2.0", "1.20"),
        ("100", "10", "10"),
        ("600", "2", "300"),
        ("6e2", "2", "3E+2"),
        ("0.00", "3", "0.00"),
        ("1e10", "1e-10", "1E+20"),
        ("1", "3", "0.3333333333333333333333333333"),
        ("2", "3", "0.6666666666666666666666666667"),
        ("-1", "8", "-0.125"),
        ("1", "1000000000000000000000000000000000000000000", "1E-42"),
        ("0", "-5", "-0"),
    ] {
        shows(div(a, b), result);
    }
    let long = "7".repeat(500);
    shows(div(&long, &long), "1");
    shows(div(&long, "7e499"), &format!("1.{}", "1".repeat(27)));
    for zero in ["0", "-0", "0.00", "0e99"] {
        for a in ["1", "0", "NaN", "Infinity"] {
            assert!(matches!(number(a).div(&number(zero)), Ok(None)), "{a} / {zero}");
        }
    }
}

#[test]
fn zeros_and_signs() {
    shows(number("0").neg(), "0");
    shows(number("-0.00").neg(), "0.00");
    shows(number("1.50").neg(), "-1.50");
    shows(number("12345678901234567890123456785").neg(), "-1.234567890123456789012345678E+28");
    shows(number("1e999999").mul(&number("1e9")).expect("defined").neg(), "-1E+1000008");
    shows(number("-0").abs(), "0");
    shows(number("-2.0").abs(), "2.0");
    shows(add("-0", "-0"), "-0");
    shows(add("-0", "0"), "0");
    shows(sub("0", "0"), "0");
    shows(sub("-0", "0"), "-0");
    shows(add("1", "-1"), "0");
    shows(mul("-1", "0"), "-0");
}

#[test]
fn rounding_to_places() {
    for (value, places, result) in [
        ("2.5", 0, "2"),
        ("3.5", 0, "4"),
        ("-2.5", 0, "-2"),
        ("0.5", 0, "0"),
        ("1.005", 2, "1.00"),
        ("1.015", 2, "1.02"),
        ("1.2", 4, "1.2000"),
        ("0", 2, "0.00"),
        ("0", 30, "0E-30"),
        ("1e5", 2, "100000.00"),
        ("1e5", -3, "100000"),
        ("99.995", 2, "100.00"),
        ("1", -28, "0E+1"),
        ("5e30", -30, "5.000000000000000000000000000E+30"),
        ("-0.4", 0, "-0"),
        ("123", 25, "123.0000000000000000000000000"),
        ("123", 26, "123"),
        ("1", 27, "1.000000000000000000000000000"),
        ("1", 28, "1"),
        ("1e30", 2, "1E+30"),
        ("1234.5", -2, "1234"),
        ("15", -1, "15"),
        ("1.5", -30, "0E+3"),
        ("123456789012345678901234567890", -5, "123456789012345678901234567890"),
        ("1.5", 1_000_000, "1.5"),
        ("1.5", i64::MIN, "1.5"),
        ("9999999999999999999999999999.5", 0, "9999999999999999999999999999.5"),
        ("1e-999999", 2, "0.00"),
        ("NaN", 2, "NaN"),
        ("-Infinity", 2, "-Infinity"),
    ] {
        shows(number(value).round(places), result);
    }
}

#[test]
fn order() {
    assert_eq!(compare("1.0", "1"), Equal);
    assert_eq!(compare("-0", "0e9"), Equal);
    assert_eq!(compare("1e3", "1000"), Equal);
    assert_eq!(compare("1e999999", "1"), Greater);
    assert_eq!(compare("-1e999999", "1e-999999"), Less);
    assert_eq!(compare("0", "1e-999999"), Less);
    assert_eq!(compare("-1.1", "-1.10000000000000000000000000000000000000000000001"), Greater);
    assert_eq!(compare(&format!("1.5{}", "0".repeat(99)), "15e-1"), Equal);
    assert_eq!(compare(&"9".repeat(77), "1e77"), Less);
    assert_eq!(compare(&format!("{}{}", "7".repeat(60), "0".repeat(60)), "7"), Greater);
    let long = "7".repeat(60);
    assert_eq!(compare(&format!("{long}{}", "0".repeat(60)), &format!("{long}e60")), Equal);
    assert_eq!(compare("Infinity", "1e999999"), Greater);
    assert_eq!(compare("-Infinity", "Infinity"), Less);
    assert_eq!(compare("Infinity", "Infinity"), Equal);
}

#[test]
fn to_doubles() {
    for (text, value) in [
        ("1e400", f64::INFINITY),
        ("-1e400", f64::NEG_INFINITY),
        ("1e-400", 0.0),
        ("-0.0", -0.0),
        ("9007199254740993", 9007199254740992.0),
        ("9007199254740993.00000000000000000000000000000000000000001", 9007199254740994.0),
        ("5e-324", 5e-324),
        ("2.4703282292062327e-324", 0.0),
        ("2.4703282292062328e-324", 5e-324),
        ("0.1", 0.1),
    ] {
        assert_eq!(number(text).to_float(nearest).to_bits(), value.to_bits(), "{text}");
    }
    assert!(number("NaN").to_float(nearest).is_nan());
}

#[test]
fn numbers_that_are_not_finite() {
    let [nan, infinity, one] = ["NaN", "Infinity", "1"].map(number);
    for result in [nan.add(&one), one.sub(&nan), nan.mul(&infinity), nan.mul(&number("0"))] {
        shows(result.expect("NaN goes through"), "NaN");
    }
    shows(nan.neg(), "NaN");
    shows(infinity.neg(), "-Infinity");
    shows(infinity.neg().abs(), "Infinity");
    shows(infinity.sub(&one).expect("defined"), "Infinity");
    shows(one.sub(&infinity).expect("defined"), "-Infinity");
    shows(number("-2").mul(&infinity).expect("defined"), "-Infinity");
    shows(one.div(&infinity.neg()).expect("defined").expect("no zero"), "-0");
    assert!(!nan.equals(&nan));
    assert_eq!(nan.compare(&one), Err(Undefined));
    assert!(infinity.sub(&infinity).is_err());
    assert!(infinity.add(&infinity.neg()).is_err());
    assert!(infinity.mul(&number("-0")).is_err());
    assert!(infinity.div(&infinity).is_err());
}

#[test]
fn exponents_end_somewhere() {
    let mut large = number("1e999999");
    let mut small = number("-1e-999999");
    let mut zero = number("0e-999999");
    for _ in 0..100 {
        large = large.mul(&large).expect("defined");
        small = small.mul(&small.abs()).expect("defined");
        zero = zero.mul(&zero).expect("defined");
    }
    shows(large, "Infinity");
    shows(small, &format!("-0E-{LIMIT}"));
    shows(zero, &format!("0E-{LIMIT}"));
}

#[test]
fn other_bytes_are_no_number() {
    for bytes in [&[][..], &[0; 15], &[0; 16], &[0; 31], &[9; 32], &[255; 32], &[0; 40]] {
        assert!(Decimal::from_bytes(bytes).is_none(), "{bytes:?}");
    }
}

#[test]
fn cost_does_not_depend_on_exponents() {
    let far = number("1e999999");
    let mut sum = number("1e-999999");
    for _ in 0..10_000 {
        sum = sum.add(&far).expect("defined");
        assert_eq!(sum.compare(&far), Ok(if sum.equals(&far) { Equal } else { Greater }));
    }
}

#[test]
fn long_coefficients_are_linear() {
    let long = "3".repeat(1_000_000);
    let (a, b) = (number(&long), number("1.5"));
    shows(a.add(&b).expect("defined"), &format!("3.{}E+999999", "3".repeat(27)));
    shows(a.div(&a).expect("defined").expect("no zero"), "1");
    shows(
        b.div(&a).expect("defined").expect("no zero"),
        &format!("4.5{}E-1000000", "0".repeat(26)),
    );
    assert_eq!(a.to_text(), long.as_bytes());
}

proptest! {
    #[test]
    fn integers_like_the_machine(a in -(1i128 << 62)..1 << 62, b in -(1i128 << 30)..1 << 30) {
        let [x, y] = [a, b].map(|n| number(&n.to_string()));
        prop_assert_eq!(show(&x.add(&y).expect("defined")), (a + b).to_string());
        prop_assert_eq!(show(&x.sub(&y).expect("defined")), (a - b).to_string());
        prop_assert_eq!(show(&x.mul(&y).expect("defined")), if a * b == 0 && (a < 0 || b < 0) {
            "-0".to_string()
        } else {
            (a * b).to_string()
        });
        prop_assert_eq!(x.compare(&y), Ok(a.cmp(&b)));
    }

    #[test]
    fn long_division_undoes_multiplication(
        a in "[1-9][0-9]{0,27}", b in "[1-9][0-9]{0,60}", c in "[0-9]{0,9}",
    ) {
        let limbs = |digits: &str| limbs::Limbs::from_digits(digits.as_bytes());
        let (a, b, c) = (limbs(&a), limbs(&b), limbs(&c));
        prop_assume!(c.compare(&b) == Less);
        let (quotient, rest) = a.multiply(&b).add(&c).divide(&b);
        prop_assert_eq!(quotient, a);
        prop_assert_eq!(rest, c.digits() != 0);
    }

    #[test]
    fn texts_come_back(text in "[1-9][0-9]{0,60}\\.[0-9]{1,40}") {
        prop_assert_eq!(show(&number(&text)), text);
    }

    #[test]
    fn any_bytes_are_a_number_or_none(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        if let Some(number) = Decimal::from_bytes(&bytes) {
            let _: Vec<u8> = number.add(&number).expect("one sign").to_text();
        }
    }
}
