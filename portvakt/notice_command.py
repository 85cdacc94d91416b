"""`portvakt central privacy notice`: the page that tells customers at the post what is kept of them."""

from pathlib import Path

import click

from contract.errors import PortvaktError
from portvakt.asking import ask
from portvakt.central_options import data_option, station_option
from portvakt.notice_page import Station, notice_page

# The supervisory authority of Sweden (GDPR article 51).
IMY = "Integritetsskyddsmyndigheten (IMY), imy.se"


class NoticeNotWritten(PortvaktError):
    """The page could not be written where it was wanted."""


@click.command("notice")
@station_option
@click.option("--controller", required=True, help="Who answers for the data: the company's name.")
@click.option("--contact", required=True, help="Where customers ask: an address, mail or number.")
@click.option("--authority", default=IMY, show_default=True, help="Where customers complain.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="A file; else standard output."
)
@data_option
def notice(
    station: str, controller: str, contact: str, authority: str, out: Path | None, data: Path
) -> None:
    """Make the notice that hangs at the post, with the days that are set now.

    One A4 page in the languages of the post.  It is a draft until the station's own lawyer has read it;
    print it anew when the days change.
    """
    kept = ask(data, "keeping", station=station)
    page = notice_page(
        Station(
            name=_name(data, station),
            controller=controller,
            contact=contact,
            authority=authority,
            plates_days=kept["plates_days"],
            recheck_days=kept["recheck_days"],
        )
    )
    if out is None:
        click.echo(page, nl=False)
        return
    try:
        out.write_text(page, encoding="utf-8")
    except OSError as error:
        raise NoticeNotWritten(f"{out} cannot be written: {error.strerror}.") from error
    click.echo(f"{out} is written: let your lawyer read it, then print it on A4.")


def _name(data: Path, station: str) -> str:
    found: str = next(one["name"] for one in ask(data, "list")["stations"] if one["id"] == station)
    return found
