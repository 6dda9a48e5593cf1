"""Lessons: a list, and each as one screen on which the reader guesses first, then sees what is so, and why."""

from ui.lessons.catalogue import LESSON
from ui.lessons.screen import draw_lesson, draw_list
from ui.navigation import begin_page, chosen_checkpoint

page = begin_page("lessons")
checkpoint = chosen_checkpoint(page)
lesson = page.read(LESSON, checkpoint)
if lesson is None:
    draw_list(checkpoint)
else:
    draw_lesson(page, checkpoint, lesson)
