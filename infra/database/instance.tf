# The database: an RDS instance, or an Aurora cluster with one serverless instance.

resource "aws_db_subnet_group" "this" {
  name        = local.project
  description = "Where the database of ${local.project} may be"
  subnet_ids  = local.subnet_ids
}

resource "aws_db_instance" "this" {
  count = local.is_aurora ? 0 : 1

  identifier     = local.project
  engine         = "postgres"
  engine_version = var.engine_version
  instance_class = var.instance_class
  multi_az       = var.multi_az

  storage_type          = "gp3"
  allocated_storage     = var.storage_gb
  max_allocated_storage = var.max_storage_gb
  storage_encrypted     = true
  kms_key_id            = var.kms_key_arn

  db_name  = local.dbname
  username = local.username
  password = terraform_data.first_password.output
  port     = local.port

  db_subnet_group_name                = aws_db_subnet_group.this.name
  vpc_security_group_ids              = [aws_security_group.database.id]
  publicly_accessible                 = false
  iam_database_authentication_enabled = true

  backup_retention_period   = var.backup_retention_days
  copy_tags_to_snapshot     = true
  deletion_protection       = var.deletion_protection
  skip_final_snapshot       = !var.final_snapshot
  final_snapshot_identifier = local.final_snapshot

  lifecycle {
    # The secret's rotation changes it.
    ignore_changes = [password]
  }
}

resource "aws_rds_cluster" "this" {
  count = local.is_aurora ? 1 : 0

  cluster_identifier = local.project
  engine             = "aurora-postgresql"
  engine_version     = var.engine_version

  database_name   = local.dbname
  master_username = local.username
  master_password = terraform_data.first_password.output
  port            = local.port

  storage_encrypted                   = true
  kms_key_id                          = var.kms_key_arn
  db_subnet_group_name                = aws_db_subnet_group.this.name
  vpc_security_group_ids              = [aws_security_group.database.id]
  iam_database_authentication_enabled = true

  backup_retention_period   = var.backup_retention_days
  copy_tags_to_snapshot     = true
  deletion_protection       = var.deletion_protection
  skip_final_snapshot       = !var.final_snapshot
  final_snapshot_identifier = local.final_snapshot

  serverlessv2_scaling_configuration {
    min_capacity = var.min_capacity
    max_capacity = var.max_capacity
  }

  lifecycle {
    ignore_changes = [master_password]
  }
}

resource "aws_rds_cluster_instance" "this" {
  count = local.is_aurora ? (var.multi_az ? 2 : 1) : 0

  identifier           = "${local.project}-${count.index + 1}"
  cluster_identifier   = aws_rds_cluster.this[0].id
  engine               = aws_rds_cluster.this[0].engine
  engine_version       = aws_rds_cluster.this[0].engine_version
  instance_class       = "db.serverless"
  db_subnet_group_name = aws_db_subnet_group.this.name
  publicly_accessible  = false
}

locals {
  # Another name each time a database is made: the snapshot of an earlier one may still be there.
  final_snapshot = "${local.project}-final-${substr(terraform_data.first_password.id, 0, 8)}"
}
