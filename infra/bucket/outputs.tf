output "bucket" {
  description = "The bucket into which files are dropped."
  value       = aws_s3_bucket.uploads.id
}

output "bucket_arn" {
  description = "The ARN of the bucket."
  value       = aws_s3_bucket.uploads.arn
}
