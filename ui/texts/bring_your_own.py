"""Owns the words of the page on which a file from elsewhere becomes a run."""

TEXTS = {
    "bring_your_own.name": ("持ち込み", "Bring your own"),
    "bring_your_own.title": ("持ち込み", "Bring your own"),
    "bring_your_own.way": ("持ち込み方", "How"),
    "bring_your_own.way.file": ("ファイル", "A file"),
    "bring_your_own.way.paste": ("混同行列を貼り付け", "Paste a confusion matrix"),
    "bring_your_own.intro.file": (
        "ほかで作ったモデルの予測を、このダッシュボードで見られるようにします。モデルの種類や学習に使った道具は問いません。",
        "Have the predictions of any model shown in this dashboard, whatever it is and whatever it was trained with.",
    ),
    "bring_your_own.upload": (
        "ファイルをここにドロップするか、選んでください",
        "Drop a file here, or choose one",
    ),
    "bring_your_own.intro.paste": (
        "論文や表計算ソフトの混同行列をコピーして貼り付けます。クラス名や合計の行・列があってもかまいません。",
        "Copy a confusion matrix from a paper, a spreadsheet or a notebook. It may have class names and totals.",
    ),
    "bring_your_own.paste": (
        "混同行列（貼り付けたあと、欄の外をクリック）",
        "Confusion matrix (click outside the field after pasting)",
    ),
    "bring_your_own.taken.table": ("予測の表", "A table of predictions"),
    "bring_your_own.taken.table.note": (
        "CSV、TSV、Parquet、JSON Lines。1 行が 1 枚で、正解と、予測またはクラスごとの確率の列があるもの。",
        "CSV, TSV, Parquet or JSON lines: a row for each image, with its true class and the predicted class, or a "
        "probability for each class.",
    ),
    "bring_your_own.taken.arrays": ("配列", "Arrays"),
    "bring_your_own.taken.arrays.note": (
        "NumPy の npz（画像も入れられます）、または 2 つの npy（正解と予測）。",
        "NumPy’s npz files, which may hold the images too, or two npy files: labels and predictions.",
    ),
    "bring_your_own.taken.matrix": ("混同行列だけ", "A confusion matrix alone"),
    "bring_your_own.taken.matrix.note": (
        "枚数の表（CSV）。正解が行か列かは、読み込んだあとにたずねます。",
        "A table of counts (CSV). Whether the rows or the columns are the true classes is asked afterwards.",
    ),
    "bring_your_own.taken.checkpoint": ("重みのファイル", "Weights"),
    "bring_your_own.taken.checkpoint.note": (
        "PyTorch の .pt、.pth、.ckpt、または .safetensors。ここにあるネットワークの重みなら、テスト画像で評価します。",
        "A pt, pth or ckpt file of PyTorch, or safetensors: if they are of a network that is here, they are evaluated on "
        "test images.",
    ),
    "bring_your_own.taken.onnx": ("ネットワーク", "A network"),
    "bring_your_own.taken.onnx.note": (
        "ONNX のファイル（.onnx）。テスト画像で評価します。",
        "Exported to ONNX; it is evaluated on test images.",
    ),
    "bring_your_own.taken.run": ("保存されたチェックポイント", "Somebody’s checkpoint"),
    "bring_your_own.taken.run.note": (
        "ほかの人が python -m mnistcore export で作った zip。画像や学習の記録もそのまま表示できます。",
        "The zip that python -m mnistcore export makes of it: it is shown with everything that it has.",
    ),
    "bring_your_own.example": ("予測の表の例", "An example of a table of predictions"),
    "bring_your_own.is": ("ファイルの中身", "This is"),
    "bring_your_own.is.matrix": ("混同行列", "a confusion matrix"),
    "bring_your_own.is.table": ("予測の表", "a table of predictions"),
    "bring_your_own.found": ("読み取った内容", "What was recognised"),
    "bring_your_own.found.rows": (
        "{rows} 行、{columns} 列の表です。",
        "A table of {rows} {rows:row|rows} and {columns} {columns:column|columns}.",
    ),
    "bring_your_own.found.images": ("画像も入っています。", "It brings its images."),
    "bring_your_own.found.no_images": ("画像は入っていません。", "It brings no images."),
    "bring_your_own.found.matrix": (
        "{classes} クラス、{images} 枚の混同行列です。",
        "A confusion matrix of {classes} {classes:class|classes} and {images} {images:image|images}.",
    ),
    "bring_your_own.assumed": (
        "ファイルに書かれていないので、こう読みました：{notes}",
        "Not said in the file, and taken like this: {notes}",
    ),
    "bring_your_own.not_guessed": (
        "どの列が何か、見出しからはわかりませんでした。正解の列と、予測の列か確率の列を選んでください。"
        "正解のない提出用ファイルは評価できません。",
        "The headings do not say which column is what. Choose the true class, and the predicted class or the "
        "scores. A submission without the true classes cannot be evaluated.",
    ),
    "bring_your_own.instead": (
        "正解や予測の列がないときは、次の 2 行で、両方の入ったファイルを作れます。",
        "Where there is no such column, these two lines make a file that has both.",
    ),
    "bring_your_own.column.truth": ("正解の列", "True class"),
    "bring_your_own.column.predicted": ("予測の列", "Predicted class"),
    "bring_your_own.column.predicted.none": ("（確率から）", "(by the scores)"),
    "bring_your_own.column.scores": ("クラスごとの確率の列", "Scores of the classes"),
    "bring_your_own.column.scores.found": ("見出しから見つけた列", "found by their headings"),
    "bring_your_own.column.scores.numbers": ("残りの数値の列すべて", "all other columns of numbers"),
    "bring_your_own.column.scores.none": ("なし", "none"),
    "bring_your_own.column.kind": ("値の種類", "These are"),
    "bring_your_own.column.kind.probabilities": ("確率", "probabilities"),
    "bring_your_own.column.kind.logits": ("ロジット", "logits"),
    "bring_your_own.classes": ("クラスに名前を付ける", "Name the classes"),
    "bring_your_own.classes.label": (
        "0 番のクラスから順に、1 行に 1 つ",
        "One to a line, beginning with class 0",
    ),
    "bring_your_own.axis": ("正解のクラスはどちらですか", "Which are the true classes?"),
    "bring_your_own.axis.rows": ("行（横の並び）", "The rows"),
    "bring_your_own.axis.columns": ("列（縦の並び）", "The columns"),
    "bring_your_own.axis.means.open": (
        "行列そのものからはわかりません。1 行目・2 列目の {count} 枚は、正解が「{row}」で予測が「{column}」ですか、"
        "それとも逆ですか。",
        "The matrix itself does not say. The {count} in row 1, column 2: is their true class “{row}” and were they "
        "predicted as “{column}”, or the other way round?",
    ),
    "bring_your_own.axis.means.rows": (
        "1 行目・2 列目の {count} 枚は、正解が「{row}」で、「{column}」と予測された画像です。",
        "The {count} in row 1, column 2 have the true class “{row}” and were predicted as “{column}”.",
    ),
    "bring_your_own.axis.means.columns": (
        "1 行目・2 列目の {count} 枚は、正解が「{column}」で、「{row}」と予測された画像です。",
        "The {count} in row 1, column 2 have the true class “{column}” and were predicted as “{row}”.",
    ),
    "bring_your_own.found.run": (
        "「{name}」のチェックポイントです（{moment} に作成）。テスト画像は {images} 枚、正解率は {accuracy} です。",
        "The checkpoint “{name}”, made {moment}, with {images} test {images:image|images} and an accuracy of {accuracy}.",
    ),
    "bring_your_own.model.weights": (
        "重みの数は {parameters}（テンソル {tensors} 個）です。",
        "It has {parameters} {parameters:number|numbers} in {tensors} {tensors:tensor|tensors}.",
    ),
    "bring_your_own.model.network": (
        "形と順番から、ネットワークは {network} と判断しました。",
        "By their shapes they are of the network {network}.",
    ),
    "bring_your_own.model.onnx": (
        "ONNX のネットワークです。入力の形は {shape}、使っている演算は {operators} です。",
        "A network in ONNX. Its input has the shape {shape}; it is made of {operators}.",
    ),
    "bring_your_own.model.unknown": (
        "ここにあるネットワークの重みではありません。ネットワークのコードが手元にあれば、次のコマンドで評価できます。"
        "そのファイルのコードが実行されるので、このページからはできません。",
        "These are the weights of none of the networks here. If you have its code, this command evaluates it. It runs "
        "the code in that file, so it cannot be done from this page.",
    ),
    "bring_your_own.model.no_data": (
        "このサーバーには、クラスの数（{classes}）が合うデータセットがありません。",
        "No data set on this server has as many classes: {classes}.",
    ),
    "bring_your_own.model.dataset": ("評価に使うデータセット", "Data set to evaluate it on"),
    "bring_your_own.model.prepared": ("画像の前処理", "What is done to the images"),
    "bring_your_own.model.prepared.normalised": (
        "平均と標準偏差で正規化（Normalize）",
        "normalised by mean and deviation",
    ),
    "bring_your_own.model.prepared.plain": ("0〜1 のまま（ToTensor だけ）", "nothing: 0 to 1 (ToTensor alone)"),
    "bring_your_own.model.evaluated": (
        "保存するときに、テスト画像で評価します（1 分ほどかかることがあります）。学習のときと同じ前処理を選んでください。",
        "It is evaluated on the test images when it is kept, which may take a minute. Choose what was done in training.",
    ),
    "bring_your_own.keep_run": ("ここに保存", "Keep it here"),
    "bring_your_own.preview": ("プレビュー", "Preview"),
    "bring_your_own.preview.accuracy": ("正解率 Accuracy", "Accuracy"),
    "bring_your_own.preview.interval": (
        "95% 信頼区間は {low}〜{high}。",
        "95% confidence interval {low} to {high}.",
    ),
    "bring_your_own.preview.classes": ("クラス数", "Classes"),
    "bring_your_own.preview.support": (
        "1 クラスの枚数は {least}〜{most} 枚。",
        "Images of a class: {least} to {most}.",
    ),
    "bring_your_own.preview.too_many": (
        "ここに出るのは {most} クラスまでです。大きな混同行列は、保存してから混同行列のページで見られます。",
        "Too many classes for this place (at most {most}): the confusion matrix has a page of its own, once this is kept.",
    ),
    "bring_your_own.matrix": ("混同行列", "Confusion matrix"),
    "bring_your_own.name_of_run": ("名前", "Name"),
    "bring_your_own.keep": ("この名前で保存", "Keep under this name"),
    "bring_your_own.kept": (
        "「{name}」を保存しました。左のチェックポイントからいつでも選べます。",
        "Kept as “{name}”. It can be chosen as a checkpoint at the left at any time.",
    ),
    "bring_your_own.kept.again": (
        "まったく同じ予測が「{name}」としてすでに保存されているので、それを開きます。",
        "The very same predictions are there already as “{name}”.",
    ),
    "bring_your_own.kept.confusion_matrix": ("混同行列を見る", "See the confusion matrix"),
    "bring_your_own.kept.class_by_class": ("クラスごとに見る", "See class by class"),
    "bring_your_own.kept.overview": ("概要を見る", "See the overview"),
    "bring_your_own.refused": (
        "このファイルは読み込めません。何も保存していません。",
        "This cannot be taken. Nothing was kept.",
    ),
    "bring_your_own.rows_from_zero": (
        "行の番号は、見出しを除いて 0 から数えています。",
        "Rows are counted from 0, without the heading.",
    ),
    "bring_your_own.not_kept": ("保存できませんでした。", "It was not kept."),
}
