//! One log line a request.

use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::ConnectionType;
use actix_web::http::header::{HeaderMap, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};

use super::request_id::{RequestId, X_REQUEST_ID};
use super::route::Route;
use super::{connections, guard};
use crate::web::state::Site;

/// Logs method, path, status and time, and gives every answer its id and the headers that protect
/// it. No query and no address: what somebody searched for, and from where, is nobody's business.
pub async fn log(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let start = Instant::now();
    let id = RequestId::given_or_new(&request);
    let (method, path, text) = (request.method().clone(), request.path().to_owned(), id.0.clone());
    request.extensions_mut().insert(id);
    connections::used(request.request());
    let site = request.app_data::<web::Data<Site>>().cloned();
    let in_work = site.as_ref().map(|site| site.metrics.begin());
    let mut answer = next.call(request).await;
    drop(in_work);
    let secure = site.as_ref().is_some_and(|site| site.is_secure());
    let value = HeaderValue::from_str(&text).ok();
    let sign = move |headers: &mut HeaderMap| {
        guard::protect(headers, secure);
        if let Some(id) = &value {
            headers.insert(X_REQUEST_ID, id.clone());
        }
    };
    let (status, route) = match &mut answer {
        Ok(response) => {
            sign(response.headers_mut());
            if site.as_ref().is_some_and(|site| site.is_stopping()) {
                response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
            }
            (response.status(), Route::of(response.request()))
        }
        // Such an answer is made of the error later.
        Err(error) => {
            error.add_response_mapper(move |mut response| {
                sign(response.headers_mut());
                response
            });
            (error.as_response_error().status_code(), Route::NONE)
        }
    };
    let time = start.elapsed();
    if let Some(site) = site {
        site.metrics.answered(&method, route, status, time);
    }
    log::info!(
        target: "marquee::access",
        method = method.as_str(), path = path.as_str(), status = status.as_u16(),
        ms = (time.as_secs_f64() * 10_000.0).round() / 10.0, request = text.as_str();
        "answered"
    );
    answer
}
