# Alarms for what an operator must look at. An invalid file is a verdict, and raises none.

locals {
  # Lambda dates a duration at the start of its invocation, so that a long one arrives several periods late.
  late_periods = 4
  durations = {
    part-validator-duration = {
      function = "part_validator"
      task     = "A part of a large file"
      advice   = "Make PART_BYTES smaller."
    }
    part-merger-duration = {
      function = "part_merger"
      task     = "Merging the parts of a large file"
      advice   = "See maximum file size in docs/operations.md."
    }
    part-splitter-duration = {
      function = "part_splitter"
      task     = "Splitting a part of a large file"
      advice   = "Make PART_BYTES smaller."
    }
    split-joiner-duration = {
      function = "split_joiner"
      task     = "Joining the accepted and rejected rows of a large file"
      advice   = "See maximum file size in docs/operations.md."
    }
    row-loader-duration = {
      function = "row_loader"
      task     = "A load"
      advice   = "Give row_loader more memory, or the database more CPU; load smaller files."
    }
  }
  timeouts = { for each in local.durations : each.function => try(local.settings.lambda_functions[each.function].lambda_timeout, 0) }
  alarms = merge(
    {
      executions-failed = {
        description = "An execution failed: a file could not be checked, or its verdict not recorded, which is tried again. See a failed execution in docs/operations.md."
        namespace   = "AWS/States"
        metric      = "ExecutionsFailed"
        dimensions  = { StateMachineArn = aws_sfn_state_machine.csv_processing.id }
        statistic   = "Sum"
        above       = 0
      }
      executions-timed-out = {
        description = "An execution ran out of time: its upload is VALIDATION_FAILED without having been checked. See replaying in docs/operations.md."
        namespace   = "AWS/States"
        metric      = "ExecutionsTimedOut"
        dimensions  = { StateMachineArn = aws_sfn_state_machine.csv_processing.id }
        statistic   = "Sum"
        above       = 0
      }
      dead-letters = {
        description = "The orchestrator could not take up an upload, several times; the sweep will. See dead letters in docs/operations.md."
        namespace   = "AWS/SQS"
        metric      = "ApproximateNumberOfMessagesVisible"
        dimensions  = { QueueName = aws_sqs_queue.dead_letters.name }
        statistic   = "Maximum"
        above       = 0
      }
      validator-duration = {
        description = "A validation took more than ${var.validator_alarm_after_seconds} seconds; at ${local.validator_timeout} it is cut off. Give csv_validator more memory, and with it more CPU."
        namespace   = "AWS/Lambda"
        metric      = "Duration"
        dimensions  = { FunctionName = "${module.workflow.project}-csv_validator" }
        statistic   = "Maximum"
        above       = var.validator_alarm_after_seconds * 1000
        periods     = local.late_periods
      }
      row-loader-errors = {
        description = "Rows could not be loaded, several times within a quarter of an hour: a table does not fit its schema, or the database does not answer. The log of row_loader says why. See loading in docs/operations.md."
        namespace   = "AWS/Lambda"
        metric      = "Errors"
        dimensions  = { FunctionName = "${module.workflow.project}-row_loader" }
        statistic   = "Sum"
        above       = 3
        period      = 900
      }
      execution-settler-gave-up = {
        description = "The settler failed at an execution that came to nothing, three times; the sweep will see to its upload. The log of execution_settler says why."
        namespace   = "AWS/Lambda"
        metric      = "AsyncEventsDropped"
        dimensions  = { FunctionName = "${module.workflow.project}-execution_settler" }
        statistic   = "Sum"
        above       = 0
      }
      upload-sweep-overdue = {
        description = "For a quarter of an hour no sweep has succeeded: objects without a notification are not validated. The log of upload_sweep says why."
        namespace   = "AWS/Lambda"
        # Each invocation counts 0 or 1 errors. The least of them is 1 if all sweeps failed, and missing if none ran.
        metric     = "Errors"
        dimensions = { FunctionName = "${module.workflow.project}-upload_sweep" }
        statistic  = "Minimum"
        above      = 0
        period     = 900
        missing    = "breaching"
      }
      http-api-faults = {
        description = "The HTTP API answered with 500 or 503: who asked was not served. The log of the API's function says why."
        namespace   = "Assay"
        # Of its own count: Lambda takes such an answer for a success, and API Gateway counts all stages as one.
        metric     = "faults"
        dimensions = { function = module.workflow.project }
        statistic  = "Sum"
        above      = 0
      }
      http-api-errors = {
        description = "The HTTP API's function crashed, or was stopped after its time: the answer was 502 or 504. Its log says why."
        namespace   = "AWS/Lambda"
        metric      = "Errors"
        dimensions  = { FunctionName = module.workflow.project }
        statistic   = "Sum"
        above       = 0
      }
      http-api-throttled = {
        description = "Lambda throttled the HTTP API's function, so that the answer was 500: its reserved_concurrency, or the account's concurrency, is used up."
        namespace   = "AWS/Lambda"
        metric      = "Throttles"
        dimensions  = { FunctionName = module.workflow.project }
        statistic   = "Sum"
        above       = 0
      }
      http-api-5xx = {
        description = "API Gateway answered with 5xx, for any reason: also where the function was not invoked. It counts all of the account's stages as one."
        namespace   = "AWS/ApiGateway"
        metric      = "5XXError"
        dimensions  = { ApiName = local.config.app_name, Stage = local.api_stage }
        statistic   = "Sum"
        above       = 0
      }
    },
    {
      for name, duration in local.durations : name => {
        description = "${duration.task} took more than three quarters of the ${local.timeouts[duration.function]} seconds after which it is cut off. ${duration.advice}"
        namespace   = "AWS/Lambda"
        metric      = "Duration"
        dimensions  = { FunctionName = "${module.workflow.project}-${duration.function}" }
        statistic   = "Maximum"
        above       = local.timeouts[duration.function] * 750
        periods     = local.late_periods
      }
    },
    {
      for function in module.workflow.functions : "${replace(function, "_", "-")}-throttled" => {
        description = "Lambda held ${function} back: the account's concurrency, or the function's own, is used up."
        namespace   = "AWS/Lambda"
        metric      = "Throttles"
        dimensions  = { FunctionName = "${module.workflow.project}-${function}" }
        statistic   = "Sum"
        above       = 0
      }
    },
    {
      for rule in aws_cloudwatch_event_rule.verdict_mail : "verdict-mail-failed" => {
        description = "EventBridge could not hand a mail to SNS: a mail about an invalid file was not sent. See verdict events in docs/operations.md."
        namespace   = "AWS/Events"
        metric      = "FailedInvocations"
        # Of rules on the default bus there are figures by their names alone, of others by the bus, too.
        dimensions = merge({ RuleName = rule.name }, local.event_bus == "default" ? {} : { EventBusName = local.event_bus })
        statistic  = "Sum"
        above      = 0
      }
    },
  )
  notified = var.alarm_topic_arn == null ? [] : [var.alarm_topic_arn]
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${module.workflow.project}-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.above
  period              = try(each.value.period, 300)
  evaluation_periods  = try(each.value.periods, 1)
  datapoints_to_alarm = 1
  # No uploads, no figures: all is well, as a rule.
  treat_missing_data = try(each.value.missing, "notBreaching")
  alarm_actions      = local.notified
  ok_actions         = local.notified

  lifecycle {
    precondition {
      condition     = var.validator_alarm_after_seconds < local.validator_timeout
      error_message = "validator_alarm_after_seconds is below csv_validator's lambda_timeout in .chalice/config.json, ${local.validator_timeout}."
    }
  }
}
