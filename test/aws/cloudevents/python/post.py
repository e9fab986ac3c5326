"""Sends events with the CloudEvents SDK of Python: post.py URL MODE, one event a line on standard input."""

import base64
import json
import sys
import urllib.error
import urllib.request
from datetime import datetime

from cloudevents.core.bindings import http
from cloudevents.core.v1.event import CloudEvent

url, mode = sys.argv[1:]


def data_of(data):
    if data is None:
        return None
    if "json" in data:
        return data["json"]
    return data["text"] if "text" in data else base64.b64decode(data["base64"])


def event_of(sent):
    attributes = {**sent["attributes"], **sent["extensions"]}
    attributes["time"] = datetime.fromisoformat(attributes["time"].replace("Z", "+00:00"))
    return CloudEvent(attributes, data_of(sent["data"]))


def post(message):
    request = urllib.request.Request(url, data=message.body, headers=message.headers, method="POST")
    try:
        with urllib.request.urlopen(request) as response:
            return {"status": response.status, "body": response.read().decode()}
    except urllib.error.HTTPError as error:
        return {"status": error.code, "body": error.read().decode()}


messages = {"binary": http.to_binary_event, "structured": http.to_structured_event}
for line in sys.stdin:
    print(json.dumps(post(messages[mode](event_of(json.loads(line))))))
