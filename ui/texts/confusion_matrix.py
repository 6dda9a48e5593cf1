"""Owns the words of the confusion matrix page."""

TEXTS = {
    "confusion_matrix.name": ("混同行列", "Confusion matrix"),
    "confusion_matrix.title": ("混同行列", "Confusion matrix"),
    "confusion_matrix.show": ("セルの値", "Cells show"),
    "confusion_matrix.show.count": ("枚数", "Count"),
    "confusion_matrix.show.row": (
        "正解の %",
        "% of true",
    ),
    "confusion_matrix.show.column": (
        "予測の %",
        "% of predicted",
    ),
    "confusion_matrix.show.both": ("枚数と %", "Count and %"),
    "confusion_matrix.show.help": (
        "正解の % では、正解クラスごとの合計が 100% になり、対角線は再現率です。"
        "予測の % では、予測クラスごとの合計が 100% になり、対角線は適合率です。"
        "「枚数と %」の % は、正解の % です。",
        "In % of the true class the cells of a true class add up to 100% and the diagonal is recall. In % of the "
        "predicted class the cells of a predicted class add up to 100% and the diagonal is precision. Count "
        "and %: of the true class.",
    ),
    "confusion_matrix.scale": (
        "色の濃さ",
        "Colours",
    ),
    "confusion_matrix.scale.sqrt": (
        "少数を強調（√）",
        "Square root",
    ),
    "confusion_matrix.scale.linear": (
        "枚数に比例",
        "Linear",
    ),
    "confusion_matrix.scale.help": (
        "セルの色の濃さを、枚数ではなく枚数の平方根に比例させます。対角線の枚数が多いので、枚数に比例させると、"
        "誤分類のセルはどれもほとんど同じ薄い色になるためです。表示される数は変わりません。誤分類どうしを比べるには、"
        "対角線を隠します。",
        "Colours follow the square root of the count instead of the count: beside the large counts of the diagonal all "
        "misclassified images would look the same. The numbers shown do not change. To compare errors with one "
        "another, hide the diagonal.",
    ),
    "confusion_matrix.diagonal": ("対角線", "Diagonal"),
    "confusion_matrix.diagonal.shown": ("表示", "Show"),
    "confusion_matrix.diagonal.hidden": ("隠す", "Hide"),
    "confusion_matrix.axes": ("正解の向き", "True class in"),
    "confusion_matrix.axes.rows": ("行", "Rows"),
    "confusion_matrix.axes.columns": ("列", "Columns"),
    "confusion_matrix.truth_axis": ("正解（本当のクラス）", "True class"),
    "confusion_matrix.predicted_axis": ("モデルの予測", "Predicted class"),
    "confusion_matrix.total": ("計", "Total"),
    "confusion_matrix.cell_label": (
        "正解 {truth}、予測 {predicted}：{count}",
        "true class {truth}, predicted {predicted}: {count}",
    ),
    "confusion_matrix.row_label": (
        "正解が {truth} の画像すべて：{count}（{truth} の再現率の分母）",
        "all with true class {truth}: {count} (the denominator of the recall of {truth})",
    ),
    "confusion_matrix.column_label": (
        "{predicted} と予測した画像すべて：{count}（{predicted} の適合率の分母）",
        "all predicted as {predicted}: {count} (the denominator of the precision of {predicted})",
    ),
    "confusion_matrix.row_totals": (
        "計：正解がそのクラスの画像の枚数（再現率の分母）",
        "Total: the images with that true class (the denominator of its recall)",
    ),
    "confusion_matrix.column_totals": (
        "計：そのクラスと予測した画像の枚数（適合率の分母）",
        "Total: the images predicted as that class (the denominator of its precision)",
    ),
    "confusion_matrix.scale_label": (
        "色の凡例：{low}（黄）から {high}（紺）まで",
        "Legend of the colours: from {low} (yellow) to {high} (navy blue)",
    ),
    "confusion_matrix.images": ("{count} 枚", "{count}"),
    "confusion_matrix.to_class": ("{name} をクラス別で見る", "{name} in Class by class"),
    "confusion_matrix.diagonal_label": ("対角線：正しく分類したすべて", "diagonal: all classified correctly"),
    "confusion_matrix.grid_label": ("混同行列", "Confusion matrix"),
    "confusion_matrix.export_png": ("PNG", "PNG"),
    "confusion_matrix.export_svg": ("SVG", "SVG"),
    "confusion_matrix.export_csv": ("CSV", "CSV"),
    "confusion_matrix.export_failed": (
        "このブラウザーでは画像を保存できませんでした。SVG か CSV で保存してください。",
        "This browser could not save the picture. Save it as SVG or CSV instead.",
    ),
    "confusion_matrix.intro": (
        "**行が正解、列が予測。** 正しく分類した画像は、対角線にあります。",
        "**Rows: true class, columns: predicted class.** Diagonal: correct.",
    ),
    "confusion_matrix.intro.swapped": (
        "**列が正解、行が予測。** 正しく分類した画像は、対角線にあります。",
        "**Columns: true class, rows: predicted class.** Diagonal: correct.",
    ),
    "confusion_matrix.hint": (
        "セルを押すと、その画像が出ます。左の見出しを押すと正解がそのクラスの画像すべて（再現率の分母）、"
        "上の見出しを押すとそのクラスと予測した画像すべて（適合率の分母）、左上の角を押すと正しく分類した画像すべてです。"
        "キーボードでは矢印キーと Enter。",
        "Click a cell to see its images; a heading on the left for all images with that true class (the denominator of "
        "recall); a heading on top for all that were predicted as it (the denominator of precision); the corner for all "
        "that were classified correctly. Keyboard: arrow keys and Enter.",
    ),
    "confusion_matrix.hint.swapped": (
        "セルを押すと、その画像が出ます。上の見出しを押すと正解がそのクラスの画像すべて（再現率の分母）、"
        "左の見出しを押すとそのクラスと予測した画像すべて（適合率の分母）、左上の角を押すと正しく分類した画像すべてです。"
        "キーボードでは矢印キーと Enter。",
        "Click a cell to see its images; a heading on top for all images with that true class (the denominator of "
        "recall); a heading on the left for all that were predicted as it (the denominator of precision); the corner for "
        "all that were classified correctly. Keyboard: arrow keys and Enter.",
    ),
    "confusion_matrix.pairs": ("取り違えの多い組", "Most confused pairs"),
    "confusion_matrix.pair": (
        "正解 {truth}／予測 {predicted}（{count} 枚）",
        "{truth} predicted as {predicted} ({count})",
    ),
    "confusion_matrix.pair.errors": ("すべての誤分類（{count}）", "All misclassified ({count})"),
    "confusion_matrix.no_pairs": ("取り違えはありません。", "No pair was confused."),
    "confusion_matrix.sentence.cell": (
        "正解が「{truth}」の画像のうち **{count} 枚**を「{predicted}」と予測しました。「{truth}」"
        "全体 {support} 枚の **{of_truth}**、「{predicted}」と予測した {called} 枚の {of_predicted} です。",
        "**{count} {count:image|images}** with true class “{truth}” {count:was|were} predicted as “{predicted}”: "
        "**{of_truth}** of all {support} with true class “{truth}”, and {of_predicted} of the {called} predicted "
        "as “{predicted}”.",
    ),
    "confusion_matrix.sentence.right": (
        "正解が「{truth}」の画像のうち **{count} 枚**を正しく「{predicted}」と予測しました。「{truth}」"
        "全体 {support} 枚の **{of_truth}**（再現率）、「{predicted}」"
        "と予測した {called} 枚の **{of_predicted}**（適合率）です。",
        "**{count} {count:image|images}** with true class “{truth}” {count:was|were} correctly predicted as "
        "“{predicted}”: **{of_truth}** of all {support} with true class “{truth}” (recall), and "
        "**{of_predicted}** of the {called} predicted as “{predicted}” (precision).",
    ),
    "confusion_matrix.sentence.row": (
        "正解が「{truth}」の画像は全部で **{support} 枚**。これが再現率の分母です。"
        "そのうち {right} 枚を「{truth}」と予測したので、再現率は **{recall}** です。",
        "**{support} {support:image|images}** {support:has|have} the true class “{truth}”: the denominator of "
        "recall. {right} of them {right:was|were} predicted as “{truth}”, so the recall is **{recall}**.",
    ),
    "confusion_matrix.sentence.column": (
        "「{predicted}」と予測した画像は全部で **{called} 枚**。これが適合率の分母です。"
        "そのうち {right} 枚は正解も「{predicted}」だったので、適合率は **{precision}** です。",
        "**{called} {called:image|images}** {called:was|were} predicted as “{predicted}”: the denominator of "
        "precision. {right} of them {right:has|have} the true class “{predicted}”, so the precision is "
        "**{precision}**.",
    ),
    "confusion_matrix.sentence.diagonal": (
        "対角線は正しく分類した **{count} 枚**。全体 {total} 枚に占める割合が正解率 **{accuracy}** です。",
        "The diagonal holds the **{count} {count:image|images}** classified correctly: **{accuracy}** of all "
        "{total}, the accuracy.",
    ),
    "confusion_matrix.sentence.errors": (
        "誤分類は **{count} 枚**、全体 {total} 枚のうち対角線の外にあるものです。",
        "**{count} {count:image|images}** of {total} {count:was|were} misclassified: everything off the diagonal.",
    ),
    "confusion_matrix.sentence.everything": (
        "テスト画像 **{total} 枚**のすべてです。",
        "{total:The|All} **{total} test {total:image|images}**.",
    ),
}
