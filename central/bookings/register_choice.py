"""Which register the settings name."""

from pathlib import Path

from central.bookings.register import Register, RegisterUnfit, Watched
from central.bookings.register_csv import CsvRegister
from central.bookings.register_http import HttpRegister


def open_register(csv: Path | None, url: str, token_file: Path | None) -> Register | None:
    """Make the register that the settings name; None when they name none.

    Raises:
        RegisterUnfit: they name two, a token that nobody asks for, or an address that is not safe.
    """
    if csv is not None and url:
        raise RegisterUnfit("Name one register: either --register-csv or --register-url.")
    if token_file is not None and not url:
        raise RegisterUnfit("--register-token-file needs --register-url.")
    if url:
        return Watched(HttpRegister(url, token_file))
    return None if csv is None else Watched(CsvRegister(csv))
