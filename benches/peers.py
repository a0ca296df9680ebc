#!/usr/bin/env python3
"""Times capscope and what people use instead on the same data, in one run, and prints ratios.

    python3 -m venv target/peers && target/peers/bin/pip install -r benches/requirements.txt
    target/peers/bin/python benches/peers.py [--rounds 3] [--out FILE.md]

Three pieces of work: taking in a whole export over HTTP (50,000 rows of 300 columns), searching,
filtering and sorting it, and comparing a file with what is stored (50,000 rows of 100 columns).
capscope's figures come from its own benchmarks, which keep their data for the others. Each of the
others runs in a process of its own, so that its memory is its own; starting Python is counted
apart and taken off. Absolute times mean little on a shared machine; ratios of one run do.
"""

import argparse
import http.server
import json
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent


class Export(http.server.BaseHTTPRequestHandler):
    """Answers like the API where PyCap asks: the dictionary, and the records as CSV or JSON."""

    csv = None
    json = None
    columns = ()

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        form = dict(urllib.parse.parse_qsl(self.rfile.read(length).decode()))
        if form["content"] == "record":
            self.send(Export.json if form["format"] == "json" else Export.csv)
        elif form["content"] != "metadata":
            # A classic project: no events, no arms.
            self.send({"error": "You cannot export this for classic projects"}, 400)
        else:
            rows = [{"field_name": name, "form_name": "base", "field_type": "text"} for name in Export.columns]
            self.send(rows)

    def send(self, body, status=200):
        path = body if isinstance(body, pathlib.Path) else None
        data = None if path else json.dumps(body).encode()
        self.send_response(status)
        kind = "text/csv" if path and path.suffix == ".csv" else "application/json"
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(path.stat().st_size if path else len(data)))
        self.end_headers()
        if path:
            with path.open("rb") as file:
                shutil.copyfileobj(file, self.wfile, 1 << 20)
        else:
            self.wfile.write(data)

    def log_message(self, *_):
        pass


def timed(code, *arguments):
    """Seconds and megabytes of a Python process that runs this code."""
    start = time.monotonic()
    child = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    error = child.stderr.read().decode()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise SystemExit(f"{code}\nfailed: {error}")
    return time.monotonic() - start, usage.ru_maxrss / 1024


def best(rounds, code, *arguments):
    """The quickest of some rounds: what disturbs only ever adds."""
    return min(timed(code, *arguments) for _ in range(rounds))


def bench(name, keep):
    """The lines that a benchmark of capscope prints."""
    environment = {**os.environ, "CAPSCOPE_BENCH_KEEP": str(keep)}
    done = subprocess.run(
        ["cargo", "bench", "--locked", "--bench", name], cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True
    )
    return done.stdout.decode()


UNITS = {"ns": 1e-9, "µs": 1e-6, "ms": 1e-3, "s": 1.0}


def seconds(text, before):
    """The first duration after some words, as Rust writes it."""
    found = re.search(re.escape(before) + r"[^0-9]*([0-9.]+)(ns|µs|ms|s)\b", text)
    if not found:
        raise SystemExit(f"no figure after {before!r} in:\n{text}")
    return float(found[1]) * UNITS[found[2]]


