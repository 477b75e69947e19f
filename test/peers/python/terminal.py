"""Runs a command in a pseudo-terminal, as a person would, and says what came on the screen: JSON in, JSON out."""

import json
import sys

import pexpect

asked = json.loads(sys.argv[1])
child = pexpect.spawn(
    asked["command"],
    asked["args"],
    env=asked["env"],
    dimensions=(40, asked["columns"]),
    encoding="utf-8",
    timeout=240,
)
seen = ""
for step in asked["steps"]:
    child.expect(step["at"])
    seen += child.before + child.after
    if step["press"] == "ctrl-c":
        child.sendintr()
    else:
        child.send(step["press"])
child.expect(pexpect.EOF)
child.close()
print(json.dumps({"screen": seen + child.before, "code": child.exitstatus, "signal": child.signalstatus}))
