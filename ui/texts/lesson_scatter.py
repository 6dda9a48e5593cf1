"""Owns the words of the lesson on how sure an accuracy is."""

TEXTS = {
    "lesson_scatter.title": ("この数字はどれくらい確か？（ばらつき）", "How sure is this number?"),
    "lesson_scatter.line": (
        "別のテスト画像だったら、正解率はどれくらい変わるでしょう。",
        "How different would the accuracy be with other test images?",
    ),
    "lesson_scatter.question": (
        "正解率 **{accuracy}**（{total} 枚のうち {correct} 枚）の 95% 信頼区間は **{range}%** です。テスト画像が "
        "**4 分の 1 の {quarter} 枚**しかなかったら、区間の幅はどうなるでしょう。",
        "The accuracy of **{accuracy}** ({correct} of {total}) has a 95% confidence interval of **{range}%**. With only "
        "**a quarter** of the test images ({quarter}), how wide would the interval be?",
    ),
    "lesson_scatter.option.half": ("半分", "Half as wide"),
    "lesson_scatter.option.same": ("同じ", "As wide as before"),
    "lesson_scatter.option.double": ("約 2 倍", "About twice as wide"),
    "lesson_scatter.option.four": ("約 4 倍", "About four times as wide"),
    "lesson_scatter.why": (
        "**{factor} 倍**になります。幅は、枚数の**平方根に反比例**します。枚数が 4 分の 1 なら約 2 倍、4 倍なら約半分です。\n\n"
        "さいころは、テスト画像から同じものが重なることも許して引き直し、正解率を求めます（ブートストラップ）。引くたびに"
        "少しずつ変わります。信頼区間は、この**偶然のばらつき**の大きさです。",
        "By a factor of **{factor}**. The width goes with **one over the square root** of the number of images: about "
        "twice as wide for a quarter, half as wide for four times as many.\n\n"
        "The dice draws the test images again, with repetition, and takes the accuracy (the bootstrap). It differs a little "
        "each time. The confidence interval is the size of this **scatter by chance**.",
    ),
    "lesson_scatter.size": ("引く枚数", "Images drawn"),
    "lesson_scatter.images": ("{count} 枚", "{count} {count:image|images}"),
    "lesson_scatter.dice": ("さいころを振る", "Throw the dice"),
    "lesson_scatter.told": (
        "{size} 枚を {times} 回引き直した正解率は、95% が {low}〜{high} に入ります（幅 {width} ポイント）。",
        "{size} {size:image|images} drawn {times} {times:time|times}: 95% of the values of the accuracy lie from {low} to {high} ({width} {width:point|points} wide).",
    ),
    "lesson_scatter.thrown": (
        "今回：{size} 枚のうち {correct} 枚（正解率 {accuracy}）",
        "This time: {correct} of {size} (accuracy {accuracy})",
    ),
    "lesson_scatter.chart": (
        "{times} 回引き直した正解率の分布。95% は {low} から {high}",
        "The accuracy when drawn again, {times} {times:time|times}: 95% of the values from {low} to {high}",
    ),
    "lesson_scatter.few": (
        "この授業には、テスト画像が {fewest} 枚以上あり、誤分類もいくらかあることが必要です。",
        "This lesson needs {fewest} test {fewest:image|images} or more, some of them misclassified.",
    ),
}
