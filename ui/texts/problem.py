"""Owns the words for what went wrong: what was expected, what was found, what to do."""

TEXTS = {
    "problem.unknown_value": (
        "リンクの「{parameter}={value}」は使えません。使えるのは {options} です。{shown} で表示しています。",
        "The link says “{parameter}={value}”, which is not possible here. Possible: {options}. Showing {shown}.",
    ),
    "problem.unknown_run": (
        "「{wanted}」というチェックポイントはここにはありません（削除されたか、別のサーバーのものです）。代わりに"
        "最新の「{shown}」を表示しています。",
        "There is no checkpoint “{wanted}” here: it was deleted, or it is on another server. Showing the newest "
        "one, “{shown}”, instead.",
    ),
    "problem.unreadable_run": (
        "チェックポイント「{wanted}」は読み込めません：{reason} 代わりに最新の「{shown}」を表示しています。",
        "The checkpoint “{wanted}” cannot be read: {reason} Showing the newest one, “{shown}”, instead.",
    ),
    "problem.unknown_epoch": (
        "エポック {wanted} は保存されていません。保存されているのは {kept} です。エポック {shown} を表示しています。",
        "Epoch {wanted} was not kept. Kept are {kept}. Showing epoch {shown}.",
    ),
    "problem.unknown_cell": (
        "リンクの「cell={wanted}」は、この行列にはありません。「4-9」（正解 4、予測 9）、「4-all」、「all-9」、"
        "「diagonal」、「everything」の形で、番号は 0 から {last} までです。",
        "The link says “cell={wanted}”, which this matrix does not have. Expected: “4-9” (true class 4, "
        "predicted 9), “4-all”, “all-9”, “diagonal” or “everything”, with numbers from 0 to {last}.",
    ),
    "problem.unknown_image": (
        "画像 {wanted} はありません。番号は 0 から {last} までです。",
        "There is no image {wanted}. Numbers go from 0 to {last}.",
    ),
    "problem.counts_only": (
        "このチェックポイントには枚数（混同行列）だけが保存されていて、画像ごとの予測はわかりません。",
        "Only counts (the confusion matrix) are stored for this checkpoint: what was predicted for each image is "
        "not known.",
    ),
    "problem.no_scores": (
        "このチェックポイントには確率が保存されていないため、確信度や確率は表示されません。",
        "No probabilities are stored for this checkpoint, so confidences and probabilities are not shown.",
    ),
    "problem.dismiss": ("お知らせを閉じる", "Dismiss"),
    "problem.folder_gone": (
        "学習結果の保存先フォルダー「{folder}」が見つかりません。このサーバーの起動後に一度は読めていたので、ディ"
        "スクのマウントが外れたか、フォルダーが移動・削除されたと考えられます。マウントし直すか、フォルダーを元に"
        "戻してから、ページを読み込み直してください。それまで学習は始められません。新しく始める場合は、同じ名前の"
        "空のフォルダーを作ってください。",
        "The folder of the results, {folder}, is not there any more. It was there earlier while this server was "
        "running, so its disk is probably not mounted now, or the folder was moved or deleted. Mount the disk "
        "again or put the folder back, then reload this page; no training can start until then. To start afresh, "
        "make an empty folder of that name.",
    ),
    "problem.fault.page": (
        "予期しないエラーのため、このページを最後まで表示できませんでした。ほかのページや、左のサイドバーから選べるほかの"
        "チェックポイントは使えます。ページを読み込み直しても直らないときは、下の文をサーバーの管理者に伝えてください"
        "（詳しい記録はサーバーのログにあります）。",
        "An unexpected error kept this page from being shown completely. Other pages still work, and so do the other "
        "checkpoints in the sidebar. If reloading the page does not help, pass the text below on to whoever looks after "
        "the server; the details are in its log.",
    ),
    "problem.fault.sidebar": (
        "予期しないエラーのため、サイドバーの一部を表示できませんでした。ページを読み込み直しても直らないときは、下の文を"
        "サーバーの管理者に伝えてください（詳しい記録はサーバーのログにあります）。",
        "An unexpected error kept a part of the sidebar from being shown. If reloading the page does not help, pass the "
        "text below on to whoever looks after the server; the details are in its log.",
    ),
    "problem.fault.fragment": (
        "予期しないエラーのため、ページのこの部分を表示できませんでした。ほかの部分は使えます。ページを読み込み直しても"
        "直らないときは、下の文をサーバーの管理者に伝えてください（詳しい記録はサーバーのログにあります）。",
        "An unexpected error kept this part of the page from being shown. The other parts still work. If reloading the "
        "page does not help, pass the text below on to whoever looks after the server; the details are in its log.",
    ),
    "problem.fault.click": (
        "予期しないエラーのため、今の操作を実行できませんでした。もう一度試しても直らないときは、下の文をサーバーの"
        "管理者に伝えてください（詳しい記録はサーバーのログにあります）。",
        "What you just clicked could not be done because of an unexpected error. If trying again does not help, pass the "
        "text below on to whoever looks after the server; the details are in its log.",
    ),
    "problem.damaged_predictions": (
        "「{run}」の予測を読み込めません。ほかのチェックポイントは使えます。このファイルには手を加えていません。"
        "もう一度学習するには、同じ設定に --force を付けて python -m mnistcore train を実行してください（{run_id}）。",
        "The predictions of “{run}” cannot be read. The other checkpoints still work, and the file was left as it is. "
        "To train it again, run python -m mnistcore train with the same settings and --force ({run_id}).",
    ),
    "problem.damaged_history": (
        "学習の記録（history.json）を読み込めません。",
        "The record of the training (history.json) cannot be read.",
    ),
    "problem.no_images": (
        "このデータセットの画像がサーバー（ダッシュボードが動いているマシン）にないため、画像は表示できません。数"
        "値はすべて正しく表示されています。",
        "The images of this data set are not on the server (the machine that runs this dashboard), so they "
        "cannot be shown. All numbers are still right.",
    ),
    "problem.unreadable_runs": ("読み込めない項目：{count} 件", "Entries that cannot be read: {count}"),
    "problem.more": (
        "ほか {count} 件。コマンド list と jobs の --json がすべてを示します。",
        "And {count} more: the commands list and jobs name all with --json.",
    ),
    "problem.run.not_a_run": (
        "チェックポイントではありません。",
        "Not a checkpoint.",
    ),
    "problem.run.half_written": ("書き込みが途中で終わっています（run.json がない）。", "Half written: no run.json."),
    "problem.run.damaged_manifest": ("run.json が壊れています。", "Its run.json is damaged."),
    "problem.run.newer_schema": ("新しい版で作られたものです。", "Made by a newer version of this program."),
    "problem.run.missing_file": ("ファイルが足りません。", "A file is missing."),
    "problem.run.wrong_size": ("ファイルの大きさが違います。", "A file has another size than recorded."),
    "problem.run.symlink": ("シンボリックリンクはたどりません。", "A symbolic link, which is not followed."),
    "problem.run.name_mismatch": ("フォルダー名と中身が一致しません。", "Its folder has another name than the run."),
    "problem.run.damaged_file": ("ファイルが壊れています。", "A file is damaged."),
    "problem.run.unreadable": ("読み取れません。", "It cannot be read."),
    "problem.run.folder_gone": (
        "保存先のフォルダーが見つかりません（以前はありました）。",
        "The folder of the results is not there any more.",
    ),
    "problem.unknown_job": (
        "「{wanted}」という学習はここにはありません（別のサーバーのものかもしれません）。",
        "There is no training run “{wanted}” here; it may be another server’s.",
    ),
    "problem.unknown_form": (
        "リンクの設定「{wanted}」は使えません。使えるのは {options} です。",
        "The link asks for “{wanted}”, which cannot be chosen. Possible: {options}.",
    ),
    "problem.unknown_lesson": (
        "「{wanted}」という授業はありません。あるのは {options} です。",
        "There is no lesson “{wanted}”. Possible: {options}.",
    ),
    "problem.unknown_guess": (
        "リンクの予想「{wanted}」は、この問いの選択肢にありません。",
        "The link’s guess “{wanted}” is not among the options of this question.",
    ),
    "problem.unknown_answer": (
        "リンクの答え「{wanted}」は、この問いの答えではありません。",
        "The link’s answer “{wanted}” is none to this question.",
    ),
    "problem.counts": (
        "「counts={wanted}」は使えません。TP・FN・FP・TN の枚数を「939.43.9.9009」の形で書いてください。",
        "“counts={wanted}” is not possible. Expected are the counts of TP, FN, FP and TN, as in “939.43.9.9009”.",
    ),
    "problem.matrix.empty": (
        "数が見つかりません。混同行列の枚数を、1 行に 1 クラスずつ貼り付けてください。",
        "There are no numbers in this text. Paste the counts of a confusion matrix, one line for each true class.",
    ),
    "problem.matrix.number": (
        "「{found}」は枚数ではありません。割合ではなく、0 以上の整数を貼り付けてください。",
        "“{found}” is not a count. Paste whole numbers from 0 on, not shares.",
    ),
    "problem.matrix.ragged": (
        "1 行目には数が {first} 個ありますが、{row} 行目には {other} 個あります。どの行も同じ個数にしてください。",
        "Numbers in the first row: {first}; in row {row}: {other}. Every row needs as many as the first.",
    ),
    "problem.matrix.square": (
        "{rows} 行 {columns} 列あります。混同行列は行と列が同じ数で、2 クラス以上です。",
        "This has {rows} {rows:row|rows} and {columns} {columns:column|columns}. A confusion matrix has as many rows as "
        "columns, and two classes or more.",
    ),
    "problem.matrix.large": (
        "大きすぎます。{classes} クラスまで、1 つのマスに {most} 枚までです。",
        "This is too large: at most {classes} {classes:class|classes}, and {most} {most:image|images} in a cell.",
    ),
}
