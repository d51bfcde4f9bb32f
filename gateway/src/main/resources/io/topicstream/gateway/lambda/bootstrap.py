# Runs a Python function: asks the runtime API for invocations, hands them to the handler, and returns what it answers.
# Read by `python3 -`, so that nothing of it is in a file. It ends when the server does.
import sys


def _run():
    import http.client
    import importlib
    import json
    import logging
    import os
    import time
    import traceback

    address, _, prefix = os.environ["AWS_LAMBDA_RUNTIME_API"].partition("/")
    base = ("/" + prefix if prefix else "") + "/2018-06-01/runtime"
    root = os.environ["LAMBDA_TASK_ROOT"]
    handler_name = os.environ["_HANDLER"]
    connection = http.client.HTTPConnection(address)
    request_id = {"now": ""}

    def call(method, path, body=None, headers=None):
        try:
            connection.request(method, base + path, body, headers or {})
            response = connection.getresponse()
            return response, response.read()
        except (OSError, http.client.HTTPException):
            # Without the server there is nothing to do.
            sys.stdout.flush()
            os._exit(1)

    class Line(logging.Formatter):
        converter = time.gmtime

        def format(self, record):
            record.aws_request_id = request_id["now"]
            return super().format(record)

    lines = logging.StreamHandler(sys.stdout)
    lines.setFormatter(
        Line("[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s", "%Y-%m-%dT%H:%M:%S"))
    logging.getLogger().addHandler(lines)

    class Failure(Exception):
        def __init__(self, kind, message):
            super().__init__(message)
            self.kind = kind

    def load():
        name, dot, attribute = handler_name.rpartition(".")
        if not dot:
            raise Failure(
                "Runtime.MalformedHandlerName",
                "Bad handler '%s': not enough values to unpack (expected 2, got 1)" % handler_name)
        sys.path[:] = [root] + [entry for entry in sys.path if entry not in ("", root)]
        try:
            module = importlib.import_module(name.replace("/", "."))
        except ImportError as e:
            raise Failure("Runtime.ImportModuleError", "Unable to import module '%s': %s" % (name, e)) from e
        except SyntaxError as e:
            raise Failure("Runtime.UserCodeSyntaxError", "Syntax error in module '%s': %s" % (name, e)) from e
        if not hasattr(module, attribute):
            raise Failure("Runtime.HandlerNotFound", "Handler '%s' missing on module '%s'" % (attribute, name))
        return getattr(module, attribute)

    def error_of(e):
        frames = [frame for frame in traceback.extract_tb(e.__traceback__) if frame.filename != "<stdin>"]
        return {
            "errorMessage": str(e),
            "errorType": getattr(e, "kind", type(e).__name__) if isinstance(e, Failure) else type(e).__name__,
            "requestId": request_id["now"],
            "stackTrace": traceback.format_list(frames),
        }

    def post_error(path, error):
        print("[ERROR] %s: %s\n%s" % (error["errorType"], error["errorMessage"], "".join(error["stackTrace"])))
        call("POST", path, json.dumps(error).encode("utf-8"), {
            "Content-Type": "application/json",
            "Lambda-Runtime-Function-Error-Type": error["errorType"].encode("ascii", "replace").decode(),
        })

    class Identity:
        cognito_identity_id = None
        cognito_identity_pool_id = None

    class Context:
        def __init__(self, headers):
            self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
            self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
            self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
            self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
            self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
            self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
            self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
            self.client_context = None
            self.identity = Identity()
            self._deadline = int(headers["Lambda-Runtime-Deadline-Ms"])

        def get_remaining_time_in_millis(self):
            return max(0, self._deadline - int(time.time() * 1000))

        def log(self, message):
            sys.stdout.write(str(message))

    def default(value):
        # As on Lambda, where numbers of DynamoDB may be returned.
        if type(value).__name__ == "Decimal":
            return int(value) if value == value.to_integral_value() else float(value)
        raise TypeError("Object of type %s is not JSON serializable" % type(value).__name__)

    try:
        handler = load()
    except Exception as e:
        post_error("/init/error", error_of(e))
        sys.stdout.flush()
        os._exit(1)

    while True:
        response, body = call("GET", "/invocation/next")
        if response.status != 200:
            os._exit(1)
        context = Context(response.headers)
        request_id["now"] = context.aws_request_id
        os.environ["_X_AMZN_TRACE_ID"] = response.headers.get("Lambda-Runtime-Trace-Id", "")
        answer = "/invocation/" + context.aws_request_id
        try:
            result = handler(json.loads(body), context)
        except Exception as e:
            post_error(answer + "/error", error_of(e))
            continue
        try:
            told = json.dumps(result, default=default).encode("utf-8")
        except Exception as e:
            post_error(answer + "/error", error_of(Failure("Runtime.MarshalError", "Unable to marshal response: %s" % e)))
            continue
        call("POST", answer + "/response", told, {"Content-Type": "application/json"})


_run()
