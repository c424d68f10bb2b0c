//! The body of a page: shared pieces and a visitor's own, sent one after the other.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::vec;

use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;

/// Maximum size of a chunk, in bytes. The connection's write buffer grows by doubling; with small
/// chunks it ends little larger than the page, with one large chunk at twice its size.
const MAX_CHUNK_SIZE: usize = 12 << 10;

/// A body of several pieces. Shared pieces are reference-counted, not copied.
#[derive(Debug, Default)]
pub(crate) struct PageBody {
    /// The rest of the current piece.
    piece: Bytes,
    pieces: vec::IntoIter<Bytes>,
    /// Total size in bytes.
    size: u64,
}

impl From<Vec<Bytes>> for PageBody {
    fn from(mut pieces: Vec<Bytes>) -> Self {
        // An empty chunk would end a chunked body.
        pieces.retain(|piece| !piece.is_empty());
        Self {
            piece: Bytes::new(),
            size: pieces.iter().map(|piece| piece.len() as u64).sum(),
            pieces: pieces.into_iter(),
        }
    }
}

impl MessageBody for PageBody {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.size)
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        if self.piece.is_empty() {
            let Some(next) = self.pieces.next() else { return Poll::Ready(None) };
            self.piece = next;
        }
        let length = self.piece.len().min(MAX_CHUNK_SIZE);
        Poll::Ready(Some(Ok(self.piece.split_to(length))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_body_sends_every_piece_in_small_chunks() {
        let lengths = [0, 1, MAX_CHUNK_SIZE, 0, 3 * MAX_CHUNK_SIZE + 1, MAX_CHUNK_SIZE - 1, 0];
        let letters = (0_u8..).map(|n| b'a' + n);
        let pieces = lengths.into_iter().zip(letters).map(|(n, letter)| vec![letter; n]);
        let whole: Vec<u8> = pieces.clone().flatten().collect();
        let mut page = PageBody::from(pieces.map(Bytes::from).collect::<Vec<_>>());
        assert_eq!(page.size(), BodySize::Sized(whole.len() as u64));

        let mut context = Context::from_waker(std::task::Waker::noop());
        let mut sent = Vec::new();
        while let Poll::Ready(Some(Ok(piece))) = Pin::new(&mut page).poll_next(&mut context) {
            assert!((1..=MAX_CHUNK_SIZE).contains(&piece.len()));
            sent.extend(piece);
        }
        assert_eq!(sent, whole);
    }
}
