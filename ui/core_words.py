"""Owns how sentences of the core are said in Japanese: errors about what was brought and trainings, and what was assumed.

The core speaks English, on the command line and in notebooks. Here every sentence that a page may have to repeat stands
beside its translation; the words in braces are whatever the core has put there. What is not here stays English.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from mnistcore.imports.formats import INSTEAD
from ui import state

_JA_INSTEAD: Final = INSTEAD.replace(INSTEAD.splitlines()[0], "代わりに、予測のファイルを作って持ち込んでください：")

ERRORS: Final[Mapping[str, str]] = {
    # ------------------------------------------------ trainings
    "the queue for {queue} is full: expected at most {most} training runs waiting, got one more. Wait until one has "
    "started, or stop one: `python -m mnistcore jobs` lists them": (
        "{queue} の順番待ちがいっぱいです。待てるのは {most} 件までです。どれかが始まるまで待つか、どれかを中止してください"
        "（一覧は python -m mnistcore jobs）。"
    ),
    "cannot write to {folder}: another account's: expected what belongs to this one, got {path} of the account {account}, "
    "who alone may change it. Ask {again}, or set MNISTCORE_ARTIFACTS to a folder of your own": (
        "{path} はアカウント {account} のもので、変えられるのは {account} だけです。{account} に頼むか、"
        "MNISTCORE_ARTIFACTS に自分のフォルダを指定してください。"
    ),
    "cannot write to {folder}: not protected: expected a shared folder with the sticky bit, got {path} without it, where "
    "others may rename what is yours. Ask whoever it belongs to for `chmod +t` on it, or set MNISTCORE_ARTIFACTS to a "
    "folder of your own": (
        "共有フォルダ {path} にスティッキービットがないので、ほかの人があなたのファイルの名前を変えられます。持ち主に "
        "chmod +t を頼むか、MNISTCORE_ARTIFACTS に自分のフォルダを指定してください。"
    ),
    "the model {run} is loaded by a process of the account {account}: expected one of this account. Ask {again} to "
    "release it": "モデル {run} はアカウント {account} のプロセスが読み込んでいます。解放は {account} に頼んでください。",
    "waits for {queue}, which is held by process {pid} of the account {account}: expected a training run of this list. Who "
    "may hold it is who may open {path}": (
        "{queue} を待っていますが、一覧にないプロセス {pid}（アカウント {account}）が使っています。{path} を開ける人は"
        "だれでも {queue} を押さえられます。"
    ),
    "waits for {queue}, which is held by a process that cannot be seen from here, of another container or computer: expected "
    "a training run of this list. Who may hold it is who may open {path}": (
        "{queue} を待っていますが、ここからは見えないプロセス（別のコンテナか別のコンピュータ）が使っています。{path} を"
        "開ける人はだれでも {queue} を押さえられます。"
    ),
    "the disk of the trainings has no locks: expected one where a file can be locked (flock). Trainings on one device may run "
    "at the same time here, and take longer": (
        "学習の記録があるディスクではファイルのロック（flock）が使えません。同じデバイスで複数の学習が同時に動いて、遅くなる"
        "ことがあります。"
    ),
    "stopped after {hours} hours, the longest that a training run may take here (MNISTCORE_MAX_HOURS): what it has is kept. "
    "Resume it to continue": (
        "1 回の学習の上限（MNISTCORE_MAX_HOURS）の {hours} 時間に達したので止まりました。ここまでの結果は残っています。続ける"
        "には再開してください。"
    ),
    # ------------------------------------------------ which file
    "files: expected one, or two .npy (labels and predictions), got {count}": (
        "一度に持ち込めるのは 1 つのファイルか、2 つの .npy（正解と予測）です。{count} 個ありました。"
    ),
    "{ending}: a pickle runs code when it is opened.": (
        "{ending}：pickle は開くだけでプログラムが動くことがあるので、読み込みません。"
    ),
    "file: a pickle runs code when it is opened: this is one, whatever its name says.": (
        "中身が pickle です。pickle は開くだけでプログラムが動くことがあるので、読み込みません。"
    ),
    "{ending}: Keras models are not opened here.": "{ending}：Keras のモデルは読み込めません。",
    "file: Keras models are not opened here: this is HDF5, whatever its name says.": (
        "中身が HDF5 です。Keras のモデルは読み込めません。"
    ),
    "{ending}: TorchScript is a program, which is not run here.": (
        "{ending}：TorchScript はプログラムなので、ここでは実行しません。"
    ),
    "{ending}: exported programs are not opened here.": "{ending}：書き出されたプログラムは読み込めません。",
    "file: expected one of {endings}, got {ending}.": (
        "読み込める種類は {endings} です。このファイルは {ending} です。"
    ),
    "file: expected a zip, got bytes that are none: was it cut off on its way?": (
        "zip として読めません。送る途中で切れていませんか。"
    ),
    "file: expected a whole zip, got one that cannot be read: {error}": "zip が壊れています：{error}",
    "file: expected the zip of a run, which `python -m mnistcore export RUN` makes and which holds run.json, got {names}": (
        "python -m mnistcore export で作った zip（run.json が入っているもの）が必要です。入っていたのは {names} です。"
    ),
    "file: expected at most {most} files in a zip, got {count}": (
        "zip の中のファイルは {most} 個までです。{count} 個ありました。"
    ),
    "file: expected at most {most} MiB, got {path}: {error}": "大きさは {most} MiB までです：{error}",
    "file: expected at most {most} MiB, got {size} MiB": "大きさは {most} MiB までです。このファイルは {size} MiB です。",
    "the quota of {folder} is used up: expected room for {size}, got {used} used of {quota}. Delete runs that nobody needs "
    "(`python -m mnistcore delete RUN`), or raise MNISTCORE_QUOTA_GB": (
        "ディスクの割り当てが足りません（{folder}）。{size} 必要ですが、{quota} のうち {used} を使っています。要らない結果を "
        "`python -m mnistcore delete RUN` で削除するか、MNISTCORE_QUOTA_GB を大きくしてください。"
    ),
    # ------------------------------------------------ tables
    "file: expected text in UTF-8, UTF-16 with its mark or cp932 (Shift JIS), got {encoding}: save it as UTF-8 (in Excel: CSV "
    "UTF-8)": ("文字コードが {encoding} のようです。UTF-8 で保存しなおしてください（Excel なら「CSV UTF-8」）。"),
    "file: expected text in UTF-8, UTF-16 or cp932 (Shift JIS), got other bytes": (
        "文字コードが UTF-8、UTF-16、cp932（シフト JIS）のどれでもありません。"
    ),
    "file: expected {encoding}, got other bytes: {error}": "{encoding} として読めません：{error}",
    "file: expected a table, got an empty file": "ファイルが空です。",
    "file: expected at least one row, got none": "見出しのほかに行がありません。",
    "file: expected at most {most} MiB of columns, got {size} MiB": (
        "列の大きさは合わせて {most} MiB までです。開くと {size} MiB になります。"
    ),
    "{name}: expected at most {most} rows, got {count}": "行は {most} 行までです。{count} 行ありました。",
    "columns: expected each heading once, got {name} twice": "同じ見出し {name} が 2 回あります。",
    "file: expected {cells} cells in each row, as in the first, got {count} in row {row}": (
        "どの行にも 1 行目と同じく {cells} 個の値が必要です。行 {row} には {count} 個ありました。"
    ),
    "file: expected the same number of columns in each row, got: {error}": ("行によって列の数が違います：{error}"),
    "file: expected {kind}, got bytes that cannot be read as that: {error}": "{kind} として読めません：{error}",
    "columns: expected one of the true class and one of the predicted class, or scores, got {names}. A submission without the "
    "truth cannot be evaluated; of any other table say which is which (--truth, --predicted, --scores).": (
        "正解の列と、予測の列または確率の列が必要です。あったのは {names} です。正解のない提出用ファイルは評価できません。"
        "正解があるなら、どの列が何かを指定してください。"
    ),
    "columns: expected at least two, the true and the predicted class, got one": (
        "列が 1 つしかありません。正解の列と予測の列が必要です。"
    ),
    "columns: expected one of {names}, got {name}": "「{name}」という列はありません。あるのは {names} です。",
    "{column}: expected a value in every row, got none in row {row}": (
        "「{column}」の {row} 行目に値がありません。すべての行に値が必要です。"
    ),
    "{column}: expected numbers, got {value} in row 0": "「{column}」は数値でなければなりません。0 行目は {value} です。",
    "file: expected arrays of the same length, got {lengths}": "配列の長さがそろっていません：{lengths}",
    "file: expected an array of labels, got none": "正解の配列がありません。",
    # ------------------------------------------------ arrays
    "{name}: expected an array as numpy.save writes it, got other bytes": "「{name}」は numpy.save の形式として読めません。",
    "{name}: expected an array of numbers or of names, got one of {kind}": (
        "「{name}」は数か名前の配列でなければなりません（{kind}）。"
    ),
    "{name}: expected an array of numbers or of names, got one of Python objects, which runs code when it is opened: save names "
    "as array.astype(str)": (
        "Python のオブジェクトの配列は、開くだけでプログラムが動くことがあるので読み込みません。名前は "
        "array.astype(str) として保存してください。"
    ),
    "{name}: expected a whole array, {size} bytes for {kind} of shape {shape}, got {count} bytes": (
        "「{name}」は途中で切れているか、余分なものが付いています。{kind} の形 {shape} なら {size} バイトのはずですが、"
        "{count} バイトでした。"
    ),
    "{name}: expected the header of an array, got one that cannot be read: {error}": (
        "「{name}」の先頭が配列のものではありません：{error}"
    ),
    "{name}: expected names of at most {most} signs in all, got {count}": (
        "「{name}」の名前は、合わせて {most} 文字までです。{count} 文字でした。"
    ),
    "{name}: expected names in UTF-8, got other bytes: save them as array.astype(str)": (
        "「{name}」の名前が UTF-8 ではありません。array.astype(str) として保存してください。"
    ),
    "{name}: expected names, got numbers that are no signs": "「{name}」の名前に、文字でないものがあります。",
    "{name}: expected arrays as numpy.savez writes them, got other bytes: {error}": (
        "「{name}」は numpy.savez の形式として読めません：{error}"
    ),
    "{name}: expected each array once, got {array} twice": "同じ名前の配列 {array} が 2 つあります。",
    "{name}: expected at most {most} columns, got {count}": (
        "「{name}」の列は {most} 列までです。{count} 列ありました。"
    ),
    "{name}: expected at most {most} arrays, got {count}": "配列は {most} 個までです。{count} 個ありました。",
    "{name}: expected at most {most} MiB of arrays, got {size} MiB": (
        "配列の大きさは合わせて {most} MiB までです。開くと {size} MiB になります。"
    ),
    # ------------------------------------------------ matrices
    "matrix: expected counts, got no numbers": "数がありません。混同行列には枚数が必要です。",
    "matrix: expected counts, got shares: make it again with counts, as sklearn's confusion_matrix does without normalize=": (
        "割合の混同行列です。枚数の混同行列が必要です（sklearn の confusion_matrix なら、normalize を付けずに作り直します）。"
    ),
    "matrix: expected whole counts of 0 and more, got {found}": (
        "枚数は 0 以上の整数でなければなりません。{found} がありました。"
    ),
    "matrix: expected rows of the same length, got {first} cells in the first row and {other} in row {row}": (
        "行の長さがそろっていません。最初の行は {first} 個、{row} 行目は {other} 個です。"
    ),
    "matrix: expected as many rows as columns, and at least 2, got {rows} x {columns}": (
        "行と列は同じ数で、2 以上でなければなりません。{rows} 行 {columns} 列でした。"
    ),
    "matrix: expected at most {classes} classes and at most {most} images in a cell, got more": (
        "クラスは {classes} まで、1 つのセルの枚数は {most} までです。"
    ),
    "matrix: expected at least one image, got 0 in every cell": "どのセルも 0 枚です。",
    # ------------------------------------------------ labels, scores and images
    "{name}: expected numbers or names, got {got}": "「{name}」は数値か名前でなければなりません（{got}）。",
    "{name}: expected an array, a tensor, a pandas object or a list, got {error}": "「{name}」を配列にできません：{error}",
    "{name}: expected one value for each image, got shape {shape}": (
        "「{name}」は 1 枚に 1 つの値でなければなりません。形は {shape} です。"
    ),
    "{name}: expected whole numbers or names, got {value} in row {row}": (
        "「{name}」は整数か名前でなければなりません。{row} 行目は {value} です。"
    ),
    "{name}: expected numbers from 0 to {last}, got {value} in row {row}": (
        "「{name}」は 0 から {last} までの番号でなければなりません。{row} 行目は {value} です。"
    ),
    "{name}: expected one of {names}, got {value} in row {row}": (
        "「{name}」は {names} のどれかでなければなりません。{row} 行目は {value} です。"
    ),
    "{name}: expected numbers, got {kind}": "「{name}」は数値でなければなりません（{kind}）。",
    "{name}: expected a row for each image and 2 to {most} columns, got shape {shape}": (
        "「{name}」は 1 枚に 1 行、クラスごとに 1 列（2〜{most}）でなければなりません。形は {shape} です。"
    ),
    "{name}: expected finite numbers, got another in row {row}": (
        "「{name}」の {row} 行目に、数値でないもの（NaN や無限大）があります。"
    ),
    "probabilities: expected 0 to 1 and rows that sum to 1, got {low} to {high} with the sum {total} in row {row}; if these "
    "are a network's raw outputs, say logits=...": (
        "確率は 0〜1 で、1 行の合計が 1 でなければなりません。{row} 行目は {low}〜{high} で、合計は {total} です。"
        "ネットワークの出力そのものなら「ロジット」を選んでください。"
    ),
    "{kind}: expected a row for each of {labels} labels, got {count}": (
        "「{kind}」は正解と同じ {labels} 行でなければなりません。{count} 行でした。"
    ),
    "predicted: expected as many as labels, {labels}, got {count}": (
        "予測は正解と同じ {labels} 個でなければなりません。{count} 個でした。"
    ),
    "predicted: expected the class of the highest {what}, {highest}, got {said} in row {row} ({count} of {total} rows): give "
    "one of them": (
        "予測の列と、値が最も高いクラスが食い違っています。{row} 行目は、最も高いのが {highest}、予測の列は {said} です"
        "（{total} 行のうち {count} 行）。どちらか一方だけを使ってください。"
    ),
    "predicted: expected a class for each image where there are no scores": ("確率がないときは、予測の列が必要です。"),
    "classes: expected a name for each of {columns} columns, got {count}": (
        "クラス名は {columns} 列に 1 つずつ必要です。{count} 個ありました。"
    ),
    "classes: expected {columns}, one for each column of the scores, but the labels name {count}: say classes=[...] in the "
    "order of the columns": (
        "確率の列は {columns} 列ですが、正解に出てくるクラスは {count} 種類です。確率の列の見出しにクラス名を入れてください。"
    ),
    "classes: expected 2 to {most}, got {count}": "クラスの数は 2〜{most} でなければなりません。{count} でした。",
    "matrix: expected at most {most} classes, got {count} lines": (
        "クラスは {most} 個までです。{count} 行ありました。"
    ),
    "classes: expected names of at most {most} signs, got {count}: {name}": (
        "クラス名は {most} 文字以内でなければなりません。{count} 文字ありました：{name}"
    ),
    "classes: expected each name once, got {name} twice": "同じクラス名 {name} が 2 回あります。",
    "classes: expected {expected} names, got {count}": "クラス名は {expected} 個必要です。{count} 個ありました。",
    "images: expected one for each of {labels}, got {count}": "画像の数（{count}）が正解の数（{labels}）と違います。",
    "images: expected (N, H, W), (N, H, W, 3) or flat squares, uint8 or 0 to 1, got {got}": (
        "画像は (N, H, W)、(N, H, W, 3) か、平らにした正方形で、uint8 か 0〜1 でなければなりません：{got}"
    ),
    "name: expected 1 to {most} signs, got {count}": "名前は 1〜{most} 文字です。{count} 文字でした。",
    # ------------------------------------------------ models
    "file: expected a checkpoint as torch.save writes it, got one that cannot be opened: {reason}": (
        "torch.save の形式として読めません：{reason}"
    ),
    "file: expected a dict of tensors as torch.save(model.state_dict(), FILE) writes it, got {got}": (
        "torch.save(model.state_dict(), FILE) で保存した、テンソルの辞書が必要です。入っていたのは {got} です。"
    ),
    "file: expected weights alone, got a pickle with {name} in it, which would run code: it was not opened. "
    "torch.save(model.state_dict(), FILE) saves the weights alone.": (
        "重みだけのファイルではなく、プログラムを動かす pickle（{name}）が入っているので、開きませんでした。"
        "torch.save(model.state_dict(), FILE) なら、重みだけを保存できます。"
    ),
    "file: expected safetensors, got bytes that cannot be read as that: {error}": "safetensors として読めません：{error}",
    "file: expected 1 to {most} tensors, got {count}": "テンソルの数は 1〜{most} でなければなりません。{count} 個でした。",
    "network: expected weights as floats, got {kind} as {name}: save the network as it was before it was quantised": (
        "重みは小数でなければなりません。{name} は {kind} です。量子化する前のネットワークを保存してください。"
    ),
    "file: expected at most {most} numbers, got {count}": "数は全部で {most} 個までです。{count} 個ありました。",
    "file: expected plain tensors, got {kind} as {name}": "「{name}」はふつうのテンソルではありません（{kind}）。",
    "file: expected finite weights, got NaN or infinity in {name}": "「{name}」に NaN か無限大があります。",
    "file: expected a checkpoint, got {name}": "「{name}」は重みのファイルではありません。",
    "network: expected {name} to have the weights of the file, but {faults}": (
        "ファイルの重みがネットワーク {name} に合いません：{faults}"
    ),
    "network: expected the weights of one of {names}, got others ({listed}). On the command line, --network FILE.py:Class "
    "says whose they are; it runs that file.": (
        "{names} のどの重みでもありません（{listed}）。コマンドでは --network FILE.py:Class でネットワークを指定できます"
        "（そのファイルのコードが実行されます）。"
    ),
    "network: expected one that takes images of {shape}, but it fails: {error}": (
        "{shape} の画像を入れると失敗します：{error}"
    ),
    "network: expected scores for the {classes} classes of {dataset}, got {count}: --dataset NAME says another data set": (
        "{dataset} は {classes} クラスですが、このネットワークの出力は {count} 個です。別のデータセットを選んでください。"
    ),
    "network: expected images of {expected}, which its weights are for, but those of {dataset} are {shape}: --dataset NAME says "
    "another data set": (
        "この重みは {expected} の画像用ですが、{dataset} の画像は {shape} です。別のデータセットを選んでください。"
    ),
    "model: expected finite scores, got others for image {row}": "{row} 番の画像で、出力に NaN か無限大がありました。",
    "file: expected scores for each image and class, got shape {shape}": (
        "1 枚に 1 行、クラスごとに 1 列の出力が必要です。形は {shape} でした。"
    ),
    "file: expected one that can be opened with {size} MiB of memory, but the process that opens it {how}: {last}": (
        "{size} MiB のメモリでは開けませんでした（{how}：{last}）。"
    ),
    "file: expected an answer of the process that opens it, got {error}": "ファイルを開くプロセスが失敗しました：{error}",
    "file: expected one that is opened and evaluated in {seconds} seconds, got one that takes longer: it was stopped": (
        "{seconds} 秒以内に終わらなかったので、止めました。"
    ),
    "file: expected an ONNX file with a network in it, got none": "ONNX のファイルですが、ネットワークが入っていません。",
    "file: expected an ONNX file, got bytes that cannot be read as that: {error}": "ONNX として読めません：{error}",
    "file: expected an ONNX file, got {name}": "「{name}」は ONNX のファイルではありません。",
    "file: expected at most {most} graphs in each other, got more": "グラフの入れ子は {most} 段までです。",
    "file: expected at most {most} fields, got more": "ONNX の項目は {most} 個までです。",
    "file: expected at most {most} operators, got more": "演算は {most} 個までです。",
    "file: expected all weights in the file, got {name} in another: torch.onnx.export(..., external_data=False) writes one file": (
        "重み {name} が別のファイルにあります。torch.onnx.export(..., external_data=False) で 1 つのファイルにしてください。"
    ),
    "file: expected only operators of ONNX itself, got {operator} of {domain}, which would need somebody's own code": (
        "ONNX 自身の演算だけが使えます。{domain} の {operator} がありました。"
    ),
    "file: expected an input of one of {expected}, as the images of {dataset} are, got ({got}): --dataset NAME says another "
    "data set": (
        "{dataset} の画像は {expected} のどれかの形ですが、入力の形は ({got}) です。別のデータセットを選んでください。"
    ),
    "file: expected scores for the {classes} classes of {dataset}, got {count}: --dataset NAME says another data set": (
        "{dataset} は {classes} クラスですが、出力は {count} 個です。別のデータセットを選んでください。"
    ),
    "file: expected an input of {kinds}, got {kind}": "入力の型は {kinds} でなければなりません。{kind} でした。",
    "file: expected an input for at least 1 image, got {size}": "入力の枚数が {size} です。1 以上が必要です。",
    "file: expected a row of scores for each of {count} images, got {got}": (
        "{count} 枚に 1 行ずつの出力が必要です。{got} でした。"
    ),
    "file: expected an output of shape (N, classes), got {shape}": "出力の形は (N, クラス数) です。{shape} でした。",
    "file: expected one {what}, got {count} ({names})": "{what} は 1 つでなければなりません。{count} 個ありました（{names}）。",
    "onnxruntime: expected it to be installed, got: {error}": "onnxruntime を読み込めません：{error}",
    "file: expected an ONNX file that onnxruntime can build, got: {error}": "onnxruntime で組み立てられません：{error}",
    "file: expected one that takes images of {shape}, but it fails: {error}": "{shape} の画像を入れると失敗します：{error}",
    # ------------------------------------------------ somebody's run
    "run {run} is here already, with other content: expected the same or none. Export it or delete it first (`{command}`)": (
        "「{run}」は、別の内容でここにあります。先に書き出すか削除してください（{command}）。"
    ),
    "file: expected one folder with {manifest} in it, got {count} and no such file": (
        "{manifest} の入ったフォルダーが 1 つ必要です（フォルダーは {count} 個）。"
    ),
    "file: expected the few files of a run, got {count}": "チェックポイントのファイルだけのはずですが、{count} 個あります。",
    "file: expected what fits a run, got a zip of {size} bytes that would become {total}: it is not opened": (
        "{size} バイトの zip が、開くと {total} バイトになります。開きません。"
    ),
    "file: expected plain files, got a symbolic link, {name}": "zip の中にシンボリックリンク {name} があります。",
    "file: expected a zip without a password, got one with {name} encrypted": "{name} にパスワードがかかっています。",
    "file: expected RUN/{manifest} and the files that it names, got {name}": (
        "{manifest} と、そこに書かれたファイルだけのはずですが、{name} がありました。"
    ),
    "file: expected each name once, got {name} twice": "同じ名前 {name} が 2 つあります。",
    "file: expected the folder {run}, as the run in it is called, got {name}": (
        "フォルダーの名前は {run} でなければなりません。{name} でした。"
    ),
    "file: expected {names}, which {manifest} names, got no such file": "{manifest} にある {names} が入っていません。",
    "file: expected only what {manifest} names, got {names} too": "{manifest} にない {names} が入っています。",
    "run.json: {fault}": "run.json に誤りがあります：{fault}",
    "{name}: expected {expected} bytes as in {manifest}, got {size}": (
        "「{name}」は {manifest} では {expected} バイトですが、{size} バイトです。"
    ),
    "{name}: expected at most {most} bytes, got {size}": "「{name}」は {most} バイトまでです。{size} バイトでした。",
    "{name}: expected {expected} bytes, got {size}": "「{name}」は {expected} バイトのはずですが、{size} バイトです。",
    "{name}: expected a file that can be unpacked, got: {error}": "「{name}」を取り出せません：{error}",
}

NOTES: Final[Mapping[str, str]] = {
    "no heading": "見出しなし",
    "UTF-16": "UTF-16",
    "cp932 (Shift JIS)": "cp932（シフト JIS）",
    "separated by tabs": "タブ区切り",
    "separated by {sign}": "「{sign}」区切り",
    "{name}: each row is taken as one-hot": "「{name}」は one-hot（1 の位置がクラス）",
    "labels: 1 is taken as the first class": "正解の番号は 1 から",
    "classes: the columns are taken in the sorted order of the names": "確率の列は、名前を並べ替えた順",
    "probabilities: one column is taken as that of the second class": "確率の列は 2 番目のクラスのもの",
    "probabilities: taken as percent": "確率はパーセント",
    "predicted: no name occurs among the labels: are they written differently?": (
        "予測の名前が正解の中にひとつもありません（書き方が違いませんか）"
    ),
    "the totals are left out": "合計の行と列を除外",
    "the classes are numbered from 0": "クラスは 0 からの番号",
    "the classes are called as the rows are": "クラス名は行の見出しのもの",
    "data set: {name}": "データセットは {name}",
    "images: normalised with mean {mean} and deviation {std}": "画像は平均 {mean}、標準偏差 {std} で正規化",
    "images: normalised with mean {mean} and deviation {std}, as of {name}": (
        "画像は {name} の平均 {mean}、標準偏差 {std} で正規化"
    ),
    "images: not normalised, 0 to 1": "画像は 0〜1 のまま",
    "images: given as rows of {count} pixels": "画像は {count} 個の数を並べた 1 行",
    "images: given as rows of pixels": "画像は画素を並べた 1 行",
    "images: given with the colours last": "画像は色の軸が最後",
    "images: given without an axis for the colours": "画像は色の軸なし",
    "the weights are those under {name}": "重みは {name} の下のもの",
    "without the prefix {prefix}": "名前の先頭の {prefix} を除外",
    "without _orig_mod.": "名前の _orig_mod. を除外",
    "only what has the prefix {prefix}, without {names}": "名前が {prefix} で始まるものだけ（{names} を除く）",
    "network: {name}, found by names and shapes": "ネットワークは {name}（名前と形から）",
    "network: {name}, found by the shapes of its weights, in their order": "ネットワークは {name}（重みの形と順番から）",
    "network: {name}, found by the class that was named": "ネットワークは指定された {name}",
    "left out, no tensors: {names}": "テンソルでない {names} を除外",
    "file: written by {program}": "ファイルは {program} が書いたもの",
    "model: its outputs are taken as logits": "出力はロジット",
    "model: its outputs are taken as log-probabilities": "出力は対数確率",
    "model: its outputs are taken as probabilities: each row sums to 1": "出力は確率（1 行の合計が 1）",
    "model: its outputs, 0 to 1 but no row of sum 1, are taken as one probability for each class alone, and divided by their "
    "sum": "出力はクラスごとに独立した確率とし、合計で割った",
    "model: its one output is taken as the logit of the second class": "1 つだけの出力は 2 番目のクラスのロジット",
    "model: its one output is taken as the probability of the second class: it is never outside 0 to 1": (
        "1 つだけの出力は 2 番目のクラスの確率（いつも 0〜1）"
    ),
    "of the first {count} images, {right} are right so, and {better} with {option}: is that how it was trained?": (
        "はじめの {count} 枚のうち、このままでは {right}、{option} では {better} が正解（学習のときはそちらでしたか）"
    ),
    "the rows are the true classes": "行が正解",
    "the columns are the true classes": "列が正解",
}


def told(sentence: str) -> str:
    """A sentence of the core in the session's language."""
    if state.language() == "en":
        return sentence
    head, instead, _ = sentence.partition(INSTEAD)
    if instead:
        return f"{in_japanese(head.strip()) or head.strip()}\n{_JA_INSTEAD}"
    return in_japanese(sentence) or sentence


def in_japanese(sentence: str) -> str | None:
    """The translation; None where there is none."""
    for pattern, japanese in _patterns():
        if found := pattern.fullmatch(sentence):
            return japanese.format(**found.groupdict())
    return None


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Those with the most words of their own first: others would take their words for what stands in a gap."""
    pairs = sorted({**ERRORS, **NOTES}.items(), key=lambda pair: -len(re.sub(r"\{\w+\}", "", pair[0])))
    return [(_pattern(english), japanese) for english, japanese in pairs]


def _pattern(english: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", english)
    return re.compile(
        "".join(f"(?P<{part}>.+?)" if place % 2 else re.escape(part) for place, part in enumerate(parts)), re.DOTALL
    )
