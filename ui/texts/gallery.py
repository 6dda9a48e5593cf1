"""Owns the words of the gallery of images."""

TEXTS = {
    "gallery.grid": ("画像の一覧", "Images"),
    "gallery.source": ("画像の出典：[{title}]({source})、{licence}", "Images: [{title}]({source}), {licence}"),
    "gallery.empty": ("該当する画像はありません。", "No images here."),
    "gallery.caption": (
        "正解 {truth}\n予測 {predicted}\n{confidence}",
        "true {truth}\npredicted {predicted}\n{confidence}",
    ),
    "gallery.label": (
        "画像 {index}：正解は {truth}、予測は {predicted}、確信度 {confidence}",
        "Image {index}: true class {truth}, predicted {predicted}, confidence {confidence}",
    ),
    "gallery.caption.plain": ("正解 {truth}\n予測 {predicted}", "true {truth}\npredicted {predicted}"),
    "gallery.label.plain": (
        "画像 {index}：正解は {truth}、予測は {predicted}",
        "Image {index}: true class {truth}, predicted {predicted}",
    ),
    "gallery.legend.plain": ("画像の下：正解と予測。", "Under each image: true class and predicted class."),
    "gallery.legend": (
        "画像の下：正解、予測、確信度（予測したクラスの確率）。",
        "Under each image: true class, predicted class and confidence (the probability of the predicted class).",
    ),
    "gallery.none_known": (
        "この評価には画像がないので、一覧で示します。行の左端を押すと、その 1 枚について表示します。",
        "This evaluation has no images, so they are listed. Click the left end of a row for more about it.",
    ),
    "gallery.list.index": ("番号", "Index"),
    "gallery.list.truth": ("正解", "True class"),
    "gallery.list.predicted": ("予測", "Predicted class"),
    "gallery.order": ("確信度の高い順。", "Most confident first."),
}
