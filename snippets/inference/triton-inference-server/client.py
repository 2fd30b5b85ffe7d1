"""A client of the V2 protocol in plain JSON, on the standard library."""

import json
from http.client import HTTPConnection, HTTPException

import numpy as np

CLOSE = {"Connection": "close"}  # an idle connection would delay the server's exit


def http(url, body=None):
    """Status and text of a GET, or of a POST if there is a body; 0: no answer."""
    host, _, path = url.partition("/")
    connection = HTTPConnection(host, timeout=9)
    try:
        connection.request("POST" if body else "GET", f"/{path}", body, CLOSE)
        reply = connection.getresponse()
        return reply.status, reply.read().decode()
    except (OSError, HTTPException):
        return 0, ""
    finally:
        connection.close()


def inference(x, dtype="FP32", name="x"):
    """The body of an inference request with one tensor."""
    tensor = {"name": name, "datatype": dtype, "shape": x.shape, "data": x.tolist()}
    return json.dumps({"inputs": [tensor]})


def ask(server, name, x, dtype="FP32"):
    """Status and answer of an inference request."""
    url = f"{server.http}/v2/models/{name}/infer"
    status, text = http(url, inference(x, dtype))
    return status, json.loads(text or "{}")


if __name__ == "__main__":
    x = np.array([[0.5, 0.1]], np.float32)
    body = inference(x)
    print("POST /v2/models/NAME/infer\n" + body)
    back = np.float32(json.loads(body)["inputs"][0]["data"])
    print("float32 survives JSON:", (back == x).all())
    print("nobody listens on port 9:", http("127.0.0.1:9"))
    assert (back == x).all() and http("127.0.0.1:9") == (0, "")
