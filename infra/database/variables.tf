variable "stage" {
  description = "The Chalice stage whose database this is; DATABASE_SECRET_ARN in .chalice/config.json is the name of its secret."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,15}$", var.stage)) && var.stage != "local"
    error_message = "stage is lower case letters, digits and hyphens, starts with a letter, and is not local, which never leaves the machine."
  }
}

variable "engine" {
  description = "rds for an instance of RDS for PostgreSQL, aurora for Aurora PostgreSQL, serverless."
  type        = string
  default     = "rds"
  nullable    = false

  validation {
    condition     = contains(["rds", "aurora"], var.engine)
    error_message = "engine is rds or aurora."
  }
}

variable "engine_version" {
  description = "The version of PostgreSQL: its major version, so that RDS applies minor ones."
  type        = string
  default     = "17"
  nullable    = false

  validation {
    condition     = can(regex("^1[4-9](\\.[0-9]+)?$", var.engine_version))
    error_message = "engine_version is 14 or later, such as 17."
  }
}

variable "instance_class" {
  description = "The class of an RDS instance. The smallest has about 80 connections; see reserved_concurrency in .chalice/config.json."
  type        = string
  default     = "db.t4g.micro"
  nullable    = false

  validation {
    condition     = can(regex("^db\\.[a-z0-9]+\\.[a-z0-9]+$", var.instance_class))
    error_message = "instance_class has the form db.t4g.micro."
  }
}

variable "multi_az" {
  description = "Whether there is a standby in another zone, which about doubles the cost."
  type        = bool
  default     = false
  nullable    = false
}

variable "storage_gb" {
  description = "The storage of an RDS instance, in GiB."
  type        = number
  default     = 20
  nullable    = false

  validation {
    condition     = var.storage_gb >= 20
    error_message = "storage_gb is 20 or more."
  }
}

variable "max_storage_gb" {
  description = "How far RDS may enlarge the storage of an instance that fills up, in GiB."
  type        = number
  default     = 100
  nullable    = false

  validation {
    condition     = var.max_storage_gb >= 22
    error_message = "max_storage_gb is 22 or more, and at least a tenth above storage_gb."
  }
}

variable "min_capacity" {
  description = "The least capacity of Aurora, in ACU. The sweep every five minutes would keep it from pausing at 0."
  type        = number
  default     = 0.5
  nullable    = false

  validation {
    condition     = var.min_capacity >= 0 && var.min_capacity <= 256
    error_message = "min_capacity is from 0 to 256."
  }
}

variable "max_capacity" {
  description = "The most capacity of Aurora, in ACU; from 2 on it has more connections than the functions reserve."
  type        = number
  default     = 4
  nullable    = false

  validation {
    condition     = var.max_capacity >= 1 && var.max_capacity <= 256
    error_message = "max_capacity is from 1 to 256."
  }
}

variable "vpc_id" {
  description = "The VPC of database and functions; null to make one."
  type        = string
  default     = null

  validation {
    condition     = var.vpc_id == null || can(regex("^vpc-[0-9a-f]+$", var.vpc_id))
    error_message = "vpc_id has the form vpc-0123abcd."
  }
}

variable "subnet_ids" {
  description = "Private subnets of vpc_id, in two zones or more."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for id in var.subnet_ids : can(regex("^subnet-[0-9a-f]+$", id))]) && length(var.subnet_ids) != 1
    error_message = "subnet_ids have the form subnet-0123abcd, and there are two or more."
  }
}

variable "vpc_cidr" {
  description = "The addresses of a VPC that is made; others that it may be connected to one day should differ."
  type        = string
  default     = "10.88.0.0/22"
  nullable    = false

  validation {
    condition     = can(cidrsubnet(var.vpc_cidr, 2, 3)) && try(tonumber(split("/", var.vpc_cidr)[1]) <= 24, false)
    error_message = "vpc_cidr is a range of addresses, such as 10.88.0.0/22, of /24 or larger."
  }
}

variable "access" {
  description = "How functions reach AWS: endpoints for an interface endpoint each, nat for a NAT gateway, none where a VPC that is given has its own."
  type        = string
  default     = "endpoints"
  nullable    = false

  validation {
    condition     = contains(["endpoints", "nat", "none"], var.access)
    error_message = "access is endpoints, nat or none."
  }
}

variable "endpoint_zones" {
  description = "In how many zones each interface endpoint is. Each costs; one serves all zones as long as its own is up."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = contains([1, 2], var.endpoint_zones)
    error_message = "endpoint_zones is 1 or 2."
  }
}

variable "backup_retention_days" {
  description = "For how many days the database can be restored to any moment."
  type        = number
  default     = 7
  nullable    = false

  validation {
    condition     = var.backup_retention_days >= 1 && var.backup_retention_days <= 35
    error_message = "backup_retention_days is from 1 to 35."
  }
}

variable "deletion_protection" {
  description = "Whether the database refuses to be deleted, and its secret can be recovered for 30 days. `make destroy ARGS=--with-database` lifts it."
  type        = bool
  default     = true
  nullable    = false
}

variable "final_snapshot" {
  description = "Whether a snapshot is made when the database is destroyed."
  type        = bool
  default     = true
  nullable    = false
}

variable "kms_key_arn" {
  description = "The KMS key that encrypts the database and its secret; null for AWS's own. The key's policy must let the functions' roles decrypt through Secrets Manager."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/", var.kms_key_arn))
    error_message = "kms_key_arn is the ARN of a key, not of an alias."
  }
}

variable "certificate_authority_file" {
  description = "Where the functions find the certificates of RDS's authority; the deployment package has them at the default."
  type        = string
  default     = "/var/task/rds.pem"
  nullable    = false
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
