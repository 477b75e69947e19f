"""moto's server, with its Step Functions engine running the tasks of another process.

    step_functions_server.py <port> <tasks url> <bucket>

The engine is moto's own and unchanged where it walks states: control flow, paths, intrinsic functions, Retry, Catch, timeouts.
What it lacks is put in here, and is then our own emulation, no evidence:
JSONL readers, tolerated failures, Athena's .sync, and the functions behind Lambda tasks. Waits and retries do not sleep.
"""

import json
import re
import sys
import threading
import urllib.error
import urllib.request

import boto3
from moto.core.config import default_user_config
from moto.server import ThreadedMotoServer
from moto.stepfunctions.parser.api import HistoryEventType, MapRunFailedEventDetails
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_map.item_reader import item_reader_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_map.item_reader.eval.resource_output_transformer.transformer import (
    ResourceOutputTransformer,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.item_reader.reader_config import (
    reader_config_decl,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.distributed_iteration_component import (
    DistributedIterationComponent,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task import (
    lambda_eval_utils,
    state_task_factory,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_callback import (
    StateTaskServiceCallback,
)
from moto.stepfunctions.parser.asl.component.state.wait.wait_function import wait_function
from moto.stepfunctions.parser.asl.eval.callback.callback import (
    CallbackOutcomeFailure,
    CallbackOutcomeFailureError,
)
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.parse import asl_parser, preprocessor

port, tasks, bucket = int(sys.argv[1]), sys.argv[2], sys.argv[3]


def post(path, document):
    """What a task answers, and the name of its error or nothing."""
    request = urllib.request.Request(f"{tasks}/{path}", json.dumps(document).encode(), method="POST")
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read()), answer.headers.get("x-task-error")


# Lambda -----------------------------------------------------------------------------------------------------------------------


def invoke(parameters, region, state_credentials):
    payload = parameters.get("Payload") or b"{}"
    event = json.loads(payload) if isinstance(payload, (bytes, str)) else payload
    answer, error = post(f"lambda/{parameters['FunctionName'].split(':')[-1]}", event)
    if error:
        body = {"errorType": error, "errorMessage": answer.get("message", "")}
        return {"FunctionError": "Unhandled", "Payload": body, "StatusCode": 200}
    return {"Payload": answer, "StatusCode": 200}


lambda_eval_utils._invoke_lambda_function = invoke


# Athena -----------------------------------------------------------------------------------------------------------------------


class Athena(StateTaskServiceCallback):
    def __init__(self):
        super().__init__(supported_integration_patterns=set())

    def _get_supported_parameters(self):
        return {"QueryString", "WorkGroup", "QueryExecutionContext"}

    def _is_integration_pattern(self):
        return False

    def _eval_service_task(self, env, resource_runtime_part, normalised_parameters, state_credentials):
        answer, error = post("athena", normalised_parameters)
        if error:
            failure = CallbackOutcomeFailure("query", "Athena.QueryFailed", answer.get("message", ""))
            raise CallbackOutcomeFailureError(callback_outcome_failure=failure)
        env.stack.append(answer)


class Events(Athena):
    def _get_supported_parameters(self):
        return {"Entries"}

    def _eval_service_task(self, env, resource_runtime_part, normalised_parameters, state_credentials):
        answer, _ = post("events", normalised_parameters)
        env.stack.append(answer)


original_service = state_task_factory.state_task_service_for
state_task_factory.state_task_service_for = lambda service_name: {"athena": Athena, "events": Events}.get(
    service_name, lambda: original_service(service_name=service_name)
)()


# Maps -------------------------------------------------------------------------------------------------------------------------


class JsonLines:
    def __init__(self, input_type):
        if input_type != "JSONL":
            raise ValueError(f"only JSONL is emulated, not {input_type}")
        self.input_type_value = input_type


class ReadLines(ResourceOutputTransformer):
    def _eval_body(self, env):
        env.stack.pop()
        text = env.stack.pop()
        env.stack.append([json.loads(line) for line in text.split("\n") if line])


preprocessor.InputType = JsonLines
reader_config_decl.InputTypeOutput = str
item_reader_decl.resource_output_transformer_for = lambda input_type: ReadLines()

original_map_run = DistributedIterationComponent._map_run


def map_run(self, env, eval_input):
    original_map_run(self, env, eval_input)
    counter = eval_input.map_run_record.item_counter
    failed, total = counter.failed.get() + counter.timed_out.get(), counter.total.get()
    if total and 100 * failed / total > eval_input.tolerated_failure_percentage:
        error = StatesErrorNameType.StatesExceedToleratedFailureThreshold
        cause = f"{failed} of {total} children failed"
        details = EventDetails(
            mapRunFailedEventDetails=MapRunFailedEventDetails(error=error.to_name(), cause=cause)
        )
        raise FailureEventException(
            FailureEvent(
                env=env,
                error_name=StatesErrorName(error),
                event_type=HistoryEventType.MapRunFailed,
                event_details=details,
            )
        )


DistributedIterationComponent._map_run = map_run

original_parse = asl_parser.AmazonStateLanguageParser.parse


def parse(definition):
    # moto's grammar wants a float here, AWS's takes any number.
    return original_parse(
        re.sub(r'("ToleratedFailurePercentage":\s*)(\d+)(?![.\d])', r"\1\2.0", definition)
    )


asl_parser.AmazonStateLanguageParser.parse = staticmethod(parse)


# Time -------------------------------------------------------------------------------------------------------------------------


class NoTime:
    @staticmethod
    def sleep(seconds):
        post("slept", {"seconds": seconds})


retrier_decl.time = NoTime
wait_function.WaitFunction._wait_interval = lambda self, env, wait_seconds: NoTime.sleep(wait_seconds)

default_user_config["stepfunctions"] = {"execute_state_machine": True}
server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
server.start()
credentials = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1", **credentials).create_bucket(Bucket=bucket)
print(f"ready on {port}", flush=True)
threading.Event().wait()
