"""The look of a card. Every class starts with `ft-`; text and lines take the colour of the page around them, light or dark."""

from __future__ import annotations

from . import colours

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Helvetica Neue', Arial, sans-serif"

_LINE = "color-mix(in srgb, currentColor 18%, transparent)"
_SOFT = "color-mix(in srgb, currentColor 5%, transparent)"

WORDS = f"""
.ft-words {{ overflow-wrap: anywhere; }}
.ft-text {{ font-size: 1.1em; line-height: 2; white-space: pre-wrap; margin: 0; }}
.ft-w {{ color: inherit; background: var(--ft-tint); padding: .12em .18em; border-radius: .25em; border-bottom: 2px solid;
  -webkit-box-decoration-break: clone; box-decoration-break: clone; -webkit-print-color-adjust: exact; print-color-adjust: exact; }}
.ft-w sup {{ font-size: .75em; font-weight: 700; line-height: 0; padding-inline-start: .1em; user-select: none; }}
.ft-to {{ border-bottom-color: {colours.TOWARD}; }}
.ft-from {{ border-bottom-color: {colours.AWAY}; border-bottom-style: dashed; }}
.ft-how {{ border-bottom-color: {colours.STRONG}; }}
.ft-w.ft-maybe {{ background: none; border-bottom-style: dotted; }}
.ft-words .ft-legend {{ display: flex; flex-wrap: wrap; gap: .3em 1.4em; font-size: .85em; margin: .6em 0 0; padding: 0;
  list-style: none; }}
.ft-words .ft-legend li {{ margin: 0; padding: 0; font-size: inherit; }}
.ft-ramp {{ display: inline-block; width: 8em; height: .8em; border-radius: .2em; vertical-align: -.05em; margin: 0 .35em;
  -webkit-print-color-adjust: exact; print-color-adjust: exact; }}
.ft-words img {{ display: block; max-width: 100%; height: auto; border-radius: .3em; }}
.ft-words table {{ border-collapse: collapse; width: 100%; max-width: 40em; font-size: .95em; }}
.ft-words th, .ft-words td {{ text-align: start; padding: .35em .6em .35em 0; border: 0; border-bottom: 1px solid {_LINE};
  vertical-align: top; }}
.ft-words thead th {{ font-weight: 600; }}
.ft-words tbody th {{ font-weight: 400; min-width: 6.5em; }}
.ft-words thead th {{ overflow-wrap: normal; }}
.ft-words .ft-num {{ text-align: end; padding-right: 0; white-space: nowrap; font-variant-numeric: tabular-nums; }}
.ft-words thead .ft-num {{ white-space: normal; }}
"""

