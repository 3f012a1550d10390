output "project" {
  description = "What the names of everything in this deployment start with."
  value       = local.project
}

output "state_machine_name" {
  description = "The state machine's name, which the orchestrator knows from its STATE_MACHINE_NAME."
  value       = local.state_machine_name
}

output "log_group_name" {
  description = "Where executions are logged."
  value       = local.log_group_name
}

output "dead_letter_queue_name" {
  description = "Where notifications go that the orchestrator could not take up; its policy names it too."
  value       = local.dead_letter_queue_name
}

output "functions" {
  description = "The functions without which no upload comes to its verdict, by their names in app.py."
  value       = local.functions
}

output "lambda_arns" {
  description = "The ARN of every function that Chalice deployed, by its name in app.py."
  value       = local.lambda_arns

  precondition {
    condition     = local.deployed
    error_message = "There is no ${var.deployed_file}: run chalice deploy --stage ${var.stage} first."
  }

  precondition {
    condition     = !local.deployed || length(local.missing) == 0
    error_message = "${var.deployed_file} has no function ${join(", ", local.missing)}: did chalice deploy --stage ${var.stage} end well, and does app.py still declare it?"
  }
}

output "definition" {
  description = "The state machine's definition with the functions' ARNs in it."
  value       = local.definition

  precondition {
    condition     = !can(regex("\\$\\{", local.definition))
    error_message = "${var.definition_file} has a placeholder that nothing fills."
  }
}

output "trust_policy" {
  description = "Who may take the state machine's role, as JSON."
  value       = local.trust_policy
}

output "role_policy" {
  description = "What the state machine may do, as JSON."
  value       = local.role_policy
}
