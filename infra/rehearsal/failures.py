"""What may go wrong around a deployed stage, brought about on purpose, and mended afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3


@contextmanager
def mistaken(function: str) -> Iterator[None]:
    """Make every invocation of a function fail, as a bad release would: it gets another function's handler."""
    lambda_ = boto3.client("lambda")
    handler = lambda_.get_function_configuration(FunctionName=function)["Handler"]
    lambda_.update_function_configuration(FunctionName=function, Handler="app.csv_validator")
    try:
        yield
    finally:
        lambda_.update_function_configuration(FunctionName=function, Handler=handler)


@contextmanager
def held_back(function: str) -> Iterator[None]:
    """Throttle a function."""
    lambda_ = boto3.client("lambda")
    reserved = lambda_.get_function_concurrency(FunctionName=function).get("ReservedConcurrentExecutions")
    lambda_.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)
    try:
        yield
    finally:
        if reserved is None:
            lambda_.delete_function_concurrency(FunctionName=function)
        else:
            lambda_.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=reserved)


@contextmanager
def unannounced(bucket: str) -> Iterator[None]:
    """Turn off the bucket's notifications."""
    s3 = boto3.client("s3")
    configuration: Any = s3.get_bucket_notification_configuration(Bucket=bucket)
    del configuration["ResponseMetadata"]
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    try:
        yield
    finally:
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)


@contextmanager
def deaf(function_arn: str) -> Iterator[None]:
    """Disable the EventBridge rule of a function."""
    events = boto3.client("events")
    rules = events.list_rule_names_by_target(TargetArn=function_arn)["RuleNames"]
    for rule in rules:
        events.disable_rule(Name=rule)
    try:
        yield
    finally:
        for rule in rules:
            events.enable_rule(Name=rule)


def disable_schedule(function_arn: str) -> None:
    """Remove EventBridge's permission to invoke a function."""
    events = boto3.client("events")
    for rule in events.list_rule_names_by_target(TargetArn=function_arn)["RuleNames"]:
        events.disable_rule(Name=rule)
