# Reads what the validating proxy noted between our client and the sandbox, and fails on what the allow-list does not name.
import collections
import json
import re
import sys
import tomllib

log, allow_list, requests = sys.argv[1:4]
with open(allow_list, "rb") as file:
    allowed = tomllib.load(file)["allowed"]
for entry in allowed:
    entry["used"] = 0


def excuse(line):
    violation = line["violation"]
    message = violation.get("message", str(violation)) if isinstance(violation, dict) else str(violation)
    place = "/".join(map(str, violation.get("location", []))) if isinstance(violation, dict) else ""
    for entry in allowed:
        fits = re.search(entry["path"], line["path"]) and re.search(entry["message"], message)
        if fits and entry.get("method", line["method"]) == line["method"] and re.search(entry.get("place", ""), place):
            entry["used"] += 1
            return True
    return False


try:
    with open(log, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file if line.strip()]
except FileNotFoundError:
    lines = []
left = collections.Counter()
for line in lines:
    if not excuse(line):
        shape = re.sub(r"(?<=/)(\d+|eg-[^/?]+)(?=[/?]|$)", "…", line["path"].split("?")[0])
        left[(line["method"], shape, line["status"], json.dumps(line["violation"], ensure_ascii=False))] += 1
for (method, path, status, violation), count in left.most_common():
    print(f"  {count} × {method} {path} answered {status}: {violation}")
for entry in allowed:
    print(f"  allowed, {entry['used']} ×: {entry['reason']}")
if left:
    sys.exit(1)
if not int(requests):
    sys.exit("no request came through the proxy: nothing was judged")
print(f"judged: {requests} requests, {len(lines)} violations, all of them allowed")
