# The state machine between the functions that `chalice deploy` made, and what watches over it.

# What .chalice/config.json decides is read from there. Whether it has the stage at all, chalice deploy finds out first.
locals {
  config                = jsondecode(file("${path.module}/../.chalice/config.json"))
  settings              = try(local.config.stages[var.stage], {})
  log_retention_in_days = try(local.settings.log_retention_in_days, null)
  validator_timeout     = try(local.settings.lambda_functions.csv_validator.lambda_timeout, 0)
}

module "workflow" {
  source = "./modules/workflow"

  app_name        = local.config.app_name
  stage           = var.stage
  deployed_file   = "${path.module}/../.chalice/deployed/${var.stage}.json"
  definition_file = "${path.module}/../statemachine/csv_processing.asl.json"
  vended_logs     = var.vended_logs
}

resource "aws_sfn_state_machine" "csv_processing" {
  name       = module.workflow.state_machine_name
  type       = "STANDARD"
  role_arn   = aws_iam_role.csv_processing.arn
  definition = module.workflow.definition

  logging_configuration {
    level                  = "ALL"
    include_execution_data = true
    # Providers differ in whether a log group's ARN ends so already; Step Functions insists.
    log_destination = "${trimsuffix(aws_cloudwatch_log_group.executions.arn, ":*")}:*"
  }

  tracing_configuration {
    enabled = true
  }

  # Step Functions tries whether it may deliver logs before it makes the state machine.
  depends_on = [aws_iam_role_policy.csv_processing]
}

resource "aws_iam_role" "csv_processing" {
  name               = module.workflow.state_machine_name
  description        = "What the state machine ${module.workflow.state_machine_name} may do"
  assume_role_policy = module.workflow.trust_policy
}

resource "aws_iam_role_policy" "csv_processing" {
  name   = module.workflow.state_machine_name
  role   = aws_iam_role.csv_processing.id
  policy = module.workflow.role_policy
}

resource "aws_cloudwatch_log_group" "executions" {
  name              = module.workflow.log_group_name
  retention_in_days = local.log_retention_in_days
  kms_key_id        = var.log_kms_key_arn

  lifecycle {
    precondition {
      condition     = local.log_retention_in_days != null
      error_message = ".chalice/config.json has no log_retention_in_days for the stage ${var.stage}: logs would be kept for ever."
    }
  }
}

# Chalice makes the functions' log groups, but for the HTTP API's it makes one under a name that the function does not
# have. Otherwise its log group would have no retention, and the function's role may not make log groups.
resource "aws_cloudwatch_log_group" "http_api" {
  name              = "/aws/lambda/${module.workflow.project}"
  retention_in_days = local.log_retention_in_days
  kms_key_id        = var.log_kms_key_arn
}
