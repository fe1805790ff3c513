"""Serve the HTTP API and the dashboard, until interrupted."""

from ipaddress import ip_address
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from stocktrail.interfaces.cli.cautions import caution
from stocktrail.interfaces.cli.failures import WENT_WRONG, WRONG_FLAGS, Failure
from stocktrail.interfaces.cli.listening import listen_at, url_of
from stocktrail.interfaces.cli.session import SessionArgument
from stocktrail.interfaces.cli.supervisor import tell_supervisor

if TYPE_CHECKING:
    from stocktrail.interfaces.service.settings import ServiceSettings
    from stocktrail.ledger.store.side_tables.access import AccessTokens


def serve(
    *,
    host: Annotated[
        str | None,
        Parameter(help="The address to listen on; else STOCKTRAIL_HTTP_HOST, else 127.0.0.1."),
    ] = None,
    port: Annotated[
        int | None,
        Parameter(help="The port; 0 takes a free one. Else STOCKTRAIL_HTTP_PORT, else 8000."),
    ] = None,
    workers: Annotated[int, Parameter(help="Processes; several only on PostgreSQL.")] = 1,
    require_token: Annotated[
        bool,
        Parameter(
            help="Ask for a token on this machine's own address too, as behind a proxy.",
            negative=(), show_default=False,
        ),
    ] = False,
    allow_anonymous: Annotated[
        bool,
        Parameter(
            help="Let everybody who reaches the address do everything.", negative=(),
            show_default=False,
        ),
    ] = False,
    session: SessionArgument,
) -> int:
    """Answer over HTTP: every command and every question, until interrupted.

    On an address that other machines reach it asks for tokens, see stocktrail token.
    """
    from stocktrail.interfaces.api.server import serve_many, serve_one
    from stocktrail.interfaces.service.logs import configure_logs
    from stocktrail.interfaces.service.service import Service
    from stocktrail.ledger.store.side_tables.access import AccessTokens
    from stocktrail.ledger.store.sqlite.version import cautions

    settings = _settings()
    _check(session.database_url, workers, require_token, allow_anonymous)
    settings.require_token |= require_token
    host = settings.host if host is None else host
    with listen_at(host, settings.port if port is None else port) as listening:
        ledger = session.open_to_write()
        try:
            _require_tokens(host, settings, AccessTokens(ledger), anonymous=allow_anonymous)
        except BaseException:
            ledger.close()
            raise
        for sentence in cautions(ledger.url):
            caution("sqlite_to_be_upgraded", sentence, as_json=True)
        where = f"{ledger.where} at {url_of(host, listening)}"
        configure_logs()

        def ready() -> None:
            print(f"Serving {where}", flush=True)
            tell_supervisor("READY=1")

        if workers == 1:
            has_served = serve_one(settings, Service(settings, ledger), listening, ready)
        else:
            ledger.close()
            ready()
            has_served = serve_many(settings, session.database_url, listening, workers)
    if not has_served:
        raise Failure(
            WENT_WRONG, "not_served",
            f"Serving {ledger.where} has ended, because a process of it was not able to begin; the "
            "log above says why.",
        )
    return 0


def _settings() -> "ServiceSettings":
    """Return the settings; those of feeds are checked too, so that serving does not fail later."""
    from stocktrail.feeds.settings import NoticeSettings, WebhookSettings
    from stocktrail.interfaces.service.settings import ServiceSettings

    WebhookSettings.read()
    NoticeSettings.read()
    return ServiceSettings.read()


def _check(url: str, workers: int, require_token: bool, allow_anonymous: bool) -> None:
    if workers < 1:
        raise Failure(WRONG_FLAGS, "bad_flag", "--workers must be at least 1.")
    if workers > 1 and not url.startswith("postgresql"):
        raise Failure(
            WRONG_FLAGS, "bad_flag",
            "Several processes serve a ledger on PostgreSQL only; on SQLite one does, and groups "
            "what comes at the same time.",
        )
    if require_token and allow_anonymous:
        raise Failure(
            WRONG_FLAGS, "bad_flag", "--require-token and --allow-anonymous contradict each other."
        )


def _require_tokens(
    host: str, settings: "ServiceSettings", tokens: "AccessTokens", *, anonymous: bool
) -> None:
    """Require tokens where other machines reach the address; raises ``no_tokens`` without any."""
    if anonymous:
        settings.require_token = False
    if not _is_loopback(host):
        settings.require_token |= not anonymous
        if anonymous and "allowed_hosts" not in settings.model_fields_set:
            settings.allowed_hosts = ["*"]
    if settings.require_token and all(token.revoked_at is not None for token in tokens.every()):
        raise Failure(
            WENT_WRONG, "no_tokens",
            f"Nobody could use the service on {host}: it asks for a token and there is none. Make "
            "one with stocktrail token create --scope read --name NAME, or say --allow-anonymous.",
        )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
