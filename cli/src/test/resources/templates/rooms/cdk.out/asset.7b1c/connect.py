import rooms


def handler(event, context):
    query = event.get("queryStringParameters") or {}
    token = query.get("token")
    if token and not token.startswith("valid_"):
        return {"statusCode": 401, "body": "Unauthorized"}
    rooms.put(
        event["requestContext"]["connectionId"], query.get("userId", "anonymous"), query.get("roomId", "general")
    )
    return {"statusCode": 200, "body": "Connected"}
