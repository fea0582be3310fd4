; Bindings have no names: what an index counts are the types that bind.

(fn_decl) @local.scope
(closure) @local.scope
(block) @local.scope
(arm) @local.scope
(clause) @local.scope

(binding (type (upper_ident) @local.definition.var))
(slot (upper_ident) @local.reference)

(fn_decl (lower_ident) @local.definition.function)
(call . (lower_ident) @local.reference)
