(* The same program as trees_live.vera. *)
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
  let tree = build 22 in
  let total = ref 0 in
  for _ = 1 to 3 do
    total := !total + count tree
  done;
  Printf.printf "%d\n" !total
