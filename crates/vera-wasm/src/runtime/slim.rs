//! A linked runtime without what only people read: names of functions and symbols. What is
//! left is taken apart to the same.

use wasm_encoder::{
    CustomSection, DataSymbolDefinition, LinkingSection, Module, RawSection, SymbolTable,
};
use wasmparser::{KnownCustom, Linking, Parser, Payload, Result, SymbolInfo};

/// The module without names.
///
/// # Errors
/// It is no module.
pub fn slim(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut out = Module::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        let Payload::CustomSection(custom) = &payload else {
            if let Some((id, range)) = payload.as_section() {
                out.section(&RawSection { id, data: &wasm[range] });
            }
            continue;
        };
        match custom.as_known() {
            KnownCustom::Linking(linking) => {
                let mut section = LinkingSection::new();
                for part in linking.subsections() {
                    if let Linking::SymbolTable(symbols) = part? {
                        section.symbol_table(&nameless(symbols.into_iter())?);
                    }
                }
                out.section(&section);
            }
            KnownCustom::Reloc(_) => {
                let (name, data) = (custom.name().into(), custom.data().into());
                out.section(&CustomSection { name, data });
            }
            // `name`, `producers` and the like.
            _ => {}
        }
    }
    Ok(out.finish())
}

/// The symbols, with empty names where the format wants one.
fn nameless<'a>(symbols: impl Iterator<Item = Result<SymbolInfo<'a>>>) -> Result<SymbolTable> {
    let mut table = SymbolTable::new();
    for symbol in symbols {
        let short = |name: Option<&str>| name.map(|_| "");
        match symbol? {
            SymbolInfo::Func { flags, index, name } => {
                table.function(flags.bits(), index, short(name));
            }
            SymbolInfo::Global { flags, index, name } => {
                table.global(flags.bits(), index, short(name));
            }
            SymbolInfo::Table { flags, index, name } => {
                table.table(flags.bits(), index, short(name));
            }
            SymbolInfo::Data { flags, symbol, .. } => {
                let place = symbol.map(|s| DataSymbolDefinition {
                    index: s.index,
                    offset: s.offset,
                    size: s.size,
                });
                table.data(flags.bits(), "", place);
            }
            // Nothing that is kept refers to one, but symbols have numbers: another that says
            // nothing has its place.
            SymbolInfo::Section { .. } | SymbolInfo::Event { .. } => {
                table.table(wasmparser::SymbolFlags::UNDEFINED.bits(), 0, None);
            }
        }
    }
    Ok(table)
}
