# Offline: the module knows no provider.

variables {
  app_name        = "assay"
  stage           = "dev"
  deployed_file   = "./tests/fixtures/deployed.json"
  definition_file = "../../../statemachine/csv_processing.asl.json"
}

run "names_are_those_that_the_app_and_its_policies_count_on" {
  assert {
    condition     = output.state_machine_name == "assay-dev-csv-processing"
    error_message = "The orchestrator looks for assay-dev-csv-processing, as its stage's configuration says."
  }

  assert {
    condition     = output.log_group_name == "/aws/states/assay-dev-csv-processing"
    error_message = "The design has the log group at /aws/states/$${project}-csv-processing."
  }

  assert {
    condition     = output.dead_letter_queue_name == "assay-dev-csv-orchestrator-dead-letters"
    error_message = "The orchestrator's policy lets it send to assay-dev-csv-orchestrator-dead-letters."
  }
}

run "vended_logs_have_a_place_of_their_own" {
  variables {
    vended_logs = true
  }

  assert {
    condition     = output.log_group_name == "/aws/vendedlogs/states/assay-dev-csv-processing"
    error_message = "CloudWatch Logs needs no room in its resource policy for what is under /aws/vendedlogs/."
  }
}

run "only_functions_count_as_functions" {
  assert {
    condition = sort(keys(output.lambda_arns)) == tolist([
      "csv_orchestrator", "csv_validator", "execution_settler", "part_merger", "part_splitter", "part_validator",
      "row_loader", "seam_checker", "split_joiner", "upload_status", "upload_sweep",
    ])
    error_message = "Roles, S3 events and the like are not functions."
  }
}

run "none_of_the_functions_that_bring_an_upload_to_its_verdict_is_left_unwatched" {
  assert {
    condition     = sort(output.functions) == sort(keys(output.lambda_arns))
    error_message = "Alarms go by this list; a deployment that lacks one of these is incomplete."
  }
}

run "the_definition_names_the_functions_that_were_deployed" {
  assert {
    condition     = jsondecode(output.definition).States.ValidateCsv.Parameters.FunctionName == output.lambda_arns["csv_validator"]
    error_message = "ValidateCsv calls csv_validator."
  }

  assert {
    condition     = jsondecode(output.definition).States.ValidateCsv.Resource == "arn:aws-eusc:states:::lambda:invoke"
    error_message = "Step Functions' integration is in the partition of the functions."
  }

  assert {
    condition = alltrue([
      for state in ["MarkValidated", "MarkValidationFailed", "MarkSystemFailure"] :
      jsondecode(output.definition).States[state].Parameters.FunctionName == output.lambda_arns["upload_status"]
    ])
    error_message = "Every Mark state calls upload_status."
  }
}

run "the_definition_is_otherwise_what_is_in_the_file" {
  assert {
    condition = replace(output.definition, "arn:aws-eusc:states:::", "arn:aws:states:::") == join("", [
      for index, piece in split("$${", file(var.definition_file)) :
      index == 0 ? piece : replace(piece, "/^([a-z_]+)_arn}/", output.lambda_arns[regex("^([a-z_]+)_arn}", piece)[0]])
    ])
    error_message = "Nothing but placeholders and partition change: 2.0 stays 2.0, and $$.Execution.Name keeps its dollars."
  }
}

