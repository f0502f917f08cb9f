"""The chart of a run: an SVG with horizontal bars, group by group. It brings its own background, since who shows it may
be dark where the reader's system is light."""

from xml.sax.saxutils import escape, quoteattr

from report import by_group, figure, heading, share, with_ratios

WIDTH, MARGIN, ROW, BAR = 920, 28, 24, 14
# The width of one, on average, in the widest of the fonts.
CHARACTER = 7.6
# For the figure behind a bar.
BEHIND = 150
TITLES = {
    "cycle": "Cycle: a producer beside a worker", "jobs": "Jobs: one worker process and a backlog",
    "two workers": "Two worker processes and a backlog", "enqueue": "Enqueue, in bulk",
    "enqueue one by one": "Enqueue, one by one", "latency": "Latency: from enqueue to the start of the handler",
    "http": "HTTP: sends at 64 connections", "end to end": "End to end: HTTP, queue, worker, provider, ledger",
    "backlog": "Backlog: what a job costs by what waits behind it",
    "recovery": "Recovery: from a worker's end until another has done its jobs",
    "memory": "Memory: a worker's, at its most"}
# Groups that are about nobody else.
OURS = ("backlog", "recovery", "memory", "end to end")
# What a group's bars show, where it is not what is done in a second.
SHOWN = {"latency": ("p99_ms", "p99 in ms; less is better"), "memory": ("rss_mb", "MB; less is better"),
         "recovery": ("seconds", "seconds; less is better"),
         "backlog": ("redis_us", "Redis's CPU in µs a job; less is better")}
UNITS = {"http": "messages a second", "enqueue": "jobs enqueued a second", "end to end": "messages a second"}

STYLE = """
  svg { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
  .paper { fill: #ffffff; } text { fill: #1f2328; }
  .faint { fill: #656d76; font-size: 12px; }
  .title { font-size: 20px; font-weight: 600; } .group { font-size: 15px; font-weight: 600; }
  .value { font-variant-numeric: tabular-nums; } .rule { stroke: #d8dee4; }
  .posthaste { fill: #d9480f; } .reference { fill: #8c959f; } .other { fill: #54aeff; }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117; } text { fill: #e6edf3; } .faint { fill: #8d96a0; } .rule { stroke: #30363d; }
    .posthaste { fill: #ff8a4c; } .reference { fill: #6e7681; } .other { fill: #388bfd; }
  }
"""


def text(x, y, words, kind="", anchor="start"):
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(words)}</text>'


def kind(line):
    if line["group"] in OURS or line["name"].startswith(("Posthaste", "ingress")):
        return "posthaste"
    return "reference" if line.get("reference") else "other"


def shown(group):
    """Which figure a group's bars show, and what it is in words."""
    unit = next((words for start, words in UNITS.items() if group.startswith(start)), "jobs a second")
    return SHOWN.get(group, ("per_second", unit))


def label(line, key):
    """The figure behind a bar, and faintly what it is of the reference's, or its median beside a percentile."""
    aside = ""
    if key == "p99_ms" and line.get("p50_ms") is not None:
        aside = f"p50 {figure(line['p50_ms'])}"
    elif line["ratio"] is not None and not line.get("reference"):
        aside = f"× {share(line['ratio'])}"
    return escape(figure(line[key])) + (f'<tspan class="faint" dx="8">{escape(aside)}</tspan>' if aside else "")


def rows(group, lines, left, top):
    """A group's heading and bars, from this height down; and the height where they end."""
    key, unit = shown(group)
    lines = [line for line in with_ratios(lines) if line.get(key) is not None]
    if not lines:
        return [], top
    longest = max(line[key] for line in lines) or 1
    room = WIDTH - MARGIN - BEHIND - left
    drawn = [f'<line class="rule" x1="{MARGIN}" x2="{WIDTH - MARGIN}" y1="{top}" y2="{top}"/>',
             text(MARGIN, top + 26, TITLES.get(group) or group[0].upper() + group[1:], "group"),
             text(WIDTH - MARGIN, top + 26, unit, "faint", "end")]
    y = top + 40
    for line in lines:
        width = max(line[key] / longest * room, 1.5)
        drawn += [f"<g><title>{escape(line['name'])}: {escape(line.get('note') or '')}</title>",
                  text(left - 12, y + BAR - 2, line["name"], "", "end"),
                  f'<rect class="{kind(line)}" x="{left:.1f}" y="{y}" width="{width:.1f}" height="{BAR}" rx="2"/>',
                  f'<text x="{left + width + 8:.1f}" y="{y + BAR - 2}" class="value">{label(line, key)}</text></g>']
        y += ROW
    return drawn, y + 10


def legend(lines, y):
    """Whose bar has which color."""
    drawn, x, kinds = [], MARGIN, {kind(line) for line in lines}
    for name, words in (("posthaste", "Posthaste"), ("reference", "reference of the ratios"), ("other", "others")):
        if name not in kinds:
            continue
        drawn += [f'<rect class="{name}" x="{x:.1f}" y="{y - 10}" width="12" height="12" rx="2"/>',
                  text(x + 18, y, words)]
        x += 18 + len(words) * 6.8 + 26
    return drawn


def svg(lines, about):
    """The whole chart."""
    left = min(MARGIN + max(len(line["name"]) for line in lines) * CHARACTER + 12, 340)
    drawn = [text(MARGIN, 44, "Posthaste, measured beside the others", "title")]
    top = 66
    for words in heading(about).split("\n"):
        drawn.append(text(MARGIN, top, words, "faint"))
        top += 18
    drawn += legend(lines, top + 12)
    top += 36
    for group, of_group in by_group(lines).items():
        bars, top = rows(group, of_group, left, top)
        drawn += bars
    height, name = top + 10, quoteattr("Posthaste, measured beside the others")
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
            f'viewBox="0 0 {WIDTH} {height}" role="img" aria-label={name}>\n<style>{STYLE}</style>\n'
            f'<rect class="paper" width="{WIDTH}" height="{height}" rx="8"/>\n' + "\n".join(drawn) + "\n</svg>\n")
