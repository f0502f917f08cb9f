"""The chart of a run: an SVG with horizontal bars, group by group. It brings its own background, since who shows it may
be dark where the reader's system is light."""

from xml.sax.saxutils import escape, quoteattr

from report import by_group, figure, heading, with_ratios

WIDTH, MARGIN, ROW, BAR = 920, 28, 24, 14
# Of a line of text in the chart's font, at most.
CHARACTER = 6.9
# For the figure behind a bar.
BEHIND = 190
# What a group's bars show, where it is not what is done in a second.
SHOWN = {"latency": ("p99_ms", "p99 in ms; less is better"), "memory": ("rss_mb", "MB; less is better"),
         "recovery": ("seconds", "seconds; less is better"),
         "backlog": ("redis_us", "Redis's CPU in µs a job; less is better")}
UNITS = {"http": "requests a second", "enqueue": "jobs enqueued a second", "end to end": "messages a second"}

STYLE = """
  svg { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
  .paper { fill: #ffffff; } text { fill: #1f2328; } .faint { fill: #656d76; font-size: 12px; }
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
    if line.get("reference"):
        return "reference"
    return "posthaste" if line["name"].startswith("Posthaste") else "other"


def shown(group):
    """Which figure a group's bars show, and what it is in words."""
    unit = next((words for start, words in UNITS.items() if group.startswith(start)), "jobs a second")
    return SHOWN.get(group, ("per_second", unit))


def label(line, key):
    """The figure behind a bar, and what it is of the reference's."""
    if key == "p99_ms":
        return f"{figure(line[key])}   p50 {figure(line['p50_ms'])}" if line.get("p50_ms") is not None else figure(line[key])
    ratio = "" if line["ratio"] is None or line.get("reference") else f"   × {figure(line['ratio'])}"
    return figure(line[key]) + ratio


def rows(group, lines, left, top):
    """A group's heading and bars, from this height down; and the height where they end."""
    key, unit = shown(group)
    lines = [line for line in with_ratios(lines) if line.get(key) is not None]
    if not lines:
        return [], top
    longest = max(line[key] for line in lines) or 1
    room = WIDTH - MARGIN - BEHIND - left
    drawn = [f'<line class="rule" x1="{MARGIN}" x2="{WIDTH - MARGIN}" y1="{top}" y2="{top}"/>',
             text(MARGIN, top + 26, group[0].upper() + group[1:], "group"),
             text(WIDTH - MARGIN, top + 26, unit, "faint", "end")]
    y = top + 40
    for line in lines:
        width = max(line[key] / longest * room, 1.5)
        drawn += [f"<g><title>{escape(line['name'])}: {escape(line.get('note') or '')}</title>",
                  text(left - 12, y + BAR - 2, line["name"], "", "end"),
                  f'<rect class="{kind(line)}" x="{left:.1f}" y="{y}" width="{width:.1f}" height="{BAR}" rx="2"/>',
                  text(left + width + 8, y + BAR - 2, label(line, key), "value"), "</g>"]
        y += ROW
    return drawn, y + 10


def legend(y):
    """Whose bar has which color."""
    drawn, x = [], MARGIN
    for name, words in (("posthaste", "Posthaste"), ("reference", "what it is compared with"), ("other", "others")):
        drawn += [f'<rect class="{name}" x="{x}" y="{y - 10}" width="12" height="12" rx="2"/>', text(x + 18, y, words)]
        x += 18 + len(words) * CHARACTER + 24
    return drawn


def svg(lines, about):
    """The whole chart."""
    left = min(MARGIN + max(len(line["name"]) for line in lines) * CHARACTER + 12, 320)
    drawn = [text(MARGIN, 44, "Posthaste, measured beside the others", "title")]
    top = 66
    for words in heading(about).split("\n"):
        drawn.append(text(MARGIN, top, words, "faint"))
        top += 18
    drawn += legend(top + 12)
    top += 36
    for group, of_group in by_group(lines).items():
        bars, top = rows(group, of_group, left, top)
        drawn += bars
    height, name = top + 10, quoteattr("Posthaste, measured beside the others")
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
            f'viewBox="0 0 {WIDTH} {height}" role="img" aria-label={name}>\n<style>{STYLE}</style>\n'
            f'<rect class="paper" width="{WIDTH}" height="{height}" rx="8"/>\n' + "\n".join(drawn) + "\n</svg>\n")
