"""Owns the words of the confusion matrix page."""

TEXTS = {
    "confusion_matrix.name": ("混同行列", "Confusion matrix"),
    "confusion_matrix.title": ("混同行列", "Confusion matrix"),
    "matrix.show": ("セルの値", "Cells show"),
    "matrix.show.count": ("枚数", "Count"),
    "matrix.show.row": ("正解ごとの割合", "% of true class"),
    "matrix.show.column": ("予測ごとの割合", "% of predicted class"),
    "matrix.scale": ("色の目盛", "Colours"),
    "matrix.scale.sqrt": ("平方根 √", "√ root"),
    "matrix.scale.linear": ("線形", "Linear"),
    "matrix.scale.help": (
        "平方根にすると、少ない誤りも色で見分けられます。",
        "On a square-root scale small errors can be seen too.",
    ),
    "matrix.diagonal": ("対角線", "Diagonal"),
    "matrix.diagonal.shown": ("表示", "Show"),
    "matrix.diagonal.hidden": ("隠す", "Hide"),
    "matrix.axes": ("正解の向き", "True class in"),
    "matrix.axes.rows": ("行", "Rows"),
    "matrix.axes.columns": ("列", "Columns"),
    "matrix.truth_axis": ("正解（本当のクラス）", "True class"),
    "matrix.predicted_axis": ("モデルの予測", "Predicted class"),
    "matrix.total": ("計", "Total"),
    "matrix.cell_label": (
        "正解 {truth}、予測 {predicted}：{count}",
        "true class {truth}, predicted {predicted}: {count}",
    ),
    "matrix.row_label": ("正解が {truth} のすべて：{count}", "all with true class {truth}: {count}"),
    "matrix.column_label": ("{predicted} と予測したすべて：{count}", "all predicted as {predicted}: {count}"),
    "matrix.diagonal_label": ("対角線：正しく分類したすべて", "diagonal: all classified correctly"),
    "matrix.grid_label": ("混同行列", "Confusion matrix"),
    "matrix.export_png": ("PNG", "PNG"),
    "matrix.export_svg": ("SVG", "SVG"),
    "matrix.export_csv": ("CSV", "CSV"),
    "matrix.export_failed": (
        "このブラウザーでは画像を保存できませんでした。SVG か CSV で保存してください。",
        "This browser could not save the picture. Save it as SVG or CSV instead.",
    ),
    "matrix.hint": (
        "セルや見出しを押すと画像が出ます。矢印キーで移動、Enter で選択。",
        "Click a cell or a heading to see its images. Arrow keys move, Enter selects.",
    ),
    "matrix.pairs": ("取り違えの多い組", "Most confused pairs"),
    "matrix.pair": ("{truth} → {predicted}（{count}）", "{truth} → {predicted} ({count})"),
    "matrix.pair.errors": ("すべての誤分類（{count}）", "All misclassified ({count})"),
    "matrix.no_pairs": ("取り違えはありません。", "No pair was confused."),
    "matrix.sentence.cell": (
        "正解が「{truth}」の画像のうち **{count} 枚**を「{predicted}」と予測しました。「{truth}」"
        "全体 {support} 枚の **{of_truth}**、「{predicted}」と予測した {called} 枚の {of_predicted} です。",
        "**{count} {count:image|images}** with true class “{truth}” {count:was|were} predicted as “{predicted}”: "
        "**{of_truth}** of all {support} with true class “{truth}”, and {of_predicted} of the {called} predicted "
        "as “{predicted}”.",
    ),
    "matrix.sentence.right": (
        "正解が「{truth}」の画像のうち **{count} 枚**を正しく「{predicted}」と予測しました。「{truth}」"
        "全体 {support} 枚の **{of_truth}**（再現率）、「{predicted}」"
        "と予測した {called} 枚の **{of_predicted}**（適合率）です。",
        "**{count} {count:image|images}** with true class “{truth}” {count:was|were} correctly predicted as "
        "“{predicted}”: **{of_truth}** of all {support} with true class “{truth}” (recall), and "
        "**{of_predicted}** of the {called} predicted as “{predicted}” (precision).",
    ),
    "matrix.sentence.row": (
        "正解が「{truth}」の画像は全部で **{support} 枚**。これが再現率の分母です。"
        "そのうち {right} 枚を「{truth}」と予測したので、再現率は **{recall}** です。",
        "**{support} {support:image|images}** {support:has|have} the true class “{truth}”: the denominator of "
        "recall. {right} of them {right:was|were} predicted as “{truth}”, so the recall is **{recall}**.",
    ),
    "matrix.sentence.column": (
        "「{predicted}」と予測した画像は全部で **{called} 枚**。これが適合率の分母です。"
        "そのうち {right} 枚は正解も「{predicted}」だったので、適合率は **{precision}** です。",
        "**{called} {called:image|images}** {called:was|were} predicted as “{predicted}”: the denominator of "
        "precision. {right} of them {right:has|have} the true class “{predicted}”, so the precision is "
        "**{precision}**.",
    ),
    "matrix.sentence.diagonal": (
        "対角線は正しく分類した **{count} 枚**。全体 {total} 枚に占める割合が正解率 **{accuracy}** です。",
        "The diagonal holds the **{count} {count:image|images}** classified correctly: **{accuracy}** of all "
        "{total}, the accuracy.",
    ),
    "matrix.sentence.errors": (
        "誤分類は **{count} 枚**、全体 {total} 枚のうち対角線の外にあるものです。",
        "**{count} {count:image|images}** of {total} {count:was|were} misclassified: everything off the diagonal.",
    ),
    "matrix.sentence.everything": (
        "テスト画像 **{total} 枚**のすべてです。",
        "{total:The|All} **{total} test {total:image|images}**.",
    ),
}
