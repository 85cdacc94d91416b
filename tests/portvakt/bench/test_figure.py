from portvakt.bench.figure import figure, lines, quantile
from portvakt.bench.frames import measure, wire_time_us


def test_a_figure_is_the_median_of_its_passes() -> None:
    assert 2.0 == figure("a", [9.0, 1.0, 2.0], "x floor").value


def test_a_missed_target_cannot_be_overlooked() -> None:
    assert "MISSED" in next(lines([figure("a", [2.6], "x floor", target=2.5)]))


def test_a_kept_target_says_so_with_its_limit() -> None:
    line = next(lines([figure("a", [2.4], "x floor", target=2.5)]))
    assert "kept  target <= 2.5" in line


def test_a_time_that_people_feel_is_stated_and_not_judged() -> None:
    assert "stated" in next(lines([figure("a", [200.0], "ms")]))


def test_a_quantile_is_a_value_that_was_measured() -> None:
    assert [1, 5, 9] == [quantile([9, 1, 5], share) for share in (0.0, 0.5, 0.99)]


def test_five_modules_take_eighty_microseconds_on_the_wire() -> None:
    assert 80 == wire_time_us(5)


def test_frames_are_measured_for_every_panel_beside_lumas_own_path() -> None:
    figures = {one.name: one for one in measure(passes=1, calls=4)}
    for modules in (4, 8, 16):
        encoded = figures[f"encode a frame, {modules} modules"]
        assert (0.25, True) == (encoded.target, "luma's display" in encoded.detail)
        assert (
            "luma's canvas, text and display"
            in figures[f"draw and encode, {modules} modules"].detail
        )
    for panel in ("ws2812, 54 x 8", "alpha", "mobitec, text", "mobitec, dots", "signhead, 96 x 16"):
        assert 0.25 == figures[f"encode a frame, {panel}"].target
    assert all(one.value >= 0 for one in figures.values())
