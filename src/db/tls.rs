//! Encryption on the way to the database, by libpq's names.

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

/// What `sslmode` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// `disable`.
    Off,
    /// `prefer`, the default: against eavesdroppers that do not interfere.
    IfOffered,
    /// `require` without `sslrootcert`: the same, and never without.
    Unverified,
    /// `verify-ca`, and `require` with `sslrootcert`; with the name, `verify-full`.
    Verified {
        /// The file with the authorities' certificates; `None`: those that the system trusts.
        root: Option<PathBuf>,
        name: bool,
    },
}

/// # Errors
/// When there is no such mode, or the authorities' certificates cannot be read.
pub fn mode(mode: Option<&str>, root: Option<&str>) -> anyhow::Result<Mode> {
    let root = root.filter(|root| *root != "system").map(PathBuf::from);
    let mode = match (mode.unwrap_or("prefer"), root) {
        ("disable", _) => Mode::Off,
        ("prefer", _) => Mode::IfOffered,
        ("require", None) => Mode::Unverified,
        ("require" | "verify-ca", root) => Mode::Verified { root, name: false },
        ("verify-full", root) => Mode::Verified { root, name: true },
        (other, _) => {
            bail!("sslmode={other}: use disable, prefer, require, verify-ca or verify-full")
        }
    };
    mode.connector()?;
    Ok(mode)
}

impl Mode {
    /// Reads the certificates anew, so that renewed ones count without a restart.
    ///
    /// # Errors
    /// When there are none to be read.
    pub fn connector(&self) -> anyhow::Result<Option<MakeRustlsConnect>> {
        let provider = Arc::new(ring::default_provider());
        let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()?;
        let config = match self {
            Self::Off => return Ok(None),
            Self::IfOffered | Self::Unverified => config
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Lenient::new(&provider, None))),
            Self::Verified { root, name: true } => {
                config.with_root_certificates(authorities(root.as_ref())?)
            }
            Self::Verified { root, name: false } => {
                let roots = Arc::new(authorities(root.as_ref())?);
                let chain =
                    WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&provider));
                let verifier = Lenient::new(&provider, Some(chain.build()?));
                config.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
            }
        };
        Ok(Some(MakeRustlsConnect::new(config.with_no_client_auth())))
    }
}

fn authorities(file: Option<&PathBuf>) -> anyhow::Result<RootCertStore> {
    let mut store = RootCertStore::empty();
    match file {
        Some(file) => {
            let what = || format!("sslrootcert={}", file.display());
            for certificate in CertificateDer::pem_file_iter(file).with_context(what)? {
                store.add(certificate.with_context(what)?).with_context(what)?;
            }
            ensure!(!store.is_empty(), "{}: it holds no certificate", what());
        }
        None => {
            let (_, _) =
                store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            ensure!(!store.is_empty(), "the system has no certificates: name sslrootcert");
        }
    }
    Ok(store)
}

/// Asks for less than the server's name, as the weaker modes do.
#[derive(Debug)]
struct Lenient {
    algorithms: WebPkiSupportedAlgorithms,
    /// `None`: any certificate will do.
    chain: Option<Arc<WebPkiServerVerifier>>,
}

impl Lenient {
    fn new(provider: &CryptoProvider, chain: Option<Arc<WebPkiServerVerifier>>) -> Self {
        Self { algorithms: provider.signature_verification_algorithms, chain }
    }
}

impl ServerCertVerifier for Lenient {
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
            // The name is looked at last.
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
