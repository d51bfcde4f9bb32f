"""Reads the files of a Terraform module and prints all of it as JSON. Ends with an error where one cannot be read."""

import json
import pathlib
import sys

import hcl2

module = {}
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.tf")):
    with open(path, encoding="utf-8") as file:
        for kind, blocks in hcl2.load(file).items():
            module.setdefault(kind, []).extend(blocks)
print(json.dumps(module))
