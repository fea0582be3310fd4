-- Run by `tests/editors.rs` inside a project, with the server's path in VERA: prints what
-- works and what does not.
local out = {}
local function wait(what, condition)
  local ok = vim.wait(30000, condition, 20)
  table.insert(out, what .. ': ' .. (ok and 'ok' or 'NO'))
end
vim.filetype.add({ extension = { vera = 'vera' } })
vim.lsp.config('vera', {
  cmd = { vim.env.VERA, 'lsp' },
  filetypes = { 'vera' },
  root_markers = { 'vera.toml' },
})
vim.lsp.enable('vera')
vim.cmd('filetype on')
vim.cmd('edit src/main.vera')
wait('attached', function() return #vim.lsp.get_clients({ bufnr = 0 }) > 0 end)
wait('proved', function()
  for _, d in ipairs(vim.diagnostic.get(0)) do
    if d.message:find('Tier 1') then return true end
  end
end)
-- A mistake is seen, and gone when it is undone.
local line = vim.api.nvim_buf_get_lines(0, 7, 8, true)[1]
vim.api.nvim_buf_set_lines(0, 7, 8, true, { '  nothing()' })
local function has(code)
  return function()
    for _, d in ipairs(vim.diagnostic.get(0)) do
      if d.code == code then return true end
    end
  end
end
wait('mistake', has('E200'))
vim.api.nvim_buf_set_lines(0, 7, 8, true, { line })
wait('mended', function() return not has('E200')() end)
-- To the other file of the project and back.
vim.api.nvim_win_set_cursor(0, { 8, line:find('within%(') - 1 })
vim.lsp.buf.hover()
wait('hover', function()
  for _, w in ipairs(vim.api.nvim_list_wins()) do
    if vim.api.nvim_win_get_config(w).relative ~= '' then return true end
  end
end)
vim.lsp.buf.definition()
wait('definition', function() return vim.api.nvim_buf_get_name(0):find('numbers.vera$') end)
vim.lsp.buf.rename('clipped')
wait('renamed here', function()
  return vim.api.nvim_buf_get_lines(0, 0, -1, true)[5]:find('clipped')
end)
vim.cmd('buffer main.vera')
wait('renamed there', function()
  return vim.api.nvim_buf_get_lines(0, 0, 1, true)[1]:find('clipped')
end)
-- Completion and the canonical form.
-- The editor sends changes with a delay: the new name comes in time.
wait('completion', function()
  local items = vim.lsp.buf_request_sync(0, 'textDocument/completion', {
    textDocument = { uri = vim.uri_from_bufnr(0) },
    position = { line = 7, character = 3 },
  }, 5000)
  for _, answer in pairs(items or {}) do
    for _, item in ipairs((answer.result or {}).items or {}) do
      if item.label == 'clipped' then return true end
    end
  end
end)
vim.api.nvim_buf_set_lines(0, 6, 7, true, { '      {' })
vim.lsp.buf.format({ timeout_ms = 5000 })
wait('format', function() return vim.api.nvim_buf_get_lines(0, 6, 7, true)[1] == '{' end)
wait('semantic tokens', function()
  local tokens = vim.lsp.semantic_tokens.get_at_pos(0, 7, line:find('within%(') - 1)
  return tokens and #tokens > 0
end)
vim.lsp.inlay_hint.enable(true)
wait('inlay hints', function() return #vim.lsp.inlay_hint.get({ bufnr = 0 }) > 0 end)
io.stdout:write(table.concat(out, '\n') .. '\n')
vim.cmd('qa!')