CARD = f"""
.ft-card {{ container-type: inline-size; overflow-wrap: anywhere; line-height: 1.5; text-align: start; }}
.ft-card * {{ box-sizing: border-box; }}
.ft-card h3 {{ font-size: 1.45em; line-height: 1.25; font-weight: 650; margin: .1em 0 .5em; padding: 0; text-wrap: balance; }}
.ft-card h4 {{ font-size: 1em; font-weight: 650; margin: 0 0 .4em; padding: 0; }}
.ft-card p {{ margin: 0 0 .6em; }}
.ft-card ul {{ margin: 0; padding-inline-start: 1.2em; }}
.ft-card li {{ margin: 0 0 .35em; font-size: inherit; }}
.ft-kicker {{ font-size: .85em; }}
.ft-sentence {{ font-size: 1.1em; max-width: 46em; }}
.ft-believe {{ font-weight: 650; max-width: 46em; }}
.ft-note {{ border-inline-start: 4px solid {colours.AWAY}; background: {_SOFT}; padding: .5em .8em; border-radius: .2em; }}
.ft-part {{ margin: 1.4em 0 0; padding: 1em 0 0; border-top: 1px solid {_LINE}; }}
.ft-whole .ft-part {{ margin: .6em 0 0; padding: 0; border-top: 0; }}
.ft-two {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 19em), 1fr)); gap: 1.4em 2.4em; }}
.ft-card .ft-answers {{ display: flex; flex-wrap: wrap; gap: .3em 1.4em; margin: 0 0 .9em; padding: 0; list-style: none; }}
.ft-card .ft-answers li {{ display: flex; align-items: center; gap: .5em; margin: 0; }}
.ft-answers b {{ font-weight: 650; }}
.ft-meter {{ width: 4.5em; height: .55em; border: 1px solid; border-radius: .3em; overflow: hidden; flex: none; }}
.ft-meter i {{ display: block; height: 100%; background: currentColor; -webkit-print-color-adjust: exact; print-color-adjust: exact; }}
.ft-bars {{ display: grid; grid-template-columns: fit-content(38%) 1fr; column-gap: 1em; margin: 0; }}
.ft-row {{ display: contents; }}
.ft-name {{ text-align: end; line-height: 1.25; padding: .3em 0; align-self: center; }}
.ft-track {{ position: relative; height: 1.9em; min-width: 0; }}
.ft-track i {{ position: absolute; top: 0; bottom: 0; }}
.ft-zero {{ border-inline-start: 1px solid; opacity: .6; }}
.ft-track .ft-bar {{ top: .4em; bottom: .4em; border: 1.5px solid; border-radius: 2px; }}
.ft-bar, .ft-bar::before {{ -webkit-print-color-adjust: exact; print-color-adjust: exact; }}
.ft-bar.ft-to {{ border-color: {colours.TOWARD}; background: {colours.TOWARD}; }}
.ft-bar.ft-from {{ border-color: {colours.AWAY}; background: {colours.AWAY}; }}
.ft-bar.ft-how {{ border-color: {colours.STRONG}; background: {colours.STRONG}; }}
.ft-bar.ft-maybe {{ background: none; border-style: dashed; }}
.ft-track .ft-range {{ top: .62em; bottom: .62em; border-inline: 2px solid; }}
.ft-range::before {{ content: ""; position: absolute; left: 0; right: 0; top: 50%; margin-top: -1px; border-top: 2px solid; }}
.ft-amount {{ position: absolute; top: 0; padding: 0 .45em; white-space: nowrap; font-size: .9em; line-height: 2.11em;
  font-variant-numeric: tabular-nums; }}
.ft-amount.ft-before {{ transform: translateX(-100%); }}
.ft-small {{ font-size: .85em; margin: .5em 0 0; }}
.ft-card summary {{ cursor: pointer; font-weight: 650; }}
.ft-card details > :not(summary) {{ margin-top: .6em; }}
.ft-scroll {{ overflow-x: auto; }}
.ft-card .ft-numbers {{ border-collapse: collapse; width: 100%; max-width: 44em; font-size: .92em;
  font-variant-numeric: tabular-nums; }}
.ft-numbers caption {{ text-align: start; padding: 0 0 .4em; }}
.ft-card .ft-numbers th, .ft-card .ft-numbers td {{ text-align: end; padding: .3em .9em .3em 0; border: 0;
  border-bottom: 1px solid {_LINE}; vertical-align: top; }}
.ft-numbers td {{ white-space: nowrap; overflow-wrap: normal; }}
.ft-numbers thead th {{ overflow-wrap: normal; }}
.ft-card .ft-numbers th:first-child {{ text-align: start; min-width: 7.5em; font-weight: 400; }}
.ft-card .ft-numbers thead th {{ font-weight: 600; }}
.ft-facts {{ display: grid; grid-template-columns: fit-content(35%) 1fr; gap: .2em 1em; margin: 0; font-size: .92em; }}
.ft-facts dt {{ font-weight: 600; }}
.ft-facts dd {{ margin: 0; min-width: 0; }}
.ft-scores {{ margin: 0; }}
.ft-scores dt {{ font-weight: 600; }}
.ft-scores dd {{ margin: 0 0 .5em; }}
@container (max-width: 30em) {{
  .ft-bars {{ grid-template-columns: 1fr; }}
  .ft-name {{ text-align: start; padding: .5em 0 0; }}
}}
@media print {{
  .ft-row, .ft-part, .ft-track, .ft-words tr {{ break-inside: avoid; }}
  .ft-open::details-content {{ content-visibility: visible; block-size: auto; }}
}}
"""

