# What becomes of a notification from S3 that the orchestrator fails to take up. Chalice cannot say this itself.
#
# The settler needs no such queue. What it fails at, the sweep finds by looking: an upload that waits for an execution
# that is over. A dead letter would add nothing to the alarm, and would have to be removed.

resource "aws_lambda_function_event_invoke_config" "csv_orchestrator" {
  # Its name, which is known even when what Chalice wrote is lost: it must still be possible to destroy this.
  function_name                = "${module.workflow.project}-csv_orchestrator"
  maximum_retry_attempts       = var.notification_retries
  maximum_event_age_in_seconds = var.notification_max_age_in_seconds

  destination_config {
    on_failure {
      destination = aws_sqs_queue.dead_letters.arn
    }
  }
}

resource "aws_sqs_queue" "dead_letters" {
  name                      = module.workflow.dead_letter_queue_name
  message_retention_seconds = var.dead_letter_retention_in_days * 86400
}
