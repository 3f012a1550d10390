# A PostgreSQL for a stage, the network that its functions reach it from, and its secret: before `chalice deploy`, which
# puts the functions into the network. Not needed where the stage's secret exists.

terraform {
  required_version = ">= 1.6"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0, < 7.0"
    }
  }
}

provider "aws" {
  default_tags {
    tags = merge(var.tags, { project = local.config.app_name, stage = var.stage })
  }
}

locals {
  config      = jsondecode(file("${path.module}/../../.chalice/config.json"))
  environment = local.config.stages[var.stage].environment_variables
  project     = "${local.config.app_name}-${var.stage}"
  is_aurora   = var.engine == "aurora"
  port        = 5432
  username    = "assay"
  dbname      = "assay"

  # Whichever of the two there is.
  host = one(concat(aws_rds_cluster.this[*].endpoint, aws_db_instance.this[*].address))
  id   = one(concat(aws_rds_cluster.this[*].cluster_resource_id, aws_db_instance.this[*].resource_id))
}
