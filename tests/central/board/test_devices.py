"""Posts and signs that need somebody are named, quietly, and nothing on the page moves for it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from central.devices import faults
from contract.event import EventKind
from contract.yard import DeviceNotice, EventRow, FaultRow
from device.rotation import TOKEN
from device.trust import CLOCK
from kiosk.faults import Part
from tests.central.board.test_words import serious_faults
from tests.central.board.yards import NOW, at, waits, yard
from tests.fakes.board_server import BoardServer

pytestmark = pytest.mark.browser

Open = Callable[..., Page]

DISK = FaultRow(part="outbox", since=at("10:20"), reason="The disk is full.")
LAMP = FaultRow(part="hall_lamp", since=at("9:00"))


def post(number: int = 1, **more: Any) -> DeviceNotice:
    told: dict[str, Any] = {"device": f"post-{number}", "name": f"Post {number}", "role": "post"}
    return DeviceNotice(**(told | {"heard_at": NOW} | more))


def test_a_fault_is_said_in_the_head_with_its_reason_and_moves_nothing(
    board: Open, central: BoardServer
) -> None:
    central.queue = yard(waits("RST78A", 1))
    page = board()
    before = page.locator("#line-rows .plate").bounding_box()
    expect(page.locator("#devices-open")).to_be_hidden()
    central.show(yard(waits("RST78A", 1), devices=[post(faults=[DISK])]))
    expect(page.locator("#devices-open")).to_have_text(
        "Post 1: nothing can be saved: The disk is full — since 10:20"
    )
    assert before == page.locator("#line-rows .plate").bounding_box()
    central.show(yard(waits("RST78A", 1)))
    expect(page.locator("#devices-open")).to_be_hidden()


def test_on_a_telephone_the_line_is_cut_and_moves_nothing_either(
    board: Open, central: BoardServer
) -> None:
    central.queue = yard(waits("RST78A", 1))
    page = board()
    page.set_viewport_size({"width": 375, "height": 760})
    before = page.locator("#line-rows .plate").bounding_box()
    central.show(yard(waits("RST78A", 1), devices=[post(faults=[DISK, LAMP])]))
    expect(page.locator("#devices-open")).to_be_visible()
    assert before == page.locator("#line-rows .plate").bounding_box()


def test_what_stops_customers_is_said_first_and_the_rest_is_one_press_away(
    board: Open, central: BoardServer
) -> None:
    silent = post(2, silent=True, heard_at=at("10:23"), faults=[LAMP])
    central.queue = yard(devices=[post(faults=[LAMP, DISK], refused=1), silent, post(3, refused=2)])
    page = board()
    expect(page.locator("#devices-open")).to_contain_text("nothing can be saved")
    expect(page.locator("#devices-open")).to_contain_text("4 more")
    page.locator("#devices-open").click()
    rows = page.get_by_role("dialog", name="Posts and signs").get_by_role("listitem")
    expect(rows).to_have_text(
        [
            "Post 1: nothing can be savedThe disk is full.since 10:20",
            "Post 2: not heardsince 10:23",
            "Post 1: the lamp in the hall does not do what it is toldsince 09:00",
            "1 arrival waits at Post 1 that central did not take",
            "2 arrivals wait at Post 3 that central did not take",
        ]
    )
    assert [] == serious_faults(page)
    central.show(yard())
    expect(page.get_by_role("dialog")).to_contain_text("All that were heard are well again.")


def test_a_part_that_this_page_does_not_know_is_called_by_its_own_word(
    board: Open, central: BoardServer
) -> None:
    odd = FaultRow(part="card_reader", since=NOW - timedelta(days=1))
    central.queue = yard(devices=[post(faults=[odd])])
    expect(board().locator("#devices-open")).to_have_text(
        "Post 1: card_reader does not work — since yesterday 10:32"
    )


def test_a_token_on_two_machines_is_said_before_all_else(board: Open, central: BoardServer) -> None:
    lamp, copied = post(1, faults=[LAMP]), post(2, cloned=True)
    central.queue = yard(devices=[lamp, copied])
    expect(board().locator("#devices-open")).to_contain_text("Post 2: two machines use its token")


def test_every_kind_of_event_has_words_in_both_languages(board: Open) -> None:
    script = """async (kinds) => {
        const { languages } = await import("/board/static/words.js");
        return kinds.filter((kind) => !Object.values(languages).every((words) =>
            Object.hasOwn(words, `ev_${kind}`)));
    }"""
    assert [] == board().evaluate(script, sorted(EventKind))


def test_what_may_be_out_of_date_is_not_said(board: Open, central: BoardServer) -> None:
    """The head then says that there is no contact, and needs the room."""
    central.queue = yard(devices=[post(faults=[DISK])])
    page = board()
    expect(page.locator("#devices-open")).to_be_visible()
    central.reachable = False
    central.hang_up()
    page.clock.run_for(30_000)
    expect(page.locator("#devices-open")).to_be_hidden()


def test_every_part_of_a_post_has_words_in_both_languages_and_in_the_list_of_devices(
    board: Open,
) -> None:
    script = """async (parts) => {
        const { languages } = await import("/board/static/words.js");
        return parts.filter((part) => !Object.values(languages).every((words) =>
            Object.hasOwn(words, `fault_${part}`)));
    }"""
    parts = {*Part, CLOCK, TOKEN}
    assert [] == board().evaluate(script, sorted(parts))
    assert parts == set(faults.WORDS)


def test_a_look_up_stands_on_the_timeline_with_what_it_told(
    board: Open, central: BoardServer
) -> None:
    said = {
        "state": "waiting",
        "place": 2,
        "from": at("10:50"),
        "until": at("11:05"),
        "longer": {"said_ends_at": at("10:45"), "doors_closed": 1},
    }
    missed = {"state": "no_show", "missed_call_at": at("10:40")}
    central.queue = yard(waits("RST78A", 1))
    central.timeline = [
        EventRow(seq=1, at=NOW, kind="told", actor="Post 1", data={"source": "post", **told})
        for told in ({"said": said}, {"said": missed}, {"unheard": 7})
    ]
    page = board()
    page.locator("#line-rows .plate").click()
    facts = page.locator(".facts li")
    expect(facts.nth(0)).to_contain_text(
        "Looked up at the post. Told: number 2 in the line, turn about 10:50–11:05,"
        " it takes longer than 10:45, as was said, doors closed since: 1"
    )
    expect(facts.nth(1)).to_contain_text("Told: called at 10:40 and not forgotten")
    expect(facts.nth(2)).to_contain_text("Looked up at the post. Nobody read the first answer")
