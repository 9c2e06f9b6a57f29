"""arrows.py — do the rooms of host/ include and link only what docs/design.md allows, and is every type
defined once?

Usage: arrows.py CHECKOUT. The allowed arrows and the homes of third-party headers are read from the
page itself, so the page and the code cannot part. Knows nothing of what the rooms do.
"""

import pathlib
import re
import sys

ROOM_LINE = re.compile(r"^  (\w+)/ +\S.*→ (.+)$", re.MULTILINE)
TABLE_ROW = re.compile(r"^\| [^|]+ \| ((?:`[^`]+` ?)+)\| ([\w, ]+?) \|", re.MULTILINE)
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
# At the beginning of a line, as a type of the namespace itself stands; not where it is only announced.
TYPE = re.compile(r"^(?:struct|class|union|enum(?: class)?) (\w+)(?: |$)")
LINKED_ROOM = re.compile(r"\bgpubench_(\w+)\b")


def names_in(text, rooms):
    """The rooms that an arrow's right-hand side stands for."""
    if text == "nothing":
        return set()
    if text.startswith("all but "):
        return set(rooms) - set(re.split(r", | and ", text.removeprefix("all but ")))
    return set(text.split(", "))


def arrows_of(page):
    """Room → rooms that it may include, with what comes with those."""
    lines = dict(ROOM_LINE.findall(page))
    direct = {room: names_in(text.strip(), lines) - {room} for room, text in lines.items()}
    unknown = set().union(*direct.values()) - set(direct) if direct else set()
    if not direct or unknown:
        raise ValueError(f"docs/design.md has no readable layout block (unknown: {sorted(unknown)})")

    def reach(room, seen):
        for other in direct[room] - seen:
            seen = reach(other, seen | {other})
        return seen

    return {room: reach(room, set()) for room in direct}


def homes_of(page):
    """Third-party header prefix → rooms that may include it, or None for any."""
    homes = {}
    for headers, rooms in TABLE_ROW.findall(page):
        for header in re.findall(r"`([^`]+)`", headers):
            homes[header] = None if rooms == "any" else set(rooms.split(", "))
    if not homes:
        raise ValueError("docs/design.md has no readable table of dependencies")
    return homes


def include_errors(where, room, text, arrows, homes):
    for bracket, header in INCLUDE.findall(text):
        folder = header.split("/")[0]
        if bracket == '"' and folder not in arrows:
            yield f"{where}: \"{header}\" is in no room of docs/design.md"
        elif bracket == '"' and folder != room and folder not in arrows[room]:
            yield f"{where}: room {room} may not include {folder}/ (\"{header}\")"
        for prefix, rooms in homes.items():
            belongs = header == prefix or (prefix.endswith("/") and header.startswith(prefix))
            if belongs and rooms is not None and room not in rooms:
                yield f"{where}: only {', '.join(sorted(rooms))} may include <{header}>"


def link_errors(where, room, text, arrows):
    text = re.sub(r"#.*", "", text)
    for other in LINKED_ROOM.findall(text):
        if other in arrows and other != room and other not in arrows[room]:
            yield f"{where}: room {room} may not link gpubench_{other}"


def types_of(text):
    """Names of the types that other files' types must not have: those outside of unnamed namespaces."""
    unnamed = False
    for line in text.splitlines():
        if line == "namespace {":
            unnamed = True
        elif line == "}  // namespace":
            unnamed = False
        elif not unnamed and (found := TYPE.match(line)):
            yield found.group(1)


def type_errors(checkout):
    """Rooms share one namespace. Of two types of one name, the linker keeps one's std::vector for both."""
    places = {}
    for path in sorted((checkout / "host").rglob("*")):
        if path.suffix in (".h", ".cpp"):
            for name in types_of(path.read_text(encoding="utf-8")):
                places.setdefault(name, []).append(str(path.relative_to(checkout)))
    for name, files in places.items():
        if len(files) > 1:
            yield f"{files[1]}: {name} is already the name of a type in {files[0]}"


def errors_in(checkout):
    """Every breach, as one line each."""
    yield from type_errors(checkout)
    page = (checkout / "docs/design.md").read_text(encoding="utf-8")
    arrows, homes = arrows_of(page), homes_of(page)
    rooms = {path.name for path in (checkout / "host").iterdir() if path.is_dir()}
    for room in sorted(rooms ^ set(arrows)):
        yield f"host/{room}: is {'not in docs/design.md' if room in rooms else 'only in docs/design.md'}"
    for room in sorted(rooms & set(arrows)):
        for path in sorted((checkout / "host" / room).rglob("*")):
            where = path.relative_to(checkout)
            if path.suffix in (".h", ".cpp"):
                text = path.read_text(encoding="utf-8")
                yield from include_errors(where, room, text, arrows, homes)
            elif path.name == "CMakeLists.txt":
                yield from link_errors(where, room, path.read_text(encoding="utf-8"), arrows)


def main():
    errors = list(errors_in(pathlib.Path(sys.argv[1])))
    print("\n".join(errors) if errors else "every include and link follows the arrows, and every type is defined once")
    sys.exit(1 if errors else 0)


if __name__ == "__main__":
    main()
