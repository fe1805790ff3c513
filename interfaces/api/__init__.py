"""The HTTP API: every command and every question of the command line, over HTTP.

Start at :func:`~stocktrail.interfaces.api.application.create_application`. One module holds the
routes of one subject; what they share is the
:class:`~stocktrail.interfaces.service.service.Service` behind them.
"""
