"""The vehicle register: a file or one HTTP call, strictly read, never trusted, never kept."""

import logging
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from central.bookings.register import Facts, Register, RegisterUnfit, RegisterUnreachable, Watched
from central.bookings.register_choice import open_register
from central.bookings.register_csv import CsvRegister
from central.bookings.register_http import ANSWER_MAX, AT_ONCE, HttpRegister
from contract.plate import Plate
from tests.fakes.register_server import Asked, RegisterServer, register_server
from tests.waiting import until

CAR = Plate("ABC123")
VOLVO = b'{"plate": "ABC123", "make": "Volvo", "year": 2014, "owner": "The owner"}'
BEGUN = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n"
LONG_S = 10.0
SHORT_S = 0.3


# -- a file -------------------------------------------------------------------------------------


def file(folder: Path, text: str | bytes) -> Path:
    path = folder / "register.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_file_knows_its_vehicles_however_the_plate_is_written(tmp_path: Path) -> None:
    register = CsvRegister(
        file(
            tmp_path,
            "\ufeffplate;make;model;colour;year;owner\nabc 123;Volvo;V70;blue;2014;The owner\n",
        )
    )
    facts = register.look_up(CAR)
    assert (
        Facts(
            plate="abc 123", make="Volvo", model="V70", colour="blue", year=2014, owner="The owner"
        )
        == facts
    )
    assert register.look_up(Plate("DEF456")) is None


def test_a_file_is_read_again_when_it_has_changed(tmp_path: Path) -> None:
    path = file(tmp_path, "plate,make\nABC123,Volvo\n")
    register = CsvRegister(path)
    assert register.look_up(CAR) is not None
    other = tmp_path / "new.csv"
    other.write_text("plate,make\nABC123,Saab\n")
    other.replace(path)
    facts = register.look_up(CAR)
    assert facts is not None
    assert "Saab" == facts.make
    path.unlink()
    with pytest.raises(RegisterUnreachable):
        register.look_up(CAR)


def test_bad_lines_are_named_in_the_log_without_their_plates(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    text = "plate,make,year\nA?C123,Volvo,2014\nDEF456,Saab,soon\nGHJ789,Saab\nABC123,Volvo,2014\n"
    register = CsvRegister(file(tmp_path, text))
    assert register.look_up(CAR) is not None
    assert register.look_up(Plate("DEF456")) is None
    lines = [record.getMessage() for record in caplog.records]
    assert ["line=2", "line=3", "line=4"] == [line.split()[3] for line in lines]
    assert not any(sign in line for line in lines for sign in ("?", "DEF", "GHJ", "ABC"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("make\nVolvo\n", "The header lacks plate."),
        ("plate,price\nABC123,5\n", "The header has price;"),
        ("", "The file is empty; it begins with plate."),
        (b"plate,make\nABC123,\xff\n", "UnicodeDecodeError"),
    ],
)
def test_a_file_that_is_none_says_so(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(RegisterUnreachable, match=said):
        CsvRegister(file(tmp_path, text)).look_up(CAR)


# -- one call -----------------------------------------------------------------------------------


@contextmanager
def asking(
    answer: Callable[[Asked], None], answer_s: float = LONG_S, token: Path | None = None
) -> Iterator[tuple[HttpRegister, RegisterServer]]:
    with register_server(answer) as server:
        yield HttpRegister(server.url, token, answer_s=answer_s), server


def refusal(answer: Callable[[Asked], None], answer_s: float = LONG_S) -> str:
    with asking(answer, answer_s) as (register, _), pytest.raises(RegisterUnreachable) as error:
        register.look_up(CAR)
    assert "ABC" not in str(error.value)
    return str(error.value)


def test_it_asks_as_documented_and_reads_the_answer(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("sesame\n")
    with asking(lambda asked: asked.gives(VOLVO), token=token) as (register, server):
        facts = register.look_up(CAR)
        assert Facts(plate="ABC123", make="Volvo", year=2014, owner="The owner") == facts
        assert [("/vehicles?plate=ABC123", "Bearer sesame")] == server.asked
        token.write_text("sesame2\n")
        with pytest.raises(RegisterUnreachable):
            register.look_up(Plate("ÅÄÖ"))
        assert ("/vehicles?plate=%C3%85%C3%84%C3%96", "Bearer sesame2") == server.asked[-1]


def test_every_look_up_asks_anew() -> None:
    with asking(lambda asked: asked.gives(VOLVO)) as (register, server):
        register.look_up(CAR)
        register.look_up(CAR)
        assert 2 == len(server.asked)


def test_a_vehicle_that_is_unknown_there_is_unknown() -> None:
    with asking(lambda asked: asked.gives(b"", 404)) as (register, _):
        assert register.look_up(CAR) is None


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "cannot be read"),
        (b"not json", "cannot be read"),
        (b"[]", "cannot be read"),
        (b'{"make": "Volvo"}', "cannot be read"),
        (b'{"plate": "ABC123", "year": "2014"}', "cannot be read"),
        (b'{"plate": "ABC123", "year": 3}', "cannot be read"),
        (b'{"plate": "ABC123", "owner": "' + b"x" * 201 + b'"}', "cannot be read"),
        (b'{"plate": "ABC123", "make": "\xff"}', "cannot be read"),
        (b'{"plate": "?"}', "cannot be read"),
        (b'{"plate": "DEF456", "make": "Volvo"}', "another vehicle"),
        (b'{"plate": "ABC123", "x": "' + b"x" * ANSWER_MAX + b'"}', "too large"),
        (b'{"plate": ' + b"[" * 16_000, "cannot be read"),
    ],
)
def test_a_wrong_answer_is_no_answer(body: bytes, said: str) -> None:
    assert said in refusal(lambda asked: asked.gives(body))


