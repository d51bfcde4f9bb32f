"""Rooms to chat in: what the three functions share. By Python's own library, so that nothing need be installed."""
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request


def table(action, **request):
    """Asks the table of connections something."""
    body = json.dumps({"TableName": os.environ["CONNECTIONS_TABLE"], **request}).encode()
    headers = {
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": "DynamoDB_20120810." + action,
        "X-Amz-Date": time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()),
        "Authorization": "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request,"
        " SignedHeaders=host, Signature=" + "0" * 64,
    }
    call = urllib.request.Request(os.environ["AWS_ENDPOINT_URL_DYNAMODB"], body, headers, method="POST")
    with urllib.request.urlopen(call, timeout=5) as answer:
        return json.load(answer)


def put(connection_id, user_id, room_id):
    item = {"connectionId": connection_id, "userId": user_id, "roomId": room_id}
    table("PutItem", Item={name: {"S": text} for name, text in item.items()})


def delete(connection_id):
    table("DeleteItem", Key={"connectionId": {"S": connection_id}})


def connections():
    """All connections, by their ids."""
    items = [{name: value["S"] for name, value in item.items()} for item in table("Scan")["Items"]]
    return {item["connectionId"]: item for item in items}


def post(context, connection_id, kind, **data):
    """Posts a frame to a connection; one that is gone is forgotten."""
    domain = context["domainName"]
    scheme = "http" if ":" in domain else "https"
    url = f"{scheme}://{domain}/{context['stage']}/@connections/{urllib.parse.quote(connection_id, safe='')}"
    frame = json.dumps({"type": kind, "data": data}).encode()
    try:
        urllib.request.urlopen(urllib.request.Request(url, frame, method="POST"), timeout=5).close()
    except urllib.error.HTTPError as error:
        if error.code != 410:
            raise
        delete(connection_id)


def to_room(context, room_id, kind, **data):
    for connection_id, item in connections().items():
        if item["roomId"] == room_id:
            post(context, connection_id, kind, **data)
