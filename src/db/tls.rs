//! TLS for database connections, configured like libpq's `sslmode`.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
};
use tokio_postgres_rustls::MakeRustlsConnect;

/// The value of `sslmode`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsMode {
    /// `disable`.
    Disabled,
    /// `prefer`, the default: protects against passive eavesdropping.
    Preferred,
    /// `require` without `sslrootcert`: encrypts always, with any certificate.
    Unverified,
    /// `verify-ca`, and `require` with `sslrootcert`; `verify-full` checks the name as well.
    Verified {
        /// PEM file of root certificates; `None` for those that the system trusts.
        root: Option<PathBuf>,
        name: bool,
    },
}

/// Parses the values of `sslmode` and `sslrootcert`.
///
/// # Errors
/// When the mode is unknown or the root certificates cannot be read.
pub fn mode(mode: Option<&str>, root: Option<&str>) -> anyhow::Result<TlsMode> {
    let root = root.filter(|root| *root != "system").map(PathBuf::from);
    let mode = match (mode.unwrap_or("prefer"), root) {
        ("disable", _) => TlsMode::Disabled,
        ("prefer", _) => TlsMode::Preferred,
        ("require", None) => TlsMode::Unverified,
        ("require" | "verify-ca", root) => TlsMode::Verified { root, name: false },
        ("verify-full", root) => TlsMode::Verified { root, name: true },
        (other, _) => {
            bail!("sslmode={other}: use disable, prefer, require, verify-ca or verify-full")
        }
    };
    mode.connector()?;
    Ok(mode)
}

impl TlsMode {
    /// Reads the root certificates again on each call, so that renewed ones need no restart. Returns
    /// `None` without TLS.
    ///
    /// # Errors
    /// When the root certificates cannot be read.
    pub fn connector(&self) -> anyhow::Result<Option<MakeRustlsConnect>> {
        let provider = Arc::new(ring::default_provider());
        let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()?;
        let config = match self {
            Self::Disabled => return Ok(None),
            Self::Preferred | Self::Unverified => config
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(RelaxedVerifier::new(&provider, None))),
            Self::Verified { root, name: true } => {
                config.with_root_certificates(root_certificates(root.as_ref())?)
            }
            Self::Verified { root, name: false } => {
                let roots = Arc::new(root_certificates(root.as_ref())?);
                let chain =
                    WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&provider));
                let verifier = RelaxedVerifier::new(&provider, Some(chain.build()?));
                config.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
            }
        };
        Ok(Some(MakeRustlsConnect::new(config.with_no_client_auth())))
    }
}

fn root_certificates(file: Option<&PathBuf>) -> anyhow::Result<RootCertStore> {
    let mut store = RootCertStore::empty();
    match file {
        Some(file) => {
            let what = || format!("sslrootcert={}", file.display());
            for certificate in CertificateDer::pem_file_iter(file).with_context(what)? {
                store.add(certificate.with_context(what)?).with_context(what)?;
            }
            ensure!(!store.is_empty(), "{}: the file holds no certificate", what());
        }
        None => {
            let (_, _) =
                store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            ensure!(!store.is_empty(), "the system has no root certificates; set sslrootcert");
        }
    }
    Ok(store)
}

/// Checks less than rustls does, as the weaker modes ask for: the chain without the name, or nothing.
#[derive(Debug)]
struct RelaxedVerifier {
    algorithms: WebPkiSupportedAlgorithms,
    /// `None` accepts any certificate.
    chain: Option<Arc<WebPkiServerVerifier>>,
}

impl RelaxedVerifier {
    fn new(provider: &CryptoProvider, chain: Option<Arc<WebPkiServerVerifier>>) -> Self {
        Self { algorithms: provider.signature_verification_algorithms, chain }
    }
}

impl ServerCertVerifier for RelaxedVerifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        use CertificateError::{NotValidForName, NotValidForNameContext};
        let Some(chain) = &self.chain else { return Ok(ServerCertVerified::assertion()) };
        match chain.verify_server_cert(certificate, intermediates, name, ocsp_response, now) {
            // The name is checked last, so the chain is valid.
            Err(rustls::Error::InvalidCertificate(
                NotValidForName | NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
