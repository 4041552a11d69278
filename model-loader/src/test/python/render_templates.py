"""Golden outputs of chat templates, from the Jinja2 that Hugging Face transformers sets up.

Pinned: Python 3.11, Jinja2 3.1.6, MarkupSafe 3.0.x, transformers 4.57.x (only its way to set Jinja2 up is used).

    python render_templates.py cases RESOURCES      # RESOURCES is ../resources/templates
    python render_templates.py published RESOURCES FOLDER

`cases` renders every case of RESOURCES/cases/*.json and writes what came out into the same file: `expected`, or
`error` where Python raised. `published` renders every FOLDER/*.jinja with every conversation of
RESOURCES/conversations.json and writes RESOURCES/published.json: the SHA-256 of the template, and per conversation
the length in code points and the first half of the SHA-256 (of UTF-8) of the output, or what was raised. No text of
a template is kept.

The clock stands at NOW, so that strftime_now is reproducible.
"""

import datetime
import hashlib
import json
import pathlib
import sys

import jinja2
from transformers.utils import chat_template_utils

PINNED = "3.1.6"
NOW = datetime.datetime(2025, 7, 6, 14, 5, 9, 123456)


class FixedClock(datetime.datetime):
    """A clock that stands still."""

    @classmethod
    def now(cls, tz=None):
        return NOW


def render(template, variables):
    """The rendered text, or (None, error)."""
    try:
        compiled = chat_template_utils._compile_jinja_template(template)
        text = compiled.render(**variables)
        text.encode("utf-8")
        return text, None
    except Exception as e:  # whatever Python raises is the expected outcome
        return None, f"{type(e).__name__}: {e}"


def cases(resources):
    for path in sorted((resources / "cases").glob("*.json")):
        entries = json.loads(path.read_text("utf-8"))
        lines = []
        for case in entries:
            case = {k: case[k] for k in ("name", "template", "variables") if k in case}
            text, error = render(case["template"], case.get("variables", {}))
            if error is None:
                case["expected"] = text
            else:
                case["error"] = error
            lines.append(json.dumps(case, ensure_ascii=False))
        path.write_text("[\n" + ",\n".join(lines) + "\n]\n", "utf-8")
        print(path.name, len(entries))


def published(resources, folder):
    conversations = json.loads((resources / "conversations.json").read_text("utf-8"))
    templates = {}
    for path in sorted(folder.glob("*.jinja")):
        source = path.read_text("utf-8")
        outcomes = {}
        for conversation in conversations:
            text, error = render(source, conversation["variables"])
            if error is None:
                digest = hashlib.sha256(text.encode("utf-8")).hexdigest()[:32]
                outcomes[conversation["name"]] = f"{len(text)} {digest}"
            else:
                outcomes[conversation["name"]] = "raises " + error.split(":")[0]
        templates[path.name] = {
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "outcomes": outcomes,
        }
    out = resources / "published.json"
    lines = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in templates.items()]
    out.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
    failed = sum(o.startswith("raises") for t in templates.values() for o in t["outcomes"].values())
    print(len(templates), "templates,", len(conversations), "conversations,", failed, "errors")


if __name__ == "__main__":
    if jinja2.__version__ != PINNED:
        sys.exit(f"Jinja2 {PINNED} is needed, not {jinja2.__version__}")
    chat_template_utils.datetime = FixedClock
    if len(sys.argv) == 3 and sys.argv[1] == "cases":
        cases(pathlib.Path(sys.argv[2]))
    elif len(sys.argv) == 4 and sys.argv[1] == "published":
        published(pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
    else:
        sys.exit(__doc__)
