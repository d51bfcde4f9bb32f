"""Does what `sam deploy` does with a template, up to AWS: uploads code, and has it transformed by SAM's own translator.

Prints the outcome as JSON. Paths that are not there are an error, but for those of the second argument, a folder that stands
for the one with the archives.
"""

import json
import os
import sys

from samtranslator.parser.parser import Parser
from samtranslator.translator.transform import transform


class NoPolicies:
    def load(self):
        return {}


def main(path, archives):
    os.environ["AWS_DEFAULT_REGION"] = "eu-central-1"
    with open(path, encoding="utf-8") as file:
        template = json.load(file)
    for resource in template["Resources"].values():
        code = resource["Properties"].get("Code")
        if resource["Type"] == "AWS::Lambda::Function" and isinstance(code, str):
            local = os.path.normpath(os.path.join(os.path.dirname(path), code))
            if os.path.relpath(os.path.dirname(local), os.path.dirname(path)) != "../../functions/target/functions":
                raise SystemExit(f"{code} is not where the build leaves archives")
            if not os.path.isfile(os.path.join(archives, os.path.basename(local))):
                raise SystemExit(f"there is no {code}")
            resource["Properties"]["Code"] = {"S3Bucket": "uploaded", "S3Key": os.path.basename(local)}
    parameters = {name: p.get("Default", "given") for name, p in template["Parameters"].items()}
    print(json.dumps(transform(template, parameters, NoPolicies())))


if __name__ == "__main__":
    main(*sys.argv[1:])
