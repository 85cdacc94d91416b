from signage.frame import Frame


def test_dots_are_read_from_the_left_with_the_top_row_in_bit_0() -> None:
    assert Frame(3, 2, (0b01, 0b10, 0b11)).rows == ("#.#", ".##")


def test_a_frame_prints_as_it_looks() -> None:
    assert str(Frame(3, 2, (0b01, 0b10, 0b11))) == "#.#\n.##"


def test_darkness_has_the_size_of_the_panel_and_no_lit_dot() -> None:
    dark = Frame.dark(40, 8)
    assert dark.rows == ("." * 40,) * 8
    assert dark.is_dark
    assert dark.lit_dots == 0


def test_one_lit_dot_is_not_dark() -> None:
    frame = Frame(2, 8, (0, 0b1000_0000))
    assert not frame.is_dark
    assert frame.lit_dots == 1
