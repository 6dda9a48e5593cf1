"""Owns the words of the findings."""

TEXTS = {
    "findings.title": ("気づいたこと", "Findings"),
    "findings.note": (
        "どれも、偶然だけでは説明しにくい違いです（有意水準 5%。いくつも調べた分は、ボンフェローニの方法で補正）。"
        "p は、偶然だけでこれほどの違いが出る確率です。",
        "Chance alone hardly explains any of these (at a level of 5%, corrected for the number of comparisons by "
        "Bonferroni’s method). p is the probability of such a difference by chance alone.",
    ),
    "findings.check": ("確かめ方", "How this was checked"),
    "findings.see": ("{page}で見る", "See {page}"),
    "findings.see_epoch": ("エポック {epoch} を見る", "See epoch {epoch}"),
    "findings.no_better.same": (
        "{total} 枚中 {correct} 枚を正しく分類しましたが、いつも {name} と予測するだけでも {count} 枚は合います。"
        "それよりよいとはいえません。",
        "{correct} of {total} {total:image is|images are} classified correctly. Always predicting “{name}” would get "
        "{count} right: the model cannot be said to do better.",
    ),
    "findings.no_better.worse": (
        "{total} 枚中 {correct} 枚を正しく分類しましたが、いつも {name} と予測するほうが多く合います（{count} 枚）。",
        "{correct} of {total} {total:image is|images are} classified correctly. Always predicting “{name}” would get "
        "more right: {count}.",
    ),
    "findings.no_better.test": (
        "モデルだけが合う画像は {only_model} 枚、「いつも {name}」だけが合う画像は {only_always} 枚。マクネマーの"
        "正確検定：{p}",
        "Only the model is right on {only_model} {only_model:image|images}, only “always {name}” on {only_always}. "
        "Exact McNemar test: {p}",
    ),
    "findings.never.one": (
        "{name} と予測した画像は 1 枚もありません。正解が {name} の画像は {support} 枚あります。",
        "“{name}” is never predicted, although it is the true class of {support} {support:image|images}.",
    ),
    "findings.never.several": (
        "一度も予測していないクラスが {classes} 個あります：{names}。正解がこれらのクラスの画像は {support} 枚あります。",
        "{classes} {classes:class is|classes are} never predicted: {names}. They are the true class of {support} "
        "{support:image|images}.",
    ),
    "findings.never.test": (
        "{total} 枚中 0 枚なので、{name} と予測する割合は高くても {high} です（ウィルソンの信頼区間、{compared} クラス分"
        "を補正）。正解が {name} の画像は全体の {share} です。",
        "0 of {total}: the share of predictions of “{name}” is at most {high} (Wilson’s confidence interval, corrected for "
        "{compared} {compared:class|classes}); its share of the images is {share}.",
    ),
    "findings.missed": (
        "{name} は見逃される割合が最も高いクラスです：{support} 枚中 {missed} 枚をほかのクラスと予測（最も多いのは {other} の "
        "{count} 枚）。",
        "“{name}” is missed most often: {missed} of {support} {support:image|images} {missed:was|were} predicted as "
        "another class, most often as “{other}” ({count}).",
    ),
    "findings.missed.evenly": (
        "{name} は見逃される割合が最も高いクラスです：{support} 枚中 {missed} 枚をほかのクラスと予測。",
        "“{name}” is missed most often: {missed} of {support} {support:image|images} {missed:was|were} predicted as "
        "another class.",
    ),
    "findings.missed.test": (
        "{share} を見逃し、ほかのクラスでは合わせて {others} 枚中 {others_missed} 枚（{others_share}）。"
        "フィッシャーの正確確率検定、{compared} クラス分を補正：{p}",
        "{share} missed, against {others_missed} of {others} ({others_share}) of all other classes. Fisher’s exact "
        "test, corrected for {compared} {compared:class|classes}: {p}",
    ),
    "findings.one_way": (
        "{truth} を {predicted} と予測した画像は {support} 枚中 {count} 枚、逆に {predicted} を {truth} と予測した画像は "
        "{back_support} 枚中 {back} 枚です。",
        "{count} of {support} {support:image|images} of “{truth}” {count:was|were} predicted as “{predicted}”, but "
        "{back} of {back_support} {back_support:image|images} of “{predicted}” as “{truth}”.",
    ),
    "findings.one_way.test": (
        "フィッシャーの正確確率検定、2 クラスの組 {compared} 通り分を補正：{p}",
        "Fisher’s exact test, corrected for {compared} {compared:pair|pairs} of classes: {p}",
    ),
    "findings.confidence.surer": (
        "モデルは自信を持ちすぎています：確信度の平均は {confidence}、正しく分類したのは {total} 枚中 {correct} 枚（{accuracy}）。",
        "The model is surer than it should be: its mean confidence is {confidence}, but {correct} of {total} "
        "{total:image is|images are} classified correctly ({accuracy}).",
    ),
    "findings.confidence.less_sure": (
        "モデルは自信が足りません：確信度の平均は {confidence}、正しく分類したのは {total} 枚中 {correct} 枚（{accuracy}）。",
        "The model is less sure than it could be: its mean confidence is {confidence}, but {correct} of {total} "
        "{total:image is|images are} classified correctly ({accuracy}).",
    ),
    "findings.confidence.test": (
        "確信度の平均は、正解率の 95% 信頼区間 {low}〜{high} の外にあります。",
        "The mean confidence lies outside the 95% confidence interval of the accuracy, {low} to {high}.",
    ),
    "findings.stopped": (
        "検証データの損失は、エポック {best} の {best_loss} が最小で、最後のエポック {last} では {last_loss} に"
        "増えています。",
        "The validation loss is lowest at epoch {best} ({best_loss}) and has risen to {last_loss} by epoch {last}, "
        "the last.",
    ),
    "findings.stopped.test": (
        "同じ検証画像 {total} 枚での増加 {rise} の信頼区間 {low}〜{high} は 0 より上にあります（{compared} エポック分"
        "を補正）。",
        "On the same {total} validation {total:image|images} the rise of {rise} has a confidence interval of {low} to {high}, "
        "above 0 (corrected for {compared} {compared:epoch|epochs}).",
    ),
}
