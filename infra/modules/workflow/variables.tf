variable "app_name" {
  description = "The app's name, as app_name in .chalice/config.json."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,30}$", var.app_name))
    error_message = "app_name is lower case letters, digits and hyphens, and starts with a letter."
  }
}

variable "stage" {
  description = "The Chalice stage that this state machine belongs to."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,15}$", var.stage))
    error_message = "stage is lower case letters, digits and hyphens, and starts with a letter."
  }
}

variable "deployed_file" {
  description = "What `chalice deploy` wrote about the stage: .chalice/deployed/<stage>.json."
  type        = string
  nullable    = false
}

variable "definition_file" {
  description = "The state machine's definition in Amazon States Language, with placeholders for its functions."
  type        = string
  nullable    = false
}

variable "vended_logs" {
  description = "Whether executions are logged under /aws/vendedlogs/, which needs no room in the account's resource policy."
  type        = bool
  default     = false
  nullable    = false
}
