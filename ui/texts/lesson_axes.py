"""Owns the words of the lesson on the axes and the four outcomes."""

TEXTS = {
    "lesson_axes.title": ("正解はどちらの軸？ TP・FN・FP・TN", "Which axis is the true class? TP, FN, FP, TN"),
    "lesson_axes.line": (
        "本物の画像を、混同行列のセルと 4 つの結果に分けます。",
        "Put real images into their cell of the confusion matrix, and their outcome.",
    ),
    "lesson_axes.question": (
        "画像ごとに、正解とモデルの予測を見て答えます。はじめに混同行列のセル、そのあと {count} 枚を、「{name}」を陽性として"
        "分けます。",
        "Look at the true and the predicted class of each image. First its cell in the confusion matrix; then sort "
        "{count} {count:image|images}, with “{name}” as the positive class.",
    ),
    "lesson_axes.cell": (
        "この画像は、**混同行列のどのセル**に数えられるでしょう。",
        "**In which cell of the confusion matrix** is this image counted?",
    ),
    "lesson_axes.sort": (
        "「{name}」が陽性です。この画像は**どの結果**でしょう。",
        "“{name}” is positive. **Which outcome** is this image?",
    ),
    "lesson_axes.row": (
        "「{truth}」の行、「{predicted}」の列",
        "row “{truth}”, column “{predicted}”",
    ),
    "lesson_axes.column": (
        "「{predicted}」の行、「{truth}」の列",
        "row “{predicted}”, column “{truth}”",
    ),
    "lesson_axes.outcome": ("{name} {short}", "{name} {short}"),
    "lesson_axes.instead": ("あなた {outcome}", "you: {outcome}"),
    "lesson_axes.why": (
        "**行が正解、列が予測**です。だから、正解が {truth} で {predicted} と予測した画像は、{truth} の行、{predicted} の列に"
        "入ります。\n\n"
        "**P・N はモデルの予測**（「{name}」と予測したら P）、**T・F はその予測が合っていたか**。「{name}」以外どうしの誤分類も、"
        "「{name}」については合っているので TN です。",
        "**Rows are the true class, columns the predicted one.** So an image of “{truth}” that was predicted as "
        "“{predicted}” is in row “{truth}”, column “{predicted}”.\n\n"
        "**P or N is what the model predicted** (P: “{name}”), **T or F whether that is right.** Images misclassified "
        "between other classes are right about “{name}”: they are TN.",
    ),
    "lesson_axes.matrix": ("混同行列で見る", "See it in the confusion matrix"),
    "lesson_axes.board": ("「{name}」のクラス別を見る", "See “{name}” class by class"),
}
