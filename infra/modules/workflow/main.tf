# What can be known without asking AWS: names, the ARNs that Chalice wrote down, the definition, the policies. Nothing
# here needs a provider, so all of it can be tested anywhere.

locals {
  project = "${var.app_name}-${var.stage}"

  state_machine_name     = "${local.project}-csv-processing"
  log_group_name         = "/aws/${var.vended_logs ? "vendedlogs/" : ""}states/${local.state_machine_name}"
  dead_letter_queue_name = "${local.project}-csv-orchestrator-dead-letters"

  # The functions that the state machine calls, and those that S3, EventBridge and the clock call.
  task_functions = [
    "csv_validator", "part_merger", "part_splitter", "part_validator", "row_loader", "seam_checker", "split_joiner",
    "upload_status",
  ]
  functions = concat(local.task_functions, ["csv_orchestrator", "execution_settler", "upload_sweep"])

  deployed = fileexists(var.deployed_file)
  # Other resources carry a lambda_arn too: the S3 event that Chalice subscribed, for one.
  lambda_arns = {
    for resource in try(jsondecode(file(var.deployed_file)).resources, []) :
    resource.name => resource.lambda_arn if resource.resource_type == "lambda_function"
  }
  missing = setsubtract(local.functions, keys(local.lambda_arns))

  # Where the functions are, there everything is: arn:partition:lambda:region:account:function:name.
  place     = split(":", try(local.lambda_arns["csv_validator"], "arn:aws:lambda:::function:none"))
  partition = local.place[1]
  region    = local.place[3]
  account   = local.place[4]

  # As text: decoding and encoding it again would turn 2.0 into 2, and BackoffRate is a float.
  filled = length(local.missing) > 0 ? "" : templatefile(var.definition_file, {
    for name in local.task_functions : "${name}_arn" => local.lambda_arns[name]
  })
  definition = replace(local.filled, "\"arn:aws:states:::", "\"arn:${local.partition}:states:::")

  trust_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "StepFunctionsHere"
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "states.amazonaws.com" }
      # Step Functions, but not on behalf of another account.
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account }
        ArnLike = {
          "aws:SourceArn" = "arn:${local.partition}:states:${local.region}:${local.account}:stateMachine:*"
        }
      }
    }]
  })

  role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "InvokeFunctions"
        Effect   = "Allow"
        Action   = "lambda:InvokeFunction"
        Resource = [for name in local.task_functions : try(local.lambda_arns[name], "")]
      },
      {
        # A distributed Map starts its children as executions of the same state machine, follows and stops them.
        Sid      = "StartParts"
        Effect   = "Allow"
        Action   = "states:StartExecution"
        Resource = "arn:${local.partition}:states:${local.region}:${local.account}:stateMachine:${local.state_machine_name}"
      },
      {
        Sid    = "FollowParts"
        Effect = "Allow"
        Action = ["states:DescribeExecution", "states:StopExecution"]
        # AWS's documentation names the first; the children's own ARNs have the label of the Map.
        Resource = [
          for of in [":", "/"] :
          "arn:${local.partition}:states:${local.region}:${local.account}:execution:${local.state_machine_name}${of}*"
        ]
      },
      {
        # Vended logs know no resources: AWS wants all of these on all of them.
        Sid    = "DeliverLogs"
        Effect = "Allow"
        Action = [
          "logs:CreateLogDelivery",
          "logs:GetLogDelivery",
          "logs:UpdateLogDelivery",
          "logs:DeleteLogDelivery",
          "logs:ListLogDeliveries",
          "logs:PutResourcePolicy",
          "logs:DescribeResourcePolicies",
          "logs:DescribeLogGroups",
        ]
        Resource = "*"
      },
      {
        Sid    = "SendTraces"
        Effect = "Allow"
        Action = [
          "xray:PutTraceSegments",
          "xray:PutTelemetryRecords",
          "xray:GetSamplingRules",
          "xray:GetSamplingTargets",
        ]
        Resource = "*"
      },
    ]
  })
}
