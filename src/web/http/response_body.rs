//! Bodies of large responses, which count as in flight until their client has taken them.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;

use super::limits::InFlight;

/// Maximum number of bytes handed to a connection at a time. The connection asks for more when it has
/// sent most of what it holds.
const MAX_PIECE: usize = 32 << 10;

/// A body that is handed over piece by piece, and dropped with its guard when the last is.
pub(crate) struct CountedBody {
    body: Body,
    _in_flight: InFlight,
}

enum Body {
    Whole(Bytes),
    Stream(BoxBody),
}

impl CountedBody {
    pub(crate) fn new<B: MessageBody + 'static>(body: B, in_flight: InFlight) -> Self {
        let body = match body.try_into_bytes() {
            Ok(bytes) => Body::Whole(bytes),
            Err(stream) => Body::Stream(stream.boxed()),
        };
        Self { body, _in_flight: in_flight }
    }
}

impl MessageBody for CountedBody {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        match &self.body {
            Body::Whole(bytes) => BodySize::Sized(bytes.len() as u64),
            Body::Stream(stream) => stream.size(),
        }
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        match &mut self.body {
            Body::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Body::Whole(bytes) => {
                let length = bytes.len().min(MAX_PIECE);
                Poll::Ready(Some(Ok(bytes.split_to(length))))
            }
            Body::Stream(stream) => Pin::new(stream).poll_next(cx),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::http::client::Proxies;
    use crate::web::http::limits::Limits;

    #[test]
    fn large_response_stays_in_flight_until_sent() {
        let limits = Limits::new(Proxies::default(), 0, 20);
        let whole: Vec<u8> = (0..1_000_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        let in_flight = limits.begin_response(1_000_000).unwrap();
        let mut body = CountedBody::new(whole.clone(), in_flight);
        assert_eq!(body.size(), BodySize::Sized(1_000_000));
        let mut context = Context::from_waker(std::task::Waker::noop());
        let mut sent = Vec::new();
        while let Poll::Ready(Some(Ok(piece))) = Pin::new(&mut body).poll_next(&mut context) {
            assert!(piece.len() <= MAX_PIECE);
            sent.extend(piece);
            assert!(limits.begin_response(1_000_000).is_none());
        }
        assert_eq!(sent, whole);
        drop(body);
        assert!(limits.begin_response(1_000_000).is_some());
    }
}
