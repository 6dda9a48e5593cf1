"""Owns the words of the lesson on averages."""

TEXTS = {
    "lesson_averages.title": ("平均の取り方", "Averages"),
    "lesson_averages.line": (
        "クラスごとの F1スコアをひとつの数にする、3 つの方法。",
        "Three ways to make one number of the F1 scores of all classes.",
    ),
    "lesson_averages.question": (
        "クラスごとの F1スコアを、3 つの方法で平均します。どのモデルでも、全体の正解率（ここでは **{accuracy}**）と"
        "必ず同じになるのは、どの平均でしょう。",
        "The F1 scores of the classes are averaged in three ways. Which average always equals the overall accuracy, "
        "whatever the model (here **{accuracy}**)?",
    ),
    "lesson_averages.macro": ("マクロ平均 Macro", "Macro average"),
    "lesson_averages.macro.note": ("どのクラスも同じ重み", "every class has the same weight"),
    "lesson_averages.weighted": ("重み付き平均 Weighted", "Weighted average"),
    "lesson_averages.weighted.note": ("クラスの枚数に応じた重み", "each class weighs as many images as it has"),
    "lesson_averages.micro": ("マイクロ平均 Micro", "Micro average"),
    "lesson_averages.micro.note": (
        "全クラスの TP・FP・FN を先に足してから計算",
        "TP, FP and FN of all classes are added up first",
    ),
    "lesson_averages.bar": ("{name}：{value}", "{name}: {value}"),
    "lesson_averages.part": (
        "{name}：F1スコア {value}（{support} 枚）",
        "{name}: F1 score {value} ({support} {support:image|images})",
    ),
    "lesson_averages.why": (
        "**誤分類は 1 枚につき、正解のクラスの FN と、予測したクラスの FP に 1 回ずつ数えられます。** "
        "だから全クラスを足すと、FN も FP も {mistakes}、TP は {correct} です。\n\n"
        "2 × {correct} ÷ (2 × {correct} + {mistakes} + {mistakes}) = {correct} ÷ {total} = **{accuracy}**\n\n"
        "クラスの枚数（ここでは {fewest}〜{most} 枚）がちがうほど、マクロ平均は離れます。",
        "**Each misclassified image counts twice: as FN of its true class, and as FP of the predicted one.** "
        "So all classes together have {mistakes} FN, {mistakes} FP and {correct} TP.\n\n"
        "2 × {correct} ÷ (2 × {correct} + {mistakes} + {mistakes}) = {correct} ÷ {total} = **{accuracy}**\n\n"
        "The more the sizes of the classes differ (here {fewest} to {most}), the further away macro can be.",
    ),
    "lesson_averages.pulls": ("マクロ平均を下げているクラス", "Pulling the macro average down:"),
    "lesson_averages.even": (
        "マクロ平均を下げているクラスはありません。",
        "No class pulls the macro average down.",
    ),
    "lesson_averages.link": ("クラスごとの表を見る", "See the table of the classes"),
}
