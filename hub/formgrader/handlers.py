"""The addresses of the grader's server that the hub answers itself."""

from tornado import web

from hub.formgrader.opening import Kernels, Links, Session, Sessions

HANDLERS: list[tuple[str, type[web.RequestHandler]]] = [
    (r"/formgrader/static/js/utils\.js", Links),
    (r"/api/sessions", Sessions),
    (r"/api/sessions/(?P<session_id>\w+-\w+-\w+-\w+-\w+)", Session),
    (r"/api/kernels", Kernels),
]
