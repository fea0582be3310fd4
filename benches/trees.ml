(* The same program as trees.vera. *)
type tree = Leaf | Node of tree * tree

let rec build depth =
  if depth = 0 then Node (Leaf, Leaf)
  else
    let left = build (depth - 1) in
    let right = build (depth - 1) in
    Node (left, right)

let rec count = function
  | Leaf -> 0
  | Node (Leaf, _) -> 1
  | Node (left, right) -> 1 + count left + count right

let () =
  let max_depth = 18 in
  let total = ref (count (build (max_depth + 1))) in
  let long_lived = build max_depth in
  let depth = ref 4 in
  while !depth <= max_depth do
    for _ = 1 to 1 lsl (max_depth - !depth + 4) do
      total := !total + count (build !depth)
    done;
    depth := !depth + 4
  done;
  Printf.printf "%d\n" (!total + count long_lived)
