# The template as it is, and the archives in a bucket of their own.

locals {
  template         = coalesce(var.template, "${path.module}/../../template/topicstream.template.json")
  account_template = "${path.module}/../../template/topicstream-account.template.json"
  archives         = coalesce(var.archives, "${path.module}/../../../functions/target/functions")
  functions        = toset(["websocket", "http", "archive", "events"])
  name             = "${var.project_name}-${var.environment}"

  chosen = merge(var.parameters, {
    Environment              = var.environment
    ProjectName              = var.project_name
    EnableDetailedMonitoring = tostring(var.enable_detailed_monitoring)
    EnableXrayTracing        = tostring(var.enable_xray_tracing)
    MessageRetentionHours    = tostring(var.message_retention_hours)
  })

  # Another prefix for other archives, and another revision for other archives or parameters: functions are published anew by it.
  content  = substr(sha256(join("", [for name in sort(local.functions) : filesha256("${local.archives}/topicstream-${name}.zip")])), 0, 16)
  revision = substr(sha256(jsonencode([local.content, filesha256(local.template), local.chosen])), 0, 16)
}

resource "aws_s3_bucket" "assets" {
  bucket_prefix = "${substr(local.name, 0, 28)}-assets-"
  force_destroy = true
}

resource "aws_s3_bucket_public_access_block" "assets" {
  bucket                  = aws_s3_bucket.assets.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_object" "archive" {
  for_each    = local.functions
  bucket      = aws_s3_bucket.assets.id
  key         = "${local.content}/topicstream-${each.key}.zip"
  source      = "${local.archives}/topicstream-${each.key}.zip"
  source_hash = filesha256("${local.archives}/topicstream-${each.key}.zip")
}

# It is larger than what may stand in a request.
resource "aws_s3_object" "template" {
  bucket      = aws_s3_bucket.assets.id
  key         = "${filesha256(local.template)}.template.json"
  source      = local.template
  source_hash = filesha256(local.template)
}

resource "aws_cloudformation_stack" "account" {
  count         = var.make_gateway_role ? 1 : 0
  name          = "topicstream-account"
  template_body = file(local.account_template)
  capabilities  = ["CAPABILITY_IAM"]
}

resource "aws_cloudformation_stack" "topicstream" {
  name         = local.name
  template_url = "https://${aws_s3_bucket.assets.bucket_regional_domain_name}/${aws_s3_object.template.key}"
  capabilities = ["CAPABILITY_IAM"]

  parameters = merge(local.chosen, {
    AssetsBucket = aws_s3_bucket.assets.id
    AssetsPrefix = "${local.content}/"
    Revision     = local.revision
  })

  tags = {
    project     = var.project_name
    environment = var.environment
  }

  depends_on = [aws_s3_object.archive, aws_cloudformation_stack.account]
}
