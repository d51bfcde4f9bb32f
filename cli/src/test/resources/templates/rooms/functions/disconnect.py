import rooms


def handler(event, context):
    rooms.delete(event["requestContext"]["connectionId"])
    return {"statusCode": 200, "body": "Disconnected"}
