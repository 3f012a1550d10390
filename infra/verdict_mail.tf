# An example of what to do with the events that Assay publishes: a mail about every file that is not valid. Without an
# address there is nothing of it. For more (all verdicts, a queue, a chat) write another rule.

locals {
  event_bus    = try(local.settings.environment_variables.EVENT_BUS, null)
  verdict_mail = length(var.verdict_mail_addresses) > 0 ? 1 : 0
}

resource "aws_cloudwatch_event_rule" "verdict_mail" {
  count = local.verdict_mail

  name           = "${module.workflow.project}-verdict-mail"
  description    = "Files that are not valid, for those who want to hear of them by mail"
  event_bus_name = local.event_bus
  event_pattern = jsonencode({
    source      = ["assay"]
    detail-type = ["Assay Verdict Recorded"]
    # Other stages may publish on the same bus: a stage has its bucket to itself.
    detail = {
      version = [1]
      status  = ["VALIDATION_FAILED"]
      # A system failure is not the partner's fault: an alarm reports it, and not this mail.
      systemFailure = [false]
      bucket        = [try(local.settings.environment_variables.UPLOADS_BUCKET, "")]
    }
  })

  lifecycle {
    precondition {
      condition     = can(regex("^[^:]+$", local.event_bus))
      error_message = "verdict_mail_addresses needs EVENT_BUS among the environment_variables of the stage ${var.stage} in .chalice/config.json: the name of a bus of this account, such as default."
    }
  }
}

resource "aws_cloudwatch_event_target" "verdict_mail" {
  count = local.verdict_mail

  rule           = aws_cloudwatch_event_rule.verdict_mail[0].name
  event_bus_name = local.event_bus
  arn            = aws_sns_topic.verdict_mail[0].arn

  input_transformer {
    input_paths = {
      upload    = "$.detail.uploadId"
      errors    = "$.detail.errorCount"
      execution = "$.detail.executionName"
      time      = "$.detail.occurredAt"
    }
    # Neither the file's name nor its owner's: a quote in them would break the text, and mails go far.
    input_template = "\"The file of the upload <upload> is not valid. Errors: <errors>. Checked at <time> by the execution <execution>.\""
  }
}

resource "aws_sns_topic" "verdict_mail" {
  count = local.verdict_mail

  name = "${module.workflow.project}-verdict-mail"
}

resource "aws_sns_topic_policy" "verdict_mail" {
  count = local.verdict_mail

  arn = aws_sns_topic.verdict_mail[0].arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        # Without a condition: EventBridge supports none in the policy of an SNS topic, and no mail would be sent.
        Sid       = "EventBridge"
        Effect    = "Allow"
        Action    = "sns:Publish"
        Principal = { Service = "events.amazonaws.com" }
        Resource  = aws_sns_topic.verdict_mail[0].arn
      },
    ]
  })
}

resource "aws_sns_topic_subscription" "verdict_mail" {
  for_each = var.verdict_mail_addresses

  topic_arn = aws_sns_topic.verdict_mail[0].arn
  protocol  = "email"
  endpoint  = each.value
}
