"""Owns the words of the questions, their answers and the reasons."""

TEXTS = {
    "asking.tp": ("真陽性 TP", "True positive TP"),
    "asking.fn": ("偽陰性 FN", "False negative FN"),
    "asking.fp": ("偽陽性 FP", "False positive FP"),
    "asking.tn": ("真陰性 TN", "True negative TN"),
    "asking.truth_axis": ("正解", "True class"),
    "asking.predicted_axis": ("モデルの予測", "Predicted class"),
    "asking.truth_yes": ("正解が {name}", "true {name}"),
    "asking.truth_no": ("正解が {name} 以外", "not {name}"),
    "asking.predicted_yes": ("{name} と予測", "predicted {name}"),
    "asking.predicted_no": ("{name} 以外と予測", "not predicted {name}"),
    "asking.probability": ("確率", "Probability"),
    "asking.class": ("クラス", "Class"),
    "asking.unit.percent": ("%、整数に四捨五入（例：87）", "%, rounded to a whole number (for example 87)"),
    "asking.unit.images": ("枚", "images"),
    "asking.value.percent": ("{value}%", "{value}%"),
    "asking.value.images": ("{value} 枚", "{value} {value:image|images}"),
    # An image and a class.
    "asking.outcome": (
        "正解が {truth} の画像を、モデルは {predicted} と予測しました。{name} を陽性とすると、この画像は TP・FN・FP・TN のどれですか。",
        "An image with true class “{truth}” was predicted as “{predicted}”. With “{name}” as the positive class, "
        "is it TP, FN, FP or TN?",
    ),
    "asking.outcome.tp": (
        "正解が {name} で、{name} と予測しています。予測は合っていて（True）、陽性（Positive）と予測したので TP です。",
        "The true class is “{name}”, and “{name}” was predicted: the prediction is right (true), and it is positive. "
        "That is TP.",
    ),
    "asking.outcome.fn": (
        "正解が {name} なのに、{name} 以外と予測しています。予測は外れていて（False）、陰性（Negative）と予測したので "
        "FN です。",
        "The true class is “{name}”, but another class was predicted: the prediction is wrong (false), and it is "
        "negative. That is FN.",
    ),
    "asking.outcome.fp": (
        "正解が {name} 以外なのに、{name} と予測しています。予測は外れていて（False）、陽性（Positive）と予測したので "
        "FP です。",
        "The true class is not “{name}”, but “{name}” was predicted: the prediction is wrong (false), and it is "
        "positive. That is FP.",
    ),
    "asking.outcome.tn": (
        "正解も予測も {name} 以外です。「{name} か、{name} 以外か」だけを見れば合っていて（True）、陰性（Negative）と"
        "予測したので TN です。",
        "Neither the true class nor the prediction is “{name}”. Asked only “{name} or not {name}”, the prediction is "
        "right (true), and it is negative. That is TN.",
    ),
    "asking.outcome.tn.wrong": (
        "{truth} を {predicted} と間違えた画像ですが、{name} にとっては TN に数えます。",
        "The model took “{truth}” for “{predicted}”, and yet the image counts as TN of “{name}”.",
    ),
    "asking.outcome.count": (
        "{name} の {outcome} は全部で {count} 枚です。",
        "There {count:is|are} {count} {outcome} of “{name}” in all.",
    ),
    # Out of which images.
    "asking.denominator.recall": (
        "{name} の再現率 Recall は、どの画像のうちの割合ですか。",
        "The recall of “{name}” is a share. Out of which images?",
    ),
    "asking.denominator.precision": (
        "{name} の適合率 Precision は、どの画像のうちの割合ですか。",
        "The precision of “{name}” is a share. Out of which images?",
    ),
    "asking.denominator.specificity": (
        "{name} の特異度 Specificity は、どの画像のうちの割合ですか。",
        "The specificity of “{name}” is a share. Out of which images?",
    ),
    "asking.denominator.accuracy": (
        "{name} の一対他の正解率 Accuracy は、どの画像のうちの割合ですか。",
        "The one-vs-rest accuracy of “{name}” is a share. Out of which images?",
    ),
    "asking.images.row": ("正解が {name} の画像", "images with true class “{name}”"),
    "asking.images.column": ("{name} と予測した画像", "images predicted as “{name}”"),
    "asking.images.everything": ("すべての画像", "all images"),
    "asking.images.others": ("正解が {name} 以外の画像", "images with another true class than “{name}”"),
    "asking.images.correct": (
        "正しく分類した画像（どのクラスも）",
        "images of any class that were classified correctly",
    ),
    "asking.denominator.reason": (
        "分母は{images}：{sum} = {count} 枚。そのうちの {part} 枚（{above}）が分子です。",
        "The denominator: {images}, {sum} = {count}. The numerator: {part} of them ({above}).",
    ),
    # A number from the counts.
    "asking.recall": (
        "この表から、{name} の再現率 Recall は何 % ですか。",
        "According to this table, what is the recall of “{name}”?",
    ),
    "asking.precision": (
        "この表から、{name} の適合率 Precision は何 % ですか。",
        "According to this table, what is the precision of “{name}”?",
    ),
    "asking.recall.reason": (
        "再現率 = TP ÷（TP + FN）= {tp} ÷（{tp} + {fn}）= {tp} ÷ {below} = {value}。正解が {name} の {below} 枚のうち、"
        "{name} と予測できたのが {tp} 枚です。",
        "Recall = TP / (TP + FN) = {tp} / ({tp} + {fn}) = {tp} / {below} = {value}: of the {below} {below:image|images} "
        "with true class “{name}”, {tp} {tp:was|were} predicted as “{name}”.",
    ),
    "asking.precision.reason": (
        "適合率 = TP ÷（TP + FP）= {tp} ÷（{tp} + {fp}）= {tp} ÷ {below} = {value}。{name} と予測した {below} 枚のうち、"
        "正解も {name} だったのが {tp} 枚です。",
        "Precision = TP / (TP + FP) = {tp} / ({tp} + {fp}) = {tp} / {below} = {value}: of the {below} "
        "{below:image|images} predicted as “{name}”, {tp} {tp:has|have} the true class “{name}”.",
    ),
    "asking.count": (
        "この表で、{sum} = {count} は何の枚数ですか。",
        "In this table, {sum} = {count}. Which images are these?",
    ),
    "asking.count.row.reason": (
        "上の行を足した数です。TP + FN = {count} は、正解が {name} の画像すべてで、再現率の分母になります。",
        "The upper row added up: TP + FN = {count} is all images with true class “{name}”, the denominator of recall.",
    ),
    "asking.count.column.reason": (
        "左の列を足した数です。TP + FP = {count} は、{name} と予測した画像すべてで、適合率の分母になります。",
        "The left column added up: TP + FP = {count} is all images predicted as “{name}”, the denominator of precision.",
    ),
    "asking.apart": (
        "全体では、誤分類が {mistakes} 枚あります。「{name} か、{name} 以外か」だけを見ると、そのうち何枚が「合っている」"
        "ことになりますか。",
        "In all, {mistakes} {mistakes:image is|images are} misclassified. Asked only “{name} or not {name}”, how many "
        "of them count as right?",
    ),
    "asking.apart.reason": (
        "{name} についての間違いは FN {fn} 枚と FP {fp} 枚だけです。残りの {mistakes} − {fn} − {fp} = {count} 枚は、ほかの"
        "クラスどうしの誤分類で、TN に入っています。だから一対他の正解率 {accuracy} は、全体の正解率 {overall} より高くなります。",
        "Wrong about “{name}” are only FN {fn} and FP {fp}. The other {mistakes} − {fn} − {fp} = {count} "
        "{count:is|are} misclassified between other classes, among the TN. That is why the one-vs-rest accuracy, "
        "{accuracy}, is above the overall accuracy, {overall}.",
    ),
    # A part of the matrix.
    "asking.confused": (
        "この表で、いちばん多い取り違えはどれですか。",
        "Which mistake is the most frequent one in this table?",
    ),
    "asking.cell.name": ("正解 {truth}、予測 {predicted}", "true class {truth}, predicted as {predicted}"),
    "asking.confused.reason": (
        "行 {truth}（正解）、列 {predicted}（予測）のセルは {count} 枚で、対角線の外ではいちばん多い数です。逆向き（正解 "
        "{predicted}、予測 {truth}）は {mirror} 枚です。",
        "Row “{truth}” (true class), column “{predicted}” (predicted): {count}, the largest count off the diagonal. The "
        "other way round (true class “{predicted}”, predicted as “{truth}”) it is {mirror}.",
    ),
    "asking.axis": (
        "この表には、軸の名前がありません。正解が {truth} で、{predicted} と予測した画像は {count} 枚です。正解のクラスは、行と列の"
        "どちらですか。",
        "This table has no names on its axes. {count} {count:image|images} with true class “{truth}” {count:was|were} "
        "predicted as “{predicted}”. Which axis is the true class?",
    ),
    "asking.axis.rows": ("正解のクラスは行（横の並び）", "The rows are the true classes"),
    "asking.axis.columns": ("正解のクラスは列（縦の並び）", "The columns are the true classes"),
    "asking.axis.rows.reason": (
        "行 {truth}、列 {predicted} のセルが {count} 枚、行 {predicted}、列 {truth} のセルが {mirror} 枚です。だから行が"
        "正解、列が予測です。",
        "Row “{truth}”, column “{predicted}” holds {count}; row “{predicted}”, column “{truth}” holds {mirror}. So the rows are "
        "the true classes and the columns the predicted ones.",
    ),
    "asking.axis.columns.reason": (
        "列 {truth}、行 {predicted} のセルが {count} 枚、列 {predicted}、行 {truth} のセルが {mirror} 枚です。だから列が"
        "正解、行が予測です。ほかのページの表は、ふつう行が正解です。",
        "Column “{truth}”, row “{predicted}” holds {count}; column “{predicted}”, row “{truth}” holds {mirror}. So the columns "
        "are the true classes and the rows the predicted ones; most other tables here have it the other way round.",
    ),
    "asking.cell": (
        "正解が {truth} で、{predicted} と予測した画像は何枚ですか。",
        "How many images with true class “{truth}” were predicted as “{predicted}”?",
    ),
    "asking.cell.reason": (
        "行 {truth}（正解）と列 {predicted}（予測）が交わるセルです。反対側の {mirror} 枚は、正解が {predicted} で、{truth} "
        "と予測した画像です。",
        "The cell where row “{truth}” (true class) meets column “{predicted}” (predicted). The {mirror} on the other side "
        "{mirror:has|have} true class “{predicted}” and {mirror:was|were} predicted as “{truth}”.",
    ),
    # Probabilities.
    "asking.argmax": (
        "正解が {truth} の画像に、モデルはこの確率を付けました（四捨五入した値。高いものと正解だけ）。モデルの予測はどれですか。",
        "The model gave these probabilities to an image with true class “{truth}” (rounded; the highest ones and its own). Which class does it predict?",
    ),
    "asking.argmax.right": (
        "確率がいちばん高い {predicted}（{share}）が予測になります。正解と同じなので、正しく分類しています。",
        "The class with the highest probability, “{predicted}” ({share}), is the prediction. It is the true class: "
        "classified correctly.",
    ),
    "asking.argmax.wrong": (
        "確率がいちばん高い {predicted}（{share}）が予測になります。正解は {truth} なので、誤分類です。",
        "The class with the highest probability, “{predicted}” ({share}), is the prediction. The true class is "
        "“{truth}”, so the image is misclassified.",
    ),
}
