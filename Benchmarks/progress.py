"""How far a run is: a bar on a terminal, with what is being measured and how long it will still take; plain lines
elsewhere."""

import json
import os
import shutil
import statistics
import sys
import threading
import time

# How long each step took the last time: ignored by git, like all that running leaves.
MEMORY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".run", "bench-seconds.json")
BLOCKS = " ▏▎▍▌▋▊▉█"


def spoken(seconds):
    """A time to come, as one says it."""
    seconds = max(round(seconds), 1)
    if seconds < 60:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds >= 600 else f"{seconds // 60} min {seconds % 60:02} s"


def bar(share, width):
    """A bar that grows by eighths of a character."""
    eighths = round(min(max(share, 0), 1) * width * 8)
    full = "█" * (eighths // 8) + (BLOCKS[eighths % 8] if eighths % 8 else "")
    return full + " " * (width - len(full))


class Progress:
    def __init__(self, titles, quick, out=sys.stderr):
        self.titles, self.out, self.key = titles, out, "quick" if quick else "full"
        self.remembered = self.load()
        self.took, self.number, self.began = {}, 0, time.monotonic()
        self.is_terminal = out.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        self.over, self.drawer = threading.Event(), None
        if self.is_terminal:
            self.drawer = threading.Thread(target=self.draw_on, daemon=True)
            self.drawer.start()

    def load(self):
        try:
            with open(MEMORY, encoding="utf-8") as file:
                return json.load(file)
        except (OSError, ValueError):
            return {}

    def expected(self, title):
        """Seconds of a step: as in this run, or as in the last one, or like the others."""
        known = {**self.remembered.get(self.key, {}), **{title: statistics.mean(s) for title, s in self.took.items()}}
        return known.get(title) or (statistics.mean(known.values()) if known else 3.0)

    def left(self):
        """Seconds to come."""
        current = self.expected(self.titles[self.number]) - (time.monotonic() - self.began)
        return max(current, 0) + sum(map(self.expected, self.titles[self.number + 1:]))

    def begin(self, number, title):
        self.number, self.began = number, time.monotonic()
        if not self.is_terminal:
            place = f"{number + 1}/{len(self.titles)}"
            print(f"{place}  {title}  (about {spoken(self.left())} left)", file=self.out, flush=True)

    def end(self, number):
        self.took.setdefault(self.titles[number], []).append(time.monotonic() - self.began)

    def draw_on(self):
        while not self.over.wait(0.25):
            self.draw()

    def draw(self):
        columns, left = shutil.get_terminal_size().columns, self.left()
        done = sum(map(sum, list(self.took.values()))) + (time.monotonic() - self.began)
        head = f"{self.number + 1}/{len(self.titles)}  {self.titles[self.number]}"
        tail = f"  about {spoken(left)} left"
        width = max(min(30, columns // 4), 8)
        room = columns - width - len(tail) - 5
        self.out.write(f"\r\x1b[K▕{bar(done / (done + left), width)}▏ {head[:max(room, 0)]}{tail}")
        self.out.flush()

    def close(self):
        """Takes the bar away, and keeps for the next run how long each step took."""
        if self.drawer:
            self.over.set()
            self.drawer.join()
            self.out.write("\r\x1b[K")
            self.out.flush()
        took = {title: round(statistics.mean(seconds), 2) for title, seconds in self.took.items()}
        memory = {**self.remembered, self.key: {**self.remembered.get(self.key, {}), **took}}
        try:
            os.makedirs(os.path.dirname(MEMORY), exist_ok=True)
            with open(MEMORY, "w", encoding="utf-8") as file:
                json.dump(memory, file)
        except OSError:
            pass  # The next run's guess is a worse one.