# Inputs beside or after one another: prototypes, nearest examples, the steps of a path.
INPUTS = f"""
.ft-inputs {{ container-type: inline-size; overflow-wrap: anywhere; line-height: 1.5; text-align: start; }}
.ft-inputs * {{ box-sizing: border-box; }}
.ft-inputs p {{ margin: 0 0 .5em; }}
.ft-inputs h4, .ft-inputs h5 {{ font-size: 1em; font-weight: 650; line-height: 1.35; margin: 0 0 .5em; padding: 0; }}
.ft-inputs .ft-text {{ font-size: 1em; line-height: 1.75; margin: 0; }}
.ft-inputs img {{ display: block; max-width: 100%; height: auto; border-radius: .3em; margin: 0 0 .6em; }}
.ft-inputs .ft-note {{ border-inline-start: 4px solid {colours.AWAY}; background: {_SOFT}; padding: .5em .8em; border-radius: .2em;
  margin: 0 0 .8em; }}
.ft-beside {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 18em), 1fr)); gap: 1em; align-items: start; }}
.ft-beside > div, .ft-inputs .ft-steps > li {{ border: 1px solid {_LINE}; border-radius: .5em; padding: .8em 1em; min-width: 0; }}
.ft-beside > .ft-own {{ border: 2px solid; }}
.ft-inputs .ft-compared {{ border-collapse: collapse; width: 100%; font-size: .92em; table-layout: fixed; margin: .6em 0 0; }}
.ft-compared th:first-child {{ width: 32%; }}
.ft-inputs .ft-compared th, .ft-inputs .ft-compared td {{ text-align: start; padding: .28em .5em .28em 0; border: 0;
  border-bottom: 1px solid {_LINE}; vertical-align: top; }}
.ft-inputs .ft-compared tbody th {{ font-weight: 400; }}
.ft-inputs .ft-compared thead th {{ font-weight: 600; }}
.ft-sign {{ display: inline-block; min-width: 1.2em; font-weight: 700; }}
.ft-inputs .ft-level {{ display: flex; flex-wrap: wrap; align-items: center; gap: .2em .6em; margin: 0 0 .5em; }}
.ft-scale {{ flex: 1 1 5em; max-width: 14em; height: .7em; border: 1px solid; border-radius: .35em; overflow: hidden; }}
.ft-scale i {{ display: block; height: 100%; background: {colours.TOWARD}; -webkit-print-color-adjust: exact;
  print-color-adjust: exact; }}
.ft-inputs .ft-facts2 {{ list-style: none; margin: 0 0 .5em; padding: 0; font-size: .92em; }}
.ft-inputs .ft-facts2 li {{ margin: 0; padding: 0; }}
.ft-inputs .ft-alike {{ background: {_SOFT}; border-bottom: 2px solid {colours.TOWARD}; padding: .1em .15em; border-radius: .2em;
  color: inherit; }}
.ft-inputs .ft-new {{ background: {colours.rgba(colours.AWAY, 0.18)}; border-bottom: 2px solid {colours.AWAY}; padding: .1em .15em;
  border-radius: .2em; color: inherit; font-weight: 650; -webkit-print-color-adjust: exact; print-color-adjust: exact; }}
.ft-inputs del {{ text-decoration: line-through; padding-inline-end: .3em; }}
.ft-inputs .ft-steps {{ list-style: none; margin: 0; padding: 0; display: grid; gap: .8em; }}
.ft-inputs .ft-steps > li {{ margin: 0; font-size: inherit; }}
.ft-inputs .ft-small {{ font-size: .85em; margin: .5em 0 0; }}
.ft-margin {{ position: relative; height: 1.9em; margin: .2em 0; max-width: 34em; }}
.ft-margin i {{ position: absolute; top: .4em; bottom: .4em; }}
.ft-margin .ft-line {{ top: 0; bottom: 0; border-inline-start: 2px solid; }}
.ft-margin .ft-fill {{ border: 1.5px solid {colours.TOWARD}; background: {colours.TOWARD}; border-radius: 2px;
  -webkit-print-color-adjust: exact; print-color-adjust: exact; }}
.ft-margin .ft-fill.ft-over {{ border: 1.5px dashed {colours.AWAY}; background: {colours.rgba(colours.AWAY, 0.25)}; }}
.ft-margin span {{ position: absolute; top: 0; line-height: 2.1; font-size: .9em; padding: 0 .45em; white-space: nowrap;
  font-variant-numeric: tabular-nums; }}
.ft-margin .ft-before {{ transform: translateX(-100%); }}
.ft-inputs details {{ margin: .6em 0 0; }}
.ft-inputs details summary {{ cursor: pointer; font-weight: 400; }}
@media print {{ .ft-inputs .ft-steps > li, .ft-beside > div {{ break-inside: avoid; }}
  .ft-inputs details::details-content {{ content-visibility: visible; block-size: auto; }} }}
"""

