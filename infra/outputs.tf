output "state_machine_arn" {
  description = "The state machine; the orchestrator must find it under this ARN."
  value       = aws_sfn_state_machine.csv_processing.id
}

output "log_group_name" {
  description = "Where executions are logged."
  value       = aws_cloudwatch_log_group.executions.name
}

output "log_group_arn" {
  description = "The ARN of the executions' log group."
  value       = trimsuffix(aws_cloudwatch_log_group.executions.arn, ":*")
}

output "lambda_arns" {
  description = "The ARN of every function that Chalice deployed, by its name in app.py."
  value       = module.workflow.lambda_arns
}

output "dead_letter_queue_url" {
  description = "The queue of notifications that the orchestrator could not take up."
  value       = aws_sqs_queue.dead_letters.id
}

output "alarm_names" {
  description = "The alarms that watch over the stage."
  value       = sort([for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name])
}
