variable "stage" {
  description = "The Chalice stage whose bucket this is; UPLOADS_BUCKET in .chalice/config.json is its name."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,15}$", var.stage)) && var.stage != "local"
    error_message = "stage is lower case letters, digits and hyphens, starts with a letter, and is not local, which never leaves the machine."
  }
}

variable "keep_uploads_for_days" {
  description = "After how many days an upload is deleted; null to keep it."
  type        = number
  default     = null

  validation {
    condition     = var.keep_uploads_for_days == null || try(var.keep_uploads_for_days >= 1, false)
    error_message = "keep_uploads_for_days is 1 or more, or null."
  }
}

variable "keep_replaced_for_days" {
  description = "For how many days an upload is kept after a newer version has replaced it, or after it was deleted."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.keep_replaced_for_days >= 1
    error_message = "keep_replaced_for_days is 1 or more."
  }
}

variable "form_origins" {
  description = "Origins of the pages whose forms may put files into the bucket, such as https://example.com; * for every one, none for no browser. Every one does no harm: what a form may do, its signature says, and a browser adds nothing of its own when it sends one. Name yours if your rules ask for that."
  type        = list(string)
  default     = ["*"]
  nullable    = false

  validation {
    condition     = alltrue([for origin in var.form_origins : origin == "*" || can(regex("^https?://[^/*]+$", origin))])
    error_message = "form_origins have the form https://example.com, without a slash at the end, or are * for every origin."
  }
}

variable "keep_reports_for_days" {
  description = "After how many days the full report on an upload, and its accepted and rejected rows, are deleted. They hold contents of the file."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.keep_reports_for_days >= 1
    error_message = "keep_reports_for_days is 1 or more."
  }
}

variable "force_destroy" {
  description = "Whether destroying the bucket destroys the uploads in it."
  type        = bool
  default     = false
  nullable    = false
}

variable "tags" {
  description = "Tags for the bucket, beside project and stage."
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
