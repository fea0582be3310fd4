[
  "ability" "assert" "assume" "data" "decreases" "effect" "effects" "else" "ensures" "exists"
  "fn" "forall" "handle" "if" "import" "in" "invariant" "let" "match" "module" "new" "old" "op"
  "private" "public" "pure" "requires" "then" "type" "where" "with"
] @keyword

["true" "false"] @boolean
"result" @variable.builtin
(hole) @keyword.exception

(fn_decl (lower_ident) @function)
(op_decl (lower_ident) @function.method)
(clause (lower_ident) @function.method)
(call . (lower_ident) @function.call)
(call (upper_ident) "." (lower_ident) @function.method.call)
(call "::" (lower_ident) @function.call)
(call (upper_ident) @module "." (lower_ident))
(call . (upper_ident) @constructor (args))
(constructor (upper_ident) @constructor)
(ctor (upper_ident) @constructor)
(pattern (upper_ident) @constructor)
(path (lower_ident) @module)

(type (upper_ident) @type)
(slot (upper_ident) @variable)
(slot (int_lit) @number)
(slot "@" @operator)
(data_decl (upper_ident) @type.definition)
(type_decl (upper_ident) @type.definition)
(effect_decl (upper_ident) @type.definition)
(ability_decl (upper_ident) @type.definition)
(effect_ref (upper_ident) @type)
(constraint (upper_ident) @type)

(int_lit) @number
(float_lit) @number.float
(string_lit) @string
(plain_string) @string
(escape) @string.escape
(interpolation ["\\(" ")"] @punctuation.special)

[(line_comment) (block_comment)] @comment
(annotation) @comment.documentation

["|>" "==>" "||" "&&" "==" "!=" "<" ">" "<=" ">=" "+" "-" "*" "/" "%" "!" "=" "->" "|"] @operator
["(" ")" "[" "]" "{" "}"] @punctuation.bracket
["," ";" "." "::"] @punctuation.delimiter
