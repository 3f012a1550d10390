"""Failures of a deployed stage: each context manager causes one, and ends it afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3


@contextmanager
def with_wrong_handler(function: str) -> Iterator[None]:
    """Make every invocation of a function fail, as a bad release would, by giving it another function's handler."""
    lambda_ = boto3.client("lambda")
    handler = lambda_.get_function_configuration(FunctionName=function)["Handler"]
    lambda_.update_function_configuration(FunctionName=function, Handler="app.csv_validator")
    try:
        yield
    finally:
        lambda_.update_function_configuration(FunctionName=function, Handler=handler)


@contextmanager
def throttled(function: str) -> Iterator[None]:
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
def without_notifications(bucket: str) -> Iterator[None]:
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
def without_rule(function_arn: str) -> Iterator[None]:
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
    """Disable the rules that invoke a function, for good."""
    events = boto3.client("events")
    for rule in events.list_rule_names_by_target(TargetArn=function_arn)["RuleNames"]:
        events.disable_rule(Name=rule)
