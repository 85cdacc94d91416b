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


def test_frames_are_measured_for_every_length_of_cascade() -> None:
    figures = list(measure(passes=1, calls=2))
    assert ["5 modules", "8 modules", "16 modules"] == [one.name[16:] for one in figures]
    assert all(one.value > 0 for one in figures)
