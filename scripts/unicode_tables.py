#!/usr/bin/env python3
"""Writes crates/vera-data/src/regex/unicode/tables.rs from Python's unicodedata.

    python3 scripts/unicode_tables.py > crates/vera-data/src/regex/unicode/tables.rs

Three tables, as byte strings of varints (7 bits a byte, least significant
first, high bit: more follows):

CATEGORIES  runs that cover all code points from 0 on. One run is a varint
            `length << 5 | category`; category 31 is an alternation of
            upper case and lower case letters, one each, starting with upper.
LOWER       simple lower case mapping: `gap, length << 1 | step2, zigzag delta`:
            after `gap` characters come `length` ones, each or every second one,
            whose lower case is `delta` further.
SCRIPTS     per script, in the order of SCRIPT_NAMES: `count`, then `gap, length`.

unicodedata has no scripts; they are told from the names and places of the
characters, checked against Scripts.txt as the crate regex-syntax has it.
"""
import sys
import unicodedata as ud
import _sre
from re._casefix import _EXTRA_CASES

CATS = ["Cn", "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No",
        "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So",
        "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co"]
END = 0x110000


def varint(n):
    out = bytearray()
    while n >= 128:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


def categories():
    cats = [ud.category(chr(c)) for c in range(END)]
    out = bytearray()
    c = 0
    while c < END:
        n = 0
        while c + n + 1 < END and cats[c + n] == "Lu" and cats[c + n + 1] == "Ll":
            n += 2
        if n >= 4:
            out += varint((n // 2) << 5 | 31)
            c += n
            continue
        n = 1
        while c + n < END and cats[c + n] == cats[c]:
            n += 1
        if cats[c] == "Lu" and n > 1 and c + n + 2 < END and cats[c + n] == "Ll" and cats[c + n + 1] == "Lu":
            n -= 1
        out += varint(n << 5 | CATS.index(cats[c]))
        c += n
    return bytes(out)


def lower():
    pairs = [(c, _sre.unicode_tolower(c)) for c in range(END)]
    pairs = [(a, b - a) for a, b in pairs if a != b]
    out = bytearray()
    i, at = 0, 0
    while i < len(pairs):
        best = (1, 1)
        for step in (1, 2):
            n = 1
            while (i + n < len(pairs) and pairs[i + n][0] == pairs[i][0] + n * step
                   and pairs[i + n][1] == pairs[i][1]):
                n += 1
            if n > best[0]:
                best = (n, step)
        n, step = best
        a, d = pairs[i]
        out += varint(a - at) + varint(n << 1 | (step == 2)) + varint(d << 1 if d >= 0 else (-d << 1) - 1)
        at = a + (n - 1) * step + 1
        i += n
    return bytes(out)


def extra():
    """Lower case letters that match each other, as groups."""
    groups = {tuple(sorted((k, *v))) for k, v in _EXTRA_CASES.items()}
    return sorted(groups)


def script_of(c):
    ch = chr(c)
    name = ud.name(ch, "")
    cat = ud.category(ch)
    if c in (0x342, 0x345, 0x374):
        return None
    if c in (0xA673, 0xA67E):
        return "Cyrillic"
    if c in (0x16FE2, 0x16FE3, 0x16FF0, 0x16FF1):
        return "Han"
    if c in (0x212A, 0x212B, 0x2132, 0x214E, 0xAA, 0xBA) or 0x2160 <= c <= 0x2188:
        return "Latin"
    if c == 0x2126 or c == 0xAB65:
        return "Greek"
    if c in (0x3005, 0x3007, 0x303B) or 0x2E80 <= c <= 0x2FD5 and cat == "So" or 0x3021 <= c <= 0x3029 or 0x3038 <= c <= 0x303A:
        return "Han"
    if name.startswith(("CJK UNIFIED", "CJK COMPATIBILITY IDEOGRAPH")):
        return "Han"
    if c in (0x1F200,):
        return "Hiragana"
    if c in (0x30FC, 0xFF70, 0x30FB, 0x30A0, 0xFF65, 0xFF9E, 0xFF9F, 0x3099, 0x309A, 0x309B, 0x309C):
        return None
    if 0x32D0 <= c <= 0x3357 and c != 0x32FF:
        return "Katakana"
    if 0xFB1D <= c <= 0xFB4F and name or 0x591 <= c <= 0x5F4 and name.startswith("HEBREW"):
        return "Hebrew"
    if 0xE01 <= c <= 0xE5B and name.startswith("THAI") and c != 0xE3F:
        return "Thai"
    if c in (0x964, 0x965, 0x951, 0x952, 0x953, 0x954):
        return None
    if 0x900 <= c <= 0x97F or 0xA8E0 <= c <= 0xA8FF or 0x11B00 <= c <= 0x11B09:
        return "Devanagari"
    if (0x600 <= c <= 0x604 or 0x606 <= c <= 0x6FF or 0x750 <= c <= 0x77F or 0x870 <= c <= 0x8FF
            or 0xFB50 <= c <= 0xFDFF or 0xFE70 <= c <= 0xFEFC or 0x10E60 <= c <= 0x10E7E
            or 0x1EE00 <= c <= 0x1EEF1):
        if not name or c in (0x60C, 0x61B, 0x61F, 0x640, 0x670, 0x6DD, 0x8E2, 0xFD3E, 0xFD3F) or 0x64B <= c <= 0x655:
            return None
        return "Arabic"
    if 0x1D165 <= c <= 0x1D245 and not 0x1D200 <= c:
        return None
    if 0x1D200 <= c <= 0x1D245 or 0x10140 <= c <= 0x1018E or c == 0x101A0:
        return "Greek"
    if cat[0] not in "LM" and not (0x370 <= c <= 0x3FF or 0x1F00 <= c <= 0x1FFE or 0x400 <= c <= 0x52F):
        return None
    if 0x1D400 <= c <= 0x1D7FF or c in (0x37E, 0x385, 0x387):
        return None
    if 0x370 <= c <= 0x3FF and name.startswith("COPTIC"):
        return None
    if 0x370 <= c <= 0x3FF or 0x1F00 <= c <= 0x1FFE and name:
        return "Greek" if name else None
    if 0x1D26 <= c <= 0x1D2A or 0x1D5D <= c <= 0x1D61 or 0x1D66 <= c <= 0x1D6A or c == 0x1DBF:
        return "Greek"
    if c in (0x485, 0x486):
        return None
    if (name.startswith("CYRILLIC") or 0x400 <= c <= 0x52F or c in (0x1D2B, 0x1D78)
            or 0x2DE0 <= c <= 0x2DFF or 0xA640 <= c <= 0xA69F or 0xFE2E <= c <= 0xFE2F):
        return "Cyrillic"
    if name.startswith(("HIRAGANA", "HENTAIGANA")):
        return "Hiragana"
    if name.startswith(("KATAKANA", "HALFWIDTH KATAKANA")):
        return "Katakana"
    if (name.startswith(("LATIN", "FULLWIDTH LATIN", "MODIFIER LETTER SMALL", "MODIFIER LETTER CAPITAL",
                         "SUPERSCRIPT LATIN"))
            and cat[0] == "L" or 0x2B0 <= c <= 0x2B8 or 0x2E0 <= c <= 0x2E4 or c in (0x2071, 0x207F)
            or 0x2090 <= c <= 0x209C or 0x1D00 <= c <= 0x1DBE or 0xAB30 <= c <= 0xAB64 and cat[0] == "L"
            or 0xA722 <= c <= 0xA7FF and cat[0] == "L" and c != 0xA788 or 0xAB66 <= c <= 0xAB69
            or 0x10780 <= c <= 0x107BA):
        return "Latin"
    return None


NAMES = ["Latin", "Greek", "Cyrillic", "Han", "Hiragana", "Katakana", "Arabic", "Hebrew", "Thai", "Devanagari"]


def scripts():
    ranges = {n: [] for n in NAMES}
    for c in range(END):
        s = script_of(c)
        if s and ud.category(chr(c)) != "Cn":
            r = ranges[s]
            if r and r[-1][1] == c - 1:
                r[-1][1] = c
            else:
                r.append([c, c])
    out = bytearray()
    for n in NAMES:
        out += varint(len(ranges[n]))
        at = 0
        for lo, hi in ranges[n]:
            out += varint(lo - at) + varint(hi - lo)
            at = hi + 1
    return bytes(out)


def emit(name, doc, data):
    print(f"\n/// {doc}\n#[rustfmt::skip]\npub(super) static {name}: [u8; {len(data)}] = [")
    for i in range(0, len(data), 24):
        print("    " + ",".join(map(str, data[i:i + 24])) + ",")
    print("];")


print(f"//! Unicode {ud.unidata_version}. Written by scripts/unicode_tables.py, which explains the formats.")
emit("CATEGORIES", "General category of every code point, as runs.", categories())
emit("LOWER", "Simple lower case mapping, as runs.", lower())
emit("SCRIPTS", "Ranges of the scripts in the order of [`SCRIPT_NAMES`].", scripts())
names = ", ".join(f'b"{n}"' for n in NAMES)
print(f"\n/// The scripts that `\\\\p{{…}}` knows.".replace("\\\\", "\\"))
print(f"#[rustfmt::skip]\npub(super) static SCRIPT_NAMES: [&[u8]; {len(NAMES)}] = [{names}];")
names = ", ".join(f'b"{n}"' for n in CATS)
print(f"\n/// The categories in the order of their numbers in [`CATEGORIES`].")
print(f"#[rustfmt::skip]\npub(super) static CATEGORY_NAMES: [&[u8; 2]; {len(CATS)}] = [{names}];")
ex = extra()
print("\n/// Lower case letters that match one another when case is ignored (0: no third one).")
print(f"#[rustfmt::skip]\npub(super) static SIBLINGS: [[u32; 3]; {len(ex)}] = [")
for g in ex:
    g = list(g) + [0] * (3 - len(g))
    print("    [" + ", ".join(f"0x{x:x}" for x in g) + "],")
print("];")
