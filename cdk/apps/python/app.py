"""An app of your own with TopicStream in it: the template as it is, with parameters from the context and archives as assets."""

import hashlib
import json
from pathlib import Path

from aws_cdk import App, Stack
from aws_cdk.aws_lambda import CfnFunction
from aws_cdk.aws_s3_assets import Asset
from aws_cdk.cloudformation_include import CfnInclude

ROOT = Path(__file__).resolve().parents[3]
TEMPLATE = ROOT / "cdk" / "template" / "topicstream.template.json"

app = App()
stack = Stack(app, app.node.try_get_context("stackName") or "TopicStream")
archives = {
    kind: Asset(stack, f"{kind}Archive", path=str(ROOT / f"functions/target/functions/topicstream-{kind.lower()}.zip"))
    for kind in ("WebSocket", "Http", "Archive", "Events")
}

# -c environment=prod is the parameter Environment. What the context does not say stays a parameter.
parameters = {}
for name in json.loads(TEMPLATE.read_text(encoding="utf-8"))["Parameters"]:
    value = app.node.try_get_context(name[0].lower() + name[1:])
    if value is not None:
        parameters[name] = value if isinstance(value, str) else json.dumps(value)
# Functions are published anew when it changes.
content = json.dumps([parameters, [asset.asset_hash for asset in archives.values()]])
parameters["Revision"] = hashlib.sha256(content.encode()).hexdigest()[:16]
parameters["AssetsBucket"] = archives["WebSocket"].s3_bucket_name
parameters["AssetsPrefix"] = ""

topic_stream = CfnInclude(stack, "Template", template_file=str(TEMPLATE), parameters=parameters)
for kind, asset in archives.items():
    function = topic_stream.get_resource(f"{kind}Function")
    function.code = CfnFunction.CodeProperty(s3_bucket=asset.s3_bucket_name, s3_key=asset.s3_object_key)

app.synth()
