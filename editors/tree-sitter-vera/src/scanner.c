// What a grammar without memory cannot read: comments that nest, and the text of string
// literals, in which no comment begins.

#include "tree_sitter/parser.h"

enum Token { BLOCK_COMMENT, STRING_TEXT, ERROR_SENTINEL };

void *tree_sitter_vera_external_scanner_create(void) { return NULL; }
void tree_sitter_vera_external_scanner_destroy(void *payload) { (void)payload; }
unsigned tree_sitter_vera_external_scanner_serialize(void *payload, char *buffer) {
  (void)payload, (void)buffer;
  return 0;
}
void tree_sitter_vera_external_scanner_deserialize(void *payload, const char *buffer, unsigned length) {
  (void)payload, (void)buffer, (void)length;
}

// Up to the quote, or an escape.
static bool string_text(TSLexer *lexer) {
  bool any = false;
  while (!lexer->eof(lexer) && lexer->lookahead != '"' && lexer->lookahead != '\\') {
    lexer->advance(lexer, false);
    any = true;
  }
  lexer->result_symbol = STRING_TEXT;
  return any;
}

static bool is_blank(int32_t c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f) || c == 0x85 ||
         c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
         c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

static bool block_comment(TSLexer *lexer) {
  while (is_blank(lexer->lookahead)) lexer->advance(lexer, true);
  if (lexer->lookahead != '{') return false;
  lexer->advance(lexer, false);
  if (lexer->lookahead != '-') return false;
  lexer->advance(lexer, false);
  unsigned depth = 1;
  while (depth > 0 && !lexer->eof(lexer)) {
    int32_t c = lexer->lookahead;
    lexer->advance(lexer, false);
    if (c == '{' && lexer->lookahead == '-') {
      lexer->advance(lexer, false);
      depth++;
    } else if (c == '-' && lexer->lookahead == '}') {
      lexer->advance(lexer, false);
      depth--;
    }
  }
  lexer->result_symbol = BLOCK_COMMENT;
  return depth == 0;
}

bool tree_sitter_vera_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid) {
  (void)payload;
  // While recovering from an error everything is valid.
  if (valid[STRING_TEXT] && !valid[ERROR_SENTINEL]) return string_text(lexer);
  return valid[BLOCK_COMMENT] && block_comment(lexer);
}
