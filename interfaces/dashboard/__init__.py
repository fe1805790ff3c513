"""The dashboard: pages for people, rendered on the server from the same reports as the API.

Every page has one address that also gives JSON and CSV (``?format=json``, ``?format=csv``, or
Accept), may be asked as of an earlier position or moment, and works without JavaScript.
"""
