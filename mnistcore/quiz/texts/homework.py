"""Owns the words around the questions: those of the worksheet, the answer key and the table of marks."""

TEXTS = {
    "homework.title": ("混同行列を読む：練習問題", "Reading a confusion matrix: exercises"),
    "homework.title.key": ("混同行列を読む：解答と解説", "Reading a confusion matrix: answers and reasons"),
    "homework.subject": (
        "{dataset}・{run}・エポック {epoch}・{split}画像 {total} 枚・全体の正解率 {accuracy}（{correct} / {total} 枚）",
        "{dataset} · {run} · epoch {epoch} · {total} {split} {total:image|images} · overall accuracy {accuracy} "
        "({correct} of {total})",
    ),
    "homework.split.test": ("テスト", "test"),
    "homework.split.validation": ("検証", "validation"),
    "homework.name": ("名前", "Name"),
    "homework.number": ("学籍番号", "Student number"),
    "homework.number.short": ("問", "Question"),
    "homework.question": ("問 {number}", "Question {number}"),
    "homework.answer": ("答え", "Answer"),
    "homework.why": ("理由", "Why"),
    "homework.quiz": ("問題番号 {quiz}", "Quiz {quiz}"),
    "homework.no_image": ("（画像は、この環境にはありません）", "(The image is not available here.)"),
    "homework.image": ("問 {number} の画像", "The image of question {number}"),
    "homework.how": (
        "印刷して書き込むか、ここで答えを選び、下のボタンで提出用のファイルを保存してください。",
        "Print this page and write on it, or choose your answers here and save the file to hand in with the button below.",
    ),
    "homework.save": ("提出用のファイルを保存", "Save the file to hand in"),
    "homework.check": ("全問正しいか確かめる", "Check whether all answers are right"),
    "homework.check.note": (
        "全問正しいかどうかだけがわかります。どの問いが違うかはわかりません。",
        "It only tells whether all of them are right, not which one is not.",
    ),
    "homework.check.open": (
        "確かめるには、すべての問いに答えてください。まだの問い：{numbers}。",
        "To check, give an answer to every question. Without one: {numbers}.",
    ),
    "homework.check.waits": ("確かめています…", "Checking…"),
    "homework.check.right": ("全問、正しく答えています。", "All your answers are right."),
    "homework.check.wrong": ("正しくない答えが、少なくとも 1 つあります。", "At least one answer is not right."),
    "homework.check.impossible": (
        "このブラウザでは確かめられません（ファイルを保存してから、直接開いてください）。提出はできます。",
        "This browser cannot check it here (save this page as a file and open that). You can still hand in.",
    ),
    "homework.needs_name": ("名前か学籍番号を入れてください。", "Enter your name or your student number."),
    "homework.missing": (
        "まだ答えていない問いがあります：{numbers}。それでも保存するなら、もう一度ボタンを押してください。",
        "Without an answer: {numbers}. To save it all the same, press the button once more.",
    ),
    "homework.unreadable": (
        "数として読めない答えがあります：{numbers}。数だけを入れてください。",
        "These answers are not numbers: {numbers}. Enter the number alone.",
    ),
    "homework.saved": (
        "{file} を保存しました。このファイルを提出してください。",
        "Saved as {file}. Hand in this file.",
    ),
    "homework.needs_script": (
        "ここで答えるには JavaScript が要ります。印刷して書き込むこともできます。",
        "Answering here needs JavaScript. You can also print this page and write on it.",
    ),
    "homework.key.keep": (
        "先生用：生徒が読める場所に置かないでください。採点（python -m mnistcore grade）にも使います。",
        "For the instructor: do not leave it where students can read it. `python -m mnistcore grade` needs it.",
    ),
    "homework.key.table": ("解答の一覧", "All answers"),
}
