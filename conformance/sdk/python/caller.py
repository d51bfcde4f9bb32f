"""Calls the callback API with boto3: each line of the input is a call, each of the output what came of it."""

import base64
import sys

import boto3
from botocore.exceptions import ClientError

clients = {}


def client(endpoint, key, secret):
    """One client for each endpoint and key, so that its connections are used again."""
    if (endpoint, key, secret) not in clients:
        clients[endpoint, key, secret] = boto3.client(
            "apigatewaymanagementapi",
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id=key,
            aws_secret_access_key=secret,
        )
    return clients[endpoint, key, secret]


def call(api, what, connection, data):
    if what == "text":
        api.post_to_connection(ConnectionId=connection, Data=data.decode())
    elif what == "bytes":
        api.post_to_connection(ConnectionId=connection, Data=data)
    elif what == "delete":
        api.delete_connection(ConnectionId=connection)
    else:
        said = api.get_connection(ConnectionId=connection)
        times = (said["ConnectedAt"], said["LastActiveAt"])
        return [
            *(str(round(time.timestamp() * 1000)) for time in times),
            said["Identity"]["SourceIp"],
            said["Identity"].get("UserAgent", ""),
        ]
    return []


def outcome(what, endpoint, connection, data, key, secret):
    api = client(endpoint, key, secret)
    known = api.exceptions
    try:
        return ["ok", *call(api, what, connection, base64.b64decode(data))]
    except (
        known.GoneException,
        known.ForbiddenException,
        known.LimitExceededException,
        known.PayloadTooLargeException,
    ) as error:
        return refusal(type(error).__name__, error)
    except ClientError as error:
        return refusal("", error)
    except Exception as error:
        return ["failed", repr(error)]


def refusal(name, error):
    said = error.response
    return ["refused", name, str(said["ResponseMetadata"]["HTTPStatusCode"]), said["Error"]["Code"]]


for line in sys.stdin:
    words = outcome(*line.rstrip("\n").split("\t"))
    print("\t".join(" ".join(word.split()) for word in words), flush=True)
