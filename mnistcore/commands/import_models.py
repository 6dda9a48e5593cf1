"""Owns what `import` does with a file that is no table: somebody else's run."""

from pathlib import Path

from mnistcore.commands.app import store
from mnistcore.console import printing
from mnistcore.console.import_documents import ArchiveFacts


def keep_run(file: Path, *, look: bool, as_json: bool) -> None:
    """Take in a run that somebody else has exported.

    Args:
        file: the zip.
        look: only show what it is.
        as_json: print one document.
    """
    from mnistcore.imports import run_archives

    done = None if look else run_archives.keep(file, store())
    manifest = run_archives.look(file) if done is None else done.manifest
    facts = ArchiveFacts(
        run_id=manifest.run_id,
        accuracy=manifest.accuracy,
        origin=manifest.origin.kind,
        is_new=done.is_new if done else None,
    )
    if as_json:
        printing.print_json(facts)
        return
    printing.print_facts(
        {
            "run": facts.run_id,
            "title": manifest.title or printing.ABSENT,
            "accuracy (test)": printing.percent(facts.accuracy),
            "origin": facts.origin,
            "created": printing.moment(manifest.created),
        }
    )
    if done is not None:
        print("\nkept" if done.is_new else "\nthe same run was here already")
