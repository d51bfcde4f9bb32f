output "websocket_endpoint" {
  description = "WebSockets in the protocol of TopicStream"
  value       = aws_cloudformation_stack.topicstream.outputs["WebSocketApiEndpoint"]
}

output "websocket_api_endpoint" {
  description = "The same, under another name"
  value       = aws_cloudformation_stack.topicstream.outputs["WebSocketApiEndpoint"]
}

output "rooms_endpoint" {
  description = "WebSockets in the rooms dialect"
  value       = aws_cloudformation_stack.topicstream.outputs["RoomsEndpoint"]
}

output "websocket_api_id" {
  description = "The id of the API for WebSockets"
  value       = aws_cloudformation_stack.topicstream.outputs["WebSocketApiId"]
}

output "api_url" {
  description = "The HTTP API"
  value       = aws_cloudformation_stack.topicstream.outputs["ApiUrl"]
}

output "table_name" {
  description = "The table, which outlives the stack"
  value       = aws_cloudformation_stack.topicstream.outputs["TableName"]
}

output "bucket_name" {
  description = "The bucket, which outlives the stack"
  value       = aws_cloudformation_stack.topicstream.outputs["BucketName"]
}

output "test_command" {
  description = "Says whether the system is well"
  value       = aws_cloudformation_stack.topicstream.outputs["TestCommand"]
}

output "outputs" {
  description = "All that the template says, by its names there"
  value       = aws_cloudformation_stack.topicstream.outputs
}
