//! Prints `data/tic_tac_toe.csv`: every position of tic-tac-toe in which somebody is to move, with
//! the best move and what it leads to, by complete search.
//!
//! Run with `cargo run -p nn-data --example tic_tac_toe`. Nothing is drawn by chance: the text is
//! the same everywhere.

use std::collections::BTreeMap;
use std::fmt::Write;

/// The squares from the top left, row by row: 1 for who is to move, −1 for the other, 0 where it is
/// empty.
type Board = [i8; 9];

/// Of moves that are equally good, the first of these: the middle, the corners, the sides.
const ORDER: [usize; 9] = [4, 0, 2, 6, 8, 1, 3, 5, 7];

const LINES: [[usize; 3]; 8] = [[0, 1, 2], [3, 4, 5], [6, 7, 8], [0, 3, 6], [1, 4, 7], [2, 5, 8], [0, 4, 8], [2, 4, 6]];

/// What best play leads to.
#[derive(Clone, Copy)]
struct Answer {
    square: usize,
    /// 1 where who is to move wins, −1 where the other does, 0 for a draw.
    value: i8,
    /// After how many moves.
    moves: i32,
}

/// How good an answer is: wins before draws before losses, early wins and late losses first.
fn rank(answer: &Answer) -> (i8, i32) {
    (answer.value, -i32::from(answer.value) * answer.moves)
}

fn is_lost(board: &Board) -> bool {
    LINES.iter().any(|line| line.iter().all(|square| board[*square] == -1))
}

/// The best move; nothing where the game is over.
fn solve(board: &Board, solved: &mut BTreeMap<Board, Answer>) -> Option<Answer> {
    if is_lost(board) || !board.contains(&0) {
        return None;
    }
    if let Some(answer) = solved.get(board) {
        return Some(*answer);
    }
    let mut best: Option<Answer> = None;
    for square in ORDER.into_iter().filter(|square| board[*square] == 0) {
        let mut next = *board;
        next[square] = 1;
        // The other sees the board from the other side.
        let next = next.map(|owner| -owner);
        let (value, moves) = match solve(&next, solved) {
            Some(answer) => (-answer.value, answer.moves + 1),
            None => (i8::from(is_lost(&next)), 1),
        };
        let answer = Answer { square, value, moves };
        if best.is_none_or(|best| rank(&answer) > rank(&best)) {
            best = Some(answer);
        }
    }
    if let Some(best) = best {
        solved.insert(*board, best);
    }
    best
}

fn main() {
    print!("{}", csv());
}

/// The whole file, the positions in the order of their squares.
fn csv() -> String {
    const NAMES: [&str; 9] = ["a3", "b3", "c3", "a2", "b2", "c2", "a1", "b1", "c1"];
    let mut solved = BTreeMap::new();
    solve(&[0; 9], &mut solved);
    let mut text = NAMES.join(",") + ",move,value\n";
    for (board, answer) in &solved {
        let squares: Vec<String> = board.iter().map(i8::to_string).collect();
        writeln!(text, "{},{},{}", squares.join(","), NAMES[answer.square], answer.value)
            .expect("a string takes any text");
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_file_is_what_this_prints() {
        assert_eq!(include_str!("../../data/tic_tac_toe.csv"), super::csv());
    }
}
