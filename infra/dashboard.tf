module "dashboard" {
  source = "./modules/dashboard"

  project                = module.workflow.project
  state_machine_arn      = aws_sfn_state_machine.csv_processing.id
  dead_letter_queue_name = module.workflow.dead_letter_queue_name
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = module.workflow.project
  dashboard_body = module.dashboard.body
}
