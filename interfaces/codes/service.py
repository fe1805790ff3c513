"""Codes of the service: requests, tokens, limits, and the dashboard."""

from stocktrail.interfaces.codes.code import Code, CodeChapter, Met

_SERVICE = (Met.SERVICE,)

CHAPTER = CodeChapter(
    "The service",
    "Problems over HTTP that are about the request, the token or the service itself. With the "
    "header `Retry-After` the same request may be sent again.",
    (
        Code(
            "bad_event_id",
            "The header `Last-Event-ID` is no position.",
            "Send the id of the last event that you have, in digits, or leave it out.",
            _SERVICE, http=(422,),
        ),
        Code(
            "bad_parameter",
            "Parameters of the request are wrong.",
            "Correct those in `errors`, each with a code of its own.",
            _SERVICE, http=(422,),
        ),
        Code(
            "bad_request",
            "The request cannot be understood.",
            "Correct what the message names.",
            _SERVICE, http=(400,),
        ),
        Code(
            "body_too_large",
            "The body of the request is too large.",
            "Send less at once: `max_bytes` is the most; commands may come as application/jsonl.",
            _SERVICE, http=(413,),
        ),
        Code(
            "body_too_slow",
            "The body of the request did not come in time.",
            "Send the same again.",
            _SERVICE, http=(408,),
        ),
        Code(
            "busy",
            "Too many questions are being answered at once.",
            "Ask again in a while.",
            _SERVICE, http=(503,),
        ),
        Code(
            "closing",
            "The service is ending.",
            "Send the same again, to this service or another one.",
            _SERVICE, http=(503,),
        ),
        Code(
            "forged_form",
            "The form was not sent from a page of this dashboard, or the session has ended.",
            "Load the page again, and send the form once more.",
            _SERVICE, http=(403,),
        ),
        Code(
            "head_too_large",
            "The address and headers of the request are too large together.",
            "Send a shorter address, and fewer or shorter headers and cookies.",
            _SERVICE, http=(431,),
        ),
        Code(
            "head_too_slow",
            "The headers of the request did not come in time.",
            "Send the same again.",
            _SERVICE, http=(408,),
        ),
        Code(
            "in_the_past",
            "The page shows an earlier moment, at which nothing can be done any more.",
            "Go back to now, and do it there.",
            _SERVICE, http=(409,),
        ),
        Code(
            "invalid",
            "The command, or a row of a file, can never be right.",
            "Correct what `errors` or the sentence names.",
            (Met.SERVICE, Met.ROW), http=(422,),
        ),
        Code(
            "invalid_position",
            "What was filled in is no position of the log.",
            "Write it in digits.",
            _SERVICE, http=(422,),
        ),
        Code(
            "login_needed",
            "The page is shown to those only who have logged in.",
            "Log in with a token.",
            _SERVICE, http=(401,),
        ),
        Code(
            "method_not_allowed",
            "The address does not take this method.",
            "Use one that the header `Allow` names.",
            _SERVICE, http=(405,),
        ),
        Code(
            "no_e_mail",
            "The shop sends its customers no e-mail.",
            "Set `STOCKTRAIL_NOTICES_FROM`, or tell them otherwise.",
            _SERVICE, http=(422,),
        ),
        Code(
            "not_empty",
            "The data of the demo cannot be loaded: the ledger holds something already.",
            "Run `stocktrail demo`, which makes a database of its own.",
            _SERVICE, http=(409,),
        ),
        Code(
            "not_http",
            "What was sent is no request of HTTP/1.1.",
            "Use a client of HTTP, and http:// where no proxy stands before the service.",
            _SERVICE, http=(400,),
        ),
        Code(
            "not_recorded_yet",
            "At the earlier moment that the page shows, this was not recorded yet.",
            "Look at a later moment.",
            _SERVICE, http=(404,),
        ),
        Code(
            "nothing_chosen",
            "Nothing is ticked on the page.",
            "Go back, and tick what is to be done.",
            _SERVICE, http=(422,),
        ),
        Code(
            "read_models_behind",
            "What questions are answered from has not caught up with the log yet; commands are "
            "recorded.",
            "Ask again in a while.",
            (Met.SERVICE, Met.WARNING), http=(503,),
        ),
        Code(
            "read_models_stopped",
            "What questions are answered from stopped following the log, because of an error.",
            "Start the service again; its log says what went wrong.",
            _SERVICE, http=(503,),
        ),
        Code(
            "recorded_only",
            "The page can be asked for what was recorded by a moment, not for what had happened.",
            "Use `as_of` instead of `occurred_as_of`.",
            _SERVICE, http=(422,),
        ),
        Code(
            "scope_missing",
            "The token may not do this.",
            "Use a token with the scope that the message names.",
            (Met.SERVICE, Met.INVALID), http=(403,),
        ),
        Code(
            "stalled",
            "No more commands came for too long, so the request was ended.",
            "Send everything again, with the same ids: what has a result is not counted twice.",
            _SERVICE, http=(408,),
        ),
        Code(
            "token_required",
            "The service asks for a token, and none came, or one that is not known any more.",
            "Send `Authorization: Bearer ...`; `stocktrail token create` makes one.",
            _SERVICE, http=(401,),
        ),
        Code(
            "too_far_apart",
            "Too many events lie between the two moments for the page.",
            "Choose moments that are closer, or use `stocktrail diff`.",
            _SERVICE, http=(422,),
        ),
        Code(
            "too_many_commands",
            "Too many were ticked for one time.",
            "Choose fewer.",
            _SERVICE, http=(422,),
        ),
        Code(
            "too_many_connections",
            "The service has as many connections as it can serve.",
            "Try again in a while, and keep connections open instead of opening new ones.",
            _SERVICE, http=(503,),
        ),
        Code(
            "too_many_streams",
            "Too many streams of events are open, in all (503) or of you alone (429).",
            "Close one, or try again later.",
            _SERVICE, http=(429, 503),
        ),
        Code(
            "too_many_uploads",
            "Too many uploads of commands are open, in all (503) or of you alone (429).",
            "Wait until one is done, or try again later.",
            _SERVICE, http=(429, 503),
        ),
        Code(
            "unexpected",
            "Something went wrong in the service that is not your fault.",
            "Look into the log of the service, under the id of the request, and report it.",
            _SERVICE, http=(500,),
        ),
        Code(
            "unknown_route",
            "There is nothing at this address.",
            "See /docs or /openapi.json of the service for those that there are.",
            _SERVICE, http=(404,),
        ),
        Code(
            "unknown_schema",
            "There is no schema of this name.",
            "See /schemas of the service for those that there are.",
            _SERVICE, http=(404,),
        ),
        Code(
            "unsupported_media_type",
            "The body is of a type that this address does not take.",
            "Send one that the header `Accept-Post` names, in UTF-8.",
            _SERVICE, http=(415,),
        ),
        Code(
            "wrong_host",
            "The service does not answer under this name.",
            "Use the name it was started with, or set `STOCKTRAIL_HTTP_ALLOWED_HOSTS`.",
            _SERVICE, http=(421,),
        ),
        Code(
            "wrong_origin",
            "A page of another site may not send commands to the service.",
            "Name the site in `STOCKTRAIL_HTTP_ALLOWED_ORIGINS`, if it should.",
            _SERVICE, http=(403,),
        ),
    ),
)
