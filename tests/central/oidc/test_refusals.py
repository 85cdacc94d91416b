"""Every refusal is said in the words of the page, in both languages."""

import json
import re
from pathlib import Path

import pytest

from central.oidc.refusals import SENTENCES, Why
from central.web.login_page import Doors, login_page

BOARD = Path(login_page.__code__.co_filename).parent.parent / "board"
DOORS = Doors("the works", {why.value: said for why, said in SENTENCES.items()})


def words(language: str) -> dict[str, str]:
    text = (BOARD / f"words_{language}.js").read_text(encoding="utf-8")
    found = re.findall(r'\belsewhere_(\w+): ("(?:[^"\\]|\\.)*")', text)
    return {name: json.loads(said) for name, said in found}


def test_the_page_knows_all_reasons_in_both_languages() -> None:
    assert words("en") == DOORS.refusals
    assert words("sv").keys() == words("en").keys()


@pytest.mark.parametrize("why", list(Why))
def test_the_form_says_the_reason_without_a_script_too(why: Why) -> None:
    page = login_page(DOORS, why=why.value).get_data(as_text=True)
    assert f'data-say="elsewhere_{why}"' in page


def test_no_text_of_an_address_gets_onto_the_form() -> None:
    plain = login_page(DOORS).get_data(as_text=True)
    assert login_page(DOORS, why="<script>").get_data(as_text=True) == plain


def test_the_label_is_text_and_there_is_no_button_without_one() -> None:
    page = login_page(Doors("<b>the works</b>")).get_data(as_text=True)
    assert "&lt;b&gt;the works&lt;/b&gt;" in page
    assert "/login/oidc" not in login_page(Doors()).get_data(as_text=True)
