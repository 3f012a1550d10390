variable "stage" {
  description = "The Chalice stage, already deployed, that this state machine belongs to: dev or prod, say."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,15}$", var.stage)) && var.stage != "local"
    error_message = "stage is lower case letters, digits and hyphens, starts with a letter, and is not local, which never leaves the machine."
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

variable "vended_logs" {
  description = "Whether executions are logged in /aws/vendedlogs/states/, where the account's resource policy of CloudWatch Logs is full; it ends at 5120 characters."
  type        = bool
  default     = false
  nullable    = false
}

variable "api_requests_per_second" {
  description = "How many requests a second the HTTP API accepts on average, of all callers together; the rest is answered with 429."
  type        = number
  default     = 50
  nullable    = false

  validation {
    condition     = var.api_requests_per_second >= 1 && var.api_requests_per_second <= 10000
    error_message = "api_requests_per_second is from 1 to 10000."
  }
}

variable "api_burst" {
  description = "How many requests the HTTP API accepts at once."
  type        = number
  default     = 100
  nullable    = false

  validation {
    condition     = var.api_burst >= 1 && var.api_burst <= 5000
    error_message = "api_burst is from 1 to 5000."
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
  description = "The SNS topic that alarms notify when they start and end; null to have alarms without notifications."
  type        = string
  default     = null

  validation {
    condition     = var.alarm_topic_arn == null || can(regex("^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:", var.alarm_topic_arn))
    error_message = "alarm_topic_arn is the ARN of an SNS topic."
  }
}

variable "verdict_mail_addresses" {
  description = "Who gets a mail about every file that is not valid; the stage must have an EVENT_BUS. Each address has to confirm."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for address in var.verdict_mail_addresses : can(regex("^[^@\\s]+@[^@\\s]+$", address))])
    error_message = "verdict_mail_addresses are e-mail addresses."
  }
}

variable "validator_alarm_after_seconds" {
  description = "How long one validation may take before it is an alarm: below csv_validator's lambda_timeout in .chalice/config.json."
  type        = number
  default     = 600
  nullable    = false

  validation {
    condition     = var.validator_alarm_after_seconds > 0
    error_message = "validator_alarm_after_seconds is above 0."
  }
}

variable "tags" {
  description = "Tags for everything here, beside project and stage."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition = alltrue([
      for key, value in var.tags :
      can(regex("^[\\p{L}\\p{Z}\\p{N}_.:/=+@-]{1,128}$", key)) && can(regex("^[\\p{L}\\p{Z}\\p{N}_.:/=+@-]{0,256}$", value))
      && !startswith(lower(key), "aws:") && !contains(["project", "stage"], lower(key))
    ])
    error_message = "tags have keys of up to 128 and values of up to 256 letters, digits, spaces and _.:/=+@-; project, stage and what begins with aws: are taken."
  }
}
