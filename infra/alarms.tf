# An invalid file is a verdict and no reason to wake anybody. These are.

locals {
  alarms = merge(
    {
      executions-failed = {
        description = "An execution failed: a file could not be checked, or its verdict not recorded. See reading a failed execution in docs/operations.md."
        namespace   = "AWS/States"
        metric      = "ExecutionsFailed"
        dimensions  = { StateMachineArn = aws_sfn_state_machine.csv_processing.id }
        statistic   = "Sum"
        above       = 0
      }
      executions-timed-out = {
        description = "An execution ran out of time: its upload is still VALIDATING."
        namespace   = "AWS/States"
        metric      = "ExecutionsTimedOut"
        dimensions  = { StateMachineArn = aws_sfn_state_machine.csv_processing.id }
        statistic   = "Sum"
        above       = 0
      }
      dead-letters = {
        description = "The orchestrator could not take up an upload, several times. See replaying in docs/operations.md."
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
        # Lambda gives the figure the time at which the validation began: of a long one, it arrives periods late.
        periods = 4
      }
    },
    {
      for function in ["csv_orchestrator", "csv_validator", "upload_status"] : "${replace(function, "_", "-")}-throttled" => {
        description = "Lambda held ${function} back: the account's concurrency, or the function's own, is used up."
        namespace   = "AWS/Lambda"
        metric      = "Throttles"
        dimensions  = { FunctionName = "${module.workflow.project}-${function}" }
        statistic   = "Sum"
        above       = 0
      }
    },
  )
  told = var.alarm_topic_arn == null ? [] : [var.alarm_topic_arn]
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
  period              = 300
  evaluation_periods  = try(each.value.periods, 1)
  datapoints_to_alarm = 1
  # No uploads, no figures: all is well.
  treat_missing_data = "notBreaching"
  alarm_actions      = local.told
  ok_actions         = local.told

  lifecycle {
    precondition {
      condition     = var.validator_alarm_after_seconds < local.validator_timeout
      error_message = "validator_alarm_after_seconds is below csv_validator's lambda_timeout in .chalice/config.json, ${local.validator_timeout}."
    }
  }
}
