"""Assay's Lambda functions and HTTP routes: each decodes, calls a use case, and encodes.

Importing this module opens nothing. What a function needs is composed on its first invocation, and kept.
"""

import os
from collections.abc import Callable
from functools import cache
from typing import Any

from chalice import Chalice, IAMAuthorizer
from chalice.app import S3Event

from chalicelib import codec, logs
from chalicelib.adapters import s3_notifications, views
from chalicelib.bootstrap import Services
from chalicelib.domain import object_key
from chalicelib.domain.contracts import Health, StatusUpdate, Upload, ValidationRequest
from chalicelib.settings import Settings

app = Chalice(app_name="assay", configure_logs=False)
logs.configure()

# The one setting that cannot wait: Chalice subscribes the orchestrator to the bucket while it packages.
UPLOADS_BUCKET = os.environ.get("UPLOADS_BUCKET", "assay-uploads")


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


@app.on_s3_event(bucket=UPLOADS_BUCKET, events=["s3:ObjectCreated:*"], prefix=object_key.PREFIX)
def csv_orchestrator(event: S3Event) -> None:
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


@app.lambda_function(name="migrate")
def migrate(_event: object, _context: object) -> Any:
    """By hand or from a deployment: bring the database up to date and name the migrations that ran."""
    return {"applied": services().migrate()}


@app.route("/uploads/{upload_id}", authorizer=IAMAuthorizer())
@views.json_view
def find_upload(upload_id: str) -> Upload:
    """Tell what is known of an upload."""
    return services().find_upload(upload_id)


@app.route("/health")
@views.json_view
def health() -> Health:
    """Tell whether Assay can do its job."""
    return services().check_health()
