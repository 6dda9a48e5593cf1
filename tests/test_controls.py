"""ui.controls: labels that differ, clicks that are heard by a session that has just begun, and nobody else's controls."""

import ast
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from scripts.project import ROOT

# What a reader clicks or types into; each is called in one module only. Links and folding parts choose nothing.
CONTROLS = {
    "button", "download_button", "checkbox", "toggle", "radio", "selectbox", "multiselect", "pills", "segmented_control",
    "slider", "select_slider", "text_input", "text_area", "number_input", "date_input", "time_input", "pagination",
    "feedback", "data_editor", "file_uploader", "chat_input", "form_submit_button", "fragment",
}  # fmt: skip
OWNERS = {"fragment": {"ui/guard.py"}, "text_input": {"ui/controls.py", "ui/state.py"}}
SOURCES = sorted([ROOT / "dashboard.py", *(ROOT / "pages").glob("*.py"), *(ROOT / "ui").rglob("*.py")])


def used(source: str) -> set[str]:
    """Streamlit's controls that a module names, also those of its containers."""
    found = {node.attr for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)}
    ours = {
        node.attr
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in ("controls", "guard")
    }
    named = {name.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)
             and (node.module or "").startswith("streamlit") for name in node.names}  # fmt: skip
    return (found - ours | named) & CONTROLS


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_control_is_drawn_in_one_place(path: Path) -> None:
    name = str(path.relative_to(ROOT))
    strays = {
        control
        for control in used(path.read_text(encoding="utf-8"))
        if name not in OWNERS.get(control, {"ui/controls.py"})
    }
    assert not strays, f"{name} draws {', '.join(sorted(strays))} itself: use ui.controls or ui.guard"


@pytest.mark.parametrize(
    "source",
    ["import streamlit as st\nst.pills('a', [])", "left.selectbox('a', [])", "from streamlit import radio",
     "draw = st.select_slider", "@st.fragment\ndef f(): ..."],
)  # fmt: skip
def test_a_stray_control_is_noticed(source: str) -> None:
    assert used(source)


def test_our_own_faces_are_no_stray_controls() -> None:
    assert not used("controls.button('a', f, key='a')\nguard.fragment(f)")


# ---------------------------------------------------------------- what is chosen


def _choices() -> None:
    import streamlit as st

    from ui import controls, state

    options = ["a", "b", "c"]
    for kind in ("list", "segments", "pills", "slider"):
        key = f"pick_{kind}"
        chosen = st.session_state.setdefault(f"chosen_{kind}", "a")

        def store(option: str, kind: str = kind) -> None:
            st.session_state[f"chosen_{kind}"] = option

        controls.choose(kind, options, key=key, chosen=chosen, store=store, names=(lambda _: "same",), kind=kind)
    state.begin()
    controls.button("other", lambda: None, key="other")


def widget(page: AppTest, kind: str) -> Any:
    return {"list": page.selectbox, "slider": page.select_slider}.get(kind, page.button_group)(key=f"pick_{kind}")


@pytest.mark.parametrize("kind", ["list", "segments", "pills", "slider"])
def test_options_of_one_name_can_each_be_chosen(kind: str) -> None:
    page = AppTest.from_function(_choices, default_timeout=20).run()
    assert not page.exception
    for option in ("b", "a", "c"):
        widget(page, kind).set_value(option).run()
        page.button(key="other").click().run()
        assert not page.exception
        assert page.session_state[f"chosen_{kind}"] == option, "a click elsewhere chooses no other option"


@pytest.mark.parametrize("kind", ["segments", "pills"])
def test_what_is_chosen_stays_when_it_is_clicked_again(kind: str) -> None:
    page = AppTest.from_function(_choices, default_timeout=20).run()
    widget(page, kind).set_value("b").run()
    widget(page, kind).set_value(None).run()
    assert page.session_state[f"chosen_{kind}"] == "b"


# ---------------------------------------------------------------- a session that begins with a click


def _counted() -> None:
    """A page whose session never gets past its first run, as for a click on a page of an earlier server."""
    import streamlit as st

    from ui import controls, state

    heard = st.session_state.setdefault("heard", [])
    before = len(heard)
    controls.button("press", lambda: heard.append("press"), key="press")
    controls.choose("pick", ["a", "b"], key="pick", chosen="a", store=heard.append)
    controls.text("say", key="say", value="", store=heard.append)
    controls.pages(3, key="page", page=1, store=lambda page: heard.append(str(page)))
    controls.interval("range", 0, 9, key="range", chosen=(0, 9), store=lambda found: heard.append(str(found)), help="")
    st.text(f"{before} {state.is_first_run()}")
    state.begin()


def test_a_click_is_heard_once() -> None:
    page = AppTest.from_function(_counted, default_timeout=20).run()
    page.button(key="press").click().run()
    assert page.session_state["heard"] == ["press"]
    page.selectbox(key="pick").set_value("b").run()
    page.text_input(key="say").set_value("x").run()
    page.slider(key="range").set_value((2, 5)).run()
    assert page.session_state["heard"] == ["press", "b", "x", "(2, 5)"]
    page.run()
    assert len(page.session_state["heard"]) == 4


@pytest.mark.parametrize(
    ("kind", "key", "value", "said"),
    [
        ("selectbox", "pick", "b", "b"),
        ("text_input", "say", "x", "x"),
        ("slider", "range", (2, 5), "(2, 5)"),
    ],
)
def test_a_session_that_begins_with_a_choice_hears_it_once(kind: str, key: str, value: Any, said: str) -> None:
    old = AppTest.from_function(_counted, default_timeout=20).run()
    getattr(old, kind)(key=key).set_value(value)
    new = AppTest.from_function(_counted, default_timeout=20)
    new._run(old._tree.get_widget_states())  # the browser's page, with the choice in it; the session knows of nothing
    assert not new.exception
    assert new.session_state["heard"] == [said]
    new.run()
    assert new.session_state["heard"] == [said]


def test_a_session_that_begins_with_a_button_hears_it_once() -> None:
    old = AppTest.from_function(_counted, default_timeout=20).run()
    old.button(key="press").click()
    new = AppTest.from_function(_counted, default_timeout=20)
    new._run(old._tree.get_widget_states())
    assert new.session_state["heard"] == ["press"]
    new.run()
    assert new.session_state["heard"] == ["press"]
