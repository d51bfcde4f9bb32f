"""A function that has its work done by a server: what it is called with is posted there, and the answer is its own."""

import http.client
import os

api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
server = http.client.HTTPConnection(os.environ["RELAY_TO"])
BASE = "/2018-06-01/runtime/invocation/"

while True:
    api.request("GET", BASE + "next")
    asked = api.getresponse()
    call = asked.headers["Lambda-Runtime-Aws-Request-Id"]
    server.request("POST", "/", asked.read())
    answer = server.getresponse()
    body = answer.read()
    api.request("POST", BASE + call + ("/response" if answer.status == 200 else "/error"), body)
    api.getresponse().read()
