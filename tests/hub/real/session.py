"""A student's session with the hub without a browser: the requests that a browser makes."""

import time

import requests
from server import Installation


class Session:
    """A student's browser, without the browser: the same requests."""

    def __init__(self, hub: Installation, account: str) -> None:
        self.address, self.account = hub.settings.address, account
        self.http = requests.Session()
        page = self._get("/hub/login")
        data = {"username": account, "password": hub.passwords[account], "_xsrf": _xsrf(page)}
        self.http.post(f"{self.address}/hub/login", data=data, timeout=60, allow_redirects=False)

    def start_server(self) -> None:
        """Open the course's page and wait until it is there."""
        deadline = time.monotonic() + 240
        while time.monotonic() < deadline:
            page = self._get("/hub/spawn")
            if page.url.split("?")[0].rstrip("/").endswith(f"/user/{self.account}/course"):
                return
            time.sleep(2)
        raise AssertionError(f"{self.account} has no server: {page.url} {page.status_code}")

    def ask(self, action: str, assignment: str) -> dict[str, object]:
        """Press a button of the course's page: "fetch", "check" or "submit"."""
        headers = {"X-XSRFToken": self._cookie()}
        data = {"course": "tinytorch", "assignment": assignment}
        url = f"{self.address}/user/{self.account}/course/api/{action}"
        answer = self.http.post(url, json=data, headers=headers, timeout=300)
        assert answer.status_code == 200, answer.text[:500]
        return dict(answer.json())

    def _get(self, path: str) -> requests.Response:
        return self.http.get(f"{self.address}{path}", timeout=120)

    def _cookie(self) -> str:
        path = f"/user/{self.account}/"
        return next(
            c.value or "" for c in self.http.cookies if c.name == "_xsrf" and c.path == path
        )


def _xsrf(page: requests.Response) -> str:
    return next(c.value or "" for c in page.cookies if c.name == "_xsrf")
