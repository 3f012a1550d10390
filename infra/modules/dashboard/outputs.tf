output "body" {
  description = "The dashboard, as JSON."
  value       = jsonencode({ widgets = local.placed })
}
