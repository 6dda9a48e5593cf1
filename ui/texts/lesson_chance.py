"""Owns the words of the lesson on what chance looks like."""

TEXTS = {
    "lesson_chance.title": ("偶然はどう見えるか", "What does chance look like?"),
    "lesson_chance.line": (
        "でたらめな正解ラベルで学習したモデルの混同行列は、どう見えるでしょう。",
        "What does the confusion matrix look like after training on shuffled labels?",
    ),
    "lesson_chance.start": (
        "同じネットワークを、**正解ラベルをシャッフルした**画像で 1 エポックだけ学習します。画像と正解の関係がなくなると、どうなるでしょう。"
        "学習には数秒から 1 分ほどかかり、終わるとこのページに結果が出ます。",
        "The same network is trained for one epoch on images **whose labels were shuffled**. What becomes of it when images "
        "and labels have nothing to do with each other? It takes some seconds, up to a minute; then the result is here.",
    ),
    "lesson_chance.train": ("シャッフルしたラベルで学習する（{model}）", "Train on shuffled labels ({model})"),
    "lesson_chance.training": ("学習中です", "Training"),
    "lesson_chance.question": (
        "同じネットワークを、学習用画像の**正解ラベルをシャッフルして**学習しました。{classes} クラスのテスト画像 {total} 枚での"
        "正解率は、どれに近いでしょう。",
        "The same network was trained on images **whose labels were shuffled**. On {total} test {total:image|images} of "
        "{classes} {classes:class|classes}, which of these is its accuracy close to?",
    ),
    "lesson_chance.option": ("約 {share}", "about {share}"),
    "lesson_chance.why": (
        "{total} 枚のうち {correct} 枚、正解率 **{accuracy}**（95% 信頼区間 {range}%）です。{classes} クラスをでたらめに選べば "
        "{chance}、いつも「{most}」と予測すれば {share} になります。画像からは何も学べないので、**どの行もよく似ています**。"
        "確率を足し合わせた行列には、どの画像にも同じような確率を配ったことが現れます。",
        "An accuracy of **{accuracy}**: {correct} of {total} (95% confidence interval {range}%). Guessing one of {classes} "
        "{classes:class|classes} gives {chance}, always predicting “{most}” gives {share}. Nothing about the images could be "
        "learned, so **the rows are much alike**. In the matrix of probabilities it shows that all images were given "
        "similar ones.",
    ),
    "lesson_chance.own": ("いま見ているモデル {name}", "The model that is looked at, {name}"),
    "lesson_chance.hard": ("シャッフルしたラベルで学習：予測した枚数", "Trained on shuffled labels: images predicted"),
    "lesson_chance.soft": ("同じモデル：確率の合計", "The same model: sums of its probabilities"),
    "lesson_chance.link": ("この混同行列を詳しく見る", "See this confusion matrix"),
    "lesson_chance.dataset": (
        "このデータセットは、ここでは学習できません。",
        "This data set cannot be trained on here.",
    ),
}
