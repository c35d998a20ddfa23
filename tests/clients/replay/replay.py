"""Calls the functions of the generated client: a line of JSON [method, params] in, one out."""
import json
import sys

from leither import Client, RpcError

client = Client(sys.argv[1])
for line in sys.stdin:
    method, params = json.loads(line)
    try:
        said = {"result": getattr(client, method.replace(".", "_"))(*params)}
    except RpcError as error:
        said = {"error": {"code": error.code, "message": error.message}}
    print(json.dumps(said), flush=True)