# What is taken off: the start of Python with what the work imports.
STARTS = {"redcap": "import redcap", "pandas": "import pandas", "both": "import redcap, pandas"}
EXPORT = """
import sys, redcap
project = redcap.Project(sys.argv[1], "a" * 32)
answer = project.export_records(format_type=sys.argv[2])
assert len(answer) > 1000
"""
READ = """
import sys, pandas
table = pandas.read_csv(sys.argv[1], dtype=str, keep_default_na=False)
"""
SEARCH = READ + """
hits = sum(table[name].str.contains("note 2999", regex=False).sum() for name in table.columns)
assert hits > 0
"""
FILTER = READ + """
number = pandas.to_numeric(table.field_1, errors="coerce")
assert len(table[(number >= 100) & (table.field_2 >= "2020-06") & (table.field_4 == "3")]) > 0
"""
SORT = READ + "table.sort_values('field_3', kind='stable')"
VISIDATA = """
import sys, visidata
sheet = visidata.vd.openSource(sys.argv[1])
sheet.reload()
visidata.vd.sync()
assert len(sheet.rows) > 1000
if sys.argv[2] == "search":
    cells = sum("note 2999" in column.getDisplayValue(row) for row in sheet.rows for column in sheet.columns)
    assert cells > 0
if sys.argv[2] == "sort":
    sheet._ordering = [(sheet.column("field_3"), False)]
    sheet.sort()
    visidata.vd.sync()
"""
COMPARE = {
    "pandas compare": """
import sys, pandas
old, new = (pandas.read_csv(p, dtype=str, keep_default_na=False).set_index("id") for p in sys.argv[1:])
assert len(old.compare(new)) > 0
""",
    "csv-diff": """
import sys, csv_diff
old, new = (csv_diff.load_csv(open(p, newline=""), key="id") for p in sys.argv[1:])
assert csv_diff.compare(old, new)["changed"]
""",
    "daff": """
import sys, csv, daff
old, new = (daff.PythonTableView([*csv.reader(open(p, newline=""))]) for p in sys.argv[1:])
flags = daff.CompareFlags(); flags.addPrimaryKey("id")
out = daff.PythonTableView([])
daff.TableDiff(daff.Coopy.compareTables(old, new, flags).align(), flags).hilite(out)
assert out.height > 1000
""",
}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--out", type=pathlib.Path)
    arguments.add_argument("--quick", action="store_true", help="leave out daff, which takes minutes")
    options = arguments.parse_args()
    lines = ["| Work | With | Time | of capscope's | Memory |", "|---|---|---|---|---|"]

    def say(work, name, took, own, memory):
        shown = f"{took * 1000:.1f} ms" if took < 1 else f"{took:.2f} s"
        lines.append(f"| {work} | {name} | {shown} | {took / own:.1f} | {memory} |")
        print(lines[-1], file=sys.stderr)

    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        table = folder / "export.csv"
        all_figures = [bench("table", table) for _ in range(options.rounds)]
        figures = min(all_figures, key=lambda f: seconds(f, "download and take in:"))
        print(figures, file=sys.stderr)
        own = seconds(figures, "download and take in:")
        peak = re.search(r"at most (\d+) MB", figures)[1]
        say("Take in 50,000 x 300", "capscope", own, own, f"{peak} MB")
        Export.csv = table
        Export.json = folder / "export.json"
        Export.columns = table.open().readline().strip().split(",")
        timed(
            "import csv, json, sys\n"
            "json.dump([*csv.DictReader(open(sys.argv[1], newline=''))], open(sys.argv[2], 'w'))",
            table,
            Export.json,
        )
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Export)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/api/"
        timed(STARTS["both"])  # Once before it counts, so that the files of Python are in memory.
        starts = {name: best(options.rounds, code)[0] for name, code in STARTS.items()}
        for name, kind in [
            ("PyCap, CSV as text", "csv"),
            ("PyCap, DataFrame", "df"),
            ("PyCap, JSON", "json"),
        ]:
            took, memory = best(options.rounds, EXPORT, url, kind)
            start = starts["both" if kind == "df" else "redcap"]
            say("Take in 50,000 x 300", name, took - start, own, f"{memory:.0f} MB")
        server.shutdown()
        loaded = best(options.rounds, READ, table)[0]
        viewed = best(1, VISIDATA, table, "open")[0]
        for work, words, code, vd in [
            ("Search all cells", 'search "note 2999" in all cells:', SEARCH, "search"),
            ("Filter on three conditions", 'field_4 = 3":', FILTER, None),
            ("Sort", "sort by field_3:", SORT, "sort"),
        ]:
            own = seconds(figures, words)
            say(work, "capscope", own, own, "")
            say(work, "pandas", max(best(options.rounds, code, table)[0] - loaded, 0.001), own, "")
            if vd:
                say(work, "VisiData", max(best(1, VISIDATA, table, vd)[0] - viewed, 0.001), own, "")
        figures = bench("check", folder)
        print(figures, file=sys.stderr)
        own = seconds(figures, "read and rehearsed")
        say("Compare 50,000 x 100 with stored", "capscope, with all its checks", own, own, "")
        for name, code in COMPARE.items():
            if options.quick and name == "daff":
                continue
            took, memory = best(1, code, folder / "stored.csv", folder / "file.csv")
            say("Compare 50,000 x 100 with stored", name, took - starts["pandas" if "pandas" in code else "redcap"], own, f"{memory:.0f} MB")
    text = "\n".join(lines) + "\n"
    if options.out:
        options.out.write_text(text)
    print(text)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
