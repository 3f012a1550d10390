output "subnet_ids" {
  description = "The subnets of the functions: subnet_ids of the stage in .chalice/config.json."
  value       = local.subnet_ids
}

output "security_group_ids" {
  description = "The security groups of the functions: security_group_ids of the stage in .chalice/config.json."
  value       = [aws_security_group.functions.id]
}

output "host" {
  description = "The database's host name."
  value       = local.host
}

output "secret_arn" {
  description = "The ARN of the database's secret."
  value       = aws_secretsmanager_secret.this.arn
}

output "iam_user" {
  description = "DATABASE_IAM_USER, for functions that authenticate to the database by their roles."
  value       = "${local.id}/${local.username}"
}

output "final_snapshot" {
  description = "The snapshot that is made when the database is destroyed."
  value       = var.final_snapshot ? local.final_snapshot : null
}
