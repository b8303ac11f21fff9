"""A WSGI application for gunicorn: answers with the pid of the worker's parent."""

import os


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getppid()).encode()]
