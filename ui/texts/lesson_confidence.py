"""Owns the words of the lesson on confidence."""

TEXTS = {
    "lesson_confidence.title": ("確信度は信じてよいか", "Can the confidence be trusted?"),
    "lesson_confidence.line": (
        "「99%」と言うとき、モデルは 100 回に 99 回当たるのでしょうか。",
        "When a model says 99%, is it right 99 times in 100?",
    ),
    "lesson_confidence.question": (
        "確信度 **{least} 以上**の予測は **{sure} 枚**です。確信度のとおりなら、そのうち誤分類は約 **{promised} 枚**の"
        "はずです。実際は何枚でしょう。",
        "**{sure} {sure:image|images}** {sure:was|were} predicted with a confidence of **{least} or more**. If it can be "
        "believed, about **{promised}** of them should be misclassified. How many are?",
    ),
    "lesson_confidence.question.all": (
        "モデルは **{sure} 枚**を予測しました。確信度のとおりなら、そのうち誤分類は約 **{promised} 枚**のはずです。"
        "実際は何枚でしょう。",
        "The model predicted **{sure} {sure:image|images}**. If its confidence can be believed, about **{promised}** of "
        "them should be misclassified. How many are?",
    ),
    "lesson_confidence.option": ("{count} 枚", "{count} {count:image|images}"),
    "lesson_confidence.too_sure": (
        "**モデルは自信を持ちすぎです：** 約 {promised} 枚のはずが、{wrong} 枚でした。",
        "**The model is too sure:** about {promised} were to be expected, and there are {wrong}.",
    ),
    "lesson_confidence.too_modest": (
        "**モデルは控えめです：** 約 {promised} 枚のはずが、{wrong} 枚でした。",
        "**The model is too modest:** about {promised} were to be expected, and there are {wrong}.",
    ),
    "lesson_confidence.agrees": (
        "**ここでは確信度のとおりです：** 約 {promised} 枚のはずで、{wrong} 枚でした。",
        "**The confidence holds here:** about {promised} were to be expected, and there are {wrong}.",
    ),
    "lesson_confidence.why": (
        "棒が斜めの線より下なら、確信度のほうが正解率より高い。その差の平均が **ECE**（期待較正誤差）で、全画像では **{ece}** です。",
        "Where a bar ends below the sloping line, the confidence is higher than the accuracy. The mean gap, the **ECE** "
        "(expected calibration error), is **{ece}** over all images.",
    ),
    "lesson_confidence.temperature": (
        "検証画像で求めた**温度 {temperature}** でロジットを割ると、ECE は {before} から **{after}** になります。予測する"
        "クラスは変わりません。",
        "Dividing the logits by a **temperature of {temperature}**, fitted on the validation images, takes the ECE from "
        "{before} to **{after}**. The predicted classes stay the same.",
    ),
    "lesson_confidence.no_temperature": (
        "検証画像の予測がないか、どの温度でもよくならないため、温度による補正は示せません。",
        "There are no predictions for validation images, or no temperature is best, so none is shown.",
    ),
    "lesson_confidence.across": ("モデルの確信度", "confidence of the model"),
    "lesson_confidence.upwards": ("実際の正解率（棒の上の数は枚数）", "accuracy in fact (numbers over bars: images)"),
    "lesson_confidence.diagram": (
        "確信度ごとの正解率。ECE {ece}",
        "Accuracy by confidence. ECE {ece}",
    ),
    "lesson_confidence.ideal": ("確信度のとおりなら", "if it can be believed"),
    "lesson_confidence.bars": ("このモデル（縦線は 95% 信頼区間）", "this model (lines: 95% confidence interval)"),
    "lesson_confidence.cooled": ("温度 {temperature} で割ったあと", "after a temperature of {temperature}"),
    "lesson_confidence.mistakes": ("最も自信のある誤分類", "The most confident misclassified images"),
    "lesson_confidence.link": ("自信のある誤分類を見る", "See the confidently misclassified images"),
}
