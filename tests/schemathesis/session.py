"""A person's session, as a browser gets it."""

import requests

from central.serving.admin import AdminClient
from central.web.cookies import SESSION

TIMEOUT_S = 20


def session(address: str, admin: AdminClient, name: str) -> dict[str, str]:
    """Sign *name* in, and give the cookie and the value that goes with it."""
    code = admin.ask("sign_in_code", user=name)["code"]
    with requests.Session() as browser:
        browser.post(f"{address}/login", {"code": code}, timeout=TIMEOUT_S, allow_redirects=False)
        told = browser.get(f"{address}/v1/session", timeout=TIMEOUT_S).json()
        return {"session": browser.cookies[SESSION], "csrf": told["csrf"]}
