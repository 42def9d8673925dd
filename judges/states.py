# Compares the portal states that the same scenario left behind, played by different clients; ids and times do not count.
import json
import re
import sys


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def differences(one, two, where=""):
    """Every leaf that is not the same, with its place."""
    if isinstance(one, dict) and isinstance(two, dict):
        for key in sorted(one.keys() | two.keys()):
            yield from differences(one.get(key), two.get(key), f"{where}/{key}")
    elif isinstance(one, list) and isinstance(two, list) and len(one) == len(two):
        for number, (left, right) in enumerate(zip(one, two)):
            yield from differences(left, right, f"{where}/{number}")
    elif one != two:
        yield where, one, two


def named(state):
    """Records by name instead of by position, so that a difference tells whose it is."""
    out = dict(state)
    for kind in ("contacts", "companies"):
        records = {}
        for record in state.get(kind, []):
            values = record.get("properties", {})
            if "hs_calculated_merged_vids" in values:  # id:time pairs
                values["hs_calculated_merged_vids"] = re.sub(r":\d+", ":time", str(values["hs_calculated_merged_vids"]))
            name = str(values.get("email") or values.get("domain") or values.get("name") or "nameless")
            records.setdefault(name, []).append(record)
        out[kind] = records
    return out


ours_path, *others = sys.argv[1:]
ours = named(load(ours_path))
judges = [record for record in ours["contacts"] if "acme-judge" in record]
if len(judges) != 3:
    sys.exit(f"our own client should leave three contacts of the scenario, but left {judges}")
broken = False
for path in others:
    found = list(differences(ours, named(load(path))))
    for where, one, two in found:
        print(f"  {path.rsplit('/', 1)[-1]} {where}\n    ours:   {json.dumps(one)}\n    theirs: {json.dumps(two)}")
    broken |= bool(found)
if broken:
    sys.exit(1)
print(f"judged: {len(others)} states equal to ours, {len(ours['contacts'])} contacts each")
