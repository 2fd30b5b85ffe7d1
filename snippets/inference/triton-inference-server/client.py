"""A client of the V2 protocol in plain JSON: all that a test of a server needs."""

import json

import numpy as np
import urllib3

CLOSE = {"Connection": "close"}  # an idle connection would delay the server's exit
POOL = urllib3.PoolManager(headers=CLOSE, retries=False, timeout=9)


def http(url, body=None):
    """Status and text of a GET, or of a POST if there is a body; 0: no answer."""
    try:
        reply = POOL.request("POST" if body else "GET", f"http://{url}", body=body)
        return reply.status, reply.data.decode()
    except urllib3.exceptions.HTTPError:
        return 0, ""


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
