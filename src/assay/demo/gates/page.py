"""The page that sums up one run of the gates: one file, without scripts, beside its evidence."""

from html import escape
from string import Template

from assay.demo.gates.result import Result

_PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Assay: the twelve gates, $when</title>
<style>
:root { color-scheme: light dark; --line: #8884; --good: #1a7f4b; --bad: #c0341d; --none: #8a6d1b }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1080px; margin: 32px auto; padding: 0 16px }
h1 { font-size: 22px; margin: 0 } p { margin: 4px 0 20px; opacity: .75 }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; vertical-align: top; padding: 8px 10px }
tr { border-top: 1px solid var(--line) } td:first-child, td.seconds { font-variant-numeric: tabular-nums; text-align: right }
.passed { color: var(--good) } .failed { color: var(--bad) } .not { color: var(--none) }
td b { white-space: nowrap } td small { display: block; overflow-wrap: anywhere; opacity: .8 }
</style></head><body>
<h1>The twelve gates</h1><p>$when, build $build. $counts.</p>
<table><tr><th></th><th>gate</th><th>found</th><th>s</th></tr>
$rows
</table></body></html>
""")


def sum_up(results: list[Result], when: str, build: str) -> str:
    counts = [f"{sum(each.status == word for each in results)} {word}" for word in ("passed", "failed", "not checked")]
    rows = "\n".join(_row(each) for each in results)
    return _PAGE.substitute(when=escape(when), build=escape(build), counts=", ".join(counts), rows=rows)


def _row(each: Result) -> str:
    links = " · ".join(f'<a href="{escape(name)}">{escape(name)}</a>' for name in each.evidence)
    return (
        f'<tr><td>{each.number}</td><td>{escape(each.title)}</td><td><b class="{each.status.partition(" ")[0]}">'
        f"{each.status}</b> {escape(each.says)}<small>{links}</small></td>"
        f'<td class="seconds">{each.seconds:.1f}</td></tr>'
    )
