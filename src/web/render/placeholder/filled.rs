//! A page as it is sent: its pieces one after the other.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::vec;

use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;

/// Bytes handed over at once. The connection's buffer doubles as they come, so it ends little larger
/// than a list of 24 films; handed over whole, a page leaves it twice as large as the page.
const LARGEST: usize = 12 << 10;

/// What is the same for everybody is not copied for each visitor.
#[derive(Debug, Default)]
pub struct Filled {
    /// What is left of the piece under way.
    piece: Bytes,
    pieces: vec::IntoIter<Bytes>,
    /// Bytes of all of them.
    size: u64,
}

impl From<Vec<Bytes>> for Filled {
    fn from(mut pieces: Vec<Bytes>) -> Self {
        // To a body that is sent in chunks an empty one is the end.
        pieces.retain(|piece| !piece.is_empty());
        Self {
            piece: Bytes::new(),
            size: pieces.iter().map(|piece| piece.len() as u64).sum(),
            pieces: pieces.into_iter(),
        }
    }
}

impl MessageBody for Filled {
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
        let length = self.piece.len().min(LARGEST);
        Poll::Ready(Some(Ok(self.piece.split_to(length))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_any_length_comes_whole_and_in_small_pieces() {
        let lengths = [0, 1, LARGEST, 0, 3 * LARGEST + 1, LARGEST - 1, 0];
        let letters = (0_u8..).map(|n| b'a' + n);
        let pieces = lengths.into_iter().zip(letters).map(|(n, letter)| vec![letter; n]);
        let whole: Vec<u8> = pieces.clone().flatten().collect();
        let mut page = Filled::from(pieces.map(Bytes::from).collect::<Vec<_>>());
        assert_eq!(page.size(), BodySize::Sized(whole.len() as u64));

        let mut context = Context::from_waker(std::task::Waker::noop());
        let mut sent = Vec::new();
        while let Poll::Ready(Some(Ok(piece))) = Pin::new(&mut page).poll_next(&mut context) {
            assert!((1..=LARGEST).contains(&piece.len()));
            sent.extend(piece);
        }
        assert_eq!(sent, whole);
    }
}
