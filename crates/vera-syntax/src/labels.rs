//! Slot labels (language reference, chapter 01 section 2.4): annotation comments
//! in the signature of a named function that name its slots for the reader.

use smol_str::SmolStr;
use vera_diagnostics::Span;

use crate::comments::{Comment, CommentKind};

/// Marks and returns the labels of the slots whose types stand at `slots`
/// (parameters, then the result), in a signature that ends at `signature_end`.
/// `comments` are in source order.
///
/// A slot's label is the first annotation comment between the end of its type
/// and the start of the next slot's type.
pub(crate) fn take_labels(
    text: &str,
    comments: &mut [Comment],
    slots: &[Span],
    signature_end: u32,
) -> Vec<Option<SmolStr>> {
    let next_starts = slots.iter().skip(1).map(|s| s.start).chain([signature_end]);
    let mut label = |(slot, bound): (&Span, u32)| {
        let first = comments.partition_point(|c| c.span.start < slot.end);
        let comment = comments[first..]
            .iter_mut()
            .take_while(|c| c.span.start < bound)
            .find(|c| c.kind == CommentKind::Annotation)?;
        comment.is_label = true;
        Some(comment.content(text).trim().into())
    };
    slots.iter().zip(next_starts).map(&mut label).collect()
}
