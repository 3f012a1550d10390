"""Serve AWS on a loopback port until it is stopped."""

from importlib import import_module

from infra.rehearsal.emulator import alarms, events, executions, lambdas, objects, resources, rest_apis

for service in (alarms, events, executions, lambdas, objects, resources, rest_apis):
    service.patch()
import_module("ministack.app").main()
