import json

import rooms


def handler(event, context):
    request = event["requestContext"]
    own_id = request["connectionId"]
    message = json.loads(event["body"])
    own = rooms.connections()[own_id]
    kind = message.get("type", "chat")
    if kind == "chat":
        text = message.get("message", "")
        if text.strip():
            room = message.get("roomId", own["roomId"])
            rooms.to_room(request, room, "chat", roomId=room, senderId=own["userId"], message=text)
        else:
            rooms.post(request, own_id, "error", message="Message cannot be empty")
    elif kind == "join_room":
        room = message["roomId"]
        rooms.put(own_id, own["userId"], room)
        rooms.to_room(request, room, "user_joined", userId=own["userId"], roomId=room)
    else:
        rooms.post(request, own_id, "error", message=f"Unknown message type: {kind}")
    return {"statusCode": 200}
