"""Owns the words of the quiz page around the questions, whose own words lie in `mnistcore/quiz/texts`."""

TEXTS = {
    "quiz.name": ("クイズ", "Quiz"),
    "quiz.title": ("クイズ", "Quiz"),
    "quiz.nothing": (
        "このチェックポイントからは問題を作れません（クラスが 2 つ以上で、画像が 1 枚以上必要です）。",
        "No question can be made of this checkpoint: two classes and an image are needed at least.",
    ),
    "quiz.progress": ("問 {number} / {count}", "Question {number} of {count}"),
    "quiz.progress.right": ("問 {number}：正しく答えました", "Question {number}: right"),
    "quiz.progress.wrong": ("問 {number}：違いました", "Question {number}: wrong"),
    "quiz.progress.open": ("問 {number}：まだ", "Question {number}: open"),
    "quiz.image": ("テスト画像 {index} 番", "Test image {index}"),
    "quiz.no_image": ("画像は、この環境にはありません。", "The image is not available here."),
    "quiz.number": ("あなたの答え［{unit}］", "Your answer [{unit}]"),
    "quiz.number.how": ("数を入れて Enter。", "Type the number and press Enter."),
    "quiz.no_number": ("「{text}」は数として読めません。", "“{text}” cannot be read as a number."),
    "quiz.right": ("そのとおりです", "Right"),
    "quiz.wrong": ("違います", "Not right"),
    "quiz.given": ("あなたの答え", "Your answer"),
    "quiz.answer": ("正しい答え", "Right answer"),
    "quiz.question": ("問い", "Question"),
    "quiz.previous": ("前の問い", "Previous"),
    "quiz.next": ("次の問い", "Next question"),
    "quiz.to_score": ("結果を見る", "See the score"),
    "quiz.score": ("{count} 問のうち {right} 問、正しく答えました。", "{right} of {count} right."),
    "quiz.missing": (
        "まだ答えていない問い：{count} 問。",
        "Without an answer: {count} {count:question|questions}.",
    ),
    "quiz.review": ("問 1 から見直す", "Look at them again"),
    "quiz.more": ("別の問題にする", "Other questions"),
    "quiz.seed": ("問題の番号：{seed}", "Number of these questions: {seed}"),
    "quiz.seed.label": ("問題の番号", "Number of the questions"),
    "quiz.seed.note": (
        "番号が同じなら、同じ問題になります。この URL をクラスに配れば、みんなが同じ問題に答えられます。",
        "The same number makes the same questions: pass on this URL, and a whole class gets them.",
    ),
    "quiz.paper": (
        "紙で配るには、サーバーで `python -m mnistcore quiz {run} --seed {seed}` を実行します。",
        "On paper: run `python -m mnistcore quiz {run} --seed {seed}` on the server.",
    ),
}
