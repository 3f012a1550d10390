# The uploads bucket: before `chalice deploy`, which subscribes the orchestrator to it. Not needed where a bucket exists.

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
  config = jsondecode(file("${path.module}/../../.chalice/config.json"))
  bucket = local.config.stages[var.stage].environment_variables.UPLOADS_BUCKET
  # There, because the functions' policies need it, too.
  kms_key_arn = try(local.config.stages[var.stage].kms_key_arn, null)
}

resource "aws_s3_bucket" "uploads" {
  bucket        = local.bucket
  force_destroy = var.force_destroy
}

resource "aws_s3_bucket_public_access_block" "uploads" {
  bucket                  = aws_s3_bucket.uploads.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "uploads" {
  bucket = aws_s3_bucket.uploads.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_versioning" "uploads" {
  bucket = aws_s3_bucket.uploads.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "uploads" {
  bucket = aws_s3_bucket.uploads.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = local.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = local.kms_key_arn
    }

    # One request for a key serves many objects.
    bucket_key_enabled = local.kms_key_arn != null
  }
}

# For pages that send forms to the bucket: a browser asks first whether theirs may. To send is all that they may: nothing
# is read out of the bucket by a page, which opens a report at its address.
resource "aws_s3_bucket_cors_configuration" "uploads" {
  count  = length(var.form_origins) > 0 ? 1 : 0
  bucket = aws_s3_bucket.uploads.id

  cors_rule {
    allowed_methods = ["POST"]
    allowed_origins = var.form_origins
    allowed_headers = ["*"]
    max_age_seconds = 3600
  }
}

resource "aws_s3_bucket_policy" "uploads" {
  bucket = aws_s3_bucket.uploads.id
  policy = templatefile("${path.module}/tls_only.json.tftpl", { bucket_arn = aws_s3_bucket.uploads.arn })

  # A policy and a public access block set at the same time get in each other's way.
  depends_on = [aws_s3_bucket_public_access_block.uploads]
}

resource "aws_s3_bucket_lifecycle_configuration" "uploads" {
  bucket = aws_s3_bucket.uploads.id

  rule {
    id     = "replaced-uploads"
    status = "Enabled"

    filter {
      prefix = "uploads/"
    }

    noncurrent_version_expiration {
      noncurrent_days = var.keep_replaced_for_days
    }
  }

  rule {
    id     = "unfinished-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  dynamic "rule" {
    for_each = ["reports", "results"]

    content {
      id     = "old-${rule.value}"
      status = "Enabled"

      filter {
        prefix = "${rule.value}/"
      }

      expiration {
        days = var.keep_reports_for_days
      }

      # Remove what a repeated execution has overwritten, and what has expired.
      noncurrent_version_expiration {
        noncurrent_days = 1
      }

      abort_incomplete_multipart_upload {
        days_after_initiation = 1
      }
    }
  }

  # What is known of the parts of a large object, until its verdict: an execution lasts six days at the most.
  rule {
    id     = "old-parts"
    status = "Enabled"

    filter {
      prefix = "parts/"
    }

    expiration {
      days = 7
    }

    noncurrent_version_expiration {
      noncurrent_days = 1
    }
  }

  dynamic "rule" {
    for_each = var.keep_uploads_for_days == null ? [] : [var.keep_uploads_for_days]

    content {
      id     = "old-uploads"
      status = "Enabled"

      filter {
        prefix = "uploads/"
      }

      expiration {
        days = rule.value
      }
    }
  }

  # Rules for versions that are no longer current want versions.
  depends_on = [aws_s3_bucket_versioning.uploads]
}
