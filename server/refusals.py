"""Owns the page of whoever has no token, in both languages: no page of the dashboard can be drawn without one."""

import html
from urllib.parse import unquote_plus

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
{head}
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1.05rem/1.7 'Noto Sans JP', 'Hiragino Sans', 'Yu Gothic UI', 'Noto Sans CJK JP', system-ui, sans-serif;
  max-width: 42rem; margin: 10vh auto; padding: 0 1.25rem; }}
h1 {{ font-size: 1.5rem; line-height: 1.3; }} h1 + h1 {{ margin-top: -0.5rem; }}
section + section {{ margin-top: 2rem; }}
code {{ font-family: ui-monospace, Menlo, Consolas, monospace; padding: 0.1rem 0.35rem; border: 1px solid; }}
form {{ display: flex; flex-wrap: wrap; gap: 0.5rem; margin: 1.5rem 0; }}
input, button {{ font: inherit; padding: 0.4rem 0.7rem; }} input {{ flex: 1 1 16rem; }}
</style></head><body>{body}</body></html>
"""

_REQUEST = """
<main>
<h1 lang="ja">このダッシュボードを開くには、トークンが必要です</h1>
<h1>This dashboard opens with a token</h1>
{wrong}
<form method="get">{kept}<input name="token" aria-label="トークン / Token" placeholder="トークン / Token" required
 autofocus autocomplete="off" spellcheck="false"><button>開く / Open</button></form>
<section lang="ja">
<p><code>make run</code> を実行したターミナルに、トークン付きのリンク（<code>?token=…</code>）が表示されています。
そのリンクを開くか、<code>token=</code> のあとの文字列を上に貼り付けてください。リンクをもう一度表示するには、
<code>make link</code> を実行します。ブラウザはトークンを覚えるので、入力は一度だけで済みます。</p>
<p>ほかの人のダッシュボードの場合は、その人にリンクをもらってください。</p>
</section>
<section>
<p>The terminal in which <code>make run</code> was started shows a link that ends in <code>?token=…</code>. Open that
link, or paste what follows <code>token=</code> above. <code>make link</code> prints the link again. The browser
keeps the token, so once is enough.</p>
<p>If the dashboard is somebody else's, ask that person for the link.</p>
</section>
</main>
"""
_WRONG = """<p role="alert"><span lang="ja">このトークンはこのダッシュボードのものではありません。</span><br>
That is not a token of this dashboard.</p>"""


def no_token_page(query: str, *, wrong: bool) -> str:
    """The page that asks for a token.

    Args:
        query: of the page that was asked for: what it says is kept.
        wrong: a token was shown, which is none of this dashboard.
    """
    pairs = [part.partition("=") for part in query.split("&") if part]
    kept = "".join(
        f'<input type="hidden" name="{html.escape(unquote_plus(name))}" value="{html.escape(unquote_plus(value))}">'
        for name, _, value in pairs
    )
    body = _REQUEST.format(kept=kept, wrong=_WRONG if wrong else "")
    return _PAGE.format(head="<title>トークン / Token</title>", body=body)


def reload_page() -> str:
    """A page that is only there to ask for the same address from here."""
    return _PAGE.format(head='<title>…</title><meta http-equiv="refresh" content="0">', body="")
