"""The description of the API."""
from fastapi import FastAPI


def describe(application: FastAPI) -> None:
    """Serve it."""
