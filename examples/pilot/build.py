# Builds the pilot list and the sandbox's world from the source data: python3 build.py --data DIR [--check].
"""With --check nothing is written: the files are built twice, compared with the committed bytes, and measured."""

import argparse
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True

from builder import checks, files, sources
from builder.cast import Cast
from builder.portal import Portal
from builder.rawlist import RawList
from builder.world import World

ROOT = pathlib.Path(__file__).resolve().parents[2]
PEOPLE = 4000


def build(data):
    """The whole story: a world, the people on the list, the list itself, the CRM, and colleagues nobody has listed yet."""
    world = World(sources.companies(data), sources.people(data))
    cast = Cast(world)
    raw = RawList(cast, sources.nicknames(data))
    cast.settle_mailboxes(raw.rows)
    portal = Portal(world, cast)
    homes = world.of_part("list", "both")
    while len(world.people) < PEOPLE:
        world.hire(world.rng.choice(homes))
    world.number_people()
    return files.all_files(world, cast, raw, portal)


def write(outputs, root):
    for path, content in outputs.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def main():
    parser = argparse.ArgumentParser(description="Build the pilot list and the sandbox's world.")
    parser.add_argument("--data", required=True, help="folder that holds er/company_list_world, er/crm_dev_12k and er/reference")
    parser.add_argument("--check", action="store_true", help="write nothing; rebuild, compare with the committed files and measure them")
    arguments = parser.parse_args()
    outputs = build(arguments.data)
    complaints, facts = checks.measure(outputs)
    if arguments.check:
        with tempfile.TemporaryDirectory() as folder:
            again = pathlib.Path(folder)
            write(build(arguments.data), again)
            for path in outputs:
                committed = ROOT / path
                if not committed.exists() or (again / path).read_bytes() != committed.read_bytes():
                    complaints.append(f"{path} differs from what the script builds")
    elif not complaints:
        write(outputs, ROOT)
    for name, value in facts.items():
        print(f"{name}: {value if isinstance(value, int) else format(value, '.1%')}")
    for complaint in complaints[:40]:
        print(f"wrong: {complaint}", file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
