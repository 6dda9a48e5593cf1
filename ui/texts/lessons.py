"""Owns the words of the lessons page; those of each lesson are in a file of its own."""

TEXTS = {
    "lessons.name": ("授業", "Lessons"),
    "lessons.title": ("授業", "Lessons"),
    "lessons.intro": (
        "問いを読み、**先に予想してから**、このチェックポイントの答えを見ます。",
        "Read the question, **guess first**, then look at what this checkpoint says.",
    ),
    "lessons.heading": ("{number}. {title}", "{number}. {title}"),
    "lessons.list": ("一覧", "All lessons"),
    "lessons.previous": ("‹ 前の授業", "‹ Previous"),
    "lessons.next": ("次の授業 ›", "Next ›"),
    "lessons.part": ("{part} / {parts} 問目：", "Question {part} of {parts}:"),
    "lessons.hits": ("{parts} 問のうち {hits} 問が当たり", "{hits} of {parts} guessed right"),
    "lessons.right": ("当たり", "Right"),
    "lessons.wrong_part": ("はずれ。前の問いの答えは {actual}", "Not quite. The answer before was {actual}"),
    "lessons.wrong": ("はずれ", "Not quite"),
    "lessons.instead": ("{guessed} ではなく", "not {guessed} but"),
    "lessons.guessed": ("あなたの予想", "Your guess"),
    "lessons.actual": ("実際", "In fact"),
    "lessons.again": ("もう一度予想する", "Guess again"),
    "lessons.total": ("計", "Total"),
    "lessons.needs.fewer_classes": (
        "この授業は混同行列の全体を使うので、{most} クラスまでのチェックポイントが必要です。",
        "This lesson uses the whole confusion matrix: it needs a checkpoint of at most {most} {most:class|classes}.",
    ),
    "lessons.needs.classes": (
        "この授業には、画像のあるクラスが 2 つ以上必要です。",
        "This lesson needs two classes or more that have images.",
    ),
    "lessons.needs.mistakes": (
        "このチェックポイントには誤分類がないため、この授業で見るものがありません。",
        "Nothing was misclassified at this checkpoint, so there is nothing to see in this lesson.",
    ),
    "lessons.needs.epochs": (
        "この授業には 2 つ以上のエポックの予測が必要ですが、1 つしか保存されていません。",
        "This lesson needs the predictions of two epochs or more, and only one is stored.",
    ),
    "lessons.metric.balanced_accuracy": ("バランス正解率", "Balanced accuracy"),
    "lessons.metric.matthews_correlation": ("MCC（相関係数）", "MCC (correlation)"),
    "lessons.axes": ("行が正解、列が予測", "Rows: true class; columns: predicted"),
}
