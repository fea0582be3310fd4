-- Neovim 0.11 or later: put this file into `~/.config/nvim/plugin/`.
vim.filetype.add({ extension = { vera = 'vera' } })
vim.lsp.config('vera', {
  cmd = { 'vera', 'lsp' },
  filetypes = { 'vera' },
  root_markers = { 'vera.toml', '.git' },
})
vim.lsp.enable('vera')
vim.api.nvim_create_autocmd('FileType', {
  pattern = 'vera',
  callback = function()
    vim.bo.commentstring = '-- %s'
    vim.bo.shiftwidth = 2
    vim.bo.expandtab = true
  end,
})
