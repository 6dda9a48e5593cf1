"""ui.lessons.class_answers: whose answers stand on a board, who ends it, and that nothing is left of it."""

from ui.lessons.class_answers import HOURS, LONGEST_NAME, MOST, Classroom, Entry


def test_answers_stand_on_the_board_until_its_owner_ends_it() -> None:
    room = Classroom()
    assert room.look("run", "teacher") is None
    assert not room.hand_in("run", "student", (1, 2))
    room.begin("run", "teacher")
    room.begin("run", "student")  # it is open already
    assert room.hand_in("run", "student", (1, 2))
    assert room.hand_in("run", "student", (1, 3))  # in place of the first
    room.call("run", "student", " Aki" + "i" * 99)
    shown = room.look("run", "student")
    assert shown is not None
    assert not shown.is_own
    assert shown.entries == (Entry("Aki" + "i" * (LONGEST_NAME - 3), (1, 3)),)
    room.end("run", "student")  # not hers
    assert room.look("run", "teacher") is not None
    room.end("run", "teacher")
    assert room.look("run", "teacher") is None
    room.begin("run", "student")
    again = room.look("run", "student")
    assert again is not None
    assert (again.is_own, again.name, again.entries) == (True, "", ())


def test_a_board_that_nobody_uses_ends_by_itself() -> None:
    clock = [0.0]
    room = Classroom(now=lambda: clock[0])
    room.begin("run", "teacher")
    clock[0] = HOURS * 3600 + 1
    assert room.look("run", "teacher") is None


def test_a_full_board_takes_no_more_people() -> None:
    room = Classroom()
    room.begin("run", "teacher")
    assert all(room.hand_in("run", str(i), (0,)) for i in range(MOST))
    assert not room.hand_in("run", "one more", (0,))
    assert room.hand_in("run", "0", (1,))
