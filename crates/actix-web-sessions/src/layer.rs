//! The common code of this crate's middleware except [`Sessions`](crate::Sessions).

/// Implements `Transform` for a type with a method `handle(self, service: Rc<S>, request:
/// ServiceRequest) -> Result<ServiceResponse<EitherBody<B>>, Error>`.
macro_rules! middleware {
    ($layer:ident, $service:ident) => {
        impl<S, B> actix_web::dev::Transform<S, actix_web::dev::ServiceRequest> for $layer
        where
            S: actix_web::dev::Service<
                    actix_web::dev::ServiceRequest,
                    Response = actix_web::dev::ServiceResponse<B>,
                    Error = actix_web::Error,
                > + 'static,
            B: actix_web::body::MessageBody + 'static,
        {
            type Response = actix_web::dev::ServiceResponse<actix_web::body::EitherBody<B>>;
            type Error = actix_web::Error;
            type Transform = $service<S>;
            type InitError = ();
            type Future = std::future::Ready<Result<Self::Transform, ()>>;

            fn new_transform(&self, service: S) -> Self::Future {
                let (service, layer) = (std::rc::Rc::new(service), self.clone());
                std::future::ready(Ok($service { service, layer }))
            }
        }

        /// The service that the middleware makes of another one.
        #[derive(Debug)]
        pub struct $service<S> {
            service: std::rc::Rc<S>,
            layer: $layer,
        }

        impl<S, B> actix_web::dev::Service<actix_web::dev::ServiceRequest> for $service<S>
        where
            S: actix_web::dev::Service<
                    actix_web::dev::ServiceRequest,
                    Response = actix_web::dev::ServiceResponse<B>,
                    Error = actix_web::Error,
                > + 'static,
            B: actix_web::body::MessageBody + 'static,
        {
            type Response = actix_web::dev::ServiceResponse<actix_web::body::EitherBody<B>>;
            type Error = actix_web::Error;
            type Future =
                std::pin::Pin<Box<dyn Future<Output = Result<Self::Response, actix_web::Error>>>>;

            actix_web::dev::forward_ready!(service);

            fn call(&self, request: actix_web::dev::ServiceRequest) -> Self::Future {
                let service = std::rc::Rc::clone(&self.service);
                Box::pin(self.layer.clone().handle(service, request))
            }
        }
    };
}

pub(crate) use middleware;
