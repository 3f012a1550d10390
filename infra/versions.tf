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
