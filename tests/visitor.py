"""A person's browser in as few lines as will do, over real HTTP: cookies, forms, files."""

import re
import secrets
import ssl
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from itertools import cycle
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import (
    HTTPCookieProcessor,
    HTTPRedirectHandler,
    HTTPSHandler,
    Request,
    build_opener,
)

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class NotFollowed(HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def words(self) -> str:
        """What a page says, without its markup."""
        return " ".join(re.sub(r"<[^>]*>", " ", self.body.decode()).split())

    @property
    def location(self) -> str:
        return self.headers["Location"]


@dataclass
class Visitor:
    """Asks the `addresses` in turn, whichever node that is; follows no redirect by itself."""

    addresses: list[str]
    jar: CookieJar = field(
        default_factory=lambda: CookieJar(DefaultCookiePolicy(rfc2965=True, strict_domain=False))
    )

    def __post_init__(self):
        trusting = ssl._create_unverified_context()  # noqa: S323 - made for this test
        self.opener = build_opener(
            HTTPCookieProcessor(self.jar), HTTPSHandler(context=trusting), NotFollowed()
        )
        self.turn = cycle(self.addresses)

    def ask(self, path: str, data: bytes | None = None, kind: str = "") -> Answer:
        address = urljoin(next(self.turn), path)
        headers = {"Referer": address} | ({"Content-Type": kind} if kind else {})
        try:
            with self.opener.open(Request(address, data, headers), timeout=60) as answer:  # noqa: S310 - ours
                return Answer(answer.status, dict(answer.headers), answer.read())
        except HTTPError as error:
            with error:
                return Answer(error.code, dict(error.headers), error.read())

    def get(self, path: str) -> Answer:
        return self.ask(path)

    def post(self, path: str, file: tuple[str, bytes] | None = None, **fields: str) -> Answer:
        """Open the page, then send its form, with a file if one is given."""
        page = self.get(path)
        assert page.status == 200, page.words
        fields["csrfmiddlewaretoken"] = TOKEN.search(page.text)[1]
        if file is None:
            return self.ask(path, urlencode(fields).encode(), "application/x-www-form-urlencoded")
        mark = secrets.token_hex(16)
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        ]
        named = f'form-data; name="file"; filename="{file[0]}"'
        parts.append(f"--{mark}\r\nContent-Disposition: {named}\r\n\r\n")
        body = "".join(parts).encode() + file[1] + f"\r\n--{mark}--\r\n".encode()
        return self.ask(path, body, f"multipart/form-data; boundary={mark}")
