variable "stage" {
  description = "The Chalice stage, already deployed, that this state machine belongs to: dev or prod, say."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,15}$", var.stage)) && var.stage != "local"
    error_message = "stage is lower case letters, digits and hyphens, starts with a letter, and is not local, which never leaves the machine."
  }
}

variable "app_name" {
  description = "The app's name, as app_name in .chalice/config.json."
  type        = string
  default     = "assay"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,30}$", var.app_name))
    error_message = "app_name is lower case letters, digits and hyphens, and starts with a letter."
  }
}

variable "log_retention_in_days" {
  description = "How many days the logs of executions and of the HTTP API are kept."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition = contains(
      [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
      var.log_retention_in_days,
    )
    error_message = "CloudWatch keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653 days."
  }
}

variable "log_kms_key_arn" {
  description = "The KMS key that encrypts the logs of executions and of the HTTP API; null for CloudWatch's own. Its policy must let CloudWatch Logs use it."
  type        = string
  default     = null

  validation {
    condition     = var.log_kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/", var.log_kms_key_arn))
    error_message = "log_kms_key_arn is the ARN of a key, not of an alias."
  }
}

variable "notification_retries" {
  description = "How often Lambda tries a notification again that the orchestrator failed to take up, before it becomes a dead letter."
  type        = number
  default     = 2
  nullable    = false

  validation {
    condition     = contains([0, 1, 2], var.notification_retries)
    error_message = "Lambda tries again 0, 1 or 2 times."
  }
}

variable "notification_max_age_in_seconds" {
  description = "How old a notification may get in Lambda's queue before it becomes a dead letter."
  type        = number
  default     = 21600
  nullable    = false

  validation {
    condition     = var.notification_max_age_in_seconds >= 60 && var.notification_max_age_in_seconds <= 21600
    error_message = "Lambda keeps an event for 60 to 21600 seconds."
  }
}

variable "dead_letter_retention_in_days" {
  description = "How many days there are to look at a dead letter."
  type        = number
  default     = 14
  nullable    = false

  validation {
    condition     = var.dead_letter_retention_in_days >= 1 && var.dead_letter_retention_in_days <= 14
    error_message = "SQS keeps messages for 1 to 14 days."
  }
}

variable "alarm_topic_arn" {
  description = "The SNS topic that alarms, and their ends, are told to; null to have alarms that only change colour."
  type        = string
  default     = null

  validation {
    condition     = var.alarm_topic_arn == null || can(regex("^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:", var.alarm_topic_arn))
    error_message = "alarm_topic_arn is the ARN of an SNS topic."
  }
}

variable "validator_alarm_after_seconds" {
  description = "How long one validation may take before it is an alarm: below the validator's time-out of 840 seconds."
  type        = number
  default     = 600
  nullable    = false

  validation {
    condition     = var.validator_alarm_after_seconds > 0 && var.validator_alarm_after_seconds < 840
    error_message = "validator_alarm_after_seconds is above 0 and below the validator's time-out of 840."
  }
}

variable "tags" {
  description = "Tags for everything here, beside project and stage."
  type        = map(string)
  default     = {}
  nullable    = false
}
