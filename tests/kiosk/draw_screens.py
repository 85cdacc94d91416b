"""Draws every screen in every language to a folder, with one page to look at them all: `make screens`."""

import argparse
import os
import shutil
import sys
from html import escape
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import Page, sync_playwright

from tests.conftest import CHROMIUM_ARGS
from tests.kiosk.gallery import LANGUAGES, SCREENS, gallery
from tests.kiosk.served_page import draw, prepare, served_page

WIDTH, HEIGHT = 1280, 800
COLUMNS, CAPTION = 6, 18
SMALL = 256, 160
COLOURS = 128


def drawn(page: Page, folder: Path) -> None:
    """Take a picture of each screen."""
    for language in LANGUAGES:
        for name, screen in gallery(language).items():
            draw(page, screen)
            page.screenshot(path=folder / picture(name, language))
        print(f"{len(SCREENS)} screens in {language}", flush=True)  # noqa: T201 - it tells a person


def picture(name: str, language: str) -> str:
    return f"{name}.{language}.png"


def index() -> str:
    """A page with a row for each screen."""
    rows = "".join(
        f"<h2>{escape(name)}</h2><p>"
        + "".join(
            f'<a href="{one}"><img src="{one}" alt="" width="420"></a> ' for one in files(name)
        )
        for name in SCREENS
    )
    return f'<!doctype html><meta charset="utf-8"><title>Screens of the post</title>{rows}'


def files(name: str) -> list[str]:
    return [picture(name, language) for language in LANGUAGES]


def sheet(folder: Path, language: str) -> Image.Image:
    """The first screen of each number on one picture, in one language."""
    names = list({name.partition("-")[0]: name for name in reversed(SCREENS)}.values())[::-1]
    width, height = SMALL[0] + 8, SMALL[1] + CAPTION + 6
    whole = Image.new("RGB", (COLUMNS * width, -(-len(names) // COLUMNS) * height), "#b8bec4")
    pen = ImageDraw.Draw(whole)
    for number, name in enumerate(names):
        x, y = number % COLUMNS * width + 4, number // COLUMNS * height
        with Image.open(folder / picture(name, language)) as one:
            whole.paste(
                one.convert("RGB").resize(SMALL, Image.Resampling.LANCZOS), (x, y + CAPTION)
            )
        pen.text((x, y + 3), name, fill="black")
    return whole.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)


def main() -> int:
    """Draw to the folder that is named."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--sheet", type=Path, help="put the Swedish screens on one picture here")
    told = options.parse_args()
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        print("There is no chromium here: run 'apt-get install chromium', or set CHROMIUM.")  # noqa: T201 - it tells a person
        return 1
    told.folder.mkdir(parents=True, exist_ok=True)
    with served_page() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGS)
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        prepare(page, url)
        drawn(page, told.folder)
        browser.close()
    (told.folder / "index.html").write_text(index(), "utf-8")
    sheet(told.folder, "sv").save(told.sheet or told.folder / "sheet.sv.png", optimize=True)
    print(f"Look at {told.folder / 'index.html'}")  # noqa: T201 - it tells a person
    return 0


if __name__ == "__main__":
    sys.exit(main())
