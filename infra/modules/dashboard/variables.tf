variable "project" {
  description = "What the names of everything in this deployment start with."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,46}$", var.project))
    error_message = "project is lower case letters, digits and hyphens, and starts with a letter."
  }
}

variable "state_machine_arn" {
  description = "The state machine, whose region is that of all figures."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[a-z-]+:states:[a-z0-9-]+:[0-9]{12}:stateMachine:", var.state_machine_arn))
    error_message = "state_machine_arn is the ARN of a state machine."
  }
}

variable "dead_letter_queue_name" {
  description = "Where notifications go that the orchestrator could not take up."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,80}$", var.dead_letter_queue_name))
    error_message = "dead_letter_queue_name is the name of a queue, not its URL."
  }
}
