// The same program as trees.vera.
const build = (depth) =>
  depth === 0 ? { left: null, right: null } : { left: build(depth - 1), right: build(depth - 1) };
const count = (tree) => (tree.left === null ? 1 : 1 + count(tree.left) + count(tree.right));

const maxDepth = 18;
let total = count(build(maxDepth + 1));
const longLived = build(maxDepth);
for (let depth = 4; depth <= maxDepth; depth += 4) {
  for (let i = 0; i < 1 << (maxDepth - depth + 4); i++) total += count(build(depth));
}
console.log(total + count(longLived));
