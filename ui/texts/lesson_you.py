"""Owns the words of the lesson in which the reader labels images."""

TEXTS = {
    "lesson_you.title": ("人間とモデル", "You against the model"),
    "lesson_you.line": (
        "モデルが迷った画像を、あなたなら何と読みますか。",
        "What would you make of the images on which the model hesitates?",
    ),
    "lesson_you.question": (
        "モデルが迷った **{count} 枚**です。どのクラスに見えますか。キーかボタンで選びます。",
        "**{count}** {count:image|images} on which the model hesitates. Which class is each? Press its key or button.",
    ),
    "lesson_you.some": (
        "{classes} クラスのうち、モデルにとって確率の高い {count} クラスから選びます。正解は必ずその中にあります。",
        "You choose among {count} of {classes} {classes:class|classes}: the true one, and those most likely for the model.",
    ),
    "lesson_you.why": (
        "モデルは {count} 枚のうち {right} 枚を正しく分類しました。これはモデルが迷った画像だけなので、テスト画像全体の正解率とは"
        "比べられません。枚数が少ないので、信頼区間も広くなります。正解のラベルも、人がつけたものです。",
        "The model was right for {right} of {count}. These are only images on which it hesitates, so this cannot be compared "
        "with its overall accuracy; and with so few images the confidence interval is wide. The labels, too, "
        "were given by people.",
    ),
    "lesson_you.label": ("画像を見て、クラスのキーを押す", "Look at the image, and press the key of its class"),
    "lesson_you.classes": ("クラス", "Classes"),
    "lesson_you.progress": ("{count} 枚のうち {place} 枚目", "Image {place} of {count}"),
    "lesson_you.back": ("1 枚戻る（Backspace）", "Back by one (Backspace)"),
    "lesson_you.you": ("あなた", "You"),
    "lesson_you.model": ("モデル", "The model"),
    "lesson_you.score": (
        "{count} 枚のうち {right} 枚（正解率 {accuracy}、95% 信頼区間 {range}%）",
        "{right} of {count} (accuracy {accuracy}, 95% confidence interval {range}%)",
    ),
    "lesson_you.matrix": ("行が正解、列が回答", "Rows: true class; columns: given"),
    "lesson_you.truth": ("正解 {name}", "true {name}"),
    "lesson_you.you.short": ("あなた {name}", "you {name}"),
    "lesson_you.model.short": ("モデル {name}", "model {name}"),
    "lesson_you.image": (
        "正解 {truth}、あなた {you}、モデル {model}",
        "true class {truth}, you {you}, model {model}",
    ),
    "lesson_you.open": ("みんなの回答を集める", "Gather the class’s answers"),
    "lesson_you.open.note": (
        "このサーバーのメモリーにだけ置かれ、始めた人が終えると消えます。名前は書かなくてもかまいません。",
        "Kept in this server’s memory until whoever has begun ends it. Names are optional.",
    ),
    "lesson_you.name": ("名前（なくてもよい）", "Name (optional)"),
    "lesson_you.hand_in": ("自分の回答を出す", "Hand in my answers"),
    "lesson_you.end": ("終わりにして消す", "End and delete"),
    "lesson_you.nameless": ("名前なし", "no name"),
    "lesson_you.class": (
        "{people} 人で、のべ {count} 枚のうち {right} 枚（正解率 {accuracy}）",
        "People: {people}. Together {right} of {count} (accuracy {accuracy})",
    ),
    "lesson_you.few": (
        "この授業には、画像が {fewest} 枚以上必要です。",
        "This lesson needs {fewest} {fewest:image|images} or more.",
    ),
}
