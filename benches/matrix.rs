// The same steps as matrix.vera.
fn matrix(n: i64) -> Vec<Vec<f64>> {
    (0..n).map(|i| (0..n).map(|j| ((i * 7 + j * 3) % 11) as f64).collect()).collect()
}

fn product(a: &[Vec<f64>], b: &[Vec<f64>], indices: &[i64]) -> Vec<Vec<f64>> {
    let cell = |row: &Vec<f64>, j: i64| {
        indices.iter().fold(0.0, |sum, k| sum + row[*k as usize] * b[*k as usize][j as usize])
    };
    a.iter().map(|row| indices.iter().map(|j| cell(row, *j)).collect()).collect()
}

fn main() {
    let n = std::hint::black_box(400);
    let indices: Vec<i64> = (0..n).collect();
    let c = product(&matrix(n), &matrix(n), &indices);
    println!("{}", c.iter().fold(0.0, |sum, row| sum + row[17]));
}
