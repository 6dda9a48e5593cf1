"""Bring your own: a file of predictions or a confusion matrix, what is recognised in it, and keeping it as a run."""

from ui.bringing.arrival import draw_arrival
from ui.navigation import begin_page

draw_arrival(begin_page("bring_your_own"))