PAGE = f"""
:root {{ color-scheme: light dark; }}
body {{ margin: 0; font: 16px/1.5 {FONT}; color: {colours.LIGHT_TEXT}; background: {colours.LIGHT_BACKGROUND}; }}
main {{ max-width: 60em; margin: 0 auto; padding: 2em clamp(1em, 4vw, 3em) 3em; }}
footer {{ margin-top: 1.6em; font-size: .85em; }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere; font-size: .8em; max-height: 60vh; overflow: auto; padding: 1em;
  border: 1px solid {_LINE}; border-radius: .3em; }}
summary {{ cursor: pointer; font-weight: 650; }}
@media (prefers-color-scheme: dark) {{ body {{ color: {colours.DARK_TEXT}; background: {colours.DARK_BACKGROUND}; }} }}
@media print {{
  body {{ color: #000; background: #fff; font-size: 11pt; }}
  main {{ max-width: none; padding: 0; }}
  pre {{ max-height: none; }}
}}
"""

RULE = f"""
.ft-goal {{ border-inline-start: 2px dashed; opacity: .75; }}
.ft-track .ft-bar.ft-base {{ background: none; border-color: currentColor; }}
.ft-rule-no {{ font-weight: 700; font-variant-numeric: tabular-nums; }}
.ft-examples {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 19em), 1fr)); gap: 1.2em 2em; }}
.ft-examples h5 {{ font-size: .95em; font-weight: 650; margin: 0 0 .5em; padding: 0; }}
.ft-examples .ft-ex {{ border-inline-start: 3px solid {colours.TOWARD}; padding: .1em 0 .1em .8em; margin: 0 0 .9em; }}
.ft-examples .ft-ex.ft-broken {{ border-inline-start: 3px dashed {colours.AWAY}; }}
.ft-examples .ft-text {{ font-size: .95em; line-height: 1.75; }}
.ft-examples .ft-ex p {{ margin: 0 0 .25em; }}
.ft-examples table {{ border-collapse: collapse; font-size: .92em; margin: .2em 0; }}
.ft-examples th, .ft-examples td {{ text-align: start; font-weight: 400; padding: .2em 1em .2em 0; border: 0; vertical-align: top; }}
.ft-examples th {{ min-width: 6.5em; }}
.ft-was {{ font-size: .9em; }}
.ft-thumbs {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(7em, 1fr)); gap: .2em .8em; }}
.ft-thumbs img {{ display: block; max-width: 100%; height: auto; border-radius: .25em; margin: 0 0 .3em; }}
@media print {{ .ft-ex {{ break-inside: avoid; }} }}
"""

COMPOSITE = f"""
.ft-card .ft-piece {{ margin: 2em 0 0; padding: 1.2em 0 0; border-top: 3px solid {_LINE}; }}
.ft-piece > .ft-head {{ font-size: 1.25em; margin: 0 0 .3em; }}
.ft-piece > .ft-part:first-of-type {{ border-top: 0; padding-top: 0; margin-top: 1em; }}
.ft-fold {{ border: 1px solid {_LINE}; border-radius: .4em; padding: .6em 1em; margin: 1.4em 0 0; }}
"""


def style(*sheets: str) -> str:
    """A <style> block. The sheets are ours and constant: no data in them, and no "<", which sanitisers would distrust."""
    return "<style>" + "".join(" ".join(sheet.split()) for sheet in sheets) + "</style>"
