(* The same program as trees_garbage.vera. *)
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
  let total = ref 0 in
  for _ = 1 to 40000 do
    total := !total + count (build 10)
  done;
  Printf.printf "%d\n" !total
