// An app of your own with TopicStream in it: the template as it is, with parameters from the context and archives as assets.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { App, Stack } from "aws-cdk-lib";
import { CfnInclude } from "aws-cdk-lib/cloudformation-include";
import { CfnFunction } from "aws-cdk-lib/aws-lambda";
import { Asset } from "aws-cdk-lib/aws-s3-assets";

const root = join(__dirname, "../../..");
const templateFile = join(root, "cdk/template/topicstream.template.json");

const app = new App();
const stack = new Stack(app, app.node.tryGetContext("stackName") ?? "TopicStream");
const archives = ["WebSocket", "Http", "Archive", "Events"].map((kind) => {
  const path = join(root, `functions/target/functions/topicstream-${kind.toLowerCase()}.zip`);
  return { kind, asset: new Asset(stack, `${kind}Archive`, { path }) };
});

// -c environment=prod is the parameter Environment. What the context does not say stays a parameter.
const parameters: Record<string, unknown> = {};
for (const name of Object.keys(JSON.parse(readFileSync(templateFile, "utf8")).Parameters)) {
  const value = app.node.tryGetContext(name[0].toLowerCase() + name.slice(1));
  if (value !== undefined) {
    parameters[name] = typeof value === "object" ? JSON.stringify(value) : String(value);
  }
}
// Functions are published anew when it changes.
const revision = createHash("sha256");
revision.update(JSON.stringify([parameters, archives.map(({ asset }) => asset.assetHash)]));
parameters.Revision = revision.digest("hex").slice(0, 16);
parameters.AssetsBucket = archives[0].asset.s3BucketName;
parameters.AssetsPrefix = "";

const topicStream = new CfnInclude(stack, "Template", { templateFile, parameters });
for (const { kind, asset } of archives) {
  const code = { s3Bucket: asset.s3BucketName, s3Key: asset.s3ObjectKey };
  (topicStream.getResource(`${kind}Function`) as CfnFunction).code = code;
}
