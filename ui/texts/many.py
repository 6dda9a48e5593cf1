"""Owns the words of the matrix of many classes."""

TEXTS = {
    "many.order": ("クラスの並び", "Order of classes"),
    "many.order.given": ("元の順", "As given"),
    "many.order.support": ("枚数の多い順", "Most images first"),
    "many.order.mistakes": ("誤りの多い順", "Most mistakes first"),
    "many.order.similarity": ("よく取り違える組を隣に", "Often confused side by side"),
    "many.order.help": (
        "「よく取り違える組を隣に」では、たがいに取り違えた割合が大きいクラスほど近くに並びます（階層的クラスタリング、"
        "群平均法）。似たクラスのまとまりが、対角線に沿った四角い塊になって現れます。",
        "Side by side: the larger the share of two classes’ images that was predicted as the other, the nearer they "
        "stand (hierarchical clustering, average linkage). Groups of similar classes show as blocks along the diagonal.",
    ),
    "many.top": ("表示するクラス", "Classes shown"),
    "many.top.all": ("すべて（{count}）", "All {count}"),
    "many.top.some": ("上位 {count}", "Top {count}"),
    "many.top.help": (
        "残りのクラスは「その他」の 1 行 1 列にまとめます。合計は変わりません。",
        "All other classes are together in one row and one column, “others”. Totals stay what they are.",
    ),
    "many.find": ("クラスを探す", "Find a class"),
    "many.find.none": ("名前を入力して選ぶ", "Type a name and choose"),
    "many.find.help": (
        "選んだクラスの行と列に印を付け、見える位置まで動かします。",
        "Marks the row and the column of the class and brings them into sight.",
    ),
    "many.folded.mistakes": (
        "誤りの多い {shown} クラスと、最も多い取り違えのクラスを示し、ほかの {count} クラスは「その他」にまとめています。「その他」には色を付けません。",
        "Shown: the {shown} {shown:class|classes} with the most mistakes, and those of the largest confusions. The {count} other {count:class is|classes are} "
        "together as “others”, without a colour.",
    ),
    "many.folded.support": (
        "枚数の多い {shown} クラスと、最も多い取り違えのクラスを示し、ほかの {count} クラスは「その他」にまとめています。「その他」には色を付けません。",
        "Shown: the {shown} {shown:class|classes} with the most images, and those of the largest confusions. The {count} other {count:class is|classes are} "
        "together as “others”, without a colour.",
    ),
    "many.class": ("陽性とするクラス（全 {count}、名前で検索）", "Positive class (of {count}; type to search)"),
    "many.near": (
        "盤には、このクラスと最も取り違える {count} クラスまでを示し、残りは「その他」にまとめます。4 つの枚数は変わりません。",
        "The board has this class and at most {count} that it is most often confused with; the rest is “others”. The four "
        "counts stay what they are.",
    ),
    "many.learned": (
        "折れ線は、最後のエポックで再現率の低いクラス、最も変わったクラスと、下で選んだクラスです。ほかの {count} クラスは灰色です。",
        "Lines: the classes with the lowest recall at the last epoch, those that changed most, and the one chosen here. The "
        "{count} other {count:class is|classes are} grey.",
    ),
    "many.learned.class": ("クラスを加える", "Add a class"),
    "many.learned.none": ("選ばない", "none"),
    "many.others": ("その他", "others"),
    "many.others.label": ("その他の {count} クラス", "the {count} other {count:class|classes}"),
    "many.zoom_out": ("縮小", "Zoom out"),
    "many.zoom_fit": ("全体", "Whole"),
    "many.zoom_in": ("拡大", "Zoom in"),
    "many.hint": (
        "セルを押すと、その画像が出ます。見出しを押すと、そのクラスの行または列の画像すべてです。拡大すると、セルに数が出ます。"
        "キーボードでは、行列に移ってから矢印キーと Enter、+ と − で拡大・縮小します。",
        "Click a cell to see its images; a heading for all images of its row or column. Numbers appear in the cells when "
        "you zoom in. Keyboard: move into the matrix, then arrow keys and Enter; + and − zoom.",
    ),
    "many.csv": ("全クラスの CSV", "CSV of all classes"),
    "many.table": ("取り違えの多い組の表（{count} 組）", "Table of the largest confusions ({count})"),
    "many.table.truth": ("正解", "True class"),
    "many.table.predicted": ("予測", "Predicted class"),
    "many.table.count": ("枚数", "Images"),
    "many.table.of_truth": ("正解クラス内の割合", "Share of the true class"),
    "many.table.of_predicted": ("予測クラス内の割合", "Share of those predicted so"),
}
