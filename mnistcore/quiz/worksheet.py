"""Owns a homework as HTML: the worksheet, which is printed or filled in, and the answer key, a file each."""

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Final

from mnistcore.quiz import texts
from mnistcore.quiz.asked import Asked, in_words, percent
from mnistcore.quiz.check import make_check
from mnistcore.quiz.homework import Homework
from mnistcore.quiz.markup import table_html
from mnistcore.quiz.questions import Question
from mnistcore.quiz.records import key_of, script_json
from mnistcore.quiz.texts import say
from mnistcore.wording import html

_HERE: Final = Path(__file__).parent
# Nothing is loaded from anywhere, whatever a class is called.
_POLICY: Final = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"

Words = Callable[..., str]


def worksheet_html(homework: Homework) -> str:
    """The worksheet: no right answer is in it, but for the check of all of them together."""
    words: Words = partial(_words, homework)
    check = make_check(homework.questions)
    questions = "".join(_question(homework, number, question) for number, question in enumerate(homework.questions, 1))
    data = {
        "quiz": homework.quiz,
        "questions": [{"options": question.options, "unit": question.unit} for question in homework.questions],
        "check": asdict(check) if check else None,
        "words": {
            "needs_name": words("homework.needs_name"),
            "missing": words("homework.missing"),
            "open": words("homework.check.open"),
            "unreadable": words("homework.unreadable"),
            "saved": words("homework.saved"),
            "impossible": words("homework.check.impossible"),
            "waits": words("homework.check.waits"),
            "right": words("homework.check.right"),
            "wrong": words("homework.check.wrong"),
        },
    }
    checking = ""
    if check:
        checking = (
            f'<button type="button" id="check">{html(words("homework.check"))}</button>'
            f'<span class="note">{html(words("homework.check.note"))}</span>'
        )
    body = (
        f'<form autocomplete="off"><header>{_head(homework, words("homework.title"))}'
        f'<p class="note screen">{html(words("homework.how"))}</p><div class="who">'
        f'<label>{html(words("homework.number"))}<input type="text" name="number" maxlength="40"></label>'
        f'<label>{html(words("homework.name"))}<input type="text" name="name" maxlength="60"></label></div></header>'
        f'<main>{questions}</main><div class="actions screen" hidden>'
        f'<button type="button" class="main" id="save">{html(words("homework.save"))}</button>{checking}'
        f'<p class="said" id="said" role="status"></p></div>'
        f'<noscript><p class="note screen">{html(words("homework.needs_script"))}</p></noscript></form>'
        f'<script type="application/json" id="quiz">{script_json(data)}</script>'
        f"<script>{_file('worksheet.js')}</script>"
    )
    return _page(homework, words("homework.title"), body)


def key_html(homework: Homework) -> str:
    """The answer key: every answer with its reason, and the key that `grade` reads."""
    words: Words = partial(_words, homework)
    asked = [in_words(question, homework.language, homework.names) for question in homework.questions]
    rows = "".join(f"<tr><td>{number}</td><td>{html(each.answer)}</td></tr>" for number, each in enumerate(asked, 1))
    sections = "".join(
        _answered(homework, number, question, each)
        for number, (question, each) in enumerate(zip(homework.questions, asked, strict=True), 1)
    )
    body = (
        f'<div class="key"><header>{_head(homework, words("homework.title.key"))}'
        f'<p class="keep">{html(words("homework.key.keep"))}</p></header>'
        f"<main><h2>{html(words('homework.key.table'))}</h2>"
        f'<table class="all"><tr><th>{html(words("homework.number.short"))}</th>'
        f"<th>{html(words('homework.answer'))}</th></tr>{rows}</table>{sections}</main></div>"
        f'<script type="application/json" id="key">{script_json(key_of(homework).model_dump(mode="json"))}</script>'
    )
    return _page(homework, words("homework.title.key"), body)


def _words(homework: Homework, key: str, **values: object) -> str:
    return texts.say(key, homework.language, **values)


def _page(homework: Homework, title: str, body: str) -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="{homework.language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f"<title>{html(title)} {homework.quiz}</title>\n<style>\n{_file('worksheet.css')}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def _file(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _head(homework: Homework, title: str) -> str:
    result, words = homework.result, partial(_words, homework)
    subject = words(
        "homework.subject",
        dataset=homework.dataset,
        run=result.run_id,
        epoch=result.epoch,
        split=words(f"homework.split.{result.split}"),
        total=f"{result.numbers.total:,}",
        correct=f"{result.numbers.correct:,}",
        accuracy=percent(result.numbers.correct, result.numbers.total),
    )
    quiz = words("homework.quiz", quiz=homework.quiz)
    return f'<h1>{html(title)}</h1><p class="subject">{html(subject)}</p><p class="subject">{html(quiz)}</p>'


def _question(homework: Homework, number: int, question: Question) -> str:
    asked = in_words(question, homework.language, homework.names)
    name = f"q{number}"
    if asked.unit:
        field = f'<input type="text" inputmode="decimal" name="{name}" maxlength="20" aria-labelledby="{name}">'
        answer = f'<div class="number">{field}<span>{html(asked.unit)}</span></div>'
    else:
        items = "".join(
            f'<li><label><input type="radio" name="{name}" value="{html(option)}">'
            f"<span>{html(text)}</span></label></li>"
            for option, text in asked.options.items()
        )
        answer = f'<ul class="options">{items}</ul>'
    return _section(homework, number, question, asked, answer)


def _answered(homework: Homework, number: int, question: Question, asked: Asked) -> str:
    if asked.unit:
        answer = f'<p class="answer">{html(asked.answer)}</p>'
    else:
        items = "".join(
            f"<li{' class=right' if option == question.answer else ''}>{html(text)}</li>"
            for option, text in asked.options.items()
        )
        answer = f'<ul class="options">{items}</ul>'
    why = say("homework.why", homework.language)
    reason = f'<p class="reason"><b>{html(why)}</b> {html(asked.reason)}</p>'
    return _section(homework, number, question, asked, answer, reason)


def _section(homework: Homework, number: int, question: Question, asked: Asked, answer: str, more: str = "") -> str:
    """A question: what it is about on the left, what is answered on the right."""
    table = "" if asked.table is None else table_html(asked.table)
    title = html(say("homework.question", homework.language, number=number))
    return (
        f'<section class="question" role="group" aria-labelledby="q{number}"><div><h2>{title}</h2>'
        f'<p class="prompt" id="q{number}">{html(asked.prompt)}</p>'
        f'<div class="body">{_picture(homework, number, question)}{table}{answer}</div>{more}</div></section>'
    )


def _picture(homework: Homework, number: int, question: Question) -> str:
    if question.about.image is None:
        return ""
    uri = homework.pictures.get(question.about.image)
    if uri is None:
        return f'<p class="note">{html(say("homework.no_image", homework.language))}</p>'
    return f'<img class="picture" src="{uri}" alt="{html(say("homework.image", homework.language, number=number))}">'
