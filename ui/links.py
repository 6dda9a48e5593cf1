"""Owns links from one page to another, which carry over what was chosen."""

from urllib.parse import urlencode

import streamlit as st

from ui import format, state

_LEFT_BEHIND = ("image", "page", "region")  # parameters that belong to what is shown of one part


def way(page: str, label: str, **parameters: str) -> str:
    """HTML of a link to a page, with the parameters of this one and others in their place.

    A plain link: st.page_link cannot take a parameter out of the URL, and st.switch_page refuses to where inputs are
    bound to the URL.
    """
    carried = {name: value for name, value in st.query_params.items() if value and name not in _LEFT_BEHIND}
    address = urlencode({**carried, "lang": state.language(), **parameters})
    return f'<a class="way" target="_self" href="{page}?{format.html(address)}">{format.html(label)}</a>'
