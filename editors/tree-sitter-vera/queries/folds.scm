[
  (fn_decl)
  (data_decl)
  (effect_decl)
  (ability_decl)
  (where_block)
  (block)
  (match_expr)
  (handle)
  (array)
  (block_comment)
] @fold
