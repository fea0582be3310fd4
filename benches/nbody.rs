// The same steps as nbody.vera.
fn main() {
    let [mut x1, mut y1, mut vx1, mut vy1] = std::hint::black_box([1.0_f64, 0.0, 0.0, 1.0]);
    let [mut x2, mut y2, mut vx2, mut vy2] = std::hint::black_box([2.0_f64, 0.0, 0.0, 0.7]);
    for _ in 0..std::hint::black_box(5_000_000) {
        let r1 = x1 * x1 + y1 * y1;
        let k1 = 0.001 / (r1 * r1.sqrt());
        let r2 = x2 * x2 + y2 * y2;
        let k2 = 0.001 / (r2 * r2.sqrt());
        let (dx, dy) = (x2 - x1, y2 - y1);
        let r = dx * dx + dy * dy + 0.01;
        let k = 0.00001 / (r * r.sqrt());
        (vx1, vy1) = (vx1 - x1 * k1 + dx * k, vy1 - y1 * k1 + dy * k);
        (vx2, vy2) = (vx2 - x2 * k2 - dx * k, vy2 - y2 * k2 - dy * k);
        (x1, y1, x2, y2) =
            (x1 + 0.001 * vx1, y1 + 0.001 * vy1, x2 + 0.001 * vx2, y2 + 0.001 * vy2);
    }
    println!("{}", x1 + x2);
}
