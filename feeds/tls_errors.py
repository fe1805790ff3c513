"""TLS errors as sentences: what is wrong with a certificate, and who has to do what about it."""

import ssl

_EXPIRED, _NOT_YET_VALID, _REVOKED = 10, 9, 23
_SELF_SIGNED = frozenset((18, 19))
_UNKNOWN_ISSUER = frozenset((2, 20, 21, 27))
_OTHER_NAME, _OTHER_ADDRESS = 62, 64

_NO_TLS = frozenset((
    "WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE",
))
_NO_COMMON_VERSION = frozenset((
    "UNSUPPORTED_PROTOCOL", "NO_PROTOCOLS_AVAILABLE", "TLSV1_ALERT_PROTOCOL_VERSION",
    "SSLV3_ALERT_HANDSHAKE_FAILURE", "NO_SHARED_CIPHER",
))
_WANTS_OURS = frozenset((
    "TLSV13_ALERT_CERTIFICATE_REQUIRED", "SSLV3_ALERT_BAD_CERTIFICATE", "TLSV1_ALERT_UNKNOWN_CA",
))


def describe_tls_error(error: ssl.SSLError, host: str) -> str:
    """Return in one sentence why no encrypted connection to a host could be made.

    >>> describe_tls_error(ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong"), "shop.example")
    'shop.example does not speak TLS at this port.'
    """
    if isinstance(error, ssl.SSLCertVerificationError):
        return _of_certificate(error, host)
    reason = _reason(error)
    if reason in _NO_TLS:
        return f"{host} does not speak TLS at this port."
    if reason in _NO_COMMON_VERSION:
        return f"{host} speaks no version of TLS, or no cipher, that is taken for safe here."
    if reason in _WANTS_OURS:
        return f"{host} asks for a certificate of ours, or does not take the one it was shown."
    if isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return f"{host} broke the connection off while it was being encrypted."
    return f"No encrypted connection to {host} could be made ({reason or error})."


def _of_certificate(error: ssl.SSLCertVerificationError, host: str) -> str:
    code = getattr(error, "verify_code", None)
    if code == _EXPIRED:
        return f"The certificate of {host} has expired. Whoever runs it has to renew it."
    if code == _NOT_YET_VALID:
        return f"The certificate of {host} is not valid yet. Check the clocks of both machines."
    if code == _REVOKED:
        return f"The certificate of {host} was revoked."
    if code in _SELF_SIGNED:
        return (
            f"The certificate of {host} is self-signed, by nobody that this machine trusts. If it "
            "is yours, name its issuer's certificate in SSL_CERT_FILE."
        )
    if code in _UNKNOWN_ISSUER:
        return (
            f"The certificate of {host} comes from an issuer that this machine does not trust, or "
            "an intermediate certificate is missing. If it is yours, name its issuer's certificate "
            "in SSL_CERT_FILE."
        )
    if code in (_OTHER_NAME, _OTHER_ADDRESS):
        return f"The certificate that was shown was made for another name than {host}."
    why = getattr(error, "verify_message", "") or _reason(error)
    return f"The certificate of {host} is not to be trusted ({why})."


def _reason(error: ssl.SSLError) -> str:
    """Return OpenSSL's short name of what went wrong, such as ``WRONG_VERSION_NUMBER``."""
    reason = getattr(error, "reason", None)
    if reason:
        return str(reason)
    text = str(error)
    return text.partition(": ")[2].partition("]")[0] if "[SSL: " in text else ""
