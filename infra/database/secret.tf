# The secret under the name in the stage's DATABASE_SECRET_ARN, with all that a connection and a rotation need.

# 244 random bits. It is in Terraform's state, which must be private for this reason as for others; a rotation replaces it.
resource "terraform_data" "first_password" {
  input = replace("${uuid()}${uuid()}", "-", "")

  lifecycle {
    ignore_changes = [input]
  }
}

resource "aws_secretsmanager_secret" "this" {
  name        = local.environment.DATABASE_SECRET_ARN
  description = "How the functions of ${local.project} connect to their database"
  kms_key_id  = var.kms_key_arn
  # A secret in its recovery window keeps its name: a stage that is removed and made again would not have it.
  recovery_window_in_days = var.deletion_protection ? 30 : 0

  lifecycle {
    precondition {
      condition     = !startswith(local.environment.DATABASE_SECRET_ARN, "arn:")
      error_message = "DATABASE_SECRET_ARN of the stage ${var.stage} is an ARN: that secret must exist. A name is enough for one that is made here."
    }
  }
}

resource "aws_secretsmanager_secret_version" "this" {
  secret_id = aws_secretsmanager_secret.this.id
  secret_string = jsonencode({
    engine      = "postgres"
    host        = local.host
    port        = local.port
    dbname      = local.dbname
    username    = local.username
    password    = terraform_data.first_password.output
    sslmode     = "verify-full"
    sslrootcert = var.certificate_authority_file
  })

  lifecycle {
    # Its rotation changes it.
    ignore_changes = [secret_string]
  }
}