@pytest.mark.parametrize("status", [201, 400, 401, 429, 500, 503])
def test_any_other_status_is_no_answer(status: int) -> None:
    assert f"status {status}" in refusal(lambda asked: asked.gives(VOLVO, status))


def test_a_page_is_no_answer() -> None:
    assert "no vehicle" in refusal(lambda asked: asked.gives(VOLVO, kind="text/html"))


def test_nobody_is_followed_elsewhere() -> None:
    with register_server(lambda asked: asked.gives(VOLVO)) as elsewhere:
        said = refusal(lambda asked: asked.gives(b"", 302, location=elsewhere.url))
        assert [] == elsewhere.asked
    assert "status 302" in said


def test_a_huge_answer_is_dropped_before_it_has_come() -> None:
    def floods(asked: Asked) -> None:
        asked.gives(b"x", length=10**12)
        while True:
            asked.wfile.write(b"x" * 65_536)

    assert "too large" in refusal(floods)


def test_who_says_nothing_is_waited_for_no_longer_than_agreed() -> None:
    refusal(lambda asked: asked.drips(b""), SHORT_S)


def test_who_says_a_sign_now_and_then_holds_nobody() -> None:
    """Each sign alone comes in time; only the whole answer does not."""

    def trickles(asked: Asked) -> None:
        server = asked.server
        assert isinstance(server, RegisterServer)
        asked.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        while not server.over.wait(SHORT_S / 10):
            asked.wfile.write(b"x")

    assert "in time" in refusal(trickles, SHORT_S)


@pytest.mark.parametrize(
    "begins",
    [
        b"HTTP/1.1 200 OK\r\nX: ",
        BEGUN,
        BEGUN.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"),
    ],
    ids=["in the headers", "in the answer", "in an answer that ends its connection"],
)
def test_who_goes_on_saying_a_sign_now_and_then_is_hung_up_on(begins: bytes) -> None:
    """Else a few such calls would be under way for ever, and nobody could ask any more."""
    hung_up: list[str] = []

    def trickles(asked: Asked) -> None:
        server = asked.server
        assert isinstance(server, RegisterServer)
        asked.close_connection = True
        asked.wfile.write(begins)
        try:
            while not server.over.wait(SHORT_S / 10):
                asked.wfile.write(b" ")
        except OSError:
            hung_up.append("by the asker")

    def said(register: HttpRegister) -> str:
        with pytest.raises(RegisterUnreachable) as error:
            register.look_up(CAR)
        return str(error.value)

    with asking(trickles, SHORT_S) as (register, _):
        for _ in range(AT_ONCE):
            assert "in time" in said(register)
        until(lambda: len(hung_up) == AT_ONCE, LONG_S, "the end of the calls")
        assert "in time" in said(register), "there is room for the next"


def test_no_more_than_a_few_ask_at_once() -> None:
    with (
        asking(lambda asked: asked.drips(b"")) as (register, server),
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        waiting = [pool.submit(register.look_up, CAR) for _ in range(AT_ONCE)]
        until(lambda: len(server.asked) == AT_ONCE, LONG_S, "they ask")
        with pytest.raises(RegisterUnreachable, match="slow"):
            register.look_up(CAR)
        server.over.set()
        for one in waiting:
            with pytest.raises(RegisterUnreachable):
                one.result()


def test_a_register_that_is_down_is_not_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(RegisterUnreachable, match="ConnectionError"):
        HttpRegister(f"http://127.0.0.1:{port}/", None).look_up(CAR)


def test_a_token_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with (
        asking(lambda asked: asked.gives(VOLVO), token=tmp_path / "none") as (register, server),
        pytest.raises(RegisterUnreachable, match="token file"),
    ):
        register.look_up(CAR)
    assert [] == server.asked


# -- which one ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("csv", "url", "token", "said"),
    [
        (Path("a.csv"), "https://a.example/", None, "Name one register"),
        (None, "", Path("token"), "needs --register-url"),
        (None, "http://register.example/", None, "https://"),
        (None, "ftp://register.example/", None, "https://"),
        (None, "https://", None, "https://"),
        (None, "https://register.example/?key=1", None, "without a query"),
        (None, "https://me@register.example/", None, "without a query or a password"),
    ],
)
def test_settings_that_cannot_work_are_refused_with_what_to_change(
    csv: Path | None, url: str, token: Path | None, said: str
) -> None:
    with pytest.raises(RegisterUnfit, match=said):
        open_register(csv, url, token)


def test_without_settings_there_is_no_register(tmp_path: Path) -> None:
    assert open_register(None, "", None) is None
    path = file(tmp_path, "plate\nABC123\n")
    chosen = open_register(path, "", None)
    assert chosen is not None
    assert Facts(plate="ABC123") == chosen.look_up(CAR)
    assert isinstance(open_register(None, "https://register.example/v", None), Watched)


def test_its_silence_is_logged_once_and_its_return_once(caplog: pytest.LogCaptureFixture) -> None:
    class Sometimes:
        up = False

        def look_up(self, plate: Plate) -> Facts | None:
            if not self.up:
                raise RegisterUnreachable("The register did not answer in time.")
            return Facts(plate=plate.text)

    caplog.set_level(logging.INFO)
    behind = Sometimes()
    register: Register = Watched(behind)
    for _ in range(3):
        with pytest.raises(RegisterUnreachable):
            register.look_up(CAR)
    behind.up = True
    register.look_up(CAR)
    register.look_up(CAR)
    assert [
        "register lost reason=The register did not answer in time.",
        "register back missed=3",
    ] == [record.getMessage() for record in caplog.records]
