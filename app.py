"""Assay's Lambda functions and HTTP routes: each decodes, calls a use case, and encodes.

Importing this module opens nothing. What a function needs is composed on its first invocation, and kept.
"""

import os
from collections.abc import Callable
from functools import cache
from http import HTTPStatus
from typing import Any

from chalice import Chalice, IAMAuthorizer

from chalicelib import codec, logs
from chalicelib.adapters import s3_notifications, status_changes, views
from chalicelib.adapters.foreign_payloads import ForeignEvent
from chalicelib.bootstrap import Services
from chalicelib.domain import object_key
from chalicelib.domain.contracts import Health, ReplayRequest, StatusUpdate, Upload, ValidationRequest
from chalicelib.domain.lifecycle import SETTLER
from chalicelib.settings import Settings

app = Chalice(app_name="assay", configure_logs=False)
logs.configure()

# The settings that cannot wait: Chalice subscribes functions to the bucket and to the state machine while it packages.
UPLOADS_BUCKET = os.environ.get("UPLOADS_BUCKET", "assay-uploads")
STATE_MACHINE_NAME = os.environ.get("STATE_MACHINE_NAME", "assay-csv-processing")


@cache
def services() -> Services:
    """Compose what this deployment's environment asks for; raises SettingsIncomplete."""
    return Services(Settings.from_environment(os.environ))


@app.middleware("all")
def log_invocation(event: Any, get_response: Callable[[Any], Any]) -> Any:
    """Log one canonical line for whatever has been invoked."""
    context = getattr(event, "lambda_context", None) or event.context
    with logs.invocation(context.function_name, context.aws_request_id):
        return get_response(event)


@app.middleware("http")
def give_problems_our_form(event: Any, get_response: Callable[[Any], Any]) -> Any:
    """Answer with problem details even where Chalice does not ask us."""
    return views.in_our_form(get_response(event))


@app.on_s3_event(bucket=UPLOADS_BUCKET, events=["s3:ObjectCreated:*"], prefix=object_key.PREFIX)
def csv_orchestrator(event: ForeignEvent) -> None:
    """S3 notification: record an attempt at each object and start its execution."""
    receive_uploads = services().receive_uploads(event.context.invoked_function_arn)
    receive_uploads(s3_notifications.objects_created(event.to_dict()))


@app.lambda_function(name="csv_validator")
def csv_validator(event: object, _context: object) -> Any:
    """Step Functions task: ValidationRequest in, ValidationResponse out."""
    request = codec.structure(event, ValidationRequest)
    return codec.unstructure(services().validate_upload(request))


@app.lambda_function(name="upload_status")
def upload_status(event: object, _context: object) -> Any:
    """Step Functions task: StatusUpdate in, StatusReply out."""
    update = codec.structure(event, StatusUpdate)
    return codec.unstructure(services().record_verdict(update))


@app.on_cw_event(status_changes.pattern(STATE_MACHINE_NAME))
def execution_settler(event: ForeignEvent) -> None:
    """EventBridge, of an execution that came to nothing: see to the upload that waits for it."""
    settle = services().settle_execution(event.context.invoked_function_arn)
    settle(status_changes.execution(event.to_dict()), SETTLER)


@app.schedule("rate(5 minutes)")
def upload_sweep(event: ForeignEvent) -> None:
    """By the clock: look for what nobody has told of."""
    services().sweep(event.context.invoked_function_arn)()


# Chalice's own classes read these events before anybody can say what is wrong with them.
for by_event in (csv_orchestrator, execution_settler, upload_sweep):
    by_event.event_class = ForeignEvent


@app.lambda_function(name="migrate")
def migrate(_event: object, _context: object) -> Any:
    """By hand or from a deployment: bring the database up to date and name the migrations that ran."""
    return {"applied": services().migrate()}


@app.route("/uploads/{upload_id}", authorizer=IAMAuthorizer())
@views.json_view(app)
def find_upload(upload_id: str) -> Upload:
    """Tell what is known of an upload."""
    return services().find_upload(upload_id)


@app.route("/uploads/{upload_id}/attempts", methods=["POST"], authorizer=IAMAuthorizer())
@views.json_view(app, status=HTTPStatus.ACCEPTED, body=ReplayRequest)
def replay_upload(upload_id: str, body: ReplayRequest) -> Upload:
    """Begin another attempt at an upload."""
    replay = services().replay_upload(app.lambda_context.invoked_function_arn)
    return replay(upload_id, body, views.caller(app.current_request))


@app.route("/health")
@views.json_view(app)
def health() -> Health:
    """Tell whether Assay can do its job."""
    return services().check_health()
