//! The middleware that connects the `Session` of actix-session with that of this crate.

/// Defines `Bridge` for one version of actix-session.
macro_rules! bridge {
    ($actix_session:ident) => {
        type Entries = std::collections::HashMap<String, String>;

        /// Middleware that fills `actix_session::Session` from the session of this crate and
        /// applies its changes to it, for crates that use the former.
        ///
        /// Concurrent requests are merged, `renew` is a rotation after which the old id is refused,
        /// and `purge` is [`flush`](crate::Session::flush).
        #[derive(Debug, Clone, Copy, Default)]
        pub struct Bridge(());

        crate::layer::middleware!(Bridge, BridgeService);

        impl Bridge {
            /// Returns the middleware. It must be wrapped directly by
            /// [`Sessions`](crate::Sessions).
            pub fn new() -> Self {
                Self::default()
            }

            async fn handle<S, B>(
                self,
                service: std::rc::Rc<S>,
                request: actix_web::dev::ServiceRequest,
            ) -> Result<
                actix_web::dev::ServiceResponse<actix_web::body::EitherBody<B>>,
                actix_web::Error,
            >
            where
                S: actix_web::dev::Service<
                        actix_web::dev::ServiceRequest,
                        Response = actix_web::dev::ServiceResponse<B>,
                        Error = actix_web::Error,
                    >,
            {
                use ::$actix_session::{SessionExt, SessionStatus};

                let slot = crate::slot::Slot::of(request.request());
                let slot = slot.ok_or(crate::error::OpenError::NoMiddleware)?;
                let theirs = request.get_session();
                if slot.presented.count > 0 {
                    slot.load().await.map_err(crate::error::OpenError::from)?;
                    for (name, value) in super::bridge::values(&slot) {
                        theirs.insert(name, value)?;
                    }
                }
                let before: Entries = theirs.entries().clone();
                let response =
                    service.call(request).await.map(|response| response.map_into_left_body());
                let after: Entries = theirs.entries().clone();
                let status = theirs.status();
                let (renewed, purged) =
                    (status == SessionStatus::Renewed, status == SessionStatus::Purged);
                if before != after || renewed || purged {
                    slot.load().await.map_err(crate::error::OpenError::from)?;
                    let session = crate::Session(slot);
                    if purged {
                        session.flush();
                    } else {
                        super::bridge::apply(&session, &before, &after)?;
                    }
                    if renewed {
                        _ = session.write(|state| state.rotate = Some(crate::Retire::Refuse));
                    }
                }
                response
            }
        }
    };
}

pub(super) use bridge;

use std::collections::HashMap;

use crate::data::Data;
use crate::session::{RESERVED, Session};
use crate::slot::Slot;

type Entries = HashMap<String, String>;

/// Returns all values but those that only this crate writes.
pub(super) fn values(slot: &Slot) -> Data {
    let mut data =
        slot.state.borrow().as_ref().map(|state| Data::clone(&state.data)).unwrap_or_default();
    RESERVED.into_iter().for_each(|name| _ = data.remove(name));
    data
}

/// Applies the differences between two states of their session to a session of ours.
pub(super) fn apply(
    session: &Session,
    before: &Entries,
    after: &Entries,
) -> Result<(), actix_web::Error> {
    let mut changed = Data::new();
    for (name, text) in after.iter().filter(|(name, text)| before.get(*name) != Some(*text)) {
        changed.insert(name.clone(), serde_json::from_str(text)?);
    }
    session.update(changed.iter().map(|(name, value)| (name.as_str(), value)))?;
    for name in before.keys().filter(|name| !after.contains_key(*name)) {
        session.delete(name);
    }
    Ok(())
}