run "the_role_may_invoke_functions_run_parts_deliver_logs_and_send_traces_and_no_more" {
  assert {
    condition = jsondecode(output.role_policy) == jsondecode(<<-JSON
      {
        "Version": "2012-10-17",
        "Statement": [
          {
            "Sid": "InvokeFunctions",
            "Effect": "Allow",
            "Action": "lambda:InvokeFunction",
            "Resource": [
              "arn:aws-eusc:lambda:eusc-de-east-1:123456789012:function:assay-dev-csv_validator",
              "arn:aws-eusc:lambda:eusc-de-east-1:123456789012:function:assay-dev-part_merger",
              "arn:aws-eusc:lambda:eusc-de-east-1:123456789012:function:assay-dev-part_splitter",
              "arn:aws-eusc:lambda:eusc-de-east-1:123456789012:function:assay-dev-part_validator",
              "arn:aws-eusc:lambda:eusc-de-east-1:123456789012:function:assay-dev-row_loader",
              "arn:aws-eusc:lambda:eusc-de-east-1:123456789012:function:assay-dev-seam_checker",
              "arn:aws-eusc:lambda:eusc-de-east-1:123456789012:function:assay-dev-split_joiner",
              "arn:aws-eusc:lambda:eusc-de-east-1:123456789012:function:assay-dev-upload_status"
            ]
          },
          {
            "Sid": "StartParts",
            "Effect": "Allow",
            "Action": "states:StartExecution",
            "Resource": "arn:aws-eusc:states:eusc-de-east-1:123456789012:stateMachine:assay-dev-csv-processing"
          },
          {
            "Sid": "FollowParts",
            "Effect": "Allow",
            "Action": ["states:DescribeExecution", "states:StopExecution"],
            "Resource": [
              "arn:aws-eusc:states:eusc-de-east-1:123456789012:execution:assay-dev-csv-processing:*",
              "arn:aws-eusc:states:eusc-de-east-1:123456789012:execution:assay-dev-csv-processing/*"
            ]
          },
          {
            "Sid": "DeliverLogs",
            "Effect": "Allow",
            "Action": [
              "logs:CreateLogDelivery",
              "logs:GetLogDelivery",
              "logs:UpdateLogDelivery",
              "logs:DeleteLogDelivery",
              "logs:ListLogDeliveries",
              "logs:PutResourcePolicy",
              "logs:DescribeResourcePolicies",
              "logs:DescribeLogGroups"
            ],
            "Resource": "*"
          },
          {
            "Sid": "SendTraces",
            "Effect": "Allow",
            "Action": [
              "xray:PutTraceSegments",
              "xray:PutTelemetryRecords",
              "xray:GetSamplingRules",
              "xray:GetSamplingTargets"
            ],
            "Resource": "*"
          }
        ]
      }
    JSON
    )
    error_message = "The role's policy is asserted word for word."
  }
}

run "step_functions_of_this_account_and_nobody_else_takes_the_role" {
  assert {
    condition = jsondecode(output.trust_policy) == jsondecode(<<-JSON
      {
        "Version": "2012-10-17",
        "Statement": [
          {
            "Sid": "StepFunctionsHere",
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "states.amazonaws.com"},
            "Condition": {
              "StringEquals": {"aws:SourceAccount": "123456789012"},
              "ArnLike": {"aws:SourceArn": "arn:aws-eusc:states:eusc-de-east-1:123456789012:stateMachine:*"}
            }
          }
        ]
      }
    JSON
    )
    error_message = "The trust policy is asserted word for word."
  }
}

run "an_undeployed_stage_is_told_to_deploy_first" {
  command = plan

  variables {
    deployed_file = "./tests/fixtures/nowhere.json"
  }

  expect_failures = [output.lambda_arns]
}

run "a_missing_function_is_named" {
  command = plan

  variables {
    deployed_file = "./tests/fixtures/without_validator.json"
  }

  expect_failures = [output.lambda_arns]
}

run "a_deployment_without_settler_and_sweep_is_incomplete" {
  command = plan

  variables {
    deployed_file = "./tests/fixtures/without_settler.json"
  }

  expect_failures = [output.lambda_arns]
}

run "a_placeholder_that_nothing_fills_is_no_definition" {
  command = plan

  variables {
    definition_file = "./tests/fixtures/unfilled.asl.json"
  }

  expect_failures = [output.definition]
}

run "a_stage_is_a_name_that_aws_takes_everywhere" {
  command = plan

  variables {
    stage = "Dev_1"
  }

  expect_failures = [var.stage]
}
